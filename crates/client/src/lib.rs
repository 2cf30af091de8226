//! The library of HTTP clients that Charter generates. A generated client has one method per operation; what does not depend on the
//! document is here.
//!
//! | module | owns |
//! |---|---|
//! | `style` | parameters and forms as text |
//! | `call` | one request |
//! | `transport` | base URL, credentials, time limit, retries, sending |
//! | `response` | received responses, and decoding their bodies |
//! | `body` | bodies as streams of bytes |
//! | `events` | bodies as streams of server-sent events |
//! | `multipart` | bodies of the media type `multipart/form-data` |
//! | `pages` | streams of pages |
//! | `items` | what a stream reads from a page |
//! | `link` | the link to the next page |
//! | `observer` | programs that get each exchange |
//!
//! `reqwest` sends the requests. A program can pass its own [`reqwest::Client`].

mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod call;
mod error;
mod events;
mod items;
mod link;
mod multipart;
mod observer;
mod pages;
mod response;
mod retry;
mod style;
mod transport;

pub use auth::Credential;
pub use body::Body;
pub use bytes::Bytes;
pub use call::Call;
pub use error::{Error, Failure, RequestError, Undecodable};
pub use events::{Event, Events};
pub use futures_util::{Stream, StreamExt};
pub use items::{Items, cursor, cursor_parameter, next_cursor, page_number};
pub use link::{next_link, next_link_in};
pub use multipart::Multipart;
pub use observer::{Exchange, Observer, ReceivedResponse, SentRequest};
pub use pages::{pages, pages_by_cursor, pages_by_link, pages_by_number, pages_by_offset, pages_from_offset};
pub use reqwest;
pub use response::{Incoming, Received, Response};
pub use retry::Retry;
pub use serde_json::Value;
pub use style::{Style, Text};
pub use transport::{BaseUrlError, Transport, client_builder};
