//! The report for terminals: findings by group, their number by id, what was not judged, coverage, and a summary line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use charter_contract::invariant::{PromiseKind, Severity};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::finding::FindingKind;
use crate::model::{Group, INCOMPLETE, Report, Sample, UNREADABLE};
use crate::render::{RenderError, RenderOptions, ReportFormat, TextOptions};
use crate::reproduce::{curl, extract_command};
use crate::snippet::{counted, snippet};

/// Maximum number of rules that the note lists.
const NAMED: usize = 5;

/// Maximum number of carets under an excerpt.
const CARETS: usize = 60;
/// The columns before an excerpt.
const MARGIN: usize = 8;
/// The narrowest excerpt.
const NARROWEST: usize = 24;
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
        Ok(out.write_all(render_with(report, options).as_bytes())?)
    }
}

/// Renders the report as text.
pub fn render(report: &Report, options: TextOptions) -> String {
    render_with(report, &RenderOptions::default().with_text(options))
}

fn render_with(report: &Report, all: &RenderOptions) -> String {
    let options = all.text;
    let mut text = String::new();
    let mut groups: Vec<&Group> = report.groups.iter().filter(|group| options.verbose || group.accepted.is_none()).collect();
    // Errors come first; within a severity, groups are in input order.
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    let shown = if options.verbose { groups.len() } else { groups.len().min(GROUPS) };
    for group in &groups[..shown] {
        let _ = render_group(&mut text, group, all);
    }
    if shown < groups.len() {
        let _ = writeln!(text, "… and {} more groups of findings (-v shows all)\n", groups.len() - shown);
    }
    let _ = render_ids(&mut text, &groups, options);
    let _ = render_inputs(&mut text, report, options);
    let _ = render_forms(&mut text, report, options);
    let _ = render_rules(&mut text, report, options);
    let _ = render_baseline(&mut text, report, options);
    let _ = render_coverage(&mut text, report, options);
    let _ = render_not_judged(&mut text, report, options);
    let _ = render_summary(&mut text, report, options);
    text
}

fn render_group(text: &mut String, group: &Group, all: &RenderOptions) -> std::fmt::Result {
    let options = all.text;
    let (word, colour) = severity(group.severity);
    let about_body = matches!(group.kind, FindingKind::Schema | FindingKind::Invariant);
    let headline = group.samples.first().map(|sample| headline(sample, about_body)).unwrap_or_default();
    let name = format!("{word}[{}]", id(group));
    writeln!(text, "{}: {}{}", paint(&name, colour, options), paint(&headline, "1", options), times(group.count))?;
    for sample in &group.samples {
        render_sample(text, sample, &headline, about_body, options)?;
    }
    if group.count > group.shown {
        writeln!(text, "  … and {} more (--samples all shows them)", group.count - group.shown)?;
    }
    let kind = match group.promise.kind {
        PromiseKind::Documented => "promised by",
        PromiseKind::Implied => "implied by",
    };
    writeln!(text, "  = {kind} {}", printable(&group.promise.where_))?;
    if let Some(location) = group.absolute_keyword_location.as_ref().filter(|location| **location != group.promise.where_) {
        writeln!(text, "  = see also {}", printable(location))?;
    }
    if let Some(request) = group.samples.iter().find_map(curl).filter(|_| options.verbose) {
        writeln!(text, "  = request  {}", printable(&request))?;
    }
    // Without a JSON report there is nothing to extract from.
    if all.run.json_report.is_some() {
        writeln!(text, "  = extract  {}", printable(&extract_command(group, all)))?;
    }
    writeln!(text)
}

/// The word for a severity and its colour.
fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
    }
}

/// The id that `explain` explains.
fn id(group: &Group) -> String {
    group.rule.clone().or_else(|| Some(format!("schema.{}", group.keyword.as_deref()?))).unwrap_or_default()
}

/// The instance location and the message of a finding.
fn headline(sample: &Sample, about_body: bool) -> String {
    let at = match (&*sample.instance_location, about_body) {
        (_, false) => String::new(),
        ("", true) => "the body: ".to_owned(),
        (pointer, true) => format!("{pointer}: "),
    };
    format!("{}{}", printable(&at), printable(&sample.message))
}

fn render_sample(text: &mut String, sample: &Sample, headline: &str, about_body: bool, options: TextOptions) -> std::fmt::Result {
    let place = match &sample.position {
        Some(position) => format!("{}:{}:{}", sample.exchange.source, position.line, position.column),
        // A finding without a position is shown at the start of its exchange.
        None => match (sample.exchange.line, sample.exchange.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", sample.exchange.source),
            (Some(line), None) => format!("{}:{line}", sample.exchange.source),
            (None, _) => sample.exchange.source.clone(),
        },
    };
    let place = printable(&place);
    let exchange = match (&sample.exchange.url, sample.exchange.status) {
        (Some(url), Some(status)) => {
            let before = format!(" (exchange {}: {status} from ", sample.exchange.index);
            // "  --> " and the parenthesis.
            let used = place.width() + before.width() + 7;
            let room = options.width.map(|width| usize::from(width).saturating_sub(used).max(NARROWEST));
            format!("{before}{})", shortened(printable(url), room))
        }
        _ => format!(" (exchange {})", sample.exchange.index),
    };
    writeln!(text, "  {} {place}{exchange}", paint("-->", "34", options))?;
    let own = self::headline(sample, about_body);
    if own != headline {
        writeln!(text, "      {}", paint(&own, "1", options))?;
    }
    if let Some(excerpt) = &sample.excerpt {
        render_excerpt(text, excerpt, sample.caret.map(|caret| (caret.start, caret.length)), options)?;
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
        let earlier = format!("{} at {at} ({source}{line})", snippet(&previous["found"]));
        writeln!(text, "      earlier  {}", printable(&earlier))?;
    }
    if let Some(branch) = &sample.branch {
        writeln!(text, "      closest  {}", printable(branch))?;
    }
    Ok(())
}

/// A text within a number of columns; what is cut is marked.
fn shortened(text: String, room: Option<usize>) -> String {
    let Some(room) = room.filter(|room| text.width() > *room) else { return text };
    let mut columns = 0;
    let fits = |character: &char| {
        columns += character.width().unwrap_or(0);
        columns < room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The excerpt within the width of the terminal, and carets under the value, which is visible.
fn render_excerpt(text: &mut String, excerpt: &str, caret: Option<(usize, usize)>, options: TextOptions) -> std::fmt::Result {
    // Escaped control characters are longer, and characters of East Asian scripts take two columns.
    let mut shown: Vec<(String, usize)> = excerpt
        .chars()
        .map(|character| {
            let part = printable(character.encode_utf8(&mut [0; 4]));
            let width = part.width();
            (part, width)
        })
        .collect();
    let (mut start, length) = caret.unwrap_or_default();
    start = start.min(shown.len());
    let columns = |part: &[(String, usize)]| part.iter().map(|(_, width)| width).sum::<usize>();
    if let Some(width) = options.width.map(|width| usize::from(width).saturating_sub(MARGIN).max(NARROWEST)) {
        // The value begins at the middle at the latest; what is cut is marked.
        let mut from = 0;
        if columns(&shown) > width {
            while columns(&shown[from..start]) > width / 2 {
                from += 1;
            }
        }
        if from > 0 {
            shown.drain(..=from.min(shown.len() - 1));
            shown.insert(0, ("…".to_owned(), 1));
            start -= from;
        }
        if columns(&shown) > width {
            while columns(&shown) >= width {
                shown.pop();
            }
            shown.push(("…".to_owned(), 1));
        }
    }
    let line: String = shown.iter().map(|(part, _)| part.as_str()).collect();
    writeln!(text, "      | {}", line.trim_end())?;
    if caret.is_some() {
        let start = start.min(shown.len());
        let end = (start + length).min(shown.len());
        let (before, under) = (columns(&shown[..start]), columns(&shown[start..end]).clamp(1, CARETS));
        writeln!(text, "      | {}{}", " ".repeat(before), paint(&"^".repeat(under), "31", options))?;
    }
    Ok(())
}

/// The number of findings by id, if there are several ids.
fn render_ids(text: &mut String, groups: &[&Group], options: TextOptions) -> std::fmt::Result {
    let mut ids: BTreeMap<(std::cmp::Reverse<Severity>, String), u64> = BTreeMap::new();
    for group in groups {
        *ids.entry((std::cmp::Reverse(group.severity), id(group))).or_default() += group.count;
    }
    if ids.len() < 2 {
        return Ok(());
    }
    for ((std::cmp::Reverse(of), id), count) in &ids {
        let (word, colour) = severity(*of);
        writeln!(text, "{count:>6} {} {id}", paint(&format!("{word:<7}"), colour, options))?;
    }
    writeln!(text)
}

fn render_inputs(text: &mut String, report: &Report, options: TextOptions) -> std::fmt::Result {
    let failed: Vec<_> = report.inputs.iter().filter_map(|input| Some((input, input.trouble()?, input.error.as_ref()?))).collect();
    for (input, trouble, error) in &failed {
        writeln!(text, "{}: {}: {}", paint(trouble, "31", options), printable(&input.source), printable(error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(excerpt: &str, caret: (usize, usize), width: Option<u16>) -> Vec<String> {
        let mut text = String::new();
        let options = TextOptions::default().with_width(width);
        render_excerpt(&mut text, excerpt, Some(caret), options).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    /// The text above the carets.
    fn marked(lines: &[String]) -> String {
        let (from, to) = (lines[1].find('^').expect("a caret"), lines[1].len());
        let mut at = 0;
        let under = lines[0].chars().filter(|character| {
            let width = character.to_string().width();
            at += width;
            at > from && at - width < to
        });
        under.collect()
    }

    #[test]
    fn an_excerpt_fits_the_terminal_and_the_carets_are_under_the_value() {
        let text = format!("{}\"rank\":1.5,{}", "a".repeat(50), "b".repeat(50));
        let whole = excerpt(&text, (57, 3), None);
        assert!(whole[0].ends_with(&text) && marked(&whole) == "1.5", "{whole:?}");
        for width in [40, 60, 80, 100] {
            let cut = excerpt(&text, (57, 3), Some(width));
            assert!(cut[0].width() <= usize::from(width), "{cut:?}");
            assert!(cut[0].starts_with("      | …") && marked(&cut) == "1.5", "{cut:?}");
            assert!(cut[0].ends_with('…'), "{cut:?}");
        }
        let wide = excerpt(&text, (57, 3), Some(200));
        assert_eq!(wide, whole);
    }

    #[test]
    fn wide_characters_and_escaped_ones_keep_the_carets_under_the_value() {
        let lines = excerpt("\"名前\":\"東京\"", (6, 2), None);
        assert_eq!(marked(&lines), "東京");
        let lines = excerpt("\u{7}\"a\":1", (5, 1), None);
        assert_eq!(marked(&lines), "1");
        for width in [30, 31] {
            assert_eq!(marked(&excerpt(&format!("{}\"東京\"{}", "前".repeat(40), "後".repeat(40)), (41, 2), Some(width))), "東京");
        }
    }

    #[test]
    fn a_long_url_fits_the_terminal() {
        let exchange = crate::model::ExchangeInfo {
            source: "a.har".to_owned(),
            index: 0,
            line: Some(1),
            column: Some(1),
            url: Some(format!("https://a.example/{}", "東".repeat(100))),
            status: Some(200),
            method: None,
        };
        let group = crate::testing::group("a", Severity::Error, vec![Sample::new(exchange, "m")]);
        let report = crate::testing::report(Vec::new(), vec![group]);
        let place = |width: Option<u16>| {
            let text = render(&report, TextOptions::default().with_width(width));
            text.lines().find(|line| line.contains("-->")).expect("a place").to_owned()
        };
        for width in [70, 71, 80, 120] {
            let line = place(Some(width));
            assert!(line.ends_with("…)") && (width - 1..=width).contains(&(line.width() as u16)), "{width}: {line}");
        }
        assert!(place(None).ends_with("東)") && place(Some(300)).ends_with("東)"));
    }

    /// The name of a file and a URL are input, too.
    #[test]
    fn a_recording_cannot_control_the_terminal() {
        let control = "\u{1b}[31m";
        let exchange = crate::model::ExchangeInfo {
            source: format!("a{control}.har"),
            index: 0,
            line: None,
            column: None,
            url: Some(format!("https://a.example/{control}")),
            status: Some(200),
            method: None,
        };
        let mut sample = Sample::new(exchange, control);
        sample.branch = Some(control.to_owned());
        let mut group = crate::testing::group("a", Severity::Error, vec![sample]);
        group.promise.where_ = control.to_owned();
        let report = crate::testing::report(Vec::new(), vec![group]);
        let text = render(&report, TextOptions::default());
        assert!(text.contains("\\u{1b}[31m") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn ids_are_counted_if_there_are_several() {
        let count = |groups: &[Group]| {
            let mut text = String::new();
            render_ids(&mut text, &groups.iter().collect::<Vec<_>>(), TextOptions::default()).expect("text");
            text
        };
        let mut rule = crate::testing::group("b", Severity::Warning, Vec::new());
        (rule.rule, rule.count) = (Some("order.paid".to_owned()), 12);
        let mut schema = crate::testing::group("a", Severity::Error, Vec::new());
        schema.count = 3;
        assert_eq!(count(&[schema.clone()]), "");
        assert_eq!(count(&[rule, schema]), "     3 error   schema.type\n    12 warning order.paid\n\n");
    }
}
