//! Tables whose first row has the names of the columns: CSV and its relatives, tables of Markdown, and lists of lists in JSON.

use std::collections::HashSet;
use std::ops::Range;

use charter_json::edit::{Node, NodeKind};

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::graphql::secret_parts;
use super::named::{is_value_name, paired};
use super::names::{Place, Reach};
use super::random::is_words;

/// The characters between the cells of a row.
const SEPARATORS: [u8; 4] = [b'\t', b'|', b';', b','];
/// The most columns of a table.
const MOST_COLUMNS: usize = 512;
/// The most characters of a header row.
const LONGEST_HEADER: usize = 16 * 1024;
/// The most characters of a record of several lines.
const LONGEST_RECORD: usize = 64 * 1024;
/// The most characters of the name of a column.
const LONGEST_NAME: usize = 80;
/// The fewest characters of a secret of digits.
const DIGITS: usize = 4;

/// The most members of a request of GraphQL.
const MOST_MEMBERS: usize = 8;

/// The members of an object that have the names of columns.
const COLUMNS: [&str; 9] = ["columns", "fields", "headers", "header", "cols", "columnNames", "column_names", "names", "schema"];
/// How much of the values of a column is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Nothing.
    Public,
    /// Each value that the name covers.
    Secret(Reach),
    /// The names of the values in the column with this number.
    ValueOf(usize),
}

impl Masker {
    /// The columns of a table, by their names; `None` if none of them is secret.
    pub(super) fn columns<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> Option<Vec<Column>> {
        let named =
            names.clone().position(|name| ["name", "key", "header", "field"].iter().any(|one| name.trim().eq_ignore_ascii_case(one)));
        let column = |name: &str| {
            let name = name.trim();
            match (self.names.reach(name, Place::Member), named) {
                (Some(reach), _) if reach != Reach::LongStrings => Column::Secret(reach),
                (_, Some(named)) if ["value", "val"].iter().any(|one| name.eq_ignore_ascii_case(one)) => Column::ValueOf(named),
                _ => Column::Public,
            }
        };
        let columns: Vec<Column> = names.map(column).collect();
        columns.iter().any(|column| *column != Column::Public).then_some(columns)
    }

    /// Whether a cell is secret by the name of its column. A word is secret only below the name of a password.
    pub(super) fn is_secret_cell<'c>(&self, column: Column, value: &str, cell: impl Fn(usize) -> Option<&'c str>) -> bool {
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        match column {
            Column::Public => false,
            Column::Secret(reach) => {
                reach.covers(value) && !(is_number && value.len() < DIGITS) && (reach == Reach::Strings || !is_words(value))
            }
            Column::ValueOf(named) => cell(named).is_some_and(|name| self.is_secret_pair(name.trim(), value)),
        }
    }

    /// The cells of the tables of a text that are secret by the names of their columns. Each line is read once.
    pub(super) fn tables(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        let bytes = text.as_bytes();
        let mut read = 0;
        // The first line may be a table of names and values, whose names are in its rows.
        let first = (text.len() > 2).then_some(0..0);
        for name in first.iter().chain(names) {
            if name.start < read {
                continue;
            }
            let start = memchr::memrchr(b'\n', &bytes[read..name.start]).map_or(read, |at| read + at + 1);
            let end = line_end(bytes, name.end);
            read = end;
            let header = text[start..end].trim_end_matches('\r');
            if header.len() > LONGEST_HEADER || end == bytes.len() {
                continue;
            }
            // One column: only if the name is the first line.
            let is_single = start == 0 && is_name(header.trim()) && self.names.reach(header.trim(), Place::Member).is_some();
            let separator = SEPARATORS.into_iter().find(|separator| header.as_bytes().contains(separator));
            let Some(separator) = separator.or_else(|| is_single.then_some(b',')) else { continue };
            let cells = cells(text, start..start + header.len(), separator);
            if cells.len() > MOST_COLUMNS || !cells.iter().all(|cell| is_name(&text[cell.clone()])) {
                continue;
            }
            let Some(columns) = self.columns(cells.iter().map(|cell| &text[cell.clone()])) else { continue };
            read = self.rows(text, end + 1, separator, &columns, out);
        }
    }

    /// The secret cells of the rows from a byte on. Returns where the table ends.
    fn rows(&self, text: &str, from: usize, separator: u8, columns: &[Column], out: &mut Found) -> usize {
        let bytes = text.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            let mut end = line_end(bytes, at);
            let line = at..at + text[at..end].trim_end_matches('\r').len();
            let mut cells = cells(text, line.clone(), separator);
            if cells.len() != columns.len() || is_open(text, &cells, &line) {
                // A blank line is passed over.
                if text[line.clone()].trim().is_empty() && end < bytes.len() {
                    at = end + 1;
                    continue;
                }
                // A quoted cell may have several lines. Any other line ends the table.
                match record(text, line.start, separator).filter(|(cells, _)| cells.len() == columns.len()) {
                    Some(record) => (cells, end) = record,
                    None if cells.len() == columns.len() => {}
                    None => break,
                }
            }
            for (cell, column) in cells.iter().zip(columns) {
                let value = &text[cell.clone()];
                if !value.is_empty() && self.is_secret_cell(*column, value, |index| Some(&text[cells.get(index)?.clone()])) {
                    out.add_secret(cell.clone(), self.secret(value), Kind::Member);
                }
            }
            at = (end + 1).min(bytes.len());
        }
        at
    }
}

/// The end of the line of a byte.
fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |offset| at + offset)
}

/// Whether the last cell of a line begins with a quote and does not end with one.
fn is_open(text: &str, cells: &[Range<usize>], line: &Range<usize>) -> bool {
    cells.last().is_some_and(|cell| cell.end == line.end && text[cell.clone()].starts_with('"'))
}

/// The cells of the record that begins at a byte, RFC 4180, and where its last line ends. A cell in quotes may have line breaks. `None` if its last quote is missing.
fn record(text: &str, start: usize, separator: u8) -> Option<(Vec<Range<usize>>, usize)> {
    let bytes = text.as_bytes();
    let mut end = line_end(bytes, start);
    // The quotes that begin a cell or are in it: an even number ends the record.
    let mut quotes = memchr::memchr_iter(b'"', &bytes[start..end]).count();
    while !quotes.is_multiple_of(2) {
        if end - start > LONGEST_RECORD || end >= bytes.len() {
            return None;
        }
        let next = line_end(bytes, end + 1);
        quotes += memchr::memchr_iter(b'"', &bytes[end..next]).count();
        end = next;
    }
    Some((cells(text, start..start + text[start..end].trim_end_matches('\r').len(), separator), end))
}

/// The cells of a row, without the white space and the quotes around them. A row of Markdown has a separator at its beginning and its end.
fn cells(text: &str, line: Range<usize>, separator: u8) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (line.start, line.end);
    if separator == b'|' {
        let trimmed = text[line.clone()].trim();
        at = line.start + (line.len() - text[line.clone()].trim_start().len());
        end = at + trimmed.len();
        at += usize::from(trimmed.starts_with('|'));
        end -= usize::from(trimmed.len() > 1 && trimmed.ends_with('|'));
    }
    let mut cells = Vec::new();
    loop {
        let start = at;
        let is_quoted = bytes[start..end].iter().find(|byte| **byte != b' ') == Some(&b'"');
        let mut is_open = false;
        while at < end && (bytes[at] != separator || is_open) {
            is_open ^= is_quoted && bytes[at] == b'"';
            at += 1;
        }
        cells.push(bare(text, start..at));
        if at >= end || cells.len() > MOST_COLUMNS {
            return cells;
        }
        at += 1;
    }
}

/// A cell without white space, quotes, and the marks of Markdown around it.
fn bare(text: &str, cell: Range<usize>) -> Range<usize> {
    let content = text[cell.clone()].trim();
    let start = cell.start + (cell.len() - text[cell.clone()].trim_start().len());
    for mark in ["\"", "'", "`", "**"] {
        if content.len() >= 2 * mark.len() && content.starts_with(mark) && content.ends_with(mark) {
            return start + mark.len()..start + content.len() - mark.len();
        }
    }
    start..start + content.len()
}

/// Whether a cell may be the name of a column.
fn is_name(cell: &str) -> bool {
    let begins = |character: char| character.is_alphanumeric() || matches!(character, '_' | '#' | '\u{feff}');
    cell.len() <= LONGEST_NAME
        && (cell.is_empty() || cell.starts_with(begins))
        && cell
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ' ' | '/' | '(' | ')' | '#' | '\u{feff}'))
        && cell.split(' ').count() <= 4
}

/// The names of the columns of a list of lists: its first item, if all items have as many.
fn header_row<'n>(items: &'n [Node<'_>]) -> Option<Vec<&'n str>> {
    let (first, rows) = items.split_first()?;
    let names = first.items().iter().map(Node::as_str).collect::<Option<Vec<_>>>()?;
    let is_table = names.len() >= 2 && !rows.is_empty() && rows.iter().all(|row| row.items().len() == names.len());
    (is_table && names.iter().all(|name| is_name(name))).then_some(names)
}

/// The names of the columns of an object with columns and rows.
fn column_names<'n>(object: &'n Node<'_>) -> Option<Vec<&'n str>> {
    let columns = COLUMNS.iter().find_map(|name| {
        let node = object.get(name)?;
        // `{"schema": {"fields": […]}}`
        let items = if node.items().is_empty() { node.get("fields").map_or(&[][..], Node::items) } else { node.items() };
        (!items.is_empty()).then_some(items)
    })?;
    let name = |column: &'n Node<'_>| {
        column.as_str().or_else(|| ["name", "field", "key", "label", "column_name"].iter().find_map(|member| column.get(member)?.as_str()))
    };
    columns.iter().map(name).collect()
}

/// The cells of a row: the items of a list, or those of `{"f": [{"v": …}]}`.
fn row_cells<'n, 't>(row: &'n Node<'t>) -> Vec<&'n Node<'t>> {
    let items = match &row.kind {
        NodeKind::Array(items) => items.as_slice(),
        _ => row.get("f").map_or(&[][..], Node::items),
    };
    items.iter().map(|item| item.get("v").unwrap_or(item)).collect()
}

/// Whether a value may be the rows of a table.
fn may_be_rows(value: &Node<'_>) -> bool {
    match value.items().first().map(|row| &row.kind) {
        Some(NodeKind::Array(_)) => true,
        Some(NodeKind::Object(members)) => members.len() == 1 && members[0].0.as_str() == Some("f"),
        _ => false,
    }
}

impl Masker {
    /// Notes where the values begin that are secret by the names in other parts of a value: the cells of tables, the variables of GraphQL,
    /// and the items of a list of parameters. Only the value itself is searched, not those in it.
    pub(super) fn note_cells(&self, node: &Node<'_>, out: &mut HashSet<usize>) {
        match &node.kind {
            NodeKind::Array(items) => {
                if let Some(columns) = header_row(items).and_then(|names| self.columns(names.into_iter())) {
                    self.note_rows(&items[1..], &columns, out);
                }
                out.extend(self.paired_items(items).into_iter().filter_map(|index| Some(value_of(&items[index])?.range.start)));
            }
            NodeKind::Object(members) => {
                let rows = || members.iter().map(|(_, value)| value).filter(|value| may_be_rows(value));
                if rows().next().is_some()
                    && let Some(columns) = column_names(node).and_then(|names| self.columns(names.into_iter()))
                {
                    rows().for_each(|rows| self.note_rows(rows.items(), &columns, out));
                }
                if members.len() <= MOST_MEMBERS
                    && let Some(NodeKind::Object(variables)) = node.get("variables").map(|variables| &variables.kind)
                    && let Some(query) = node.get("query").and_then(Node::as_str)
                {
                    let secret = self.secret_variables(query);
                    let mut parts = Vec::new();
                    for (name, value) in variables {
                        let reach = name.as_str().and_then(|name| secret.iter().find(|(known, _)| *known == name));
                        reach.into_iter().for_each(|(_, reach)| secret_parts(value, *reach, &mut parts));
                    }
                    out.extend(parts.into_iter().map(|value| value.range.start));
                }
            }
            NodeKind::String(_) | NodeKind::Number | NodeKind::Literal => {}
        }
    }

    fn note_rows(&self, rows: &[Node<'_>], columns: &[Column], out: &mut HashSet<usize>) {
        for row in rows {
            let cells = row_cells(row);
            let text = |index: usize| cells.get(index)?.as_str();
            for (cell, column) in cells.iter().zip(columns).filter(|_| cells.len() == columns.len()) {
                if cell.as_str().is_some_and(|value| self.is_secret_cell(*column, value, text)) {
                    out.insert(cell.range.start);
                }
            }
        }
    }

    /// Like [`Masker::note_cells`], in a value and all those in it.
    pub(crate) fn every_cell(&self, node: &Node<'_>, out: &mut HashSet<usize>) {
        self.note_cells(node, out);
        match &node.kind {
            NodeKind::Object(members) => members.iter().for_each(|(_, value)| self.every_cell(value, out)),
            NodeKind::Array(items) => items.iter().for_each(|item| self.every_cell(item, out)),
            NodeKind::String(_) | NodeKind::Number | NodeKind::Literal => {}
        }
    }

    /// The items of a list of names and values whose names are in other items: `name=password` and `value=…` of a query. Most lists are not one.
    pub(crate) fn paired_items(&self, items: &[Node<'_>]) -> Vec<usize> {
        let name = |item: &Node<'_>| item.get("name").or_else(|| item.get("key")).and_then(Node::as_str).map(str::to_owned);
        let is_value = |item: &Node<'_>| name(item).is_some_and(|name| is_value_name(&name));
        if items.len() < 2 || !items.iter().all(|item| matches!(item.kind, NodeKind::Object(_))) || !items.iter().any(is_value) {
            return Vec::new();
        }
        let pair = |item: &Node<'_>| (name(item).unwrap_or_default(), value_of(item).and_then(Node::as_str).unwrap_or_default().to_owned());
        let pairs: Vec<(String, String)> = items.iter().map(pair).collect();
        self.paired_secrets(&pairs)
    }

    /// Of decoded parameters, those that are secret by a name in another one.
    pub(crate) fn paired_secrets(&self, pairs: &[(String, String)]) -> Vec<usize> {
        paired(pairs).into_iter().filter(|(index, name)| self.is_secret_pair(name, &pairs[*index].1)).map(|(index, _)| index).collect()
    }
}

fn value_of<'n, 't>(item: &'n Node<'t>) -> Option<&'n Node<'t>> {
    item.get("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, separator: u8) -> Vec<&str> {
        cells(line, 0..line.len(), separator).into_iter().map(|cell| &line[cell]).collect()
    }

    #[test]
    fn a_quoted_cell_may_have_several_lines() {
        let read = |text: &'static str| {
            record(text, 0, b',').map(|(cells, end)| (cells.into_iter().map(|cell| &text[cell]).collect::<Vec<_>>(), end))
        };
        assert_eq!(read("1,\"a\r\nb, \"\"c\"\"\",2\r\n3"), Some((vec!["1", "a\r\nb, \"\"c\"\"", "2"], 18)));
        assert_eq!(read("1,2\n\"3"), Some((vec!["1", "2"], 3)));
        assert_eq!(read("1,\"2\n3"), None);
    }

    #[test]
    fn cells_are_between_separators_and_quotes() {
        assert_eq!(read("a,\"b, c\",", b','), ["a", "b, c", ""]);
        assert_eq!(read("| a | `b` |  |", b'|'), ["a", "b", ""]);
        assert_eq!(read("a|b", b'|'), ["a", "b"]);
        assert_eq!(read("|", b'|'), [""]);
        assert_eq!(read("", b','), [""]);
        assert_eq!(read("a\t\"b", b'\t'), ["a", "\"b"]);
        assert!(is_name("api key") && is_name("# id") && !is_name("-----BEGIN PRIVATE KEY-----") && !is_name("a, b"));
    }
}
