//! The commands and their flags, as clap reads them.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0    kept
  1    promises broken
  2    wrong usage, or a broken contract
  3    something could not be read, written or judged
  4    generated code is stale
  130  stopped by Ctrl-C";

/// Generates exact Rust types from a contract, and judges HTTP exchanges against it.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(Generate),
    Check(Check),
    Rules(Rules),
    Lint(Lint),
    Schema(Schema),
    Conformance(Conformance),
    /// Prints a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Where the contract is.
#[derive(Debug, Args)]
pub(crate) struct ContractFlag {
    /// The folder of the contract [default: schema]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) contract: Option<Utf8PathBuf>,
}

/// Writes the generated types
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  generate                   write what has changed
  generate --check           show what is stale and exit with 4
  generate --dry-run         show what would be written
  generate --contract api --out src/api

Types of one's own schemas, with all they need beside them:
  generate --schema order.json --out src/order              a module: `mod order;`
  generate --schema openapi.yaml --layout crate --out types  a crate
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
    /// A module with the support library beside it, or a crate
    #[arg(long, value_enum, default_value = "module", requires = "schema")]
    pub(crate) layout: Layout,
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

/// Judges recordings
#[derive(Debug, Args)]
#[command(after_help = "\
Recordings are told apart by their content: a bare JSON body, NDJSON of bodies or exchanges, HAR; plain, gzip or zstd.

Examples:
  check                                   the bundled recordings
  check traffic.har                       a browser's export
  check 'archive/**/*.ndjson.zst'         a pattern
  curl -s $URL | … check -                a body from standard input
  check archive --report json=out.json    for machines, and text for people
  check archive --fail-on warning --samples all")]
pub(crate) struct Check {
    /// Files, folders, patterns, or - for standard input [default: `recordings` under [check] in charter.toml]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// The operation that a bare body is an answer of
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    /// A report: text or json, to standard output or to a file
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<ReportTarget>,
    /// How many samples each group of findings shows: a number, or all
    #[arg(long, value_name = "N|all", default_value = "5")]
    pub(crate) samples: Samples,
    /// What makes the command fail
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) fail_on: FailOn,
    /// Fail where an error rule was exercised by nothing
    #[arg(long)]
    pub(crate) require_exercised: bool,
    /// What judging nothing means
    #[arg(long, value_enum, default_value = "fail")]
    pub(crate) no_exchanges: NoExchanges,
    /// Threads that judge [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// The largest line, document or entry, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How many times larger content may be than its compressed form
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Show every rule and how it came out
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print no report and no progress to the terminal; files are still written
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Lists the invariants, shows one, or tests them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rules                                     every rule, its severity and where it applies
  rules show run.finished-iff-terminal      its promise, its text, its examples
  rules test                                run the examples, then change each rule and see whether one notices
  rules test run.finished-iff-terminal -v   with every change that was tried")]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Names every rule
    List {
        /// As JSON, for machines
        #[arg(long)]
        json: bool,
    },
    /// Tells one rule whole
    Show {
        /// The rule
        id: String,
    },
    Test(RulesTest),
}

/// Runs the examples, then changes each rule in small ways that an example should notice; exits with 1 where none does
#[derive(Debug, Args)]
pub(crate) struct RulesTest {
    /// The rules [default: all]
    pub(crate) ids: Vec<String>,
    /// Show every change that was tried
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Looks at the contract itself: examples of rules, unknown keywords, definitions that nothing uses
#[derive(Debug, Args)]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
}

/// Prints a JSON Schema of one of the tool's own formats
#[derive(Debug, Args)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Broken promises of severity error
    Error,
    /// Warnings too
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoExchanges {
    /// It fails with exit code 3
    Fail,
    /// It passes with a warning
    Warn,
    /// It passes
    Pass,
}

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    pub(crate) format: ReportFormat,
    pub(crate) file: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Text,
    Json,
}

impl std::str::FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing behind the =".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let format = match format {
            "text" => ReportFormat::Text,
            "json" => ReportFormat::Json,
            other => return Err(format!("`{other}` is no format: text or json")),
        };
        Ok(Self { format, file })
    }
}

/// How many samples are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Samples(pub(crate) Option<u64>);

impl std::str::FromStr for Samples {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(None)),
            number => number.parse().map(|count| Self(Some(count))).map_err(|_| "a number or all is expected".to_owned()),
        }
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, factor) = match text.as_bytes().last().map(u8::to_ascii_uppercase) {
            Some(b'K') => (&text[..text.len() - 1], 1 << 10),
            Some(b'M') => (&text[..text.len() - 1], 1 << 20),
            Some(b'G') => (&text[..text.len() - 1], 1 << 30),
            _ => (text, 1),
        };
        let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).filter(|size| *size > 0);
        size.map(Self).ok_or_else(|| "a size such as 65536, 512K, 64M or 1G is expected".to_owned())
    }
}
