//! Further measurements in the same run: `check` on documents of which some have a violation, and documents of other sizes.

use charter_simulator::corpus;

use crate::arguments::Arguments;
use crate::rungs::{self, Lines, Rung};
use crate::{Corpus, clock, median};

/// The speed of `check` if one document in a hundred has a violation, relative to its speed without violations.
pub(crate) fn broken(whole: &Lines<'_>, arguments: &Arguments) -> std::io::Result<Option<f64>> {
    if arguments.broken > 0 {
        return Ok(None);
    }
    let other = Corpus::new(&Arguments { broken: 1, ..arguments.clone() })?;
    let other = other.lines();
    let each = |lines: &Lines<'_>| {
        let start = clock::thread_nanoseconds();
        std::hint::black_box(rungs::kept(lines, 1));
        clock::thread_nanoseconds() - start
    };
    let (mut of_whole, mut of_other): (Vec<u64>, Vec<u64>) = (0..arguments.rounds).map(|_| (each(whole), each(&other))).unzip();
    let speed = |lines: &Lines<'_>, times: &mut [u64]| lines.text.len() as f64 / median(times);
    Ok(Some(speed(&other, &mut of_other) / speed(whole, &mut of_whole)))
}

/// The cost of runs of one size.
pub(crate) struct Size {
    /// The average size.
    pub(crate) bytes: f64,
    /// The time of a syntax pass, of the compiled reader, and of `check`.
    pub(crate) microseconds_per_run: [f64; 3],
}

/// The approximate sizes of a run in bytes; 0 selects the shortest runs.
const SIZES: [usize; 6] = [0, 2_000, 20_000, 200_000, 2_000_000, 10_000_000];
/// The size of the corpus for each size of runs.
const BYTES: usize = 20_000_000;

/// Measures three rungs on runs of each size, in turn.
pub(crate) fn sizes(rungs: &[Rung], arguments: &Arguments) -> std::io::Result<Vec<Size>> {
    let of = |size| {
        let arguments = Arguments { size: BYTES.min(arguments.size), body_size: Some(size), broken: 0, ..arguments.clone() };
        if size > 0 { Corpus::new(&arguments) } else { least(&arguments) }
    };
    let corpora = SIZES.into_iter().map(of).collect::<Result<Vec<_>, _>>()?;
    let names = [rungs::UNIT, "compiled", "check"];
    let sizes = corpora.iter().map(|corpus| {
        let lines = corpus.lines();
        let runs = lines.lines.len() as f64;
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..arguments.rounds {
            for (name, times) in names.iter().zip(&mut times) {
                for rung in rungs.iter().filter(|rung| rung.name == *name) {
                    let start = clock::thread_nanoseconds();
                    std::hint::black_box((rung.pass)(&lines));
                    times.push(clock::thread_nanoseconds() - start);
                }
            }
        }
        Size { bytes: lines.text.len() as f64 / runs, microseconds_per_run: times.map(|mut times| median(&mut times) / runs / 1e3) }
    });
    Ok(sizes.collect())
}

/// A corpus of the shortest runs.
fn least(arguments: &Arguments) -> std::io::Result<Corpus> {
    let bodies = || corpus(arguments.seed).sized(0).map(|specimen| specimen.body);
    let shortest = bodies().take(1_000).map(|body| body.len()).min().unwrap_or_default();
    // There are few such short runs, so they are repeated.
    let few: Vec<String> = bodies().take(10_000).filter(|body| body.len() <= shortest + shortest / 10).collect();
    let mut text = Vec::with_capacity(arguments.size + shortest);
    for body in few.iter().cycle() {
        if text.len() >= arguments.size {
            break;
        }
        text.extend_from_slice(body.as_bytes());
        text.push(b'\n');
    }
    Corpus::of(text)
}
