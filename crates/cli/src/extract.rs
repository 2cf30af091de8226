//! `extract`: writes the exchange of a finding as a recording of its own.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use charter_contract::{TrafficColumns, nearest};
use charter_report::{Group, Report, Sample, counted};
use charter_traffic::Exchange;
use charter_traffic::exchange::{Body, Message, Request};
use charter_traffic::mask::is_secret;
use charter_traffic::read::{Forms, Limits, ReadError, Source, read_known};
use charter_traffic::record::{Converter, Form};

use crate::arguments::Extract;
use crate::{exit, output};

/// Maximum number of ids in an error.
const NAMED: usize = 10;

/// Why nothing is extracted: the message and the exit code.
struct Failure(String, u8);

impl Failure {
    fn usage(message: String) -> Self {
        Self(message, exit::USAGE)
    }

    fn unreadable(message: String) -> Self {
        Self(message, exit::UNREADABLE)
    }
}

pub(crate) fn run(arguments: &Extract) -> u8 {
    match extract(arguments) {
        Ok(notes) => {
            for note in notes.iter().filter(|_| !arguments.quiet) {
                output::message(note);
            }
            exit::SUCCESS
        }
        Err(Failure(message, code)) => {
            output::message(&format!("error: {message}"));
            code
        }
    }
}

fn extract(arguments: &Extract) -> Result<Vec<String>, Failure> {
    let bytes =
        std::fs::read(&arguments.report).map_err(|error| Failure::unreadable(format!("cannot read {}: {error}", arguments.report)))?;
    let report = Report::parse(&bytes).map_err(|error| Failure::unreadable(format!("{}: {error}", arguments.report)))?;
    let mut notes = Vec::new();
    let group = group(&report, arguments, &mut notes)?;
    let sample = sample(group, arguments)?;
    let mut exchanges = Vec::new();
    // The earlier exchange comes first, because rules over time compare in the order of time.
    if let Some((source, index)) =
        sample.previous.as_ref().and_then(|previous| Some((previous["source"].as_str()?, previous["index"].as_u64()?)))
    {
        exchanges.push(find(&report, source, usize::try_from(index).unwrap_or(usize::MAX), arguments)?);
    }
    exchanges.push(find(&report, &sample.exchange.source, sample.exchange.index, arguments)?);
    write(&exchanges, arguments)?;
    if form(arguments) == Some(Form::Har) && exchanges.iter().any(is_more_than_har) {
        notes.push(
            "note: a HAR has no place for a part of the exchange; if `charter check` does not find the violation, write a file that ends with \
             .ndjson"
                .to_owned(),
        );
    }
    notes.push(format!(
        "{}: {} written; check it: `charter check {}`",
        arguments.output,
        counted(exchanges.len() as u64, "exchange"),
        arguments.output
    ));
    Ok(notes)
}

/// The group with a fingerprint, or the first one with an id.
fn group<'r>(report: &'r Report, arguments: &Extract, notes: &mut Vec<String>) -> Result<&'r Group, Failure> {
    let id = arguments.id.as_str();
    if let Some(group) = report.groups.iter().find(|group| group.fingerprint == id) {
        return Ok(group);
    }
    let mut groups = report.groups.iter().filter(|group| group.name() == id);
    if let Some(first) = groups.next() {
        let others: Vec<&str> = groups.map(|group| group.fingerprint.as_str()).collect();
        if !others.is_empty() {
            let listed = others.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = if others.len() > NAMED { ", …" } else { "" };
            notes.push(format!("note: more groups of findings have this id; extract them by fingerprint: {listed}{more}"));
        }
        return Ok(first);
    }
    let mut names: Vec<String> = report.groups.iter().map(Group::name).collect();
    names.sort();
    names.dedup();
    let known = report.groups.iter().map(|group| group.fingerprint.as_str()).chain(names.iter().map(String::as_str));
    let remedy = match nearest(id, known) {
        Some(remedy) => remedy,
        None if names.is_empty() => "the report has no findings".to_owned(),
        None => format!("the ids are {}{}", names[..names.len().min(NAMED)].join(", "), if names.len() > NAMED { ", …" } else { "" }),
    };
    Err(Failure::usage(format!("{} has no finding `{id}`; {remedy}", arguments.report)))
}

fn sample<'r>(group: &'r Group, arguments: &Extract) -> Result<&'r Sample, Failure> {
    let index = usize::try_from(arguments.sample - 1).unwrap_or(usize::MAX);
    group.samples.get(index).ok_or_else(|| {
        Failure::usage(format!(
            "--sample {}: the report has {} of {}; `charter check --samples all` writes all",
            arguments.sample,
            counted(group.samples.len() as u64, "sample"),
            counted(group.count, "finding")
        ))
    })
}

/// Reads an exchange from the recording that the report names.
fn find(report: &Report, name: &str, index: usize, arguments: &Extract) -> Result<Exchange, Failure> {
    let input = report.inputs.iter().find(|input| input.source == name);
    let path = PathBuf::from(name);
    if !path.exists() {
        return Err(Failure::unreadable(match name {
            "<stdin>" => {
                "the exchange was read from standard input; save the traffic in a file, and run `charter check` on the file".to_owned()
            }
            "examples" => "the exchange is a documented example of the contract, not of a recording".to_owned(),
            _ => format!("{name} does not exist; run the command in the folder where the report was made"),
        }));
    }
    let source = Source::File(path);
    let (mut found, digest) = match read(&source, index, None, arguments) {
        // The columns of a log are a setting of the contract.
        Err(ReadError::UnknownForm(_)) => {
            let folder = output::contract_folder(arguments.contract.contract.as_ref());
            let contract = output::load_schemas(&folder)
                .map_err(|code| Failure(format!("{name} may be a log, whose columns the contract names"), code))?;
            read(&source, index, contract.config().traffic.columns.as_ref(), arguments)
        }
        read => read,
    }
    .map_err(|error| {
        let remedy = error.remedy().map_or_else(String::new, |remedy| format!("; {remedy}"));
        Failure::unreadable(format!("{name}: {error}{remedy}"))
    })?;
    let changed = || Failure::unreadable(format!("{name} was changed after the report was made; run `charter check` again"));
    if let Some(expected) = input.and_then(|input| input.digest.as_ref())
        && digest.as_ref() != Some(expected)
    {
        return Err(changed());
    }
    match found.take() {
        Some(Ok(exchange)) => Ok(exchange),
        Some(Err(message)) => Err(Failure::unreadable(format!(
            "{name}: entry {index} cannot be read as an exchange: {message}; `charter check {name}` shows the finding"
        ))),
        None => Err(changed()),
    }
}

/// Whether an exchange has parts that a HAR has no place for: masked locations, bodies that were not recorded, refusals that a request
/// provokes, and the fact that a request had no credentials. A HAR without credentials may have been cleaned.
fn is_more_than_har(exchange: &Exchange) -> bool {
    let messages =
        [exchange.request.as_ref().map(|request| &request.message), exchange.response.as_ref().map(|response| &response.message)];
    let is_partial = |message: &Message| matches!(message.body, Body::Digest { .. } | Body::Truncated);
    let has_no_credentials =
        |request: &Request| request.headers().complete && !request.headers().fields.iter().any(|(name, _)| is_secret(name));
    !exchange.masked.is_empty()
        || exchange.provoked.is_some()
        || exchange.request.as_ref().is_some_and(has_no_credentials)
        || messages.into_iter().flatten().any(is_partial)
}

type Found = Option<Result<Exchange, String>>;

/// The entry with an index, and the checksum of the source.
fn read(
    source: &Source,
    index: usize,
    columns: Option<&TrafficColumns>,
    arguments: &Extract,
) -> Result<(Found, Option<String>), ReadError> {
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let mut found = None;
    let summary = read_known(source, &limits, &Forms { accepts_bare: true, columns }, &mut |entry| {
        match entry {
            Ok(exchange) if exchange.origin.index == index => found = Some(Ok(exchange)),
            Err(error) if error.index == index => found = Some(Err(error.to_string())),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok((found, summary.digest))
}

fn form(arguments: &Extract) -> Option<Form> {
    match arguments.output.extension() {
        Some("har") => Some(Form::Har),
        Some("ndjson" | "jsonl") => Some(Form::Ndjson),
        _ => None,
    }
}

fn write(exchanges: &[Exchange], arguments: &Extract) -> Result<(), Failure> {
    let path = &arguments.output;
    let written = match (form(arguments), exchanges) {
        (_, [.., exchange]) if exchange.bare => {
            if form(arguments).is_some() {
                return Err(Failure::usage("the exchange is a body without a request; give a file such as `-o one.json`".to_owned()));
            }
            let body = exchange.bare_body().unwrap_or_default();
            output::write_with(path, |out| out.write_all(body))
        }
        (Some(form), exchanges) => output::write_with(path, |out| converted(out, form, exchanges)),
        (None, _) => {
            return Err(Failure::usage(format!("the form of {path} is not known; give a file that ends with .har, .ndjson or .jsonl")));
        }
    };
    written.map_err(|error| Failure::unreadable(format!("cannot write {path}: {error}")))
}

fn converted(out: &mut dyn Write, form: Form, exchanges: &[Exchange]) -> io::Result<()> {
    let mut converter = Converter::new(out, form)?;
    for exchange in exchanges {
        converter.write(exchange)?;
    }
    converter.finish().map(|_| ())
}
