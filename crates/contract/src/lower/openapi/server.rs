//! Servers with their variables.

use serde_json::Value;

use crate::lower::entries;
use crate::lower::node::Node;
use crate::model::{Server, ServerVariable};

/// The servers of a document, a path item or an operation.
pub(super) fn servers(owner: &Node<'_>) -> Vec<Server> {
    let servers = owner.value.get("servers").and_then(Value::as_array).into_iter().flatten().enumerate();
    servers
        .filter_map(|(index, server)| {
            let variables = entries(server.get("variables")).map(|(name, variable)| (name.clone(), self::variable(variable))).collect();
            Some(Server::new(server.get("url")?.as_str()?, variables, owner.location.child("servers").child(index)))
        })
        .collect()
}

fn variable(value: &Value) -> ServerVariable {
    // YAML documents often write ports and versions as numbers.
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    ServerVariable {
        default: value.get("default").map(text).unwrap_or_default(),
        values: value.get("enum").and_then(Value::as_array).into_iter().flatten().map(text).collect(),
    }
}
