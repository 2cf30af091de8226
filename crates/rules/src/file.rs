//! Invariants files to [`InvariantSet`]: validates the form with the meta-schema and resolves locations in the contract.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::check;
use crate::interest::interest;
use crate::parse::{ParseProblem, parse};
use crate::template::parse_template;
use charter_contract::invariant::{
    BindAs, Equivalent, Examples, Expression, Invariant, InvariantSet, ListKey, Old, Promise, Resource, Severity, Site,
};
use charter_contract::load::is_invariants;
use charter_contract::{Contract, Error, Fault, Location, Problem, SchemaId, StatusRange, nearest};

/// The validator of invariants files.
static META: LazyLock<Result<jsonschema::Validator, String>> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(crate::INVARIANTS_SCHEMA).map_err(|error| error.to_string())?;
    jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())
});

/// Reads every invariants file of a contract.
///
/// # Errors
/// Every problem of the files: first their form, then ids, locations and names.
pub(crate) fn load(contract: &Contract) -> Result<InvariantSet, Error> {
    let names: Vec<_> = contract.documents().names().filter(|name| is_invariants(name)).map(|name| Location::root(name.clone())).collect();
    let mut problems = Vec::new();
    for root in &names {
        problems.extend(malformed(contract, root));
    }
    Error::unless_empty(problems)?;
    let mut reader = Reader { contract, set: InvariantSet::default(), problems: Vec::new() };
    for root in names {
        reader.document(&root);
    }
    let Reader { mut set, mut problems, .. } = reader;
    if problems.is_empty() {
        let checks = check::Checks::new(contract, &set);
        let checked: Vec<_> = set.invariants.iter().map(|invariant| checks.check(invariant)).collect();
        for (invariant, checked) in set.invariants.iter_mut().zip(checked) {
            invariant.interest = interest(&invariant.rule.root);
            (invariant.uses, invariant.when_types, invariant.rule_types) = (checked.uses, checked.when, checked.rule);
            problems.extend(checked.problems);
        }
    }
    Error::unless_empty(problems)?;
    Ok(set)
}

fn malformed(contract: &Contract, root: &Location) -> Vec<Problem> {
    let Some(value) = contract.documents().at(root) else { return Vec::new() };
    let validator = match &*META {
        Ok(validator) => validator,
        Err(message) => return vec![contract.documents().problem(root, Fault::Form(message.clone()))],
    };
    let errors = validator.iter_errors(value).map(|error| {
        let at = Location::new(root.document(), error.instance_path().as_str());
        let fault = Fault::Malformed { keyword: error.kind().keyword().to_owned(), message: error.masked().to_string() };
        contract.documents().problem(&at, fault)
    });
    errors.collect()
}

/// An invariants file that is valid under the meta-schema.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    resources: Vec<RawResource>,
    lists: Vec<RawList>,
    bind: Vec<RawBind>,
    invariants: Vec<RawInvariant>,
}

#[derive(Deserialize)]
struct RawResource {
    schema: String,
    identity: String,
    #[serde(default)]
    operations: IndexMap<String, String>,
}

#[derive(Deserialize)]
struct RawList {
    at: String,
    key: String,
}

#[derive(Deserialize)]
struct RawBind {
    at: String,
    #[serde(rename = "as")]
    as_: BindAs,
}

#[derive(Deserialize)]
struct RawInvariant {
    id: String,
    on: RawSite,
    when: Option<String>,
    rule: String,
    message: String,
    severity: Severity,
    promise: Promise,
    #[serde(default)]
    path: String,
    old: Option<Old>,
    earlier: Option<String>,
    restates: Option<String>,
    #[serde(default)]
    examples: Examples,
    #[serde(default)]
    equivalent: Vec<Equivalent>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawSite {
    Schema(String),
    Response { operation: Names, status: Value },
}

/// One name, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Some(Vec<String>),
}

struct Reader<'c> {
    contract: &'c Contract,
    set: InvariantSet,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, at: &Location, fault: Fault, remedy: Option<String>) {
        self.problems.push(self.contract.documents().problem(at, fault).with_remedy(remedy));
    }

    fn document(&mut self, root: &Location) {
        let Some(value) = self.contract.documents().at(root) else { return };
        let file = match File::deserialize(value) {
            Ok(file) => file,
            Err(error) => return self.report(root, Fault::Form(error.to_string()), None),
        };
        for (index, raw) in file.resources.into_iter().enumerate() {
            let at = root.child("resources").child(index);
            for id in raw.operations.keys().filter(|id| self.contract.operation(id).is_none()) {
                let remedy = nearest(id, self.contract.operations().iter().map(|operation| operation.id.as_str()));
                let problem =
                    self.contract.documents().problem(&at.child("operations").child(id), Fault::Form(format!("unknown operation `{id}`")));
                self.problems.push(problem.with_remedy(remedy));
            }
            if let Some(schema) = self.schema(&at.child("schema"), &raw.schema) {
                self.set.resources.push(Resource { schema, identity: raw.identity, operations: raw.operations });
            }
        }
        for (index, raw) in file.lists.into_iter().enumerate() {
            if let Some(at) = self.schema(&root.child("lists").child(index).child("at"), &raw.at) {
                self.set.lists.push(ListKey { at, key: raw.key });
            }
        }
        for (index, raw) in file.bind.into_iter().enumerate() {
            if let Some(schema) = self.schema(&root.child("bind").child(index).child("at"), &raw.at) {
                self.set.binds.insert(schema, raw.as_);
            }
        }
        for (index, raw) in file.invariants.into_iter().enumerate() {
            self.invariant(&root.child("invariants").child(index), raw);
        }
    }

    fn schema(&mut self, at: &Location, reference: &str) -> Option<SchemaId> {
        match charter_contract::resolve(self.contract.documents(), at, reference) {
            Ok(location) => {
                let found = self.contract.schemas().at(&location);
                if found.is_none() {
                    self.report(at, Fault::Form(format!("`{reference}` is not a schema")), None);
                }
                found
            }
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    fn invariant(&mut self, at: &Location, raw: RawInvariant) {
        if self.set.get(&raw.id).is_some() {
            self.report(&at.child("id"), Fault::DuplicateId(raw.id.clone()), Some("ids must be unique".to_owned()));
        }
        let on = match raw.on {
            RawSite::Schema(reference) => self.schema(&at.child("on"), &reference).map(Site::Schema),
            RawSite::Response { operation, status } => self.responses(&at.child("on"), operation, &status),
        };
        let when = raw.when.map(|text| self.expression(&at.child("when"), &text));
        let rule = self.expression(&at.child("rule"), &raw.rule);
        let message = match parse_template(&raw.message) {
            Ok(template) => Some(template),
            Err(problem) => {
                self.refuse_rule(&at.child("message"), &raw.message, problem);
                None
            }
        };
        let restates = raw
            .restates
            .and_then(|reference| self.schema(&at.child("restates"), &reference))
            .map(|id| self.contract.schema(id).location.clone());
        let earlier = match raw.earlier.map(|reference| self.schema(&at.child("earlier"), &reference)) {
            Some(None) => return,
            Some(Some(id)) => Some(id),
            None => None,
        };
        let (Some(on), Some(rule), Some(message)) = (on, rule, message) else { return };
        if when.as_ref().is_some_and(Option::is_none) {
            return;
        }
        let mut invariant = Invariant {
            id: raw.id,
            on,
            when: when.flatten(),
            rule,
            message,
            severity: raw.severity,
            promise: raw.promise,
            path: raw.path,
            old: raw.old,
            earlier,
            restates,
            examples: raw.examples,
            equivalent: raw.equivalent,
            location: at.clone(),
            uses: Vec::new(),
            interest: None,
            when_types: Vec::new(),
            rule_types: Vec::new(),
        };
        if invariant.mentions("oldSelf") {
            invariant.old.get_or_insert(Old::Required);
        } else if let Some(key) = invariant.old.map(|_| "old").or(invariant.earlier.map(|_| "earlier")) {
            self.report(&at.child(key), Fault::Form(format!("`{key}` without a rule that reads `oldSelf`")), None);
        }
        self.set.invariants.push(invariant);
    }

    fn responses(&mut self, at: &Location, names: Names, status: &Value) -> Option<Site> {
        let named = at.child("operation");
        let operations = match names {
            Names::One(name) => vec![(named, name)],
            Names::Some(names) => names.into_iter().enumerate().map(|(index, name)| (named.child(index), name)).collect(),
        };
        let ranges: Vec<Option<StatusRange>> =
            operations.iter().map(|(named, operation)| self.status(at, named, operation, status)).collect();
        let status = ranges.into_iter().collect::<Option<Vec<_>>>()?.into_iter().next()?;
        Some(Site::Response { operations: operations.into_iter().map(|(_, operation)| operation).collect(), status })
    }

    fn status(&mut self, at: &Location, named: &Location, operation: &str, status: &Value) -> Option<StatusRange> {
        let text = status.as_str().map_or_else(|| status.to_string(), str::to_owned);
        let Some(found) = self.contract.operation(operation) else {
            let remedy = nearest(operation, self.contract.operations().iter().map(|operation| operation.id.as_str()));
            self.report(named, Fault::Form(format!("unknown operation `{operation}`")), remedy);
            return None;
        };
        let range = StatusRange::parse(&text);
        if range.is_none_or(|range| !found.responses.iter().any(|response| range.overlaps(response.status))) {
            let promised: Vec<_> = found.responses.iter().map(|response| response.status.to_string()).collect();
            let fault = Fault::Form(format!("`{operation}` has no response for status `{text}`"));
            self.report(&at.child("status"), fault, Some(format!("its statuses are {}", promised.join(", "))));
            return None;
        }
        range
    }

    fn expression(&mut self, at: &Location, text: &str) -> Option<Expression> {
        parse(text).map_err(|problem| self.refuse_rule(at, text, problem)).ok()
    }

    fn refuse_rule(&mut self, at: &Location, text: &str, problem: ParseProblem) {
        self.problems.push(check::rule_problem(self.contract, at, text, problem.byte, 1, problem.message, None));
    }
}
