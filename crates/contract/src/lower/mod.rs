//! Documents to the model. All references are resolved here; later stages do not open documents.

mod dialect;
mod identity;
mod keywords;
mod node;
mod openapi;
mod schemas;

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use self::schemas::Owner;

use crate::contract::Contract;
use crate::draft::Draft;
use crate::error::{Error, Fault};
use crate::load::Documents;
use crate::location::Location;
use crate::model::Config;
use crate::problems::{Problems, Strictness};
use crate::suggest;

/// Builds the contract from its documents, without its invariants.
///
/// # Errors
/// Every problem of the first stage that has one: settings, then schemas and operations. Unless strict, problems of single operations
/// and components are not an error; the contract lists them.
pub(crate) fn lower(documents: Documents, draft: Draft, strictness: Strictness) -> Result<Contract, Error> {
    let config = config(&documents)?;
    let mut builder = schemas::Builder::new(&documents, draft);
    let roots = builder.schema_documents();
    let openapi::Described { operations, webhooks, servers, security_schemes } = openapi::read(&mut builder);
    let (mut schemas, found) = builder.finish();
    let is_fatal = strictness == Strictness::Strict || found.owners.iter().any(|(owner, _)| *owner == Owner::Contract);
    let mut problems = Problems::default();
    if is_fatal {
        let mut all = found.problems;
        all.sort_by(|left, right| left.place.location.cmp(&right.place.location));
        Error::unless_empty(all)?;
    } else {
        for (owner, problem) in found.owners {
            match owner {
                Owner::Operation(location) => problems.add_operation(location, problem),
                Owner::Schema(id) => problems.add_schema(id, problem),
                Owner::Component | Owner::Contract => {}
            }
        }
        problems.settle(found.problems, &schemas, operations.iter().chain(&webhooks));
    }
    if config.generate.formats.assert {
        schemas.assert_formats();
    }
    let (documents, schemas, invariants) = (documents.into(), schemas.into(), Arc::default());
    let (operations, webhooks) = (operations.into(), webhooks.into());
    let contract = Contract {
        documents,
        schemas,
        roots,
        servers,
        operations,
        webhooks,
        security_schemes,
        invariants,
        config,
        draft,
        problems: problems.into(),
        digest: OnceLock::new(),
        live: None,
        routes: OnceLock::new(),
    };
    if let Some(id) = &contract.config.check.operation
        && contract.operation(id).is_none()
    {
        let location = Location::new("charter.toml", "/check/operation");
        let mut problem = contract.documents.problem(&location, Fault::Form(format!("unknown operation `{id}`")));
        problem.remedy = suggest::nearest(id, contract.operations.iter().map(|operation| operation.id.as_str()));
        return Err(problem.into());
    }
    for (index, pattern) in contract.config.traffic.webhooks.iter().enumerate() {
        if contract.webhooks_of(&pattern.name).next().is_none() {
            let location = Location::new("charter.toml", format!("/traffic/webhooks/{index}/name"));
            let mut problem = contract.documents.problem(&location, Fault::Form(format!("unknown webhook or callback `{}`", pattern.name)));
            problem.remedy = Some(contract.unknown_webhook(&pattern.name).remedy);
            return Err(problem.into());
        }
    }
    Ok(contract)
}

fn config(documents: &Documents) -> Result<Config, Error> {
    let mut config = documents.config::<Config>()?;
    if let Some(former) = config.probe.former_sections.take() {
        if config.sections.is_some() {
            let message = "[probe.expand] is the former spelling of [sections], which is there too".to_owned();
            let problem = documents.problem(&Location::new("charter.toml", "/probe/expand"), Fault::Form(message));
            return Err(problem.with_remedy("remove [probe.expand]".to_owned()).into());
        }
        config.sections = Some(former.into());
    }
    for (list, patterns) in [("include", &config.traffic.include), ("exclude", &config.traffic.exclude)] {
        for (index, pattern) in patterns.iter().enumerate() {
            let at = || Location::new("charter.toml", format!("/traffic/{list}/{index}"));
            pattern.check().map_err(|error| documents.problem(&at(), Fault::Form(full_text(&error))))?;
        }
    }
    for (index, pattern) in config.traffic.webhooks.iter().enumerate() {
        let at = || Location::new("charter.toml", format!("/traffic/webhooks/{index}"));
        pattern.check().map_err(|error| documents.problem(&at(), Fault::Form(full_text(&error))))?;
    }
    Ok(config)
}

/// The text of an error with its sources.
fn full_text(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", full_text(source)),
        None => error.to_string(),
    }
}

/// The entries of an object; none for other values.
fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}
