//! Judges documents that are in memory, one after another, without a report.

use std::sync::{Arc, Mutex, PoisonError};

use charter_contract::Position;
use charter_report::Finding;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{ExchangeView, bare, is_bare_body, read_line};

use super::run::malformed;
use crate::judge::{Buffers, Decided, Decider, FastPathCounts};
use crate::{Judge, Judgement};

/// The position of each document.
const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };

/// The verdict on a document.
#[derive(Debug)]
#[non_exhaustive]
pub enum DocumentVerdict {
    /// It has no finding, and everything in it was judged.
    Kept,
    /// The reference path judged it.
    Judged(Box<Judgement>),
    /// It is not an exchange.
    Malformed(Box<Finding>),
}

impl DocumentVerdict {
    /// Whether the document has no violation (warnings do not count) and could be judged completely.
    pub fn is_kept(&self) -> bool {
        match self {
            Self::Kept => true,
            Self::Judged(judgement) => judgement.is_kept(),
            Self::Malformed(_) => false,
        }
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Kept => &[],
            Self::Judged(judgement) => &judgement.findings,
            Self::Malformed(finding) => std::slice::from_ref(finding),
        }
    }
}

/// Judges documents in memory, without a report. What earlier documents needed is kept, so that a document that keeps the contract needs little more than one pass over its bytes.
/// Threads can share it.
#[derive(Debug)]
pub struct DocumentJudge {
    judge: Judge,
    source: Arc<str>,
    /// The buffers that no thread uses.
    idle: Mutex<Vec<Buffers>>,
}

impl DocumentJudge {
    /// Judges documents with a compiled contract.
    pub fn new(judge: Judge) -> Self {
        Self { judge, source: "".into(), idle: Mutex::default() }
    }

    /// The compiled contract.
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// Judges documents, each of which is a line of a recording: an exchange, or the body of a response. Rules over time and downloads are not judged, because they need other
    /// exchanges.
    pub fn judge_documents<'d>(&self, documents: impl IntoIterator<Item = &'d [u8]>, sink: &mut dyn FnMut(DocumentVerdict)) {
        let mut counts = FastPathCounts::default();
        self.with_decider(|decider| {
            for bytes in documents {
                // As for the lines of an archive.
                let bytes = bytes.trim_ascii_end();
                let is_bare = is_bare_body(bytes);
                let is_accepted = is_bare && self.judge.fast_path().is_ok_and(|fast_path| fast_path.accepts(bytes, &mut counts));
                let verdict = match is_accepted || (is_bare && matches!(decider.decide_bare(bytes), Decided::Kept(_))) {
                    true => DocumentVerdict::Kept,
                    false => self.judge_document(decider, bytes, is_bare),
                };
                sink(verdict);
            }
        });
    }

    /// Judges an exchange.
    pub fn judge_exchange(&self, exchange: &Exchange) -> DocumentVerdict {
        self.with_decider(|decider| {
            let view = ExchangeView::of(exchange);
            if view.as_ref().is_some_and(|view| is_decided(decider, view)) {
                return DocumentVerdict::Kept;
            }
            self.judge_whole(decider, exchange, view.is_some())
        })
    }

    fn with_decider<T>(&self, work: impl FnOnce(&mut Decider<'_>) -> T) -> T {
        let buffers = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut decider = self.judge.decider_with(buffers.unwrap_or_default()).without_observations();
        let result = work(&mut decider);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(decider.into_buffers());
        result
    }

    fn judge_document(&self, decider: &mut Decider<'_>, bytes: &[u8], is_bare: bool) -> DocumentVerdict {
        // No text: the response has no body.
        if bytes.is_empty() {
            return self.judge_whole(decider, &bare(Vec::new()), false);
        }
        if is_bare {
            return match read_line(bytes.to_vec(), BEGINNING, &self.source, 0) {
                Ok(exchange) => self.judge_whole(decider, &exchange, exchange.bare),
                Err(error) => DocumentVerdict::Malformed(Box::new(malformed(&error))),
            };
        }
        let view_with_body_at_end = ExchangeView::of_line_with_body_at_end(bytes);
        if view_with_body_at_end.is_some_and(|view| is_decided(decider, &view)) {
            return DocumentVerdict::Kept;
        }
        let view = ExchangeView::of_line(bytes);
        if view.as_ref().is_some_and(|view| is_decided(decider, view)) {
            return DocumentVerdict::Kept;
        }
        let exchange = match read_line(bytes.to_vec(), BEGINNING, &self.source, 0) {
            Ok(exchange) => exchange,
            Err(error) => return DocumentVerdict::Malformed(Box::new(malformed(&error))),
        };
        let other_view = if view.is_some() { None } else { ExchangeView::of(&exchange) };
        if other_view.as_ref().is_some_and(|view| is_decided(decider, view)) {
            return DocumentVerdict::Kept;
        }
        self.judge_whole(decider, &exchange, view.is_some() || other_view.is_some())
    }

    /// The verdict of the reference path. `may_learn`: the decider was asked before, and learns from the judgement.
    fn judge_whole(&self, decider: &mut Decider<'_>, exchange: &Exchange, may_learn: bool) -> DocumentVerdict {
        let judgement = self.judge.judge(exchange);
        if may_learn {
            decider.learn(exchange, &judgement);
        }
        DocumentVerdict::Judged(Box::new(judgement))
    }
}

/// Judges documents, as [`DocumentJudge::judge_documents`].
pub fn judge_documents<'d>(judge: &Judge, documents: impl IntoIterator<Item = &'d [u8]>, sink: &mut dyn FnMut(DocumentVerdict)) {
    DocumentJudge::new(judge.clone()).judge_documents(documents, sink);
}

/// Whether an exchange is decided without the reference path; it then has no finding.
fn is_decided(decider: &mut Decider<'_>, view: &ExchangeView<'_>) -> bool {
    matches!(decider.decide(view), Decided::Kept(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A contract with a rule about the body, a rule about the request, and two operations.
    fn judge() -> DocumentJudge {
        let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}, "limit": {"type": "integer"}}});
        let get = |id: &str, schema: &serde_json::Value| {
            json!({"get": {"operationId": id, "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "d", "content": {"application/json": {"schema": schema}}}, "204": {"description": "d"}}}})
        };
        let openapi = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
            "/boxes": get("boxes.get", &json!({"$ref": "box.schema.json"})), "/words": get("words.get", &json!({"type": "string"}))}});
        let rules = "format: charter-invariants/1\ninvariants:\n  - id: below\n    on: box.schema.json\n    when: has(self.limit)\n    rule: self.n <= self.limit\n    message: m\n    severity: error\n    promise: {kind: documented, where: here, quote: q}\n    examples: {pass: [{self: {n: 1, limit: 2}}], fail: [{self: {n: 2, limit: 1}}]}\n";
        let files =
            [("openapi.json", openapi.to_string()), ("box.schema.json", schema.to_string()), ("box.invariants.yaml", rules.to_owned())];
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
        let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
        DocumentJudge::new(Judge::new(&contract).and_then(|judge| judge.for_operation("boxes.get")).expect("a judge"))
    }

    /// The findings of the reference path, and those of documents.
    fn check(judge: &DocumentJudge, document: &str) -> bool {
        let exchange = read_line(document.as_bytes().to_vec(), BEGINNING, &"".into(), 0).expect("a document");
        let wanted: Vec<String> = judge.judge().judge(&exchange).findings.iter().map(|finding| finding.message.clone()).collect();
        let mut is_decided = false;
        judge.judge_documents([document.as_bytes()], &mut |verdict| {
            let found: Vec<String> = verdict.findings().iter().map(|finding| finding.message.clone()).collect();
            assert_eq!(found, wanted, "{document}");
            assert_eq!(verdict.is_kept(), wanted.is_empty(), "{document}");
            is_decided = matches!(verdict, DocumentVerdict::Kept);
        });
        is_decided
    }

    #[test]
    fn bodies_are_decided_by_a_plan_after_the_second_one() {
        let judge = judge();
        assert!(!check(&judge, r#"{"n":1}"#) && !check(&judge, r#"{"n":2}"#));
        for kept in [r#"{"n":3}"#, r#" {"n":4,"limit":5} "#, r#"{"n":4,"limit":4,"more":[1]}"#] {
            assert!(check(&judge, kept), "{kept}");
        }
        for broken in [r#"{"n":-1}"#, r#"{"n":6,"limit":5}"#, r#"{"n":"1"}"#, "[]", "\"a\""] {
            assert!(!check(&judge, broken), "{broken}");
        }
        // The bodies of another operation have a plan of their own.
        let words = DocumentJudge::new(judge.judge().for_operation("words.get").expect("a judge"));
        for _ in 0..3 {
            assert!(!check(&words, r#"{"n":3}"#));
        }
        check(&words, "\"a\"");
        check(&words, "\"b\"");
        assert!(check(&words, "\"c\"") && check(&judge, r#"{"n":3}"#));
    }

    #[test]
    fn exchanges_are_decided_by_a_plan_and_an_empty_text_is_an_empty_body() {
        let judge = judge();
        let line = |body: &str| {
            format!(
                r#"{{"format":"charter-exchange/1","request":{{"method":"GET","url":"/boxes"}},"response":{{"status":200,"headers":[{{"name":"content-type","value":"application/json"}}],"body":{body}}},"error":null,"masked":["/request/url"],"headersComplete":true}}"#
            )
        };
        let decided: Vec<bool> = [1, 2, 3].map(|number| check(&judge, &line(&format!(r#"{{"n":{number}}}"#)))).into();
        assert_eq!(decided, [false, false, true]);
        assert!(!check(&judge, &line(r#"{"n":-1}"#)));
        judge.judge_documents([&b""[..], b" \n"], &mut |verdict| {
            let wanted = judge.judge().judge(&bare(Vec::new()));
            let (found, wanted) = (verdict.findings().iter(), wanted.findings.iter());
            assert!(found.map(|finding| &finding.rule).eq(wanted.map(|finding| &finding.rule)) && !verdict.is_kept(), "{verdict:?}");
        });
    }
}
