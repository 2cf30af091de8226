//! The data of the page: the report as compact JSON, within a limit on its size.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::coverage::SchemaCoverage;
use crate::model::{Group, Report, Sample};
use crate::render::RenderOptions;
use crate::reproduce::{curl, extract_command};

/// The size of the data, in bytes. Samples without a place in it are counted.
const SIZE: usize = 2_700_000;
/// The size that findings have at least, however large the rest is.
const LEAST: usize = 1_000_000;
/// The part of the size of findings that the messages and places may have, then with excerpts, then with requests and responses.
const SHARES: [f64; 3] = [0.7, 0.85, 1.0];
/// The number of values of a sample: message and place; then found value, expected value and excerpt.
const BASE: usize = 9;
const DETAILS: usize = 7;
/// The estimated bytes of a sample besides its texts.
const SAMPLE: usize = 60;

/// Texts that are stored once. Index 0 is the empty text.
struct Texts {
    list: Vec<String>,
    indexes: HashMap<String, usize>,
    bytes: usize,
}

impl Texts {
    fn new() -> Self {
        Self { list: vec![String::new()], indexes: HashMap::from([(String::new(), 0)]), bytes: 0 }
    }

    fn add(&mut self, text: &str) -> usize {
        if let Some(index) = self.indexes.get(text) {
            return *index;
        }
        let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n')).count() + 5 * text.matches('<').count();
        self.bytes += text.len() + escaped + 3;
        self.list.push(text.to_owned());
        self.indexes.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}

/// The data, and the number of samples that it does not have.
pub(super) fn of(report: &Report, options: &RenderOptions) -> (Value, u64) {
    let mut data = rest(report, options);
    let room = SIZE.saturating_sub(data.to_string().len()).max(LEAST) as f64;
    let limits = SHARES.map(|share| (room * share) as usize);
    let mut texts = Texts::new();
    let mut groups: Vec<(Value, Vec<Vec<Value>>)> =
        report.groups.iter().map(|group| (self::group(group, &mut texts), Vec::new())).collect();
    // One sample of each group, then a second one of each: a long group does not displace others.
    let longest = report.groups.iter().map(|group| group.samples.len()).max().unwrap_or(0);
    let rounds = (0..longest)
        .flat_map(|round| report.groups.iter().enumerate().filter_map(move |(at, group)| Some((at, round, group.samples.get(round)?))));
    let mut taken = Vec::new();
    let mut omitted = 0;
    for (at, round, sample) in rounds {
        if texts.bytes + SAMPLE * (taken.len() + groups.len()) > limits[0] {
            omitted += 1;
            continue;
        }
        groups[at].1.push(base(sample, &mut texts));
        taken.push((at, round, sample));
    }
    let fixed = SAMPLE * (taken.len() + groups.len());
    for (at, round, sample) in &taken {
        if texts.bytes + fixed > limits[1] {
            break;
        }
        details(sample, &mut groups[*at].1[*round], &mut texts);
    }
    for (at, round, sample) in &taken {
        if texts.bytes + fixed > limits[2] {
            break;
        }
        let values = &mut groups[*at].1[*round];
        // The members have fixed positions.
        if values.len() == BASE + DETAILS {
            exchange(sample, values, &mut texts);
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(mut group, samples)| {
            group["samples"] = samples.into_iter().map(compact).collect();
            group
        })
        .collect();
    data["groups"] = groups.into();
    data["texts"] = texts.list.into();
    data["omitted"] = omitted.into();
    (data, omitted)
}

/// Everything but the findings.
fn rest(report: &Report, options: &RenderOptions) -> Value {
    let run = &options.run;
    let extract = report.groups.first().map(|group| extract_command(group, options).replacen(&group.fingerprint, "\n", 1));
    let (before, after) = extract.as_deref().and_then(|command| command.split_once('\n')).unwrap_or_default();
    let coverage = &report.coverage;
    let inputs = report.inputs.iter().map(|input| json!([input.source, input.exchanges, input.error, input.trouble()]));
    json!({
        "verdict": report.verdict(),
        "tool": report.tool.version,
        "digest": report.contract.digest,
        "mode": report.contract.mode,
        "complete": report.complete,
        "partition": report.partition,
        "run": {
            "program": run.program(), "command": run.command, "title": run.title, "version": run.version, "date": run.date,
            "revision": run.revision, "jsonReport": run.json_report, "folder": options.folder,
        },
        "extract": [before, after],
        "summary": report.summary,
        "inputs": inputs.collect::<Vec<_>>(),
        "skipped": report.skipped_files,
        "notJudged": report.not_judged,
        "rules": report.rules,
        "timelines": report.timelines,
        "timelineCount": report.timeline_count,
        "coverage": {
            "covered": coverage.covered, "reachable": coverage.reachable, "percent": coverage.percent, "parts": coverage.parts,
            "operations": coverage.operations, "unreachable": coverage.unreachable,
            "missing": front_coded(coverage.missing.iter().map(String::as_str)),
        },
        "places": front_coded(report.schema.iter().map(|entry| entry.location.as_str())),
        "schema": report.schema.iter().map(place).collect::<Vec<_>>(),
    })
}

fn place(entry: &SchemaCoverage) -> Value {
    compact(vec![json!(entry.seen), json!(entry.kinds), json!(entry.values), json!(entry.branches), json!(entry.bounds)])
}

/// Texts in order: for each, how many UTF-16 code units it shares with the one before, and the rest.
fn front_coded<'t>(texts: impl Iterator<Item = &'t str>) -> Value {
    let mut previous = "";
    let mut coded = Vec::new();
    for text in texts {
        let shared = previous.chars().zip(text.chars()).take_while(|(one, other)| one == other).map(|(one, _)| one);
        let (bytes, units) = shared.fold((0, 0), |(bytes, units), one| (bytes + one.len_utf8(), units + one.len_utf16()));
        coded.push(units.into());
        coded.push(text[bytes..].into());
        previous = text;
    }
    Value::Array(coded)
}

fn group(group: &Group, texts: &mut Texts) -> Value {
    let definition = group.definition.as_ref().map(|at| format!("{}:{}:{}", at.document, at.line, at.column));
    let mut text = |text: Option<&str>| texts.add(text.unwrap_or_default());
    json!({
        "fingerprint": group.fingerprint,
        "name": text(Some(&group.name())),
        "kind": group.kind,
        "isRule": group.rule.is_some(),
        "severity": group.severity,
        "operation": text(group.operation.as_deref()),
        "direction": group.direction,
        "promise": text(Some(&group.promise.where_)),
        "promiseKind": group.promise.kind,
        "keyword": text(group.absolute_keyword_location.as_deref()),
        "definition": text(definition.as_deref()),
        "accepted": group.accepted,
        "count": group.count,
    })
}

/// The message and the place.
fn base(sample: &Sample, texts: &mut Texts) -> Vec<Value> {
    let exchange = &sample.exchange;
    let (line, column) = match &sample.position {
        Some(position) => (Some(position.line), Some(position.column)),
        None => (exchange.line, exchange.column),
    };
    let mut text = |text: Option<&str>| texts.add(text.unwrap_or_default());
    vec![
        text(Some(&sample.message)).into(),
        text(Some(&sample.instance_location)).into(),
        text(Some(&exchange.source)).into(),
        exchange.index.into(),
        line.unwrap_or(0).into(),
        column.unwrap_or(0).into(),
        text(exchange.url.as_deref()).into(),
        exchange.status.unwrap_or(0).into(),
        text(exchange.method.as_deref()).into(),
    ]
}

/// The found value, the expected value and the excerpt.
fn details(sample: &Sample, values: &mut Vec<Value>, texts: &mut Texts) {
    let found = match sample.found_absent {
        true => "nothing".to_owned(),
        false => format!("{}{}", sample.found, if sample.found_truncated { "…" } else { "" }),
    };
    let previous = sample.previous.as_ref().map(|previous| {
        let at = previous["startedDateTime"].as_str().unwrap_or_default();
        let line = previous["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        format!("{} at {at} ({}{line})", previous["found"], previous["source"].as_str().unwrap_or_default())
    });
    let caret = sample.caret.map(|caret| (caret.start, caret.length)).unwrap_or_default();
    // The response has the excerpt.
    let excerpt = if sample.context.is_none() { sample.excerpt.as_deref() } else { None };
    let mut text = |text: Option<&str>| texts.add(text.unwrap_or_default());
    values.extend([
        text(Some(&found)).into(),
        text(Some(&sample.promised)).into(),
        text(sample.branch.as_deref()).into(),
        text(previous.as_deref()).into(),
        text(excerpt).into(),
        caret.0.into(),
        caret.1.into(),
    ]);
}

/// The request and the response.
fn exchange(sample: &Sample, values: &mut Vec<Value>, texts: &mut Texts) {
    let mut text = |text: Option<&str>| texts.add(text.unwrap_or_default());
    values.push(text(curl(sample).as_deref()).into());
    if let Some(context) = &sample.context {
        let headers = context.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n");
        values.extend([&headers, &context.before, &context.meant, &context.after].map(|part| Value::from(text(Some(part)))));
        values.push(u8::from(sample.found_absent).into());
    }
}

/// A list without zeros and empty objects at its end.
fn compact(mut values: Vec<Value>) -> Value {
    while values.last().is_some_and(|value| *value == json!(0) || *value == json!({})) {
        values.pop();
    }
    Value::Array(values)
}

#[cfg(test)]
mod tests {
    use charter_contract::invariant::Severity;

    use super::*;
    use crate::model::ExchangeInfo;
    use crate::testing;

    fn sample(index: usize, length: usize) -> Sample {
        let exchange =
            ExchangeInfo { source: "a.har".to_owned(), index, line: Some(index), column: None, url: None, status: Some(200), method: None };
        let mut sample = Sample::new(exchange, format!("finding {index}"));
        sample.excerpt = Some(format!("{index}{}", "<".repeat(length)));
        sample
    }

    #[test]
    fn ten_thousand_findings_fit_the_limit_and_none_is_lost_silently() {
        for (count, length, all) in [(10_000, 20, true), (10_000, 2_000, true), (60_000, 100, false)] {
            let group = testing::group("a", Severity::Error, (0..count).map(|index| sample(index, length)).collect());
            let other = testing::group("b", Severity::Error, vec![sample(0, length)]);
            let (data, omitted) = of(&testing::report(Vec::new(), vec![group, other]), &RenderOptions::default());
            assert_eq!(omitted == 0, all, "{omitted}");
            let shown = |at: usize| data["groups"][at]["samples"].as_array().map_or(0, Vec::len);
            assert_eq!((shown(0) + omitted as usize, shown(1)), (count, 1));
            let size = data.to_string().replace('<', "\\u003c").len();
            assert!(size < 2_900_000, "{size}");
        }
    }

    #[test]
    fn shared_beginnings_are_stored_once() {
        assert_eq!(front_coded(["a/b", "a/c", "😀a", "😀b"].into_iter()), json!([0, "a/b", 2, "c", 0, "😀a", 2, "b"]));
    }
}
