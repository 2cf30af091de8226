//! The book and the README: the commands of the tutorial run and print what the page shows, the command lines of all pages are valid, and the
//! pages of the reference equal the program. `INSTA_UPDATE=always cargo test -p charter-cli --test it book` writes these pages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use charter_diff::pages::{CHANGE_PAGES, Effect};
use charter_report::PAGES;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

fn charter(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    // The width of help texts does not depend on the terminal.
    let output = command.args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A text of `charter explain` as Markdown: a table of `charter.toml`, such as `[check]`, is code and not a link.
fn markdown(text: &str) -> String {
    let table = regex::Regex::new(r"(^|[^`\w])(\[\[?[a-z][a-z.-]*\]\]?)").expect("a pattern");
    table.replace_all(text, "$1`$2`").into_owned()
}

/// Compares a page of the reference, or writes it.
fn check_page(name: &str, text: &str) {
    let path = root().join("docs/book/src").join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, text).expect("the page is written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{name} is stale; run `INSTA_UPDATE=always cargo test -p charter-cli --test it book`");
}

#[test]
fn the_commands_of_the_tutorial_print_what_it_shows() {
    trycmd::TestCases::new().case(root().join("docs/book/src/tutorial.md").to_str().expect("UTF-8"));
}

#[test]
fn the_page_of_the_commands_is_fresh() {
    let help = charter(&["--help"]);
    let mut text = "# Commands\n\nThe help texts of `charter`. A flag that all commands have is described by each.\n".to_owned();
    let names: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 10, "{help}");
    for name in names {
        let _ = write!(text, "\n## {name}\n\n```text\n{}```\n", charter(&[name, "--help"]));
    }
    check_page("commands.md", &text);
}

#[test]
fn the_page_of_the_finding_ids_is_fresh() {
    let mut text = "# Finding ids\n\n`charter explain ID` prints the same. Findings of rules have the id of the rule.\n\n| id | severity | summary |\n|---|---|---|\n"
        .to_owned();
    for page in PAGES {
        let anchor: String = page.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect();
        let _ = writeln!(text, "| [`{}`](#{anchor}) | {} | {} |", page.id, page.severity(), page.summary);
    }
    for page in PAGES {
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n*Example:* {}\n\n*Standard:* {}\n\n*What to do:* {}\n",
            page.id,
            markdown(page.meaning),
            markdown(page.example),
            markdown(page.standard),
            markdown(page.remedy)
        );
        if let Some(setting) = page.setting {
            let _ = write!(text, "\n*Setting:* {}\n", markdown(setting));
        }
    }
    check_page("findings.md", &text);
}

#[test]
fn the_page_of_the_kinds_of_changes_is_fresh() {
    let mut text = "# Kinds of changes\n\n`charter explain KIND` prints the effect and the remedy. The effect is described in [Comparison of contracts](changes.md).\n\n\
                    | kind | change | effect |\n|---|---|---|\n"
        .to_owned();
    for page in CHANGE_PAGES {
        let effect = format!("{:?}", page.effect).to_lowercase();
        let note = page.note.map(|note| format!(" {}", markdown(note))).unwrap_or_default();
        let _ = writeln!(text, "| `{}` | {}{note} | {effect} |", page.kind, markdown(page.summary));
    }
    text.push_str("\n| effect | meaning | what to do |\n|---|---|---|\n");
    for effect in [Effect::More, Effect::Less, Effect::Either, Effect::Client, Effect::Server, Effect::Unknown, Effect::Note] {
        let name = format!("{effect:?}").to_lowercase();
        let _ = writeln!(text, "| {name} | {} | {} |", markdown(effect.meaning()), markdown(effect.remedy()));
    }
    check_page("change-kinds.md", &text);
}

/// The settings below a schema of `charter.toml`, one row each.
fn settings(root: &Value, schema: &Value, prefix: &str, rows: &mut String) {
    let schema = match schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).expect("a definition"),
        None => schema,
    };
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (name, property) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let description = property.get("description").and_then(Value::as_str).unwrap_or_default();
        let kind = kind_of(root, property);
        let default = property.get("default").map_or_else(String::new, |value| format!("`{value}`"));
        let description = markdown(&description.split_whitespace().collect::<Vec<_>>().join(" ")).replace('|', "\\|");
        let _ = writeln!(rows, "| `{path}` | {kind} | {default} | {description} |");
        settings(root, property, &path, rows);
        if let Some(items) = property.get("items") {
            settings(root, items, &format!("{path}[]"), rows);
        }
    }
}

/// The type of a setting, as text.
fn kind_of(root: &Value, schema: &Value) -> String {
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        return kind_of(root, root.pointer(pointer).expect("a definition"));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
            let mut kinds: Vec<String> = branches.iter().map(|branch| kind_of(root, branch)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
    }
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "array" => {
            schema.get("items").map_or_else(|| "list".to_owned(), |items| format!("list of {}", kind_of(root, items)))
        }
        Some(Value::String(kind)) if kind == "object" => "table".to_owned(),
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "value".to_owned(),
    }
}

#[test]
fn the_page_of_the_settings_is_fresh() {
    let schema: Value = serde_json::from_str(&charter(&["schema", "config"])).expect("a schema");
    let mut text = "# charter.toml\n\nThe settings of a contract, in its folder. `charter schema config` prints the JSON Schema of the file, for editors. `list[]` means each \
                    entry of a list.\n\n| setting | type | default | meaning |\n|---|---|---|---|\n"
        .to_owned();
    settings(&schema, &schema, "", &mut text);
    assert!(text.lines().count() > 40, "{text}");
    check_page("settings.md", &text);
}

/// The command lines of the program in the `sh`, `console` and `yaml` blocks of a page, with the placeholders of CI replaced.
fn command_lines(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            inside = !inside && ["sh", "console", "yaml"].contains(&fence);
            continue;
        }
        if !inside {
            continue;
        }
        let line = line.trim().trim_start_matches("$ ").trim_start_matches("- ").trim_start_matches("run: ").trim();
        let line = line.split(" | ").last().unwrap_or(line);
        if let Some(rest) = line.strip_prefix("charter ") {
            let rest = rest.split("  #").next().unwrap_or(rest).split(" || ").next().unwrap_or(rest);
            found.push(rest.trim().to_owned());
        }
    }
    found
}

#[test]
fn the_command_lines_of_all_pages_are_valid() {
    let mut pages = vec![root().join("README.md"), root().join("docs/architecture.md"), root().join("schema/README.md")];
    for entry in std::fs::read_dir(root().join("docs/book/src")).expect("the book") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    let (mut lines, mut faults) = (0, Vec::new());
    for page in pages {
        for line in command_lines(&std::fs::read_to_string(&page).expect("a page")) {
            lines += 1;
            let words = shlex::split(&line).unwrap_or_else(|| panic!("{}: {line}", page.display()));
            // A placeholder of a CI system, such as `${{ matrix.part }}`.
            let words = words.iter().map(|word| if word.contains("$part") { word.replace("$part", "1") } else { word.clone() });
            let arguments = std::iter::once("charter".to_owned()).chain(words);
            if let Err(error) = charter_cli::command().try_get_matches_from(arguments)
                && error.use_stderr()
            {
                faults.push(format!("{}: charter {line}\n{error}", page.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(lines > 30, "{lines} command lines");
}
