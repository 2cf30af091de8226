//! What cannot be generated, and where.

use charter_contract::Location;

/// Why no types can be generated for a contract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot be followed.
    #[error("{location}: `{keyword}` {remedy}")]
    Setting {
        /// Where it stands.
        location: Location,
        /// The setting.
        keyword: String,
        /// What to do.
        remedy: String,
    },
    /// A pattern that is no regular expression we read.
    #[error("{location}: the pattern {pattern:?} cannot be read: {message}")]
    Pattern {
        /// Where it stands.
        location: Location,
        /// The pattern.
        pattern: String,
        /// What the reader says.
        message: String,
    },
    /// A schema that the reference reader refuses.
    #[error("{location}: `$ref` cannot be compiled by the reference reader: {message}")]
    Unreadable {
        /// The schema.
        location: Location,
        /// What the reader says.
        message: String,
    },
    /// More types than a program could hold.
    #[error("{location}: `{keyword}` multiplies into more than {limit} types; say it with fewer branches")]
    TooMany {
        /// Where it stands.
        location: Location,
        /// The keyword.
        keyword: &'static str,
        /// How many types are allowed.
        limit: usize,
    },
    /// What was emitted is no Rust: a defect of the generator.
    #[error("the code generated for {document} is no Rust, which is a defect of the generator: {message}")]
    Defect {
        /// The document.
        document: String,
        /// What the parser says.
        message: String,
    },
}

/// What to say of a place that nothing stands at.
pub(crate) fn no_such_place<'p>(place: &str, known: impl Iterator<Item = &'p str>) -> String {
    match charter_contract::nearest(place, known) {
        Some(meant) => format!("is no place of the contract; {meant}"),
        None => {
            "is no place of the contract: write one as the docs of generated types do, such as order.schema.json#/$defs/Item".to_owned()
        }
    }
}
