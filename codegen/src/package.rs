//! Output that compiles in a user's tree: the generated files as a module or as a package, with the runtime as a dependency or as a
//! copy of its source.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use charter_runtime::source::{PARTS, Part};

pub use crate::crate_name::crate_name;
use crate::options::Schemars;
use crate::shape::{Check, Limit, Shape, Shapes, TextType, TypeKind};
pub use crate::snapshot_test::snapshot_test;
use crate::{Options, Output, SourceFile};

/// Where generated code gets the runtime from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// A dependency on the published `charter-runtime` of the generator's version.
    #[default]
    Version,
    /// A dependency on `charter-runtime` in a folder, as `path` in Cargo.toml.
    Path(Utf8PathBuf),
    /// A copy of the source of `charter-runtime` in the generated tree.
    Vendored,
}

/// The parts of the runtime that generated types use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Features {
    /// Types match patterns.
    pub pattern: bool,
    /// Types leave checks to the `jsonschema` crate.
    pub reference: bool,
    /// Strings are parsed by `chrono`.
    pub chrono: bool,
    /// Strings are parsed by `jiff`.
    pub jiff: bool,
    /// Strings are parsed by `time`.
    pub time: bool,
    /// Strings are parsed by `uuid`.
    pub uuid: bool,
    /// A client of the operations is generated.
    pub client: bool,
    /// A server of the operations is generated.
    pub server: bool,
}

impl Features {
    /// What the types of a contract use.
    pub(crate) fn of(shapes: &Shapes) -> Self {
        let mut features = Self::default();
        for type_ in &shapes.types {
            match &type_.kind {
                TypeKind::Struct { properties, patterns, additional } => {
                    features.pattern |= !patterns.is_empty();
                    let uses = properties.iter().map(|property| &property.use_).chain(patterns.iter().map(|pattern| &pattern.use_));
                    uses.chain(additional).for_each(|use_| features.add(&use_.shape));
                }
                TypeKind::Union { branches, .. } => branches.iter().for_each(|branch| features.add(&branch.shape)),
                TypeKind::Constrained { inner, checks } => {
                    features.add(inner);
                    features.pattern |= checks.iter().any(|check| matches!(check.limit, Limit::Pattern { .. }));
                    features.reference |= checks.iter().any(Check::is_reference);
                }
                TypeKind::Enumeration { .. } | TypeKind::Values { .. } => {}
            }
        }
        shapes.entries.iter().for_each(|entry| features.add(&entry.use_.shape));
        features
    }

    fn add(&mut self, shape: &Shape) {
        match shape {
            Shape::Text(text) => match text {
                TextType::JiffTimestamp | TextType::JiffDate => self.jiff = true,
                TextType::ChronoDateTime | TextType::ChronoDate => self.chrono = true,
                TextType::TimeDateTime | TextType::TimeDate => self.time = true,
                TextType::Uuid => self.uuid = true,
                TextType::Ipv4 | TextType::Ipv6 => {}
            },
            Shape::List(inner) | Shape::Map(inner) => self.add(&inner.shape),
            Shape::Tuple { items, rest, .. } => {
                items.iter().for_each(|item| self.add(&item.shape));
                rest.iter().for_each(|rest| self.add(&rest.shape));
            }
            _ => {}
        }
    }

    /// What two sets of types in one program use.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            pattern: self.pattern || other.pattern,
            reference: self.reference || other.reference,
            chrono: self.chrono || other.chrono,
            jiff: self.jiff || other.jiff,
            time: self.time || other.time,
            uuid: self.uuid || other.uuid,
            client: self.client || other.client,
            server: self.server || other.server,
        }
    }

    /// The names of the features of `charter-runtime`, in the order of the alphabet.
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            ("chrono", self.chrono),
            ("jiff", self.jiff),
            ("pattern", self.pattern),
            ("reference", self.reference),
            ("time", self.time),
            ("uuid", self.uuid),
        ];
        all.into_iter().filter(|(_, used)| *used).map(|(name, _)| name).collect()
    }

    /// The lines of a `Cargo.toml` below `[dependencies]`.
    pub fn dependencies(self, schemars: Schemars, runtime: &Runtime) -> String {
        let vendored = *runtime == Runtime::Vendored;
        let own = |used: bool| used && vendored;
        let lines = [
            (self.client, sibling("client", runtime)),
            (!vendored, self.runtime_dependency(runtime)),
            (self.server, sibling("server", runtime)),
            (self.chrono, "chrono = { version = \"0.4\", default-features = false, features = [\"std\"] }".to_owned()),
            (own(self.pattern), "fancy-regex = \"0.20\"".to_owned()),
            (vendored, "indexmap = { version = \"2\", features = [\"serde\"] }".to_owned()),
            (self.jiff, "jiff = \"1\"".to_owned()),
            (own(self.reference), "jsonschema = { version = \"0.61\", default-features = false, features = [\"idna\"] }".to_owned()),
            (
                schemars == Schemars::Feature,
                "schemars = { version = \"1\", default-features = false, features = [\"std\"], optional = true }".to_owned(),
            ),
            (true, "serde = { version = \"1\", features = [\"derive\"] }".to_owned()),
            (vendored, "serde_json = { version = \"1\", features = [\"float_roundtrip\", \"preserve_order\"] }".to_owned()),
            (self.time, "time = { version = \"0.3\", features = [\"formatting\", \"parsing\", \"macros\"] }".to_owned()),
            (self.uuid, "uuid = \"1\"".to_owned()),
        ];
        lines.into_iter().filter(|(used, _)| *used).map(|(_, line)| line + "\n").collect()
    }

    /// The line that names `charter-runtime`.
    fn runtime_dependency(self, runtime: &Runtime) -> String {
        let source = match runtime {
            Runtime::Path(path) => format!("path = {}", toml_string(path.as_str())),
            _ => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
        };
        match self.names() {
            names if names.is_empty() => format!("charter-runtime = {{ {source} }}"),
            names => format!("charter-runtime = {{ {source}, features = {names:?} }}"),
        }
    }

    /// Whether a copy of the runtime has a part.
    fn has(self, part: &Part, schemars: Schemars) -> bool {
        match part.feature {
            None => true,
            Some("schemars") => schemars == Schemars::Feature,
            Some(feature) => self.names().contains(&feature),
        }
    }
}

/// The line that names `charter-client` or `charter-server`. Its folder is next to that of `charter-runtime`.
fn sibling(name: &str, runtime: &Runtime) -> String {
    match runtime {
        Runtime::Path(path) => format!("charter-{name} = {{ path = {} }}", toml_string(path.with_file_name(name).as_str())),
        _ => format!("charter-{name} = {{ version = \"{}\" }}", env!("CARGO_PKG_VERSION")),
    }
}

/// A string of TOML: every string of JSON is one.
fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A copy of the runtime as a module named `support`. Code in the same module names it `super::support`.
pub fn vendored(features: Features, schemars: Schemars) -> Vec<SourceFile> {
    let mark = format!("{}`charter generate`; do not edit by hand.\n", crate::MARK);
    let parts: Vec<&Part> = PARTS.iter().filter(|part| features.has(part, schemars)).collect();
    let mut root = format!("{mark}{VENDORED_ROOT}");
    for part in &parts {
        // The feature of the user's own package decides whether types implement `JsonSchema`.
        let condition = if part.feature == Some("schemars") { "#[cfg(feature = \"schemars\")]\n" } else { "" };
        let _ = writeln!(root, "{condition}mod {};", part.name);
    }
    root.push('\n');
    for part in &parts {
        let condition = if part.feature == Some("schemars") { "#[cfg(feature = \"schemars\")]\n" } else { "" };
        if !part.items.is_empty() {
            let _ = writeln!(root, "{condition}pub use {}::{{{}}};", part.name, part.items.join(", "));
        }
        if !part.macros.is_empty() {
            let _ = writeln!(root, "pub(crate) use {}::{{{}}};", part.name, part.macros.join(", "));
        }
    }
    let files = parts.iter().map(|part| SourceFile::new(format!("support/{}.rs", part.name), format!("{mark}{}", part.text)));
    std::iter::once(SourceFile::new("support/mod.rs", root)).chain(files).collect()
}

/// How the root of a copy begins. The lints of the user's package are not those that the runtime is written for.
const VENDORED_ROOT: &str = "\
//! The runtime of the generated types: a copy of the crate `charter-runtime`.

#![allow(warnings, clippy::all, clippy::pedantic, reason = \"a copy of a library\")]

/// Defines a macro for the generated code of this package.
macro_rules! define_macro {
    ($(#[$attribute:meta])* $name:ident, $($rules:tt)*) => {
        $(#[$attribute])*
        macro_rules! $name { $($rules)* }
        pub(crate) use $name;
    };
}

";

/// The types as a module of a user's program.
pub fn module(output: &Output, options: &Options) -> Vec<SourceFile> {
    let dependencies = output.features.dependencies(options.schemars, &options.runtime);
    let lines: String = dependencies.lines().map(|line| format!("//! {line}\n")).collect();
    let support = support(options);
    let mut files: Vec<SourceFile> = output.files.clone();
    for file in files.iter_mut().filter(|file| file.path == "mod.rs") {
        let (head, rest) = file.text.split_once("\n\n").unwrap_or((&file.text, ""));
        file.text = format!(
            "{head}\n//!\n//! They need these lines below `[dependencies]` in Cargo.toml:\n//!\n//! ```toml\n{lines}//! ```\n\n{support}{rest}"
        );
    }
    if options.runtime == Runtime::Vendored {
        files.extend(vendored(output.features, options.schemars));
    }
    files
}

/// A package: its manifest, its root and the types.
pub fn package(name: &str, output: &Output, options: &Options) -> Vec<SourceFile> {
    let features = features_table(output, options);
    let tests = if options.snapshot_test { format!("\n{}", crate::snapshot_test::DEV_DEPENDENCIES) } else { String::new() };
    let manifest = format!(
        "# @generated by `charter generate`.\n[package]\nname = {}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{}{tests}{features}",
        toml_string(name),
        output.features.dependencies(options.schemars, &options.runtime)
    );
    let root = format!(
        "{}`charter generate`; do not edit by hand.\n//! Types that accept exactly the valid documents and write them back unchanged.\n\n\
         #[rustfmt::skip]\nmod generated;\n{}\npub use generated::*;\n",
        crate::MARK,
        support(options)
    );
    let mut files = vec![SourceFile::new("Cargo.toml", manifest), SourceFile::new("src/lib.rs", root)];
    let inside = |folder: &str, file: &SourceFile| SourceFile::new(format!("{folder}/{}", file.path), file.text.clone());
    files.extend(output.files.iter().map(|file| inside("src/generated", file)));
    if options.runtime == Runtime::Vendored {
        files.extend(vendored(output.features, options.schemars).iter().map(|file| inside("src", file)));
    }
    if options.snapshot_test {
        files.push(snapshot_test(output, "src/generated".into()));
    }
    files
}

/// The table `[features]`, after an empty line; nothing without features.
fn features_table(output: &Output, options: &Options) -> String {
    let mut table = String::new();
    if !output.tag_features.is_empty() {
        table.push_str("# Every tag of the document: `default-features = false` and the names of some tags compile only their operations and types.\ndefault = [\n");
        for feature in &output.tag_features {
            let _ = writeln!(table, "    {:?},", feature.name);
        }
        table.push_str("]\n");
        for feature in &output.tag_features {
            let what = match (&feature.tag, feature.operations) {
                (Some(tag), 1) => format!("The operation of the tag {}.", crate::emit::inline_code(tag)),
                (Some(tag), operations) => format!("The {operations} operations of the tag {}.", crate::emit::inline_code(tag)),
                (None, _) => "The types that no operation uses.".to_owned(),
            };
            let _ = writeln!(table, "# {what}\n{} = []", feature.name);
        }
    }
    if options.schemars == Schemars::Feature {
        let runtime = if options.runtime == Runtime::Vendored { "" } else { ", \"charter-runtime/schemars\"" };
        let _ = writeln!(table, "# `schemars::JsonSchema` of the types.\nschemars = [\"dep:schemars\"{runtime}]");
    }
    if table.is_empty() { table } else { format!("\n[features]\n{table}") }
}

/// The item that makes the runtime part of the API of the types: a copy, or the dependency under the same name.
fn support(options: &Options) -> String {
    match options.runtime {
        Runtime::Vendored => "pub mod support;\n".to_owned(),
        _ => format!("pub use {} as support;\n", options.support),
    }
}
