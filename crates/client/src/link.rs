//! The link to the next page.

use reqwest::header::{HeaderMap, LINK};

/// The target of the link with the relation `next` in the header field `Link`.
///
/// # Source
/// RFC 8288, section 3.
pub fn next_link(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_link_in)
}

/// The target of the link with the relation `next` in a value of the header field `Link`.
pub fn next_link_in(field: &str) -> Option<&str> {
    let mut rest = field;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, after) = link.split_once('>')?;
        // A comma or a semicolon in a quoted parameter does not end it.
        let ends = |mark: char| {
            let mut is_quoted = false;
            move |character: char| {
                is_quoted ^= character == '"';
                !is_quoted && character == mark
            }
        };
        let parameters = &after[..after.find(ends(',')).unwrap_or(after.len())];
        let parts = parameters.split(ends(';'));
        // Only the first `rel` of a link counts.
        let relations = parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
        let is_next = relations.is_some_and(|(_, value)| {
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            relations.any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target);
        }
        rest = &after[parameters.len()..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found() {
        let mut headers = HeaderMap::new();
        assert_eq!(next_link(&headers), None);
        headers.append(LINK, "</orders?page=1>; rel=\"prev\"".parse().expect("a value"));
        headers.append(LINK, "</orders?page=3>; rel=next, </orders>; rel=first".parse().expect("a value"));
        assert_eq!(next_link(&headers), Some("/orders?page=3"));
        let field = "</a?page=1>; rel=\"prev first\", </a?x=1,2&page=3>; title=\"a, <b>; rel=prev\"; rel=\"next\"";
        assert_eq!(next_link_in(field), Some("/a?x=1,2&page=3"));
        assert_eq!(next_link_in("<https://h/>; REL=Next"), Some("https://h/"));
        for field in ["", "<a", "<a>", "</a>; rel=prev", "</a>; rel=prev; rel=next", "</a>; title=\"; rel=next\""] {
            assert_eq!(next_link_in(field), None, "{field}");
        }
    }
}
