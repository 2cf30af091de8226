//! Streams of pages.

use std::pin::pin;

use charter_client::{Call, Error, Failure, Items, RequestError, Response, Transport, next_cursor};
use futures_util::StreamExt as _;

/// A server of three pages, each of which links to the next one.
async fn transport() -> Transport {
    let page = |uri: axum::http::Uri, headers: axum::http::HeaderMap| async move {
        let number: usize = uri.query().and_then(|query| query.strip_prefix("page=")).and_then(|number| number.parse().ok()).unwrap_or(1);
        let next =
            if number < 3 { format!("</v1/orders?page={}>; rel=\"next\"", number + 1) } else { "</v1/orders>; rel=first".to_owned() };
        ([("link", next)], format!("{number} {}", headers.contains_key("x-trace")))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(page)).await });
    Transport::new(&base).expect("a base URL")
}

async fn orders(transport: Transport) -> Result<Response<String>, Error<()>> {
    let call = Call::new("GET", "/orders").header("x-trace", charter_client::Style::Simple(false), Some("t"));
    Ok(transport.send(call).await?.text().await?)
}

#[tokio::test]
async fn links_lead_from_page_to_page() {
    let transport = transport().await;
    let pages = charter_client::pages_by_link(|link| orders(link.map_or_else(|| transport.clone(), |link| transport.at(&link))));
    let bodies: Vec<String> = pages.map(|page| page.expect("a page").body).collect().await;
    assert_eq!(bodies, ["1 true", "2 true", "3 true"]);
}

#[tokio::test]
async fn a_link_to_another_host_is_refused() {
    let transport = transport().await;
    for link in ["https://orders.example.com/orders", "//orders.example.com/orders", "http://127.0.0.1:1/orders"] {
        let error = orders(transport.at(link)).await.expect_err("no request");
        assert!(matches!(error, Error::Failure(Failure::Request(RequestError::ForeignLink { .. }))), "{error}");
    }
}

/// Items 0 to 6, three a page.
fn items(from: usize) -> Vec<usize> {
    (from..7).take(3).collect()
}

fn numbers(pages: Vec<Result<Vec<usize>, Failure>>) -> Vec<Vec<usize>> {
    pages.into_iter().map(|page| page.expect("a page")).collect()
}

#[tokio::test]
async fn cursors_offsets_and_numbers_lead_from_page_to_page() {
    let wanted = [vec![0, 1, 2], vec![3, 4, 5], vec![6]];
    let by_cursor = charter_client::pages_by_cursor(
        |cursor: Option<usize>| async move { Ok::<_, Failure>(items(cursor.unwrap_or_default())) },
        |page: &Vec<usize>| page.last().map(|last| last + 1).filter(|next| *next < 7),
    );
    assert_eq!(numbers(by_cursor.collect().await), wanted);
    let by_offset = charter_client::pages_by_offset(|offset| async move { Ok::<_, Failure>(items(offset)) });
    assert_eq!(numbers(by_offset.collect().await), wanted);
    let by_number = charter_client::pages_by_number(1, |number| async move { Ok::<_, Failure>(items((number - 1) * 3)) });
    assert_eq!(numbers(by_number.collect().await), wanted);
    let mut failing = pin!(charter_client::pages_by_number(1, |_| async { Err::<Vec<()>, _>("failed") }));
    assert_eq!(failing.next().await, Some(Err("failed")));
    assert_eq!(failing.next().await, None);
}

#[tokio::test]
async fn a_cursor_or_a_link_of_an_earlier_page_is_an_error() {
    // The third page has the cursor of the first one.
    let fetch = |cursor: Option<usize>| async move { Ok::<_, Failure>((cursor, Some((cursor.unwrap_or_default() + 1) % 3))) };
    let mut pages: Vec<_> = charter_client::pages(fetch).collect().await;
    assert!(matches!(pages.pop(), Some(Err(Failure::RepeatedPage))), "{pages:?}");
    assert_eq!(pages.len(), 4);
    let transport = transport().await;
    let second = transport.at("/v1/orders?page=2");
    let mut pages: Vec<_> = charter_client::pages_by_link(|_| orders(second.clone())).collect().await;
    assert!(matches!(pages.pop(), Some(Err(Error::Failure(Failure::RepeatedPage)))), "{pages:?}");
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn a_server_that_ignores_the_number_of_a_page_does_not_lead_on() {
    let by_number = charter_client::pages_by_number(1, |_| async { Ok::<_, Failure>(items(0)) });
    assert_eq!(numbers(by_number.collect().await), [[0, 1, 2]]);
    // The last page is sent for every larger number.
    let by_number = charter_client::pages_by_number(0, |number: usize| async move { Ok::<_, Failure>(items(number.min(2) * 3)) });
    assert_eq!(numbers(by_number.collect().await), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
}

struct Last(Vec<usize>, Option<bool>);

impl Items for Last {
    type Item = usize;

    fn items(&self) -> &[usize] {
        &self.0
    }

    fn has_more(&self) -> Option<bool> {
        self.1
    }
}

#[tokio::test]
async fn a_page_that_says_that_it_is_the_last_ends_the_pages() {
    let fetch = |offset: usize| async move { Ok::<_, Failure>(Last(items(offset), Some(offset < 3))) };
    let pages = charter_client::pages_by_offset(fetch);
    assert_eq!(pages.map(|page| page.expect("a page").0).collect::<Vec<_>>().await, [[0, 1, 2], [3, 4, 5]]);
    for (has_more, is_empty, cursor, wanted) in [
        (None, false, Some("a"), true),
        (None, true, Some("a"), false),
        (Some(true), true, Some("a"), true),
        (Some(false), false, Some("a"), false),
        (Some(true), false, Some(""), false),
        (None, false, None, false),
    ] {
        assert_eq!(next_cursor(has_more, is_empty, cursor).is_some(), wanted, "{has_more:?} {is_empty} {cursor:?}");
    }
}
