//! The cases of a contract, found by one walk over the schemas of all documented responses.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use charter_contract::{Contract, JsonType, Keywords, Operation, Parameter, SchemaId, SecurityRequirement, StatusRange};
use serde_json::{Number, Value};

/// A case, by its index in the plan.
pub(crate) type Case = u32;

/// Up to this number of sections, every combination is a case. With more, the cases are each section alone and none.
const MAX_COMBINED: usize = 5;

/// The list of a schema location that a case belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Member {
    Seen,
    Kind,
    Value,
    Branch,
    Bound,
}

/// All cases.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) contract: Contract,
    /// By schema index; `None` for schemas that no response reaches.
    pub(super) nodes: Vec<Option<Node>>,
    /// The schema, list and key of each case.
    pub(super) cases: Vec<(SchemaId, Member, Cow<'static, str>)>,
    pub(super) operations: Vec<PlannedOperation>,
    /// The index of each operation by its id.
    by_id: HashMap<String, usize>,
    /// The number of the first case that does not belong to a schema.
    next: Case,
}

/// The cases of an operation.
#[derive(Debug)]
pub(super) struct PlannedOperation {
    pub(super) id: String,
    pub(super) seen: Case,
    pub(super) statuses: Vec<(StatusRange, Case)>,
    pub(super) sections: Option<SectionsParameter>,
    /// By kind of part, then by name.
    pub(super) parts: Vec<(OperationPart, String, Case)>,
}

/// A part of an operation that an exchange may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationPart {
    /// A parameter, such as `query limit`.
    Parameter,
    /// A media type of the request body, or `none` if the body is optional.
    RequestBody,
    /// A media type of a response, such as `200 application/json`.
    MediaType,
    /// An alternative of the security requirements.
    Security,
}

/// A query parameter that selects sections of the response.
#[derive(Debug)]
pub(super) struct SectionsParameter {
    pub(super) parameter: String,
    pub(super) sections: Vec<String>,
    /// By selected sections, in the order of `sections`.
    pub(super) combinations: BTreeMap<Vec<String>, Case>,
}

/// The cases of a schema. The cases of its types and values follow its own in the order of the keywords.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) seen: Case,
    pub(super) unions: Box<[Vec<Branch>]>,
    pub(super) bounds: Box<[(Bound, Case)]>,
    /// By index of the property, the case that it is absent. `None` if it is required.
    absent: Box<[Option<Case>]>,
}

impl Node {
    /// The case that a value has one of the types of the schema.
    pub(super) fn kind(&self, keywords: &Keywords, type_: JsonType) -> Option<Case> {
        let index = keywords.types.as_ref()?.iter().position(|known| *known == type_)?;
        Some(self.seen + 1 + index as Case)
    }

    /// The enumerated values with their cases.
    pub(super) fn values<'k>(&self, keywords: &'k Keywords) -> impl Iterator<Item = (&'k Value, Case)> + use<'k> {
        let first = self.seen + 1 + keywords.types.as_ref().map_or(0, |types| types.len() as Case);
        values_of(keywords).iter().zip(first..)
    }

    /// The case that a property is absent.
    pub(super) fn absent(&self, property: usize) -> Option<Case> {
        self.absent.get(property).copied().flatten()
    }
}

/// A branch of a union.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) schema: SchemaId,
    pub(super) case: Case,
    /// The types that the branch allows.
    pub(super) types: BTreeSet<JsonType>,
}

/// A bound that a value may equal.
#[derive(Debug)]
pub(super) enum Bound {
    Empty,
    NotEmpty,
    Number(Number),
    Length(u64),
    Items(u64),
}

impl Plan {
    /// Enumerates the cases of a contract.
    pub(crate) fn new(contract: &Contract) -> Self {
        let mut plan = Self {
            contract: contract.clone(),
            nodes: Vec::new(),
            cases: Vec::new(),
            operations: Vec::new(),
            by_id: HashMap::new(),
            next: 0,
        };
        let reachable = reachable(contract);
        for (id, _) in contract.schemas().iter() {
            let node = reachable[id.index()].then(|| plan.node(contract, id));
            plan.nodes.push(node);
        }
        // The object determines whether a property is optional, but the case belongs to the property.
        for (id, schema) in contract.schemas().iter().filter(|(id, _)| reachable[id.index()]) {
            let keywords = &schema.keywords;
            let is_optional = |key: &String, property: &SchemaId| reachable[property.index()] && !keywords.required.contains(key);
            let properties = keywords.properties.iter();
            let absent: Box<[Option<Case>]> = properties
                .map(|(key, property)| is_optional(key, property).then(|| plan.case(*property, Member::Kind, "absent")))
                .collect();
            if let Some(node) = &mut plan.nodes[id.index()] {
                node.absent = absent;
            }
        }
        plan.next = plan.cases.len() as Case;
        for operation in contract.judged_operations() {
            let seen = plan.number();
            let statuses = operation.responses.iter().map(|response| response.status).collect::<Vec<_>>();
            let statuses = statuses.into_iter().map(|status| (status, plan.number())).collect();
            let sections = plan.sections_of(contract, operation);
            let parts = parts_of(operation).into_iter().map(|(part, name)| (part, name, plan.number())).collect();
            plan.by_id.entry(operation.id.clone()).or_insert(plan.operations.len());
            plan.operations.push(PlannedOperation { id: operation.id.clone(), seen, statuses, sections, parts });
        }
        plan
    }

    /// The cases of an operation.
    pub(super) fn operation(&self, id: &str) -> Option<&PlannedOperation> {
        self.operations.get(*self.by_id.get(id)?)
    }

    /// The number of cases.
    pub(crate) fn len(&self) -> usize {
        self.next as usize
    }

    /// The union branches that only a validator can distinguish.
    pub(crate) fn branches(&self) -> Vec<SchemaId> {
        let unions = self.nodes.iter().flatten().flat_map(|node| &node.unions);
        unions.flat_map(|branches| branches.iter().filter(|one| is_ambiguous(one, branches)).map(|branch| branch.schema)).collect()
    }

    fn number(&mut self) -> Case {
        self.next += 1;
        self.next - 1
    }

    fn case(&mut self, id: SchemaId, member: Member, key: impl Into<Cow<'static, str>>) -> Case {
        self.cases.push((id, member, key.into()));
        self.cases.len() as Case - 1
    }

    fn node(&mut self, contract: &Contract, id: SchemaId) -> Node {
        let keywords = &contract.schema(id).keywords;
        let seen = self.case(id, Member::Seen, "");
        for type_ in keywords.types.iter().flatten() {
            self.case(id, Member::Kind, type_.as_str());
        }
        for value in values_of(keywords) {
            let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.case(id, Member::Value, name);
        }
        let mut unions = Vec::new();
        for (word, union) in [("anyOf", &keywords.any_of), ("oneOf", &keywords.one_of)] {
            let branches: Vec<Branch> = (0..union.len())
                .filter(|index| !contract.schema(union[*index]).keywords.never)
                .map(|index| {
                    let case = self.case(id, Member::Branch, format!("{word}/{index}"));
                    Branch { schema: union[index], case, types: contract.types_of(union[index]) }
                })
                .collect();
            if !branches.is_empty() {
                unions.push(branches);
            }
        }
        Node { seen, unions: unions.into(), bounds: self.bounds(keywords, id), absent: Box::default() }
    }

    fn bounds(&mut self, keywords: &Keywords, id: SchemaId) -> Box<[(Bound, Case)]> {
        let is_list = keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Array));
        let mut bounds = Vec::new();
        if is_list {
            if keywords.min_items.unwrap_or(0) == 0 {
                bounds.push(("empty", Bound::Empty));
            }
            if keywords.max_items != Some(0) {
                bounds.push(("notEmpty", Bound::NotEmpty));
            }
        }
        // No value equals an exclusive bound of numbers.
        for (word, bound) in [("minimum", &keywords.minimum), ("maximum", &keywords.maximum)] {
            bounds.extend(bound.iter().map(|bound| (word, Bound::Number(bound.clone()))));
        }
        for (word, bound) in [("minLength", keywords.min_length), ("maxLength", keywords.max_length)] {
            bounds.extend(bound.map(|bound| (word, Bound::Length(bound))));
        }
        for (word, bound) in [("minItems", keywords.min_items), ("maxItems", keywords.max_items)] {
            bounds.extend(bound.filter(|bound| *bound > 0).map(|bound| (word, Bound::Items(bound))));
        }
        bounds.into_iter().map(|(word, bound)| (bound, self.case(id, Member::Bound, word))).collect()
    }

    fn sections_of(&mut self, contract: &Contract, operation: &charter_contract::Operation) -> Option<SectionsParameter> {
        let config = contract.config().sections.as_ref()?;
        operation.parameters.iter().find(|parameter| parameter.name == config.parameter)?;
        let sections = config.values.clone();
        let combinations: Vec<Vec<String>> = if sections.len() <= MAX_COMBINED {
            let all = 0..1_usize << sections.len();
            all.map(|set| (0..sections.len()).filter(|at| set >> at & 1 == 1).map(|at| sections[at].clone()).collect()).collect()
        } else {
            std::iter::once(Vec::new()).chain(sections.iter().map(|section| vec![section.clone()])).collect()
        };
        let combinations = combinations.into_iter().map(|combination| (combination, self.number())).collect();
        Some(SectionsParameter { parameter: config.parameter.clone(), sections, combinations })
    }
}

/// The values that a schema enumerates; both booleans if its type is boolean.
fn values_of(keywords: &Keywords) -> &[Value] {
    static BOTH: [Value; 2] = [Value::Bool(true), Value::Bool(false)];
    match &keywords.enumeration {
        Some(values) => values,
        None if keywords.constant.is_none() && keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Boolean)) => &BOTH,
        None => &[],
    }
}

/// The parts of an operation that exchanges can use.
fn parts_of(operation: &Operation) -> Vec<(OperationPart, String)> {
    let mut parts = Vec::new();
    let parameters = operation.parameters.iter().filter(|parameter| !parameter.is_ignored());
    parts.extend(parameters.map(|parameter| (OperationPart::Parameter, parameter_name(parameter))));
    if let Some(body) = &operation.request_body {
        parts.extend(body.content.keys().map(|key| (OperationPart::RequestBody, key.clone())));
        parts.extend((!body.required).then(|| (OperationPart::RequestBody, "none".to_owned())));
    }
    for response in &operation.responses {
        parts.extend(response.content.keys().map(|key| (OperationPart::MediaType, format!("{} {key}", response.status))));
    }
    parts.extend(operation.security.iter().map(|requirement| (OperationPart::Security, requirement_name(requirement))));
    parts
}

/// A parameter as coverage and findings name it.
pub(crate) fn parameter_name(parameter: &Parameter) -> String {
    format!("{} {}", parameter.place.as_str(), parameter.name)
}

/// A security requirement as coverage and findings name it.
pub(crate) fn requirement_name(requirement: &SecurityRequirement) -> String {
    match requirement.0.is_empty() {
        true => "none".to_owned(),
        false => requirement.0.keys().cloned().collect::<Vec<_>>().join(" and "),
    }
}

/// Whether another branch allows a type that this one allows.
pub(super) fn is_ambiguous(branch: &Branch, branches: &[Branch]) -> bool {
    branches.iter().any(|other| !std::ptr::eq(other, branch) && !other.types.is_disjoint(&branch.types))
}

/// By schema index, whether the body of a documented response can reach the schema.
fn reachable(contract: &Contract) -> Vec<bool> {
    let responses = contract.judged_operations().flat_map(|operation| &operation.responses);
    let mut open: Vec<SchemaId> = responses.flat_map(|response| response.content.schemas()).collect();
    let mut all = vec![false; contract.schemas().len()];
    while let Some(id) = open.pop() {
        let keywords = &contract.schema(id).keywords;
        if !keywords.never && !std::mem::replace(&mut all[id.index()], true) {
            open.extend(keywords.children());
        }
    }
    all
}
