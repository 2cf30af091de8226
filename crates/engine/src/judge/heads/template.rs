//! Texts with gaps for the path parameters of an exchange.

use serde_json::Value;

use super::plan::PathParameter;

/// `request` as rules over time read it, as JSON text with gaps for path parameters.
#[derive(Debug)]
pub(super) struct ObservedRequest {
    /// The index of a path parameter, and the text after it. The first text follows nothing.
    parts: Vec<(Option<usize>, String)>,
}

impl ObservedRequest {
    /// `parameters` are those that may differ. `None` if their places in the text are not certain.
    pub(super) fn new<'p>(mut request: Value, parameters: impl Iterator<Item = &'p str>) -> Option<Self> {
        let mut marks = Vec::new();
        for (index, name) in parameters.enumerate() {
            if let Some(known) = request.get_mut("path").and_then(|path| path.get_mut(name)) {
                let mark = Value::from(format!("\u{1}{index}\u{1}"));
                marks.push((mark.to_string(), index));
                *known = mark;
            }
        }
        let text = request.to_string();
        let mut places = Vec::new();
        for (mark, index) in marks {
            let mut found = text.match_indices(&mark);
            let (at, _) = found.next()?;
            if found.next().is_some() {
                return None;
            }
            places.push((at, at + mark.len(), index));
        }
        places.sort_unstable();
        let ends = places.iter().map(|(at, ..)| *at).chain([text.len()]);
        let starts = [(0, None)].into_iter().chain(places.iter().map(|(_, after, index)| (*after, Some(*index))));
        Some(Self { parts: starts.zip(ends).map(|((start, index), end)| (index, text[start..end].to_owned())).collect() })
    }

    /// The text with the values of an exchange, which are JSON texts.
    pub(super) fn with(&self, path: &[&str]) -> String {
        let mut text = String::new();
        for (index, part) in &self.parts {
            if let Some(value) = index.and_then(|index| path.get(index)) {
                text.push_str(value);
            }
            text.push_str(part);
        }
        text
    }
}

/// A URL with gaps for path parameters.
#[derive(Debug)]
pub(super) struct UrlTemplate {
    /// A text, and the index of the path parameter after it.
    parts: Vec<(String, Option<usize>)>,
}

impl UrlTemplate {
    pub(super) fn new(url: &str, path: &[PathParameter]) -> Self {
        let end = url.find('?').unwrap_or(url.len());
        let (mut parts, mut text) = (Vec::new(), String::new());
        let segments: Vec<&str> = url[..end].split('/').collect();
        for (index, segment) in segments.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { "/" });
            match path.iter().position(|parameter| parameter.from_end == segments.len() - 1 - index) {
                Some(parameter) => parts.push((std::mem::take(&mut text), Some(parameter))),
                None => text.push_str(segment),
            }
        }
        text.push_str(&url[end..]);
        parts.push((text, None));
        Self { parts }
    }

    /// Whether a URL is the template with path parameters that `is_parameter` accepts.
    pub(super) fn has(&self, url: &str, is_parameter: impl Fn(&str) -> bool) -> bool {
        // Most URLs that differ have another query.
        if self.parts.last().is_some_and(|(end, _)| !url.ends_with(end.as_str())) {
            return false;
        }
        let mut rest = url;
        for (index, (text, parameter)) in self.parts.iter().enumerate() {
            let Some(after) = rest.strip_prefix(text.as_str()) else { return false };
            rest = after;
            if parameter.is_some() {
                // The next text begins with a slash or a question mark, or ends the URL.
                let next = self.parts.get(index + 1).map_or("", |(text, _)| text);
                let end = if next.is_empty() { rest.len() } else { rest.find(['/', '?']).unwrap_or(rest.len()) };
                let (segment, after) = rest.split_at(end);
                if !is_parameter(segment) {
                    return false;
                }
                rest = after;
            }
        }
        rest.is_empty()
    }

    /// Whether a URL is the template with these path parameters, which are JSON texts.
    pub(super) fn is(&self, url: &str, path: &[String]) -> bool {
        let mut rest = Some(url);
        for (text, parameter) in &self.parts {
            rest = rest.and_then(|rest| rest.strip_prefix(text.as_str()));
            if let Some(parameter) = parameter {
                rest = rest.zip(path.get(*parameter)).and_then(|(rest, value)| rest.strip_prefix(value.trim_matches('"')));
            }
        }
        rest == Some("")
    }

    /// The URL with path parameters.
    pub(super) fn with(&self, path: &[&str]) -> String {
        let mut url = String::new();
        for (text, parameter) in &self.parts {
            url.push_str(text);
            url.push_str(parameter.and_then(|parameter| path.get(parameter)).map_or("", |value| value.trim_matches('"')));
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(from_end: usize) -> PathParameter {
        PathParameter { name: String::new(), from_end, program: None, is_integer: false, slot: None }
    }

    #[test]
    fn a_url_is_a_template_and_its_path_parameters() {
        let (url, path) = ("https://host/api/orders/o1/items/2?x=/y", ["\"o1\"".to_owned(), "2".to_owned()]);
        let template = UrlTemplate::new(url, &[parameter(2), parameter(0)]);
        assert!(template.is(url, &path) && template.has(url, |segment| segment != "x"));
        assert_eq!(template.with(&["\"o1\"", "2"]), url);
        for other in [
            "https://host/api/orders/o1/items/2",
            "https://host/api/orders/o1/items/2?x=/y&z",
            "https://host/api/orders/o1/items/2/3?x=/y",
            "https://host/api/orders/o1/o2/items/2?x=/y",
            "https://other/api/orders/o1/items/2?x=/y",
        ] {
            assert!(!template.is(other, &path) && !template.has(other, |_| true), "{other}");
        }
        let other = "https://host/api/orders/o3/items/4?x=/y";
        assert!(!template.is(other, &path) && template.has(other, |_| true) && !template.has(other, |segment| segment == "o3"));
        let whole = UrlTemplate::new("/orders", &[]);
        assert!(whole.is("/orders", &[]) && whole.has("/orders", |_| false) && !whole.has("/orders/1", |_| true));
    }
}
