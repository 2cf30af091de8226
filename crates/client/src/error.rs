//! Errors of calls.

use bytes::Bytes;

use crate::response::Response;

/// Why a call did not succeed. `E` has a variant for each documented error status.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: std::fmt::Debug> {
    /// The server sent an error that the document describes.
    #[error("the server sent status {}: {:?}", .0.status, .0.body)]
    Documented(Box<Response<E>>),
    /// The server sent a status that the document does not describe. The body is complete.
    #[error("the server sent status {}, which the document does not describe", .0.status)]
    Unexpected(Box<Response<Bytes>>),
    /// The request was not sent, or the response was not received or decoded.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl<E: std::fmt::Debug> Error<E> {
    /// A documented error.
    pub fn documented(response: Response<E>) -> Self {
        Self::Documented(Box::new(response))
    }

    /// The status, if a response was received.
    pub fn status(&self) -> Option<reqwest::StatusCode> {
        match self {
            Self::Documented(response) => Some(response.status),
            Self::Unexpected(response) => Some(response.status),
            Self::Failure(Failure::Undecodable(undecodable)) => Some(undecodable.response.status),
            Self::Failure(_) => None,
        }
    }

    /// The documented error, if there is one.
    pub fn as_documented(&self) -> Option<&E> {
        match self {
            Self::Documented(response) => Some(&response.body),
            _ => None,
        }
    }
}

/// Why a request was not sent, or a response was not received or decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A value cannot be sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The connection failed, or the time limit passed. The error does not show the URL, which may have a secret in its query.
    #[error("the server did not respond")]
    Transport(#[source] reqwest::Error),
    /// The body does not have the documented form.
    #[error(transparent)]
    Undecodable(Box<Undecodable>),
    /// The cursor or the link of the next page is that of an earlier page, so that the pages never end.
    #[error("the cursor or the link of the next page is that of an earlier page")]
    RepeatedPage,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}

/// A body that does not have the documented form.
#[derive(Debug, thiserror::Error)]
#[error("the body of the response with status {} cannot be decoded", .response.status)]
#[non_exhaustive]
pub struct Undecodable {
    /// The response as received.
    pub response: Response<Bytes>,
    /// What is wrong with the body.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A value that cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A path parameter is empty or a dot segment, so that the URL would be that of another resource.
    #[error("the path parameter `{name}` is empty or a dot segment: pass a value that identifies the resource")]
    PathSegment {
        /// The name of the parameter.
        name: String,
    },
    /// A list or an object contains another one, which the style cannot express.
    #[error("the value of `{name}` is nested, which its style cannot express: pass a flat list or object")]
    Nested {
        /// The name of the parameter.
        name: String,
    },
    /// A header field contains a character that HTTP does not allow.
    #[error("the value of the header field `{name}` has a character that HTTP does not allow")]
    HeaderValue {
        /// The name of the header field.
        name: String,
    },
    /// A value has no JSON form.
    #[error("the value of `{name}` cannot be serialised as JSON")]
    Serialise {
        /// The name of the parameter, or `body`.
        name: String,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// The cursor of the next page is not a value of the parameter.
    #[error("the parameter `{name}` does not accept the cursor that the page before has")]
    Cursor {
        /// The name of the parameter.
        name: String,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// A link has another scheme, host or port than the base URL.
    #[error("the link `{link}` has another scheme, host or port than the base URL: make a client for its host")]
    ForeignLink {
        /// The link.
        link: String,
    },
    /// The URL is not valid.
    #[error("the URL of the request is not valid")]
    Url,
}
