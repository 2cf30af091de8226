//! Checks rules against the contract: the responses that each applies to, and its types there.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::infer::{Found, Infer};
use crate::route::Routes;
use crate::typer::Typer;
use charter_contract::invariant::Piece;
use charter_contract::invariant::Typed;
use charter_contract::invariant::{Alternative, Field, Items, List, Type};
use charter_contract::invariant::{Excluded, Invariant, InvariantSet, Old, Site, UseSite};
use charter_contract::invariant::{Expression, Literal, Node, NodeKind};
use charter_contract::{Contract, Operation, ParameterPlace, ResponseSpec, SchemaId, StatusRange};
use charter_contract::{Fault, Problem};
use charter_contract::{Location, Position};

/// The result of checking a rule.
#[derive(Default)]
pub(crate) struct Checked {
    pub(crate) uses: Vec<UseSite>,
    pub(crate) when: Vec<Typed>,
    pub(crate) rule: Vec<Typed>,
    pub(crate) problems: Vec<Problem>,
}

/// The checker of a contract's rules. It caches facts about schemas across rules.
pub(crate) struct Checks<'c> {
    contract: &'c Contract,
    set: &'c InvariantSet,
    typer: Typer<'c>,
    routes: Routes<'c>,
}

impl<'c> Checks<'c> {
    pub(crate) fn new(contract: &'c Contract, set: &'c InvariantSet) -> Self {
        Self { contract, set, typer: Typer::new(contract, &set.binds), routes: Routes::new(contract, &set.lists) }
    }

    /// Checks a rule once for every response that contains its site and gives its variables different types.
    pub(crate) fn check(&self, invariant: &Invariant) -> Checked {
        check(self, invariant)
    }
}

fn check(checks: &Checks<'_>, invariant: &Invariant) -> Checked {
    let Checks { contract, set, typer, routes } = checks;
    let mut checked = Checked { uses: uses(contract, set, routes, invariant), ..Checked::default() };
    if checked.uses.is_empty() && !contract.operations().is_empty() {
        let fault = Fault::Form("no response of the contract contains this schema: the rule would never apply".to_owned());
        checked.problems.push(contract.documents().problem(&invariant.location.child("on"), fault));
        return checked;
    }
    if let Some((key, message, remedy)) = over_time(contract, set, invariant) {
        let problem = contract.documents().problem(&invariant.location.child(key), Fault::Form(message.to_owned()));
        checked.problems.push(problem.with_remedy(remedy.to_owned()));
        return checked;
    }
    if let Some(problem) = without_request_body(contract, &checked.uses, invariant) {
        checked.problems.push(problem);
        return checked;
    }
    let applies: Vec<&UseSite> = checked.uses.iter().filter(|site| site.excluded.is_none()).collect();
    // If the rule applies nowhere, the first response determines the reason.
    let sites: Vec<Option<&UseSite>> = match (applies.is_empty(), checked.uses.first()) {
        (true, first) => vec![first],
        (false, _) => applies.into_iter().map(Some).collect(),
    };
    let mut found = BTreeMap::new();
    let mut seen: Vec<Variables> = Vec::new();
    for site in sites {
        let mut checker = Checker { contract, typer, invariant, found: &mut found };
        let variables = checker.variables(site);
        // The same types have the same result.
        if seen.contains(&variables) {
            continue;
        }
        let (when, rule) = checker.at(&variables);
        if seen.is_empty() {
            (checked.when, checked.rule) = (when, rule);
        }
        seen.push(variables);
    }
    checked.problems.extend(found.into_values());
    if checked.problems.is_empty()
        && let Some(first) = checked.uses.first()
        && checked.uses.iter().all(|site| site.excluded.is_some())
    {
        let (message, remedy) = match first.excluded {
            Some(Excluded::Unkeyed) => {
                ("the items of a list are compared over time, but they have no key", "declare the key of the list under `lists`")
            }
            Some(Excluded::NoParameter) => ("no operation has all the parameters that the rule reads", "the rule would never apply"),
            _ => (
                "`oldSelf` does not exist here: no response of a resource contains this schema",
                "name the schema and its identity under `resources`",
            ),
        };
        let at = invariant.location.child(if first.excluded == Some(Excluded::NoParameter) { "rule" } else { "on" });
        let problem = contract.documents().problem(&at, Fault::Form(message.to_owned()));
        checked.problems.push(problem.with_remedy(remedy.to_owned()));
    }
    checked
}

/// The problem of a rule over time with an invalid site: key, message and remedy.
fn over_time(contract: &Contract, set: &InvariantSet, invariant: &Invariant) -> Option<(&'static str, &'static str, &'static str)> {
    invariant.old?;
    let Some(earlier) = invariant.earlier else {
        let at_response = matches!(invariant.on, Site::Response { .. });
        return at_response.then_some((
            "on",
            "a rule over time must apply to a resource or a part of it",
            "name the schema of the resource, or of a part of it, under `on`; or, under `earlier`, the body to compare the response with",
        ));
    };
    let is_body = |id: SchemaId| {
        contract.operations().iter().any(|operation| {
            let mut observed =
                operation.responses.iter().filter(|response| set.resource_of(contract.schemas(), operation, response).is_some());
            observed.any(|response| contract.in_place(bodies(response)).contains(&id))
        })
    };
    match invariant.on {
        Site::Schema(id) if !is_body(id) => Some((
            "on",
            "with `earlier`, a rule compares whole bodies, but no response of a resource has this body",
            "name the schema of a body under `on`",
        )),
        Site::Response { .. } if invariant.mentions("self") => Some((
            "rule",
            "of a response that is compared over time, only `request` and `response` are stored",
            "name the schema of the body under `on`, or leave `self` out",
        )),
        _ if !is_body(earlier) => {
            Some(("earlier", "no response of a resource has this body", "name the schema of a body, and its operation under `resources`"))
        }
        _ => None,
    }
}

/// The problem of a rule that reads the request body and applies to an operation without a JSON request body.
fn without_request_body(contract: &Contract, uses: &[UseSite], invariant: &Invariant) -> Option<Problem> {
    let (key, expression, node) =
        invariant.expressions().find_map(|(key, expression)| Some((key, expression, expression.root.reading("request", "body")?)))?;
    let mut operations = uses.iter().filter(|site| site.excluded.is_none()).filter_map(|site| contract.operation(&site.operation));
    let operation = operations.find(|operation| !operation.has_json_request())?;
    let message = format!("operation `{}` has no JSON request body", operation.id);
    let remedy = match invariant.on {
        Site::Schema(_) => "apply the rule to the responses of operations that have one: on: {operation: …, status: …}",
        Site::Response { .. } => "document the request body, or remove the operation from `on`",
    };
    let at = invariant.location.child(key);
    let length = node.token.len().max(1);
    Some(rule_problem(contract, &at, &expression.text, node.token.start, length, message, Some(remedy.to_owned())))
}

/// A problem in an expression, with its position in the document if the document contains the expression verbatim.
pub(crate) fn rule_problem(
    contract: &Contract,
    at: &Location,
    expression: &str,
    byte: usize,
    length: usize,
    message: String,
    remedy: Option<String>,
) -> Problem {
    let text = contract.documents().text(at.document()).cloned();
    let position = contract.documents().position(at).map(|start| {
        let inside = text.as_deref().and_then(|text| {
            // A quote or a block indicator can precede the scalar.
            let found = text[start.byte..].find(expression).filter(|skipped| *skipped <= 64)?;
            Some(Position::of(text.as_bytes(), start.byte + found + byte))
        });
        inside.unwrap_or(start)
    });
    let fault = Fault::Rule { expression: expression.to_owned(), message };
    contract.documents().problem_at(at, position, length, fault).with_remedy(remedy)
}

/// The responses that contain the site of a rule, in the order of the contract.
fn uses(contract: &Contract, set: &InvariantSet, routes: &Routes<'_>, invariant: &Invariant) -> Vec<UseSite> {
    let parameters = parameters_read(invariant);
    let mut uses = Vec::new();
    for operation in contract.operations() {
        for response in &operation.responses {
            let (here, unkeyed) = match &invariant.on {
                Site::Schema(id) => {
                    let routes = bodies(response).map(|body| routes.between(body, *id));
                    routes.fold((false, false), |all, route| (all.0 | route.0, all.1 | route.1))
                }
                Site::Response { operations, status } => (
                    operations.contains(&operation.id)
                        && status.overlaps(response.status)
                        && !is_shadowed(operation, *status, response.status),
                    false,
                ),
            };
            if !here {
                continue;
            }
            let has = |(place, name): &(ParameterPlace, String)| {
                operation.parameters.iter().any(|parameter| parameter.place == *place && parameter.name == *name)
            };
            // An error response is not an observation of the resource; it is compared only if the rule sets `earlier`.
            let shows = invariant.earlier.is_some() || response.status.is_success();
            let is_resource = || shows && set.resource_of(contract.schemas(), operation, response).is_some();
            let excluded = if !parameters.iter().all(has) {
                Some(Excluded::NoParameter)
            } else if invariant.old.is_some() && !is_resource() {
                Some(Excluded::NoResource)
            } else if invariant.old.is_some() && unkeyed {
                Some(Excluded::Unkeyed)
            } else {
                None
            };
            uses.push(UseSite { operation: operation.id.clone(), status: response.status, excluded });
        }
    }
    uses
}

/// Whether no response with a status of a rule is documented by a wider range, because the operation documents the status itself.
fn is_shadowed(operation: &Operation, status: StatusRange, documented: StatusRange) -> bool {
    match status {
        StatusRange::Exact(status) => operation.response_for(status).is_some_and(|response| response.status != documented),
        StatusRange::Class(_) => documented == StatusRange::Default && operation.responses.iter().any(|response| response.status == status),
        StatusRange::Default => false,
    }
}

fn bodies(response: &ResponseSpec) -> impl Iterator<Item = SchemaId> {
    response.content.schemas()
}

/// The path, query and cookie parameters that a rule and its guard name.
fn parameters_read(invariant: &Invariant) -> BTreeSet<(ParameterPlace, String)> {
    let mut all = BTreeSet::new();
    for expression in invariant.when.iter().chain([&invariant.rule]) {
        collect_parameters(&expression.root, &mut all);
    }
    all
}

fn collect_parameters(node: &Node, all: &mut BTreeSet<(ParameterPlace, String)>) {
    let place = |of: &Node| match &of.kind {
        NodeKind::Select { of, field } if matches!(&of.kind, NodeKind::Variable(name) if name == "request") => match field.as_str() {
            "path" => Some(ParameterPlace::Path),
            "query" => Some(ParameterPlace::Query),
            "cookies" => Some(ParameterPlace::Cookie),
            _ => None,
        },
        _ => None,
    };
    match &node.kind {
        NodeKind::Select { of, field } | NodeKind::Has { of, field } => all.extend(place(of).map(|place| (place, field.clone()))),
        NodeKind::Index { of, key } => {
            if let (Some(place), Some(Literal::String(name))) = (place(of), key.literal()) {
                all.insert((place, name));
            }
        }
        _ => {}
    }
    for child in node.children() {
        collect_parameters(child, all);
    }
}

/// The variables of a rule with their types.
type Variables = Vec<(&'static str, Type)>;

struct Checker<'a, 'c> {
    contract: &'c Contract,
    typer: &'a Typer<'c>,
    invariant: &'a Invariant,
    /// By location and message: a problem at several responses is reported once.
    found: &'a mut BTreeMap<(String, usize, String), Problem>,
}

impl Checker<'_, '_> {
    /// Checks guard, rule and message for one response.
    fn at(&mut self, variables: &Variables) -> (Vec<Typed>, Vec<Typed>) {
        let invariant = self.invariant;
        let mut facts = Facts::default();
        let mut when_typed = Vec::new();
        if let Some(when) = &invariant.when {
            let mut infer = Infer::new(self.typer, variables, when.nodes);
            facts = infer.condition(&when.root, &facts).yes;
            when_typed = self.finish("when", when, infer);
        }
        let mut infer = Infer::new(self.typer, variables, invariant.rule.nodes);
        let broken = infer.condition(&invariant.rule.root, &facts).no;
        let rule_typed = self.finish("rule", &invariant.rule, infer);
        for piece in &invariant.message.pieces {
            if let Piece::Value(expression) = piece {
                let mut infer = Infer::new(self.typer, variables, expression.nodes);
                infer.node(&expression.root, &broken);
                self.finish("message", expression, infer);
            }
        }
        (when_typed, rule_typed)
    }

    fn finish(&mut self, key: &str, expression: &Expression, infer: Infer<'_, '_>) -> Vec<Typed> {
        let at = self.invariant.location.child(key);
        for Found { token, message, remedy } in infer.found {
            let length = token.len().max(1);
            let problem = rule_problem(self.contract, &at, &expression.text, token.start, length, message.clone(), remedy);
            self.found.entry((key.to_owned(), token.start, message)).or_insert(problem);
        }
        infer.typed
    }

    /// `self`, `oldSelf`, `request` and `response` for one response.
    fn variables(&self, site: Option<&UseSite>) -> Variables {
        let operation = site.and_then(|site| self.contract.operation(&site.operation));
        let self_ = match &self.invariant.on {
            Site::Schema(id) => self.typer.instance(&[*id].into()),
            Site::Response { .. } => {
                let responses = operation.iter().flat_map(|operation| &operation.responses);
                let here = responses.filter(|response| site.is_some_and(|site| site.status == response.status));
                // The same schema for several media types is one type.
                let mut schemas: BTreeMap<SchemaId, SchemaId> = BTreeMap::new();
                for id in here.flat_map(bodies) {
                    schemas.entry(self.contract.schemas().target(id)).or_insert(id);
                }
                let type_ = schemas.into_values().map(|id| self.typer.instance(&[id].into())).fold(Type::default(), Type::or);
                if type_.is_never() { Type::any() } else { type_ }
            }
        };
        let mut variables = vec![("self", self_.clone())];
        if let Some(old) = self.invariant.old {
            let old_self = self.invariant.earlier.map_or(self_, |earlier| self.typer.instance(&[earlier].into()));
            let old_self = if old == Old::Optional { old_self.or(Type::of(Alternative::Null)) } else { old_self };
            variables.push(("oldSelf", old_self));
        }
        // The request type depends on the operation; it is omitted if no expression reads it.
        let request = if reads(self.invariant, "request") { self.request(operation) } else { Type::any() };
        variables.push(("request", request));
        let status = Field { type_: Type::of(Alternative::Int), required: true };
        variables.push(("response", record([("status", status), ("headers", headers())])));
        variables
    }

    fn request(&self, operation: Option<&Operation>) -> Type {
        let parameters = |place: ParameterPlace| {
            let of_place = operation.iter().flat_map(|operation| &operation.parameters).filter(move |parameter| parameter.place == place);
            let fields = of_place.map(|parameter| {
                let type_ = parameter.schema.map_or_else(Type::text, |schema| self.typer.instance(&[schema].into()));
                let is_list = type_.all(|alternative| matches!(alternative, Alternative::List(_)));
                let default = parameter.schema.and_then(|schema| self.contract.parameter_default(schema)).is_some();
                (parameter.name.as_str(), Field { type_, required: place == ParameterPlace::Path || is_list || default })
            });
            Field { type_: record(fields), required: true }
        };
        let fields = [
            ("method", Field { type_: Type::text(), required: true }),
            ("path", parameters(ParameterPlace::Path)),
            ("query", parameters(ParameterPlace::Query)),
            ("cookies", parameters(ParameterPlace::Cookie)),
            ("headers", headers()),
        ];
        record(fields.into_iter().chain(operation.and_then(|operation| self.request_body(operation)).map(|body| ("body", body))))
    }

    /// The JSON request body of an operation: one of the schemas of its JSON media types.
    fn request_body(&self, operation: &Operation) -> Option<Field> {
        let schemas: Vec<Option<SchemaId>> = operation.json_requests().map(|media_type| media_type.schema).collect();
        if schemas.is_empty() {
            return None;
        }
        let type_ = match schemas.into_iter().collect::<Option<BTreeSet<SchemaId>>>() {
            Some(schemas) => self.typer.one_of(&schemas),
            None => Type::any(),
        };
        Some(Field { type_, required: operation.request_body.as_ref().is_some_and(|body| body.required) })
    }
}

/// Whether the guard, the rule or the message of an invariant names a variable.
fn reads(invariant: &Invariant, variable: &str) -> bool {
    invariant.expressions().any(|(_, expression)| expression.root.mentions(variable))
}

fn record<'n>(fields: impl IntoIterator<Item = (&'n str, Field)>) -> Type {
    Type::of(Alternative::Record(fields.into_iter().map(|(name, field)| (name.to_owned(), field)).collect()))
}

/// Header fields by name, each with at least one value.
fn headers() -> Field {
    let values = List { items: Items::Type(Box::new(Type::text())), min: 1, max: None };
    Field { type_: Type::of(Alternative::Map(Box::new(Type::of(Alternative::List(values))))), required: true }
}
