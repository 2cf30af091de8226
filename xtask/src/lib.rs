//! The command line over the contract. It promises nothing of its own: every command calls a member and prints what it says.
//!
//! | command | member |
//! |---|---|
//! | `generate` | `charter-codegen`, then compare or write |
//! | `check`, `scrub` | `charter-contract-tests`; with no path `charter-probe` and `charter-simulator` as well |
//! | `probe` | `charter-probe` |
//! | `serve` | `charter-simulator` |
//! | `merge` | `charter-contract-tests` |
//! | `rules` | `charter-contract-tests` |
//! | `lint`, `schema` | `charter-schema` |
//! | `import`, `diff`, `drift` | `charter-change` |
//! | `bench` | `charter-simulator` for the corpus; the benchmark of `charter-contract-tests` |
//! | `conformance` | `charter-codegen`, and a program made of what it generates |

mod bench;
mod check;
mod cli;
mod conformance;
mod contract;
mod diff;
mod drift;
pub mod exit;
mod generate;
mod import;
mod key;
mod lint;
mod merge;
mod output;
mod probe;
mod reporting;
mod rules;
mod schema;
mod scrub;
#[cfg(test)]
#[path = "../seal.rs"]
mod seal;
mod serve;
mod simulated;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

/// Runs the command line under the name that the user knows it by.
pub fn run(name: &'static str) -> ExitCode {
    let arguments = std::env::args_os();
    let command = cli::Cli::command().name(name).bin_name(name);
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are no mistakes; everything else is wrong usage.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::KEPT });
        }
    };
    let cli = match cli::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(exit::USAGE);
        }
    };
    let code = match cli.command {
        cli::Command::Generate(arguments) => generate::run(&arguments, name),
        cli::Command::Check(arguments) => check::run(&arguments),
        cli::Command::Merge(arguments) => merge::run(&arguments),
        cli::Command::Probe(arguments) => probe::run(&arguments),
        cli::Command::Serve(arguments) => serve::run(&arguments),
        cli::Command::Scrub(arguments) => scrub::run(&arguments),
        cli::Command::Rules(arguments) => rules::run(&arguments),
        cli::Command::Lint(arguments) => lint::run(&arguments),
        cli::Command::Import(arguments) => import::run(&arguments),
        cli::Command::Drift(arguments) => drift::run(&arguments),
        cli::Command::Diff(arguments) => diff::run(&arguments),
        cli::Command::Schema(arguments) => schema::run(&arguments),
        cli::Command::Bench(arguments) => bench::run(&arguments),
        cli::Command::Conformance(arguments) => conformance::run(&arguments),
        cli::Command::Man => man(),
        cli::Command::Completions { shell } => {
            // Shells complete the name that is typed: only the installed command has one of its own.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::Cli::command(), "charter", &mut script);
            output::text(&String::from_utf8_lossy(&script))
        }
    };
    ExitCode::from(code)
}

/// The manual page: the command with its flags and exit codes, then every subcommand.
fn man() -> u8 {
    let mut command = cli::Cli::command().name("charter").bin_name("charter");
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
