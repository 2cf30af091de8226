//! Path templates: which paths match, and which of two templates is more specific.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;

/// A path template, such as `/orders/{id}` or `/orders/{id}:cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PathTemplate(pub String);

/// How specific one segment of a template is; the most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// Only literal text.
    Literal,
    /// Literal text and parameters. The value is the length of the literal text, the longest first.
    Mixed(std::cmp::Reverse<usize>),
    /// One parameter.
    Parameter,
}

/// The order of templates: the most specific first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Specificity {
    has_parameters: bool,
    segments: Vec<Segment>,
}

impl Segment {
    fn of(segment: &str) -> Self {
        if !segment.contains('{') {
            return Self::Literal;
        }
        let literal: usize = parts(segment).map(|(literal, _)| literal.len()).sum();
        match (parts(segment).all(|(_, parameter)| parameter.is_none()), literal) {
            (true, _) => Self::Literal,
            (false, 0) => Self::Parameter,
            (false, length) => Self::Mixed(std::cmp::Reverse(length)),
        }
    }
}

impl PathTemplate {
    /// The names of the parameters, in order.
    pub fn parameters(&self) -> Vec<&str> {
        self.parts().filter_map(|(_, parameter)| parameter).collect()
    }

    /// The path in which `value` replaces each parameter. The caller percent-encodes values.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        self.parts().map(|(literal, parameter)| format!("{literal}{}", parameter.map(&value).unwrap_or_default())).collect()
    }

    /// Whether the template has no parameter.
    pub fn is_concrete(&self) -> bool {
        self.parts().all(|(_, parameter)| parameter.is_none())
    }

    /// The order of templates that match the same path: the more specific is less. A literal segment is more specific than a segment
    /// with a parameter; segments are compared from the left.
    ///
    /// # Source
    /// OpenAPI, "Path Templating Matching": concrete paths are matched before their templated counterparts.
    pub(crate) fn specificity(&self) -> Specificity {
        Specificity { has_parameters: !self.is_concrete(), segments: self.0.split('/').map(Segment::of).collect() }
    }

    /// Literal text, each followed by a parameter, if there is one.
    fn parts(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        parts(&self.0)
    }

    /// The values of the parameters if the path matches, as sent. A parameter matches one or more characters of one segment; a last
    /// parameter that allows reserved characters matches the rest of the path, slashes included.
    pub(super) fn captures<'p>(&self, path: &'p str, is_reserved: impl Fn(&str) -> bool) -> Option<IndexMap<String, &'p str>> {
        let parts: Vec<(&str, Option<&str>)> = self.parts().collect();
        let last = parts.iter().rposition(|(_, parameter)| parameter.is_some());
        let mut values = Vec::new();
        let spans = last.filter(|last| parts[*last].1.is_some_and(&is_reserved));
        let matcher = Matcher { parts: &parts, spans };
        // The number of positions bounds the work of a template with many parameters in one segment.
        let mut budget = 64 + path.len() * 16;
        matcher.from(0, path, &mut values, &mut budget).then(|| {
            let names = parts.iter().filter_map(|(_, parameter)| *parameter);
            names.zip(values).map(|(name, value)| (name.to_owned(), value)).collect()
        })
    }
}

/// Literal text of a template, each followed by a parameter, if there is one.
fn parts(template: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(template);
    std::iter::from_fn(move || {
        let text = rest?;
        let parameter = text.split_once('{').and_then(|(literal, after)| Some((literal, after.split_once('}')?)));
        let (part, next) = match parameter {
            Some((literal, (name, after))) => ((literal, Some(name)), Some(after)),
            None => ((text, None), None),
        };
        rest = next;
        Some(part)
    })
}

struct Matcher<'t> {
    parts: &'t [(&'t str, Option<&'t str>)],
    /// The part whose parameter may contain slashes.
    spans: Option<usize>,
}

impl Matcher<'_> {
    fn from<'p>(&self, at: usize, path: &'p str, values: &mut Vec<&'p str>, budget: &mut usize) -> bool {
        let Some((literal, parameter)) = self.parts.get(at) else { return path.is_empty() };
        let Some(path) = strip_literal(path, literal) else { return false };
        if parameter.is_none() {
            return self.from(at + 1, path, values, budget);
        }
        let end = if self.spans == Some(at) { path.len() } else { path.find('/').unwrap_or(path.len()) };
        // The longest value first: `{name}.{format}` reads `a.b.json` as the name `a.b`.
        for length in (1..=end).rev().filter(|length| path.is_char_boundary(*length)) {
            if *budget == 0 {
                return false;
            }
            *budget -= 1;
            values.push(&path[..length]);
            if self.from(at + 1, &path[length..], values, budget) {
                return true;
            }
            values.pop();
        }
        false
    }
}

/// The rest of a path after literal text. A percent-encoded character of the path equals the character, except for the general
/// delimiters of RFC 3986, section 2.2.
fn strip_literal<'p>(path: &'p str, literal: &str) -> Option<&'p str> {
    if let Some(rest) = path.strip_prefix(literal) {
        return Some(rest);
    }
    let (mut sent, mut wanted) = (path.as_bytes(), literal.as_bytes());
    while !wanted.is_empty() {
        let (left, after) = next_byte(sent)?;
        let (right, after_wanted) = next_byte(wanted)?;
        if left != right {
            return None;
        }
        (sent, wanted) = (after, after_wanted);
    }
    path.get(path.len() - sent.len()..)
}

/// The next byte, percent-decoded, and whether it is an encoded delimiter.
fn next_byte(text: &[u8]) -> Option<((u8, bool), &[u8])> {
    let (first, rest) = text.split_first()?;
    if *first == b'%'
        && let [high, low, after @ ..] = rest
        && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
    {
        let byte = (high * 16 + low) as u8;
        return Some(((byte, matches!(byte, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@')), after));
    }
    Some(((*first, false), rest))
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures<'p>(template: &str, path: &'p str) -> Option<IndexMap<String, &'p str>> {
        PathTemplate(template.to_owned()).captures(path, |_| false)
    }

    #[test]
    fn a_parameter_matches_one_whole_segment() {
        assert_eq!(captures("/v1/orders/{id}", "/v1/orders/o_1").expect("a match")["id"], "o_1");
        for path in ["/v1/orders/", "/v1/orders", "/v1/orders/a/b", "/v2/orders/a"] {
            assert!(captures("/v1/orders/{id}", path).is_none(), "{path}");
        }
    }

    #[test]
    fn parameters_match_parts_of_a_segment() {
        for (template, path, expected) in [
            ("/jobs/{id}:cancel", "/jobs/7:cancel", &[("id", "7")][..]),
            ("/jobs/{id}:cancel", "/jobs/a%3Ab:cancel", &[("id", "a%3Ab")]),
            ("/Accounts/{Sid}.json", "/Accounts/A.1.json", &[("Sid", "A.1")]),
            ("/u('{k}')", "/u('x')", &[("k", "x")]),
            ("/u('{k}')", "/u(%27x%27)", &[("k", "x")]),
            ("/compare/{base}...{head}", "/compare/v1.2...v1.3", &[("base", "v1.2"), ("head", "v1.3")]),
            ("/test.{format}", "/test.csv", &[("format", "csv")]),
            ("/a b/{id}", "/a%20b/1", &[("id", "1")]),
            ("/{a}{b}", "/xy", &[("a", "x"), ("b", "y")]),
        ] {
            let found = captures(template, path).unwrap_or_else(|| panic!("{template} {path}"));
            assert_eq!(found.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>(), expected, "{template}");
        }
        for (template, path) in [
            ("/jobs/{id}:cancel", "/jobs/:cancel"),
            ("/jobs/{id}:cancel", "/jobs/7:peek"),
            ("/jobs/{id}:cancel", "/jobs/7/8:cancel"),
            ("/a/b", "/a%2Fb"),
            ("/{a}{b}", "/x"),
        ] {
            assert!(captures(template, path).is_none(), "{template} {path}");
        }
    }

    #[test]
    fn a_concrete_template_is_the_most_specific() {
        let mut templates = ["/{kind}/{id}", "/users/{id}", "/{kind}/me", "/users/{id}.json", "/users/me"]
            .map(|template| PathTemplate(template.to_owned()));
        templates.sort_by_cached_key(PathTemplate::specificity);
        assert_eq!(templates.map(|template| template.0), ["/users/me", "/users/{id}.json", "/users/{id}", "/{kind}/me", "/{kind}/{id}"]);
    }

    #[test]
    fn filling_replaces_every_parameter_once() {
        let template = PathTemplate("/books/{id}/pages/{number}.json".to_owned());
        assert_eq!(template.parameters(), ["id", "number"]);
        assert_eq!(template.fill(|name| format!("<{name}{{id}}>")), "/books/<id{id}>/pages/<number{id}>.json");
        assert_eq!(PathTemplate("/books/{open".to_owned()).fill(|_| String::new()), "/books/{open");
    }

    #[test]
    fn the_last_parameter_may_match_the_rest_of_the_path() {
        let template = PathTemplate("/orders/{id}/photos/{path}".to_owned());
        let captures = |path| template.captures(path, |name| name == "path" || name == "id");
        assert_eq!(captures("/orders/r/photos/front/a.png").expect("a match")["path"], "front/a.png");
        assert_eq!(captures("/orders/r/photos/a.png").expect("a match")["id"], "r");
        for path in ["/orders/r/photos", "/orders/r/photos/", "/orders/r/s/photos/a"] {
            assert!(captures(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_template_with_many_parameters_in_a_segment_ends() {
        let template = "/".to_owned() + &"{a}".repeat(40) + "x";
        assert!(captures(&template, &format!("/{}", "y".repeat(4000))).is_none());
    }
}
