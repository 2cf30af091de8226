//! The `GET` operations of a contract in the order of their dependencies: lists before the operations whose path parameters they list.

use std::collections::HashMap;
use std::sync::Arc;

use charter_contract::{Contract, ListConfig, Operation};

use crate::endpoint::{Endpoint, IdType, filled};
use crate::error::Error;
use crate::plan::Plan;

/// The operations to request.
#[derive(Debug)]
pub(crate) struct Steps {
    /// In the order of their dependencies.
    pub(crate) steps: Vec<Step>,
    /// Operations that cannot be requested, each with the reason.
    pub(crate) impossible: Vec<(String, Reason)>,
    /// Whether the plan names the operations, so that one that cannot be requested is a failure.
    pub(crate) are_named: bool,
    /// The maximum number of ids of one list.
    pub(crate) limit: Option<usize>,
}

/// Why an operation cannot be requested.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) text: String,
    /// Whether credentials would make it possible. The probe of such an API is not complete.
    pub(crate) lacks_credentials: bool,
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self { text, lacks_credentials: false }
    }
}

impl From<Error> for Reason {
    fn from(error: Error) -> Self {
        let lacks_credentials = matches!(error, Error::NoKey | Error::NoCredentials { .. });
        Self { text: error.to_string(), lacks_credentials }
    }
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) endpoint: Arc<Endpoint>,
    /// The source of each path parameter without a value, in order.
    pub(crate) sources: Vec<Source>,
    /// How its pages follow each other, and where their ids are.
    pub(crate) list: Option<ListConfig>,
    /// The path parameters of other operations that its responses list, each with its type.
    pub(crate) lists: Vec<(String, IdType)>,
}

/// The list whose ids are the values of a path parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The index of the step.
    pub(crate) step: usize,
    /// The name of the parameter.
    pub(crate) parameter: String,
    /// Whether the list has the earlier values of the path, too. Otherwise the ids of every list are used.
    pub(crate) is_below: bool,
}

/// The operations that are considered, and what is known of each.
struct Order<'c> {
    contract: &'c Contract,
    plan: &'c Plan,
    operations: Vec<&'c Operation>,
    /// The index of an operation by its path, with the known values and without the names of parameters.
    by_path: HashMap<String, usize>,
    steps: Vec<Step>,
    /// The step of each operation, or why it has none.
    done: HashMap<usize, Result<usize, Reason>>,
    /// The operations whose sources are being ordered.
    open: Vec<usize>,
}

impl Steps {
    /// The steps of the operations with these ids, or of all `GET` operations.
    ///
    /// # Errors
    /// An id is unknown, or the operation is not requested with `GET`; no operation has credentials.
    pub(crate) fn new(contract: &Contract, plan: &Plan, ids: &[String], limit: Option<usize>) -> Result<Self, Error> {
        let mut order = Order::new(contract, plan);
        for id in ids {
            let operation = contract.operation(id).ok_or_else(|| Error::unknown_operation(contract, id))?;
            if operation.method.0 != "GET" {
                return Err(Error::NotGet { id: id.clone(), method: operation.method.to_string() });
            }
        }
        let probe = &contract.config().probe;
        for (list, setting) in probe
            .list
            .iter()
            .map(|list| (list, "`operation` under [probe.list]"))
            .chain(probe.lists.iter().map(|list| (list, "`operation` under [[probe.lists]]")))
        {
            if contract.operation(&list.operation).is_none() {
                return Err(Error::Operation { setting, id: list.operation.clone() });
            }
        }
        let wanted: Vec<usize> =
            (0..order.operations.len()).filter(|index| ids.is_empty() || ids.contains(&order.operations[*index].id)).collect();
        let mut impossible = Vec::new();
        for index in wanted {
            if let Err(reason) = order.step(index) {
                impossible.push((order.operations[index].id.clone(), reason));
            }
        }
        if order.steps.is_empty()
            && plan.key.is_none()
            && plan.credentials.is_empty()
            && order.operations.iter().any(|operation| operation.secured)
        {
            return Err(Error::NoKey);
        }
        Ok(Self { steps: order.steps, impossible, are_named: !ids.is_empty(), limit })
    }
}

impl<'c> Order<'c> {
    fn new(contract: &'c Contract, plan: &'c Plan) -> Self {
        let operations: Vec<&Operation> = contract.operations().iter().filter(|operation| operation.method.0 == "GET").collect();
        let mut by_path = HashMap::new();
        for (index, operation) in operations.iter().enumerate() {
            by_path.entry(unnamed(&filled(contract, plan, operation).0)).or_insert(index);
        }
        Self { contract, plan, operations, by_path, steps: Vec::new(), done: HashMap::new(), open: Vec::new() }
    }

    /// The step of an operation, after those of its sources.
    fn step(&mut self, index: usize) -> Result<usize, Reason> {
        if let Some(done) = self.done.get(&index) {
            return done.clone();
        }
        if self.open.contains(&index) {
            return Err("its path parameters depend on each other".to_owned().into());
        }
        self.open.push(index);
        let step = self.new_step(index);
        self.open.pop();
        self.done.insert(index, step.clone());
        step
    }

    fn new_step(&mut self, index: usize) -> Result<usize, Reason> {
        let operation = self.operations[index];
        let endpoint = Endpoint::new(self.contract, self.plan, operation)?;
        let names: Vec<String> = endpoint.unknown().into_iter().map(str::to_owned).collect();
        let mut sources = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let (list, is_below) =
                self.list_of(&endpoint, index, name).ok_or_else(|| format!("no value of the path parameter `{name}`"))?;
            let step = self.step(list).map_err(|reason| Reason {
                text: format!(
                    "no value of the path parameter `{name}`: `{}` cannot be requested: {}",
                    self.operations[list].id, reason.text
                ),
                ..reason
            })?;
            let is_below = is_below && self.steps[step].sources.len() == position;
            if !self.steps[step].lists.iter().any(|(known, _)| known == name) {
                self.steps[step].lists.push((name.clone(), IdType::of(self.contract, operation, name)));
            }
            sources.push(Source { step, parameter: name.clone(), is_below });
        }
        let list = self.lists().find(|list| list.operation == operation.id).cloned();
        self.steps.push(Step { endpoint: Arc::new(endpoint), sources, list, lists: Vec::new() });
        Ok(self.steps.len() - 1)
    }

    fn lists(&self) -> impl Iterator<Item = &'c ListConfig> + use<'c> {
        let probe = &self.contract.config().probe;
        probe.list.iter().chain(&probe.lists)
    }

    /// The operation that lists the values of a path parameter, and whether its path is the beginning of the path: that of the settings; the
    /// path before the parameter; the path before the parameter of the same name in another path.
    fn list_of(&self, endpoint: &Endpoint, index: usize, name: &str) -> Option<(usize, bool)> {
        let before = |template: &str| {
            let end = template.find(&format!("{{{name}}}"))?;
            let path = &template[..template[..end].rfind('/')?];
            self.by_path.get(&unnamed(path)).copied()
        };
        let named = self.lists().find(|list| list.parameter.as_deref() == Some(name));
        if let Some(list) = named.and_then(|list| self.operations.iter().position(|operation| operation.id == list.operation)) {
            let is_below = before(&endpoint.template.0) == Some(list);
            return (list != index).then_some((list, is_below));
        }
        if let Some(list) = before(&endpoint.template.0).filter(|list| *list != index) {
            return Some((list, true));
        }
        // Every resource has an `id`, so the name does not select a list.
        let is_distinct = !name.eq_ignore_ascii_case("id");
        let others = self.operations.iter().filter(|_| is_distinct);
        let mut others = others.filter_map(|other| before(&filled(self.contract, self.plan, other).0));
        others.find(|list| *list != index).map(|list| (list, false))
    }
}

/// A path without the names of its parameters and without a slash at its end.
fn unnamed(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path.trim_end_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_the_names_of_parameters() {
        assert_eq!(unnamed("/shops/{shop}/books/"), "/shops/{}/books");
        assert_eq!(unnamed("/shops/{id}/books"), "/shops/{}/books");
        assert_eq!(unnamed(""), "");
        assert_ne!(unnamed("/shops/{id}.json"), unnamed("/shops/{id}"));
    }
}
