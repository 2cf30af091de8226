//! Streams of pages.

use std::future::Future;

use futures_util::Stream;
use reqwest::header::{HeaderMap, LINK};

/// A stream of pages. `fetch` gets a cursor, which is `None` for the first page, and returns a page and the cursor of the next page, if
/// there is one. The stream ends at the last page or after an error.
pub fn pages<C, P, E, F, R>(fetch: F) -> impl Stream<Item = Result<P, E>>
where
    F: FnMut(Option<C>) -> R,
    R: Future<Output = Result<(P, Option<C>), E>>,
{
    futures_util::stream::unfold(Some((fetch, None)), |state| async move {
        let (mut fetch, cursor) = state?;
        match fetch(cursor).await {
            Ok((page, None)) => Some((Ok(page), None)),
            Ok((page, next)) => Some((Ok(page), Some((fetch, next)))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// The target of the link with the relation `next`.
///
/// # Source
/// RFC 8288, section 3.
pub fn next_link(headers: &HeaderMap) -> Option<&str> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|value| value.split('<').skip(1)).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let relations = parameters.split(';').filter_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_end_matches(',').trim().trim_matches('"'))
        });
        let is_next = |relations: &str| relations.split_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"));
        relations.take(1).any(is_next).then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found() {
        let mut headers = HeaderMap::new();
        assert_eq!(next_link(&headers), None);
        headers.append(LINK, "</orders?page=1>; rel=\"prev\", </orders?page=3>; rel=next, </orders>; rel=first".parse().expect("a value"));
        assert_eq!(next_link(&headers), Some("/orders?page=3"));
    }
}
