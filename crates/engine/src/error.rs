//! Errors that prevent judging. A violation of the contract is a finding, never an error.

use charter_contract::Location;

/// Why a contract cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The contract is invalid.
    #[error(transparent)]
    Contract(#[from] charter_contract::Error),
    /// The validator does not accept a schema.
    #[error("{location}: the schema cannot be compiled: {message}")]
    Schema {
        /// The schema.
        location: Location,
        /// The validator's message.
        message: String,
    },
    /// The evaluator does not accept a rule.
    #[error("the rule `{id}` cannot be compiled: {message}")]
    Rule {
        /// The invariant's id.
        id: String,
        /// The evaluator's message.
        message: String,
    },
    /// No operation has the id.
    #[error("unknown operation `{id}`; {meant}the contract has {known}")]
    UnknownOperation {
        /// The requested id.
        id: String,
        /// The most similar id, as a question with a space after it; empty if none is similar.
        meant: String,
        /// The existing ids.
        known: String,
    },
    /// No rule has the id.
    #[error("no rule is called `{id}`{remedy}")]
    UnknownRule {
        /// The id.
        id: String,
        /// The most similar id, after a semicolon; empty if none is similar.
        remedy: String,
    },
    /// A setting names a rule that the contract does not have.
    #[error("{setting} in charter.toml names the rule `{id}`, which the contract does not have{remedy}")]
    UnknownRuleInSetting {
        /// The setting.
        setting: String,
        /// The id that it names.
        id: String,
        /// The most similar id, after a semicolon; empty if none is similar.
        remedy: String,
    },
    /// The contract has no operations.
    #[error("the contract describes no operation")]
    NoOperation,
}

/// Why there is no fast path. Reports show the text as `reader.reason`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FastPathUnavailable {
    /// No compiled reader was given.
    #[error("this build has no compiled reader")]
    NoReader,
    /// The compiled reader was generated from another contract.
    #[error("the compiled reader was generated from another contract: run `charter generate` and build again")]
    OtherContract,
    /// The compiled reader does not support a part of this contract.
    #[error("the compiled reader does not support {0}")]
    Unsupported(&'static str),
    /// The caller removed the fast path, for this reason.
    #[error("{0}")]
    Disabled(String),
}
