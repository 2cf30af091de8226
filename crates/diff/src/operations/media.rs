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
    content.get(media_type).or_else(|| named_covering(content, media_type).map(|(_, described)| described))
}

/// As [`covering`], with the name of the media type or range. A media type of the same name is one of several.
pub(super) fn named_covering<'c>(content: &'c Content, media_type: &str) -> Option<(&'c String, &'c MediaTypeSpec)> {
    let wanted = Parsed::of(media_type);
    let fitting = content.iter().filter_map(|(name, described)| Some((Parsed::of(name).covers(&wanted)?, (name, described))));
    fitting.max_by_key(|(specificity, _)| *specificity).map(|(_, found)| found)
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

/// How two media types or ranges correspond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They differ in spelling or in their charset.
    Same,
    /// The second one covers the first one.
    Wider,
    /// The first one covers the second one.
    Narrower,
}

/// How two media types or ranges correspond; `None` if neither covers the other one.
pub(crate) fn relation(old: &str, new: &str) -> Option<Relation> {
    let (old, new) = (Parsed::of(old), Parsed::of(new));
    match (new.covers(&old).is_some(), old.covers(&new).is_some()) {
        (true, true) => Some(Relation::Same),
        (true, false) => Some(Relation::Wider),
        (false, true) => Some(Relation::Narrower),
        (false, false) => None,
    }
}

/// A media type of two parameters or header fields that correspond, and the schemas that describe it.
pub(super) struct Counterpart<'c> {
    pub(super) names: (&'c str, &'c str),
    pub(super) described: (&'c MediaTypeSpec, &'c MediaTypeSpec),
    /// `None` if neither media type covers the other one.
    pub(super) relation: Option<Relation>,
}

/// The media type of the `content` of two parameters or header fields. Each has one; `None` if one of them has a schema instead.
pub(super) fn counterparts<'c>(old: &'c Content, new: &'c Content) -> Option<Counterpart<'c>> {
    let related = old.iter().find_map(|one| {
        let found = new.iter().find_map(|other| Some((other, relation(one.0, other.0)?)));
        found.map(|(other, relation)| (one, other, Some(relation)))
    });
    let (one, other, relation) = related.or_else(|| Some((old.iter().next()?, new.iter().next()?, None)))?;
    Some(Counterpart { names: (one.0, other.0), described: (one.1, other.1), relation })
}

/// Whether a name is a range, such as `text/*`.
pub(super) fn is_range(media_type: &str) -> bool {
    Parsed::of(media_type).subtype == "*"
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
    fn media_types_correspond_if_one_covers_the_other() {
        assert_eq!(relation("application/json", "Application/JSON; charset=utf-8"), Some(Relation::Same));
        assert_eq!(relation("application/json", "*/*"), Some(Relation::Wider));
        assert_eq!(relation("text/csv", "text/csv; header=present"), Some(Relation::Narrower));
        assert_eq!(relation("text/csv", "text/plain"), None);
    }

    #[test]
    fn a_range_covers_its_media_types() {
        let covers = |range: &str, media_type: &str| Parsed::of(range).covers(&Parsed::of(media_type)).is_some();
        assert!(covers("*/*", "text/csv") && covers("text/*", "text/csv") && covers("text/csv", "text/csv; header=present"));
        assert!(!covers("text/*", "image/png") && !covers("text/csv; header=present", "text/csv") && !covers("text/csv", "text/*"));
    }
}
