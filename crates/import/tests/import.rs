//! The types, the client and the server of a macro are those of generated files.

mod books {
    charter_import::import!("tests/openapi.yaml", client = "reqwest", server = "axum");
}

use books::{Book, client, server};
use charter_server::{Head, Reply};

struct Library;

impl server::Server for Library {
    async fn read_book(&self, _: Head, id: String) -> Result<Reply<Book>, Reply<std::convert::Infallible>> {
        Ok(Reply::new(Book::builder().title(&*id).pages(7).build().expect("a book")))
    }
}

#[test]
fn types_are_read_and_written() {
    let book: Book = serde_json::from_str(r#"{"title": "Emma", "year": 1815}"#).expect("a book");
    assert_eq!(book.title.as_str(), "Emma");
    assert_eq!(serde_json::to_string(&book).expect("JSON"), r#"{"title":"Emma","year":1815}"#);
    assert!(serde_json::from_str::<Book>(r#"{"title": ""}"#).is_err());
}

#[test]
fn a_client_and_a_server_are_written() {
    let _ = server::router(Library);
    let client = client::Client::new("https://books.example.com").expect("a base URL");
    drop(client.read_book("emma"));
}
