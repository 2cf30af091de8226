//! The files of a run: their entries and their bytes.

use crate::random::Random;
use serde_json::{Value, json};

use crate::machine::Run;

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) path: String,
    pub(crate) role: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// The files of a completed run.
pub(crate) fn artifacts(run: &Run) -> Vec<Artifact> {
    let mut random = Random::new(run.seed ^ 0xA27);
    (0..1 + random.below(3))
        .map(|number| match random.below(3) {
            0 => {
                let lines = 1 + random.below(40);
                let bytes = (0..lines).flat_map(|line| format!("line {line}: read\n").into_bytes()).collect();
                Artifact { path: format!("report/notes-{number}.txt"), role: "report", content_type: "text/plain", bytes }
            }
            1 => {
                let bytes = (0..random.below(4_000)).map(|_| random.below(256) as u8).collect();
                Artifact { path: format!("debug/trace {number}.bin"), role: "debug", content_type: "application/octet-stream", bytes }
            }
            _ => {
                let bytes = json!({ "run": run.id, "total": random.below(100_000) }).to_string().into_bytes();
                Artifact { path: format!("output/result-{number}.json"), role: "output", content_type: "application/json", bytes }
            }
        })
        .collect()
}

impl Artifact {
    /// Its entry in the body of the run.
    pub(crate) fn entry(&self, run: &Run) -> Value {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let mut entry =
            json!({ "name": name, "role": self.role, "path": self.path, "contentType": self.content_type, "size": self.bytes.len() });
        if run.workflow {
            entry["stepName"] = "extract".into();
        }
        entry
    }
}
