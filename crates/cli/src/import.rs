//! `import`: imports an OpenAPI document into the contract's folder; every file is written atomically.

use std::io::Read as _;

use camino::Utf8Path;
use charter_diff::import::{Error, Request, import};
use charter_report::counted;
use similar::TextDiff;

use crate::arguments::Import;
use crate::progress::Step;
use crate::{exit, output};

pub(crate) fn run(arguments: &Import) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    if folder.is_file() {
        output::message(&format!("error: {folder} is a file; name the folder to import into with --contract"));
        return exit::USAGE;
    }
    let request = match request(arguments, &folder) {
        Ok(request) => request,
        Err(code) => return code,
    };
    let step = Step::new("importing the document");
    let imported = import(&request);
    drop(step);
    let imported = match imported {
        Ok(imported) => imported,
        Err(Error::Contract(error)) => return output::print_problems(Utf8Path::new(&arguments.openapi), &error),
        Err(Error::Result(error)) => {
            let code = output::print_problems(&folder, &error);
            output::message(&format!(
                "error: cannot import {}: the imported documents do not load; nothing was written",
                arguments.openapi
            ));
            return code;
        }
        Err(error) => {
            output::message(&format!("error: cannot import {}: {error}", arguments.openapi));
            return exit::USAGE;
        }
    };
    let changed: Vec<_> = imported.files.iter().filter(|file| !request.present.contains(file)).collect();
    let mut text = String::new();
    for (name, bytes) in &changed {
        if arguments.dry_run {
            let old = request.present.iter().find(|(present, _)| present == name).map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
            let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(bytes));
            text.push_str(&TextDiff::from_lines(&*old, &*new).unified_diff().header(name, name).to_string());
        } else if let Err(error) = output::write(&folder.join(name), &String::from_utf8_lossy(bytes)) {
            output::message(&format!("error: cannot write {}: {error}", folder.join(name)));
            return exit::UNREADABLE;
        }
    }
    for overlay in &imported.overlays {
        for target in &overlay.idle {
            output::message(&format!("warning: {}: no value at `{target}`", overlay.name));
        }
    }
    let verb = if arguments.dry_run { "would be written" } else { "written" };
    let names: Vec<&str> = changed.iter().map(|(name, _)| name.as_str()).collect();
    let list = if names.is_empty() { "no changes".to_owned() } else { format!("{verb}: {}", names.join(", ")) };
    text.push_str(&format!("{} operations, {} schemas; {list}\n", imported.operations, imported.schemas));
    for (keyword, count) in &imported.ignored {
        let schemas = counted(*count as u64, "schema");
        output::message(&format!("warning: the boolean `{keyword}` of {schemas} was removed: it has no effect since draft 6"));
    }
    for name in &imported.left {
        text.push_str(&format!("unchanged: {name}: no schema with its title\n"));
    }
    let code = output::print(&text);
    if !arguments.dry_run
        && let Err(error) = charter_rules::load(&folder)
    {
        let count = error.problems().len();
        output::message(&format!(
            "warning: {count} rules or settings do not fit the imported schemas; `charter lint` lists them with file and line"
        ));
    }
    code
}

fn request(arguments: &Import, folder: &Utf8Path) -> Result<Request, u8> {
    let refuse = |path: &str, error: std::io::Error| {
        output::message(&format!("error: cannot read {path}: {error}"));
        exit::UNREADABLE
    };
    let (mut bytes, mut parts) = (Vec::new(), Vec::new());
    let name = if arguments.openapi == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| refuse("standard input", error))?;
        "stdin".to_owned()
    } else {
        let path = Utf8Path::new(&arguments.openapi);
        bytes = std::fs::read(path).map_err(|error| refuse(&arguments.openapi, error))?;
        let mut files = charter_contract::load::read_folder(path).map_err(|error| output::print_problems(path, &error))?;
        parts = files.split_off(1);
        path.file_name().unwrap_or("openapi").to_owned()
    };
    let (mut present, mut overlays) = (Vec::new(), Vec::new());
    if folder.is_dir() {
        let mut names: Vec<String> = Vec::new();
        for entry in folder.read_dir_utf8().map_err(|error| refuse(folder.as_str(), error))? {
            names.push(entry.map_err(|error| refuse(folder.as_str(), error))?.file_name().to_owned());
        }
        names.sort();
        for name in names {
            let is_overlay = name.ends_with(".overlay.yaml") || name.ends_with(".overlay.yml") || name.ends_with(".overlay.json");
            let is_document = name.ends_with(".schema.json") || matches!(name.as_str(), "openapi.yaml" | "openapi.yml" | "openapi.json");
            if is_overlay || is_document {
                let path = folder.join(&name);
                let bytes = std::fs::read(&path).map_err(|error| refuse(path.as_str(), error))?;
                if is_overlay { overlays.push((name, bytes)) } else { present.push((name, bytes)) }
            }
        }
    }
    for path in &arguments.overlay {
        let bytes = std::fs::read(path).map_err(|error| refuse(path.as_str(), error))?;
        overlays.push((path.file_name().unwrap_or("overlay.yaml").to_owned(), bytes));
    }
    Ok(Request { name, bytes, parts, operations: arguments.operation.clone(), overlays, present })
}
