//! The commands and their flags, as clap reads them.

mod change;

use std::time::Duration;

use camino::Utf8PathBuf;
pub(crate) use change::*;
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
    Probe(Box<Probe>),
    Scrub(Scrub),
    Rules(Rules),
    Lint(Lint),
    Diff(Box<Diff>),
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
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// The largest line, document or entry, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How many times larger content may be than its compressed form
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
}

/// Judges a live server
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("subjects").args(["id", "ids", "list"]).required(true).multiple(true),
    after_help = "\
The key is read from the environment variable CHARTER_API_KEY, or from a --key-file, and sent as a bearer token. It appears in
no recording, report or message. Plain http is allowed to this machine alone; redirects of downloads leave the key behind.
A proxy is taken from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; this machine is asked without one.

What was asked for and not shown (unreachable, refused, unknown, not finished in time) makes the exit code 3.

Examples:
  probe --base-url https://api.example.com run_1 run_2 --expand input,usage
  probe --base-url https://api.example.com --list --limit 100 --expand all --artifacts --record run.ndjson
  probe --base-url http://127.0.0.1:8080 run_1 --until-finished --interval 200ms --wait 5m
  probe --base-url https://api.example.com --ids ids.txt --concurrency 16 --rate 50/s --report json=report.json
  check run.ndjson                        the same findings, from the recording"
)]
pub(crate) struct Probe {
    /// The server; the paths of the contract are added
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// Ids of resources
    #[arg(value_name = "ID")]
    pub(crate) id: Vec<String>,
    /// Ids from a file, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<Utf8PathBuf>,
    /// Ids that the server lists
    #[arg(long, conflicts_with_all = ["id", "ids"])]
    pub(crate) list: bool,
    /// At most so many of those listed
    #[arg(long, value_name = "N", requires = "list")]
    pub(crate) limit: Option<usize>,
    /// Sections to ask for, between commas; all asks for every combination, one after another
    #[arg(long, value_name = "LIST|all", value_delimiter = ',')]
    pub(crate) expand: Vec<String>,
    /// Ask again until each resource is finished, and judge its transitions
    #[arg(long)]
    pub(crate) until_finished: bool,
    /// Download every artifact, and compare its length, content type and name
    #[arg(long)]
    pub(crate) artifacts: bool,
    /// Ask the contract's other questions about each resource: whatever only reads and needs nothing but the id
    #[arg(long)]
    pub(crate) related: bool,
    /// Ask for refusals on purpose: no key, a wrong key, an unknown id, an unknown section
    #[arg(long)]
    pub(crate) errors: bool,
    /// Write the exchanges down, masked, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<Utf8PathBuf>,
    /// Write the exchanges down, masked, as a HAR
    #[arg(long, value_name = "FILE")]
    pub(crate) record_har: Option<Utf8PathBuf>,
    /// A file that holds the key and nothing else [default: the environment variable CHARTER_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// Requests on their way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Requests in a second at most: a number, or one for each unit, such as 10/s or 300/m
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// How often a request is repeated that was answered with 429 or 5xx, or not at all
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) retries: u8,
    /// How long a request may take, its body included
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    pub(crate) timeout: Span,
    /// How long to wait between two looks at a resource
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    pub(crate) interval: Span,
    /// How long to wait for a resource to be finished
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(crate) wait: Span,
    /// The longest Retry-After that is followed
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub(crate) max_retry_after: Span,
    /// The largest body: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "16M")]
    pub(crate) max_body: Size,
    /// Certificates to trust beside those of the system, as PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<Utf8PathBuf>,
    /// Send the key over plain http to other machines too
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

/// Masks the secrets of a recording or a HAR
#[derive(Debug, Args)]
#[command(after_help = "\
The file is replaced as a whole, in the same form and with the same compression; every byte that is neither secret nor personal
stays. Credentials are found by the names of header fields, cookies and query parameters; keys that are known, in whatever
encoding, are masked wherever they stand; personal data by the pointers under [mask] in charter.toml, and e-mail addresses
everywhere. Equal values stay equal within one call. What is masked is judged like the original.

Examples:
  scrub traffic.har                          in place
  scrub traffic.har --output clean.har       beside it
  scrub run.ndjson.zst --pointer /output/customer/name --header x-tenant
  CHARTER_API_KEY=… scrub 'archive/*.ndjson' --secret-file old-keys.txt
  scrub run.ndjson --check                   write nothing; exit with 1 where something is to be masked
  scrub - < run.ndjson > clean.ndjson        from standard input to standard output")]
pub(crate) struct Scrub {
    /// Recordings: files, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<String>,
    /// Where to write, for one file: a file, or - for standard output [default: the file itself]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<Utf8PathBuf>,
    /// Write nothing; exit with 1 where something is to be masked
    #[arg(long, conflicts_with = "output")]
    pub(crate) check: bool,
    /// A file that holds the key and nothing else [default: the environment variable CHARTER_API_KEY, where it is set]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// More secrets, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<Utf8PathBuf>,
    /// A header field whose value is a secret, beside those that always are
    #[arg(long, value_name = "NAME")]
    pub(crate) header: Vec<String>,
    /// A query parameter whose value is a secret, beside those that always are
    #[arg(long, value_name = "NAME")]
    pub(crate) query: Vec<String>,
    /// Personal data in bodies: a JSON Pointer in which * stands for any key or item, ** for any number of levels
    #[arg(long, value_name = "POINTER")]
    pub(crate) pointer: Vec<String>,
    /// Leave e-mail addresses as they are, unless a pointer leads to them
    #[arg(long)]
    pub(crate) keep_emails: bool,
    /// The largest line, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How many times larger content may be than its compressed form
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Say nothing where nothing is wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// What is reported, and what makes a command fail that judges.
#[derive(Debug, Args)]
pub(crate) struct Reporting {
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

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
        let factor = match &text[digits..] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let seconds = text[..digits].parse::<f64>().ok().map(|number| number * factor).filter(|seconds| (0.001..1e8).contains(seconds));
        let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        span.map(Self).ok_or_else(|| "a span such as 500ms, 30s, 5m or 1h is expected".to_owned())
    }
}

/// Requests in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let rate = number.parse::<f64>().ok().map(|number| number / seconds).filter(|rate| (1e-6..1e6).contains(rate));
        rate.map(Self).ok_or_else(|| "a rate such as 10, 10/s or 300/m is expected".to_owned())
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
