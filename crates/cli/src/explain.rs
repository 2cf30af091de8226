//! `explain`: prints the page of a finding id.

use std::fmt::Write as _;

use charter_contract::{keywords, most_similar, nearest};
use charter_diff::pages::{CHANGE_PAGES, ChangePage};
use charter_report::{FindingPage, PAGES};

use crate::arguments::Explain;
use crate::{exit, output, rules};

/// The maximum length of a line.
const WIDTH: usize = 100;

pub(crate) fn run(arguments: &Explain) -> u8 {
    let Some(id) = &arguments.id else { return list() };
    if let Some(page) = FindingPage::of(id) {
        return output::print(&output::with_program_name(&text(id, page)));
    }
    if id == "changes" {
        return changes();
    }
    if let Some(page) = ChangePage::of(id) {
        return output::print(&output::with_program_name(&change(page)));
    }
    // Without a contract, only built-in ids can be explained.
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = charter_rules::load(&folder);
    if let Ok(contract) = &contract
        && contract.invariants().get(id).is_some()
    {
        return rules::show(contract, id);
    }
    let similar = FindingPage::similar(id);
    let ids = contract.iter().flat_map(|contract| &contract.invariants().invariants).map(|rule| rule.id.as_str());
    if let Some(meant) = nearest(id, ids) {
        output::message(&format!("error: unknown finding id `{id}`; {meant}"));
        return exit::USAGE;
    }
    if let Some(meant) = keyword(id) {
        output::message(&format!("error: unknown finding id `{id}`; {meant}"));
        return exit::USAGE;
    }
    let change = nearest(id, CHANGE_PAGES.iter().map(|page| page.kind));
    let remedy = match similar.as_slice() {
        [] if change.is_some() => change.unwrap_or_default(),
        [] => "`charter explain` lists the built-in ids".to_owned(),
        similar => format!("similar: {}", similar.join(", ")),
    };
    let rules = match contract {
        Ok(_) => "; `charter rules list` lists the rules of the contract",
        Err(_) => "; for the id of a rule, name the contract with --contract",
    };
    output::message(&format!("error: unknown finding id `{id}`; {remedy}{rules}"));
    exit::USAGE
}

/// The id of the violated keyword that is meant: with a misspelled keyword or prefix, or without the prefix.
fn keyword(id: &str) -> Option<String> {
    let keyword = match id.split_once('.') {
        Some((prefix, keyword)) => nearest(prefix, ["schema"]).map(|_| keyword)?,
        None => id,
    };
    most_similar(keyword, keywords::all()).map(|keyword| format!("did you mean `schema.{keyword}`?"))
}

fn list() -> u8 {
    let widest = PAGES.iter().map(|page| page.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for page in PAGES {
        let _ = writeln!(text, "{:<widest$}  {:<16}  {}", page.id, page.severity(), page.summary);
    }
    let _ = writeln!(
        text,
        "`charter explain ID` explains one; `charter explain changes` lists the kinds of changes; `charter rules list` lists the rules of a contract"
    );
    output::print(&output::with_program_name(&text))
}

/// The kinds of changes that `diff` reports.
fn changes() -> u8 {
    let mut text = String::new();
    let widest = CHANGE_PAGES.iter().map(|page| page.kind.len()).max().unwrap_or(0);
    for page in CHANGE_PAGES {
        let _ = writeln!(text, "{:<widest$}  {}", page.kind, page.summary);
    }
    output::print(&text)
}

/// A page under the requested id, which may be that of a keyword.
fn text(id: &str, page: &FindingPage) -> String {
    let mut text = format!("{id} ({})\n{}\n", page.severity(), page.summary);
    let mut section = |heading: &str, paragraph: &str| {
        let _ = write!(text, "\n{heading}\n{}", wrapped(paragraph));
    };
    section("Meaning", page.meaning);
    section("Example", page.example);
    section("Standard", page.standard);
    section("What to do", page.remedy);
    let baseline = "`charter check PATH --baseline accepted.json --write-baseline` accepts the findings of a run; write a reason for each.";
    section("To silence", &page.setting.map_or_else(|| baseline.to_owned(), |setting| format!("{setting} {baseline}")));
    text
}

/// The page of a kind of change.
fn change(page: &ChangePage) -> String {
    let mut text = format!("{} (a kind of change)\n{}\n", page.kind, page.summary);
    let mut section = |heading: &str, paragraph: &str| {
        let _ = write!(text, "\n{heading}\n{}", wrapped(paragraph));
    };
    section("Effect", page.effect.meaning());
    if let Some(note) = page.note {
        section("Note", note);
    }
    section("What to do", page.effect.remedy());
    section(
        "To accept",
        &format!(
            "`{} = \"info\"` under [diff.levels] in charter.toml sets the level. [[diff.accept]] with the id of a change and a reason accepts it.",
            page.kind
        ),
    );
    text
}

/// A paragraph in indented lines.
fn wrapped(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => *line = format!("{line} {word}"),
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short() {
        for page in PAGES {
            let text = text(page.id, page);
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
            assert!(text.contains("\nStandard\n  ") && text.ends_with("for each.\n"), "{text}");
        }
    }
}
