//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use camino::Utf8PathBuf;
use charter_cli::{Check, EXIT_CODES};
use clap::{Args, Parser, Subcommand};
use url::Url;

/// Checks archives of HTTP traffic on several machines
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scheduler(Scheduler),
    Worker(Worker),
    Check(Box<ClusterCheck>),
    Sql(Sql),
}

/// Runs the scheduler of a cluster until it is stopped
#[derive(Debug, Args)]
#[command(after_help = "\
Everyone who can connect to the scheduler or to a worker can run checks there and read their results: use a private network.

Examples:
  {program} scheduler --bind 0.0.0.0:50050
  RUST_LOG=info {program} scheduler --bind 127.0.0.1:50050 --worker-timeout 20")]
pub(crate) struct Scheduler {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50050")]
    pub(crate) bind: SocketAddr,
    /// Seconds without a message after which a worker is lost, and its work is done again
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(15..=86_400))]
    pub(crate) worker_timeout: u64,
}

/// Runs a worker of a cluster until it is stopped
#[derive(Debug, Args)]
#[command(after_help = "\
Workers read the paths of `check` themselves: files on shared storage, or objects. For objects, the credentials and the region are read from the environment, \
as by the AWS command line: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL.

Examples:
  {program} worker --scheduler http://scheduler:50050 --bind 0.0.0.0:50051 --work-dir /var/lib/charter
  {program} worker --scheduler http://127.0.0.1:50050 --work-dir work --threads 2")]
pub(crate) struct Worker {
    /// URL of the scheduler
    #[arg(long, value_name = "URL")]
    pub(crate) scheduler: Url,
    /// Folder for observations and intermediate results
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: PathBuf,
    /// Address to listen on; other workers and the client fetch results from it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    pub(crate) bind: SocketAddr,
    /// Name under which others reach this worker [default: the address from which it connects to the scheduler]
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Number of splits that are judged at the same time [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// Checks recorded HTTP exchanges against the contract, on a cluster
#[derive(Debug, Args)]
pub(crate) struct ClusterCheck {
    #[command(flatten)]
    pub(crate) check: Check,
    /// URL of the scheduler; without it, this process checks
    #[arg(long, value_name = "URL", conflicts_with_all = ["partition", "split", "over_time"])]
    pub(crate) cluster: Option<Url>,
    /// Number of splits [default: one per 16 MiB, at most 10,000]
    #[arg(long, value_name = "N", requires = "cluster")]
    pub(crate) splits: Option<NonZeroU32>,
    /// Number of shares of the resources, for rules over time [default: one per 256 MiB, at least 4, at most 1,000]
    #[arg(long, value_name = "M", requires = "cluster")]
    pub(crate) shares: Option<NonZeroU32>,
}

/// Runs a query over Parquet files of exchanges, on this machine
#[derive(Debug, Args)]
#[command(after_help = "\
Functions, besides those of Apache DataFusion:
  charter_exchange(method, url, status, response_headers, response_body)
      the text of an exchange; header fields are a JSON text, and columns may be null
  charter_check(text)
      whether an exchange, or a body of --operation, has no violation
  charter_findings(text)
      its findings: a list of structs of finding, severity, operation, location, message
Rules over time need other exchanges and are not judged.

Examples:
  {program} sql --contract contract --table archive=archive.parquet 'SELECT count(*) FROM archive'
  {program} sql --contract contract --table archive=s3://traffic/2026/ --file query.sql")]
pub(crate) struct Sql {
    /// The query
    #[arg(required_unless_present = "file")]
    pub(crate) query: Option<String>,
    /// File with the query
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    pub(crate) file: Option<Utf8PathBuf>,
    /// Folder of the contract, or its OpenAPI document
    #[arg(long, value_name = "DIR")]
    pub(crate) contract: Option<Utf8PathBuf>,
    /// A table: its name, and a Parquet file, a folder of them, or a prefix of objects; may be repeated
    #[arg(long, value_name = "NAME=PATH", required = true)]
    pub(crate) table: Vec<Table>,
    /// Operation that bodies belong to
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
}

/// A table of a query.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) path: String,
}

impl std::str::FromStr for Table {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok(Self { name: name.to_owned(), path: path.to_owned() }),
            _ => Err("expected a name and a path, as in archive=archive.parquet".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Ballista's workers send a message every 5 seconds while all of their threads judge, and the scheduler counts whole seconds.
    #[test]
    fn a_worker_is_not_lost_between_two_messages() {
        let scheduler = |seconds: &str| Cli::try_parse_from(["charter-cluster", "scheduler", "--worker-timeout", seconds]);
        for (seconds, is_valid) in [("5", false), ("14", false), ("15", true), ("60", true)] {
            assert_eq!(scheduler(seconds).is_ok(), is_valid, "{seconds} s");
        }
    }

    /// The command lines of this program in the book.
    #[test]
    fn the_command_lines_of_the_book_are_valid() {
        let page = std::fs::read_to_string("../../docs/book/src/machines.md").expect("the page");
        let joined = page.replace("\\\n", " ");
        let lines: Vec<&str> = joined.lines().filter_map(|line| line.strip_prefix("charter-cluster ")).collect();
        assert!(lines.len() >= 3, "{lines:?}");
        for line in lines {
            let arguments = shlex::split(&format!("charter-cluster {line}")).expect("words");
            if let Err(error) = Cli::try_parse_from(arguments) {
                panic!("charter-cluster {line}: {error}");
            }
        }
    }
}
