//! Downloads the artifacts that a resource names. The engine compares them with the resource.

use serde_json::Value;

use super::Shared;
use crate::client::Query;
use crate::route::ResourceRequests;

impl Shared {
    pub(super) async fn artifacts(&self, requests: &ResourceRequests, id: &str, body: &Value) {
        let Some((endpoint, config)) = &requests.artifacts else { return };
        let files = body.pointer(&config.files).and_then(Value::as_array).into_iter().flatten();
        for path in files.filter_map(|file| file.pointer(&config.path)?.as_str()) {
            let values: Vec<&str> = endpoint.unknown().iter().map(|name| if *name == config.parameter { path } else { id }).collect();
            let observed = self.request(Query::download(endpoint, self.routes.url(endpoint, &values, "")), false).await;
            // The engine reports a missing artifact as a finding.
            if let Some(why) = observed.failure().filter(|_| observed.status != Some(404)) {
                self.missed.failed(&format!("{id}, artifact {path}"), &why);
            }
        }
    }
}
