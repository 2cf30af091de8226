//! Writes a recording to a temporary file, and renames it when it is complete. A device or a pipe gets the bytes of the complete file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use charter_json::Position;
use tempfile::NamedTempFile;

use super::destination::{Destination, open_through};
use super::{har, line};
use crate::exchange::Exchange;
use crate::mask::Masker;
use crate::read::{Block, Entry, WholeHasher, read_line};

/// A recording cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file of the recording.
    #[error("{} cannot be written", path.display())]
    File {
        /// The path of the recording.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The temporary file of a recording without a path.
    #[error("a temporary file cannot be written")]
    Temporary(#[source] io::Error),
}

/// An incomplete file.
struct Target {
    path: Option<PathBuf>,
    destination: Option<Destination>,
    file: BufWriter<NamedTempFile>,
}

impl Target {
    fn new(path: Option<&Path>) -> Result<Self, RecordError> {
        let destination = path.map(Destination::of);
        let file = match &destination {
            Some(Destination::Replace(path)) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                std::fs::create_dir_all(folder)
                    .and_then(|()| tempfile::Builder::new().prefix(".charter-").tempfile_in(folder))
                    .map_err(|source| failed(Some(path), source))?
            }
            Some(Destination::Through(_)) | None => NamedTempFile::new().map_err(|source| failed(None, source))?,
        };
        Ok(Self { path: path.map(Path::to_owned), destination, file: BufWriter::new(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        self.file.write_all(bytes).map_err(|source| failed(self.path.as_deref(), source))
    }

    /// Renames the file to its final path, or writes its bytes there.
    fn finish(self) -> Result<(), RecordError> {
        let refused = |source| failed(self.path.as_deref(), source);
        let Some(destination) = self.destination else { return Ok(()) };
        let file = self.file.into_inner().map_err(|error| refused(error.into_error()))?;
        let path = match destination {
            Destination::Replace(path) => path,
            Destination::Through(path) => {
                let mut written = file.reopen().map_err(refused)?;
                let mut out = open_through(&path).map_err(refused)?;
                return io::copy(&mut written, &mut out).map(|_| ()).map_err(refused);
            }
        };
        file.as_file().sync_all().map_err(refused)?;
        set_mode(file.as_file(), &path).map_err(refused)?;
        file.persist(&path).map(|_| ()).map_err(|error| refused(error.error))
    }
}

/// Temporary files are private. A file that replaces another gets its mode; a new recording stays private.
#[cfg(unix)]
pub(crate) fn set_mode(file: &File, path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) => file.set_permissions(metadata.permissions()),
        Err(_) => Ok(()),
    }
}

#[cfg(not(unix))]
pub fn set_mode(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

fn failed(path: Option<&Path>, source: io::Error) -> RecordError {
    match path {
        Some(path) => RecordError::File { path: path.to_owned(), source },
        None => RecordError::Temporary(source),
    }
}

/// Masks and writes exchanges. Without a path the recording is temporary: findings over time quote it until the end of the run.
pub struct Recorder {
    masker: Masker,
    lines: Target,
    har: Option<Target>,
    hasher: WholeHasher,
    byte: usize,
    count: usize,
    /// Whether no exchange was skipped.
    has_all: bool,
    /// The lines that were written and not taken, and the beginning of the first of them.
    pending: Vec<u8>,
    pending_start: (Position, usize),
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recorder").field("exchanges", &self.count).finish_non_exhaustive()
    }
}

impl Recorder {
    /// A recorder that writes lines of `charter-exchange/1` to a file, a HAR, both or neither.
    ///
    /// # Errors
    /// A file cannot be created.
    pub fn new(masker: Masker, lines: Option<&Path>, har: Option<&Path>) -> Result<Self, RecordError> {
        let mut har = har.map(|path| Target::new(Some(path))).transpose()?;
        if let Some(har) = &mut har {
            har.write(har::head().as_bytes())?;
        }
        let (hasher, pending_start) = (WholeHasher::default(), (Position { byte: 0, line: 1, column: 1 }, 0));
        Ok(Self { masker, lines: Target::new(lines)?, har, hasher, byte: 0, count: 0, has_all: true, pending: Vec::new(), pending_start })
    }

    /// Whether a file keeps the recording after the run.
    pub fn is_kept(&self) -> bool {
        self.lines.path.is_some() || self.har.is_some()
    }

    /// Counts an exchange that is not recorded, so that the next one has its own index.
    pub fn skip(&mut self) {
        self.count += 1;
        self.has_all = false;
    }

    /// Writes an exchange and reads it back, so that the checked exchange is the recorded one.
    ///
    /// # Errors
    /// The recording cannot be written.
    pub fn record(&mut self, exchange: &Exchange, source: &Arc<str>) -> Result<Entry, RecordError> {
        let (start, index) = self.position();
        let bytes = self.write_line(exchange)?;
        let entry = read_line(bytes, start, source, index);
        self.write_har(index, &entry)?;
        Ok(entry)
    }

    /// Writes an exchange, and keeps its line for [`Recorder::take_lines`]. Returns the number of bytes that are kept.
    ///
    /// # Errors
    /// The recording cannot be written.
    pub fn record_line(&mut self, exchange: &Exchange) -> Result<usize, RecordError> {
        let start = self.position();
        if self.pending.is_empty() {
            self.pending_start = start;
        }
        let bytes = self.write_line(exchange)?;
        self.pending.extend_from_slice(&bytes);
        self.pending.push(b'\n');
        if self.har.is_some() {
            self.write_har(start.1, &read_line(bytes, start.0, &"".into(), start.1))?;
        }
        Ok(self.pending.len())
    }

    /// The lines that were written since the last call, so that the checked exchanges are the recorded ones. `None` if there are none.
    pub fn take_lines(&mut self) -> Option<Block> {
        if self.pending.is_empty() {
            return None;
        }
        let (start, index) = self.pending_start;
        Block::of_lines(std::mem::take(&mut self.pending), start, index)
    }

    /// The position of the next line, and its index.
    fn position(&self) -> (Position, usize) {
        (Position { byte: self.byte, line: self.count + 1, column: 1 }, self.count)
    }

    /// Writes the line of an exchange, and returns it without its line break.
    fn write_line(&mut self, exchange: &Exchange) -> Result<Vec<u8>, RecordError> {
        let written = line::line(exchange).map_err(|error| failed(self.lines.path.as_deref(), error.into()))?;
        let mut bytes = self.masker.document(&written).into_bytes();
        bytes.push(b'\n');
        self.lines.write(&bytes)?;
        self.hasher.update(&bytes);
        self.byte += bytes.len();
        self.count += 1;
        bytes.pop();
        Ok(bytes)
    }

    fn write_har(&mut self, index: usize, entry: &Entry) -> Result<(), RecordError> {
        if let (Some(har), Ok(exchange)) = (&mut self.har, entry) {
            let separator = if index == 0 { "\n" } else { ",\n" };
            har.write(format!("{separator}{}", har::entry(exchange)).as_bytes())?;
        }
        Ok(())
    }

    /// The temporary path of the lines, and the digest of their bytes, if every exchange was recorded.
    ///
    /// # Errors
    /// The recording cannot be written.
    pub fn settle(&mut self) -> Result<(PathBuf, Option<String>), RecordError> {
        let refused = |source| failed(self.lines.path.as_deref(), source);
        self.lines.file.flush().map_err(refused)?;
        Ok((self.lines.file.get_ref().path().to_owned(), self.has_all.then(|| self.hasher.digest())))
    }

    /// Renames the files to their final paths.
    ///
    /// # Errors
    /// A file cannot be completed.
    pub fn finish(mut self) -> Result<(), RecordError> {
        if let Some(har) = &mut self.har {
            har.write(har::FOOT.as_bytes())?;
        }
        let har = self.har.take().map_or(Ok(()), Target::finish);
        self.lines.finish().and(har)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::exchange::Request;
    use crate::mask::test_masker;
    use crate::read::{Limits, Source, read};

    fn record(exchange: &Exchange) -> (Exchange, String, Exchange) {
        let folder = tempfile::tempdir().expect("a folder");
        let (lines, har) = (folder.path().join("a.ndjson"), folder.path().join("a.har"));
        let mut recorder = Recorder::new(test_masker(), Some(&lines), Some(&har)).expect("a recorder");
        let recorded = recorder.record(exchange, &"server".into()).expect("a recording").expect("an exchange");
        recorder.finish().expect("the files");
        let mut from_har = Vec::new();
        read(&Source::File(har), &Limits::default(), &mut |entry| {
            from_har.push(entry.expect("an exchange"));
            ControlFlow::Continue(())
        })
        .expect("a HAR");
        (recorded, std::fs::read_to_string(lines).expect("a recording"), from_har.remove(0))
    }

    fn request_body(exchange: &Exchange) -> Option<&[u8]> {
        exchange.request.as_ref().map(Request::body)?.bytes()
    }

    #[test]
    fn a_request_body_is_recorded_masked_and_read_back() {
        let exchange = Exchange::post("/orders").json_body(r#"{"by": {"name": "Ann Bee"}, "key": "sk_live_42"}"#).response(201, "{}");
        let (recorded, text, from_har) = record(&exchange);
        let body = String::from_utf8(request_body(&recorded).expect("a body").to_vec()).expect("text");
        assert!(body.starts_with(r#"{"by": {"name": ""#) && body.ends_with(r#""key": "***"}"#), "{body}");
        assert!(text.contains(&body) && !text.contains("Ann Bee") && !text.contains("sk_live"), "{text}");
        assert_eq!(recorded.masked, ["/request/headers/0/value", "/request/body/by/name", "/request/body/key"]);
        assert_eq!(request_body(&from_har), Some(body.as_bytes()));
    }

    #[test]
    fn a_request_body_that_is_not_json_is_recorded_as_text_or_base64() {
        for (bytes, member) in [(&b"a=b"[..], r#""bodyText":"a=b""#), (b"\xff\x00", r#""bodyBase64":"/wA=""#), (b"", r#""bodyText":"""#)] {
            let exchange = Exchange::put("/orders/1").request_body("application/octet-stream", bytes).response(200, "{}");
            let (recorded, text, from_har) = record(&exchange);
            assert!(text.contains(member), "{text}");
            assert_eq!((request_body(&recorded), request_body(&from_har)), (Some(bytes), Some(bytes)));
        }
    }

    #[test]
    fn a_get_request_without_a_body_has_no_member_for_it() {
        let (recorded, text, _) = record(&Exchange::get("/orders/1").response(200, "{}"));
        let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["request"].as_object().expect("a request").len(), 3);
        assert_eq!(request_body(&recorded), Some(&b""[..]));
    }

    #[test]
    fn blocks_of_recorded_lines_have_the_exchanges_of_the_recording() {
        let folder = tempfile::tempdir().expect("a folder");
        let (lines, har) = (folder.path().join("a.ndjson"), folder.path().join("a.har"));
        let mut recorder = Recorder::new(test_masker(), Some(&lines), Some(&har)).expect("a recorder");
        let (mut taken, name) = (Vec::new(), lines.to_str().expect("a path").into());
        for number in 0..7 {
            let exchange = Exchange::get(format!("/orders/{number}")).response(200, r#"{"key": "sk_live_42"}"#);
            assert!(recorder.record_line(&exchange).expect("a line") > 0);
            if number % 3 == 2 {
                taken.extend(recorder.take_lines());
            }
        }
        taken.extend(recorder.take_lines());
        assert!(recorder.take_lines().is_none());
        recorder.finish().expect("the files");
        let taken: Vec<Exchange> = taken.iter().flat_map(Block::lines).map(|line| line.entry(&name).expect("an exchange")).collect();
        let read_all = |path: &Path| {
            let mut all = Vec::new();
            read(&Source::File(path.to_owned()), &Limits::default(), &mut |entry| {
                all.push(entry.expect("an exchange"));
                ControlFlow::Continue(())
            })
            .expect("a recording");
            all
        };
        assert_eq!(format!("{taken:?}"), format!("{:?}", read_all(&lines)), "with their positions");
        let bodies = |all: &[Exchange]| {
            all.iter()
                .map(|exchange| exchange.response.clone().expect("a response").message.body.bytes().map(<[u8]>::to_vec))
                .collect::<Vec<_>>()
        };
        assert_eq!(bodies(&taken), bodies(&read_all(&har)));
    }

    #[test]
    fn a_recording_that_cannot_be_written_names_its_path_and_the_cause_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("a file");
        let path = file.join("a.ndjson");
        let error = Recorder::new(test_masker(), Some(&path), None).expect_err("a file is not a folder");
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        assert_eq!(error.to_string(), format!("{} cannot be written", path.display()));
        assert!(!error.to_string().contains(&cause), "{cause}");
    }
}
