//! The reference path: a contract with its schemas and rules compiled, and its coverage plan.

use std::sync::Arc;

use charter_contract::{Content, Contract, Direction, HeaderSpec, Operation, Parameter, ResponseSpec, SchemaId, is_json};

use super::heads::HeadPlans;
use super::programs::{BodyProgram, Programs};
use super::rule::Rules;
use crate::coverage::Plan;
use crate::error::Error;
use crate::validate::{ForeignProperties, Validators};

/// A compiled contract. Clones share the schemas, rules and plan.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) contract: Contract,
    pub(super) validators: Arc<Validators>,
    /// The schemas of requests, compiled at the first request that needs them.
    request_validators: Arc<Validators>,
    /// Properties that requests should not contain, and those that responses should not contain.
    foreign: Arc<(ForeignProperties, ForeignProperties)>,
    pub(super) rules: Arc<Rules>,
    pub(super) plan: Arc<Plan>,
    /// The programs of bodies; `None` if every body takes the reference path.
    programs: Option<Arc<Programs>>,
    /// The plans of heads; `None` if every exchange takes the reference path.
    heads: Option<Arc<HeadPlans>>,
    bare: Option<BareOperation>,
}

/// The operation that bare bodies are responses of.
#[derive(Clone, Copy, Debug)]
struct BareOperation {
    index: usize,
    /// It is the only operation with a JSON response, and no setting names it.
    is_assumed: bool,
}

impl Reference {
    /// Compiles a contract; `validators` compiles its schemas at once or lazily.
    pub(super) fn new(
        contract: &Contract,
        validators: impl FnOnce(&Contract, Vec<SchemaId>) -> Result<Validators, Error>,
    ) -> Result<Self, Error> {
        let contract = contract.clone();
        check_rule_settings(&contract)?;
        let rules = Rules::compile(&contract)?;
        let plan = Plan::new(&contract);
        let foreign = (ForeignProperties::new(&contract, Direction::Request), ForeignProperties::new(&contract, Direction::Response));
        let mut wanted = schemas_to_compile(&contract, &rules, &plan);
        wanted.extend(foreign.1.branches(&contract));
        let validators = validators(&contract, wanted)?;
        let mut wanted: Vec<SchemaId> = contract.judged_operations().chain(contract.callbacks()).flat_map(request_schemas).collect();
        wanted.extend(foreign.0.branches(&contract));
        let request_validators = Validators::for_requests(&contract, wanted).into();
        let bare = match &contract.config().check.operation {
            Some(id) => Some(BareOperation { index: operation_index(&contract, id)?, is_assumed: false }),
            None if contract.judged_operations().next().is_none() => return Err(Error::NoOperation),
            None => only_operation_with_json(&contract).map(|index| BareOperation { index, is_assumed: true }),
        };
        let programs = Some(Programs::new(&contract, &rules).into());
        let heads = HeadPlans::new(&contract).map(Arc::new);
        Ok(Self {
            programs,
            heads,
            contract,
            validators: validators.into(),
            request_validators,
            foreign: foreign.into(),
            rules: rules.into(),
            plan: plan.into(),
            bare,
        })
    }

    /// The same contract, with bare bodies as responses of another operation.
    pub(super) fn for_operation(&self, id: &str) -> Result<Self, Error> {
        let bare = BareOperation { index: operation_index(&self.contract, id)?, is_assumed: false };
        Ok(Self { bare: Some(bare), ..self.clone() })
    }

    /// The same contract, with every body on the reference path.
    pub(super) fn without_programs(&self) -> Self {
        Self { programs: None, heads: None, ..self.clone() }
    }

    /// Whether programs decide bodies.
    pub(super) fn has_programs(&self) -> bool {
        self.programs.is_some()
    }

    /// The program of the bodies of a schema. `None` if programs are off, or warnings about the properties of the other direction are possible.
    pub(super) fn program(&self, direction: Direction, schema: SchemaId) -> Option<Arc<BodyProgram>> {
        let programs = self.programs.as_ref().filter(|_| self.foreign(direction).is_empty())?;
        Some(programs.of(direction, schema, &self.plan))
    }

    /// The plans of heads; `None` if every exchange takes the reference path.
    pub(super) fn heads(&self) -> Option<&HeadPlans> {
        self.heads.as_deref()
    }

    /// The compiled schemas of a direction.
    pub(super) fn validators(&self, direction: Direction) -> &Validators {
        match direction {
            Direction::Request => &self.request_validators,
            Direction::Response => &self.validators,
        }
    }

    /// The message of the first schema of an operation that does not compile, if schemas are compiled at their first use.
    pub(super) fn first_schema_error(&self, operation: &Operation, has_request: bool) -> Option<String> {
        let response = self.validators.first_error(response_schemas(operation).into_iter());
        response.or_else(|| self.request_validators.first_error(request_schemas(operation).into_iter().filter(|_| has_request)))
    }

    /// The properties that messages of a direction should not contain.
    pub(super) fn foreign(&self, direction: Direction) -> &ForeignProperties {
        match direction {
            Direction::Request => &self.foreign.0,
            Direction::Response => &self.foreign.1,
        }
    }

    /// The same contract with a live server.
    pub(super) fn with_base_url(&self, url: &str) -> Self {
        let contract = self.contract.clone().with_base_url(url);
        // The base URL decides the operation of an exchange, so that no plan that was made before applies.
        let heads = self.heads.as_ref().and_then(|_| HeadPlans::new(&contract)).map(Arc::new);
        Self { contract, heads, ..self.clone() }
    }

    /// The operation that bare bodies are responses of. `None` if no setting names it and several operations have JSON responses.
    pub(super) fn bare_operation(&self) -> Option<&Operation> {
        self.contract.judged_operations().nth(self.bare?.index)
    }

    /// Whether the operation of bare bodies is assumed because no other operation has a JSON response.
    pub(super) fn assumes_operation(&self) -> bool {
        self.bare.is_some_and(|bare| bare.is_assumed)
    }
}

/// The only operation with a JSON response. `None` if there are several or none.
fn only_operation_with_json(contract: &Contract) -> Option<usize> {
    let has_json = |operation: &Operation| {
        operation.responses.iter().flat_map(|response| response.content.keys()).any(|media_type| is_json(media_type))
    };
    let mut indexes = (0..).zip(contract.operations()).filter(|(_, operation)| has_json(operation)).map(|(index, _)| index);
    let first = indexes.next();
    first.filter(|_| indexes.next().is_none())
}

fn operation_index(contract: &Contract, id: &str) -> Result<usize, Error> {
    let found = contract.judged_operations().position(|operation| operation.id == id);
    found.ok_or_else(|| {
        let ids = || contract.judged_operations().map(|operation| operation.id.as_str());
        let meant = charter_contract::nearest(id, ids()).map_or_else(String::new, |meant| format!("{meant} "));
        Error::UnknownOperation { id: id.to_owned(), meant, known: ids().collect::<Vec<_>>().join(", ") }
    })
}

/// An error if a setting names a rule that the contract does not have.
fn check_rule_settings(contract: &Contract) -> Result<(), Error> {
    let Some(artifacts) = &contract.config().probe.artifacts else { return Ok(()) };
    let invariants = contract.invariants();
    match artifacts.rules.named().find(|(_, id)| invariants.get(id).is_none()) {
        None => Ok(()),
        Some((key, id)) => Err(Error::UnknownRuleInSetting {
            setting: format!("probe.artifacts.rules.{key}"),
            id: id.to_owned(),
            remedy: nearest_rule(contract, id),
        }),
    }
}

/// A suggestion after a semicolon, for an id that no rule has; empty if no id is similar.
pub(super) fn nearest_rule(contract: &Contract, id: &str) -> String {
    let ids = contract.invariants().invariants.iter().map(|rule| rule.id.as_str());
    charter_contract::nearest(id, ids).map(|nearest| format!("; {nearest}")).unwrap_or_default()
}

/// The schemas that bodies, header fields and union branches are validated against.
fn schemas_to_compile(contract: &Contract, rules: &Rules, plan: &Plan) -> Vec<SchemaId> {
    let mut schemas: Vec<SchemaId> = contract.judged_operations().chain(contract.callbacks()).flat_map(response_schemas).collect();
    schemas.extend(rules.branches());
    schemas.extend(plan.branches());
    schemas
}

/// The schemas of the responses of an operation.
fn response_schemas(operation: &Operation) -> Vec<SchemaId> {
    let schemas = |response: &ResponseSpec| content_schemas(&response.content).into_iter().chain(header_schemas(&response.headers));
    operation.responses.iter().flat_map(schemas).collect()
}

/// The schemas of the parameters and the request body of an operation.
fn request_schemas(operation: &Operation) -> Vec<SchemaId> {
    let parameters = operation.parameters.iter().filter_map(Parameter::value_schema);
    parameters.chain(operation.request_body.iter().flat_map(|body| content_schemas(&body.content))).collect()
}

/// The schemas of bodies, of their items, and of the header fields of their parts.
fn content_schemas(content: &Content) -> Vec<SchemaId> {
    let headers = content.iter().flat_map(|(_, media_type)| media_type.encodings()).flat_map(|encoding| header_schemas(&encoding.headers));
    content.all_schemas().chain(headers).collect()
}

fn header_schemas(headers: &[HeaderSpec]) -> Vec<SchemaId> {
    headers.iter().flat_map(|header| header.schema.into_iter().chain(header.content.schemas())).collect()
}
