//! The library of HTTP servers that Charter generates. A generated server has a trait with one method per operation, and a function that
//! makes an `axum` router from an implementation; what does not depend on the document is here.
//!
//! | module | owns |
//! |---|---|
//! | `route` | from paths and methods to operations |
//! | `kind`, `style` | texts of parameters and forms as JSON values |
//! | `parameter`, `schema` | declared parameters, and the schemas that no type enforces |
//! | `request` | from a request to the arguments of a method |
//! | `credential` | whether a request has the credentials that an operation requires |
//! | `multipart` | bodies of the media type `multipart/form-data` |
//! | `rejection` | requests that no method gets, as problem details |
//! | `reply` | from the result of a method to a response |
//! | `events` | bodies as streams of server-sent events |
//!
//! `charter-client` is the library of generated clients.

mod credential;
mod events;
mod kind;
mod multipart;
mod parameter;
mod rejection;
mod reply;
mod request;
mod route;
mod schema;
mod style;

pub use axum;
pub use axum::body::Body;
pub use axum::response::Response;
pub use bytes::Bytes;
pub use credential::Credential;
pub use events::{Event, Events};
pub use http::{HeaderMap, StatusCode};
pub use kind::Kind;
pub use multipart::{Multipart, Part};
pub use parameter::Parameter;
pub use rejection::{Place, Rejection, Violation};
pub use reply::{Encoded, Reply, Statuses};
pub use request::{Head, Incoming, Operation};
pub use route::Routes;
pub use schema::Schema;
pub use serde_json::Value;
pub use style::Style;
