//! The invariants of a contract as data: typed expression trees, their sites and their promises.
//!
//! `charter-rules` parses and type-checks invariants files and fills this model. Interpreters and generated code both start from it.

mod print;
mod template;
mod tree;
mod types;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

pub use template::{Piece, Template};
pub use tree::{BinaryOperator, Expression, Literal, Node, NodeKind, Quantifier, UnaryOperator};
pub use types::{Alternative, Field, Items, List, Type, Typed};

use crate::location::Location;
use crate::model::{Operation, ResponseSpec, SchemaId, Schemas, StatusRange};

/// The content of a contract's invariants files.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InvariantSet {
    /// The schemas that are resources, and their identities.
    pub resources: Vec<Resource>,
    /// Arrays whose items have a key.
    pub lists: Vec<ListKey>,
    /// Promises of the prose about values that the schema does not express, by schema.
    pub binds: IndexMap<SchemaId, BindAs>,
    /// The rules, in the order written.
    pub invariants: Vec<Invariant>,
}

impl InvariantSet {
    /// The invariant with an id.
    pub fn get(&self, id: &str) -> Option<&Invariant> {
        self.invariants.iter().find(|invariant| invariant.id == id)
    }

    /// The resource that a response of an operation observes: the one that names the operation; otherwise one that
    /// names no operation and is the response body.
    pub fn resource_of(&self, schemas: &Schemas, operation: &Operation, response: &ResponseSpec) -> Option<&Resource> {
        let is_body = |resource: &&Resource| {
            let mut bodies = response.content.schemas();
            resource.operations.is_empty() && bodies.any(|id| schemas.target(id) == schemas.target(resource.schema))
        };
        let named = self.resources.iter().find(|resource| resource.operations.contains_key(&operation.id));
        named.or_else(|| self.resources.iter().find(is_body))
    }
}

/// A schema whose instances have an identity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resource {
    /// The schema.
    pub schema: SchemaId,
    /// A JSON Pointer to the identity of an instance.
    pub identity: String,
    /// The source of the identity by operationId: a parameter, such as `path.id`, or `body`.
    pub operations: IndexMap<String, String>,
}

/// An array whose items have a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListKey {
    /// The array's schema.
    pub at: SchemaId,
    /// A JSON Pointer from an item to its key.
    pub key: String,
}

/// The type that rules see for a value whose schema is less specific than the prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindAs {
    /// An RFC 3339 string: a timestamp, or a string if it does not parse.
    DateTime,
    /// A comma-separated string: a list of strings, `[]` if absent.
    CommaList,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invariant {
    /// Unique, and never reused.
    pub id: String,
    /// The sites that the rule applies to.
    pub on: Site,
    /// The guard: the rule does not apply if it is false.
    pub when: Option<Expression>,
    /// The condition.
    pub rule: Expression,
    /// The message of a violation.
    pub message: Template,
    /// Whether a violation is an error or a warning.
    pub severity: Severity,
    /// The source of the promise.
    pub promise: Promise,
    /// The instance location of findings: a JSON Pointer relative to `self`; empty for `self`.
    pub path: String,
    /// Whether the rule needs an earlier observation. `None` for a rule that reads none.
    pub old: Option<Old>,
    /// The body schema of the earlier observation, if it differs from the current one.
    pub earlier: Option<SchemaId>,
    /// The schema location that the rule repeats or tightens.
    pub restates: Option<Location>,
    /// Example cases.
    pub examples: Examples,
    /// Mutants of the rule that no example can distinguish from it, with reasons.
    pub equivalent: Vec<Equivalent>,
    /// The location of the rule.
    pub location: Location,
    /// The responses that contain its site. Empty only in a contract without operations.
    pub uses: Vec<UseSite>,
    /// The condition under which a satisfied rule has examined a value. `None` if it always has.
    pub interest: Option<Node>,
    /// The types of the guard's nodes by id, at the first response where the rule applies.
    pub when_types: Vec<Typed>,
    /// The types of the rule's nodes by id.
    pub rule_types: Vec<Typed>,
}

/// A mutant that is equivalent to its rule.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// The mutant, as `rules test` names it.
    pub mutant: String,
    /// Why no case can distinguish it.
    pub reason: String,
}

/// A response that contains the site of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseSite {
    /// The operationId.
    pub operation: String,
    /// The statuses, as the operation documents them.
    pub status: StatusRange,
    /// Why the rule can never apply there.
    pub excluded: Option<Excluded>,
}

/// Why a rule can never apply to a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excluded {
    /// The operation lacks a parameter that the rule reads.
    NoParameter,
    /// The response is not an observation of a resource, and the rule compares two observations.
    NoResource,
    /// The site lies in a list whose items have no key, and the rule compares two observations.
    Unkeyed,
}

impl Excluded {
    /// The name in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoParameter => "no-parameter",
            Self::NoResource => "no-resource",
            Self::Unkeyed => "unkeyed-list",
        }
    }
}

impl Invariant {
    /// The expressions with the keys that contain them: `when`, `rule`, and those of `message`.
    pub fn expressions(&self) -> impl Iterator<Item = (&'static str, &Expression)> {
        let message = self.message.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(expression) => Some(("message", expression)),
            Piece::Text(_) => None,
        });
        self.when.iter().map(|when| ("when", when)).chain([("rule", &self.rule)]).chain(message)
    }

    /// Whether an expression of the rule reads the request body.
    pub fn reads_request_body(&self) -> bool {
        self.expressions().any(|(_, expression)| expression.root.reading("request", "body").is_some())
    }

    /// Whether the rule or its guard names a variable.
    pub fn mentions(&self, variable: &str) -> bool {
        self.rule.root.mentions(variable) || self.when.as_ref().is_some_and(|when| when.root.mentions(variable))
    }
}

/// The site of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Site {
    /// Every value of a body that this schema describes.
    Schema(SchemaId),
    /// The response body of operations.
    Response {
        /// The operationIds, at least one.
        operations: Vec<String>,
        /// The statuses.
        status: StatusRange,
    },
}

/// The severity of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The contract is satisfied.
    Warning,
    /// The contract is violated.
    Error,
}

/// The source of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Documented or implied.
    pub kind: PromiseKind,
    /// Where the promise is documented.
    #[serde(rename = "where")]
    pub where_: String,
    /// The promise, paraphrased.
    pub quote: String,
}

/// The kind of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromiseKind {
    /// The documentation states it.
    Documented,
    /// It follows from the documentation.
    Implied,
}

/// Whether a rule over time needs an earlier observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Old {
    /// The rule applies only if there is one.
    Required,
    /// The rule also applies without one.
    Optional,
}

/// Example cases of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// Cases that satisfy the rule.
    pub pass: Vec<Case>,
    /// Cases that violate the rule.
    pub fail: Vec<Case>,
    /// Cases that the rule does not apply to: its guard is false.
    pub skip: Vec<Case>,
}

/// One case: values for the variables that the rule reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Case {
    /// `self`
    #[serde(rename = "self")]
    pub self_: Value,
    /// `oldSelf`
    pub old_self: Option<Value>,
    /// `request`, in the form that rules see.
    pub request: Option<Value>,
    /// `response`, in the form that rules see.
    pub response: Option<Value>,
}
