//! How cost grows: with the observations of one file, with the rules of a contract. Every row is cost a unit, and how many times
//! that of the first row and of the row before it is: where cost grows linearly, no more than 1; less where a fixed cost is spread.
//!
//! `cargo bench -p charter-contract-tests --bench growth` prints the tables, `-- --report md=FILE --report json=FILE`
//! writes them. `--observations N` and `--rules N` end the rows sooner; 0 leaves them out; `--only bodies`, `exchanges`,
//! `polled` or `at-once` is one kind of observations. All times are CPU time of this process or
//! of the programs that it runs, and the median of the rounds counts.

mod clock;
mod observations;
mod rules;
mod table;

use std::process::ExitCode;

use table::Table;

/// What is measured.
struct Arguments {
    observations: usize,
    rules: usize,
    rounds: usize,
    /// One kind of observations.
    only: Option<String>,
    /// Format and file.
    reports: Vec<(String, String)>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { observations: 1_000_000, rules: 1_000, rounds: 3, only: None, reports: Vec::new() };
        while let Some(flag) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{flag} wants a value"));
            let number = |text: String| text.parse::<usize>().map_err(|_| format!("a number is expected, not {text}"));
            match flag.as_str() {
                // What cargo says to every benchmark.
                "--bench" => {}
                "--observations" => arguments.observations = number(value()?)?,
                "--rules" => arguments.rules = number(value()?)?,
                "--rounds" => arguments.rounds = number(value()?)?.max(1),
                "--only" => arguments.only = Some(value()?),
                "--report" => {
                    let value = value()?;
                    let (format, file) = value.split_once('=').ok_or("--report wants FORMAT=FILE")?;
                    arguments.reports.push((format.to_owned(), file.to_owned()));
                }
                _ => return Err(format!("{flag} is no flag of the benchmark")),
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
            eprintln!("error: {file} cannot be written: {error}");
            return ExitCode::from(3);
        }
    }
    ExitCode::SUCCESS
}
