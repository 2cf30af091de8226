//! Media types and ranges that correspond.

use charter_contract::{Content, MediaTypeSpec};

/// A media type or range: type, subtype and parameters, without `charset`.
#[derive(PartialEq)]
struct Parsed {
    type_: String,
    subtype: String,
    parameters: Vec<String>,
}

impl Parsed {
    fn of(text: &str) -> Self {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().unwrap_or_default();
        let (type_, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
        // A charset does not decide which media type applies.
        let parameters = parts.filter(|part| !part.is_empty() && !part.starts_with("charset=")).collect();
        Self { type_: type_.to_owned(), subtype: subtype.to_owned(), parameters }
    }

    /// How specific the match of another media type with this one is; `None` if they do not match.
    fn covers(&self, other: &Self) -> Option<(u8, usize)> {
        let names = match (self.type_.as_str(), self.subtype.as_str()) {
            ("*", "*") => 0,
            (type_, "*") if type_ == other.type_ => 1,
            (type_, subtype) if type_ == other.type_ && subtype == other.subtype => 2,
            _ => return None,
        };
        let all = self.parameters.iter().all(|parameter| other.parameters.contains(parameter));
        all.then_some((names, self.parameters.len()))
    }
}

/// The description of a media type: the most specific media type or range that covers it.
pub(crate) fn covering<'c>(content: &'c Content, media_type: &str) -> Option<&'c MediaTypeSpec> {
    if let Some(same) = content.get(media_type) {
        return Some(same);
    }
    let wanted = Parsed::of(media_type);
    let fitting = content.iter().filter_map(|(name, described)| Some((Parsed::of(name).covers(&wanted)?, described)));
    fitting.max_by_key(|(specificity, _)| *specificity).map(|(_, described)| described)
}

/// Whether a media type or range is written in some content, with or without a charset.
pub(crate) fn is_same(content: &Content, media_type: &str) -> bool {
    let wanted = Parsed::of(media_type);
    content.iter().any(|(name, _)| Parsed::of(name) == wanted)
}

/// Whether a media type is in a wider range.
pub(crate) fn is_within(media_type: &str, range: &str) -> bool {
    let (inner, outer) = (Parsed::of(media_type), Parsed::of(range));
    inner != outer && outer.covers(&inner).is_some()
}

/// Whether one of two media types or ranges covers the other one.
pub(crate) fn correspond(one: &str, other: &str) -> bool {
    let (one, other) = (Parsed::of(one), Parsed::of(other));
    one.covers(&other).is_some() || other.covers(&one).is_some()
}

/// A media type in a range.
pub(crate) fn example(media_type: &str) -> String {
    match media_type.split_once('/') {
        Some(("*", "*") | ("application", "*")) => "application/octet-stream".to_owned(),
        Some(("text", "*")) => "text/plain".to_owned(),
        Some((type_, "*")) => format!("{type_}/x-any"),
        _ => media_type.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_does_not_make_another_media_type() {
        assert!(Parsed::of("application/json") == Parsed::of("Application/JSON; charset=UTF-8"));
        assert!(Parsed::of("application/json") != Parsed::of("application/json; version=1"));
    }

    #[test]
    fn a_range_covers_its_media_types() {
        let covers = |range: &str, media_type: &str| Parsed::of(range).covers(&Parsed::of(media_type)).is_some();
        assert!(covers("*/*", "text/csv") && covers("text/*", "text/csv") && covers("text/csv", "text/csv; header=present"));
        assert!(!covers("text/*", "image/png") && !covers("text/csv; header=present", "text/csv") && !covers("text/csv", "text/*"));
    }
}
