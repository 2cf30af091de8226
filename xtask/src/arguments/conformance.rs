//! `conformance`: which tests run against generated types.

use camino::Utf8PathBuf;
use clap::Args;

/// Runs the official JSON Schema test suite against generated types
#[derive(Debug, Args)]
#[command(after_help = "\
The suite is that of github.com/json-schema-org/JSON-Schema-Test-Suite: a folder with `tests` and `remotes`.

Examples:
  conformance path/to/JSON-Schema-Test-Suite
  conformance --draft draft2020-12 --draft draft7 suite
  conformance --optional suite               the optional tests, for information
  conformance --only prefixItems suite       one file of each draft
  conformance --random 500 --seed 7          random schemas instead, against the reference reader
  conformance --schemas schemas              one's own schemas, with random documents")]
pub(crate) struct Conformance {
    /// The suite [default: json-schema-test-suite in the folder that CHARTER_TEST_DATA names]
    pub(crate) suite: Option<Utf8PathBuf>,
    /// A draft's folder of tests [default: draft2020-12, draft2019-09, draft7, draft6, draft4]
    #[arg(long, value_name = "DRAFT")]
    pub(crate) draft: Vec<String>,
    /// Only files of this name
    #[arg(long, value_name = "KEYWORD")]
    pub(crate) only: Vec<String>,
    /// The optional tests instead of the required ones; they never fail the command
    #[arg(long)]
    pub(crate) optional: bool,
    /// So many random schemas instead of the suite, each with random documents, against the reference reader
    #[arg(long, value_name = "N", conflicts_with_all = ["suite", "draft", "only", "optional"])]
    pub(crate) random: Option<usize>,
    /// A schema, or a folder of schemas that stand alone, instead of the suite, each with random documents
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["suite", "draft", "only", "optional", "random"])]
    pub(crate) schemas: Option<Utf8PathBuf>,
    /// What decides random schemas and documents
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the programs are built [default: target/conformance]
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<Utf8PathBuf>,
    /// Name every test that failed
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
