//! `schema`: which of the tool's own formats.

use clap::{Args, ValueEnum};

/// Prints a JSON Schema of one of the tool's own formats
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  schema report > report.schema.json\n  schema config           what charter.toml may say")]
pub(crate) struct Schema {
    /// Which
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The JSON report
    Report,
    /// One line of a recording
    Recording,
    /// charter.toml
    Config,
    /// An invariants file
    Invariants,
}
