//! `import`: which operations of which document.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Takes operations of an OpenAPI document, and all that they reach, into the contract's folder
#[derive(Debug, Args)]
#[command(after_help = "\
Schemas are bundled: one that a document in the folder is titled after stays that document's root, and what it reaches stands in its
$defs; the rest stands in api.schema.json. Importing the same document twice changes no byte. Rules stay; `lint` tells which no longer fit.
Refinements made by hand belong into *.overlay.yaml in the folder (OpenAPI Overlay 1.0), which is applied each time.

Examples:
  import openapi.json                                     every operation
  import openapi.yaml --operation runs.get --operation runs.list
  curl -s $URL | … import -                               from standard input
  import openapi.json --contract api --dry-run            show what would change")]
pub(crate) struct Import {
    /// The OpenAPI document, 3.0 or 3.1, JSON or YAML; - for standard input
    pub(crate) openapi: String,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// The operations [default: all]
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Vec<String>,
    /// An overlay beside those in the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Vec<Utf8PathBuf>,
    /// Write nothing; show the difference
    #[arg(long)]
    pub(crate) dry_run: bool,
}
