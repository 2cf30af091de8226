//! Errors of the generator, with locations.

use charter_contract::Location;

/// Why code generation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that is not valid.
    #[error("{location}: `{keyword}` {remedy}")]
    Setting {
        /// Its location.
        location: Location,
        /// The setting.
        keyword: String,
        /// What to do.
        remedy: String,
    },
    /// A pattern that is not a supported regular expression.
    #[error("{location}: the pattern {pattern:?} is not supported: {message}")]
    Pattern {
        /// Its location.
        location: Location,
        /// The pattern.
        pattern: String,
        /// The error of the parser.
        message: String,
    },
    /// A schema that the `jsonschema` crate does not compile.
    #[error("{location}: the `jsonschema` crate cannot compile the schema: {message}")]
    Unreadable {
        /// The schema.
        location: Location,
        /// The error of the parser.
        message: String,
    },
    /// More types than the limit.
    #[error("{location}: `{keyword}` expands to more than {limit} types; use fewer branches")]
    TooMany {
        /// Its location.
        location: Location,
        /// The keyword.
        keyword: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The generated code does not parse: a defect of the generator.
    #[error("internal error: the code generated for {document} does not parse; please report: {message}")]
    Defect {
        /// The document.
        document: String,
        /// The error of the parser.
        message: String,
    },
}

/// The remedy for a location that names no schema.
pub(crate) fn no_such_place<'p>(place: &str, known: impl Iterator<Item = &'p str>) -> String {
    match charter_contract::nearest(place, known) {
        Some(meant) => format!("is not a schema of the contract; {meant}"),
        None => {
            "is not a schema of the contract: write a location as in the docs of generated types, such as order.schema.json#/$defs/Item"
                .to_owned()
        }
    }
}
