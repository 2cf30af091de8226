//! The command line: every product command calls a crate of the engine and prints its result.
//!
//! | command | crate |
//! |---|---|
//! | `generate` | `charter-codegen`, then compare or write |
//! | `check` | `charter-engine` |
//! | `scrub`, `convert`, `extract` | `charter-traffic` |
//! | `probe` | `charter-probe` |
//! | `proxy` | `charter-proxy` |
//! | `merge`, `explain` | `charter-report` |
//! | `rules` | `charter-engine` |
//! | `lint`, `schema` | `charter-contract`, `charter-rules` |
//! | `init`, `import`, `diff`, `drift` | `charter-diff` |
//!
//! A repository can build its own program on [`Command`] and [`run_command`], and add commands, a compiled reader and a live pass with
//! [`Program`].

mod arguments;
mod check;
mod contract;
mod convert;
mod diff;
mod discover;
mod drift;
pub mod exit;
mod explain;
mod extract;
mod flags;
mod generate;
mod import;
mod init;
pub mod key;
mod lint;
mod masking;
mod memory;
mod merge;
pub mod output;
mod probe;
mod program;
mod progress;
mod proxy;
mod remote;
mod reporting;
mod rules;
mod schema;
mod scrub;
mod split;
mod subject;
mod usage;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use arguments::{Check, Command, EXIT_CODES, Size};
pub use program::{LiveError, LivePass, Program};
pub use remote::{RemoteError, RemoteRun, check_remotely};

/// Parses the arguments of the process and runs `charter`.
pub fn run(program: &Program) -> ExitCode {
    match parse::<arguments::Cli>(program.name) {
        Ok(cli) => ExitCode::from(run_command(cli.command, program)),
        Err(code) => code,
    }
}

/// Parses the arguments of the process. Prints help, the version and usage errors; `name` is the program's name in them, and in the
/// remedies that are printed later.
///
/// # Errors
/// The exit code, if there is no command to run: after help, the version or a usage error.
pub fn parse<P: CommandFactory + FromArgMatches>(name: &'static str) -> Result<P, ExitCode> {
    output::set_program_name(name);
    let mut command = command_line::<P>(name);
    let parsed = command.try_get_matches_from_mut(std::env::args_os()).and_then(|matches| P::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let error = usage::with_tip(error, &command, &arguments);
        let _ = error.print();
        // clap returns help and the version as errors, too.
        ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::SUCCESS })
    })
}

/// The command line of `charter`, for completions, manuals and tests of documentation.
pub fn command() -> clap::Command {
    command_line::<arguments::Cli>("charter")
}

/// The command line of a program, with its name in the usage lines and in the examples of the help texts.
fn command_line<P: CommandFactory>(name: &'static str) -> clap::Command {
    with_examples(P::command(), name).name(name).bin_name(name)
}

/// Replaces `{program}` in the help texts of a command and its subcommands.
fn with_examples(command: clap::Command, name: &str) -> clap::Command {
    let command = match command.get_after_help().map(|help| help.to_string().replace("{program}", name)) {
        Some(help) => command.after_help(help),
        None => command,
    };
    command.mut_subcommands(|subcommand| with_examples(subcommand, name))
}

/// Runs one command and returns its exit code.
pub fn run_command(command: Command, program: &Program) -> u8 {
    output::set_program_name(program.name);
    progress::set_quiet(command.is_quiet());
    #[cfg(feature = "cloud")]
    charter_objects::install();
    match command {
        Command::Generate(arguments) => generate::run(&arguments, program.name),
        Command::Check(arguments) => check::run(&arguments, program),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Proxy(arguments) => proxy::run(&arguments),
        Command::Scrub(arguments) => scrub::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Drift(arguments) => drift::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Man => man(),
        Command::Completions { shell } => {
            // Shells complete the first word of a line, so completions exist only for the installed command.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command_line::<arguments::Cli>("charter"), "charter", &mut script);
            output::print(&String::from_utf8_lossy(&script))
        }
    }
}

/// Prints the manual page: the command with its flags and exit codes, then every subcommand.
fn man() -> u8 {
    let mut command = command_line::<arguments::Cli>("charter");
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
        Ok(()) => output::print(&String::from_utf8_lossy(&page)),
        Err(error) => {
            output::message(&format!("error: cannot render the manual page: {error}"));
            exit::UNREADABLE
        }
    }
}
