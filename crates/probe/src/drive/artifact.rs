//! The artifacts that a resource names: each is downloaded, and compared by whoever judges the exchanges.

use serde_json::Value;

use super::Shared;
use crate::client::Ask;

impl Shared {
    pub(super) async fn artifacts(&self, id: &str, body: &Value) {
        let Some((template, config)) = &self.routes.artifacts else { return };
        let files = body.pointer(&config.files).and_then(Value::as_array).into_iter().flatten();
        for path in files.filter_map(|file| file.pointer(&config.path)?.as_str()) {
            let url = self.routes.artifact(template, id, &config.parameter, path);
            let seen = self.ask(Ask { download: true, ..Ask::get(url) }, false).await;
            // An artifact that is not there is a broken promise, which the judge sees.
            if let Some(why) = seen.why_unseen().filter(|_| seen.status != Some(404)) {
                self.ledger.unseen(&format!("{id}, artifact {path}"), &why);
            }
        }
    }
}
