//! `charter`: the installed command.

use std::process::ExitCode;

use charter_cli::Program;

/// Threads of the system's allocator wait for each other, and contracts and findings have many small parts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    charter_cli::run(&Program::new("charter"))
}
