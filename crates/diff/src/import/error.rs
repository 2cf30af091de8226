//! Errors of an import.

use charter_contract::Error as ContractError;

/// Why a document cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is invalid.
    #[error("the document is invalid")]
    Contract(#[source] ContractError),
    /// The imported documents do not load.
    #[error("the imported documents do not load")]
    Result(#[source] ContractError),
    /// The document is not an OpenAPI document.
    #[error("not an OpenAPI document: `openapi` or `swagger` is missing at its root")]
    NoOpenApi,
    /// The document does not have an operation.
    #[error("unknown operation `{id}`; the document has {known}")]
    NoOperation {
        /// The operationId.
        id: String,
        /// The operationIds of the document.
        known: String,
    },
    /// An overlay or one of its actions is invalid.
    #[error("the overlay {name}: {message}")]
    Overlay {
        /// The name of the overlay.
        name: String,
        /// The problem.
        message: String,
    },
    /// A reference that cannot become a reference to a component.
    #[error("the reference `{0}` cannot be imported")]
    Reference(String),
}
