//! `bench`: writes a corpus of runs, or runs the workspace's benchmark on one.

use std::io::{self, BufWriter, Write};
use std::process::Command;

use camino::Utf8Path;
use charter_simulator::{Corpus, corpus};

use crate::arguments::Bench;
use charter_cli::{exit, output};

pub(crate) fn run(arguments: &Bench) -> u8 {
    match &arguments.corpus {
        Some(path) => write(path, arguments),
        None => measure(arguments),
    }
}

fn write(path: &Utf8Path, arguments: &Bench) -> u8 {
    let mut bodies = corpus(arguments.seed).broken(arguments.broken);
    if arguments.exchanges {
        bodies = bodies.exchanges();
    }
    if let Some(size) = arguments.body_size {
        bodies = bodies.sized(usize::try_from(size.0).unwrap_or(usize::MAX));
    }
    let written = if path == "-" {
        let mut out = BufWriter::new(io::stdout().lock());
        lines(bodies, arguments.size.0, &mut out).and_then(|counts| out.flush().map(|()| counts))
    } else {
        let mut counts = Written::default();
        output::write_with(path, |out| {
            counts = lines(bodies, arguments.size.0, out)?;
            Ok(())
        })
        .map(|()| counts)
    };
    match written {
        Ok(Written { bodies, broken, bytes }) => {
            output::message(&format!("{path}: {bodies} runs, {broken} of them broken, {bytes} bytes"));
            exit::SUCCESS
        }
        // The reader of the pipe has stopped.
        Err(error) if path == "-" && error.kind() == io::ErrorKind::BrokenPipe => exit::SUCCESS,
        Err(error) => {
            output::message(&format!("error: cannot write {path}: {error}"));
            exit::UNREADABLE
        }
    }
}

#[derive(Default)]
struct Written {
    bodies: u64,
    broken: u64,
    bytes: u64,
}

fn lines(bodies: Corpus, size: u64, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    for specimen in bodies {
        if written.bytes >= size {
            break;
        }
        out.write_all(specimen.body.as_bytes())?;
        out.write_all(b"\n")?;
        written.bodies += 1;
        written.broken += u64::from(specimen.fault.is_some());
        written.bytes += specimen.body.len() as u64 + 1;
    }
    Ok(written)
}

/// Runs the benchmark with cargo, because the libraries it compares with are dependencies of the benchmark only.
fn measure(arguments: &Bench) -> u8 {
    let number = |name: &str, value: u64| [format!("--{name}"), value.to_string()];
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["bench", "--package", "charter-contract-tests", "--bench", "ladder", "--profile", "measured", "--"]);
    command.args(number("size", arguments.size.0)).args(number("seed", arguments.seed)).args(number("rounds", arguments.rounds.into()));
    command.args(number("broken", arguments.broken.into()));
    if let Some(size) = arguments.body_size {
        command.args(number("body-size", size.0));
    }
    if arguments.instructions {
        command.arg("--instructions");
    }
    if arguments.sizes {
        command.arg("--sizes");
    }
    for report in &arguments.report {
        // The benchmark runs in the folder of its package.
        let (format, file) = report.split_once('=').unwrap_or((report, ""));
        let file = std::path::absolute(file).unwrap_or_else(|_| file.into());
        command.arg("--report").arg(format!("{format}={}", file.display()));
    }
    match command.status() {
        Ok(status) if status.success() => exit::SUCCESS,
        Ok(_) => {
            output::message("error: the benchmark failed; see its output above");
            exit::UNREADABLE
        }
        Err(error) => {
            output::message(&format!("error: cannot run cargo, which builds the benchmark: {error}"));
            exit::UNREADABLE
        }
    }
}
