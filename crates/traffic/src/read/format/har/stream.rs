//! Reads the entries of a HAR while it arrives, each with its position.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use charter_json::Position;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::block::EntryBlock;
use super::entry::{WEB_SOCKET, exchange, web_socket_messages};
use crate::read::decode::{Decoded, Skipped};
use crate::read::error::LimitExceeded;
use crate::read::{Entry, Item, Limits, ReadError};

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
    /// A part of the source that is valid UTF-8, and the number of its bytes that were read.
    text: String,
    at: usize,
    /// The bytes after the text: the beginning of a character, or bytes that are not UTF-8.
    rest: VecDeque<u8>,
    /// A buffer for the next bytes.
    buffer: Vec<u8>,
    /// The error of the source after these bytes.
    failure: Option<io::Error>,
    is_over: bool,
    /// Whether the deserializer reads `}` next instead of an entry that was taken out.
    closes: bool,
    /// The entries of the text that were scanned, and those of the text before it.
    block: EntryBlock,
    ready: VecDeque<EntryBlock>,
}

/// Bytes per read: small enough to be in the processor's cache when the entries are checked.
const PART: usize = 128 << 10;
/// Bytes that do not begin a character if the next bytes do not complete it.
const LONGEST_CHARACTER: usize = 4;

impl<'d> Bytes<'d> {
    fn new(inner: &'d mut Decoded, progress: Progress) -> Self {
        Self {
            inner,
            progress,
            text: String::new(),
            at: 0,
            rest: VecDeque::new(),
            buffer: Vec::new(),
            failure: None,
            is_over: false,
            closes: false,
            block: EntryBlock::default(),
            ready: VecDeque::new(),
        }
    }

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
        let characters = bytecount::num_chars(after_break);
        progress.column.set(progress.column.get() + characters);
    }

    /// Moves the entries that were scanned to the blocks that are ready. The text continues at `from`, or at the beginning of the character there.
    fn flush(&mut self, from: usize) {
        // The deserializer may stop within a character.
        let from = (0..=from).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or_default();
        let next = self.text.split_off(from);
        let text = std::mem::replace(&mut self.text, next);
        self.at -= from;
        self.ready.extend(self.block.take(text));
    }

    /// Appends bytes of the source to the text, which continues at `from`. Returns whether there were any.
    fn fill(&mut self, from: usize) -> bool {
        self.flush(from);
        let before = self.text.len();
        while self.text.len() == before && !self.is_over && self.rest.len() < LONGEST_CHARACTER {
            let kept = self.rest.len();
            self.buffer.clear();
            self.buffer.extend(self.rest.drain(..));
            self.buffer.resize(kept + PART, 0);
            let read = match self.inner.read(&mut self.buffer[kept..]) {
                Ok(read) => {
                    self.is_over = read == 0;
                    read
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => {
                    self.is_over = true;
                    self.failure = Some(error);
                    0
                }
            };
            let bytes = &self.buffer[..kept + read];
            match simdutf8::compat::from_utf8(bytes) {
                Ok(text) => self.text.push_str(text),
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    self.text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                    self.rest.extend(rest);
                }
            }
        }
        self.text.len() > before
    }

    /// Takes an entry out of the source. The deserializer has read its first byte, and reads `{}` instead. `None`: it reads the entry itself, because the
    /// entry is not an object, is malformed or is too large.
    fn take_entry(&mut self, limits: &Limits, start: Position, index: usize) -> Option<Taken> {
        let mut from = self.at.checked_sub(1).filter(|from| self.text.as_bytes().get(*from) == Some(&b'{'))?;
        let mut end = self.block.scan(&self.text, from, start, index, limits);
        if end.is_none() {
            // The text may end within the entry.
            let (mut nesting, mut searched, mut is_filled) = (Nesting::default(), from + 1, false);
            let found = loop {
                if let Some(length) = nesting.end(self.text.as_bytes().get(searched..)?) {
                    break searched + length;
                }
                let length = self.text.len() - from;
                if length as u64 > limits.max_body || !self.fill(from) {
                    return None;
                }
                (from, searched, is_filled) = (0, length, true);
            };
            if (found - from) as u64 > limits.max_body {
                return None;
            }
            end = if is_filled { self.block.scan(&self.text, from, start, index, limits) } else { None };
            if end.is_none() {
                let entry = serde_json::from_str::<&RawValue>(self.text.get(from..found)?).ok()?.to_owned();
                self.read_to(found);
                return Some(Taken::Text(entry));
            }
        }
        self.read_to(end?);
        Some(Taken::Scanned)
    }

    /// Counts the bytes of the text up to `end` as read. The deserializer reads the end of an object next.
    fn read_to(&mut self, end: usize) {
        self.count(&self.text.as_bytes()[self.at..end]);
        self.at = end;
        self.closes = true;
    }
}

/// An entry that was taken out of the source.
enum Taken {
    /// The entry is in the block.
    Scanned,
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
        let bytes = &mut *bytes;
        if bytes.closes && !buffer.is_empty() {
            bytes.closes = false;
            buffer[0] = b'}';
            return Ok(1);
        }
        if bytes.at == bytes.text.len() {
            bytes.fill(bytes.at);
        }
        let mut text = &bytes.text.as_bytes()[bytes.at..];
        let read = match (text.is_empty(), bytes.rest.is_empty()) {
            (false, _) => {
                let read = text.read(buffer)?;
                bytes.at += read;
                read
            }
            (true, false) => {
                // The last byte of the text is not the last one that was read.
                bytes.flush(bytes.at);
                bytes.rest.read(buffer)?
            }
            (true, true) => return bytes.failure.take().map_or(Ok(0), Err),
        };
        bytes.count(&buffer[..read]);
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
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    read_with(decoded, source, limits, sink, true)
}

/// Reads the entries. `takes_entries`: entries are taken out of the source at once.
fn read_with(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
    takes_entries: bool,
) -> Result<ControlFlow<()>, ReadError> {
    let progress = Progress::default();
    progress.byte.set(decoded.skipped);
    progress.line.set(1);
    progress.column.set(1);
    progress.limit.set(u64::MAX);
    let skipped = Skipped::default();
    let (result, broke, index, entries, skipped) = {
        let bytes = Rc::new(RefCell::new(Bytes::new(&mut *decoded, progress.clone())));
        let mut deserializer = serde_json::Deserializer::from_reader(Shared(bytes.clone()));
        let (progress, sink) = (progress.clone(), &mut *sink);
        let mut state = State { source, limits, progress, bytes, takes_entries, sink, skipped, index: 0, broke: false, entries: false };
        let result = Object { key: "log", state: &mut state, inner: Log }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        if !state.broke && state.flush().is_break() {
            state.broke = true;
        }
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
            // The entries before the damage have been delivered.
            Err(match index {
                0 => ReadError::Malformed { message, position },
                _ => ReadError::BreaksOff { message: format!("the HAR breaks off: {message}"), position },
            })
        }
    }
}

struct State<'s> {
    source: &'s Arc<str>,
    limits: &'s Limits,
    progress: Progress,
    bytes: Rc<RefCell<Bytes<'s>>>,
    takes_entries: bool,
    sink: &'s mut dyn FnMut(Item) -> ControlFlow<()>,
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
        let taken = if state.takes_entries { state.bytes.borrow_mut().take_entry(state.limits, start, state.index) } else { None };
        let raw = match taken {
            Some(Taken::Scanned) => {
                IgnoredAny::deserialize(deserializer)?;
                state.index += 1;
                return state.deliver_ready();
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
    /// Passes an entry to the sink, after those before it.
    fn deliver<E: serde::de::Error>(&mut self, entry: Entry) -> Result<(), E> {
        self.index += 1;
        let continues = self.flush().is_continue() && (self.sink)(entry.into()).is_continue();
        self.continue_if(continues)
    }

    /// Passes the blocks that are ready to the sink.
    fn deliver_ready<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let flow = self.pass_ready();
        self.continue_if(flow.is_continue())
    }

    /// Passes all entries that were scanned to the sink.
    fn flush(&mut self) -> ControlFlow<()> {
        {
            let bytes = &mut *self.bytes.borrow_mut();
            bytes.flush(bytes.at);
        }
        self.pass_ready()
    }

    fn pass_ready(&mut self) -> ControlFlow<()> {
        loop {
            let Some(block) = self.bytes.borrow_mut().ready.pop_front() else { return ControlFlow::Continue(()) };
            (self.sink)(Item::Entries(block))?;
        }
    }

    fn continue_if<E: serde::de::Error>(&mut self, continues: bool) -> Result<(), E> {
        self.broke = !continues;
        if continues { Ok(()) } else { Err(E::custom("stopped")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{ExchangeView, Source};

    const HAR: &str = r#"{"log": {"version": "1.2", "entries": [
  {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": "/ä?a=}\"\\", "headers": []},
   "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": "{\"é\": [1, {}]}"}}}, 7,
 {"time": 1.5, "request": {"method": "POST", "url": "/c", "headers": [{"name": "a", "value": "b"}], "cookies": [], "postData": {"mimeType": "text/plain", "text": "\n"}},
   "response": {"status": 201, "headers": [{"name": "Content-Type", "value": "c"}], "content": {"size": 0, "mimeType": "x"}}, "_resourceType": "fetch"},
 {"request": {"method": "GET", "url": "/b"}, "response": {"status": 204}} , {} ], "pages": []}}
"#;

    /// The entries and the result, as text.
    fn read_all(bytes: &[u8], limits: &Limits, takes_entries: bool) -> String {
        let source = Source::Bytes { name: "a.har".into(), bytes: bytes.into() };
        let mut entries = Vec::new();
        let mut sink = |item: Item| {
            match item {
                Item::Entry(entry) => entries.push(format!("{entry:?}")),
                Item::Entries(block) => entries.extend(block.entries().map(|scanned| {
                    let entry = scanned.entry(&"a.har".into());
                    let view = entry.as_ref().ok().and_then(ExchangeView::of);
                    assert_eq!(format!("{:?}", Some(scanned.view())), format!("{view:?}"));
                    format!("{entry:?}")
                })),
                Item::Block(_) => panic!("a block of lines"),
            }
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
