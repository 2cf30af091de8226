//! Streams of pages.

use std::pin::pin;

use charter_client::{Call, Error, Failure, RequestError, Response, Transport};
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

#[tokio::test]
async fn cursors_offsets_and_numbers_lead_from_page_to_page() {
    let items = |from: usize| (from..7).take(3).collect::<Vec<_>>();
    let wanted = [vec![0, 1, 2], vec![3, 4, 5], vec![6]];
    let by_cursor = charter_client::pages_by_cursor(
        |cursor: Option<usize>| async move { Ok::<_, ()>(items(cursor.unwrap_or_default())) },
        |page| page.last().map(|last| last + 1).filter(|next| *next < 7),
    );
    assert_eq!(by_cursor.map(Result::unwrap_or_default).collect::<Vec<_>>().await, wanted);
    let by_offset = charter_client::pages_by_offset(|offset| async move { Ok::<_, ()>(items(offset)) }, Vec::len);
    assert_eq!(by_offset.map(Result::unwrap_or_default).collect::<Vec<_>>().await, wanted);
    let by_number = charter_client::pages_by_number(1, |number| async move { Ok::<_, ()>(items((number - 1) * 3)) }, Vec::len);
    assert_eq!(by_number.map(Result::unwrap_or_default).collect::<Vec<_>>().await, wanted);
    let mut failing = pin!(charter_client::pages_by_number(1, |_| async { Err::<Vec<()>, _>("failed") }, Vec::len));
    assert_eq!(failing.next().await, Some(Err("failed")));
    assert_eq!(failing.next().await, None);
}
