//! `convert`: writes recordings of other programs as HAR or NDJSON.

use std::io::{self, Write};
use std::ops::ControlFlow;

use charter_contract::TrafficColumns;
use charter_report::counted;
use charter_traffic::read::{Forms, Limits, ReadError, Source, find, read_known};
use charter_traffic::record::{Converter, Form};

use crate::arguments::{Convert, OutputForm};
use crate::progress::Step;
use crate::{exit, output};

pub(crate) fn run(arguments: &Convert) -> u8 {
    let Some(form) = form(arguments) else {
        output::message(&format!(
            "error: the form of {} is not known; give --to har or --to ndjson, or a file that ends with .har, .ndjson or .jsonl",
            arguments.output
        ));
        return exit::USAGE;
    };
    let columns = match columns(arguments) {
        Ok(columns) => columns,
        Err(code) => return code,
    };
    let mut problem = None;
    let mut content = |out: &mut dyn Write| {
        let mut converter = Converter::new(out, form)?;
        convert(arguments, columns.as_ref(), &mut |exchange| converter.write(exchange)).and_then(|()| Ok(converter.finish()?)).map_err(
            |stop| match stop {
                Stop::Write(error) => error,
                Stop::Input(message, code) => {
                    problem = Some((message, code));
                    io::Error::other("not written")
                }
            },
        )
    };
    let mut count = 0;
    if arguments.output != "-" {
        // Without a handler, the temporary file stays.
        let _ = ctrlc::set_handler(charter_traffic::read::interrupt);
    }
    let written = if arguments.output == "-" {
        content(&mut io::BufWriter::new(io::stdout().lock())).map(|exchanges| count = exchanges)
    } else {
        output::write_with(&arguments.output, |out| content(out).map(|exchanges| count = exchanges))
    };
    match (written, problem) {
        (_, Some((message, code))) => {
            output::message(&format!("error: {message}; nothing was converted"));
            code
        }
        (Err(error), None) if arguments.output == "-" && error.kind() == io::ErrorKind::BrokenPipe => exit::SUCCESS,
        (Err(error), None) => {
            output::message(&format!("error: cannot write {}: {error}", arguments.output));
            exit::UNREADABLE
        }
        (Ok(()), None) => {
            if !arguments.quiet {
                output::message(&format!("{}: {} converted", arguments.output, counted(count, "exchange")));
            }
            exit::SUCCESS
        }
    }
}

/// The columns of logs, by the settings of the contract. Without a contract there are none.
fn columns(arguments: &Convert) -> Result<Option<TrafficColumns>, u8> {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    if arguments.contract.contract.is_none() && !folder.join("charter.toml").is_file() {
        return Ok(None);
    }
    Ok(output::load_schemas(&folder)?.config().traffic.columns.clone())
}

fn form(arguments: &Convert) -> Option<Form> {
    match (arguments.to, arguments.output.extension()) {
        (Some(OutputForm::Har), _) | (None, Some("har")) => Some(Form::Har),
        (Some(OutputForm::Ndjson), _) | (None, Some("ndjson" | "jsonl")) => Some(Form::Ndjson),
        (None, _) => None,
    }
}

/// Why the conversion stops.
enum Stop {
    /// What is wrong with an input, and the exit code.
    Input(String, u8),
    Write(io::Error),
}

impl Stop {
    fn unreadable(message: String) -> Self {
        Self::Input(message, exit::UNREADABLE)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Passes every exchange of every input to the sink.
fn convert(
    arguments: &Convert,
    columns: Option<&TrafficColumns>,
    sink: &mut dyn FnMut(&charter_traffic::Exchange) -> io::Result<()>,
) -> Result<(), Stop> {
    let mut exchanges = 0;
    for argument in &arguments.paths {
        let found = find(argument).map_err(|error| Stop::unreadable(format!("{argument}: {}", with_remedy(&error))))?;
        let mut skipped_files = found.skipped_files.len() as u64;
        for source in found.sources {
            // Standard output may be the same terminal.
            let _step = (arguments.output != "-").then(|| Step::new(format!("converting {}", source.name())));
            match one(arguments, columns, &source, sink) {
                Ok(count) => exchanges += count,
                Err(Failure::Read(ReadError::UnknownForm(_))) if found.is_folder => skipped_files += 1,
                Err(Failure::Read(error)) => {
                    let code = if matches!(error, ReadError::Interrupted) { exit::INTERRUPTED } else { exit::UNREADABLE };
                    return Err(Stop::Input(format!("{}: {}", source.name(), with_remedy(&error)), code));
                }
                Err(Failure::Stop(stop)) => return Err(stop),
            }
        }
        if skipped_files > 0 && !arguments.quiet {
            output::message(&format!("{argument}: {} of no known form skipped", counted(skipped_files, "file")));
        }
    }
    if exchanges == 0 { Err(Stop::unreadable("the inputs have no exchange".to_owned())) } else { Ok(()) }
}

enum Failure {
    Read(ReadError),
    Stop(Stop),
}

/// Passes the exchanges of a source to the sink and returns their number.
fn one(
    arguments: &Convert,
    columns: Option<&TrafficColumns>,
    source: &Source,
    sink: &mut dyn FnMut(&charter_traffic::Exchange) -> io::Result<()>,
) -> Result<u64, Failure> {
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let (mut count, mut stop) = (0, None);
    let summary = read_known(source, &limits, &Forms { accepts_bare: false, columns }, &mut |entry| {
        let written = match entry {
            Ok(exchange) if exchange.bare => {
                Err(Stop::unreadable(format!("{}: entry {} is not an exchange", source.name(), exchange.origin.index)))
            }
            Ok(exchange) => sink(&exchange).map_err(Stop::Write),
            Err(error) => Err(Stop::unreadable(format!("{}: entry {}: {error}", source.name(), error.index))),
        };
        count += 1;
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stop = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(stop) = stop {
        return Err(Failure::Stop(stop));
    }
    let summary = summary.map_err(Failure::Read)?;
    for (kind, count) in summary.skipped.iter().filter(|_| !arguments.quiet) {
        output::message(&format!("{}: {} skipped", source.name(), counted(*count, kind)));
    }
    Ok(count)
}

fn with_remedy(error: &ReadError) -> String {
    error.remedy().map_or_else(|| error.to_string(), |remedy| format!("{error}; {remedy}"))
}
