//! The cases of a contract, found by one walk over the schemas of all documented responses.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::{Contract, JsonType, Operation, Parameter, SchemaId, SecurityRequirement, StatusRange};
use indexmap::IndexMap;
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
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By schema index; `None` for schemas that no response reaches.
    pub(super) nodes: Vec<Option<Node>>,
    /// The schema, list and key of each case.
    pub(super) cases: Vec<(SchemaId, Member, String)>,
    pub(super) operations: Vec<PlannedOperation>,
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

/// The parts of a schema that a walk over a body needs.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) seen: Case,
    pub(super) kinds: [Option<Case>; 7],
    pub(super) values: Vec<(Value, Case)>,
    pub(super) in_place: Vec<SchemaId>,
    pub(super) unions: Vec<Vec<Branch>>,
    pub(super) bounds: Vec<(Bound, Case)>,
    pub(super) properties: IndexMap<String, Property>,
    pub(super) additional: Option<SchemaId>,
    pub(super) prefix_items: Vec<SchemaId>,
    pub(super) items: Option<SchemaId>,
}

/// A property, and the case that it is absent.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) schema: SchemaId,
    pub(super) absent: Option<Case>,
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
        let mut plan = Self { nodes: (0..contract.schemas().len()).map(|_| None).collect(), ..Self::default() };
        let reachable = reachable(contract);
        for id in &reachable {
            plan.add_schema(contract, *id);
        }
        // The object determines whether a property is optional, but the case belongs to the property.
        for id in &reachable {
            plan.add_properties(contract, *id, &reachable);
        }
        plan.next = plan.cases.len() as Case;
        for operation in contract.operations() {
            let seen = plan.number();
            let statuses = operation.responses.iter().map(|response| response.status).collect::<Vec<_>>();
            let statuses = statuses.into_iter().map(|status| (status, plan.number())).collect();
            let sections = plan.sections_of(contract, operation);
            let parts = parts_of(operation).into_iter().map(|(part, name)| (part, name, plan.number())).collect();
            plan.operations.push(PlannedOperation { id: operation.id.clone(), seen, statuses, sections, parts });
        }
        plan
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

    fn case(&mut self, id: SchemaId, member: Member, key: impl Into<String>) -> Case {
        self.cases.push((id, member, key.into()));
        self.cases.len() as Case - 1
    }

    fn add_schema(&mut self, contract: &Contract, id: SchemaId) {
        let keywords = &contract.schema(id).keywords;
        let mut node = Node { seen: self.case(id, Member::Seen, ""), ..Node::default() };
        for type_ in keywords.types.iter().flatten() {
            node.kinds[*type_ as usize] = Some(self.case(id, Member::Kind, type_.as_str()));
        }
        let boolean = keywords.enumeration.is_none() && keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Boolean));
        let both = [Value::Bool(true), Value::Bool(false)];
        let values: &[Value] = match &keywords.enumeration {
            Some(values) => values,
            None if boolean && keywords.constant.is_none() => &both,
            None => &[],
        };
        for value in values {
            let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            node.values.push((value.clone(), self.case(id, Member::Value, name)));
        }
        node.in_place = keywords.reference.iter().chain(&keywords.all_of).copied().collect();
        for (word, union) in [("anyOf", &keywords.any_of), ("oneOf", &keywords.one_of)] {
            let branches: Vec<Branch> = (0..union.len())
                .filter(|index| !contract.schema(union[*index]).keywords.never)
                .map(|index| {
                    let case = self.case(id, Member::Branch, format!("{word}/{index}"));
                    Branch { schema: union[index], case, types: contract.types_of(union[index]) }
                })
                .collect();
            if !branches.is_empty() {
                node.unions.push(branches);
            }
        }
        self.add_bounds(contract, id, &mut node);
        node.additional = keywords.additional_properties.filter(|id| !contract.schema(*id).keywords.never);
        node.prefix_items = keywords.prefix_items.clone();
        node.items = keywords.items.filter(|id| !contract.schema(*id).keywords.never);
        self.nodes[id.index()] = Some(node);
    }

    fn add_bounds(&mut self, contract: &Contract, id: SchemaId, node: &mut Node) {
        let keywords = &contract.schema(id).keywords;
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
        node.bounds = bounds.into_iter().map(|(word, bound)| (bound, self.case(id, Member::Bound, word))).collect();
    }

    fn add_properties(&mut self, contract: &Contract, id: SchemaId, reachable: &BTreeSet<SchemaId>) {
        let keywords = &contract.schema(id).keywords;
        let mut properties = IndexMap::new();
        for (key, schema) in keywords.properties.iter().filter(|(_, schema)| reachable.contains(schema)) {
            let absent = (!keywords.required.contains(key)).then(|| self.case(*schema, Member::Kind, "absent"));
            properties.insert(key.clone(), Property { schema: *schema, absent });
        }
        if let Some(node) = &mut self.nodes[id.index()] {
            node.properties = properties;
        }
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

/// Every schema that the body of a documented response can reach.
fn reachable(contract: &Contract) -> BTreeSet<SchemaId> {
    let responses = contract.operations().iter().flat_map(|operation| &operation.responses);
    let mut open: Vec<SchemaId> = responses.flat_map(|response| response.content.schemas()).collect();
    let mut all = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !contract.schema(id).keywords.never && all.insert(id) {
            open.extend(contract.children(id));
        }
    }
    all
}
