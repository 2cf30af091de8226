//! Everyday uses of a generated client and a generated server: arguments of inline enumerations, integers with a format, texts, bytes and
//! pages, written as a program would write them.

use charter_client::{Response, StreamExt as _, pages_by_cursor};
use charter_codegen_cases::parcels::client::{
    Client, CountedParcelsOptions, DepotParcelsOptions, ListParcelsOptions, MarksOptions, SkippedParcelsOptions,
};
use charter_codegen_cases::parcels::server::{self, Server, router};
use charter_codegen_cases::parcels::{
    CountedParcelsResponse, DepotParcelsResponse, DepotParcelsResponseMeta, ListParcelsKinds, ListParcelsSize, ListParcelsState,
    MarksColour, OrderParameter, Parcel,
};
use charter_runtime::Nullable;
use charter_server::axum::{Router, body::Bytes, response::IntoResponse as _};
use charter_server::{Head, Reply};
use std::convert::Infallible;

#[derive(Debug)]
struct Parcels;

impl Server for Parcels {
    async fn list_parcels(
        &self,
        _: Head,
        state: ListParcelsState,
        options: server::ListParcelsOptions,
    ) -> Result<Reply<Vec<Parcel>>, Reply<Infallible>> {
        let first = options.after.unwrap_or(0) + 1;
        let note = format!("{state} {:?} {:?} {:?} {:?} {:?}", options.q, options.floor, options.size, options.kinds, options.order);
        let parcel = |id: i64| Parcel::builder().id(id).weight(3_u64).note(&*note).build().expect("a parcel");
        Ok(Reply::new((first..=first + 1).filter(|id| *id < 4).map(parcel).collect()))
    }

    async fn add_parcel(&self, _: Head, body: Parcel) -> Result<Reply<Parcel>, Reply<Infallible>> {
        Ok(Reply::new(body))
    }

    async fn draft_parcel(&self, _: Head, body: Option<Parcel>) -> Result<Reply<String>, Reply<Infallible>> {
        Ok(Reply::new(body.map_or_else(|| "none".to_owned(), |parcel| parcel.id.to_string())))
    }

    async fn marks(&self, _: Head, least: Option<i64>, options: server::MarksOptions) -> Result<Reply<String>, Reply<Infallible>> {
        Ok(Reply::new(format!("{least:?} {:?} {:?} {:?}", options.marks, options.kinds, options.only)))
    }

    async fn depot_parcels(
        &self,
        _: Head,
        city: String,
        options: server::DepotParcelsOptions,
    ) -> Result<Reply<DepotParcelsResponse>, Reply<Infallible>> {
        let page = options.page_token.map_or(0, |token| token.parse().expect("a number"));
        let next = match (city.as_str(), page) {
            ("Riga", 0) => "long".to_owned().into(),
            ("Bonn", 0 | 1) => (page + 1).to_string().into(),
            _ => Nullable::Null,
        };
        let meta = DepotParcelsResponseMeta { next_page_token: next.into(), ..DepotParcelsResponseMeta::default() };
        Ok(Reply::new(DepotParcelsResponse { meta: Some(meta), ..DepotParcelsResponse::new(vec![Parcel::new(page, 1_u64)]) }))
    }

    async fn counted_parcels(
        &self,
        _: Head,
        options: server::CountedParcelsOptions,
    ) -> Result<Reply<CountedParcelsResponse>, Reply<Infallible>> {
        let page = options.page.unwrap_or(1);
        let parcels = if page < 4 { vec![Parcel::new(page, 1_u64)] } else { Vec::new() };
        Ok(Reply::new(CountedParcelsResponse::new(parcels)))
    }

    async fn skipped_parcels(&self, _: Head, options: server::SkippedParcelsOptions) -> Result<Reply<Vec<Parcel>>, Reply<Infallible>> {
        let skipped = i64::try_from(options.offset.unwrap_or(0)).expect("a small number");
        Ok(Reply::new((skipped..(skipped + 2).min(5)).map(|id| Parcel::new(id, 1_u64)).collect()))
    }

    async fn ping(&self, _: Head) -> Result<Reply<Infallible>, Reply<Infallible>> {
        Err(Reply::raw("pong".into_response()))
    }

    async fn put_label(&self, _: Head, body: Bytes) -> Result<Reply<()>, Reply<Infallible>> {
        assert_eq!(body, "png");
        Ok(Reply::new(()))
    }

    async fn put_note(&self, _: Head, body: String) -> Result<Reply<String>, Reply<Infallible>> {
        Ok(Reply::new(body))
    }
}

async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let app: Router = router(Parcels);
    tokio::spawn(async move { charter_server::axum::serve(listener, app).await });
    base
}

async fn client() -> Client {
    Client::new(&serve().await).expect("a base URL")
}

#[tokio::test]
async fn inline_enumerations_and_nullable_parameters_are_typed() {
    let options = ListParcelsOptions {
        q: Some("a b".to_owned()),
        floor: Some(2),
        size: Some(ListParcelsSize::Small),
        kinds: Some(vec![ListParcelsKinds::Box, ListParcelsKinds::Bag]),
        order: Some(OrderParameter::Newest),
        ..ListParcelsOptions::default()
    };
    let parcels = client().await.list_parcels(ListParcelsState::Lost, &options).await.expect("parcels");
    let wanted = "lost Some(\"a b\") Some(2) Some(Small) Some([Box, Bag]) Some(Newest)";
    assert_eq!(parcels[0].note.as_deref(), Some(wanted), "the response dereferences to its body");
}

#[tokio::test]
async fn a_value_that_is_never_absent_keeps_null() {
    let client = client().await;
    let options = MarksOptions { marks: Some(vec![Some(1), None, Some(2)]), ..MarksOptions::default() };
    assert_eq!(*client.marks(None, &options).await.expect("a text"), "None Some([Some(1), None, Some(2)]) None None");
    let options = MarksOptions { only: Some(3), ..MarksOptions::default() };
    assert_eq!(*client.marks(Some(7), &options).await.expect("a text"), "Some(7) None None Some(3)");
    // As another client sends them.
    let base = serve().await;
    let get = |query: &'static str| {
        let request = charter_client::reqwest::Client::new().get(format!("{base}/marks?{query}"));
        async { request.send().await.expect("a response").status().as_u16() }
    };
    assert_eq!(get("least=&marks=1,,2&kinds=box&kinds=").await, 200);
    assert_eq!(get("least=x").await, 400);
    // In `content`, null is a value, and the schema refuses it.
    assert_eq!(get("least=1&only=null").await, 400);
    assert_eq!(get("least=1&only=5").await, 200);
}

#[tokio::test]
async fn pages_of_an_operation_are_a_stream() {
    let client = client().await;
    let mut pages = client.depot_parcels_pages("Bonn", &DepotParcelsOptions::default());
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        ids.extend(page.expect("a page").parcels.iter().map(|parcel| parcel.id));
    }
    assert_eq!(ids, [0, 1, 2]);
    let mut refused = client.depot_parcels_pages("Riga", &DepotParcelsOptions::default());
    assert!(refused.next().await.is_some_and(|page| page.is_ok()));
    let error = refused.next().await.expect("an error").expect_err("a cursor that is too long");
    assert!(error.to_string().contains("`page_token`"), "{error}");
    let skipped = client.skipped_parcels_pages(&SkippedParcelsOptions { offset: Some(2) });
    let ids: Vec<i64> = skipped.map(|page| page.expect("a page")[0].id).collect().await;
    assert_eq!(ids, [2, 4]);
    #[expect(deprecated, reason = "the operation is deprecated")]
    let counted = client.counted_parcels_pages(&CountedParcelsOptions { page: Some(2), ..CountedParcelsOptions::default() });
    let ids: Vec<i64> = counted.map(|page| page.expect("a page").data[0].id).collect().await;
    assert_eq!(ids, [2, 3]);
}

#[tokio::test]
async fn parameters_in_json_have_enumerations() {
    let options = MarksOptions { colour: Some(MarksColour::Blue), ..MarksOptions::default() };
    client().await.marks(None, &options).await.expect("a text");
}

#[tokio::test]
async fn integers_with_a_format_are_plain() {
    let mut parcel = Parcel::new(7, 3_u64);
    parcel.count = Some(1.try_into().expect("at least 1"));
    let sent: Parcel = client().await.add_parcel(&parcel).await.expect("a parcel").into_inner();
    let (id, weight): (i64, u64) = (sent.id, sent.weight);
    assert_eq!((id, weight), (7, 3));
    assert_eq!(sent, parcel);
    let refused = serde_json::from_str::<Parcel>(r#"{"id": 9223372036854775808, "weight": 1}"#);
    assert!(refused.is_err(), "the integer is larger than its format");
}

#[tokio::test]
async fn bytes_and_texts_are_converted() {
    let client = client().await;
    assert_eq!(client.put_label("png").await.expect("no body").status(), 204);
    client.put_label(vec![b'p', b'n', b'g']).await.expect("no body");
    assert_eq!(*client.put_note("a note").await.expect("a note"), "a note");
}

#[tokio::test]
async fn optional_bodies_need_no_some() {
    let client = client().await.with_oauth2("token");
    let parcel = Parcel::builder().id(7).weight(3).price(2.5).build().expect("a parcel");
    assert_eq!(*client.draft_parcel(&parcel).await.expect("a text"), "7");
    assert_eq!(*client.draft_parcel(Some(&parcel)).await.expect("a text"), "7");
    assert_eq!(*client.draft_parcel(None).await.expect("a text"), "none");
}

#[tokio::test]
async fn a_success_without_a_description_is_bytes() {
    let pong = client().await.ping().await.expect("a success");
    assert_eq!(pong.body, "pong");
}

#[tokio::test]
async fn pages_are_streams_that_need_no_pin() {
    let client = client().await;
    let fetch = |after| {
        let (client, options) = (client.clone(), ListParcelsOptions { after, ..ListParcelsOptions::default() });
        async move { client.list_parcels(ListParcelsState::Sent, &options).await }
    };
    let mut pages = pages_by_cursor(fetch, |page: &Response<Vec<Parcel>>| page.last().map(|parcel| parcel.id));
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        ids.extend(page.expect("a page").iter().map(|parcel| parcel.id));
    }
    assert_eq!(ids, [1, 2, 3]);
}
