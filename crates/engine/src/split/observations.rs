//! What a split stores for rules over time, as a file: a header, sorted records, and an index.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | the length of the header, little-endian |
//! | … | the header, as JSON |
//! | … | the records: the key, the length of the value in 8 bytes, the value |
//! | 4097 × 8 | by the first 12 bits of the key: the offset of the first record; then the offset of the end of the records |

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use charter_report::{MapPart, Partition, Report, Settings};
use serde::{Deserialize, Serialize};

use crate::Judge;
use crate::timeline::{KEY, Merge, Record};

/// The format of files with observations.
const FORMAT: &str = "charter-observations/1";
/// The number of parts of the keys in the index.
const SLOTS: usize = 4_096;
/// The bytes of the index.
const INDEX: i64 = (SLOTS as i64 + 1) * 8;
/// Maximum bytes of the header.
const HEADER: u64 = 1 << 30;
/// Maximum bytes of a record.
const RECORD: u64 = 1 << 30;

/// The number of files that are open at the same time. A usual limit of a process is 1024, on macOS 256.
const OPEN_FILES: usize = 128;
/// Bytes per read of a file that stays open.
const BUFFER: usize = 8 << 10;
/// Maximum bytes per read of a file that is opened for each read, and those of all files together.
const LARGE_BUFFER: usize = 256 << 10;
const BUFFERS: usize = 64 << 20;

/// The result of judging a split.
#[derive(Debug)]
#[non_exhaustive]
pub struct JudgedSplit {
    /// The report, for merging.
    pub report: Report,
    /// What rules over time compare with other splits.
    pub observations: Observations,
    /// The first error of a source that another attempt may not have, such as an error of the network. The report has it too.
    pub passing_error: Option<String>,
}

/// Observations of a split, sorted by resource and time.
pub struct Observations {
    pub(crate) header: Header,
    pub(crate) records: Merge,
}

/// What identifies the observations of a split.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    format: String,
    version: String,
    pub(crate) contract: String,
    pub(crate) split: String,
    pub(crate) settings: Settings,
    pub(crate) part: MapPart,
}

/// Why rules over time cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A file cannot be read or written.
    #[error("{name}: {source}")]
    Io {
        /// The file.
        name: String,
        /// The error.
        source: io::Error,
    },
    /// A file has another format.
    #[error("{name}: the file is damaged, or is not the file of a split that version {} wrote", env!("CARGO_PKG_VERSION"))]
    Format {
        /// The file.
        name: String,
    },
    /// The contract differs.
    #[error("{name} was made with another contract: judge all splits, and the rules over time, with the same contract and flags")]
    Contract {
        /// The file.
        name: String,
    },
    /// The splits belong to different runs.
    #[error("{one} and {other} belong to different runs: judge all splits with the same arguments, files and flags")]
    Runs {
        /// One file.
        one: String,
        /// The other.
        other: String,
    },
    /// Two splits judged parts of an input that do not follow each other.
    #[error(
        "{name}: the part of an input that this split judged does not follow that of the split before: the input has changed; judge all splits again"
    )]
    Ranges {
        /// The file.
        name: String,
    },
    /// A split is there twice.
    #[error("{one} and {other} are both of split {split}: remove one")]
    Repeated {
        /// The split.
        split: String,
        /// One file.
        one: String,
        /// The other.
        other: String,
    },
    /// Splits are missing.
    #[error("the observations of {} of {of} splits are missing: {}; run `charter check --split` for each, with the same --observations folder", missing.len(), missing.join(", "))]
    Missing {
        /// The splits.
        missing: Vec<String>,
        /// Their number in all.
        of: u32,
    },
}

impl SplitError {
    /// Whether observations are missing or cannot be read, as opposed to observations that do not belong together.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Io { .. } | Self::Format { .. })
    }
}

impl std::fmt::Debug for Observations {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Observations").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Header {
    pub(crate) fn new(judge: &Judge, split: Partition, settings: Settings, part: MapPart) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: judge.contract().digest(),
            split: split.to_string(),
            settings,
            part,
        }
    }
}

impl Observations {
    /// Their number.
    pub fn count(&self) -> u64 {
        self.header.part.records
    }

    /// Writes the observations in the order of their resources and times.
    ///
    /// # Errors
    /// They cannot be written, or a temporary file cannot be read.
    pub fn write(self, out: impl Write) -> io::Result<()> {
        let mut file = FileWriter::new(BufWriter::new(out), &serde_json::to_vec(&self.header)?)?;
        for record in self.records {
            let (key, value) = record?;
            file.add(&key, &value)?;
        }
        file.finish()
    }

    /// Writes the observations of each of `of` shares of the resources as a file of its own. [`over_time`](crate::over_time) reads the files of a share as it reads
    /// whole ones. `open` opens the file of a share, by its number from 1; files are written one after the other.
    ///
    /// # Errors
    /// They cannot be written, or a temporary file cannot be read.
    pub fn write_shares<W: Write>(self, of: u32, mut open: impl FnMut(u32) -> io::Result<W>) -> io::Result<()> {
        let header = serde_json::to_vec(&self.header)?;
        let mut records = self.records.peekable();
        for number in 1..=of {
            let (_, last) = share_bounds(number, of);
            let mut file = FileWriter::new(BufWriter::new(open(number)?), &header)?;
            while let Some(record) = records.next_if(|record| record.as_ref().is_ok_and(|(key, _)| identity(key) <= last)) {
                let (key, value) = record?;
                file.add(&key, &value)?;
            }
            if let Some(Err(_)) = records.peek() {
                return records.next().map_or(Ok(()), |record| record.map(|_| ()));
            }
            file.finish()?;
        }
        Ok(())
    }
}

/// Writes a file with observations.
struct FileWriter<W> {
    out: W,
    /// The offset of the next record.
    at: u64,
    index: Vec<u64>,
}

impl<W: Write> FileWriter<W> {
    fn new(mut out: W, header: &[u8]) -> io::Result<Self> {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header)?;
        Ok(Self { out, at: 8 + header.len() as u64, index: Vec::with_capacity(SLOTS + 1) })
    }

    fn add(&mut self, key: &[u8; KEY], value: &[u8]) -> io::Result<()> {
        while self.index.len() <= slot(key) {
            self.index.push(self.at);
        }
        self.out.write_all(key)?;
        self.out.write_all(&(value.len() as u64).to_le_bytes())?;
        self.out.write_all(value)?;
        self.at += (KEY + 8 + value.len()) as u64;
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.index.resize(SLOTS + 1, self.at);
        for offset in self.index {
            self.out.write_all(&offset.to_le_bytes())?;
        }
        self.out.flush()
    }
}

/// The first and the last identity of a share of the resources.
pub(super) fn share_bounds(number: u32, of: u32) -> (u64, u64) {
    let bound = |number: u32| (u128::from(number) << 64) / u128::from(of);
    (bound(number - 1) as u64, (bound(number) - 1) as u64)
}

/// The first bytes of a key: those of the identity of the resource.
pub(super) fn identity(key: &[u8; KEY]) -> u64 {
    let mut identity = [0; 8];
    identity.copy_from_slice(&key[..8]);
    u64::from_be_bytes(identity)
}

fn slot(key: &[u8; KEY]) -> usize {
    usize::from(u16::from_be_bytes([key[0], key[1]]) >> 4)
}

/// A file that is open only while it is read.
struct Reopened {
    path: PathBuf,
    at: u64,
}

impl Read for Reopened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.at))?;
        let length = file.read(buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Reopened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => std::fs::metadata(&self.path)?.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// The content of a file.
trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A file with the observations of a split.
pub struct ObservationsFile {
    pub(crate) name: String,
    reader: BufReader<Box<dyn ReadSeek>>,
    pub(crate) header: Header,
    pub(crate) split: Partition,
    /// The offset of the next record, and of the end of the records.
    at: u64,
    end: u64,
}

impl std::fmt::Debug for ObservationsFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ObservationsFile").field("name", &self.name).field("header", &self.header).finish_non_exhaustive()
    }
}

impl ObservationsFile {
    /// Opens what [`Observations::write`] wrote.
    ///
    /// # Errors
    /// The file cannot be read or has another format.
    pub fn open(name: impl Into<String>, file: impl Read + Seek + Send + 'static) -> Result<Self, SplitError> {
        Self::open_with_buffer(name.into(), Box::new(file), BUFFER)
    }

    /// Opens what [`Observations::write`] wrote to files. Many files are opened for each read, so that the limit of open files of a process is not exceeded.
    ///
    /// # Errors
    /// A file cannot be read or has another format.
    pub fn open_all(paths: &[PathBuf]) -> Result<Vec<Self>, SplitError> {
        let buffer = (BUFFERS / paths.len().max(1)).clamp(BUFFER, LARGE_BUFFER);
        let open = |path: &PathBuf| {
            let name = path.to_string_lossy().into_owned();
            if paths.len() > OPEN_FILES {
                return Self::open_with_buffer(name, Box::new(Reopened { path: path.clone(), at: 0 }), buffer);
            }
            match File::open(path) {
                Ok(file) => Self::open_with_buffer(name, Box::new(file), BUFFER),
                Err(source) => Err(SplitError::Io { name, source }),
            }
        };
        paths.iter().map(open).collect()
    }

    fn open_with_buffer(name: String, file: Box<dyn ReadSeek>, buffer: usize) -> Result<Self, SplitError> {
        let mut reader = BufReader::with_capacity(buffer, file);
        let opened = Self::read_header(&mut reader);
        match opened {
            Ok(Some(header)) if header.format == FORMAT && header.version == env!("CARGO_PKG_VERSION") => {
                let Ok(split) = header.split.parse() else { return Err(SplitError::Format { name }) };
                Ok(Self { name, reader, header, split, at: 0, end: 0 })
            }
            Ok(_) => Err(SplitError::Format { name }),
            Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => Err(SplitError::Format { name }),
            Err(source) => Err(SplitError::Io { name, source }),
        }
    }

    fn read_header(reader: &mut BufReader<Box<dyn ReadSeek>>) -> io::Result<Option<Header>> {
        let length = read_number(reader)?;
        if length > HEADER {
            return Ok(None);
        }
        let mut header = Vec::new();
        reader.take(length).read_to_end(&mut header)?;
        Ok(serde_json::from_slice(&header).ok())
    }

    /// Moves to the first record of a share of the resources.
    pub(crate) fn seek_to(&mut self, first: u64) -> io::Result<()> {
        let slot = (first >> 52) as i64;
        self.reader.seek(SeekFrom::End(slot * 8 - INDEX))?;
        self.at = read_number(&mut self.reader)?;
        self.reader.seek(SeekFrom::End(-8))?;
        self.end = read_number(&mut self.reader)?;
        self.reader.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }

    /// The next record.
    pub(crate) fn next_record(&mut self) -> io::Result<Option<Record>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let mut key = [0; KEY];
        self.reader.read_exact(&mut key)?;
        let length = read_number(&mut self.reader)?;
        if length > RECORD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a record is too long"));
        }
        let mut value = vec![0; length as usize];
        self.reader.read_exact(&mut value)?;
        self.at += KEY as u64 + 8 + length;
        Ok(Some((key, value)))
    }
}

fn read_number(reader: &mut impl Read) -> io::Result<u64> {
    let mut number = [0; 8];
    reader.read_exact(&mut number)?;
    Ok(u64::from_le_bytes(number))
}
