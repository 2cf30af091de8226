//! The native module of the Python package `charter`.

use std::sync::Arc;

use camino::Utf8Path;
use charter_contract::invariant::Severity;
use charter_engine::{DocumentJudge, DocumentVerdict, Judge};
use charter_report::Finding;
use charter_traffic::coding;
use charter_traffic::exchange::{Body, Exchange, Headers, Message, Origin, Request, Response};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use serde_json::{Value, json};

/// A compiled contract.
#[pyclass(name = "Contract", frozen)]
struct PyContract {
    documents: DocumentJudge,
}

/// Whether a document keeps the contract, and the verdict as JSON if something is to be said about it.
type Verdict = (bool, Option<String>);

/// The verdicts of a column: a byte for each row, and the texts of some rows.
type Column<'py> = (Bound<'py, PyBytes>, Vec<(usize, String)>);

/// Header fields, and a body if it is known. `true` instead of a body: it was sent, and is not known.
type Parts = (Vec<(String, String)>, Option<PyBackedBytes>, bool);

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
        py.detach(load).map(|judge| Self { documents: DocumentJudge::new(judge) }).map_err(PyValueError::new_err)
    }

    /// The checksum of the contract.
    fn digest(&self) -> String {
        self.documents.judge().contract().digest()
    }

    /// Judges one document.
    fn judge_bytes(&self, py: Python<'_>, document: &[u8]) -> Verdict {
        py.detach(|| {
            let mut result = (false, None);
            self.documents.judge_documents([document], &mut |verdict| result = (verdict.is_kept(), text(&verdict)));
            result
        })
    }

    /// Judges documents, one after another.
    fn judge_list(&self, py: Python<'_>, documents: Vec<PyBackedBytes>) -> Vec<Verdict> {
        py.detach(|| {
            let mut verdicts = Vec::with_capacity(documents.len());
            let documents = documents.iter().map(|document| &document[..]);
            self.documents.judge_documents(documents, &mut |verdict| verdicts.push((verdict.is_kept(), text(&verdict))));
            verdicts
        })
    }

    /// Judges an exchange. `is_decoded`: the body of the response is without the codings that its header fields name. `started` is in RFC 3339.
    #[expect(clippy::too_many_arguments, reason = "the caller is the Python package")]
    fn judge_exchange(
        &self,
        py: Python<'_>,
        method: String,
        url: String,
        status: u16,
        request: Parts,
        response: Parts,
        is_decoded: bool,
        is_complete: bool,
        started: Option<&str>,
        duration_ms: Option<f64>,
    ) -> Verdict {
        let started = started.and_then(|started| started.parse().ok());
        py.detach(|| {
            let mut exchange = Exchange::new(Origin { source: Arc::from(""), index: 0, line: None, column: None, bytes: 0..0 });
            exchange.timing.started = started;
            exchange.timing.duration_ms = duration_ms;
            // As in recordings.
            let has_no_body = request.1.is_none() && !request.2 && ["GET", "HEAD"].iter().any(|known| method.eq_ignore_ascii_case(known));
            let mut message = message(request, is_complete);
            if has_no_body {
                message.body = Body::from_bytes("");
            }
            exchange.request = Some(Request::new(method, url, message));
            let mut message = self::message(response, is_complete);
            if is_decoded && let Some(bytes) = message.body.bytes() {
                let fields = message.headers.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
                let codings: Vec<&str> = fields.map(|(_, value)| value.as_str()).collect();
                // The engine decodes bodies by their header fields.
                if let Ok(encoded) = coding::encode(bytes, &codings) {
                    message.body = Body::from_bytes(encoded.into_owned());
                }
            }
            exchange.response = Some(Response::new(status, message));
            let verdict = self.documents.judge_exchange(&exchange);
            (verdict.is_kept(), text(&verdict))
        })
    }

    /// Judges the documents between 64-bit offsets into bytes. `valid` has a byte for each; those of 0 are not judged. Returns a byte for each, which is 1 if the document keeps
    /// the contract, and the verdicts, as JSON, about which something is to be said.
    #[pyo3(signature = (offsets, data, valid=None))]
    fn judge_column<'py>(&self, py: Python<'py>, offsets: &[u8], data: &[u8], valid: Option<&[u8]>) -> PyResult<Column<'py>> {
        let ends: Vec<u64> = offsets.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, u64::from_le_bytes)).collect();
        let first = ends.first().copied().unwrap_or_default();
        // The data begin with the first document.
        let ends: Option<Vec<usize>> = ends.iter().map(|end| usize::try_from(end.checked_sub(first)?).ok()).collect();
        let is_ordered = |ends: &Vec<usize>| {
            !ends.is_empty() && ends.windows(2).all(|pair| pair[0] <= pair[1]) && ends.last().is_some_and(|end| *end <= data.len())
        };
        let Some(ends) = ends.filter(is_ordered).filter(|ends| valid.is_none_or(|valid| valid.len() == ends.len() - 1)) else {
            return Err(PyValueError::new_err("the offsets of the column are not valid"));
        };
        let (kept, verdicts) = py.detach(|| {
            let rows: Vec<usize> = (0..ends.len() - 1).filter(|row| valid.is_none_or(|valid| valid[*row] != 0)).collect();
            let (mut kept, mut verdicts) = (vec![0; ends.len() - 1], Vec::new());
            let mut judged = rows.iter();
            self.documents.judge_documents(rows.iter().map(|row| &data[ends[*row]..ends[*row + 1]]), &mut |verdict| {
                let Some(row) = judged.next() else { return };
                verdicts.extend(text(&verdict).map(|text| (*row, text)));
                kept[*row] = u8::from(verdict.is_kept());
            });
            (kept, verdicts)
        });
        Ok((PyBytes::new(py, &kept), verdicts))
    }
}

/// A message with its header fields and its body.
fn message((fields, body, is_unknown): Parts, is_complete: bool) -> Message {
    let body = match body {
        Some(bytes) => Body::from_bytes(bytes.to_vec()),
        None if is_unknown => Body::Truncated,
        None => Body::Missing,
    };
    Message { headers: Headers { fields, complete: is_complete }, body }
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
