//! The report as a single HTML page without scripts.

use std::fmt::Write as _;

use charter_contract::Level;

use super::entries::{Entry, by_kind, by_operation, changes, entries, of_level};
use super::model::Report;

/// The style of the page.
const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1f2328;background:#fff}\
code,pre{font:13px/1.45 ui-monospace,monospace;background:#f6f8fa;border-radius:4px;padding:.1em .3em;overflow-wrap:anywhere}\
pre{padding:.6em;white-space:pre-wrap}details{border:1px solid #d1d9e0;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}\
summary{cursor:pointer}.error{border-left:4px solid #cf222e}.warning{border-left:4px solid #bf8700}.info{border-left:4px solid #1a7f37}\
.kind{color:#59636e}@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}code,pre{background:#161b22}details{border-color:#30363d}.kind{color:#9198a1}}";

/// The report as HTML.
pub fn html(report: &Report) -> String {
    let mut out = String::new();
    let title = format!("{} → {}", report.old.name, report.new.name);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n<p><strong>{1}</strong></p>\n",
        escaped(&title),
        escaped(&super::verdict(report))
    );
    let entries = entries(report);
    let errors = of_level(&entries, Level::Error);
    if !errors.is_empty() {
        let kinds: Vec<String> = by_kind(&errors).iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let operations: Vec<String> = by_operation(&errors).iter().map(|(name, count)| format!("{name} ({count})")).collect();
        let _ = writeln!(
            out,
            "<ul><li>kinds: {}</li><li>operations: {}</li></ul>",
            escaped(&kinds.join(", ")),
            escaped(&operations.join(", "))
        );
    }
    for (level, heading) in [(Level::Error, "Breaking"), (Level::Warning, "Warnings"), (Level::Info, "Compatible")] {
        let of = of_level(&entries, level);
        if of.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<h2>{heading}: {}</h2>", changes(&of));
        for one in of {
            entry(&mut out, one, level == Level::Error);
        }
    }
    let accepted: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.accepted.is_some()).collect();
    if !accepted.is_empty() {
        let _ = writeln!(out, "<h2>Accepted: {}</h2>", report.policy.accepted);
        for one in accepted {
            entry(&mut out, one, false);
        }
    }
    let not_compared = report.diff.not_compared.iter().map(|one| (one.new_location.to_string(), one.summary.clone())).collect();
    list(&mut out, "Not compared", not_compared);
    let rust = report.rust.changes.iter().map(|one| (format!("{} {}", one.step.as_str(), one.item), one.summary.clone())).collect();
    list(&mut out, &format!("Generated Rust API, {}", report.rust.step.as_str()), rust);
    let rules = report.rules.iter().map(|rule| (format!("{} {}", rule.kind, rule.rule), rule.summary.clone())).collect();
    list(&mut out, "Rules", rules);
    if let Some(recordings) = &report.recordings {
        let broken =
            recordings.broken.iter().map(|one| (one.promise.clone(), format!("{}, {} times, at {}", one.message, one.count, one.place)));
        list(&mut out, &format!("New violations in {} recorded exchanges", recordings.exchanges), broken.collect());
    }
    let notes = report.diff.notes.iter().map(|note| (format!("{} {}", note.kind.0, note.new_location), note.summary.clone())).collect();
    list(&mut out, "Notes without an effect on verdicts", notes);
    out.push_str("</body></html>\n");
    out
}

fn entry(out: &mut String, entry: &Entry<'_>, is_open: bool) {
    let open = if is_open && entry.places.len() < 20 { " open" } else { "" };
    let _ = writeln!(
        out,
        "<details class=\"{}\"{open}><summary>{} <span class=\"kind\">{}</span></summary>",
        entry.level.as_str(),
        escaped(&entry.summary),
        escaped(entry.kind)
    );
    if let Some(reason) = entry.accepted {
        let _ = writeln!(out, "<p>accepted: {}</p>", escaped(reason));
    }
    let places: Vec<String> = entry.places.iter().map(|place| format!("<code>{}</code>", escaped(&place.to_string()))).collect();
    let _ = writeln!(out, "<p>{}</p>", places.join("<br>"));
    if !entry.operations.is_empty() {
        let _ = writeln!(out, "<p>operations: {}</p>", escaped(&entry.operations.join(", ")));
    }
    let _ = writeln!(out, "<p>{}</p>", escaped(&entry.verdicts()));
    for (what, witness) in &entry.witnesses {
        let _ = writeln!(out, "<p>{what}</p><pre>{}</pre>", escaped(witness));
    }
    let _ = writeln!(out, "<p class=\"kind\">ids: {}</p></details>", escaped(&entry.ids.join(", ")));
}

fn list(out: &mut String, heading: &str, rows: Vec<(String, String)>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details><summary>{}: {}</summary><ul>", escaped(heading), rows.len());
    for (what, summary) in rows {
        let _ = writeln!(out, "<li><code>{}</code> {}</li>", escaped(&what), escaped(&summary));
    }
    out.push_str("</ul></details>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
