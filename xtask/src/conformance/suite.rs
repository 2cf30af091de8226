//! Reads the suite's files as groups: a schema with valid and invalid documents.

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::{Draft, Sources, read_map};
use serde_json::Value;

/// A schema of the suite with its tests.
pub(super) struct Group {
    pub(super) draft: String,
    pub(super) file: String,
    pub(super) description: String,
    pub(super) sources: Sources,
    pub(super) tests: Vec<Test>,
}

impl Group {
    /// The name of the group, as `draft/file: description`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}: {}", self.draft, self.file, self.description)
    }
}

/// A document, and whether it is valid.
pub(super) struct Test {
    pub(super) description: String,
    pub(super) data: Value,
    pub(super) valid: bool,
}

const DRAFTS: [(&str, Draft); 5] = [
    ("draft2020-12", Draft::Draft202012),
    ("draft2019-09", Draft::Draft201909),
    ("draft7", Draft::Draft7),
    ("draft6", Draft::Draft6),
    ("draft4", Draft::Draft4),
];

/// The base URI of the suite's remote documents.
const REMOTES: &str = "http://localhost:1234";

pub(super) fn read(folder: &Utf8Path, drafts: &[String], only: &[String], optional: bool) -> Result<Vec<Group>, String> {
    if let Some(unknown) = drafts.iter().find(|draft| !DRAFTS.iter().any(|(name, _)| name == draft)) {
        return Err(format!("unknown draft `{unknown}`; expected one of {}", DRAFTS.map(|(name, _)| name).join(", ")));
    }
    let remotes = read_map(REMOTES, &folder.join("remotes")).map_err(|error| error.to_string())?;
    let mut groups = Vec::new();
    for (name, draft) in DRAFTS {
        if !drafts.is_empty() && !drafts.iter().any(|wanted| wanted == name) {
            continue;
        }
        let tests = folder.join("tests").join(name);
        let mut files = Vec::new();
        collect(&if optional { tests.join("optional") } else { tests.clone() }, optional, &mut files)?;
        files.sort();
        for file in files {
            let stem = file.strip_prefix(&tests).unwrap_or(&file).with_extension("");
            if !only.is_empty() && !only.iter().any(|wanted| stem.file_name() == Some(wanted.as_str())) {
                continue;
            }
            let text = std::fs::read(&file).map_err(|error| format!("cannot read {file}: {error}"))?;
            let value: Value = serde_json::from_slice(&text).map_err(|error| format!("{file}: {error}"))?;
            for group in value.as_array().into_iter().flatten() {
                groups.push(
                    one(group, name, stem.as_str(), draft, &remotes).ok_or_else(|| format!("{file} is not in the format of the suite"))?,
                );
            }
        }
    }
    if groups.is_empty() {
        return Err(format!("{folder} contains none of the selected tests"));
    }
    Ok(groups)
}

fn collect(folder: &Utf8Path, deep: bool, files: &mut Vec<Utf8PathBuf>) -> Result<(), String> {
    let entries = folder.read_dir_utf8().map_err(|error| format!("cannot read {folder}: {error}"))?;
    for entry in entries {
        let path = entry.map_err(|error| format!("cannot read {folder}: {error}"))?.into_path();
        if path.is_dir() && deep {
            collect(&path, deep, files)?;
        } else if path.extension() == Some("json") {
            files.push(path);
        }
    }
    Ok(())
}

fn one(group: &Value, draft: &str, file: &str, default: Draft, remotes: &[(String, Vec<u8>)]) -> Option<Group> {
    let tests = group.get("tests")?.as_array()?.iter().map(|test| {
        Some(Test {
            description: test.get("description")?.as_str()?.to_owned(),
            data: test.get("data")?.clone(),
            valid: test.get("valid")?.as_bool()?,
        })
    });
    let mut files = vec![("schema.json".to_owned(), group.get("schema")?.to_string().into_bytes())];
    // These tests expect that formats are asserted.
    if file.starts_with("optional/format/") {
        files.push(("charter.toml".to_owned(), b"[generate.formats]\nassert = true\n".to_vec()));
    }
    Some(Group {
        draft: draft.to_owned(),
        file: file.to_owned(),
        description: group.get("description")?.as_str()?.to_owned(),
        sources: Sources::new(files).with_remotes(remotes.to_vec()).with_draft(default),
        tests: tests.collect::<Option<_>>()?,
    })
}
