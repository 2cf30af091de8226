//! Checks `[probe]` in `charter.toml` against the contract, without a server.

use charter_contract::{Contract, ListConfig, Operation, ParameterPlace, nearest};

use crate::endpoint::header;
use crate::finished::Finished;

/// A setting of `[probe]` that does not fit the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingProblem {
    /// What is wrong, with the setting.
    pub message: String,
    /// Whether a probe that uses the setting fails. Otherwise the setting has no effect.
    pub is_error: bool,
}

/// The settings of `[probe]` that do not fit the contract, in the order of the settings.
pub fn setting_problems(contract: &Contract) -> Vec<SettingProblem> {
    let probe = &contract.config().probe;
    let mut found = Problems { contract, list: Vec::new() };
    if let Some(id) = &probe.operation {
        found.operation("`operation` under [probe]", id);
    }
    if let Some(Err(error)) = probe.finished.as_deref().map(Finished::parse) {
        found.error(format!("`finished` under [probe] is neither a JSON Pointer nor a valid expression: {error}"));
    }
    for name in probe.parameters.keys() {
        found.parameter(name);
    }
    for name in probe.headers.keys().filter(|name| header(name, "").is_err()) {
        found.error(format!("`{name}` under [probe.headers] is not the name of a header field"));
    }
    let schemes = contract.security_schemes();
    for name in probe.credentials.keys().filter(|name| !schemes.contains_key(*name)) {
        let meant = nearest(name, schemes.keys().map(String::as_str)).map(|meant| format!("; {meant}")).unwrap_or_default();
        found.error(format!("the contract has no security scheme `{name}`, which [probe.credentials] names{meant}"));
    }
    if let Some(list) = &probe.list {
        found.list("[probe.list]", list);
    }
    for list in &probe.lists {
        found.list("[[probe.lists]]", list);
    }
    if let Some(artifacts) = &probe.artifacts {
        if let Some(operation) = found.operation("`operation` under [probe.artifacts]", &artifacts.operation)
            && !has(operation, ParameterPlace::Path, &artifacts.parameter)
        {
            let (id, name) = (&artifacts.operation, &artifacts.parameter);
            found.error(format!("`parameter` under [probe.artifacts]: `{id}` has no path parameter `{name}`"));
        }
        found.pointer("`files` under [probe.artifacts]", &artifacts.files);
        found.pointer("`path` under [probe.artifacts]", &artifacts.path);
        for (name, pointer) in [("size", &artifacts.size), ("content-type", &artifacts.content_type)] {
            pointer.iter().for_each(|pointer| found.pointer(&format!("`{name}` under [probe.artifacts]"), pointer));
        }
    }
    found.list
}

struct Problems<'c> {
    contract: &'c Contract,
    list: Vec<SettingProblem>,
}

impl<'c> Problems<'c> {
    fn error(&mut self, message: String) {
        self.list.push(SettingProblem { message, is_error: true });
    }

    fn unused(&mut self, message: String) {
        self.list.push(SettingProblem { message, is_error: false });
    }

    /// A `GET` operation of the contract.
    fn operation(&mut self, setting: &str, id: &str) -> Option<&'c Operation> {
        let contract = self.contract;
        let Some(operation) = contract.operation(id) else {
            let ids = contract.operations().iter().map(|operation| operation.id.as_str());
            let meant = nearest(id, ids).map(|meant| format!("; {meant}")).unwrap_or_default();
            self.error(format!("{setting} names the operation `{id}`, which the contract does not have{meant}"));
            return None;
        };
        if operation.method.0 != "GET" {
            self.error(format!("{setting} names `{id}`, a {} operation; `probe` sends GET requests only", operation.method.0));
        }
        Some(operation)
    }

    /// A parameter of any `GET` operation, by name or as `operation.name`.
    fn parameter(&mut self, name: &str) {
        let operations = self.contract.operations().iter().filter(|operation| operation.method.0 == "GET");
        let names: Vec<String> = operations
            .flat_map(|operation| operation.parameters.iter().flat_map(|one| [one.name.clone(), format!("{}.{}", operation.id, one.name)]))
            .collect();
        if !names.iter().any(|known| known == name) {
            let meant = nearest(name, names.iter().map(String::as_str)).map(|meant| format!("; {meant}")).unwrap_or_default();
            self.unused(format!("[probe.parameters]: no GET operation has a parameter `{name}`{meant}"));
        }
    }

    fn list(&mut self, table: &str, list: &ListConfig) {
        let operation = self.operation(&format!("`operation` under {table}"), &list.operation);
        self.pointer(&format!("`ids` under {table}"), &list.ids);
        for (name, pointer) in [("next", &list.next), ("next-url", &list.next_url)] {
            pointer.iter().for_each(|pointer| self.pointer(&format!("`{name}` under {table}"), pointer));
        }
        if list.next.is_some() != list.cursor.is_some() {
            let (given, missing) = if list.next.is_some() { ("next", "cursor") } else { ("cursor", "next") };
            self.unused(format!("`{given}` under {table} has no effect without `{missing}`"));
        }
        for (name, query) in [("cursor", &list.cursor), ("page", &list.page), ("offset", &list.offset)] {
            let unknown = query.iter().filter(|query| operation.is_some_and(|operation| !has(operation, ParameterPlace::Query, query)));
            unknown.for_each(|query| self.unused(format!("`{name}` under {table}: `{}` has no query parameter `{query}`", list.operation)));
        }
        if let Some(name) = &list.parameter
            && !self.contract.operations().iter().any(|operation| has(operation, ParameterPlace::Path, name))
        {
            self.unused(format!("`parameter` under {table}: no operation has a path parameter `{name}`"));
        }
    }

    fn pointer(&mut self, setting: &str, pointer: &str) {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            self.error(format!("{setting} is not a JSON Pointer: it must begin with a slash"));
        }
    }
}

fn has(operation: &Operation, place: ParameterPlace, name: &str) -> bool {
    operation.parameters.iter().any(|parameter| parameter.place == place && parameter.name == name)
}
