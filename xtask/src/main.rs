//! `cargo xtask`: the product commands on the contract of this repository, and the development commands.
//!
//! | command | what it runs |
//! |---|---|
//! | product commands | `charter-cli`, with the compiled reader and the live pass of this repository |
//! | `serve` | `charter-simulator` |
//! | `bench` | `charter-simulator` for the corpus; the benchmark of `charter-contract-tests` |
//! | `conformance` | `charter-codegen`, and programs built from its output |

mod arguments;
mod bench;
mod conformance;
mod serve;
mod simulated;

use std::process::ExitCode;

use charter_cli::{EXIT_CODES, Program};
use clap::{Parser, Subcommand};

const NAME: &str = "cargo xtask";

/// The product commands and the development commands of this repository.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Product(charter_cli::Command),
    Serve(arguments::Serve),
    Bench(arguments::Bench),
    Conformance(arguments::Conformance),
}

fn main() -> ExitCode {
    let cli = match charter_cli::parse::<Cli>(NAME) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let code = match cli.command {
        Command::Product(command) => charter_cli::run_command(command, &program()),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Conformance(arguments) => conformance::run(&arguments),
    };
    ExitCode::from(code)
}

fn program() -> Program {
    let mut program = Program::new(NAME);
    program.live = Some(simulated::check);
    #[cfg(feature = "reader")]
    {
        program.compiled = Ok(&charter_generated::reader::COMPILED);
    }
    #[cfg(not(feature = "reader"))]
    {
        program.compiled = Err("this build has no compiled reader: the feature `reader` is disabled");
    }
    program
}
