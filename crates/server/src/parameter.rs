//! Declared parameters.

use crate::kind::Kind;
use crate::schema::Schema;
use crate::style::Style;

/// A parameter as the document declares it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) schema: Option<&'static Schema>,
    pub(crate) others: &'static [&'static str],
}

impl Parameter {
    /// An optional parameter.
    #[must_use]
    pub const fn new(name: &'static str, style: Style, kind: Kind) -> Self {
        Self { name, style, kind, required: false, schema: None, others: &[] }
    }

    /// The parameter, which a request must have.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The parameter with a schema that its type does not enforce.
    #[must_use]
    pub const fn checked(self, schema: &'static Schema) -> Self {
        Self { schema: Some(schema), ..self }
    }

    /// The parameter with the names of the other parameters in the same part of the request: an object with `explode`, whose members are
    /// parameters of their own, does not contain them.
    #[must_use]
    pub const fn among(self, others: &'static [&'static str]) -> Self {
        Self { others, ..self }
    }
}
