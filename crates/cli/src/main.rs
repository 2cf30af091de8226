//! `charter`: the installed command.

use std::process::ExitCode;

use charter_cli::Program;

fn main() -> ExitCode {
    charter_cli::run(&Program::new("charter"))
}
