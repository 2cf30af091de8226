//! The picture of the text report in the README: drawn from the report of the tutorial's recording, and compared with what `charter check`
//! prints. `INSTA_UPDATE=always cargo test -p charter-cli --test it picture` draws it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use charter_report::{Report, TextOptions, render_text};
use tempfile::TempDir;

use crate::recordings::charter;

const COMMAND: &[&str] = &["check", "traffic.ndjson", "--contract", "openapi.yaml"];
/// In pixels.
const LINE: usize = 20;
/// The width of a character of 14 pixels.
const CHARACTER: f64 = 8.43;
const MARGIN: usize = 20;
const TITLE: usize = 36;

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/src")
}

/// The class of the style sheet for the colour codes of a terminal.
fn class(codes: &str) -> &'static str {
    match codes {
        "1;31" => "red bold",
        "31" => "red",
        "32" => "green",
        "33" | "1;33" => "yellow",
        "34" => "blue",
        "36" => "cyan",
        "1" => "bold",
        other => panic!("a colour without a class: {other}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line with colour codes as the content of a `text` element.
fn spans(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = escaped(parts.next().unwrap_or_default());
    for part in parts {
        let (codes, rest) = part.split_once('m').expect("a colour code");
        if codes == "0" {
            let _ = write!(text, "</tspan>{}", escaped(rest));
        } else {
            let _ = write!(text, "<tspan class=\"{}\">{}", class(codes), escaped(rest));
        }
    }
    text
}

fn svg(lines: &[String]) -> String {
    let columns = lines.iter().map(|line| plain(line).chars().count()).max().unwrap_or(0);
    let (width, height) = ((columns as f64 * CHARACTER) as usize + 2 * MARGIN, lines.len() * LINE + TITLE + MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"The text report of charter check\">\n\
         <style>\n\
         text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d8dee9; white-space: pre; }}\n\
         .bold {{ font-weight: 700; fill: #ffffff; }} .red {{ fill: #ff7b72; }} .green {{ fill: #7ee787; }}\n\
         .yellow {{ fill: #f2cc60; }} .blue {{ fill: #79c0ff; }} .cyan {{ fill: #76e3ea; }}\n\
         </style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    for (index, colour) in ["#ff5f56", "#ffbd2e", "#27c93f"].iter().enumerate() {
        let _ = writeln!(text, "<circle cx=\"{}\" cy=\"18\" r=\"6\" fill=\"{colour}\"/>", MARGIN + 20 * index);
    }
    for (index, line) in lines.iter().enumerate() {
        let _ =
            writeln!(text, "<text x=\"{MARGIN}\" y=\"{}\" xml:space=\"preserve\">{}</text>", TITLE + LINE * (index + 1) - 5, spans(line));
    }
    text.push_str("</svg>\n");
    text
}

/// A line without colour codes.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn the_picture_of_the_text_report_is_fresh() {
    let folder = TempDir::new().expect("a folder");
    for name in ["openapi.yaml", "traffic.ndjson"] {
        std::fs::copy(book().join("tutorial.in").join(name), folder.path().join(name)).expect("a copy");
    }
    let (code, out, errors) = charter(folder.path(), COMMAND);
    assert_eq!(code, 1, "{errors}");
    let printed = String::from_utf8(out).expect("UTF-8");
    let with_json: Vec<&str> = COMMAND.iter().copied().chain(["--quiet", "--report", "json=report.json"]).collect();
    let (_, _, errors) = charter(folder.path(), &with_json);
    let report = Report::parse(&std::fs::read(folder.path().join("report.json")).expect("a report"))
        .unwrap_or_else(|error| panic!("{error}: {errors}"));
    let coloured = render_text(&report, TextOptions::default().with_colour(true));
    assert_eq!(plain(&coloured).trim_end(), printed.trim_end());
    let prompt = format!("$ \u{1b}[1mcharter {}\u{1b}[0m", COMMAND.join(" "));
    let lines: Vec<String> = std::iter::once(prompt).chain(coloured.trim_end().lines().map(str::to_owned)).collect();
    let (path, picture) = (book().join("terminal.svg"), svg(&lines));
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, &picture).expect("the picture is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == picture, "terminal.svg is stale; run `INSTA_UPDATE=always cargo test -p charter-cli --test it picture`");
}
