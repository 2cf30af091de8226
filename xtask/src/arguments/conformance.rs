//! `conformance`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

/// Runs the official JSON Schema test suite against generated types
#[derive(Debug, Args)]
#[command(after_help = "\
The suite is a clone of github.com/json-schema-org/JSON-Schema-Test-Suite: a folder with `tests` and `remotes`.

Examples:
  {program} conformance path/to/JSON-Schema-Test-Suite
  {program} conformance --draft draft2020-12 --draft draft7 suite
  {program} conformance --optional suite          # the optional tests, for information
  {program} conformance --only prefixItems suite  # one file of each draft
  {program} conformance --random 500 --seed 7     # random schemas instead of the suite
  {program} conformance --schemas schemas         # other schemas with random documents")]
pub(crate) struct Conformance {
    /// Folder of the suite [default: json-schema-test-suite in the folder CHARTER_TEST_DATA]
    pub(crate) suite: Option<Utf8PathBuf>,
    /// Run only this draft; may be repeated [default: draft2020-12, draft2019-09, draft7, draft6, draft4]
    #[arg(long, value_name = "DRAFT")]
    pub(crate) draft: Vec<String>,
    /// Run only files with this name; may be repeated
    #[arg(long, value_name = "KEYWORD")]
    pub(crate) only: Vec<String>,
    /// Run the optional tests, which never make the command fail
    #[arg(long)]
    pub(crate) optional: bool,
    /// Run N random schemas with random documents, compared with the `jsonschema` crate
    #[arg(long, value_name = "N", conflicts_with_all = ["suite", "draft", "only", "optional"])]
    pub(crate) random: Option<usize>,
    /// Run a schema or a folder of self-contained schemas with random documents
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["suite", "draft", "only", "optional", "random"])]
    pub(crate) schemas: Option<Utf8PathBuf>,
    /// Random seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder for the built programs [default: target/conformance]
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<Utf8PathBuf>,
    /// List every failed test, known failures too
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
