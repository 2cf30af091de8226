//! Decodes what HTTP messages contain into JSON values that a schema can judge. Pure functions; no finding is made here.
//!
//! | file | owns |
//! |---|---|
//! | `fields` | values of header fields with parameters |
//! | `media_type` | media types, the choice among the keys of `content`, kinds of bodies |

mod fields;
mod media_type;

pub(crate) use media_type::{BodyKind, MediaType, Selection, select};
