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

use crate::Location;
use crate::model::{Contract, Operation, ResponseSpec, SchemaId, StatusRange};

/// Everything the invariants files of a contract say.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InvariantSet {
    /// Which schemas are resources, and how one is told from another.
    pub resources: Vec<Resource>,
    /// Arrays whose items have a key.
    pub lists: Vec<ListKey>,
    /// What prose promises of a value beyond its schema, by the schema.
    pub binds: IndexMap<SchemaId, BindAs>,
    /// The rules, in the order written.
    pub invariants: Vec<Invariant>,
}

impl InvariantSet {
    /// The invariant with an id.
    pub fn get(&self, id: &str) -> Option<&Invariant> {
        self.invariants.iter().find(|invariant| invariant.id == id)
    }

    /// The resource that an answer of an operation is an observation of: the one that names the operation, whatever of the
    /// resource the answer shows; else one that names none and is the body.
    pub fn resource_of(&self, contract: &Contract, operation: &Operation, response: &ResponseSpec) -> Option<&Resource> {
        let is_body = |resource: &&Resource| {
            let mut bodies = response.content.values().flatten();
            resource.operations.is_empty() && bodies.any(|id| contract.target(*id) == contract.target(resource.schema))
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
    /// A JSON Pointer to what tells one instance from another.
    pub identity: String,
    /// By operationId, what names the resource: a parameter, such as `path.id`, or the identity in the `body`.
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

/// How rules see a value whose schema says less than the prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindAs {
    /// A string that is an RFC 3339 instant: a timestamp; text where it does not parse.
    DateTime,
    /// A string of values between commas: a list of strings, `[]` where absent.
    CommaList,
}

/// One promise as a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invariant {
    /// Unique, and never reused.
    pub id: String,
    /// Where the rule applies.
    pub on: Site,
    /// Where this is false, the rule does not apply.
    pub when: Option<Expression>,
    /// What must hold.
    pub rule: Expression,
    /// What to say where it does not.
    pub message: Template,
    /// Whether breaking it breaks the contract.
    pub severity: Severity,
    /// Who promised it.
    pub promise: Promise,
    /// The place to blame, a JSON Pointer relative to `self`; empty for `self`.
    pub path: String,
    /// Whether the rule needs an earlier observation. `None` for a rule that never looks at one.
    pub old: Option<Old>,
    /// What body the earlier observation is, where it is another than the one at hand.
    pub earlier: Option<SchemaId>,
    /// The schema location that the rule repeats or tightens.
    pub restates: Option<Location>,
    /// Cases that keep and that break it.
    pub examples: Examples,
    /// Changes of the rule that no example can tell from it, and why.
    pub equivalent: Vec<Equivalent>,
    /// Where the rule stands.
    pub location: Location,
    /// The answers that contain its site. Empty only in a contract without operations.
    pub uses: Vec<UseSite>,
    /// Where the rule is true, the condition under which it has looked at something. `None` where it always has.
    pub interest: Option<Node>,
    /// The guard's nodes by id: their types, at the first answer where the rule applies.
    pub when_types: Vec<Typed>,
    /// The rule's nodes by id.
    pub rule_types: Vec<Typed>,
}

/// A change of a rule that changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// The change, as `rules test` names it.
    pub mutant: String,
    /// Why no case can tell.
    pub reason: String,
}

/// An answer that contains the site of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseSite {
    /// The operationId.
    pub operation: String,
    /// The statuses, as the operation promises them.
    pub status: StatusRange,
    /// Why the rule can never apply there.
    pub excluded: Option<Excluded>,
}

/// Why a rule can never apply at an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excluded {
    /// The operation lacks a parameter that the rule reads.
    NoParameter,
    /// The answer is no observation of a resource, and the rule compares two.
    NoResource,
    /// The site lies in a list whose items have no key, and the rule compares two observations.
    Unkeyed,
}

impl Excluded {
    /// The word of the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoParameter => "no-parameter",
            Self::NoResource => "no-resource",
            Self::Unkeyed => "unkeyed-list",
        }
    }
}

impl Invariant {
    /// Whether the rule or its guard names a variable.
    pub fn mentions(&self, variable: &str) -> bool {
        self.rule.root.mentions(variable) || self.when.as_ref().is_some_and(|when| when.root.mentions(variable))
    }
}

/// Where a rule applies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Site {
    /// At every part of a body that this schema describes.
    Schema(SchemaId),
    /// At the body of an operation's answer.
    Response {
        /// The operationIds, at least one.
        operations: Vec<String>,
        /// The statuses.
        status: StatusRange,
    },
}

/// Whether breaking a rule breaks the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A hint: the contract is kept.
    Warning,
    /// The contract is broken.
    Error,
}

/// Who promised what a rule says.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Written down, or plainly implied.
    pub kind: PromiseKind,
    /// Where it is written.
    #[serde(rename = "where")]
    pub where_: String,
    /// What it says, in own words.
    pub quote: String,
}

/// How a promise was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromiseKind {
    /// The documentation says so.
    Documented,
    /// The documentation makes no sense otherwise.
    Implied,
}

/// Whether a rule over time needs an earlier observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Old {
    /// It applies only where there is one.
    Required,
    /// It also applies where there is none.
    Optional,
}

/// Cases of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// Cases that keep it.
    pub pass: Vec<Case>,
    /// Cases that break it.
    pub fail: Vec<Case>,
    /// Cases that it does not apply to: its guard is false.
    pub skip: Vec<Case>,
}

/// One case: values for the variables of a rule, as far as the rule reads them.
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
