//! A batch of entries, judged: the fast path counts what it decides; the reference path returns judgements.

use std::sync::Arc;

use crate::judge::FastPathCounts;
use charter_report::Partition;
use charter_traffic::exchange::Exchange;

use crate::partition::{owns, owns_line};
use crate::{Judge, Judgement};
use charter_traffic::read::{Entry, EntryError, Item};

/// The results of a batch: counts of the fast path, and every other entry in order.
pub(super) struct JudgedBatch {
    /// Number of entries of all partitions, and the offset after the last one.
    pub(super) entries: u64,
    pub(super) end: Option<u64>,
    pub(super) counts: FastPathCounts,
    pub(super) rest: Vec<Result<(Judgement, Exchange), EntryError>>,
}

impl JudgedBatch {
    pub(super) fn of(judge: &Judge, partition: Option<Partition>, items: Vec<Item>, source: &Arc<str>) -> Self {
        let entries = items.iter().map(|item| item.entries() as u64).sum();
        let end = items.last().and_then(Item::end);
        let mut judged = Self { entries, end, counts: FastPathCounts::default(), rest: Vec::new() };
        for item in items {
            match item {
                Item::Entry(entry) if partition.is_none_or(|partition| owns(partition, judge, &entry, source)) => {
                    let body = entry.as_ref().as_ref().ok().and_then(Exchange::bare_body);
                    let fast_path = judge.fast_path().ok().zip(body);
                    if !fast_path.is_some_and(|(fast_path, body)| fast_path.accepts(body, &mut judged.counts)) {
                        judged.add(judge, *entry);
                    }
                }
                Item::Entry(_) => {}
                Item::Block(block) => {
                    let fast_path = judge.fast_path().ok().filter(|_| block.is_bare());
                    let lines = block.lines();
                    for line in lines.filter(|line| partition.is_none_or(|partition| owns_line(partition, judge, line, source))) {
                        let body = fast_path.and_then(|fast_path| Some((fast_path, line.bytes()?)));
                        if !body.is_some_and(|(fast_path, body)| fast_path.accepts(body, &mut judged.counts)) {
                            judged.add(judge, line.entry(source));
                        }
                    }
                }
            }
        }
        judged
    }

    fn add(&mut self, judge: &Judge, entry: Entry) {
        self.rest.push(entry.map(|exchange| (judge.judge(&exchange), exchange)));
    }
}
