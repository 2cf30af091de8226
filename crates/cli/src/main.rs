//! `charter`: the installed command.

use std::process::ExitCode;

use charter_cli::Program;

/// Contracts and findings have many small parts, and in the allocator of the system, threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    charter_cli::run(&Program::new("charter"))
}
