//! Downloads the artifacts that a resource names. The engine compares them with the resource.

use serde_json::Value;

use super::Shared;
use crate::client::Query;

impl Shared {
    pub(super) async fn artifacts(&self, id: &str, body: &Value) {
        let Some((template, config)) = &self.routes.artifacts else { return };
        let files = body.pointer(&config.files).and_then(Value::as_array).into_iter().flatten();
        for path in files.filter_map(|file| file.pointer(&config.path)?.as_str()) {
            let url = self.routes.artifact(template, id, &config.parameter, path);
            let observed = self.request(Query::download(url), false).await;
            // The engine reports a missing artifact as a finding.
            if let Some(why) = observed.failure().filter(|_| observed.status != Some(404)) {
                self.missed.failed(&format!("{id}, artifact {path}"), &why);
            }
        }
    }
}
