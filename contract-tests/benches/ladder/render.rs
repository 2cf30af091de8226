//! The figures as a table, as JSON and as a chart.

use std::fmt::Write;

use serde_json::json;

use crate::further::Size;
use crate::installed::Installed;
use crate::rungs::rules_of_the_peer;
use crate::{Figure, Setting};

pub(crate) fn markdown(setting: &Setting, figures: &[Figure]) -> String {
    let arguments = &setting.arguments;
    let mut out = format!(
        "{} runs, {:.1} MB, seed {}, {} % with violations; one thread, CPU time, median of {} rounds; built for {}.\n\n",
        setting.runs,
        setting.bytes as f64 / 1e6,
        arguments.seed,
        arguments.broken,
        arguments.rounds,
        target(),
    );
    let counted = figures.iter().any(|figure| figure.instructions_per_byte.is_some());
    out.push_str("| what | ratio | µs a run | MB/s |");
    out.push_str(if counted {
        " instructions a byte | accepted |\n|---|--:|--:|--:|--:|--:|\n"
    } else {
        " accepted |\n|---|--:|--:|--:|--:|\n"
    });
    for figure in figures {
        let Figure { does, ratio, microseconds_per_run, nanoseconds_per_byte, accepted, read, .. } = figure;
        // Writing to a string does not fail.
        let _ = write!(out, "| {does} | {ratio:.2} | {microseconds_per_run:.2} | {:.0} |", 1e3 / nanoseconds_per_byte);
        if counted {
            let _ = write!(out, " {} |", figure.instructions_per_byte.map_or_else(String::new, |count| format!("{count:.1}")));
        }
        let _ = writeln!(out, " {:.1} % |", 100.0 * *accepted as f64 / *read as f64);
    }
    if let Some(times) = setting.two_threads {
        let _ = writeln!(out, "\nAll of `check` on two threads is {times:.2} times as fast as on one thread, in wall-clock time.");
    }
    if let Some(speed) = setting.broken_speed {
        let _ = writeln!(
            out,
            "\nIf one document in a hundred has a violation, all of `check` has {speed:.2} of its speed, in the same run, in CPU time."
        );
    }
    out.push_str("\nThe installed command, which has no compiled reader. All of `check`, relative to a syntax pass of the same bytes by sonic-rs; programs and plans decide an exchange without the reference path:\n\n");
    out.push_str(
        "| input | ratio | µs an exchange | decided | 1 % with violations, speed | two threads, speed |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for Installed { name, ratio, microseconds, decided, broken_speed, two_threads, .. } in &setting.installed {
        let two_threads = two_threads.map_or_else(String::new, |times| format!("{times:.2}"));
        let _ = writeln!(out, "| {name} | {ratio:.2} | {microseconds:.1} | {:.1} % | {broken_speed:.2} | {two_threads} |", 100.0 * decided);
    }
    let (rules, all) = rules_of_the_peer();
    let _ =
        writeln!(out, "\nThe `cel` crate alone can evaluate {rules} of the contract's {all} rules, so it is measured on these {rules}.");
    if !setting.sizes.is_empty() {
        out.push_str(
            "\n| bytes a run | syntax, µs a run | compiled reader, µs a run | ratio | MB/s | all of `check`, µs a run | ratio | MB/s |\n",
        );
        out.push_str("|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    }
    for Size { bytes, microseconds_per_run: [syntax, compiled, check] } in &setting.sizes {
        let _ = write!(out, "| {bytes:.0} | {syntax:.2} |");
        for time in [compiled, check] {
            let _ = write!(out, " {time:.2} | {:.2} | {:.0} |", time / syntax, bytes / time);
        }
        out.push('\n');
    }
    out
}

/// The target and its features at compile time.
fn target() -> String {
    let features =
        [("avx512bw", cfg!(target_feature = "avx512bw")), ("avx2", cfg!(target_feature = "avx2")), ("bmi2", cfg!(target_feature = "bmi2"))];
    let known: Vec<&str> = features.iter().filter(|(_, known)| *known).map(|(name, _)| *name).collect();
    let known = if known.is_empty() { "any machine".to_owned() } else { known.join(", ") };
    format!("{}, {known}", std::env::consts::ARCH)
}

pub(crate) fn json(setting: &Setting, figures: &[Figure]) -> String {
    let (rules, all) = rules_of_the_peer();
    let rungs: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({
                "name": figure.name, "does": figure.does, "ratio": figure.ratio, "microsecondsPerRun": figure.microseconds_per_run,
                "nanosecondsPerByte": figure.nanoseconds_per_byte, "instructionsPerByte": figure.instructions_per_byte,
                "accepted": figure.accepted, "lookedAt": figure.read,
            })
        })
        .collect();
    let sizes: Vec<_> = setting
        .sizes
        .iter()
        .map(|Size { bytes, microseconds_per_run: [syntax, compiled, check] }| {
            json!({ "bytesPerRun": bytes, "microsecondsPerRun": { "syntax": syntax, "compiled": compiled, "check": check } })
        })
        .collect();
    let installed: Vec<_> = setting
        .installed
        .iter()
        .map(|input| {
            json!({
                "name": input.name, "exchanges": input.exchanges, "ratio": input.ratio, "microseconds": input.microseconds, "decided": input.decided,
                "speedWithOneInAHundredBroken": input.broken_speed, "twoThreads": input.two_threads,
            })
        })
        .collect();
    let arguments = &setting.arguments;
    let report = json!({
        "runs": setting.runs, "bytes": setting.bytes, "seed": arguments.seed, "broken": arguments.broken, "rounds": arguments.rounds,
        "target": target(), "twoThreads": setting.two_threads, "speedWithOneInAHundredBroken": setting.broken_speed, "sizes": sizes, "installed": installed, "rules": all, "rulesOfThePeer": rules, "rungs": rungs,
    });
    format!("{report:#}\n")
}

/// Bars on a logarithmic scale, because the costs differ by orders of magnitude.
pub(crate) fn svg(setting: &Setting, figures: &[Figure]) -> String {
    const LEFT: f64 = 190.0;
    const BAR: f64 = 420.0;
    const STEP: f64 = 26.0;
    let ratios = figures.iter().map(|figure| figure.ratio);
    let (least, most) = ratios.fold((f64::MAX, f64::MIN), |(least, most), ratio| (least.min(ratio), most.max(ratio)));
    let (low, high) = (least.log10().floor(), most.log10().ceil());
    let place = |ratio: f64| LEFT + BAR * (ratio.log10() - low) / (high - low);
    let height = STEP * figures.len() as f64 + 70.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>CPU time relative to a syntax pass</title>\n<rect width=\"700\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">CPU time, syntax pass of sonic-rs = 1 ({:.0} MB of runs)</text>\n",
        setting.bytes as f64 / 1e6
    );
    let bottom = 34.0 + STEP * figures.len() as f64;
    for power in low as i32..=high as i32 {
        let x = place(10f64.powi(power));
        let _ = writeln!(out, "<line x1=\"{x:.1}\" y1=\"30\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(out, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{}</text>", bottom + 16.0, 10f64.powi(power));
    }
    for (at, figure) in figures.iter().enumerate() {
        let (y, end) = (34.0 + STEP * at as f64, place(figure.ratio));
        let colour = if figure.does.contains("charter") { "#2a6f97" } else { "#a9b4bd" };
        let _ = writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, y + 15.0, figure.name);
        let _ =
            writeln!(out, "<rect x=\"{LEFT}\" y=\"{}\" width=\"{:.1}\" height=\"18\" fill=\"{colour}\"/>", y + 2.0, (end - LEFT).max(1.0));
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{}\">{:.2}</text>", end + 6.0, y + 15.0, figure.ratio);
    }
    out.push_str("</svg>\n");
    out
}
