//! Merged reports of partitions equal the report of a single run: every byte, in every format, and the exit code.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Ran, root, run_command, xtask_in};

/// Runs a command in a folder, with the Run contract.
fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let contract = root().join("schema").to_string_lossy().into_owned();
    let mut command = xtask_in(folder, arguments);
    if ["check", "merge"].contains(&arguments[0]) {
        command.args(["--contract", &contract]);
    }
    run_command(&mut command)
}

fn check_code(folder: &Path, arguments: &[&str], code: i32, wanted: &str) -> Ran {
    run(folder, arguments).expect(arguments, code, wanted)
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&read(folder, name)).expect("JSON")
}

/// An archive of repeated runs with violations, also over time, and with input that cannot be read, matched or checked.
fn archive() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let corpus = |seed: &str, size: &str, name: &str, more: &[&str]| {
        let arguments = ["bench", "--corpus", name, "--size", size, "--seed", seed, "--broken", "35"];
        check_code(folder.path(), &[&arguments[..], more].concat(), 0, "");
    };
    corpus("7", "1MB", "all.ndjson", &["--exchanges"]);
    corpus("8", "200KB", "bodies.ndjson", &[]);
    std::fs::create_dir(folder.path().join("archive")).expect("a folder");
    // The same runs are in two files; the later observations are in the first file.
    let all = read(folder.path(), "all.ndjson");
    let (early, late): (Vec<_>, Vec<_>) = all.lines().enumerate().partition(|(index, _)| index % 3 == 0);
    let text = |lines: Vec<(usize, &str)>| lines.into_iter().map(|(_, line)| format!("{line}\n")).collect::<String>();
    let mut late = text(late);
    let url = |path: &str| json!({ "method": "GET", "url": path, "headers": [] });
    let odd = |path: &str, response: Value| {
        let exchange = json!({
            "format": "charter-exchange/1", "startedDateTime": "2026-07-01T00:00:00Z", "request": url(path), "response": response
        });
        format!("{exchange}\n")
    };
    late += "{\"no JSON\n";
    late += &odd("/api/v1/nothing", json!({ "status": 200, "headers": [], "body": {} }));
    late += "{\"format\": \"charter-exchange/1\", \"unknown\": 1}\n";
    late += &odd("/api/v1/runs/run_x", json!({ "status": 404, "headers": [], "body": { "wrong": true } }));
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join("archive").join(name), bytes).expect("written");
    write("a.ndjson", late.as_bytes());
    write("b.ndjson", text(early).as_bytes());
    let bodies = read(folder.path(), "bodies.ndjson");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bodies.as_bytes()).expect("packed");
    write("c.ndjson.gz", &packed.finish().expect("packed"));
    folder
}

/// Checks all partitions, the last first, and merges them. Returns the exit codes and the result of the merge.
fn in_parts(folder: &Path, inputs: &[&str], of: u32, check: &[&str], merge: &[&str]) -> (Vec<i32>, Ran) {
    let mut codes = Vec::new();
    let mut names = Vec::new();
    for number in (1..=of).rev() {
        let (part, name) = (format!("{number}/{of}"), format!("part-{number}-of-{of}.json"));
        let report = format!("json={name}");
        let arguments = [&["check"], inputs, &["--partition", &part, "--report", &report], check].concat();
        codes.push(run(folder, &arguments).code);
        names.push(name);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    (codes, run(folder, &[&["merge"], &names[..], merge].concat()))
}

#[test]
fn merged_partitions_equal_a_single_run() {
    let folder = archive();
    let (folder, inputs) = (folder.path(), &["archive"][..]);
    let whole = check_code(folder, &["check", "archive", "--report", "json=whole.json"], 1, "");
    assert!(whole.err.is_empty(), "{}", whole.err);
    let report = json(folder, "whole.json");
    let samples = || report["groups"].as_array().expect("groups").iter().flat_map(|group| group["samples"].as_array().expect("samples"));
    let over_time = samples().filter(|sample| !sample["previous"].is_null()).count();
    assert!(over_time > 3 && report["summary"]["exchanges"].as_u64() > Some(300), "{over_time} {}", report["summary"]);
    assert!(report["groups"].as_array().expect("groups").len() > 20 && report["timelineCount"].as_u64() > Some(20));
    let schema: Value = serde_json::from_str(charter_report::REPORT_SCHEMA).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for of in 1..=8 {
        let (codes, merged) = in_parts(folder, inputs, of, &[], &["--report", "json=merged.json"]);
        assert_eq!(merged.code, 1, "{}", merged.err);
        assert!(codes.iter().all(|code| [0, 1].contains(code)), "{codes:?}");
        assert!(read(folder, "whole.json") == read(folder, "merged.json"), "the merge of {of} partitions differs from a single run");
        let mut exchanges = Vec::new();
        for number in 1..=of {
            let part = json(folder, &format!("part-{number}-of-{of}.json"));
            assert_eq!(part["partition"], format!("{number}/{of}"));
            let errors: Vec<String> = validator.iter_errors(&part).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
            exchanges.push(part["summary"]["exchanges"].as_u64().expect("a count"));
        }
        let (all, shares) = (exchanges.iter().sum::<u64>(), u64::from(of));
        assert_eq!(Some(all), report["summary"]["exchanges"].as_u64());
        assert!(exchanges.iter().all(|own| own * shares * 2 > all && own * shares < all * 2), "{exchanges:?}");
    }
}

#[test]
fn merged_partitions_of_the_bundled_recordings_equal_a_single_run() {
    // The bundled recordings have every operation, every format, and rules that compare responses of different operations.
    let folder = TempDir::new().expect("a folder");
    let (folder, recordings) = (folder.path(), root().join("contract-tests/recordings").to_string_lossy().into_owned());
    let broken = json!({ "log": { "version": "1.2", "entries": [{ "request": 1 }, { "request": 2 }, { "request": 3 }] } });
    std::fs::write(folder.join("broken.har"), broken.to_string()).expect("written");
    run(folder, &["check", &recordings, "broken.har", "--report", "json=whole.json"]);
    let (_, merged) = in_parts(folder, &[&recordings, "broken.har"], 3, &[], &["--report", "json=merged.json"]);
    assert!(merged.code != 2 && read(folder, "whole.json") == read(folder, "merged.json"), "{}", merged.err);
}

/// A report without facts about its run: the command, the date and the name of the JSON report.
fn without_run(report: &str) -> String {
    let Some((_, page)) = report.split_once("<script type=\"application/json\" id=\"data\">") else {
        return report.replace("merged.json", "whole.json");
    };
    let mut data: Value = serde_json::from_str(page.split_once("</script>").expect("data").0).expect("JSON");
    data["run"] = Value::Null;
    data["extract"] = Value::Null;
    data.to_string()
}

#[test]
fn every_format_is_equal_for_merged_partitions_and_a_single_run() {
    let folder = archive();
    let (folder, inputs) = (folder.path(), &["archive"][..]);
    let formats: Vec<&str> = charter_report::FORMATS.iter().map(|format| format.name()).collect();
    for (samples, more) in [("5", &[][..]), ("1", &["-v", "--fail-on", "warning"]), ("all", &["--fail-under", "99", "--require-exercised"])]
    {
        let reports = |name: &str| formats.iter().map(|format| format!("--report={format}={name}.{format}")).collect::<Vec<_>>();
        let (whole, merged) = (reports("whole"), reports("merged"));
        let whole: Vec<&str> = whole.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let merged: Vec<&str> = merged.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let once = run(folder, &[&["check"], inputs, &["--samples", samples], &whole].concat());
        let (_, joined) = in_parts(folder, inputs, 3, &["--samples", samples], &merged);
        assert_eq!((once.code, &once.err), (joined.code, &joined.err), "{samples}");
        for format in &formats {
            let same = without_run(&read(folder, &format!("whole.{format}"))) == without_run(&read(folder, &format!("merged.{format}")));
            assert!(same, "{format} with {samples} samples");
        }
    }
}

#[test]
fn unreadable_input_is_equal_for_merged_partitions_and_a_single_run() {
    let folder = archive();
    let folder = folder.path();
    let missing = json!({
        "format": "charter-exchange/1", "startedDateTime": "2026-07-01T00:00:00Z",
        "request": { "method": "GET", "url": "/api/v1/runs/run_1", "headers": [] }, "response": { "status": 200, "headers": [] }
    });
    // In different partitions, the first of them not in the first partition.
    let unjudged: String = [3, 1, 2, 4, 5, 6, 1].map(|run| format!("{missing}\n").replace("run_1", &format!("run_{run}"))).concat();
    std::fs::write(folder.join("unjudged.ndjson"), unjudged).expect("written");
    let packed = std::fs::read(folder.join("archive/c.ndjson.gz")).expect("packed");
    std::fs::write(folder.join("cut.ndjson.gz"), &packed[..packed.len() / 2]).expect("written");
    let inputs = ["archive/b.ndjson", "cut.ndjson.gz", "absent.ndjson", "unjudged.ndjson", "archive/b.ndjson"];
    run(folder, &[&["check"], &inputs[..], &["--report", "json=whole.json"]].concat());
    for of in [2, 5] {
        let (codes, merged) = in_parts(folder, &inputs, of, &[], &["--report", "json=merged.json"]);
        // Every partition has unreadable input, so none of them passes.
        assert!(codes.iter().all(|code| *code == 3) && merged.code == 3, "{codes:?} {}", merged.code);
        assert!(read(folder, "whole.json") == read(folder, "merged.json"), "the merge of {of} partitions differs from a single run");
    }
    let report = json(folder, "whole.json");
    assert_eq!(report["summary"]["unreadable"], 7);
    let of_parts = (1..=5).map(|number| json(folder, &format!("part-{number}-of-5.json"))["summary"]["unreadable"].as_u64());
    assert!(of_parts.filter(|count| *count > Some(0)).count() > 1, "all are in one partition");
}

#[test]
fn an_empty_partition_passes_and_an_empty_run_fails() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let body = read(&root(), "contract-tests/recordings/kept/bare-body.json");
    std::fs::write(folder.join("one.json"), body).expect("written");
    let (codes, merged) = in_parts(folder, &["one.json"], 6, &[], &[]);
    assert_eq!((codes, merged.code), (vec![0; 6], 0), "{}", merged.err);
    std::fs::write(folder.join("none.ndjson"), "\n").expect("written");
    let (codes, merged) = in_parts(folder, &["none.ndjson"], 2, &[], &[]);
    assert_eq!((codes, merged.code), (vec![0; 2], 3), "{}", merged.err);
    assert!(merged.err.contains("no exchanges were checked"), "{}", merged.err);
}

#[test]
fn a_baseline_has_the_same_effect_on_partitions_and_on_a_single_run() {
    let folder = archive();
    let (folder, inputs) = (folder.path(), &["archive"][..]);
    let (_, written) = in_parts(folder, inputs, 2, &[], &["--baseline", "accepted.json", "--write-baseline"]);
    assert_eq!(written.code, 0, "{}", written.err);
    let mut baseline = json(folder, "accepted.json");
    let entries = baseline["entries"].as_array_mut().expect("entries");
    entries[0]["fingerprint"] = json!("0123456789abcdef");
    std::fs::write(folder.join("accepted.json"), baseline.to_string()).expect("written");
    let accepted = ["--baseline", "accepted.json"];
    run(folder, &["check", "archive", "--report", "json=whole.json", accepted[0], accepted[1]]);
    for (check, merge) in [(&accepted[..], &[][..]), (&[][..], &accepted[..]), (&accepted[..], &accepted[..])] {
        let (_, merged) = in_parts(folder, inputs, 3, check, &[&["--report", "json=merged.json"], merge].concat());
        assert_eq!(merged.code, 1, "{}", merged.err);
        assert!(read(folder, "whole.json") == read(folder, "merged.json"), "{check:?} {merge:?}");
    }
}

#[test]
fn invalid_partitions_are_wrong_usage() {
    let folder = TempDir::new().expect("a folder");
    for (part, wanted) in [
        ("0/4", "partitions are numbered from 1: the first of 4 is 1/4"),
        ("5/4", "there is no partition 5 of 4: the last is 4/4"),
        ("x", "expected a partition such as 2/4"),
        ("-1/4", ""),
        ("1/0", "partitions are numbered from 1"),
        ("", "expected a partition such as 2/4"),
    ] {
        check_code(folder.path(), &["check", "x.json", "--partition", part], 2, wanted);
    }
    for flag in [&["--require-exercised"][..], &["--fail-under", "3"], &["--baseline", "b", "--write-baseline"]] {
        check_code(folder.path(), &[&["check", "x.json", "--partition", "1/2"], flag].concat(), 2, "cannot be used with");
    }
}

#[test]
fn merge_refuses_reports_that_are_not_all_partitions_of_one_run() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let body = read(&root(), "contract-tests/recordings/kept/bare-body.json");
    std::fs::write(folder.join("one.json"), &body).expect("written");
    std::fs::write(folder.join("two.json"), body.replace('\n', " \n")).expect("written");
    let part = |name: &str, arguments: &[&str]| {
        check_code(folder, &[&["check"], arguments, &["--report", &format!("json={name}")]].concat(), 0, "");
    };
    part("1.json", &["one.json", "--partition", "1/3"]);
    part("2.json", &["one.json", "--partition", "2/3"]);
    part("3.json", &["one.json", "--partition", "3/3"]);
    part("half.json", &["one.json", "--partition", "1/2"]);
    part("whole.json", &["one.json"]);
    part("other.json", &["two.json", "--partition", "3/3"]);
    part("fewer.json", &["one.json", "--partition", "3/3", "--samples", "1"]);
    std::fs::write(folder.join("same.json"), &body).expect("written");
    part("renamed.json", &["same.json", "--partition", "3/3"]);
    let changed_of = |part: &str, name: &str, change: fn(&mut Value)| {
        let mut report = json(folder, part);
        change(&mut report);
        std::fs::write(folder.join(name), report.to_string()).expect("written");
    };
    let changed = |name: &str, change: fn(&mut Value)| changed_of("3.json", name, change);
    changed("edited.json", |report| report["inputs"][0]["digest"] = format!("sha256:{}", "0".repeat(64)).into());
    changed("forgetful.json", |report| (report["inputs"], report["part"]["unjudged"]) = (json!([]), json!([])));
    changed("stopped.json", |report| {
        (report["inputs"], report["part"]["unjudged"], report["complete"]) = (json!([]), json!([]), json!(false));
    });
    changed_of("1.json", "unjudged.json", |report| {
        (report["part"]["unjudged"][0], report["inputs"][0]["error"]) = (json!(0), "exchange 0 cannot be judged".into());
    });
    changed_of("2.json", "unread.json", |report| {
        (report["inputs"][0]["digest"], report["inputs"][0]["error"]) = (Value::Null, "gone".into());
    });
    changed("contract.json", |report| report["contract"]["digest"] = format!("sha256:{}", "0".repeat(64)).into());
    changed("version.json", |report| report["tool"]["version"] = "0.0.1".into());
    changed("format.json", |report| report["format"] = "charter-report/9".into());
    changed("unfit.json", |report| report["part"]["unjudged"] = json!([]));
    changed("older.json", |report| report["part"] = Value::Null);
    changed("strange.json", |report| report["partition"] = "9/3".into());
    std::fs::write(folder.join("text.json"), "no report").expect("written");
    check_code(folder, &["merge", "1.json", "2.json", "3.json"], 0, "kept");
    // The report of a single run is rendered again.
    check_code(folder, &["merge", "whole.json", "--report", "json=again.json"], 0, "");
    assert_eq!(read(folder, "again.json"), read(folder, "whole.json"));
    for (reports, code, wanted) in [
        (&["1.json", "3.json"][..], 3, "1 of 3 partitions is missing: 2/3; judge it with "),
        (&["2.json"], 3, "2 of 3 partitions are missing: 1/3, 3/3"),
        (&["1.json", "2.json", "3.json", "2.json"], 2, "2.json and 2.json are both reports of partition 2/3: give each partition once"),
        (&["1.json", "half.json"], 2, "1.json (1/3) and half.json (1/2) have different numbers of partitions"),
        (&["1.json", "whole.json"], 2, "whole.json is the report of a whole run"),
        (&["1.json", "2.json", "contract.json"], 2, "different contracts"),
        (&["1.json", "2.json", "version.json"], 2, "version.json was written by version 0.0.1"),
        (&["1.json", "2.json", "other.json"], 2, "read different inputs"),
        (&["1.json", "2.json", "renamed.json"], 2, "read different inputs"),
        (&["1.json", "2.json", "edited.json"], 2, "read different inputs"),
        (&["1.json", "2.json", "forgetful.json"], 2, "read different inputs"),
        // If one partition was stopped or unreadable, so is the merged run.
        (&["1.json", "2.json", "stopped.json", "--report", "json=stopped-whole.json"], 130, ""),
        (&["unjudged.json", "unread.json", "3.json", "--report", "json=unread-whole.json"], 3, ""),
        (&["1.json", "2.json", "fewer.json"], 2, "judged with different flags"),
        (&["1.json", "2.json", "unfit.json"], 2, "unfit.json lacks the positions of its findings"),
        (&["1.json", "2.json", "older.json"], 2, "older.json lacks the positions of its findings"),
        (&["1.json", "2.json", "strange.json"], 2, "strange.json lacks the positions of its findings"),
        (&["1.json", "2.json", "format.json"], 3, "its format is `charter-report/9`, expected charter-report/1"),
        (&["1.json", "2.json", "text.json"], 3, "cannot merge text.json: it is not a report"),
        (&["1.json", "2.json", "absent.json"], 3, "absent.json"),
        (&["1.json", "--report", "json", "--report", "html"], 2, "two reports go to standard output"),
    ] {
        check_code(folder, &[&["merge"], reports].concat(), code, wanted);
    }
    assert_eq!(json(folder, "stopped-whole.json")["complete"], false);
    let input = &json(folder, "unread-whole.json")["inputs"][0];
    assert_eq!((&input["digest"], input["error"].as_str()), (&Value::Null, Some("gone")));
}

/// A YAML file in the book, found by the comment in its first line.
fn example(name: &str) -> String {
    let page = read(&root(), "docs/book/src/machines.md");
    let (_, rest) = page.split_once(&format!("```yaml\n# {name}\n")).unwrap_or_else(|| panic!("machines.md has no {name}"));
    rest.split_once("```").expect("an end").0.to_owned()
}

/// Runs a script of the book on an archive, with the programs built from this workspace.
fn script(folder: &Path, script: &str, index: Option<u32>) {
    let binary = assert_cmd::cargo::cargo_bin("xtask");
    let contract = root().join("schema");
    let script = script
        .replace("/results", "results")
        .replace("cargo xtask", &format!("'{}'", binary.display()))
        .replace("charter check", &format!("'{}' check", binary.display()))
        .replace("/contract", &contract.to_string_lossy())
        .replace("check /archive", "check archive");
    let mut command = std::process::Command::new("sh");
    command.args(["-ec", &script]).current_dir(folder).env_remove("CARGO_MANIFEST_DIR").env("CARGO_MANIFEST_DIR", root().join("xtask"));
    if let Some(index) = index {
        command.env("JOB_COMPLETION_INDEX", index.to_string());
    }
    let output = command.output().expect("a shell");
    let output_text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!([0, 1].contains(&output.status.code().expect("a code")), "{script}: {output_text}");
}

#[cfg(unix)]
#[test]
fn the_workflow_in_the_book_merges_every_split() {
    let workflow: Value = serde_saphyr::from_str(&example(".github/workflows/archive.yml")).expect("YAML");
    let steps = |job: &str| -> Vec<String> {
        let steps = workflow["jobs"][job]["steps"].as_array().expect("steps").iter();
        steps.filter_map(|step| step["run"].as_str()).map(str::to_owned).collect()
    };
    let parts: Vec<u64> =
        workflow["jobs"]["split"]["strategy"]["matrix"]["part"].as_array().expect("a matrix").iter().filter_map(Value::as_u64).collect();
    assert_eq!((parts.len(), steps("split").len(), steps("whole").len()), (4, 1, 2));
    let folder = archive();
    let folder = folder.path();
    for part in parts {
        script(folder, &steps("split")[0].replace("${{ matrix.part }}", &part.to_string()), None);
    }
    for step in steps("whole") {
        script(folder, &step, None);
    }
    let whole = run(folder, &["check", "archive", "--report", "html=whole.html"]);
    assert_eq!((whole.code, without_run(&read(folder, "whole.html")) == without_run(&read(folder, "report.html"))), (1, true));
}

#[cfg(unix)]
#[test]
fn the_job_in_the_book_is_valid_and_runs_every_split() {
    let written: Value = serde_saphyr::from_str(&example("archive-job.yaml")).expect("YAML");
    let job: k8s_openapi::api::batch::v1::Job = serde_json::from_value(written.clone()).expect("a Job of batch/v1");
    // Unknown members would be lost here.
    assert_eq!(serde_json::to_value(&job).expect("JSON"), written);
    let spec = job.spec.expect("a spec");
    assert_eq!((spec.completion_mode.as_deref(), spec.completions), (Some("Indexed"), Some(4)));
    let pod = spec.template.spec.expect("a pod");
    assert_eq!(pod.restart_policy.as_deref(), Some("Never"));
    let mounted: Vec<&str> = pod.containers[0].volume_mounts.iter().flatten().map(|mount| mount.name.as_str()).collect();
    let volumes: Vec<&str> = pod.volumes.iter().flatten().map(|volume| volume.name.as_str()).collect();
    assert_eq!(mounted, volumes);
    let folder = archive();
    let folder = folder.path();
    for index in 0..4 {
        script(folder, &pod.containers[0].args.as_ref().expect("arguments")[0], Some(index));
    }
    check_code(folder, &["check", "--over-time", "1/1", "results", "--report", "json=results/over-time.json"], 1, "");
    let merged = run(folder, &["merge", "results", "--report", "json=merged.json"]);
    let whole = run(folder, &["check", "archive", "--report", "json=whole.json"]);
    assert_eq!((whole.code, merged.code, read(folder, "whole.json") == read(folder, "merged.json")), (1, 1, true), "{}", merged.err);
}
