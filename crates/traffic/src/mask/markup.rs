//! Secrets in HTML and XML: tags with a name and a value, elements with a secret name, and names in one element with the value in the next one.

use std::sync::LazyLock;

use regex::Regex;

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::names::{Place, Reach};

impl Masker {
    /// The values of form fields of HTML, and the elements of XML, with secret names.
    pub(super) fn tags(&self, text: &str, out: &mut Found) {
        static TAG: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?i)<[a-z][\w:.-]*\s[^<>]*\b(?:value|content)\s*=[^<>]*>").ok());
        static NAME: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)(?:^|[\s"'])(?:name|key|type|id)\s*=\s*["']?([\w.-]+)"#).ok());
        static VALUE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)\b(?:value|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))"#).ok());
        static ELEMENT: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"<(?:[\w.-]+:)?([\w.-]{2,60})(\s[^<>]*)?>(?:<!\[CDATA\[)?\s*([^<>\]]+?)\s*(?:\]\]>)?</").ok());
        static ELEMENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r">\s*([A-Za-z][\w.-]{1,79}):?\s*</[\w:.-]+>\s*<[\w:.-]+(?:\s[^<>]*)?>(?:<!\[CDATA\[)?\s*([^<>\]]+?)\s*(?:\]\]>)?</")
                .ok()
        });
        let (Some(tag), Some(name), Some(value), Some(element), Some(elements)) =
            (TAG.as_ref(), NAME.as_ref(), VALUE.as_ref(), ELEMENT.as_ref(), ELEMENTS.as_ref())
        else {
            return;
        };
        for found in tag.find_iter(text) {
            let reaches: Vec<Reach> =
                name.captures_iter(found.as_str()).filter_map(|name| self.names.reach(&name[1], Place::Member)).collect();
            if reaches.is_empty() {
                continue;
            }
            for value in value.captures_iter(found.as_str()) {
                let Some(part) = value.get(1).or(value.get(2)).or(value.get(3)) else { continue };
                if reaches.iter().any(|reach| *reach != Reach::LongStrings && reach.covers(part.as_str())) {
                    let range = found.start() + part.start()..found.start() + part.end();
                    out.add_secret(range, self.secret(part.as_str()), Kind::Member);
                }
            }
        }
        if !text.contains("</") {
            return;
        }
        for found in element.captures_iter(text) {
            let Some(part) = found.get(3) else { continue };
            let is_secret =
                self.names.reach(&found[1], Place::Member).is_some_and(|reach| reach != Reach::LongStrings && reach.covers(part.as_str()));
            let attributes = found.get(2).map_or("", |attributes| attributes.as_str());
            // An attribute names the content, unless the content is a text for readers.
            let is_named = || name.captures_iter(attributes).any(|name| self.is_listed_secret(&name[1], part.as_str()));
            if is_secret || is_named() {
                out.add_secret(part.range(), self.secret(part.as_str()), Kind::Member);
            }
        }
        // The name in one element, and the value in the next one.
        let mut at = 0;
        while let Some(found) = elements.captures_at(text, at) {
            let Some(part) = found.get(2) else { return };
            at = part.start() - 1;
            if self.is_listed_secret(&found[1], part.as_str()) {
                out.add_secret(part.range(), self.secret(part.as_str()), Kind::Member);
                at = part.end();
            }
        }
    }
}
