//! Decodes what HTTP messages contain into JSON values that a schema can judge. Pure functions; no finding is made here.
//!
//! | file | owns |
//! |---|---|
//! | `fields` | values of header fields with parameters |
//! | `media_type` | media types, the choice among the keys of `content`, kinds of bodies |
//! | `described` | the types that a schema allows for an instance and its parts |
//! | `candidates` | the JSON values that a text may mean |
//! | `text` | one text as each type; percent-encoding |
//! | `style` | arrays and objects in one text or in repeated names |
//! | `pairs` | names and values of queries, forms and cookies, for several parameters |
//! | `parameter` | parameters of requests and header fields, by place |
//! | `body` | bodies, by kind |
//!
//! Serialised values have no types, so decoding returns [`Candidates`]: a value is valid if one of them is.

use charter_contract::json;

mod body;
mod candidates;
mod described;
mod fields;
mod media_type;
mod pairs;
mod parameter;
mod style;
#[cfg(test)]
mod testing;
mod text;

pub(crate) use body::{Content, Stored, Undecoded, decode_body};
pub(crate) use candidates::Candidates;
pub(crate) use media_type::{BodyKind, MediaType, Selection, select, without_parameters};
pub(crate) use parameter::{Reading, decode_cookies, decode_header, decode_path, decode_query, decode_request_header};

/// A violation of the syntax of a serialisation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Malformed {
    /// What is wrong.
    pub(crate) message: String,
    /// The offset in the body, in bytes. 0 in a parameter.
    pub(crate) offset: usize,
    /// The clause of the standard that is violated.
    pub(crate) clause: &'static str,
}

impl Malformed {
    fn new(message: impl Into<String>, clause: &'static str) -> Self {
        Self { message: message.into(), offset: 0, clause }
    }

    /// A body that is not JSON.
    pub(crate) fn json(error: &json::JsonError, length: usize) -> Self {
        Self::new(format!("invalid JSON: {}", error.message), "RFC 8259").at(error.position.byte.min(length))
    }

    fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }
}
