//! The command line: every product command calls a crate of the engine and prints its result.
//!
//! | command | crate |
//! |---|---|
//! | `generate` | `charter-codegen`, then compare or write |
//! | `check` | `charter-engine` |
//! | `scrub` | `charter-traffic` |
//! | `probe` | `charter-probe` |
//! | `merge` | `charter-report` |
//! | `rules` | `charter-engine` |
//! | `lint`, `schema` | `charter-contract`, `charter-rules` |
//! | `import`, `diff`, `drift` | `charter-diff` |
//!
//! A repository with a contract of its own can build a second program on [`Command`] and [`run_command`]: it adds commands, a
//! compiled reader and a live pass by way of [`Program`].

mod arguments;
mod check;
mod contract;
mod diff;
mod drift;
pub mod exit;
mod generate;
mod import;
pub mod key;
mod lint;
mod merge;
pub mod output;
mod probe;
mod program;
mod reporting;
mod rules;
mod schema;
mod scrub;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use arguments::{Command, EXIT_CODES, Size};
pub use program::{LiveError, LivePass, Program};

/// Parses the arguments of the process and runs `charter`.
pub fn run(program: &Program) -> ExitCode {
    match parse::<arguments::Cli>(program.name) {
        Ok(cli) => ExitCode::from(run_command(cli.command, program)),
        Err(code) => code,
    }
}

/// Parses the arguments of the process under the name that the user knows the program by. Help, the version and usage errors
/// are printed here.
///
/// # Errors
/// There is nothing to run; the exit code says why.
pub fn parse<P: CommandFactory + FromArgMatches>(name: &'static str) -> Result<P, ExitCode> {
    let command = P::command().name(name).bin_name(name);
    command.try_get_matches_from(std::env::args_os()).and_then(|matches| P::from_arg_matches(&matches)).map_err(|error| {
        let _ = error.print();
        // Help and version are not errors; everything else is wrong usage.
        ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::KEPT })
    })
}

/// Runs one command; the exit code.
pub fn run_command(command: Command, program: &Program) -> u8 {
    output::name_program(program.name);
    match command {
        Command::Generate(arguments) => generate::run(&arguments, program.name),
        Command::Check(arguments) => check::run(&arguments, program),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Scrub(arguments) => scrub::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Drift(arguments) => drift::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Man => man(),
        Command::Completions { shell } => {
            // Shells complete the name that is typed: only the installed command has one of its own.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut arguments::Cli::command(), "charter", &mut script);
            output::text(&String::from_utf8_lossy(&script))
        }
    }
}

/// The manual page: the command with its flags and exit codes, then every subcommand.
fn man() -> u8 {
    let mut command = arguments::Cli::command().name("charter").bin_name("charter");
    command.build();
    let mut page = Vec::new();
    let mut written = clap_mangen::Man::new(command.clone()).render(&mut page);
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        written = written.and_then(|()| {
            let title = subcommand.get_bin_name().unwrap_or(subcommand.get_name()).to_owned();
            page.extend_from_slice(format!(".SH {}\n", title.to_uppercase()).as_bytes());
            let man = clap_mangen::Man::new(subcommand.clone());
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)?;
            man.render_extra_section(&mut page)
        });
    }
    match written {
        Ok(()) => output::text(&String::from_utf8_lossy(&page)),
        Err(error) => {
            output::complain(&format!("error: the manual page cannot be made: {error}"));
            exit::UNREADABLE
        }
    }
}
