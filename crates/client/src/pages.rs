//! Streams of pages. Every stream ends, also if a server sends the same page again and again.

use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;

use futures_util::{Stream, StreamExt as _};
use serde::Serialize;

use crate::error::Failure;
use crate::items::{Items, fingerprint};
use crate::link::next_link;
use crate::response::Response;

/// A stream of pages. `fetch` gets a cursor, which is `None` for the first page, and returns a page and the cursor of the next page, if
/// there is one. The stream ends at the last page or after an error. A cursor that an earlier page had is an error:
/// [`Failure::RepeatedPage`].
pub fn pages<C, P, E, F, R>(fetch: F) -> impl Stream<Item = Result<P, E>> + Unpin
where
    C: Clone + Eq + Hash,
    E: From<Failure>,
    F: FnMut(Option<C>) -> R,
    R: Future<Output = Result<(P, Option<C>), E>>,
{
    pages_by_cursor(fetch, |(_, next): &(P, Option<C>)| next.clone()).map(|page| page.map(|(page, _)| page))
}

/// What a stream of pages by cursors requests next.
struct Next<F, N, C> {
    fetch: F,
    next: N,
    cursor: Option<C>,
    seen: HashSet<C>,
    is_repeated: bool,
}

/// A stream of pages that have the cursor of the next page, which `next` returns. It ends at a page without a cursor, or after an error. A
/// cursor that an earlier page had is an error: [`Failure::RepeatedPage`].
pub fn pages_by_cursor<C, P, E, F, R, N>(fetch: F, next: N) -> impl Stream<Item = Result<P, E>> + Unpin
where
    C: Clone + Eq + Hash,
    E: From<Failure>,
    F: FnMut(Option<C>) -> R,
    R: Future<Output = Result<P, E>>,
    N: FnMut(&P) -> Option<C>,
{
    let first = Next { fetch, next, cursor: None, seen: HashSet::new(), is_repeated: false };
    // Boxed, so that `next` of a stream needs no pin.
    Box::pin(futures_util::stream::unfold(Some(first), |state| async move {
        let mut state = state?;
        if state.is_repeated {
            return Some((Err(Failure::RepeatedPage.into()), None));
        }
        let page = match (state.fetch)(state.cursor.take()).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), None)),
        };
        let Some(cursor) = (state.next)(&page) else { return Some((Ok(page), None)) };
        state.is_repeated = !state.seen.insert(cursor.clone());
        state.cursor = Some(cursor);
        Some((Ok(page), Some(state)))
    }))
}

/// A stream of pages whose responses have the link `next` in the header field `Link`. `fetch` gets that link, which is `None` for the first
/// page; a generated client has the method `at` for it. The stream ends at a page without such a link, or after an error. A link that an
/// earlier page had is an error: [`Failure::RepeatedPage`].
pub fn pages_by_link<P, E, F, R>(fetch: F) -> impl Stream<Item = Result<Response<P>, E>> + Unpin
where
    E: From<Failure>,
    F: FnMut(Option<String>) -> R,
    R: Future<Output = Result<Response<P>, E>>,
{
    pages_by_cursor(fetch, |page: &Response<P>| next_link(&page.headers).map(str::to_owned))
}

/// A stream of pages that are requested by the number of items before them, from 0. The stream ends at a page that says that it is the last
/// ([`Items::has_more`]), before a page without items or with the items of the page before, or after an error.
pub fn pages_by_offset<P, E, F, R>(fetch: F) -> impl Stream<Item = Result<P, E>> + Unpin
where
    P: Items<Item: Serialize>,
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
{
    pages_from_offset(0, fetch)
}

/// The same from another number of items on.
pub fn pages_from_offset<P, E, F, R>(first: usize, fetch: F) -> impl Stream<Item = Result<P, E>> + Unpin
where
    P: Items<Item: Serialize>,
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
{
    numbered(first, fetch, |offset, items| offset.saturating_add(items))
}

/// A stream of pages that are requested by their numbers, from that of the first page, which is 0 or 1. The stream ends at a page that says
/// that it is the last ([`Items::has_more`]), before a page without items or with the items of the page before, or after an error.
pub fn pages_by_number<P, E, F, R>(first: usize, fetch: F) -> impl Stream<Item = Result<P, E>> + Unpin
where
    P: Items<Item: Serialize>,
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
{
    numbered(first, fetch, |number, _| number.saturating_add(1))
}

fn numbered<P, E, F, R>(first: usize, fetch: F, after: fn(usize, usize) -> usize) -> impl Stream<Item = Result<P, E>> + Unpin
where
    P: Items<Item: Serialize>,
    F: FnMut(usize) -> R,
    R: Future<Output = Result<P, E>>,
{
    Box::pin(futures_util::stream::unfold(Some((fetch, first, None)), move |state| async move {
        let (mut fetch, number, before) = state?;
        let page = match fetch(number).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), None)),
        };
        let items = page.items();
        let seen = fingerprint(items);
        // A server may send its last page for every larger number, or ignore the number.
        if items.is_empty() || (seen.is_some() && seen == before) {
            return None;
        }
        let next = after(number, items.len());
        let state = (page.has_more() != Some(false)).then_some((fetch, next, seen));
        Some((Ok(page), state))
    }))
}
