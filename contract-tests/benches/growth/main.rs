//! How cost grows with the number of observations in a file, and with the number of rules in a contract. Each row has the cost per unit
//! and its ratios to the first row and to the previous row. With linear growth the ratios are at most 1, and below 1 while fixed costs
//! dominate.
//!
//! `cargo bench -p charter-contract-tests --bench growth` prints the tables, `-- --report md=FILE --report json=FILE`
//! writes them. `--observations N` and `--rules N` limit the rows; 0 omits them. `--only bodies`, `exchanges`, `polled` or `at-once`
//! selects one kind of file. All times are CPU times of this process or of the programs that it runs, as the median of the rounds.

mod clock;
mod observations;
mod rules;
mod table;

use std::process::ExitCode;

use table::Table;

/// The flags.
struct Arguments {
    observations: usize,
    rules: usize,
    rounds: usize,
    /// The only kind of file to measure.
    only: Option<String>,
    /// Pairs of a format and a file.
    reports: Vec<(String, String)>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { observations: 1_000_000, rules: 1_000, rounds: 3, only: None, reports: Vec::new() };
        while let Some(flag) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{flag} needs a value"));
            let number = |text: String| text.parse::<usize>().map_err(|_| format!("expected a number, found {text}"));
            match flag.as_str() {
                // cargo passes this flag to every benchmark.
                "--bench" => {}
                "--observations" => arguments.observations = number(value()?)?,
                "--rules" => arguments.rules = number(value()?)?,
                "--rounds" => arguments.rounds = number(value()?)?.max(1),
                "--only" => arguments.only = Some(value()?),
                "--report" => {
                    let value = value()?;
                    let (format, file) = value.split_once('=').ok_or("--report needs FORMAT=FILE")?;
                    arguments.reports.push((format.to_owned(), file.to_owned()));
                }
                _ => return Err(format!("unknown flag {flag}")),
            }
        }
        Ok(arguments)
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let mut tables: Vec<Table> = observations::measure(arguments.observations, arguments.only.as_deref(), arguments.rounds);
    tables.extend(rules::measure(arguments.rules, arguments.rounds));
    let markdown = table::markdown(&tables, arguments.rounds);
    print!("{markdown}");
    for (format, file) in &arguments.reports {
        let content = if format == "json" { table::json(&tables, arguments.rounds) } else { markdown.clone() };
        if let Err(error) = std::fs::write(file, content) {
            eprintln!("error: cannot write {file}: {error}");
            return ExitCode::from(3);
        }
    }
    ExitCode::SUCCESS
}
