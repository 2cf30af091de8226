//! `charter`: the same command line, installed, for contracts of other repositories.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::run("charter")
}
