//! A ladder of measurements on one corpus, from finding newlines to a full check: the cost of each rung relative to a syntax pass.
//!
//! `cargo xtask bench` runs it, and so does `cargo bench -p charter-contract-tests --bench ladder --profile measured`. Each round measures
//! every rung once, in turn, in CPU time of one thread, so that a change of the machine's speed affects all of them. The figures are
//! medians of the rounds. Slow rungs read every tenth line.

mod arguments;
mod cel_rules;
mod clock;
mod foreign;
mod further;
mod installed;
mod instructions;
mod render;
mod rungs;

use std::process::ExitCode;

use arguments::Arguments;
use charter_simulator::corpus;
use rungs::{Lines, Rung};

/// A slow rung reads one line of this number.
const SLOW: usize = 10;

/// The result of a rung.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    pub(crate) nanoseconds_per_byte: f64,
    pub(crate) microseconds_per_run: f64,
    pub(crate) ratio: f64,
    pub(crate) accepted: usize,
    pub(crate) read: usize,
    pub(crate) instructions_per_byte: Option<f64>,
}

/// The corpus and the parameters of the measurement.
pub(crate) struct Setting {
    pub(crate) runs: usize,
    pub(crate) bytes: usize,
    pub(crate) arguments: Arguments,
    /// The speed of two threads relative to one; `None` on a machine with one core.
    pub(crate) two_threads: Option<f64>,
    /// The speed of `check` if one document in a hundred has a violation, relative to its speed without violations.
    pub(crate) broken_speed: Option<f64>,
    /// `check` in the installed command.
    pub(crate) installed: Vec<installed::Installed>,
    /// Runs of other sizes, if requested.
    pub(crate) sizes: Vec<further::Size>,
}

/// Runs, in memory and in a temporary file.
pub(crate) struct Corpus {
    text: Vec<u8>,
    file: tempfile::NamedTempFile,
}

impl Corpus {
    fn new(arguments: &Arguments) -> std::io::Result<Self> {
        Self::of(text(arguments))
    }

    fn of(text: Vec<u8>) -> std::io::Result<Self> {
        let file = tempfile::Builder::new().suffix(".ndjson").tempfile()?;
        std::fs::write(file.path(), &text)?;
        Ok(Self { text, file })
    }

    fn lines(&self) -> Lines<'_> {
        let lines = self.text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        Lines { file: self.file.path().to_str().unwrap_or_default(), text: &self.text, lines }
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
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: cannot write the corpus to a temporary file: {error}");
            ExitCode::from(3)
        }
    }
}

fn run(arguments: Arguments) -> std::io::Result<ExitCode> {
    let corpus = Corpus::new(&arguments)?;
    let lines = corpus.lines();
    let rungs = rungs::all();
    if let Some((name, passes)) = &arguments.only {
        let Some(rung) = rungs.iter().find(|rung| rung.name == name) else {
            eprintln!("error: unknown rung {name}");
            return Ok(ExitCode::from(2));
        };
        let accepted: usize = (0..*passes).map(|_| (rung.pass)(&lines)).sum();
        println!("{accepted}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut figures = measure(&rungs, &lines, arguments.rounds);
    if arguments.instructions {
        instructions::count(&mut figures, &arguments);
    }
    let setting = Setting {
        runs: lines.lines.len(),
        bytes: lines.text.len(),
        two_threads: two_threads(&lines, arguments.rounds),
        broken_speed: further::broken(&lines, &arguments)?,
        installed: installed::measure(rungs::installed(), &arguments)?,
        sizes: if arguments.sizes { further::sizes(&rungs, &arguments)? } else { Vec::new() },
        arguments,
    };
    print!("{}", render::markdown(&setting, &figures));
    for (format, file) in &setting.arguments.reports {
        let content = match format.as_str() {
            "json" => render::json(&setting, &figures),
            "svg" => render::svg(&setting, &figures),
            _ => render::markdown(&setting, &figures),
        };
        if let Err(error) = std::fs::write(file, content) {
            eprintln!("error: cannot write {file}: {error}");
            return Ok(ExitCode::from(3));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn text(arguments: &Arguments) -> Vec<u8> {
    let mut bodies = corpus(arguments.seed).broken(arguments.broken);
    if let Some(size) = arguments.body_size {
        bodies = bodies.sized(size);
    }
    let mut text = Vec::with_capacity(arguments.size + 16_384);
    for specimen in bodies {
        if text.len() >= arguments.size {
            break;
        }
        text.extend_from_slice(specimen.body.as_bytes());
        text.push(b'\n');
    }
    text
}

fn measure(rungs: &[Rung], lines: &Lines<'_>, rounds: usize) -> Vec<Figure> {
    let every_tenth = Lines { file: lines.file, text: lines.text, lines: lines.lines.iter().copied().step_by(SLOW).collect() };
    let taken = |rung: &Rung| if rung.slow { &every_tenth } else { lines };
    let mut times = vec![Vec::new(); rungs.len()];
    let mut accepted = vec![0; rungs.len()];
    for _ in 0..rounds {
        for (at, rung) in rungs.iter().enumerate() {
            let start = clock::thread_nanoseconds();
            accepted[at] = std::hint::black_box((rung.pass)(taken(rung)));
            times[at].push(clock::thread_nanoseconds() - start);
        }
    }
    let bytes = |lines: &Lines<'_>| lines.lines.iter().map(|line| line.len() + 1).sum::<usize>() as f64;
    let each: Vec<f64> = rungs.iter().zip(&mut times).map(|(rung, times)| median(times) / bytes(taken(rung))).collect();
    let unit = rungs.iter().zip(&each).find(|(rung, _)| rung.name == rungs::UNIT).map_or(f64::NAN, |(_, each)| *each);
    let per_run = bytes(lines) / lines.lines.len() as f64;
    let figure = |(at, rung): (usize, &Rung)| Figure {
        name: rung.name,
        does: rung.does,
        nanoseconds_per_byte: each[at],
        microseconds_per_run: each[at] * per_run / 1e3,
        ratio: each[at] / unit,
        accepted: accepted[at],
        read: taken(rung).lines.len(),
        instructions_per_byte: None,
    };
    rungs.iter().enumerate().map(figure).collect()
}

/// `check` on one thread and on two, in turn, in wall-clock time. On a busy machine the ratio is too small.
fn two_threads(lines: &Lines<'_>, rounds: usize) -> Option<f64> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return None;
    }
    let time = |jobs| {
        let start = std::time::Instant::now();
        std::hint::black_box(rungs::kept(lines, jobs));
        u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    };
    let (mut one, mut two): (Vec<u64>, Vec<u64>) = (0..rounds).map(|_| (time(1), time(2))).unzip();
    Some(median(&mut one) / median(&mut two))
}

fn median(times: &mut [u64]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2] as f64
}
