//! Output that stands by itself: the generated files with the support library beside them, as a module or as a crate.

use std::fmt::Write as _;

use crate::options::Schemars;
use crate::{Options, Output, SourceFile};

/// The support library, file by file.
const SUPPORT: [(&str, &str); 29] = [
    ("mod.rs", include_str!("../../generated/src/support/mod.rs")),
    ("abilities.rs", include_str!("../../generated/src/support/abilities.rs")),
    ("at.rs", include_str!("../../generated/src/support/at.rs")),
    ("check.rs", include_str!("../../generated/src/support/check.rs")),
    ("held.rs", include_str!("../../generated/src/support/held.rs")),
    ("items.rs", include_str!("../../generated/src/support/items.rs")),
    ("merged.rs", include_str!("../../generated/src/support/merged.rs")),
    ("never.rs", include_str!("../../generated/src/support/never.rs")),
    ("number.rs", include_str!("../../generated/src/support/number.rs")),
    ("object.rs", include_str!("../../generated/src/support/object.rs")),
    ("open.rs", include_str!("../../generated/src/support/open.rs")),
    ("own.rs", include_str!("../../generated/src/support/own.rs")),
    ("pass.rs", include_str!("../../generated/src/support/pass.rs")),
    ("pattern.rs", include_str!("../../generated/src/support/pattern.rs")),
    ("presence.rs", include_str!("../../generated/src/support/presence.rs")),
    ("raw.rs", include_str!("../../generated/src/support/raw.rs")),
    ("read.rs", include_str!("../../generated/src/support/read.rs")),
    ("reference.rs", include_str!("../../generated/src/support/reference.rs")),
    ("scalar.rs", include_str!("../../generated/src/support/scalar.rs")),
    ("schema.rs", include_str!("../../generated/src/support/schema.rs")),
    ("text.rs", include_str!("../../generated/src/support/text.rs")),
    ("union.rs", include_str!("../../generated/src/support/union.rs")),
    ("unknown.rs", include_str!("../../generated/src/support/unknown.rs")),
    ("violation.rs", include_str!("../../generated/src/support/violation.rs")),
    ("written.rs", include_str!("../../generated/src/support/written.rs")),
    ("written_chrono.rs", include_str!("../../generated/src/support/written_chrono.rs")),
    ("written_jiff.rs", include_str!("../../generated/src/support/written_jiff.rs")),
    ("written_time.rs", include_str!("../../generated/src/support/written_time.rs")),
    ("written_uuid.rs", include_str!("../../generated/src/support/written_uuid.rs")),
];

/// What a program needs beside the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Patterns are matched.
    pub pattern: bool,
    /// Some checks are left to the reference reader.
    pub reference: bool,
    /// Dates or times are read by `chrono`.
    pub chrono: bool,
    /// Dates or times are read by `jiff`.
    pub jiff: bool,
    /// Dates or times are read by `time`.
    pub time: bool,
    /// UUIDs are read by `uuid`.
    pub uuid: bool,
}

impl Needs {
    /// What some generated code needs.
    pub fn of(output: &Output) -> Self {
        // A long type is printed over several lines.
        let texts: Vec<String> = output.files.iter().map(|file| file.text.split_whitespace().collect()).collect();
        let says = |word: &str| texts.iter().any(|text| text.contains(word));
        Self {
            pattern: says("support::Pattern"),
            reference: says("support::Reference"),
            chrono: says("Written<::chrono::"),
            jiff: says("Written<::jiff::"),
            time: says("Written<::time::"),
            uuid: says("Written<::uuid::"),
        }
    }

    /// The same for two pieces of code in one program.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            pattern: self.pattern || other.pattern,
            reference: self.reference || other.reference,
            chrono: self.chrono || other.chrono,
            jiff: self.jiff || other.jiff,
            time: self.time || other.time,
            uuid: self.uuid || other.uuid,
        }
    }

    /// The lines of a `Cargo.toml` below `[dependencies]`.
    pub fn dependencies(self, schemars: Schemars) -> String {
        let mut lines = String::new();
        if self.chrono {
            lines.push_str("chrono = { version = \"0.4\", default-features = false, features = [\"std\"] }\n");
        }
        if self.pattern {
            lines.push_str("fancy-regex = \"0.20\"\n");
        }
        lines.push_str("indexmap = { version = \"2\", features = [\"serde\"] }\n");
        if self.jiff {
            lines.push_str("jiff = \"1\"\n");
        }
        if self.reference {
            lines.push_str("jsonschema = { version = \"0.61\", default-features = false, features = [\"idna\"] }\n");
        }
        if schemars == Schemars::Feature {
            lines.push_str("schemars = { version = \"1\", default-features = false, features = [\"std\"], optional = true }\n");
        }
        lines.push_str("serde = { version = \"1\", features = [\"derive\"] }\n");
        lines.push_str("serde_json = { version = \"1\", features = [\"float_roundtrip\", \"preserve_order\"] }\n");
        if self.time {
            lines.push_str("time = { version = \"0.3\", features = [\"formatting\", \"parsing\", \"macros\"] }\n");
        }
        if self.uuid {
            lines.push_str("uuid = \"1\"\n");
        }
        lines
    }
}

/// The support library as a module of the program that holds the types.
pub fn support(needs: Needs, schemars: Schemars) -> Vec<SourceFile> {
    let wanted = |name: &str| match name {
        "pattern.rs" => needs.pattern,
        "reference.rs" => needs.reference,
        "schema.rs" => schemars == Schemars::Feature,
        "written_chrono.rs" => needs.chrono,
        "written_jiff.rs" => needs.jiff,
        "written_time.rs" => needs.time,
        "written_uuid.rs" => needs.uuid,
        _ => true,
    };
    let files = SUPPORT.iter().filter(|(name, _)| wanted(name));
    files
        .map(|(name, text)| SourceFile {
            path: format!("support/{name}").into(),
            text: format!("{}`charter generate`; do not edit by hand.\n{}", crate::MARK, quiet(name, &transplanted(text, needs, schemars))),
        })
        .collect()
}

/// The library keeps to the lints of its own house, not to those of the one it is copied into.
fn quiet(name: &str, text: &str) -> String {
    let allow = "#![allow(dead_code, unused_imports, unreachable_pub, clippy::pedantic, reason = \"a library, copied as it is\")]\n";
    match (name, text.split_once("\n\nmod ")) {
        ("mod.rs", Some((docs, rest))) => format!("{docs}\n\n{allow}\nmod {rest}"),
        _ => text.to_owned(),
    }
}

/// A file of the support library without its tests, its conditions settled.
fn transplanted(text: &str, needs: Needs, schemars: Schemars) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut settled = String::with_capacity(text.len());
    let (mut skip, mut in_example) = (false, false);
    for line in text.lines() {
        if std::mem::take(&mut skip) {
            continue;
        }
        let condition = line.trim().strip_prefix("#[cfg(feature = \"").and_then(|rest| rest.strip_suffix("\")]"));
        match condition {
            Some("pattern") => skip = !needs.pattern,
            Some("reference") => skip = !needs.reference,
            Some("chrono") => skip = !needs.chrono,
            Some("jiff") => skip = !needs.jiff,
            Some("time") => skip = !needs.time,
            Some("uuid") => skip = !needs.uuid,
            Some("schemars") if schemars == Schemars::Never => skip = true,
            // Macros are for the crate that they are copied into, not for those that use it.
            None if matches!(line, "#[doc(hidden)]" | "#[macro_export]") => {}
            None if line.starts_with("pub use crate::{") => {
                let _ = writeln!(settled, "{}", line.replace("pub use crate::", "pub(crate) use "));
            }
            None if ["pub use abilities::", "pub use merged::"].iter().any(|of_macros| line.starts_with(of_macros)) => {
                let _ = writeln!(settled, "pub(crate) {}", line.trim_start_matches("pub "));
            }
            _ => {
                let fence = line.trim_start().starts_with("/// ```");
                in_example ^= fence;
                // Examples name the crate that the library comes from.
                let line = if fence && in_example { line.replace("```", "```ignore") } else { line.to_owned() };
                let _ = writeln!(settled, "{line}");
            }
        }
    }
    settled
}

/// The types as a module of somebody's program, the support library inside it.
pub fn module(output: &Output, options: &Options) -> Vec<SourceFile> {
    let needs = Needs::of(output);
    let mut files: Vec<SourceFile> = output.files.clone();
    for file in files.iter_mut().filter(|file| file.path == "mod.rs") {
        let needed = needs.dependencies(options.schemars);
        let lines: Vec<String> = needed.lines().map(|line| format!("//! {line}\n")).collect();
        let (mark, rest) = file.text.split_once("\n\n").unwrap_or((&file.text, ""));
        file.text = format!(
            "{mark}\n//!\n//! They need, below `[dependencies]` of Cargo.toml:\n//!\n//! ```toml\n{}//! ```\n\npub mod support;\n{rest}",
            lines.concat()
        );
    }
    files.extend(support(needs, options.schemars));
    files
}

/// A whole crate: its manifest, its root, the types and the support library.
pub fn package(name: &str, output: &Output, options: &Options) -> Vec<SourceFile> {
    let needs = Needs::of(output);
    let mut features = String::new();
    if options.schemars == Schemars::Feature {
        features.push_str("\n[features]\n# Types that give their schemas back.\nschemars = [\"dep:schemars\"]\n");
    }
    let manifest = format!(
        "# @generated by `charter generate`.\n[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{}{features}",
        needs.dependencies(options.schemars)
    );
    let root = format!(
        "{}`charter generate`; do not edit by hand.\n//! Exact types: what is read is valid, and is written back unchanged.\n\n\
         #[rustfmt::skip]\nmod generated;\npub mod support;\n\npub use generated::*;\n",
        crate::MARK
    );
    let mut files = vec![SourceFile { path: "Cargo.toml".into(), text: manifest }, SourceFile { path: "src/lib.rs".into(), text: root }];
    let inside = |folder: &str, file: &SourceFile| SourceFile { path: format!("{folder}/{}", file.path).into(), text: file.text.clone() };
    files.extend(output.files.iter().map(|file| inside("src/generated", file)));
    files.extend(support(needs, options.schemars).iter().map(|file| inside("src", file)));
    files
}
