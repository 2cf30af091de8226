//! `schema`: its argument.

use clap::{Args, ValueEnum};

/// Prints the JSON Schema of one of this program's formats
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  {program} schema report > report.schema.json\n  {program} schema config    # the settings of charter.toml"
)]
pub(crate) struct Schema {
    /// Format to describe
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The JSON report
    Report,
    /// One line of an NDJSON recording
    Recording,
    /// charter.toml
    Config,
    /// An invariants file
    Invariants,
}
