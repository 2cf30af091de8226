//! The manifests: what `cargo package --workspace` and a registry ask of every package.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The packages of the workspace, as `cargo metadata` describes them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1"]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a name")
}

#[test]
fn every_package_has_the_metadata_of_a_registry() {
    for package in packages() {
        for member in ["description", "repository", "license", "readme", "rust_version"] {
            let text = package[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{} has no `{member}`", name(&package));
        }
        for member in ["keywords", "categories"] {
            let count = package[member].as_array().map_or(0, Vec::len);
            // crates.io accepts at most five of each.
            assert!((1..=5).contains(&count), "{} has {count} {member}", name(&package));
        }
        let folder = Path::new(package["manifest_path"].as_str().expect("a path")).parent().expect("a folder");
        let license = std::fs::read_to_string(folder.join("LICENSE")).unwrap_or_else(|error| panic!("{}: {error}", name(&package)));
        assert!(license.contains("Apache License"), "{} has another licence", name(&package));
    }
}

#[test]
fn dependencies_on_members_have_a_version_except_those_of_tests() {
    let packages = packages();
    let members: Vec<&str> = packages.iter().map(name).collect();
    for package in &packages {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let other = dependency["name"].as_str().expect("a name");
            if !members.contains(&other) {
                continue;
            }
            // `cargo package` drops a development dependency without a version, so that circles between tests do no harm.
            let has_version = dependency["req"] != "*";
            let is_of_tests = dependency["kind"] == "dev";
            assert!(
                has_version != is_of_tests,
                "{} depends on {other}: write `{other}.workspace = true`, or under [dev-dependencies] `{other} = {{ path = … }}`",
                name(package)
            );
        }
    }
}

#[test]
fn one_installed_package_has_one_binary() {
    for package in packages() {
        let targets = package["targets"].as_array().expect("targets");
        let binaries: Vec<&Value> = targets.iter().filter(|target| target["kind"][0] == "bin").map(|target| &target["name"]).collect();
        match name(&package) {
            "charter-cli" => assert_eq!(binaries, ["charter"]),
            "xtask" => assert_eq!(binaries, ["xtask"]),
            other => assert!(binaries.is_empty(), "{other} installs {binaries:?}"),
        }
    }
}
