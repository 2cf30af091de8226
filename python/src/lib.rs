//! The native module of the Python package `charter`.

use camino::Utf8Path;
use charter_contract::invariant::Severity;
use charter_engine::{DocumentVerdict, Judge, judge_documents};
use charter_report::Finding;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Value, json};

/// A compiled contract.
#[pyclass(name = "Contract", frozen)]
struct PyContract {
    judge: Judge,
}

#[pymethods]
impl PyContract {
    /// Loads the contract of a folder, or an OpenAPI document. Bodies without a request are judged as responses of `operation`.
    #[new]
    #[pyo3(signature = (path, operation=None))]
    fn new(py: Python<'_>, path: &str, operation: Option<&str>) -> PyResult<Self> {
        let load = || -> Result<Judge, String> {
            let contract = charter_rules::load(Utf8Path::new(path)).map_err(|error| error.to_string())?;
            let judge = Judge::new(&contract).map_err(|error| error.to_string())?;
            match operation {
                Some(operation) => judge.for_operation(operation).map_err(|error| error.to_string()),
                None => Ok(judge),
            }
        };
        py.detach(load).map(|judge| Self { judge }).map_err(PyValueError::new_err)
    }

    /// The checksum of the contract.
    fn digest(&self) -> String {
        self.judge.contract().digest()
    }

    /// Judges one document. Returns whether it keeps the contract, and the verdict as JSON if something is to be said about it.
    fn judge_bytes(&self, py: Python<'_>, document: &[u8]) -> (bool, Option<String>) {
        py.detach(|| {
            let mut result = (false, None);
            judge_documents(&self.judge, [document], &mut |verdict| result = (verdict.is_kept(), text(&verdict)));
            result
        })
    }

    /// Judges the documents between 64-bit offsets into bytes. Returns a byte for each, which is 1 if the document keeps the contract, and the verdicts, as JSON, about which
    /// something is to be said.
    fn judge_column<'py>(&self, py: Python<'py>, offsets: &[u8], data: &[u8]) -> PyResult<(Bound<'py, PyBytes>, Vec<(usize, String)>)> {
        let ends: Vec<usize> = offsets.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes) as usize).collect();
        if ends.windows(2).any(|pair| pair[0] > pair[1]) || ends.last().is_some_and(|end| *end > data.len()) {
            return Err(PyValueError::new_err("the offsets of the column are not valid"));
        }
        let (kept, verdicts) = py.detach(|| {
            let (mut kept, mut verdicts) = (Vec::with_capacity(ends.len()), Vec::new());
            judge_documents(&self.judge, ends.windows(2).map(|pair| &data[pair[0]..pair[1]]), &mut |verdict| {
                verdicts.extend(text(&verdict).map(|text| (kept.len(), text)));
                kept.push(u8::from(verdict.is_kept()));
            });
            (kept, verdicts)
        });
        Ok((PyBytes::new(py, &kept), verdicts))
    }
}

/// A verdict as JSON; `None` if the document keeps the contract and everything in it was judged.
fn text(verdict: &DocumentVerdict) -> Option<String> {
    let (operation, unreadable, not_judged) = match verdict {
        DocumentVerdict::Judged(judgement) => {
            let out_of_scope = judgement.out_of_scope.as_ref().map(|reason| ("exchange", reason.to_string()));
            let parts = judgement.not_judged.iter().map(|part| (part.part, part.reason.clone()));
            let not_judged: Vec<Value> =
                out_of_scope.into_iter().chain(parts).map(|(part, reason)| json!({ "part": part, "reason": reason })).collect();
            (judgement.operation.clone(), judgement.unreadable.clone(), not_judged)
        }
        _ => (None, None, Vec::new()),
    };
    let findings: Vec<Value> = verdict.findings().iter().map(finding).collect();
    let is_silent = findings.is_empty() && unreadable.is_none() && not_judged.is_empty();
    (!is_silent)
        .then(|| json!({ "operation": operation, "unreadable": unreadable, "notJudged": not_judged, "findings": findings }).to_string())
}

/// A finding, with the names of the JSON report.
fn finding(finding: &Finding) -> Value {
    json!({
        "fingerprint": finding.fingerprint(),
        "kind": finding.kind.as_str(),
        "rule": finding.rule,
        "keyword": finding.keyword,
        "severity": if finding.severity == Severity::Error { "error" } else { "warning" },
        "operation": finding.operation,
        "message": finding.message,
        "instanceLocation": finding.instance_location,
        "keywordLocation": finding.keyword_location,
        "found": finding.found,
        "promised": finding.promised,
    })
}

#[pymodule]
fn _charter(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyContract>()
}
