//! Streams of the pages of a generated client, against a generated server. Every stream ends.

use std::convert::Infallible;

use charter_client::{Error, Failure, Items as _, StreamExt as _};
use charter_codegen_cases::pages::client::{
    Client, ListBooksOptions, ListChargesOptions, ListFilmsOptions, ListLogsOptions, ListMapsOptions, ListRunsOptions, ListedOptions,
    ScrollOptions, ShelfLettersOptions,
};
use charter_codegen_cases::pages::server::{self, Server, router};
use charter_codegen_cases::pages::*;
use charter_runtime::Field;
use charter_server::{Head, Reply};

type Outcome<T> = Result<Reply<T>, Reply<Infallible>>;

/// Its own methods have names of the operations and of traits.
#[derive(Clone)]
struct Letters;

impl Letters {
    fn list_logs(&self) -> u8 {
        1
    }

    fn reject(&self) -> u8 {
        2
    }
}

fn letters(ids: &[&str]) -> Vec<Letter> {
    ids.iter().map(|id| Letter::new(*id)).collect()
}

impl Server for Letters {
    async fn shelf_letters(
        &self,
        _: Head,
        cursor: String,
        page: i64,
        items: Vec<String>,
        clone: String,
        self_: String,
        next: String,
        client: String,
        inner: String,
        options: server::ShelfLettersOptions,
    ) -> Outcome<ShelfLettersResponse> {
        let id = format!("{cursor}{page}{}{clone}{self_}{next}{client}{inner}", items.concat());
        let token = options.page_token.is_none().then(|| "2".to_owned());
        let rows = letters(&[&id]).try_into().expect("at most 2 rows");
        let data = ShelfLettersResponseData::new(rows);
        let meta = token.map(|token| ShelfLettersResponseMeta { next_page_token: Some(token), ..Default::default() });
        Ok(Reply::new(ShelfLettersResponse { meta, ..ShelfLettersResponse::new(data) }))
    }

    async fn list_logs(&self, _: Head, options: server::ListLogsOptions) -> Outcome<ListLogsResponse> {
        let page = options.cursor.map_or(0, |cursor| cursor.parse().expect("a number")) + 1;
        let kind = options.kind.unwrap_or_default();
        let (lines, next, more) = match (kind.as_str(), page) {
            ("repeats", _) => (vec!["line"], (page % 2).to_string(), None),
            ("empty", 3) => (vec![], "4".to_owned(), None),
            ("gap", 2) => (vec![], "2".to_owned(), Some(true)),
            ("gap", 3) | ("says", 2) => (vec!["line"], page.to_string(), Some(false)),
            ("blank", 2) => (vec!["line"], String::new(), Some(true)),
            _ => (vec!["line"], page.to_string(), None),
        };
        let response = ListLogsResponse::builder().lines(lines).next_cursor(next).has_more(more).build();
        Ok(Reply::new(response.expect("a page")))
    }

    async fn list_charges(&self, _: Head, options: server::ListChargesOptions) -> Outcome<ListChargesResponse> {
        let (charges, more) = match options.starting_after.as_deref() {
            None => (letters(&["a", "b"]), true),
            Some("b") => (letters(&["c"]), false),
            other => panic!("{other:?}"),
        };
        Ok(Reply::new(ListChargesResponse::new(charges, more)))
    }

    async fn list_films(
        &self,
        _: Head,
        options: server::ListFilmsOptions,
    ) -> Result<Reply<ListFilmsResponse>, Reply<server::ListFilmsError>> {
        let page = options.page.unwrap_or(1);
        if page > 2 {
            return Err(server::ListFilmsError::Status404.into());
        }
        let next = (page < 2).then(|| format!("http://another.host/films?page={}", page + 1));
        Ok(Reply::new(ListFilmsResponse {
            next: next.map_or(Field::Null, Field::Value),
            ..ListFilmsResponse::new(letters(&[&page.to_string()]))
        }))
    }

    async fn list_maps(&self, _: Head, options: server::ListMapsOptions) -> Outcome<ListMapsResponse> {
        let from = options.from.unwrap_or_else(|| "1".to_owned());
        let next = match from.as_str() {
            "1" => Some("maps?from=2".to_owned()),
            "again" => Some("maps?from=again".to_owned()),
            _ => None,
        };
        let links = ListMapsResponseLinks { next, ..Default::default() };
        Ok(Reply::new(ListMapsResponse { links: Some(links), ..ListMapsResponse::new(letters(&[&from])) }))
    }

    async fn list_runs(&self, _: Head, options: server::ListRunsOptions) -> Outcome<ListRunsResponse> {
        let after = options.after.map_or(0, |after| after.parse::<usize>().expect("a number"));
        let ids = [after + 1, after + 2].map(|id| id.to_string());
        let response = ListRunsResponse::new(letters(&[&ids[0], &ids[1]]), after < 4);
        Ok(Reply::new(ListRunsResponse { status: Some("queued".to_owned()), ..response }))
    }

    async fn list_books(&self, _: Head, options: server::ListBooksOptions) -> Outcome<ListBooksResponse> {
        let page = options.page.unwrap_or_default();
        Ok(Reply::new(ListBooksResponse::new(letters(&[&page.to_string()]), page == 2)))
    }

    async fn search(&self, _: Head, body: SearchRequest) -> Outcome<SearchResponse> {
        let next = body.start_cursor.is_none().then(|| "2".to_owned());
        Ok(Reply::new(SearchResponse::new(letters(&[&body.query]), next.is_some(), next)))
    }

    async fn scroll(&self, _: Head, collection: String, body: Option<ScrollRequest>, _: server::ScrollOptions) -> Outcome<ScrollResponse> {
        let offset = body.and_then(|body| body.offset.into_value());
        let next = match offset {
            None => Some(Point::from(7)),
            Some(offset) if offset == Point::from(7) => Some("b".to_owned().into()),
            Some(_) => None,
        };
        let result = ScrollResponseResult { next_page_offset: next.into(), ..ScrollResponseResult::new(letters(&[&collection])) };
        Ok(Reply::new(ScrollResponse { result: Some(result), ..Default::default() }))
    }

    async fn listed(&self, _: Head, body: Option<Vec<String>>, options: server::ListedOptions) -> Outcome<ListedResponse> {
        let id = body.unwrap_or_default().concat();
        let next = options.cursor.is_none().then(|| "2".to_owned());
        Ok(Reply::new(ListedResponse { items: Some(letters(&[&id])), next, ..Default::default() }))
    }

    async fn clone2(&self, _: Head) -> Outcome<()> {
        Ok(Reply::new(()))
    }

    async fn fmt2(&self, _: Head) -> Outcome<()> {
        Ok(Reply::new(()))
    }
}

async fn client() -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let app = router(Letters);
    tokio::spawn(async move { charter_server::axum::serve(listener, app).await });
    Client::new(&base).expect("a base URL")
}

fn ids(letters: &[Letter]) -> String {
    letters.iter().map(|letter| letter.id.as_str()).collect()
}

#[tokio::test]
async fn parameters_have_any_names() {
    let client = client().await;
    let items = ["i".to_owned()];
    let pages = client.shelf_letters_pages("a", 1, &items, "b", "c", "d", "e", "f", &ShelfLettersOptions::default());
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["a1ibcdef", "a1ibcdef"]);
}

#[tokio::test]
async fn a_stream_ends_whatever_the_cursor_is() {
    let client = client().await;
    let count = async |kind: &str| {
        let pages = client.list_logs_pages(&ListLogsOptions { kind: Some(kind.to_owned()), ..Default::default() });
        let mut pages: Vec<_> = pages.collect().await;
        let last = pages.pop().expect("a page");
        (pages.len(), last.map(|page| page.items().len()))
    };
    for (kind, pages, items) in [("empty", 2, 0), ("gap", 2, 1), ("says", 1, 1), ("blank", 1, 1)] {
        let (before, last) = count(kind).await;
        assert_eq!((before, last.expect("a page")), (pages, items), "{kind}");
    }
    let (before, last) = count("repeats").await;
    assert!(matches!(last, Err(Error::Failure(Failure::RepeatedPage))), "{last:?}");
    assert_eq!(before, 3);
}

#[tokio::test]
async fn the_id_of_the_last_item_is_a_cursor() {
    let pages = client().await.list_charges_pages(&ListChargesOptions::default());
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["ab", "c"]);
}

#[tokio::test]
async fn a_page_that_says_that_it_is_the_last_is_the_last() {
    let pages = client().await.list_books_pages(&ListBooksOptions::default());
    let found: Vec<String> = pages.map(|page| ids(&page.expect("a page").content)).collect().await;
    assert_eq!(found, ["0", "1", "2"]);
}

#[tokio::test]
async fn a_page_without_the_url_of_the_next_page_is_the_last() {
    let pages = client().await.list_films_pages(&ListFilmsOptions::default());
    let found: Vec<String> = pages.map(|page| ids(&page.expect("a page").results)).collect().await;
    assert_eq!(found, ["1", "2"]);
}

#[tokio::test]
async fn a_page_is_requested_by_its_url() {
    let client = client().await;
    let pages = client.list_maps_pages(&ListMapsOptions::default());
    let found: Vec<String> = pages.map(|page| ids(&page.expect("a page").maps)).collect().await;
    assert_eq!(found, ["1", "2"]);
    let again = ListMapsOptions { from: Some("again".to_owned()) };
    let found: Vec<_> = client.list_maps_pages(&again).map(|page| page.map(|page| ids(&page.maps))).collect().await;
    assert!(matches!(found.as_slice(), [Ok(_), Ok(_), Err(Error::Failure(Failure::RepeatedPage))]), "{found:?}");
}

#[tokio::test]
async fn a_response_does_not_hide_the_properties_of_its_body() {
    let page = client().await.list_runs(&ListRunsOptions::default()).await.expect("a page");
    assert_eq!((page.status.as_deref(), page.status().as_u16()), (Some("queued"), 200));
    assert!(page.headers.is_none() && page.headers().contains_key("content-type"));
}

#[tokio::test]
async fn the_id_of_the_last_item_is_the_cursor() {
    let pages = client().await.list_runs_pages(&ListRunsOptions::default());
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["12", "34", "56"]);
}

#[tokio::test]
async fn a_request_body_has_the_cursor() {
    let client = client().await;
    let pages = client.search_pages(&SearchRequest::new("q"));
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["q", "q"]);
    let pages = client.scroll_pages("c", &ScrollRequest::default(), &ScrollOptions::default());
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["c", "c", "c"]);
    let body = ["x".to_owned()].to_vec();
    let pages = client.listed_pages(Some(&body), &ListedOptions::default());
    let found: Vec<String> = pages.map(|page| ids(page.expect("a page").items())).collect().await;
    assert_eq!(found, ["x", "x"]);
}

#[tokio::test]
async fn names_of_trait_methods_are_kept_free() {
    let client = client().await;
    let copy = client.clone();
    copy.clone2().await.expect("no body");
    copy.fmt2().await.expect("no body");
    assert_eq!(format!("{:?}", (Letters.list_logs(), Letters.reject(), Letters.clone().list_logs())), "(1, 2, 1)");
}
