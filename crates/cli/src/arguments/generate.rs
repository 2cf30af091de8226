//! `generate`: what is read, what is written, and how exactly.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::ContractFlag;

/// Writes the generated types
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  generate                   write what has changed
  generate --check           show what is stale and exit with 4
  generate --dry-run         show what would be written
  generate --contract api --out src/api

Types of your own schemas:
  generate --schema order.json --out src/order              a module: `mod order;`
  generate --schema openapi.yaml --layout crate --out types  a crate
  generate --schema order.json --vendor --out src/order     a module that needs no crate of Charter
  generate --schema schemas --map https://example.com/=vendor --out src/types")]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Types of a JSON Schema, an OpenAPI document, or a folder of schemas; JSON or YAML; - for standard input
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "contract", requires = "out")]
    pub(crate) schema: Option<Utf8PathBuf>,
    /// Documents that references may lead to: a URI, or its beginning, and a file or folder; nothing is ever fetched
    #[arg(long, value_name = "URI=PATH", requires = "schema")]
    pub(crate) map: Vec<String>,
    /// The draft of schemas that name none
    #[arg(long, value_enum, default_value = "2020-12", requires = "schema")]
    pub(crate) draft: DraftName,
    /// What to write: a module, or a crate with its Cargo.toml
    #[arg(long, value_enum, default_value = "module", requires = "schema")]
    pub(crate) layout: Layout,
    /// Copy the source of the runtime into the output instead of depending on `charter-runtime`
    #[arg(long, requires = "schema")]
    pub(crate) vendor: bool,
    /// Depend on `charter-runtime` in this folder; written to Cargo.toml as given
    #[arg(long, value_name = "DIR", requires = "schema", conflicts_with = "vendor")]
    pub(crate) runtime_path: Option<Utf8PathBuf>,
    /// The settings of a `charter.toml` elsewhere
    #[arg(long, value_name = "FILE", requires = "schema")]
    pub(crate) config: Option<Utf8PathBuf>,
    /// What happens to keys and values that the contract does not know: refused, or kept because a client must survive them
    /// [default: `mode` under [generate] in charter.toml, else strict]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeName>,
    /// How exact the types are, schema by schema, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) census: Option<Utf8PathBuf>,
    /// Write nothing; show the difference and exit with 4 where there is one
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    /// Write nothing; show the difference
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The folder to write to [default: `out` under [generate] in charter.toml]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<Utf8PathBuf>,
    /// Say nothing where nothing is wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DraftName {
    /// Draft 4
    #[value(name = "4")]
    Draft4,
    /// Draft 6
    #[value(name = "6")]
    Draft6,
    /// Draft 7
    #[value(name = "7")]
    Draft7,
    /// Draft 2019-09
    #[value(name = "2019-09")]
    Draft201909,
    /// Draft 2020-12
    #[value(name = "2020-12")]
    Draft202012,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    /// A type accepts exactly what its schema accepts
    Strict,
    /// Closed objects keep unknown keys, enumerations keep unknown values
    Client,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// A module
    Module,
    /// A crate with its Cargo.toml
    Crate,
}
