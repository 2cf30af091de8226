//! `charter-cluster`: `check` on several machines. Ballista schedules the work, moves observations between the machines, and repeats the work of a lost one.
//!
//! | file | owns |
//! |---|---|
//! | `arguments` | the command line |
//! | `job` | what every machine needs to know about a run |
//! | `store` | files and objects of a store as sources |
//! | `plan` | the run as a physical plan |
//! | `row` | what one step of the plan hands to the next |
//! | `judge` | a split → its report and observations |
//! | `over_time` | the observations of a share of the resources → its report |
//! | `codec` | the steps of the plan as bytes |
//! | `serve` | the processes: a scheduler and its workers |
//! | `log` | the lines that the processes log |
//! | `client` | runs a plan on a cluster and collects the reports |
//! | `sql` | queries with functions that judge |

mod arguments;
mod client;
mod codec;
mod job;
mod judge;
mod log;
mod over_time;
mod plan;
mod row;
mod serve;
mod sql;
mod store;

use std::process::ExitCode;

use arguments::{Cli, Command};
use charter_cli::{Program, check_remotely, run_command};

/// Contracts and findings have many small parts, and in the allocator of the system, threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// This program judges like the command `charter`.
const PROGRAM: Program = Program::new("charter-cluster");

fn main() -> ExitCode {
    let cli: Cli = match charter_cli::parse("charter-cluster") {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    ExitCode::from(match cli.command {
        Command::Scheduler(arguments) => serve::scheduler(&arguments),
        Command::Worker(arguments) => serve::worker(&arguments),
        Command::Sql(arguments) => sql::run(&arguments),
        Command::Check(arguments) => match &arguments.cluster {
            Some(url) => check_remotely(&arguments.check, &PROGRAM, |run, paths, is_interrupted| {
                client::run(run, paths, url, &arguments, is_interrupted)
            }),
            None => run_command(charter_cli::Command::Check(Box::new(arguments.check)), &PROGRAM),
        },
    })
}
