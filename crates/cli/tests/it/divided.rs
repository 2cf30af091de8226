//! Files of several Parquet row groups or Zstandard frames, which `check --split` divides: the merged report equals that of a single run.

use std::fs::File;
use std::io::{self, Cursor, Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use charter_engine::{CheckOptions, Judge, ObservationsFile, SplitPlan, check, judge_split, over_time_of};
use charter_report::{Partition, Report, merge, render_json};
use charter_traffic::read::{Object, Ranges, Source};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::recordings::charter;
use crate::splits::{add_contract, run};

const COLUMNS: &str = r#"
[traffic.columns]
url = "url"
status = "status"
method = "method"
time = "time"
response-headers = "headers"
response-body = "body"
"#;

const MIB: u64 = 1 << 20;

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    add_contract(folder.path());
    std::fs::write(folder.path().join("contract/charter.toml"), COLUMNS).expect("written");
    folder
}

/// The bodies and times of exchanges of 2.8 KB each, which cannot be compressed much. Some have violations of schemas and of rules over time.
fn bodies(count: usize) -> impl Iterator<Item = (String, Value)> {
    let mut state = 7_u64;
    (0..count).map(move |number| {
        let (id, round) = (format!("p{:03}", number % 150), number / 150);
        let size = if number % 211 == 5 { -1 } else { (number % 150 + usize::from(number % 97 == 96)) as i64 };
        let text: String = (0..2_800)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"[(state >> 58) as usize])
            })
            .collect();
        (format!("2026-07-01T00:{round:02}:00Z"), json!({"id": id, "size": size, "text": text}))
    })
}

/// Lines of exchanges, with blank lines, a line of 300 KB, and lines that are not exchanges.
fn lines(count: usize) -> String {
    let mut text = String::new();
    for (number, (time, mut body)) in bodies(count).enumerate() {
        if number == 700 {
            body["text"] = body["text"].as_str().expect("a text").repeat(107).into();
        }
        let url = format!("https://example.com/v1/parcels/{}", body["id"].as_str().expect("an id"));
        let exchange = json!({
            "format": "charter-exchange/1", "startedDateTime": time, "time": 10,
            "request": {"method": "GET", "url": url, "headers": []},
            "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": body},
        });
        text += &format!("{exchange}\n");
        match number % 509 {
            11 => text += "\n  \n",
            300 => text += "{\"no JSON\n",
            _ => {}
        }
    }
    text
}

/// Writes a Parquet file with these numbers of rows in its row groups.
fn write_parquet(path: &Path, groups: &[usize]) {
    let schema =
        "message log { required binary url (UTF8); required int32 status; required binary method (UTF8); required binary time (UTF8);
        required binary headers (UTF8); required binary body (UTF8); }";
    let schema = parse_message_type(schema).expect("a schema");
    let mut writer = SerializedFileWriter::new(File::create(path).expect("a file"), Arc::new(schema), Arc::default()).expect("a writer");
    let mut rows = bodies(groups.iter().sum());
    for count in groups {
        let rows: Vec<_> = rows.by_ref().take(*count).collect();
        let texts = |text: &dyn Fn(&(String, Value)) -> String| rows.iter().map(|row| ByteArray::from(&*text(row))).collect::<Vec<_>>();
        let columns = [
            Some(texts(&|(_, body)| format!("https://example.com/v1/parcels/{}", body["id"].as_str().expect("an id")))),
            None,
            Some(texts(&|_| "GET".to_owned())),
            Some(texts(&|(time, _)| time.clone())),
            Some(texts(&|_| json!({"content-type": "application/json"}).to_string())),
            Some(texts(&|(_, body)| body.to_string())),
        ];
        let mut group = writer.next_row_group().expect("a group");
        for texts in columns {
            let mut column = group.next_column().expect("written").expect("a column");
            match texts {
                Some(texts) => column.typed::<ByteArrayType>().write_batch(&texts, None, None),
                None => column.typed::<Int32Type>().write_batch(&vec![200; rows.len()], None, None),
            }
            .expect("written");
            column.close().expect("written");
        }
        group.close().expect("written");
    }
    writer.close().expect("written");
}

/// A frame of its own for each part of a text; the lengths of the parts repeat.
fn frames(text: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let (mut rest, mut frames) = (text, Vec::new());
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (part, others) = rest.split_at((*length).min(rest.len()));
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.include_checksum(frames.len() % 2 == 0).expect("a flag");
        encoder.include_contentsize(frames.len() % 3 == 0).expect("a flag");
        io::Write::write_all(&mut encoder, part).expect("memory");
        frames.push(encoder.finish().expect("memory"));
        rest = others;
    }
    frames
}

/// A skippable frame.
fn skippable(content: &[u8]) -> Vec<u8> {
    [&[0x50, 0x2a, 0x4d, 0x18], &(content.len() as u32).to_le_bytes()[..], content].concat()
}

/// A file whose content is read by ranges, as that of a store, and the number of bytes that were read.
struct Stored(String, Arc<AtomicU64>);

impl Ranges for Stored {
    fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.0)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length as u64).read_to_end(&mut bytes)?;
        self.1.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

fn parsed(report: &Report) -> Report {
    Report::parse(render_json(report).as_bytes()).expect("a report")
}

/// What a split judged: its number of exchanges, and the bytes that it read of an object.
type Judged = (u64, u64);

/// Compares the merged report of splits with that of a single run. Returns the report, and what the splits judged.
fn assert_divided(folder: &Path, name: &str, of: u32, jobs: usize, is_object: bool) -> (Report, Vec<Judged>) {
    let judge = Judge::load(&*folder.join("contract").to_string_lossy()).unwrap_or_else(|error| panic!("{error}"));
    let arguments = [folder.join(name).to_string_lossy().into_owned()];
    let options = CheckOptions::default().with_jobs(jobs);
    let whole = check(&judge, &arguments, &options, &mut |_| ControlFlow::Continue(()));
    let read = Arc::new(AtomicU64::new(0));
    let plan = match is_object {
        false => SplitPlan::new(&arguments),
        true => {
            let stored = |name: &str, size| Source::Object(Object::new(name.into(), size, Arc::new(Stored(name.to_owned(), read.clone()))));
            SplitPlan::of_listing(&SplitPlan::new(&arguments).listing(), stored)
        }
    };
    let part = |number: u32, of: u32| -> Partition { format!("{number}/{of}").parse().expect("a part") };
    let (mut reports, mut observations, mut judged) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=of {
        read.store(0, Ordering::Relaxed);
        let split = judge_split(&judge, &plan, part(number, of), &options, &mut |_| ControlFlow::Continue(())).expect("space");
        judged.push((split.report.summary.exchanges, read.load(Ordering::Relaxed)));
        reports.push((format!("split {number}"), parsed(&split.report)));
        let mut bytes = Vec::new();
        split.observations.write(&mut bytes).expect("written");
        observations.push(bytes);
    }
    for share in 1..=2 {
        let files = observations.iter().map(|bytes| ObservationsFile::open("x", Cursor::new(bytes.clone())).expect("observations"));
        let compared = over_time_of(&judge, files.collect(), part(share, 2), &|name| Source::File(name.into())).expect("observations");
        reports.push((format!("share {share}"), parsed(&compared.report)));
    }
    let merged = merge(reports).unwrap_or_else(|error| panic!("{name}, {of} splits: {error}"));
    let (wanted, found) = (render_json(&whole), render_json(&merged.report));
    let difference = wanted.lines().zip(found.lines()).enumerate().find(|(_, (wanted, found))| wanted != found);
    assert!(wanted == found, "{name}, {of} splits: {difference:?}");
    (whole, judged)
}

/// The number of splits that judged something.
fn busy(judged: &[Judged]) -> usize {
    judged.iter().filter(|(exchanges, _)| *exchanges > 0).count()
}

fn has_findings_of_every_kind(report: &Report) -> bool {
    let has = |name: &str| report.groups.iter().any(|group| group.rule.as_deref() == Some(name) || group.keyword.as_deref() == Some(name));
    has("parcel.size-stays") && has("minimum")
}

#[test]
fn row_groups_are_merged_to_a_single_run() {
    let folder = folder();
    let groups = [110, 70, 0, 300, 1, 1, 1, 400, 90, 150, 377];
    write_parquet(&folder.path().join("log.parquet"), &groups);
    for (of, jobs, is_object) in [(1, 1, false), (2, 3, false), (3, 1, true), (4, 2, true), (9, 1, false)] {
        let (whole, judged) = assert_divided(folder.path(), "log.parquet", of, jobs, is_object);
        assert!(has_findings_of_every_kind(&whole) && whole.summary.exchanges == 1_500, "{:?}", whole.summary);
        assert!(busy(&judged) >= (of as usize).min(4), "{judged:?}");
    }
}

#[test]
fn more_splits_than_row_groups_and_a_file_of_one_row_group_are_merged_to_a_single_run() {
    let folder = folder();
    write_parquet(&folder.path().join("one.parquet"), &[1_500]);
    write_parquet(&folder.path().join("two.parquet"), &[400, 1_100]);
    for (name, groups) in [("one.parquet", 1), ("two.parquet", 2)] {
        for is_object in [false, true] {
            let (_, judged) = assert_divided(folder.path(), name, 7, 2, is_object);
            assert_eq!(busy(&judged), groups, "{name}: {judged:?}");
        }
    }
}

#[test]
fn a_split_reads_its_row_groups_and_the_footer() {
    let folder = folder();
    write_parquet(&folder.path().join("log.parquet"), &[50; 60]);
    let size = std::fs::metadata(folder.path().join("log.parquet")).expect("a file").len();
    for of in [2, 4] {
        let (_, judged) = assert_divided(folder.path(), "log.parquet", of, 1, true);
        for (exchanges, read) in judged {
            // The first bytes of an object are read to detect its format, and its blocks of 1 MiB are hashed.
            assert!(exchanges > 0 && read < size / u64::from(of) + 2 * MIB, "{read} of {size} bytes, {of} splits");
        }
    }
}

#[test]
fn a_damaged_parquet_file_is_an_error_of_one_split() {
    let folder = folder();
    let path = folder.path().join("log.parquet");
    write_parquet(&path, &[300; 5]);
    let bytes = std::fs::read(&path).expect("a file");
    std::fs::write(&path, &bytes[..bytes.len() - 9]).expect("written");
    let (report, judged) = assert_divided(folder.path(), "log.parquet", 3, 1, false);
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("the Parquet stream is damaged")), "{:?}", report.inputs);
    assert_eq!(busy(&judged), 0, "{judged:?}");
    // A file without the columns.
    std::fs::write(&path, &bytes).expect("written");
    std::fs::write(folder.path().join("contract/charter.toml"), COLUMNS.replace("\"url\"", "\"uri\"")).expect("written");
    let (report, _) = assert_divided(folder.path(), "log.parquet", 3, 1, false);
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("has no column `uri`")), "{:?}", report.inputs);
}

#[test]
fn frames_are_merged_to_a_single_run() {
    let folder = folder();
    let text = lines(2_000);
    let write = |name: &str, frames: Vec<Vec<u8>>| std::fs::write(folder.path().join(name), frames.concat()).expect("written");
    // Lines cross the borders of frames; one line has several frames; some frames are empty or have one byte.
    let mixed = frames(text.trim_end().as_bytes(), &[300_007, 1, 0, 123_456, 40_000, 40_000, 0, 0, 700_001]);
    write("mixed.ndjson.zst", mixed.clone());
    // Each frame ends with a line.
    let whole_lines = text.split_inclusive('\n').collect::<Vec<_>>();
    write("lines.ndjson.zst", whole_lines.chunks(97).map(|lines| frames(lines.concat().as_bytes(), &[usize::MAX]).concat()).collect());
    // As pzstd: a skippable frame has the size of the next frame. With a byte order mark.
    let marked = format!("\u{feff}{text}");
    let pairs = frames(marked.as_bytes(), &[400_003]).into_iter().flat_map(|frame| [skippable(&(frame.len() as u32).to_le_bytes()), frame]);
    write("pairs.ndjson.zst", pairs.collect());
    // The seekable format: a table at the end, which is larger than a split.
    write("table.ndjson.zst", mixed.iter().cloned().chain([skippable(&vec![7; 3 << 20])]).collect());
    write("table-first.ndjson.zst", [skippable(&vec![7; 3 << 20])].into_iter().chain(mixed).collect());
    for (name, of, jobs, is_object) in [
        ("mixed.ndjson.zst", 2, 3, true),
        ("mixed.ndjson.zst", 3, 1, false),
        ("mixed.ndjson.zst", 9, 2, true),
        ("lines.ndjson.zst", 4, 1, false),
        ("pairs.ndjson.zst", 3, 2, false),
        ("table.ndjson.zst", 4, 1, true),
        ("table-first.ndjson.zst", 4, 2, false),
    ] {
        let (whole, judged) = assert_divided(folder.path(), name, of, jobs, is_object);
        assert!(has_findings_of_every_kind(&whole) && whole.summary.exchanges == 2_004, "{name}: {:?}", whole.summary);
        assert!(busy(&judged) >= 2 && (of > 4 || name.starts_with("table") || busy(&judged) == of as usize), "{name}: {judged:?}");
    }
}

#[test]
fn a_file_of_one_frame_belongs_to_one_split() {
    let folder = folder();
    let text = lines(2_000);
    std::fs::write(folder.path().join("one.ndjson.zst"), frames(text.as_bytes(), &[usize::MAX]).concat()).expect("written");
    let (_, judged) = assert_divided(folder.path(), "one.ndjson.zst", 4, 1, false);
    assert_eq!(busy(&judged), 1, "{judged:?}");
}

#[test]
fn a_split_reads_its_frames() {
    let folder = folder();
    let path = folder.path().join("many.ndjson.zst");
    std::fs::write(&path, frames(lines(3_000).as_bytes(), &[200_000]).concat()).expect("written");
    let size = std::fs::metadata(&path).expect("a file").len();
    for of in [2, 4] {
        let (_, judged) = assert_divided(folder.path(), "many.ndjson.zst", of, 1, true);
        for (exchanges, read) in judged {
            // The first bytes of an object are read to detect its format, and the rest of the last frame by a large request.
            assert!(exchanges > 0 && read < size / u64::from(of) + 3 * MIB, "{read} of {size} bytes, {of} splits");
        }
    }
}

/// The exit code and the standard error of `merge`, after all splits and the rules over time.
fn merged(folder: &Path, name: &str, of: u32) -> (i32, String) {
    let _ = std::fs::remove_dir_all(folder.join("work"));
    for number in 1..=of {
        let split = format!(
            "check {name} --contract contract --quiet --observations work --split {number}/{of} --report json=work/split-{number}.json"
        );
        charter(folder, &split.split(' ').collect::<Vec<_>>());
    }
    run(folder, "check --over-time 1/1 work --contract contract --quiet --report json=work/over-time.json", 1);
    let (code, output, errors) = charter(folder, &["merge", "work", "--report", "text", "--report", "json=merged.json"]);
    (code, format!("{}{errors}", String::from_utf8_lossy(&output)))
}

#[test]
fn a_damaged_frame_is_an_error_of_its_file() {
    let folder = folder();
    let folder = folder.path();
    let text = lines(2_000);
    let whole = frames(text.as_bytes(), &[250_000]);
    let name = "damaged.ndjson.zst";
    let damage = |number: usize, change: &dyn Fn(&mut Vec<u8>)| {
        let mut frames = whole.clone();
        change(&mut frames[number]);
        std::fs::write(folder.join(name), frames.concat()).expect("written");
    };
    let last = whole.len() - 1;
    let middle = whole.len() / 4 * 2;
    // The last frame is cut off: the same report as that of a single run.
    damage(last, &|frame| frame.truncate(frame.len() / 2));
    let (report, judged) = assert_divided(folder, name, 3, 1, false);
    let error = "the zstd stream is damaged: incomplete frame; fetch or compress the file again";
    assert_eq!((report.inputs[0].error.as_deref(), busy(&judged)), (Some(error), 3));
    let (code, output) = merged(folder, name, 3);
    assert!(code == 3 && output.contains(&format!("{name}: {error}")), "{output}");
    // The content of a frame, the header of its first block, and its signature are damaged: the splits after it are judged further.
    let content = |frame: &mut Vec<u8>| {
        let at = frame.len() / 2;
        frame[at..at + 40].fill(0xff);
    };
    let header = |frame: &mut Vec<u8>| frame[6..20].fill(0xff);
    let signature = |frame: &mut Vec<u8>| frame[0] = 0;
    for change in [&content as &dyn Fn(&mut Vec<u8>), &header, &signature] {
        // These frames have checksums.
        for number in [2, middle] {
            damage(number, change);
            let (code, output) = merged(folder, name, 3);
            assert!(code == 3 && output.contains(&format!("{name}: the zstd stream is damaged: ")), "frame {number}: {output}");
        }
    }
}

#[test]
fn the_line_of_an_error_is_that_of_the_whole_file() {
    let folder = folder();
    let text = lines(2_000);
    let text = text.trim_end().strip_suffix('}').expect("a document");
    let line = format!("the last line breaks off at line {}, ", text.lines().count());
    std::fs::write(folder.path().join("cut.ndjson"), text).expect("written");
    std::fs::write(folder.path().join("cut.ndjson.zst"), frames(text.as_bytes(), &[250_000]).concat()).expect("written");
    for name in ["cut.ndjson", "cut.ndjson.zst"] {
        let (report, _) = assert_divided(folder.path(), name, 3, 1, false);
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.starts_with(&line)), "{name}: {:?}", report.inputs);
    }
}

#[test]
fn a_file_that_changes_between_the_splits_is_refused() {
    let folder = folder();
    let folder = folder.path();
    let text = lines(2_000);
    let name = "changed.ndjson.zst";
    let write = |lengths: &[usize]| {
        let mut bytes = frames(text.as_bytes(), lengths).concat();
        // The same size, so that the splits belong to one run.
        bytes.extend(skippable(&vec![0; 6_000_000 - bytes.len()]));
        std::fs::write(folder.join(name), bytes).expect("written");
    };
    let split = |number: u32| {
        let split = format!(
            "check {name} --contract contract --quiet --observations work --split {number}/2 --report json=work/split-{number}.json"
        );
        run(folder, &split, 1);
    };
    write(&[250_000]);
    split(1);
    write(&[330_000]);
    split(2);
    let wanted = "that this split judged does not follow that of the split before: the input has changed; judge all splits again";
    let errors = run(folder, "check --over-time 1/1 work --contract contract --quiet", 2);
    assert!(errors.contains(wanted), "{errors}");
    let errors = run(folder, "merge work", 2);
    assert!(errors.contains("the part of changed.ndjson.zst that this split judged does not follow"), "{errors}");
}
