//! Reads the entries of a HAR while it arrives, each with its position.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use charter_json::Position;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::entry::{WEB_SOCKET, exchange, scanned_exchange, web_socket_messages};
use crate::read::decode::{Decoded, Skipped};
use crate::read::error::LimitExceeded;
use crate::read::{Entry, EntryError, Limits, ReadError};

/// The position of the reader, shared with the deserializer's visitors.
#[derive(Clone, Debug, Default)]
struct Progress {
    byte: Rc<Cell<u64>>,
    line: Rc<Cell<usize>>,
    column: Rc<Cell<usize>>,
    /// The offset at which the current entry exceeds its size limit.
    limit: Rc<Cell<u64>>,
}

impl Progress {
    /// The position of the last byte read.
    fn last(&self) -> Position {
        Position {
            byte: self.byte.get().saturating_sub(1) as usize,
            line: self.line.get(),
            column: self.column.get().saturating_sub(1).max(1),
        }
    }
}

/// The bytes of the source. The deserializer takes them one by one, which is slow, so that entries are taken out of the source at once.
struct Bytes<'d> {
    inner: &'d mut Decoded,
    progress: Progress,
    /// Bytes that are taken from the source and that the deserializer has not read.
    ahead: VecDeque<u8>,
    /// The error of the source after these bytes.
    failure: Option<io::Error>,
    /// The last byte that the deserializer read.
    last: u8,
    /// Whether the deserializer reads `}` next instead of an entry that was taken out.
    closes: bool,
}

impl Bytes<'_> {
    fn count(&self, bytes: &[u8]) {
        let progress = &self.progress;
        progress.byte.set(progress.byte.get() + bytes.len() as u64);
        let after_break = match memchr::memrchr(b'\n', bytes) {
            Some(at) => {
                progress.line.set(progress.line.get() + memchr::memchr_iter(b'\n', bytes).count());
                progress.column.set(1);
                &bytes[at + 1..]
            }
            None => bytes,
        };
        let characters = after_break.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        progress.column.set(progress.column.get() + characters);
    }

    /// Takes an entry out of the source. The deserializer has read its first byte, and reads `{}` instead. `None`: it reads the entry itself, because the
    /// entry is not an object, is malformed or is too large. `scan` reads an entry that may not be JSON, if it has a usual form.
    fn take_entry(&mut self, limit: u64, scan: impl FnOnce(&[u8]) -> Option<Entry>) -> Option<Taken> {
        if self.last != b'{' || !self.ahead.is_empty() {
            return None;
        }
        let mut text = vec![b'{'];
        let mut nesting = Nesting::default();
        let is_complete = loop {
            let available = match self.inner.fill_buf() {
                Ok([]) => break false,
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.failure = Some(error);
                    break false;
                }
            };
            let end = nesting.end(available);
            let taken = end.unwrap_or(available.len());
            text.extend_from_slice(&available[..taken]);
            self.inner.consume(taken);
            if end.is_some() || text.len() as u64 > limit {
                break end.is_some();
            }
        };
        let is_complete = is_complete && text.len() as u64 <= limit;
        let taken = if is_complete { scan(&text).map(|entry| Taken::Read(Box::new(entry))) } else { None };
        let taken = match taken {
            None if is_complete => serde_json::from_slice::<&RawValue>(&text).ok().map(|entry| Taken::Text(entry.to_owned())),
            taken => taken,
        };
        match &taken {
            Some(_) => {
                self.count(&text[1..]);
                self.closes = true;
            }
            None => self.ahead.extend(&text[1..]),
        }
        taken
    }
}

/// An entry that was taken out of the source.
enum Taken {
    /// The entry as an exchange.
    Read(Box<Entry>),
    Text(Box<RawValue>),
}

/// Where an object ends whose first byte was read.
#[derive(Default)]
struct Nesting {
    /// The number of open brackets within the object.
    depth: usize,
    is_string: bool,
    is_escaped: bool,
}

impl Nesting {
    /// The length of the part of the bytes that belongs to the object, if it ends in them.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
            } else if self.is_string {
                let found = memchr::memchr2(b'"', b'\\', rest)?;
                (self.is_string, self.is_escaped) = (rest[found] != b'"', rest[found] != b'"');
                at += found + 1;
            } else {
                let found = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
                at += found + 1;
                match rest[found] {
                    b'"' => self.is_string = true,
                    b'{' | b'[' => self.depth += 1,
                    _ if self.depth == 0 => return Some(at),
                    _ => self.depth -= 1,
                }
            }
        }
        None
    }
}

/// The bytes, shared with the deserializer's visitors.
struct Shared<'d>(Rc<RefCell<Bytes<'d>>>);

impl Read for Shared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.0.borrow_mut();
        if bytes.closes && !buffer.is_empty() {
            bytes.closes = false;
            buffer[0] = b'}';
            return Ok(1);
        }
        let read = match (bytes.ahead.is_empty(), bytes.failure.is_some()) {
            (false, _) => bytes.ahead.read(buffer)?,
            (true, false) => bytes.inner.read(buffer)?,
            (true, true) => return bytes.failure.take().map_or(Ok(0), Err),
        };
        bytes.count(&buffer[..read]);
        bytes.last = buffer[..read].last().copied().unwrap_or_default();
        if bytes.progress.byte.get() > bytes.progress.limit.get() {
            return Err(io::Error::other(LimitExceeded("an entry is larger than --max-body allows".to_owned())));
        }
        Ok(read)
    }
}

pub(super) fn read(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    read_with(decoded, source, limits, sink, true)
}

/// Reads the entries. `takes_entries`: entries are taken out of the source at once.
fn read_with(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    takes_entries: bool,
) -> Result<ControlFlow<()>, ReadError> {
    let progress = Progress::default();
    progress.byte.set(decoded.skipped);
    progress.line.set(1);
    progress.column.set(1);
    progress.limit.set(u64::MAX);
    let skipped = Skipped::default();
    let (result, broke, index, entries, skipped) = {
        let bytes =
            Bytes { inner: &mut *decoded, progress: progress.clone(), ahead: VecDeque::new(), failure: None, last: 0, closes: false };
        let bytes = Rc::new(RefCell::new(bytes));
        let mut deserializer = serde_json::Deserializer::from_reader(Shared(bytes.clone()));
        let (progress, sink) = (progress.clone(), &mut *sink);
        let mut state = State { source, limits, progress, bytes, takes_entries, sink, skipped, index: 0, broke: false, entries: false };
        let result = Object { key: "log", state: &mut state, inner: Log }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        (result, state.broke, state.index, state.entries, state.skipped)
    };
    decoded.skipped_parts = skipped;
    match result {
        _ if broke => Ok(ControlFlow::Break(())),
        Ok(()) if !entries => {
            Err(ReadError::Malformed { message: "a HAR without entries".to_owned(), position: Position { byte: 0, line: 1, column: 1 } })
        }
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.is_io() => Err(ReadError::from_io(error.into())),
        Err(error) => {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
            let position = progress.last();
            if index == 0 {
                return Err(ReadError::Malformed { message, position });
            }
            // The entries before the damage have been delivered. The error is the last entry.
            Ok(sink(Err(EntryError {
                message: format!("the HAR breaks off: {message}"),
                remedy: Some("export the HAR again"),
                position,
                index,
                line: Some(position.line),
            })))
        }
    }
}

struct State<'s> {
    source: &'s Arc<str>,
    limits: &'s Limits,
    progress: Progress,
    bytes: Rc<RefCell<Bytes<'s>>>,
    takes_entries: bool,
    sink: &'s mut dyn FnMut(Entry) -> ControlFlow<()>,
    skipped: Skipped,
    index: usize,
    broke: bool,
    entries: bool,
}

/// Reads the value of a member.
trait Inside: Copy {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error>;
}

/// Reads one member of an object and skips the others.
struct Object<'a, 's, I> {
    key: &'static str,
    state: &'a mut State<'s>,
    inner: I,
}

impl<'de, I: Inside> DeserializeSeed<'de> for Object<'_, '_, I> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, I: Inside> Visitor<'de> for Object<'_, '_, I> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with {}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                map.next_value_seed(At { inner: self.inner, state: self.state })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct At<'a, 's, I> {
    inner: I,
    state: &'a mut State<'s>,
}

impl<'de, I: Inside> DeserializeSeed<'de> for At<'_, '_, I> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.inner.read(self.state, deserializer)
    }
}

#[derive(Clone, Copy)]
struct Log;

impl Inside for Log {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error> {
        Object { key: "entries", state, inner: Entries }.deserialize(deserializer)
    }
}

#[derive(Clone, Copy)]
struct Entries;

impl Inside for Entries {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error> {
        state.entries = true;
        deserializer.deserialize_seq(EntryList { state })
    }
}

struct EntryList<'a, 's> {
    state: &'a mut State<'s>,
}

impl<'de> Visitor<'de> for EntryList<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_element_seed(OneEntry { state: self.state })?.is_some() {}
        Ok(())
    }
}

struct OneEntry<'a, 's> {
    state: &'a mut State<'s>,
}

impl<'de> DeserializeSeed<'de> for OneEntry<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // At this point the reader has read exactly the first byte of the entry.
        let state = self.state;
        let start = state.progress.last();
        let scan = |text: &[u8]| scanned_exchange(text, start, state.source, state.index);
        let taken = if state.takes_entries { state.bytes.borrow_mut().take_entry(state.limits.max_body, scan) } else { None };
        let raw = match taken {
            Some(Taken::Read(entry)) => {
                IgnoredAny::deserialize(deserializer)?;
                return state.deliver(*entry);
            }
            Some(Taken::Text(raw)) => {
                IgnoredAny::deserialize(deserializer)?;
                raw
            }
            None => {
                state.progress.limit.set(start.byte as u64 + state.limits.max_body);
                let raw = <Box<RawValue>>::deserialize(deserializer)?;
                state.progress.limit.set(u64::MAX);
                raw
            }
        };
        if let Some(count) = web_socket_messages(raw.get()) {
            state.skipped.add(WEB_SOCKET, count);
            return Ok(());
        }
        let entry = exchange(raw.get(), start, state.source, state.index);
        state.deliver(entry)
    }
}

impl State<'_> {
    /// Passes an entry to the sink.
    fn deliver<E: serde::de::Error>(&mut self, entry: Entry) -> Result<(), E> {
        self.index += 1;
        if (self.sink)(entry).is_break() {
            self.broke = true;
            return Err(E::custom("stopped"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Source;

    const HAR: &str = r#"{"log": {"version": "1.2", "entries": [
  {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": "/ä?a=}\"\\", "headers": []},
   "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": "{\"é\": [1, {}]}"}}}, 7,
 {"request": {"method": "GET", "url": "/b"}, "response": {"status": 204}} , {} ], "pages": []}}
"#;

    /// The entries and the result, as text.
    fn read_all(bytes: &[u8], limits: &Limits, takes_entries: bool) -> String {
        let source = Source::Bytes { name: "a.har".into(), bytes: bytes.into() };
        let mut entries = Vec::new();
        let mut sink = |entry: Entry| {
            entries.push(format!("{entry:?}"));
            ControlFlow::Continue(())
        };
        let mut decoded = match Decoded::open(&source, limits) {
            Ok(decoded) => decoded,
            Err(error) => return format!("{error:?}"),
        };
        let result = read_with(&mut decoded, &"a.har".into(), limits, &mut sink, takes_entries);
        format!("{entries:#?} {result:?}")
    }

    #[test]
    fn entries_that_are_taken_out_equal_those_that_the_deserializer_reads() {
        let check = |bytes: &[u8], limits: &Limits| {
            let (taken, read) = (read_all(bytes, limits, true), read_all(bytes, limits, false));
            assert_eq!(taken, read, "{}", String::from_utf8_lossy(bytes));
        };
        let limits = Limits::default();
        check(HAR.as_bytes(), &limits);
        let all = read_all(HAR.as_bytes(), &limits, true);
        assert!(all.contains("/ä?a=}"), "{all}");
        for at in 0..HAR.len() {
            check(&HAR.as_bytes()[..at], &limits);
            for byte in [b'}', b'"', b'\\', b'\n', b'[', 0xFF] {
                let mut changed = HAR.as_bytes().to_vec();
                changed[at] = byte;
                check(&changed, &limits);
            }
        }
        for max_body in [0, 1, 30, 60, 70, 200, 260, 300] {
            check(HAR.as_bytes(), &Limits { max_body, ..Limits::default() });
        }
    }
}
