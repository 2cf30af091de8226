//! A batch of entries, judged: the fast path and the plans of heads count what they decide; the reference path returns judgements.

use std::sync::{Arc, Mutex, PoisonError};

use crate::judge::{Buffers, Decided, DecidedCounts, Decider, Failed, FastPathCounts, Observed, ObservedBatch};
use charter_json::Cursor;
use charter_report::Partition;
use charter_traffic::exchange::{Exchange, Origin};

use crate::partition::{owns, owns_line};
use crate::timeline::EntryPlace;
use crate::{Judge, Judgement};
use charter_traffic::read::{Entry, EntryError, ExchangeView, Item};

/// The buffers of deciders, for reuse: memory that is allocated and freed for each batch costs time.
#[derive(Debug, Default)]
pub(super) struct BufferPool(Mutex<(Vec<Buffers>, Vec<ObservedBatch>)>);

impl BufferPool {
    fn take(&self) -> Buffers {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (buffers, observed) = (pool.0.pop(), pool.1.pop());
        buffers.unwrap_or_default().with_observed(observed.unwrap_or_default())
    }

    fn give(&self, buffers: Buffers) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.push(buffers);
    }

    /// Gives back the memory of observations that were stored.
    pub(super) fn give_observed(&self, observed: ObservedBatch) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.push(observed.cleared());
    }
}

/// The results of a batch: counts of what was decided, and every other entry in order.
pub(super) struct JudgedBatch {
    /// Number of entries of all partitions, and the offset after the last one.
    pub(super) entries: u64,
    pub(super) end: Option<u64>,
    pub(super) counts: FastPathCounts,
    pub(super) decided: DecidedCounts,
    /// What the observed exchanges among the other entries are compared with.
    pub(super) observed: ObservedBatch,
    pub(super) source: Arc<str>,
    /// Whether a bare body was decided.
    pub(super) has_bare: bool,
    pub(super) rest: Vec<Judged>,
}

/// The result of an exchange that a plan may decide.
enum Tried {
    /// It has no finding, and is counted.
    Counted,
    /// Rules failed. All else is counted.
    Failed(Box<Failed>),
    NotCertain,
}

/// An entry that is more than a count.
pub(super) enum Judged {
    /// The reference path judged it.
    Exchange(Box<(Judgement, Exchange)>),
    /// It has no finding, and other exchanges are compared with it.
    Observed(Observed, EntryPlace),
    Malformed(EntryError),
}

impl JudgedBatch {
    pub(super) fn of(judge: &Judge, pool: &BufferPool, partition: Option<Partition>, items: Vec<Item>, source: &Arc<str>) -> Self {
        let entries = items.iter().map(|item| item.entries() as u64).sum();
        let end = items.last().and_then(Item::end);
        let mut judged = Self {
            entries,
            end,
            counts: FastPathCounts::default(),
            decided: DecidedCounts::default(),
            observed: ObservedBatch::default(),
            source: source.clone(),
            has_bare: false,
            rest: Vec::new(),
        };
        let mut decider = judge.decider_with(pool.take());
        for item in items {
            match item {
                Item::Entry(entry) if partition.is_none_or(|partition| owns(partition, judge, &entry, source)) => {
                    let body = entry.as_ref().as_ref().ok().and_then(Exchange::bare_body);
                    let fast_path = judge.fast_path().ok().zip(body);
                    if !fast_path.is_some_and(|(fast_path, body)| fast_path.accepts(body, &mut judged.counts)) {
                        judged.add(judge, &mut decider, *entry, false);
                    }
                }
                Item::Entry(_) => {}
                Item::Entries(block) => {
                    for scanned in block.entries() {
                        if partition.is_some_and(|partition| !owns(partition, judge, &scanned.entry(source), source)) {
                            continue;
                        }
                        match judged.decide(&mut decider, &scanned.view(), || scanned.origin(source)) {
                            Tried::Counted => {}
                            Tried::Failed(failed) => judged.add_failed(&decider, *failed, scanned.entry(source)),
                            Tried::NotCertain => judged.add(judge, &mut decider, scanned.entry(source), true),
                        }
                    }
                }
                Item::Block(block) => {
                    let is_bare = block.is_bare();
                    let fast_path = judge.fast_path().ok().filter(|_| is_bare);
                    let lines = block.lines();
                    for line in lines.filter(|line| partition.is_none_or(|partition| owns_line(partition, judge, line, source))) {
                        let body = fast_path.and_then(|fast_path| Some((fast_path, line.bytes()?)));
                        if body.is_some_and(|(fast_path, body)| fast_path.accepts(body, &mut judged.counts)) {
                            continue;
                        }
                        let (tried, is_tried) = match line.bytes() {
                            Some(bytes) if is_bare => (judged.decide_bare(&mut decider, bytes), true),
                            Some(bytes) => judged.decide_line(&mut decider, bytes, &|| line.origin(source)),
                            None => (Tried::NotCertain, false),
                        };
                        match tried {
                            Tried::Counted => {}
                            Tried::Failed(failed) => judged.add_failed(&decider, *failed, line.entry(source)),
                            Tried::NotCertain => judged.add(judge, &mut decider, line.entry(source), is_tried),
                        }
                    }
                }
            }
        }
        let buffers;
        (judged.decided, judged.observed, buffers) = decider.into_results();
        pool.give(buffers);
        judged
    }

    /// Decides a bare body.
    fn decide_bare(&mut self, decider: &mut Decider<'_>, bytes: &[u8]) -> Tried {
        match decider.decide_bare(bytes) {
            // Without a time, nothing is compared.
            Decided::Kept(_) => {
                self.has_bare = true;
                Tried::Counted
            }
            Decided::Failed(failed) => Tried::Failed(failed),
            Decided::NotCertain => Tried::NotCertain,
        }
    }

    /// Decides a line of a recording. The second result says whether the decider has seen the exchange.
    fn decide_line(&mut self, decider: &mut Decider<'_>, bytes: &[u8], origin: &dyn Fn() -> Origin) -> (Tried, bool) {
        // A plan accepts only bodies that are JSON.
        if let Some(view) = ExchangeView::of_line_with_body_at_end(bytes) {
            let tried = self.decide(decider, &view, origin);
            if !matches!(tried, Tried::NotCertain) || view.response.body.is_some_and(is_json) {
                return (tried, true);
            }
        }
        match ExchangeView::of_line(bytes) {
            Some(view) => (self.decide(decider, &view, origin), true),
            None => (Tried::NotCertain, false),
        }
    }

    /// Decides an exchange without the reference path, if that is possible.
    fn decide(&mut self, decider: &mut Decider<'_>, view: &ExchangeView<'_>, origin: impl FnOnce() -> Origin) -> Tried {
        let observed = match decider.decide(view) {
            Decided::Kept(observed) => observed,
            Decided::Failed(failed) => return Tried::Failed(failed),
            Decided::NotCertain => return Tried::NotCertain,
        };
        self.rest.extend(observed.map(|observed| {
            let Origin { index, line, column, bytes, .. } = origin();
            Judged::Observed(observed, EntryPlace { index, line, column, byte: bytes.start })
        }));
        Tried::Counted
    }

    /// Adds an exchange in which rules failed.
    fn add_failed(&mut self, decider: &Decider<'_>, failed: Failed, entry: Entry) {
        self.rest.push(match entry {
            Ok(exchange) => Judged::Exchange(Box::new((decider.judgement(&exchange, failed), exchange))),
            Err(error) => Judged::Malformed(error),
        });
    }

    /// `is_tried`: the decider has seen the exchange.
    fn add(&mut self, judge: &Judge, decider: &mut Decider<'_>, entry: Entry, is_tried: bool) {
        match entry {
            Ok(exchange) => {
                let view = if is_tried { None } else { ExchangeView::of(&exchange) };
                match view.as_ref().map(|view| self.decide(decider, view, || exchange.origin.clone())) {
                    Some(Tried::Counted) => return,
                    Some(Tried::Failed(failed)) => return self.add_failed(decider, *failed, Ok(exchange)),
                    Some(Tried::NotCertain) | None => {}
                }
                let judgement = judge.judge(&exchange);
                if is_tried || view.is_some() {
                    decider.learn(&exchange, &judgement);
                }
                self.rest.push(Judged::Exchange(Box::new((judgement, exchange))));
            }
            Err(error) => self.rest.push(Judged::Malformed(error)),
        }
    }
}

/// Whether a text is one JSON value, possibly with white space around it.
fn is_json(text: &[u8]) -> bool {
    Cursor::from_bytes(text).is_ok_and(|mut cursor| cursor.skip().is_ok() && cursor.finish().is_ok())
}

#[cfg(test)]
mod tests {
    use charter_traffic::read::{Limits, Reading, Source};

    use super::*;

    const CONTRACT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": {
        "operationId": "orders.get", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}}}}}}}}"#;

    #[test]
    fn plans_decide_the_exchanges_of_files_and_of_live_servers() {
        let contract = charter_rules::from_documents([("openapi.json".to_owned(), CONTRACT.into())].into()).expect("a contract");
        let judge = Judge::new(&contract).expect("a judge");
        let live = "http://127.0.0.1:8080/api";
        for (judge, base) in [(judge.with_base_url(live), live), (judge, "")] {
            let exchange = Exchange::get(format!("{base}/orders/1")).response(200, r#"{"id":"1"}"#);
            let items = (0..9).map(|_| Item::Entry(Box::new(Ok(exchange.clone())))).collect();
            let judged = JudgedBatch::of(&judge, &BufferPool::default(), None, items, &"test".into());
            // The first two exchanges with a head make its plan.
            assert_eq!((judged.decided.kept(), judged.rest.len()), (7, 2));
        }
    }

    const RULES: &str = "format: charter-invariants/1
invariants:
  - {id: order.total, on: 'openapi.json#/components/schemas/Order', path: /total, rule: self.total > 0.0, message: 'total {self.total}', severity: warning,
     promise: {kind: documented, where: w, quote: q}}
  - {id: item.count, on: 'openapi.json#/components/schemas/Item', path: /count, rule: self.count >= 1.0 && isWhole(self.count), message: m, severity: warning,
     promise: {kind: documented, where: w, quote: q}}
";

    fn judge_of_orders() -> Judge {
        let schemas = r##""components": {"schemas": {
            "Order": {"type": "object", "required": ["id", "total", "item"],
                "properties": {"total": {"type": "number"}, "item": {"$ref": "#/components/schemas/Item"}}},
            "Item": {"type": "object", "required": ["count"], "properties": {"count": {"type": "number"}}}}}, "paths""##;
        let contract = CONTRACT.replacen("\"paths\"", schemas, 1);
        let contract = contract.replace(r#"{"type": "object", "required": ["id"]}"#, r##"{"$ref": "#/components/schemas/Order"}"##);
        let files = [("openapi.json", contract.as_str()), ("order.invariants.yaml", RULES)];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let contract = charter_rules::from_documents(files.into()).unwrap_or_else(|error| panic!("{error}"));
        Judge::new(&contract).expect("a judge")
    }

    #[test]
    fn a_plan_judges_exchanges_in_which_rules_fail() {
        let judge = judge_of_orders();
        let exchange = |total: &str, count: &str| {
            Exchange::get("/orders/1").response(200, format!(r#"{{"id":"1", "total":{total}, "item": {{"count":{count}}}}}"#))
        };
        let kept = [exchange("1", "1"), exchange("2.5", "2"), exchange("3", "1")];
        let broken = [exchange("0", "1"), exchange("3", "0"), exchange("-1", "0.5"), exchange("0.0", "1")];
        let items = kept.iter().chain(&broken).map(|exchange| Item::Entry(Box::new(Ok(exchange.clone())))).collect();
        let judged = JudgedBatch::of(&judge, &BufferPool::default(), None, items, &"test".into());
        assert_eq!((judged.decided.kept(), judged.decided.failed()), (1, 4));
        let findings: Vec<_> = judged
            .rest
            .iter()
            .filter_map(|judged| match judged {
                Judged::Exchange(judged) => Some(judged.0.findings.clone()),
                _ => None,
            })
            .collect();
        let wanted: Vec<_> = kept[..2].iter().chain(&broken).map(|exchange| judge.judge(exchange).findings).collect();
        assert_eq!(findings, wanted);
        assert_eq!(wanted.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1, 1, 2, 1]);
    }

    #[test]
    fn plans_decide_bare_bodies() {
        let judge = judge_of_orders();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bodies.ndjson");
        let body = |total: &str| format!("{{\"id\":\"1\", \"total\":{total}, \"item\": {{\"count\":1}}}}\n");
        let lines = ["1", "2", "3", "0", "4", "null", "5"].map(body);
        std::fs::write(&path, lines.concat()).expect("a file");
        let reading = Reading::open(&Source::File(path), &Limits::default()).expect("a source");
        let Reading::Archive(mut archive) = reading else { panic!("the lines are not an archive") };
        let items: Vec<Item> = std::iter::from_fn(|| archive.next_item().expect("an item")).collect();
        let judged = JudgedBatch::of(&judge, &BufferPool::default(), None, items, &"test".into());
        assert!(judged.has_bare);
        assert_eq!((judged.entries, judged.decided.kept(), judged.decided.failed()), (7, 3, 1));
        let judgements = judged.rest.iter().filter_map(|judged| match judged {
            Judged::Exchange(judged) => Some((judged.1.origin.index, judged.0.findings.len())),
            _ => None,
        });
        assert_eq!(judgements.collect::<Vec<_>>(), [(0, 0), (1, 0), (3, 1), (5, 1)]);
    }
}
