//! Masks a HAR entry by entry while it is read, so that its size is not limited by memory.

use std::io::{BufRead, Write};

use super::mask;
use crate::mask::Masker;
use crate::read::decode::Decoded;
use crate::read::{Limits, ReadError};
use crate::scrub::{ScrubError, Scrubbed};
use charter_json::edit::{Edits, Node};

/// Where the scanner is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the entries.
    Before,
    /// Between two entries.
    Between,
    /// In an entry.
    Entry,
    /// After the entries.
    After,
}

/// A scanner of the structure of JSON. It reads no values except short keys.
#[derive(Default)]
struct Scanner {
    depth: usize,
    is_string: bool,
    is_escaped: bool,
    /// The last string, if it is short.
    string: Vec<u8>,
    /// The last keys of the two outer objects.
    keys: [Vec<u8>; 3],
    line: u64,
}

/// The longest key that is compared.
const KEY: usize = 16;

impl Scanner {
    /// Reads a byte.
    fn next(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\n');
        if self.is_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_string = false,
                _ if self.depth <= 2 && self.string.len() <= KEY => self.string.push(byte),
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.is_string = true;
                self.string.clear();
            }
            b':' if self.depth <= 2 => self.keys[self.depth] = self.string.clone(),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the array that begins has the entries.
    fn begins_entries(&self, byte: u8) -> bool {
        byte == b'[' && !self.is_string && self.depth == 2 && self.keys[1] == b"log" && self.keys[2] == b"entries"
    }
}

/// Masks a HAR and writes it.
pub(super) fn scrub(masker: &Masker, decoded: &mut Decoded, limits: &Limits, out: &mut dyn Write) -> Result<Scrubbed, ScrubError> {
    let mut scanner = Scanner { line: 1, ..Scanner::default() };
    let mut state = State::Before;
    let mut part: Vec<u8> = Vec::new();
    let (mut begun, mut is_masked) = (1, false);
    let mut write = |part: &mut Vec<u8>, state: State, line: u64| -> Result<(), ScrubError> {
        let malformed = || ScrubError::Malformed { line };
        let text = std::str::from_utf8(part).map_err(|_| malformed())?;
        let masked = masked_part(masker, text, state).ok_or_else(malformed)?;
        is_masked |= masked != text;
        out.write_all(masked.as_bytes()).map_err(ScrubError::Write)?;
        part.clear();
        Ok(())
    };
    loop {
        let buffer = decoded.fill_buf().map_err(ReadError::from_io)?;
        if buffer.is_empty() {
            break;
        }
        for byte in buffer {
            let byte = *byte;
            match state {
                State::Before if scanner.begins_entries(byte) => {
                    part.push(byte);
                    write(&mut part, state, begun)?;
                    scanner.next(byte);
                    state = State::Between;
                    continue;
                }
                State::Between if !scanner.is_string && byte == b'{' => {
                    write(&mut part, state, scanner.line)?;
                    (state, begun) = (State::Entry, scanner.line);
                }
                State::Between if !scanner.is_string && byte == b']' => {
                    write(&mut part, state, scanner.line)?;
                    (state, begun) = (State::After, scanner.line);
                }
                _ => {}
            }
            scanner.next(byte);
            part.push(byte);
            if state == State::Entry && scanner.depth == 3 && !scanner.is_string && byte == b'}' {
                write(&mut part, state, begun)?;
                state = State::Between;
            }
        }
        if part.len() as u64 > limits.max_body {
            return Err(ReadError::Limit(format!("an entry is longer than {} bytes", limits.max_body)).into());
        }
        let read = buffer.len();
        decoded.consume(read);
    }
    // Without entries, the source is one document.
    write(&mut part, state, begun)?;
    match state {
        State::Entry | State::Between => Err(ScrubError::Malformed { line: scanner.line }),
        State::Before | State::After => Ok(Scrubbed { documents: 1, masked: u64::from(is_masked) }),
    }
}

/// Masks a part of a HAR. `None` if it is malformed.
fn masked_part(masker: &Masker, text: &str, state: State) -> Option<String> {
    match state {
        State::Before if text.trim_end().ends_with('[') => {
            const END: &str = "]}}";
            let whole = format!("{text}{END}");
            let mut edits = Edits::default();
            mask::mask_outside(masker, &whole, &Node::parse(&whole)?, &mut edits);
            let masked = edits.apply(&whole);
            Some(masked[..masked.len() - END.len()].to_owned())
        }
        State::Before => Node::parse(text.trim()).map(|_| masker.document(text)),
        State::Between => Some(if text.contains('"') { masker.text(text).into_owned() } else { text.to_owned() }),
        State::Entry => {
            let node = Node::parse(text)?;
            let mut edits = Edits::default();
            mask::mask_entry(masker, text, &node, &mut edits);
            Some(edits.apply(text))
        }
        State::After => {
            const BEGIN: &str = "{\"log\":{\"entries\":[";
            let whole = format!("{BEGIN}{text}");
            let root = Node::parse(whole.trim_end())?;
            let masked = mask::masked(masker, &whole, &root, root.get("log")?);
            Some(masked[BEGIN.len()..].to_owned())
        }
    }
}
