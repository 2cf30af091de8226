//! Secrets on other lines than their names: YAML, block scalars, and texts such as `Your API key:` above the key.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::names::{Place, Reach, describes};
use super::random::is_words;

/// The most characters of a line up to its name.
const LONGEST_LABEL: usize = 80;
/// The most empty lines between a name and its value.
const EMPTY_LINES: usize = 2;
/// The fewest characters of a value.
const SHORTEST: usize = 6;

/// A line of a text.
#[derive(Clone)]
struct Line {
    /// Without the white space around it, and without `- ` before it.
    content: Range<usize>,
    /// The columns before the content.
    indentation: usize,
    is_item: bool,
    /// Where the next line begins.
    next: usize,
}

impl Line {
    fn at(text: &str, start: usize) -> Option<Self> {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let line = &rest[..length];
        let mut content = line.trim();
        let mut from = start + line.len() - line.trim_start().len();
        let is_item = content.starts_with("- ");
        if is_item {
            let item = content[2..].trim_start();
            from += content.len() - item.len();
            content = item;
        }
        Some(Self { content: from..from + content.len(), indentation: from - start, is_item, next: start + length })
    }
}

impl Masker {
    /// The values of names at the end of a line.
    pub(super) fn lines(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        let bytes = text.as_bytes();
        let mut read = 0;
        for name in names.iter() {
            if name.start < read {
                continue;
            }
            let Some((is_block, next)) = end_of_name(text, name.end) else { continue };
            let before = bytes[..name.start].iter().rev().take(LONGEST_LABEL).position(|byte| *byte == b'\n');
            let start = before.map(|length| name.start - length).or_else(|| (name.start <= LONGEST_LABEL).then_some(0));
            let label = start.and_then(|start| text.get(start..name.end)).unwrap_or(&text[name.clone()]);
            let label = label.trim_start_matches(|character: char| !character.is_alphanumeric());
            let reach = self.names.reach(label, Place::Member).or_else(|| self.names.reach(&text[name.clone()], Place::Member));
            let Some(reach) = reach else { continue };
            let indentation = start.and_then(|start| Line::at(text, start)).map_or(0, |line| line.indentation);
            read = match is_block {
                true => self.block(text, next, indentation, reach, out),
                false => self.following(text, next, indentation, reach, out),
            };
        }
        self.named_lines(text, out);
    }

    /// The lines of a block scalar. Returns where they end.
    fn block(&self, text: &str, start: usize, indentation: usize, reach: Reach, out: &mut Found) -> usize {
        let mut at = start;
        while let Some(line) = Line::at(text, at) {
            if !line.content.is_empty() {
                if line.indentation <= indentation {
                    break;
                }
                let value = &text[line.content.clone()];
                if reach != Reach::LongStrings && reach.covers(value) {
                    out.add_secret(line.content.clone(), self.secret(value), Kind::Member);
                }
            }
            at = line.next;
        }
        at
    }

    /// The value, the items or the members after a name. Returns where they end.
    fn following(&self, text: &str, start: usize, indentation: usize, reach: Reach, out: &mut Found) -> usize {
        let mut at = start;
        let mut first = Line::at(text, at);
        for _ in 0..EMPTY_LINES {
            let Some(line) = first.take_if(|line| line.content.is_empty()) else { break };
            at = line.next;
            first = Line::at(text, at);
        }
        let Some(first) = first else { return at };
        let mut line = Some(first.clone());
        while let Some(current) = line.filter(|line| line.indentation == first.indentation && line.is_item == first.is_item) {
            let content = &text[current.content.clone()];
            let is_below = reach == Reach::Strings && current.indentation > indentation;
            let value = match content.split_once(": ") {
                Some((key, value)) if is_below && !describes(key) => Some(current.content.end - value.len()..current.content.end),
                Some(_) => None,
                None => Some(current.content.clone()),
            };
            let value = value.map(|value| unquoted(text, value));
            if let Some(value) = value.filter(|value| self.is_alone(&text[value.clone()], reach)) {
                let masked = self.secret(&text[value.clone()]);
                out.add_secret(value, masked, Kind::Member);
            }
            at = current.next;
            // One value, or several items or members.
            let is_list = current.is_item || (is_below && content.contains(": "));
            line = if is_list { Line::at(text, at) } else { None };
        }
        at
    }

    /// Whether the text of a line is a value and no sentence.
    fn is_alone(&self, value: &str, reach: Reach) -> bool {
        value.len() >= SHORTEST
            && !value.contains(char::is_whitespace)
            && !value.ends_with([':', '{', '[', '(', ','])
            && !is_words(value)
            && reach.covers(value)
    }

    /// A name and its value in two members: `name: DB_PASSWORD` above `value: …`, or `{name: token, value: …}`.
    pub(super) fn named_lines(&self, text: &str, out: &mut Found) {
        static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let name = r#"["']?(?:name|key|header|field|Name|Key)["']?[ \t]*[:=][ \t]*["']?([\w.-]{2,80})["']?[ \t]*"#;
            let value = r#"["']?(?:value|val|Value)["']?[ \t]*[:=][ \t]*["']?([^\s"',}]+)"#;
            Regex::new(&format!(r"(?:{name}(?:,?\r?\n[ \t]*|,[ \t]*)){value}")).ok()
        });
        let Some(pair) = PAIR.as_ref().filter(|_| text.contains("alue") || text.contains("val")) else { return };
        for found in pair.captures_iter(text) {
            if let Some(value) = found.get(2).filter(|value| self.is_secret_pair(&found[1], value.as_str())) {
                out.add_secret(value.range(), self.secret(value.as_str()), Kind::Member);
            }
        }
    }
}

/// Whether a name is at the end of its line, before a colon or an equals sign: whether a block scalar follows, and where the next line begins.
fn end_of_name(text: &str, end: usize) -> Option<(bool, usize)> {
    let rest = text.get(end..)?;
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let rest = rest.strip_prefix(" is").unwrap_or(rest).strip_prefix([':', '='])?;
    // A block scalar has an indicator of few characters.
    let line = rest.bytes().take(8).position(|byte| byte == b'\n').map(|end| &rest[..end])?.trim();
    let is_block = line.starts_with(['|', '>']) && line[1..].bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
    let start = text.len() - rest.len() + memchr::memchr(b'\n', rest.as_bytes())? + 1;
    (is_block || line.is_empty()).then_some((is_block, start))
}

/// A value without the quotes around it.
fn unquoted(text: &str, value: Range<usize>) -> Range<usize> {
    let content = &text[value.clone()];
    for quote in ['"', '\'', '`'] {
        if content.len() >= 2 && content.starts_with(quote) && content.ends_with(quote) {
            return value.start + 1..value.end - 1;
        }
    }
    value
}
