//! Reads the entries of a HAR while it arrives, each with its position.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use charter_json::Position;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::entry::{WEB_SOCKET, exchange, web_socket_messages};
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

struct Counting<'d> {
    inner: &'d mut Decoded,
    progress: Progress,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in &buffer[..read] {
            if *byte == b'\n' {
                self.progress.line.set(self.progress.line.get() + 1);
                self.progress.column.set(1);
            } else if byte & 0xC0 != 0x80 {
                self.progress.column.set(self.progress.column.get() + 1);
            }
        }
        self.progress.byte.set(self.progress.byte.get() + read as u64);
        if self.progress.byte.get() > self.progress.limit.get() {
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
    let progress = Progress::default();
    progress.byte.set(decoded.skipped);
    progress.line.set(1);
    progress.column.set(1);
    progress.limit.set(u64::MAX);
    let skipped = Skipped::default();
    let mut state = State { source, limits, progress: progress.clone(), sink, skipped, index: 0, broke: false, entries: false };
    let reader = Counting { inner: decoded, progress: progress.clone() };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let result = Object { key: "log", state: &mut state, inner: Log }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let (broke, index, entries, skipped) = (state.broke, state.index, state.entries, state.skipped);
    drop(deserializer);
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
            Ok((state.sink)(Err(EntryError {
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
        state.progress.limit.set(start.byte as u64 + state.limits.max_body);
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        state.progress.limit.set(u64::MAX);
        if let Some(count) = web_socket_messages(raw.get()) {
            state.skipped.add(WEB_SOCKET, count);
            return Ok(());
        }
        let entry = exchange(raw.get(), start, state.source, state.index);
        state.index += 1;
        if (state.sink)(entry).is_break() {
            state.broke = true;
            return Err(serde::de::Error::custom("stopped"));
        }
        Ok(())
    }
}
