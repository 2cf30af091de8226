//! Secrets in HTML and XML: elements and attributes with a secret name, elements and tags with a name and a value, and names in one element with the value in the next one.
//!
//! The text is read once, tag by tag. It need not be well-formed: an element without an end is passed over, and so is the end of an element that is not open.

mod tag;

use std::ops::Range;

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::names::{Place, Reach, describes};
use super::random::is_words;
use super::table::Column;
use tag::{Attribute, Tag, Tags};

/// The most elements one inside another. The outermost ones are forgotten.
const MAX_DEPTH: usize = 64;
/// The most cells of a row.
const MAX_CELLS: usize = 256;
/// The most attributes of an element that may name its content.
const MAX_NAMES: usize = 8;
/// The attributes that name the value of an element.
const NAMES: [&str; 4] = ["name", "key", "type", "id"];
/// The attributes that have the value.
const VALUES: [&str; 2] = ["value", "content"];
/// Attributes that may name the value too, or describe it.
const LABELS: [&str; 11] =
    ["autocomplete", "placeholder", "aria-label", "property", "itemprop", "for", "label", "field", "data-name", "formcontrolname", "title"];
/// Elements of HTML without content and end.
const EMPTY: [&str; 6] = ["input", "br", "wbr", "hr", "img", "meta"];
/// Kinds of `input` whose value is shown or chosen.
const BUTTONS: [&str; 7] = ["submit", "button", "reset", "image", "radio", "checkbox", "range"];
/// Elements that have the value of the element around them.
const CONTENTS: [&str; 5] = ["value", "val", "content", "text", "string"];

/// An element that is open.
struct Element<'t> {
    name: &'t str,
    reach: Option<Reach>,
    /// The values of attributes that may name the content.
    names: Vec<&'t str>,
    /// The content of the element before it, which may be the name of this one.
    before: Option<&'t str>,
    /// Its texts and CDATA sections, with the content of the element before, which may be a label: `<b>Password:</b> …`.
    parts: Vec<(Range<usize>, Option<&'t str>)>,
    /// The number of texts that were read before it.
    texts: usize,
}

/// What was read of a text.
#[derive(Default)]
struct Reading<'t> {
    open: Vec<Element<'t>>,
    /// The content of the last element, if only white space follows it.
    last: Option<&'t str>,
    /// The texts of elements, with the names of the elements. They are secret if an element around them is.
    texts: Vec<(&'t str, Range<usize>)>,
    /// The columns of the table that is open, after its first row. None of them is secret if the list is empty.
    columns: Option<Vec<Column>>,
    /// The cells of the row that is open, each with its text.
    cells: Vec<Option<Range<usize>>>,
}

impl Masker {
    /// The values of attributes and elements with secret names.
    pub(super) fn markup(&self, text: &str, out: &mut Found) {
        let mut reading = Reading::default();
        for tag in Tags::of(text) {
            match tag {
                Tag::Text(range) => reading.text(text, range),
                Tag::Start { name, attributes, is_empty } => {
                    let is_void = EMPTY.iter().any(|empty| name.eq_ignore_ascii_case(empty));
                    let before = reading.label(text, is_void && !name.eq_ignore_ascii_case("br"));
                    self.attributes(text, name, &attributes, before, &reading, out);
                    reading.row_begins(name);
                    if name.eq_ignore_ascii_case("br") {
                        reading.last = before;
                        continue;
                    }
                    reading.last = None;
                    if !is_empty && !is_void {
                        let named =
                            attributes.iter().filter(|attribute| NAMES.iter().any(|name| attribute.name.eq_ignore_ascii_case(name)));
                        let element = Element {
                            name,
                            reach: self.names.reach(local(name), Place::Member),
                            names: named.take(MAX_NAMES).map(|attribute| &text[attribute.value.clone()]).collect(),
                            before,
                            parts: Vec::new(),
                            texts: reading.texts.len(),
                        };
                        if reading.open.len() == MAX_DEPTH {
                            reading.open.remove(0);
                        }
                        reading.open.push(element);
                    }
                }
                Tag::End(name) => {
                    if let Some(element) = reading.end(name) {
                        self.element(text, element, &mut reading, out);
                    }
                    if name.eq_ignore_ascii_case("tr") {
                        self.row(text, &mut reading, out);
                    }
                }
            }
        }
    }

    fn attributes(
        &self,
        text: &str,
        element: &str,
        attributes: &[Attribute<'_>],
        before: Option<&str>,
        reading: &Reading<'_>,
        out: &mut Found,
    ) {
        let is_one = |attribute: &&Attribute<'_>, names: &[&str]| names.iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        let mut reaches: Vec<Reach> = Vec::new();
        for attribute in attributes.iter().filter(|attribute| is_one(attribute, &NAMES)) {
            let reach = self.names.reach(text[attribute.value.clone()].trim(), Place::Member);
            reaches.extend(reach.filter(|reach| *reach != Reach::LongStrings && !reaches.contains(reach)));
        }
        reaches.extend(self.names.reach(local(element), Place::Member).filter(|reach| *reach != Reach::LongStrings));
        // The value of a field after its label, or of an option of a field. The text of a button is not a value.
        let is_button =
            || attributes.iter().any(|attribute| is_one(&attribute, &["type"]) && BUTTONS.contains(&&text[attribute.value.clone()]));
        let around = reading.open.last().filter(|_| element.eq_ignore_ascii_case("option"));
        let labels: Vec<&str> = attributes
            .iter()
            .filter(|attribute| is_one(attribute, &LABELS))
            .map(|attribute| &text[attribute.value.clone()])
            .chain(before)
            .chain(around.into_iter().flat_map(|around| around.names.iter().copied()))
            .collect();
        let is_labelled = |value: &str| !is_button() && labels.iter().any(|label| self.is_listed_secret(label.trim(), value));
        for attribute in attributes {
            let value = &text[attribute.value.clone()];
            let is_named = || self.names.reach(local(attribute.name), Place::Member).is_some_and(|reach| reach.covers(value));
            let is_value = is_one(&attribute, &VALUES) && (reaches.iter().any(|reach| reach.covers(value)) || is_labelled(value));
            if is_value || is_named() {
                out.add_secret(attribute.value.clone(), self.secret(value), Kind::Member);
            }
        }
    }

    /// Masks the cells of a row of a table whose first row has names.
    fn row(&self, text: &str, reading: &mut Reading<'_>, out: &mut Found) {
        let cells = std::mem::take(&mut reading.cells);
        let value = |index: usize| cells.get(index).and_then(Option::as_ref).map(|range| &text[range.clone()]);
        let names = (0..cells.len()).map(|index| value(index).unwrap_or_default());
        match &reading.columns {
            None => reading.columns = Some(self.columns(names).unwrap_or_default()),
            Some(columns) if columns.len() == cells.len() => {
                for (index, column) in columns.iter().enumerate() {
                    if let (Some(found), Some(range)) = (value(index), cells[index].clone())
                        && self.is_secret_cell(*column, found, value)
                    {
                        out.add_secret(range, self.secret(found), Kind::Member);
                    }
                }
            }
            Some(_) => {}
        }
    }

    /// Masks the content of an element that has ended.
    fn element<'t>(&self, text: &'t str, element: Element<'t>, reading: &mut Reading<'t>, out: &mut Found) {
        let mut add = |range: &Range<usize>| {
            let value = &text[range.clone()];
            out.add_secret(range.clone(), self.secret(value), Kind::Member);
        };
        if element.reach == Some(Reach::Strings) {
            // As below such a member of JSON.
            reading
                .texts
                .drain(element.texts.min(reading.texts.len())..)
                .filter(|(name, _)| !describes(local(name)))
                .for_each(|(_, range)| add(&range));
        }
        let around = reading.open.last().and_then(|around| around.reach);
        let is_value = CONTENTS.iter().any(|name| local(element.name).eq_ignore_ascii_case(name));
        let around_names = reading.open.last().filter(|_| is_value).map(|around| around.names.clone()).unwrap_or_default();
        for (range, label) in &element.parts {
            let value = &text[range.clone()];
            let is_secret = element.reach.is_some_and(|reach| reach != Reach::LongStrings && reach.covers(value));
            // An attribute names the content, unless the content is a text for readers.
            let names = element.names.iter().chain(&around_names).copied().chain(element.before).chain(*label);
            let is_content = is_value && around == Some(Reach::Value) && !is_words(value);
            if is_secret || is_content || names.into_iter().any(|name| self.is_listed_secret(name.trim(), value)) {
                add(range);
            }
        }
        let is_nested = reading.open.iter().any(|around| around.reach == Some(Reach::Strings));
        match &element.parts[..] {
            [] => {}
            [(part, _)] => reading.last = name_of(&text[part.clone()]),
            _ => reading.last = None,
        }
        if is_nested {
            reading.texts.extend(element.parts.into_iter().map(|(part, _)| (element.name, part)));
        } else {
            reading.texts.clear();
        }
    }
}

impl<'t> Reading<'t> {
    /// Notes a text or a CDATA section, without the white space around it.
    fn text(&mut self, text: &'t str, range: Range<usize>) {
        let found = text[range.clone()].trim();
        if found.is_empty() {
            return;
        }
        let label = self.last.take();
        let start = range.start + (text[range.clone()].len() - text[range.clone()].trim_start().len());
        if let Some(element) = self.open.last_mut() {
            element.parts.push((start..start + found.len(), label));
        }
        if let Some(cell) = self.cells.last_mut().filter(|cell| cell.is_none()) {
            *cell = Some(start..start + found.len());
        }
    }

    /// The name before an element: the content of the element before it or of one around it, or a text that ends with a colon. A field may follow any text.
    fn label(&self, text: &'t str, is_field: bool) -> Option<&'t str> {
        let around = self.open.last();
        let text_before = || {
            let (part, _) = around?.parts.last()?;
            let found = &text[part.clone()];
            name_of(found).filter(|_| is_field || found.ends_with(':'))
        };
        self.last.or_else(text_before).or_else(|| around.filter(|around| around.parts.is_empty())?.before)
    }

    /// Notes the beginning of a table, a row or a cell.
    fn row_begins(&mut self, name: &str) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("table") {
            self.columns = None;
        }
        if is("table") || is("tr") {
            self.cells.clear();
        }
        if (is("td") || is("th")) && self.cells.len() < MAX_CELLS {
            self.cells.push(None);
        }
    }

    /// The element that ends. Elements inside it have no end.
    fn end(&mut self, name: &str) -> Option<Element<'t>> {
        let index = self.open.iter().rposition(|element| element.name.eq_ignore_ascii_case(name))?;
        self.open.truncate(index + 1);
        self.open.pop()
    }
}

/// A name without its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The name that the content of an element is, of three words at most.
fn name_of(content: &str) -> Option<&str> {
    let name = content.strip_suffix(':').unwrap_or(content).trim_end();
    let is_name = (2..=80).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' '))
        && name.split(' ').count() <= 3;
    is_name.then_some(name)
}
