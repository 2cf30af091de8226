//! The report for terminals: findings by group, what was not judged, coverage, and a summary line.

use std::fmt::Write as _;
use std::io::Write;

use charter_contract::invariant::{PromiseKind, Severity};

use crate::finding::FindingKind;
use crate::model::{Group, INCOMPLETE, Report, Sample, UNREADABLE};
use crate::render::{RenderError, RenderOptions, ReportFormat, TextOptions};
use crate::snippet::{counted, snippet};

/// Maximum number of rules that the note lists.
const NAMED: usize = 5;

/// Maximum number of carets under an excerpt.
const CARETS: usize = 60;
/// Number of cases never seen that are listed without `-v`.
const MISSING: usize = 3;
/// Number of groups that are shown without `-v`.
const GROUPS: usize = 40;

/// The format `text`.
#[derive(Debug)]
pub(super) struct Text;

impl ReportFormat for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn help(&self) -> &'static str {
        "Findings, coverage and a summary line, for terminals"
    }

    fn is_for_terminals(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report, options.text).as_bytes())?)
    }
}

/// Renders the report as text.
pub fn render(report: &Report, options: TextOptions) -> String {
    let mut text = String::new();
    let mut groups: Vec<&Group> = report.groups.iter().filter(|group| options.verbose || group.accepted.is_none()).collect();
    // Errors come first; within a severity, groups are in input order.
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    let shown = if options.verbose { groups.len() } else { groups.len().min(GROUPS) };
    for group in &groups[..shown] {
        let _ = render_group(&mut text, group, options);
    }
    if shown < groups.len() {
        let _ = writeln!(text, "… and {} more groups of findings (-v shows all)\n", groups.len() - shown);
    }
    let _ = render_inputs(&mut text, report, options);
    let _ = render_forms(&mut text, report, options);
    let _ = render_rules(&mut text, report, options);
    let _ = render_baseline(&mut text, report, options);
    let _ = render_coverage(&mut text, report, options);
    let _ = render_not_judged(&mut text, report, options);
    let _ = render_summary(&mut text, report, options);
    text
}

fn render_group(text: &mut String, group: &Group, options: TextOptions) -> std::fmt::Result {
    let (word, colour) = match group.severity {
        Severity::Error => ("error", "31"),
        Severity::Warning => ("warning", "33"),
    };
    let name = group.rule.clone().or_else(|| Some(format!("schema.{}", group.keyword.as_deref()?))).unwrap_or_default();
    writeln!(text, "{}: {name}{}", paint(word, colour, options), times(group.count))?;
    let kind = match group.promise.kind {
        PromiseKind::Documented => "promised by",
        PromiseKind::Implied => "implied by",
    };
    writeln!(text, "  {kind} {}", group.promise.where_)?;
    if let Some(location) = group.absolute_keyword_location.as_ref().filter(|location| **location != group.promise.where_) {
        writeln!(text, "  see also {location}")?;
    }
    for sample in &group.samples {
        render_sample(text, sample, matches!(group.kind, FindingKind::Schema | FindingKind::Invariant), options)?;
    }
    if group.count > group.shown {
        writeln!(text, "  … and {} more (--samples all shows them)", group.count - group.shown)?;
    }
    writeln!(text)
}

fn render_sample(text: &mut String, sample: &Sample, about_body: bool, options: TextOptions) -> std::fmt::Result {
    let place = match &sample.position {
        Some(position) => format!("{}:{}:{}", sample.exchange.source, position.line, position.column),
        // A finding without a position is shown at the start of its exchange.
        None => match (sample.exchange.line, sample.exchange.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", sample.exchange.source),
            (Some(line), None) => format!("{}:{line}", sample.exchange.source),
            (None, _) => sample.exchange.source.clone(),
        },
    };
    let exchange = match (&sample.exchange.url, sample.exchange.status) {
        (Some(url), Some(status)) => format!(" (exchange {}: {status} from {url})", sample.exchange.index),
        _ => format!(" (exchange {})", sample.exchange.index),
    };
    writeln!(text, "  {} {place}{exchange}", paint("-->", "34", options))?;
    let at = match (&*sample.instance_location, about_body) {
        (_, false) => String::new(),
        ("", true) => "the body: ".to_owned(),
        (pointer, true) => format!("{pointer}: "),
    };
    writeln!(text, "      {}{}", paint(&at, "1", options), printable(&sample.message))?;
    if let Some(excerpt) = &sample.excerpt {
        writeln!(text, "      | {}", printable(excerpt))?;
        if let Some(caret) = sample.caret {
            // Escaped control characters are longer.
            let width =
                |from: usize, length: usize| printable(&excerpt.chars().skip(from).take(length).collect::<String>()).chars().count();
            let (before, under) = (width(0, caret.start), width(caret.start, caret.length).clamp(1, CARETS));
            writeln!(text, "      | {}{}", " ".repeat(before), paint(&"^".repeat(under), "31", options))?;
        }
    }
    // Other findings have all information in the message.
    if about_body || !sample.found_absent {
        let found = if sample.found_absent {
            "nothing".to_owned()
        } else if sample.found_truncated {
            sample.found.as_str().map(|text| format!("{}…", &text[..text.floor_char_boundary(60)])).unwrap_or_default()
        } else {
            snippet(&sample.found)
        };
        writeln!(text, "      found    {}", printable(&found))?;
    }
    if !sample.promised.is_empty() {
        writeln!(text, "      expected {}", printable(&sample.promised))?;
    }
    if let Some(previous) = &sample.previous {
        let source = previous["source"].as_str().unwrap_or_default();
        let line = previous["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        let at = previous["startedDateTime"].as_str().unwrap_or_default();
        writeln!(text, "      earlier  {} at {at} ({source}{line})", printable(&snippet(&previous["found"])))?;
    }
    if let Some(branch) = &sample.branch {
        writeln!(text, "      closest  {branch}")?;
    }
    Ok(())
}

fn render_inputs(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    let failed: Vec<_> = report.inputs.iter().filter_map(|input| Some((input, input.trouble()?, input.error.as_ref()?))).collect();
    for (input, trouble, error) in &failed {
        writeln!(text, "{}: {}: {}", paint(trouble, "31", options), input.source, printable(error))?;
    }
    if failed.is_empty() { Ok(()) } else { writeln!(text) }
}

/// The files that were skipped, and the operation of bare bodies.
fn render_forms(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    if let Some(operation) = &report.assumed_operation {
        writeln!(
            text,
            "{}: bodies were checked as responses of {operation}, the only operation with a JSON response\n",
            paint("note", "36", options)
        )?;
    }
    let skipped_files = &report.skipped_files;
    if skipped_files.is_empty() {
        return Ok(());
    }
    let files = counted(skipped_files.len() as u64, "file");
    let hint = if options.verbose { ":" } else { " (-v lists them)" };
    writeln!(text, "{}: {files} of the folder skipped{hint}", paint("note", "36", options))?;
    for file in skipped_files.iter().filter(|_| options.verbose) {
        writeln!(text, "  {}: {}", printable(&file.source), printable(&file.reason))?;
    }
    writeln!(text)
}

fn render_rules(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    for rule in report.rules.iter().filter(|rule| rule.errored > 0) {
        writeln!(text, "{}: the rule {} could not be evaluated{}", paint("defect", "31", options), rule.id, times(rule.errored))?;
        for reason in rule.reasons.keys() {
            writeln!(text, "      {}", printable(reason))?;
        }
    }
    if options.verbose {
        for rule in &report.rules {
            let reasons: Vec<String> = rule.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            let counts = format!(
                "passed {}, failed {}, vacuous {}, not applicable {}, blocked {}, errored {}",
                rule.passed, rule.failed, rule.vacuous, rule.not_applicable, rule.blocked, rule.errored
            );
            let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
            writeln!(text, "{}: {counts}{reasons}", rule.id)?;
        }
        return writeln!(text);
    }
    let idle = report.rules.iter().filter(|rule| rule.severity == Some(Severity::Error) && rule.passed + rule.failed == 0);
    let idle: Vec<&str> = idle.map(|rule| rule.id.as_str()).collect();
    if !idle.is_empty() && !options.without_coverage && report.judged_anything() {
        let more = if idle.len() > NAMED { format!(" and {} more", idle.len() - NAMED) } else { String::new() };
        let named = idle.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let all = report.rules.iter().filter(|rule| rule.severity == Some(Severity::Error)).count();
        writeln!(
            text,
            "{}: {} of {all} error rules were never exercised: {named}{more} (-v lists every rule)",
            paint("note", "36", options),
            idle.len()
        )?;
        writeln!(text)?;
    }
    Ok(())
}

fn render_baseline(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    let Some(baseline) = &report.baseline else { return Ok(()) };
    for (entries, what) in
        [(&baseline.stale, "no longer occurs: remove it"), (&baseline.expired, "has expired: fix the finding, or review it again")]
    {
        for fingerprint in entries {
            writeln!(text, "{}: the entry {fingerprint} of the baseline {what}", paint("baseline", "33", options))?;
        }
    }
    writeln!(text, "baseline: {} accepted\n", counted(baseline.accepted, "finding"))
}

fn render_coverage(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    let coverage = &report.coverage;
    if options.without_coverage || !report.judged_anything() || coverage.reachable == 0 {
        return Ok(());
    }
    writeln!(text, "coverage: {:.1} %, {} of {} reachable cases", coverage.percent, coverage.covered, coverage.reachable)?;
    if options.verbose {
        for part in &coverage.parts {
            writeln!(text, "  {:<22} {:>5} of {:>5}", part.of, part.covered, part.reachable)?;
        }
    }
    let named = if options.verbose { coverage.missing.len() } else { MISSING.min(coverage.missing.len()) };
    for case in &coverage.missing[..named] {
        writeln!(text, "  never seen: {case}")?;
    }
    if named < coverage.missing.len() {
        writeln!(text, "  … and {} more (-v lists them)", coverage.missing.len() - named)?;
    }
    for entry in &coverage.unreachable {
        let stale = match (entry.known, entry.seen) {
            (false, _) => "is not a case of the contract: remove it",
            // A recording with violations may reach cases that are otherwise unreachable.
            (true, 1..) if report.summary.broken == 0 => "was seen: remove it",
            (true, _) if options.verbose => {
                writeln!(text, "  unreachable: {}: {}", entry.case, entry.reason)?;
                continue;
            }
            (true, _) => continue,
        };
        writeln!(text, "  {}: {} under `unreachable` in charter.toml {stale}", paint("stale", "33", options), entry.case)?;
    }
    writeln!(text)
}

/// What was not judged, by reason.
fn render_not_judged(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    if report.not_judged.is_empty() {
        return Ok(());
    }
    for entry in &report.not_judged {
        writeln!(text, "  {}: {}: {}{}", paint("not judged", "33", options), entry.part, printable(&entry.reason), times(entry.count))?;
    }
    writeln!(text)
}

fn render_summary(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    let summary = &report.summary;
    let verdict = match report.verdict() {
        "nothing was judged" => paint("nothing judged", "31", options),
        "the contract is kept" => paint("kept", "32", options),
        "the contract is broken" => paint("broken", "31", options),
        _ => paint("not all judged", "31", options),
    };
    let part = report.partition.as_ref().map(|part| format!(", part {part}")).unwrap_or_default();
    let inputs_with = |word| report.inputs.iter().filter(|input| input.trouble() == Some(word)).count();
    let troubles: Vec<String> = [UNREADABLE, INCOMPLETE]
        .into_iter()
        .filter(|word| inputs_with(word) > 0)
        .map(|word| format!("{} {word}", inputs_with(word)))
        .collect();
    let troubles = if troubles.is_empty() { String::new() } else { format!(" ({})", troubles.join(", ")) };
    let unjudged = if summary.unreadable == 0 { String::new() } else { format!(", {} not judged", summary.unreadable) };
    let refused = match summary.refused_requests {
        0 => String::new(),
        count => format!(", {} refused", counted(count, "wrong request")),
    };
    let out_of_scope = if summary.out_of_scope == 0 { String::new() } else { format!(", {} out of scope", summary.out_of_scope) };
    writeln!(
        text,
        "{verdict}{part}: {} from {}{troubles}: {} kept, {} broken{unjudged}{out_of_scope}{refused}; {}, {}{}",
        counted(summary.exchanges, "exchange"),
        counted(report.inputs.len() as u64, "input"),
        summary.kept,
        summary.broken,
        counted(summary.errors, "error"),
        counted(summary.warnings, "warning"),
        if report.complete { "" } else { ", cut short" },
    )
}

fn times(count: u64) -> String {
    if count == 1 { String::new() } else { format!(" ({count} times)") }
}

/// Escapes control and direction characters, so that a recording cannot control the terminal.
fn printable(text: &str) -> String {
    let hidden = |character: char| character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|character| if hidden(character) { character.escape_unicode().to_string() } else { character.to_string() }).collect()
}

fn paint(text: &str, colour: &str, options: TextOptions) -> String {
    if options.colour && !text.is_empty() { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}
