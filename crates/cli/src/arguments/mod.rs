//! The commands and their flags. In `after_help`, `{program}` stands for the name of the program.

mod check;
mod convert;
mod diff;
mod drift;
mod explain;
mod extract;
mod generate;
mod import;
mod init;
mod lint;
mod merge;
mod probe;
mod proxy;
mod reporting;
mod rules;
mod schema;
mod scrub;
mod value;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand};

pub use check::Check;
pub(crate) use convert::*;
pub(crate) use diff::*;
pub(crate) use drift::*;
pub(crate) use explain::*;
pub(crate) use extract::*;
pub(crate) use generate::*;
pub(crate) use import::*;
pub(crate) use init::*;
pub(crate) use lint::*;
pub(crate) use merge::*;
pub(crate) use probe::*;
pub(crate) use proxy::*;
pub(crate) use reporting::*;
pub(crate) use rules::*;
pub(crate) use schema::*;
pub(crate) use scrub::*;
pub use value::Size;
pub(crate) use value::{Rate, Samples, Span};

/// The exit codes of every command, as help texts print them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    no violations
  1    violations found
  2    wrong usage, or an invalid contract
  3    an input could not be read or checked, or an output could not be written
  4    generated code is stale
  130  stopped by Ctrl-C";

/// Generates exact Rust types from an API contract and checks HTTP traffic against it.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The product commands.
#[derive(Debug, Subcommand)]
#[expect(private_interfaces, reason = "callers pass commands on to `run_command`; their flags are private")]
#[expect(missing_docs, reason = "the flags of each command carry its help text")]
#[non_exhaustive]
pub enum Command {
    Init(Init),
    Generate(Generate),
    Check(Box<Check>),
    Merge(Merge),
    Probe(Box<Probe>),
    Proxy(Box<Proxy>),
    Scrub(Scrub),
    Convert(Convert),
    Extract(Extract),
    Rules(Rules),
    Lint(Lint),
    Explain(Explain),
    Import(Import),
    Diff(Box<Diff>),
    Drift(Drift),
    Schema(Schema),
    /// Prints the manual page
    #[command(after_help = "Examples:\n  {program} man > charter.1\n  {program} man | man -l -")]
    Man,
    /// Prints a completion script for a shell
    #[command(after_help = "Examples:\n  {program} completions bash > charter.bash\n  {program} completions zsh > _charter")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether the command has `--quiet`.
    pub(crate) fn is_quiet(&self) -> bool {
        match self {
            Self::Generate(arguments) => arguments.quiet,
            Self::Check(arguments) => arguments.reporting.quiet,
            Self::Merge(arguments) => arguments.reporting.quiet,
            Self::Probe(arguments) => arguments.reporting.quiet,
            Self::Proxy(arguments) => arguments.reporting.quiet,
            Self::Scrub(arguments) => arguments.quiet,
            Self::Convert(arguments) => arguments.quiet,
            Self::Extract(arguments) => arguments.quiet,
            _ => false,
        }
    }
}

/// The folder of the contract.
#[derive(Debug, Args)]
pub(crate) struct ContractFlag {
    /// Folder of the contract, or its OpenAPI document [default: $CHARTER_CONTRACT, the nearest folder with charter.toml, `schema`, or
    /// the only OpenAPI document here]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) contract: Option<Utf8PathBuf>,
}
