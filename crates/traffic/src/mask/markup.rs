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
use tag::{Attribute, Tag, Tags};

/// The most elements one inside another. The outermost ones are forgotten.
const MAX_DEPTH: usize = 64;
/// The most attributes of an element that may name its content.
const MAX_NAMES: usize = 8;
/// The attributes that name the value of an element.
const NAMES: [&str; 4] = ["name", "key", "type", "id"];
/// The attributes that have the value.
const VALUES: [&str; 2] = ["value", "content"];
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
}

impl Masker {
    /// The values of attributes and elements with secret names.
    pub(super) fn markup(&self, text: &str, out: &mut Found) {
        let mut reading = Reading::default();
        for tag in Tags::of(text) {
            match tag {
                Tag::Text(range) => reading.text(text, range),
                Tag::Start { name, attributes, is_empty } => {
                    self.attributes(text, name, &attributes, out);
                    if !is_empty {
                        let named =
                            attributes.iter().filter(|attribute| NAMES.iter().any(|name| attribute.name.eq_ignore_ascii_case(name)));
                        let element = Element {
                            name,
                            reach: self.names.reach(local(name), Place::Member),
                            names: named.take(MAX_NAMES).map(|attribute| &text[attribute.value.clone()]).collect(),
                            // An element around it may have no text of its own.
                            before: reading.last.take().or_else(|| reading.open.last().filter(|around| around.parts.is_empty())?.before),
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
                }
            }
        }
    }

    fn attributes(&self, text: &str, element: &str, attributes: &[Attribute<'_>], out: &mut Found) {
        let is_one = |attribute: &&Attribute<'_>, names: &[&str]| names.iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        let mut reaches: Vec<Reach> = Vec::new();
        for attribute in attributes.iter().filter(|attribute| is_one(attribute, &NAMES)) {
            let reach = self.names.reach(text[attribute.value.clone()].trim(), Place::Member);
            reaches.extend(reach.filter(|reach| *reach != Reach::LongStrings && !reaches.contains(reach)));
        }
        reaches.extend(self.names.reach(local(element), Place::Member).filter(|reach| *reach != Reach::LongStrings));
        for attribute in attributes {
            let value = &text[attribute.value.clone()];
            let is_named = || self.names.reach(local(attribute.name), Place::Member).is_some_and(|reach| reach.covers(value));
            if (is_one(&attribute, &VALUES) && reaches.iter().any(|reach| reach.covers(value))) || is_named() {
                out.add_secret(attribute.value.clone(), self.secret(value), Kind::Member);
            }
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
