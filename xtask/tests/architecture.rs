//! The order of the crates: `docs/architecture.md` lists what each crate may depend on, and the manifests agree.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The crates of the first contract. No crate of the engine may depend on one, not even in its tests.
const RUN_API: [&str; 4] = ["charter-generated", "charter-simulator", "charter-contract-tests", "xtask"];

/// The documented dependencies of every crate of the engine.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string("../docs/architecture.md").expect("the document");
    let rows = text.lines().filter(|line| line.starts_with("| `charter-") && line.matches('|').count() == 5);
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (quoted(cells[1]).pop_first().expect("a name"), quoted(cells[4]))
    })
    .collect()
}

/// The dependencies of every crate of the workspace on another: name, kind, name.
fn actual() -> Vec<(String, String, String)> {
    let output = Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1"]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut all = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let name = dependency["name"].as_str().expect("a name");
            if names.contains(name) {
                let kind = dependency["kind"].as_str().unwrap_or("normal").to_owned();
                all.push((package["name"].as_str().expect("a name").to_owned(), kind, name.to_owned()));
            }
        }
    }
    all
}

#[test]
fn crates_depend_only_on_what_the_document_lists() {
    let documented = documented();
    assert!(documented.len() >= 12, "the table of docs/architecture.md is not read: {documented:?}");
    for (name, kind, other) in actual() {
        let Some(allowed) = documented.get(&name) else {
            assert!(RUN_API.contains(&name.as_str()), "{name} is not listed in docs/architecture.md");
            continue;
        };
        assert!(!RUN_API.contains(&other.as_str()), "{name} is a crate of the engine and depends ({kind}) on {other}");
        assert!(kind != "normal" || allowed.contains(&other), "{name} depends on {other}, which docs/architecture.md does not list");
    }
}

#[test]
fn the_documented_order_has_no_circle() {
    let documented = documented();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < documented.len() {
        let next =
            documented.iter().find(|(name, below)| !done.contains(name.as_str()) && below.iter().all(|name| done.contains(name.as_str())));
        let (name, _) = next.unwrap_or_else(|| panic!("a circle, or an unlisted crate, above {done:?}"));
        done.insert(name);
    }
}

#[test]
fn no_source_file_is_included_across_crates() {
    for folder in ["../crates", "../codegen", "../generated", "../contract-tests", "../simulator", "../xtask"] {
        for entry in walkdir::WalkDir::new(folder) {
            let entry = entry.expect("an entry");
            if entry.path().extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let path = entry.path();
            let package = path.ancestors().find(|folder| folder.join("Cargo.toml").exists()).expect("a package");
            let package = package.canonicalize().expect("a path");
            let text = std::fs::read_to_string(path).expect("a text");
            let inclusions = ["include_str!(\"", "include_bytes!(\"", "#[path = \""];
            let named = inclusions.iter().flat_map(|inclusion| text.split(inclusion).skip(1)).filter_map(|rest| rest.split('"').next());
            for named in named {
                let target = path.parent().expect("a folder").join(named);
                // Strings in tests may look like an inclusion and name no file.
                if let Ok(target) = target.canonicalize() {
                    assert!(target.starts_with(&package), "{} includes {named}", path.display());
                }
            }
        }
    }
}

/// The Python module and the cluster have lock files of their own, so that no other build sees their dependencies.
#[test]
fn packages_outside_the_workspace_add_no_dependency() {
    let outside = ["../python/Cargo.toml", "../crates/cluster/Cargo.toml"];
    for manifest in outside {
        let text = std::fs::read_to_string(manifest).unwrap_or_else(|error| panic!("{manifest}: {error}"));
        assert!(text.lines().any(|line| line == "[workspace]"), "{manifest} is not a workspace of its own");
        let lock = manifest.replace(".toml", ".lock");
        assert!(std::path::Path::new(&lock).exists(), "{lock} is missing");
    }
    let lock = std::fs::read_to_string("../Cargo.lock").expect("the lock file");
    for manifest in outside {
        same_versions(&lock, &std::fs::read_to_string(manifest.replace(".toml", ".lock")).expect("a lock file"), manifest);
    }
    let packages: BTreeSet<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(packages.contains("charter-engine"), "the lock file is not read");
    for name in ["charter-python", "pyo3", "pyo3-ffi", "charter-cluster", "ballista-core", "datafusion", "arrow", "tonic"] {
        assert!(!packages.contains(name), "the workspace depends on {name}");
    }
}

/// Object stores are read by a feature that is off by default.
#[test]
fn the_default_command_has_no_client_of_object_stores() {
    let packages = |features: &[&str]| -> BTreeSet<String> {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", "charter-cli", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .args(features)
            .output()
            .expect("cargo");
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let lines = String::from_utf8_lossy(&tree.stdout).into_owned();
        lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let default = packages(&[]);
    assert!(default.contains("charter-engine") && !default.contains("object_store") && !default.contains("charter-objects"));
    assert!(packages(&["--features", "cloud"]).contains("object_store"));
}

/// The packages of a lock file: name and version, and the names of the dependencies.
fn locked(text: &str) -> BTreeMap<(String, String), BTreeSet<String>> {
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let packages = text.split("[[package]]").skip(1).filter_map(|package| {
        let value = |key: &str| package.lines().find(|line| line.starts_with(key)).and_then(quoted);
        let dependencies = package.split_once("dependencies = [").map_or("", |(_, list)| list.split(']').next().unwrap_or_default());
        let names = dependencies.lines().filter_map(quoted).filter_map(|name| Some(name.split(' ').next()?.to_owned()));
        Some(((value("name = ")?, value("version = ")?), names.collect()))
    });
    packages.collect()
}

/// The part of a version that changes with incompatible releases. A lock file has one version for each.
fn compatible(version: &str) -> String {
    let parts: Vec<&str> = version.split(['.', '+']).collect();
    let length = parts.iter().take(3).position(|part| *part != "0").map_or(3, |at| at + 1);
    parts[..length].join(".")
}

/// A lock file outside the workspace has the versions of the workspace, and each dependency of its members: `--locked` refuses it otherwise. It may also have
/// incompatible versions of the same packages.
fn same_versions(workspace: &str, outside: &str, manifest: &str) {
    let (workspace, outside) = (locked(workspace), locked(outside));
    let known: BTreeMap<(&str, String), &str> =
        workspace.keys().map(|(name, version)| ((name.as_str(), compatible(version)), version.as_str())).collect();
    let other =
        outside.keys().filter(|(name, version)| known.get(&(name.as_str(), compatible(version))).is_some_and(|known| known != version));
    let other: Vec<_> = other.collect();
    assert!(
        other.is_empty(),
        "{manifest}: other versions than in the workspace: {other:?}; run `cargo update --package NAME --precise VERSION` in its folder"
    );
    let metadata = Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1"]).output().expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let mut compared = 0;
    for package in metadata["packages"].as_array().expect("packages") {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let Some(found) = outside.get(&(text(&package["name"]), text(&package["version"]))) else { continue };
        compared += 1;
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let is_needed = dependency["kind"].is_null() && dependency["optional"] == false && dependency["target"].is_null();
            let name = text(&dependency["name"]);
            assert!(
                !is_needed || found.contains(&name),
                "{} needs {name}, which the lock file of {manifest} does not list",
                package["name"]
            );
        }
    }
    assert!(compared >= 5, "only {compared} members of the workspace are in the lock file");
}
