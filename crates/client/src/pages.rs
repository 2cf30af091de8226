//! Streams of pages.

use std::future::Future;

use futures_util::Stream;
use reqwest::header::{HeaderMap, LINK};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Failure, RequestError};
use crate::response::Response;

/// A stream of pages. `fetch` gets a cursor, which is `None` for the first page, and returns a page and the cursor of the next page, if
/// there is one. The stream ends at the last page or after an error.
pub fn pages<C, P, E, F, R>(fetch: F) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(Option<C>) -> R,
    R: Future<Output = Result<(P, Option<C>), E>>,
{
    // Boxed, so that `next` of a stream needs no pin.
    Box::pin(futures_util::stream::unfold(Some((fetch, None)), |state| async move {
        let (mut fetch, cursor) = state?;
        match fetch(cursor).await {
            Ok((page, None)) => Some((Ok(page), None)),
            Ok((page, next)) => Some((Ok(page), Some((fetch, next)))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// A stream of pages that have the cursor of the next page, which `next` returns. It ends at a page without a cursor, or after an error.
pub fn pages_by_cursor<C, P, E, F, R, N>(fetch: F, next: N) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(Option<C>) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> Option<C>,
{
    Box::pin(futures_util::stream::unfold(Some((fetch, next, None)), |state| async move {
        let (mut fetch, mut next, cursor) = state?;
        match fetch(cursor).await {
            Ok(page) => {
                let cursor = next(&page);
                let state = cursor.map(|cursor| (fetch, next, Some(cursor)));
                Some((Ok(page), state))
            }
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// A stream of pages whose responses have the link `next` in the header field `Link`. `fetch` gets that link, which is `None` for the first
/// page; a generated client has the method `at` for it. The stream ends at a page without such a link, or after an error.
pub fn pages_by_link<P, E, F, R>(fetch: F) -> impl Stream<Item = Result<Response<P>, E>> + Unpin
where
    F: FnMut(Option<String>) -> R,
    R: Future<Output = Result<Response<P>, E>>,
{
    pages_by_cursor(fetch, |page| next_link(&page.headers).map(str::to_owned))
}

/// A stream of pages that are requested by the number of items before them, from 0. `count` returns the number of items of a page. The
/// stream ends at a page without items, which is not part of it, or after an error.
pub fn pages_by_offset<P, E, F, R, N>(fetch: F, count: N) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> usize,
{
    pages_from_offset(0, fetch, count)
}

/// The same from another number of items on.
pub fn pages_from_offset<P, E, F, R, N>(first: usize, fetch: F, count: N) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> usize,
{
    numbered(first, fetch, count, |offset, items| offset.saturating_add(items))
}

/// A stream of pages that are requested by their numbers, from that of the first page, which is 0 or 1. `count` returns the number of items
/// of a page. The stream ends at a page without items, which is not part of it, or after an error.
pub fn pages_by_number<P, E, F, R, N>(first: usize, fetch: F, count: N) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> usize,
{
    numbered(first, fetch, count, |number, _| number.saturating_add(1))
}

fn numbered<P, E, F, R, N>(first: usize, fetch: F, count: N, after: fn(usize, usize) -> usize) -> impl Stream<Item = Result<P, E>> + Unpin
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> usize,
{
    Box::pin(futures_util::stream::unfold(Some((fetch, count, first)), move |state| async move {
        let (mut fetch, mut count, number) = state?;
        match fetch(number).await {
            Ok(page) => {
                let items = count(&page);
                (items > 0).then(|| (Ok(page), Some((fetch, count, after(number, items)))))
            }
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// The cursor of the next page; `None` if the value is null, an empty text or `false`.
pub fn cursor<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let value = serde_json::to_value(value).ok()?;
    (!matches!(&value, Value::Null | Value::Bool(false)) && value != "").then_some(value)
}

/// The number of a page or of items that a parameter has.
pub fn page_number<T: Serialize + ?Sized>(value: &T) -> Option<usize> {
    cursor(value)?.as_u64()?.try_into().ok()
}

/// A cursor as the value of the parameter `name`.
///
/// # Errors
/// The parameter does not accept the cursor.
pub fn cursor_parameter<T: DeserializeOwned>(name: &str, cursor: Value) -> Result<T, Failure> {
    serde_json::from_value(cursor).map_err(|source| RequestError::Cursor { name: name.to_owned(), source }.into())
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
