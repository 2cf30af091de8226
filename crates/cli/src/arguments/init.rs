//! `init`: its flags.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// Starts a contract: from an OpenAPI document, from recorded traffic, or from an example
#[derive(Debug, Args)]
#[command(after_help = "\
Writes charter.toml, rules with one example, a CI configuration, an entry for pre-commit and .gitignore. Existing files are not changed. A document \
below the current folder stays where it is, and its folder is the contract; another document is copied.

Examples:
  {program} init openapi.yaml                            # a document that exists
  {program} init --from-traffic traffic.har              # a document inferred from recordings
  {program} init --from-traffic logs --host api.example.com
  {program} init --contract api --ci gitlab              # an example document in the folder api")]
pub(crate) struct Init {
    /// OpenAPI document, 2.0 to 3.2, as JSON or YAML
    #[arg(value_name = "OPENAPI")]
    pub(crate) document: Option<Utf8PathBuf>,
    /// Infer the document from recordings: files, folders or glob patterns
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "document")]
    pub(crate) from_traffic: Vec<String>,
    /// Host to describe [default: the host with most exchanges]
    #[arg(long, requires = "from_traffic")]
    pub(crate) host: Option<String>,
    /// Folder of the contract [default: the folder of the document, or `contract`]
    #[arg(long, value_name = "DIR")]
    pub(crate) contract: Option<Utf8PathBuf>,
    /// CI system
    #[arg(long, value_enum, default_value_t = Ci::Github)]
    pub(crate) ci: Ci,
    /// Write nothing; list the files
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ci {
    /// GitHub Actions: .github/workflows/contract.yml
    Github,
    /// GitLab: contract.gitlab-ci.yml
    Gitlab,
    /// No CI configuration
    None,
}
