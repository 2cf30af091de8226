//! `cargo xtask`: the command line inside this repository.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::run("cargo xtask")
}
