//! `import`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Imports operations of an OpenAPI document into the contract's folder
#[derive(Debug, Args)]
#[command(after_help = "\
Schemas are bundled. A schema whose title is the title of a document in the folder stays the root of that document, with the schemas it \
references under $defs. The other schemas are written to api.schema.json. A second import of the same document changes nothing. Rules are \
not changed; `{program} lint` lists the rules that no longer fit. Put manual refinements into *.overlay.yaml in the folder (OpenAPI \
Overlay 1.0); every import applies them.

The imported document is OpenAPI 3.1 or 3.2. For a source of version 3.0 or 2.0, its key x-charter-source-version keeps that version: `required` depends on the direction of a message there.

Examples:
  {program} import openapi.json                            # every operation
  {program} import openapi.yaml --operation orders.get --operation orders.list
  curl -s $URL | {program} import -                        # from standard input
  {program} import openapi.json --contract api --dry-run   # shows what would change")]
pub(crate) struct Import {
    /// OpenAPI document, 2.0 to 3.2, as JSON or YAML; - for standard input
    pub(crate) openapi: String,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Import only this operation; may be repeated [default: all]
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Vec<String>,
    /// Additional overlay file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Vec<Utf8PathBuf>,
    /// Write nothing; show the differences
    #[arg(long)]
    pub(crate) dry_run: bool,
}
