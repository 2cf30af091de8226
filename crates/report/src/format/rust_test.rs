//! The report as Rust tests: one for each group of findings, which fails as long as the group has a finding.

use std::fmt::Write as _;
use std::io::Write;

use charter_contract::invariant::Severity;

use crate::model::{Group, Report};
use crate::render::{RenderError, RenderOptions, ReportFormat};
use crate::run::Selection;

/// The longest name of a test without its suffix, in bytes.
const NAME: usize = 60;
/// The number of characters of a fingerprint in the name of a test.
const SUFFIX: usize = 8;
/// The longest list on one line, in bytes.
const ONE_LINE: usize = 50;
/// The longest message in a comment, in bytes.
const MESSAGE: usize = 200;

/// The format `rust-test`.
#[derive(Debug)]
pub(super) struct RustTest;

impl ReportFormat for RustTest {
    fn name(&self) -> &'static str {
        "rust-test"
    }

    fn help(&self) -> &'static str {
        "Rust tests, one for each group of findings"
    }

    fn render(&self, report: &Report, options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report, options).as_bytes())?)
    }
}

fn render(report: &Report, options: &RenderOptions) -> String {
    let selection = &options.run.selection;
    let program = options.run.program();
    let contract = if options.folder.is_empty() { "." } else { &options.folder };
    let is_elsewhere = |source: &str| source.starts_with('<') || source.contains("://") || selection.examples && source == "examples";
    let is_file = |source: &str| !is_elsewhere(source);
    let recordings: Vec<&str> = report.inputs.iter().map(|input| input.source.as_str()).filter(|source| is_file(source)).collect();
    let is_repeatable = |group: &Group| {
        group.samples.iter().any(|sample| is_file(&sample.exchange.source) || selection.examples && sample.exchange.source == "examples")
    };
    let (tests, others): (Vec<&Group>, Vec<&Group>) = report.groups.iter().partition(|group| is_repeatable(group));

    let mut text = format!(
        "//! One test for each group of findings of `{program} check`. A test fails as long as the\n\
         //! recordings have a finding of its group.\n\
         //!\n\
         //! `{program} check … --report rust-test=FILE` writes this file. The package needs the\n\
         //! development dependency `charter-engine`. Paths are relative to the folder of the package,\n\
         //! where Cargo runs tests.\n"
    );
    if tests.is_empty() {
        text.push_str("//!\n//! The report has no findings in recordings, so there are no tests.\n");
        return text;
    }
    let listed = recordings.iter().map(|source| literal(source)).collect::<Vec<_>>();
    // As rustfmt writes a list.
    let listed = if listed.join(", ").len() <= ONE_LINE { listed.join(", ") } else { format!("\n    {},\n", listed.join(",\n    ")) };
    let _ = write!(
        text,
        "\nuse std::ops::ControlFlow;\n\
         use std::sync::LazyLock;\n\n\
         use charter_engine::{{CheckOptions, Judge, check}};\n\n\
         /// The folder of the contract, or its document.\n\
         const CONTRACT: &str = {};\n\
         /// The recordings.\n\
         const RECORDINGS: &[&str] = &[{}];\n\n",
        literal(contract),
        listed
    );
    for group in &tests {
        let _ = test(&mut text, group);
    }
    if !others.is_empty() {
        let ids: Vec<String> = others.iter().map(|group| comment(&group.name())).collect();
        let _ = writeln!(text, "// Findings in traffic that is not in a file have no tests: {}.\n", ids.join(", "));
    }
    text.push_str(
        "/// The findings of all recordings, by fingerprint: how often each was found, and the first message.\n\
         static FINDINGS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {\n",
    );
    text.push_str(&judge(selection));
    let _ = write!(
        text,
        "    let recordings: Vec<String> = RECORDINGS.iter().map(|path| (*path).to_owned()).collect();\n\
         \x20   let options = CheckOptions::default(){};\n\
         \x20   let report = check(&judge, &recordings, &options, &mut |_| ControlFlow::Continue(()));\n\
         \x20   for input in &report.inputs {{\n\
         \x20       let error = input.error.as_deref().unwrap_or_default();\n\
         \x20       assert!(input.error.is_none(), \"{{}}: {{error}}\", input.source);\n\
         \x20   }}\n\
         \x20   assert!(report.judged_anything(), \"nothing in the recordings was judged\");\n\
         \x20   let mut findings = Vec::new();\n\
         \x20   for group in report.groups {{\n\
         \x20       let Some(first) = group.samples.first() else {{ continue }};\n\
         \x20       let (exchange, count) = (&first.exchange, group.count);\n\
         \x20       let place = format!(\"exchange {{}} of {{}}\", exchange.index, exchange.source);\n\
         \x20       let text = format!(\"{{count}} in all, the first in {{place}}: {{}}\", first.message);\n\
         \x20       findings.push((group.fingerprint, text));\n\
         \x20   }}\n\
         \x20   findings\n\
         }});\n\n\
         #[track_caller]\n\
         fn assert_no_finding(fingerprint: &str) {{\n\
         \x20   if let Some((_, finding)) = FINDINGS.iter().find(|(found, _)| found == fingerprint) {{\n\
         \x20       panic!(\"the finding {{fingerprint}} occurs: {{finding}}\");\n\
         \x20   }}\n\
         }}\n",
        if selection.examples { ".with_examples(true)" } else { "" }
    );
    text
}

/// The statements that make the judge, with the flags of the run.
fn judge(selection: &Selection) -> String {
    let mut text = "    let judge = Judge::load(CONTRACT).unwrap_or_else(|error| panic!(\"{CONTRACT}: {error}\"));\n".to_owned();
    let parsed = |values: &[String]| {
        let values = values.iter().map(|value| format!("{}.parse().expect(\"a pattern\")", literal(value)));
        format!("vec![{}]", values.collect::<Vec<_>>().join(", "))
    };
    let mut changes = String::new();
    if !selection.include.is_empty() || !selection.exclude.is_empty() {
        let _ = write!(changes, ".with_traffic({}, {})", parsed(&selection.include), parsed(&selection.exclude));
    }
    if let Some(formats) = &selection.formats {
        let _ = write!(changes, ".with_asserted_formats({}.parse().expect(\"names of formats\"))", literal(formats));
    }
    if !selection.webhooks.is_empty() {
        let _ = write!(changes, ".with_webhooks({}).expect(\"known webhooks\")", parsed(&selection.webhooks));
    }
    if !changes.is_empty() {
        let _ = writeln!(text, "    let contract = judge.contract().clone(){changes};");
        text.push_str("    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!(\"{CONTRACT}: {error}\"));\n");
    }
    if let Some(operation) = &selection.operation {
        let _ = writeln!(
            text,
            "    let judge = judge.for_operation({}).unwrap_or_else(|error| panic!(\"{{CONTRACT}}: {{error}}\"));",
            literal(operation)
        );
    }
    text
}

fn test(text: &mut String, group: &Group) -> std::fmt::Result {
    let word = match group.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let sample = group.samples.first();
    let message = sample.map_or("", |sample| sample.message.as_str());
    writeln!(text, "/// {word}\\[{}\\]: {}", comment(&group.name()), comment(message))?;
    if let Some(sample) = sample {
        let operation = group.operation.as_ref().map(|operation| format!("{operation}, ")).unwrap_or_default();
        writeln!(text, "///\n/// {}", comment(&format!("{operation}{}, exchange {}", sample.exchange.source, sample.exchange.index)))?;
    }
    text.push_str("#[test]\n");
    if let Some(reason) = &group.accepted {
        writeln!(text, "#[ignore = {}]", literal(&format!("accepted: {reason}")))?;
    }
    writeln!(text, "fn {}() {{\n    assert_no_finding({});\n}}\n", name(group), literal(&group.fingerprint))
}

/// A name that is unique in the file and stays the same across runs.
fn name(group: &Group) -> String {
    let mut name = String::new();
    for character in group.name().chars() {
        match character {
            'a'..='z' | '0'..='9' => name.push(character),
            'A'..='Z' => name.push(character.to_ascii_lowercase()),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.truncate(NAME);
    let name = name.trim_matches('_');
    let prefix = if name.starts_with(|first: char| first.is_ascii_lowercase()) { "" } else { "finding_" };
    let suffix: String = group.fingerprint.chars().filter(char::is_ascii_alphanumeric).take(SUFFIX).collect();
    format!("{prefix}{name}_{suffix}")
}

/// A text on one line of a documentation comment.
fn comment(text: &str) -> String {
    let mut line = String::new();
    for character in text.chars() {
        match character {
            _ if line.len() > MESSAGE => {
                line.push('…');
                break;
            }
            // Markdown would read these characters.
            '[' | ']' | '<' | '>' | '`' | '*' | '_' | '\\' => line.extend(['\\', character]),
            _ if character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                line.extend(character.escape_unicode());
            }
            _ => line.push(character),
        }
    }
    line
}

fn literal(text: &str) -> String {
    format!("{text:?}")
}
