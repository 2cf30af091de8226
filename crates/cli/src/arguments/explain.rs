//! `explain`: its argument.

use charter_report::PAGES;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args};

use super::ContractFlag;

/// Explains a finding, or a kind of change, by its id
#[derive(Debug, Args)]
#[command(after_help = "\
Without an id, the command lists the built-in ids. The ids of rules work too: for them, it prints what `rules show` prints.
`explain changes` lists the kinds of changes that `diff` reports.

Examples:
  {program} explain                       # every built-in id
  {program} explain http.unknown-path     # what it means and what to do
  {program} explain schema.required       # a violated keyword
  {program} explain enum-value-added      # a kind of change
  {program} explain order.total-is-sum    # a rule of the contract")]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Id of the finding, as reports print it [default: lists all]
    #[arg(value_parser = FindingId, hide_possible_values = true)]
    pub(crate) id: Option<String>,
}

/// Any text. The built-in ids are offered for completion.
#[derive(Clone, Copy, Debug)]
struct FindingId;

impl TypedValueParser for FindingId {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, argument: Option<&Arg>, value: &std::ffi::OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(PAGES.iter().map(|page| PossibleValue::new(page.id).help(page.summary))))
    }
}
