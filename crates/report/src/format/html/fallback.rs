//! The parts of the page that are markup: the facts about the run, and the first findings for readers without scripts.

use std::borrow::Cow;
use std::fmt::Write as _;

use charter_contract::invariant::Severity;

use crate::model::{Group, Report, Sample};
use crate::render::RenderOptions;
use crate::snippet::counted;

/// The number of findings that are markup.
const FINDINGS: usize = 50;

/// The title of the page.
pub(super) fn title(report: &Report, options: &RenderOptions) -> String {
    let of = options.run.title.as_deref().filter(|title| !title.is_empty()).unwrap_or("Contract report");
    escaped(&format!("{of}: {}", report.verdict())).into_owned()
}

/// The verdict and the facts about the run.
pub(super) fn head(report: &Report, options: &RenderOptions) -> String {
    let run = &options.run;
    let state = match report.verdict() {
        "the contract is kept" => "good",
        "the contract is broken" => "error",
        _ => "warning",
    };
    let mut verdict = report.verdict().to_owned();
    verdict[..1].make_ascii_uppercase();
    let mut text = String::new();
    let contract = [run.title.as_deref(), run.version.as_deref()].into_iter().flatten().filter(|text| !text.is_empty());
    let contract = contract.collect::<Vec<_>>().join(" ");
    let contract = if contract.is_empty() { "Contract report".to_owned() } else { contract };
    let _ = write!(text, "<p class=\"over\">{}</p><h1 class=\"{state}\" id=\"verdict\">{}</h1>", escaped(&contract), escaped(&verdict));
    let digest = report.contract.digest.get(..19).unwrap_or(&report.contract.digest);
    let exchanges = format!("{} from {}", counted(report.summary.exchanges, "exchange"), counted(report.inputs.len() as u64, "input"));
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    let mut facts = String::new();
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(facts, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value));
        }
    };
    fact("checked", Some(&exchanges));
    fact("date", run.date.as_deref());
    fact("revision", run.revision.as_deref());
    fact("contract", Some(digest));
    fact("program", Some(&tool));
    fact("partition", report.partition.as_deref());
    fact("state", (!report.complete).then_some("stopped before the end"));
    let _ = write!(text, "<dl class=\"run\">{facts}</dl>");
    if let Some(command) = &run.command {
        let _ = write!(text, "<p class=\"command\"><code>{}</code></p>", escaped(command));
    }
    text
}

/// The first findings: one of each group, errors first.
pub(super) fn findings(report: &Report, omitted: u64) -> String {
    let mut groups: Vec<&Group> = report.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    let mut text = String::new();
    for input in report.inputs.iter().take(FINDINGS) {
        if let (Some(trouble), Some(error)) = (input.trouble(), &input.error) {
            let (source, error) = (escaped(&input.source), escaped(error));
            let _ = write!(text, "<p class=\"card\"><span class=\"tag error\">{trouble}</span><code>{source}</code> {error}</p>");
        }
    }
    for group in groups.iter().take(FINDINGS) {
        if let Some(sample) = group.samples.first() {
            finding(&mut text, group, sample);
        }
    }
    let total = report.summary.errors + report.summary.warnings;
    let shown = groups.len().min(FINDINGS) as u64;
    if total > shown {
        let omitted = if omitted > 0 { format!(" {omitted} samples are only in the JSON report.") } else { String::new() };
        let _ =
            write!(text, "<p class=\"soft\">{} in all. A script of this page shows the others.{omitted}</p>", counted(total, "finding"));
    } else if groups.is_empty() {
        text.push_str("<p class=\"card\">No findings.</p>");
    }
    text
}

fn finding(text: &mut String, group: &Group, sample: &Sample) {
    let severity = match group.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let exchange = &sample.exchange;
    let mut place = exchange.source.clone();
    let position = sample.position.as_ref().map(|position| (position.line, Some(position.column)));
    if let Some((line, column)) = position.or_else(|| Some((exchange.line?, exchange.column))) {
        let _ = write!(place, ":{line}");
        if let Some(column) = column {
            let _ = write!(place, ":{column}");
        }
    }
    let about = [group.operation.as_deref(), Some(&place), Some(&sample.instance_location)];
    let about = about.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let count = if group.count > 1 { format!(" ×{}", group.count) } else { String::new() };
    let _ = write!(
        text,
        "<details class=\"row\"><summary><span class=\"tag {severity}\">{severity}</span><strong>{}</strong>{count}<br><span>{}</span><br>\
         <span class=\"soft mono\">{}</span></summary><div>",
        escaped(&group.name()),
        escaped(&sample.message),
        escaped(&about)
    );
    if let Some(excerpt) = &sample.excerpt {
        let characters: Vec<char> = excerpt.chars().collect();
        let caret =
            sample.caret.map_or(0..0, |caret| caret.start.min(characters.len())..(caret.start + caret.length).min(characters.len()));
        let part = |part: &[char]| escaped(&part.iter().collect::<String>()).into_owned();
        let (before, marked, after) = (&characters[..caret.start], &characters[caret.clone()], &characters[caret.end..]);
        let _ = write!(text, "<pre>{}<mark>{}</mark>{}</pre>", part(before), part(marked), part(after));
    }
    let _ = write!(
        text,
        "<p>expected {}</p><p class=\"soft\">promised by {}</p></div></details>",
        escaped(&sample.promised),
        escaped(&group.promise.where_)
    );
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text.into();
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;").into()
}
