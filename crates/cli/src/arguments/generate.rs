//! `generate`: its flags.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::ContractFlag;

/// Generates Rust types from the contract or from schemas
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  {program} generate                   # writes the files that changed
  {program} generate --check           # shows stale files and exits with 4
  {program} generate --dry-run         # shows what would be written
  {program} generate --contract api --out src/api
  {program} generate --contract api --layout crate --vendor --out types

Types of schemas without a contract folder:
  {program} generate --schema order.json --out src/order               # a module: `mod order;`
  {program} generate --schema openapi.yaml --layout crate --out types  # a crate
  {program} generate --schema order.json --vendor --out src/order      # with the runtime's source
  {program} generate --schema openapi.yaml --layout crate --name orders --snapshot-test --out orders
  {program} generate --schema openapi.yaml --client reqwest --layout crate --out orders
  {program} generate --schema openapi.yaml --server axum --layout crate --out orders
  {program} generate --schema github.json --client reqwest --layout crate --tag-features --out github
  {program} generate --schema schemas --map https://example.com/=vendor --out src/types")]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// JSON Schema, OpenAPI document or folder of schemas, as JSON or YAML; - for standard input
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "contract", requires = "out")]
    pub(crate) schema: Option<Utf8PathBuf>,
    /// File or folder for references to a URI or URI prefix; references are never fetched
    #[arg(long, value_name = "URI=PATH", requires = "schema", conflicts_with = "contract")]
    pub(crate) map: Vec<String>,
    /// Default draft when `$schema` is missing
    #[arg(long, value_enum, default_value = "2020-12", requires = "schema", conflicts_with = "contract")]
    pub(crate) draft: DraftName,
    /// What to write: a module, or a crate with its Cargo.toml [default: `layout` under [generate] in charter.toml; else for schemas: module, for a contract: files for `[generate] support`]
    #[arg(long, value_enum)]
    pub(crate) layout: Option<Layout>,
    /// Name of the crate of `--layout crate` [default: from the title of the document]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Also write a test with snapshots of the generated code, for `cargo insta test --review`
    #[arg(long)]
    pub(crate) snapshot_test: bool,
    /// Copy the source of the runtime into the output instead of depending on `charter-runtime` [default: `vendor` under [generate] in charter.toml]
    #[arg(long)]
    pub(crate) vendor: bool,
    /// Depend on `charter-runtime` in this folder; written to Cargo.toml as given
    #[arg(long, value_name = "DIR", conflicts_with = "vendor")]
    pub(crate) runtime_path: Option<Utf8PathBuf>,
    /// Settings file, in the format of charter.toml
    #[arg(long, value_name = "FILE", requires = "schema", conflicts_with = "contract")]
    pub(crate) config: Option<Utf8PathBuf>,
    /// Also write a client with one method per operation; it depends on `charter-client` [default: `client` under [generate] in charter.toml]
    #[arg(long, value_enum, value_name = "LIBRARY")]
    pub(crate) client: Option<ClientName>,
    /// Also write a server: a trait with one method per operation; it depends on `charter-server` [default: `server` under [generate] in charter.toml]
    #[arg(long, value_enum, value_name = "LIBRARY")]
    pub(crate) server: Option<ServerName>,
    /// Make each tag of the operations a cargo feature, on by default; for `--layout crate` [default: `tag-features` under [generate] in charter.toml]
    #[arg(long)]
    pub(crate) tag_features: bool,
    /// How unknown keys and values are treated [default: `mode` under [generate] in charter.toml, or strict]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeName>,
    /// Write a JSON report of how each schema is enforced
    #[arg(long, value_name = "FILE")]
    pub(crate) census: Option<Utf8PathBuf>,
    /// Write nothing; show the differences and exit with 4 if there are any
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    /// Write nothing; show the differences
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Output folder [default: `out` under [generate] in charter.toml]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<Utf8PathBuf>,
    /// Suppress output on success
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
pub(crate) enum ClientName {
    /// Requests are sent by `reqwest`
    Reqwest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServerName {
    /// Requests are received by `axum`
    Axum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    /// Types accept exactly what their schemas accept
    Strict,
    /// Closed objects keep unknown keys, enumerations keep unknown values
    Client,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// A module with its support library
    Module,
    /// A crate with a Cargo.toml
    Crate,
}
