//! `check --split`, `check --over-time` and `merge`: the report of a single run, of which each process reads a part.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use charter_engine::{CheckOptions, Judge, SplitPlan, judge_split};
use charter_report::render_json;
use serde_json::json;
use tempfile::TempDir;

use crate::recordings::charter;

const RULES: &str = r##"
format: charter-invariants/1
resources: [{schema: "openapi.json#/components/schemas/Parcel", identity: /id}]
invariants:
  - {id: parcel.size-stays, on: "openapi.json#/components/schemas/Parcel", rule: "self.size == oldSelf.size", message: "the size changes from {{ oldSelf.size }} to {{ self.size }}",
     severity: error, promise: {kind: documented, where: w, quote: q}, examples: {pass: [{self: {size: 1}, oldSelf: {size: 1}}], fail: [{self: {size: 2}, oldSelf: {size: 1}}]}}
"##;

/// Adds a contract with a rule over time.
pub(crate) fn add_contract(folder: &Path) {
    let contract = json!({
        "openapi": "3.1.0", "info": {"title": "Parcels", "version": "1"}, "servers": [{"url": "https://example.com/v1"}],
        "paths": {"/parcels/{id}": {"get": {
            "operationId": "parcels.get", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "A parcel.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}}
        }}},
        "components": {"schemas": {"Parcel": {"type": "object", "required": ["id", "size"], "properties": {
            "id": {"type": "string"}, "size": {"type": "integer", "minimum": 0}, "text": {"type": "string"}
        }}}}
    });
    std::fs::create_dir_all(folder.join("contract")).expect("a folder");
    std::fs::write(folder.join("contract/openapi.json"), contract.to_string()).expect("written");
    std::fs::write(folder.join("contract/parcels.invariants.yaml"), RULES).expect("written");
}

/// A contract with a rule over time, and an archive of about 4.5 MB, in which observations of a parcel are far from each other.
fn archive() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    add_contract(folder.path());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    std::fs::create_dir_all(folder.path().join("archive")).expect("a folder");
    let (mut large, mut small) = (String::new(), String::new());
    for number in 0..1_500_usize {
        let (id, round) = (format!("p{:03}", number % 150), number / 150);
        let size = if number % 211 == 5 { -1 } else { (number % 150 + usize::from(number % 97 == 96)) as i64 };
        let exchange = json!({
            "format": "charter-exchange/1", "startedDateTime": format!("2026-07-01T00:{round:02}:00Z"), "time": 10,
            "request": {"method": "GET", "url": format!("https://example.com/v1/parcels/{id}"), "headers": []},
            "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}],
                "body": {"id": id, "size": size, "text": "x".repeat(2_800)}},
        });
        let text = if number % 10 == 0 { &mut small } else { &mut large };
        writeln!(text, "{exchange}").expect("text");
    }
    write("archive/large.ndjson", &large);
    write("archive/small.ndjson", &small);
    folder
}

pub(crate) fn run(folder: &Path, arguments: &str, code: i32) -> String {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let (found, _, errors) = charter(folder, &arguments);
    assert_eq!(found, code, "{arguments:?}: {errors}");
    errors
}

#[test]
fn splits_and_shares_are_merged_to_the_report_of_a_single_run() {
    let folder = archive();
    let folder = folder.path();
    run(folder, "check archive --contract contract --report json=whole.json --quiet", 1);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let whole = read("whole.json");
    assert!(whole.contains("blake3:") && whole.contains("\"rule\": \"parcel.size-stays\""));
    let check = "check archive --contract contract --quiet --observations work";
    for number in 1..=3 {
        run(folder, &format!("{check} --split {number}/3 --report json=work/split-{number}.json"), 1);
    }
    // A part that is run again replaces its files.
    run(folder, &format!("{check} --split 2/3 --report json=work/split-2.json"), 1);
    let errors = run(folder, "merge work", 3);
    assert!(errors.contains("observations for rules over time, and no report of these rules is given"), "{errors}");
    for number in 1..=2 {
        run(
            folder,
            &format!("check --over-time {number}/2 work --contract contract --quiet --report json=work/over-time-{number}.json"),
            1,
        );
    }
    run(folder, "merge work --quiet --report json=merged.json", 1);
    assert!(whole == read("merged.json"));
    // Reports of parts that are missing or given twice are refused.
    std::fs::copy(folder.join("work/split-1.json"), folder.join("work/again.json")).expect("copied");
    let errors = run(folder, "merge work", 2);
    assert!(errors.contains("are both reports of split 1/3"), "{errors}");
    std::fs::remove_file(folder.join("work/again.json")).expect("removed");
    std::fs::remove_file(folder.join("work/over-time-2.json")).expect("removed");
    let errors = run(folder, "merge work", 3);
    assert!(errors.contains("1 of 2 shares of the rules over time missing: 2/2"), "{errors}");
    // A damaged file is named.
    let observations = std::fs::read(folder.join("work/2-of-3.observations")).expect("a file");
    for length in [observations.len() / 2, observations.len() - 4, 20] {
        std::fs::write(folder.join("work/2-of-3.observations"), &observations[..length]).expect("written");
        let errors = run(folder, "check --over-time 1/1 work --contract contract", 3);
        assert!(errors.contains("2-of-3.observations: the file is damaged"), "{length}: {errors}");
    }
    std::fs::remove_file(folder.join("work/2-of-3.observations")).expect("removed");
    let errors = run(folder, "check --over-time 1/1 work --contract contract", 3);
    assert!(errors.contains("the observations of 1 of 3 splits are missing: 2/3"), "{errors}");
    // Without the files, findings over time have no positions.
    run(folder, &format!("{check} --split 2/3"), 1);
    std::fs::rename(folder.join("archive"), folder.join("elsewhere")).expect("renamed");
    let errors = run(folder, "check --over-time 1/1 work --contract contract --quiet", 1);
    assert!(errors.contains("archive/large.ndjson cannot be read: its findings over time have no positions"), "{errors}");
}

#[test]
fn wrong_usage_of_splits_is_refused() {
    let folder = archive();
    let folder = folder.path();
    for (arguments, wanted) in [
        ("check archive --split 1/2", "--observations"),
        ("check archive --observations work", "--split"),
        ("check archive --split 1/2 --observations work --partition 1/2", "cannot be used with"),
        ("check archive --split 3/2 --observations work", "there is no partition 3 of 2"),
        ("check - --split 1/2 --observations work", "--split cannot read standard input"),
        ("check --over-time 1/2", "PATH"),
        ("check a b --over-time 1/2", "--over-time needs one path"),
    ] {
        let errors = run(folder, &format!("{arguments} --contract contract"), 2);
        assert!(errors.contains(wanted), "{arguments}: {errors}");
    }
    let errors = run(folder, "check --over-time 1/1 nothing --contract contract", 3);
    assert!(errors.contains("nothing: "), "{errors}");
    let errors = run(folder, "check --over-time 1/1 archive --contract contract", 3);
    assert!(errors.contains("missing"), "{errors}");
    std::fs::create_dir(folder.join("work")).expect("a folder");
    std::fs::write(folder.join("work/1-of-1.observations"), "something else").expect("written");
    let errors = run(folder, "check --over-time 1/1 work --contract contract", 3);
    assert!(errors.contains("the file is damaged, or is not the file of a split"), "{errors}");
}

/// The usual limit of open files is 1024; here it is lower, so that fewer splits reach it.
#[cfg(unix)]
#[test]
fn more_splits_than_open_files_are_merged() {
    const SPLITS: u32 = 150;
    let folder = archive();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let arguments = [path("archive")];
    run(folder.path(), &format!("check {} --contract contract --report json=whole.json --quiet", arguments[0]), 1);
    std::fs::create_dir(folder.path().join("work")).expect("a folder");
    let judge = Judge::load(path("contract")).unwrap_or_else(|error| panic!("{error}"));
    for number in 1..=SPLITS {
        let split = format!("{number}/{SPLITS}").parse().expect("a part");
        let options = CheckOptions::default();
        let judged = judge_split(&judge, &SplitPlan::new(&arguments), split, &options, &mut |_| ControlFlow::Continue(())).expect("space");
        std::fs::write(path(&format!("work/{number}.json")), render_json(&judged.report)).expect("written");
        let file = std::fs::File::create(path(&format!("work/{number}.observations"))).expect("a file");
        judged.observations.write(file).expect("written");
    }
    let limited = |arguments: &str| {
        let script = format!("ulimit -n 100; {} {arguments} --quiet", assert_cmd::cargo::cargo_bin("charter").display());
        let output = std::process::Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output().expect("a shell");
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for share in 1..=2 {
        limited(&format!("check --over-time {share}/2 work --contract contract --report json=work/over-time-{share}.json"));
    }
    limited("merge work --report json=merged.json");
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(read("whole.json") == read("merged.json"));
}

/// Counts the bytes that the system calls of a process and its children read.
#[cfg(target_os = "linux")]
#[test]
fn each_split_reads_its_part_of_the_bytes() {
    let folder = archive();
    let program = assert_cmd::cargo::cargo_bin("charter");
    let read = |arguments: &str| {
        let script = format!("{} {arguments} --contract contract --quiet; cat /proc/$$/io", program.display());
        let output = std::process::Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output().expect("a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let bytes = text.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap_or_else(|| panic!("{text}"));
        bytes.parse::<u64>().expect("a number")
    };
    let size: u64 = ["large", "small"]
        .map(|name| std::fs::metadata(folder.path().join(format!("archive/{name}.ndjson"))).expect("a file").len())
        .iter()
        .sum();
    // The program and the contract are read by every process.
    let own = read("check contract/none.ndjson");
    let whole = read("check archive") - own;
    // A run that is not divided reads the exchanges of findings over time again.
    assert!(whole >= size && whole < 2 * size, "{whole} of {size}");
    for number in 1..=4 {
        let part = read(&format!("check archive --split {number}/4 --observations work")) - own;
        // Files are divided at multiples of 1 MiB.
        assert!(part < size / 4 + (1 << 20), "split {number}/4 reads {part} of {size} bytes");
    }
}
