//! What cannot be generated, and where.

use charter_schema::Location;

/// Why no types can be generated for a contract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A keyword that is not generated exactly yet.
    #[error("{location}: `{keyword}` cannot be generated exactly yet; {remedy}")]
    Unsupported {
        /// Where it stands.
        location: Location,
        /// The keyword.
        keyword: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A union whose branches cannot be told apart by looking at the value.
    #[error(
        "{location}: the branches of this union cannot be told apart; give each a type of its own, a constant tag, or a required key that the others refuse"
    )]
    Ambiguous {
        /// The union.
        location: Location,
    },
    /// A schema that accepts no value.
    #[error("{location}: no value is valid under this schema")]
    Unsatisfiable {
        /// The schema.
        location: Location,
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
