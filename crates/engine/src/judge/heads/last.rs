//! The heads of the last exchanges. Most exchanges of a recording have the key of one of them.

use std::sync::Arc;

use charter_traffic::read::{ExchangeView, MessageView};

use super::key::Keys;
use super::plan::HeadPlan;

/// The number of heads that are remembered.
const HEADS: usize = 6;
/// After so many more misses than hits, as many exchanges are not compared: those of a recording of many operations rarely have one of the last heads.
const MISSES: u32 = 64;
const PAUSE: u32 = 1_024;

/// The last heads that differ.
#[derive(Debug, Default)]
pub(super) struct LastHeads {
    heads: [LastHead; HEADS],
    /// The head that is replaced next.
    oldest: usize,
    pause: Pause,
}

/// When exchanges are not compared with the last heads.
#[derive(Debug, Default)]
struct Pause {
    /// How many more misses than hits there were.
    misses: u32,
    /// The number of exchanges that are still not compared.
    left: u32,
}

impl Pause {
    /// Whether the next exchange is not compared.
    fn has_next(&mut self) -> bool {
        let has_next = self.left > 0;
        self.left = self.left.saturating_sub(1);
        has_next
    }

    /// Notes whether an exchange had one of the last heads.
    fn note(&mut self, is_hit: bool) {
        self.misses = if is_hit { self.misses.saturating_sub(1) } else { self.misses + 1 };
        if self.misses >= MISSES {
            *self = Self { misses: 0, left: PAUSE };
        }
    }
}

impl LastHeads {
    /// Remembers an exchange and the plan of its key.
    pub(super) fn add(&mut self, keys: &Keys, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>) {
        // The key of a path parameter that is a literal elsewhere names the literal.
        if self.pause.left == 0 && plan.url.has(view.url, |segment| keys.is_other(segment)) {
            self.heads[self.oldest].set(plan, view);
            self.oldest = (self.oldest + 1) % HEADS;
        }
    }

    /// The plan, if an exchange certainly has the same key.
    pub(super) fn plan(&mut self, keys: &Keys, view: &ExchangeView<'_>) -> Option<&Arc<HeadPlan>> {
        if self.pause.has_next() {
            return None;
        }
        let plan = self.heads.iter().find_map(|head| head.plan(keys, view));
        self.pause.note(plan.is_some());
        plan
    }
}

/// The head of an exchange, and the plan of its key.
#[derive(Debug, Default)]
struct LastHead {
    plan: Option<Arc<HeadPlan>>,
    has_started: bool,
    request: Message,
    response: Message,
}

/// The parts of a message that a key depends on.
#[derive(Debug, Default)]
struct Message {
    is_complete: bool,
    /// Whether there is a body, and whether it is empty.
    body: Option<bool>,
    /// The names and values of all header fields, one after another, and the end of each.
    fields: String,
    ends: Vec<usize>,
}

impl LastHead {
    /// Remembers an exchange and the plan of its key.
    fn set(&mut self, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>) {
        self.plan = Some(plan.clone());
        self.has_started = view.started.is_some();
        self.request.set(&view.request);
        self.response.set(&view.response);
    }

    /// The plan, if an exchange certainly has the same key.
    fn plan(&self, keys: &Keys, view: &ExchangeView<'_>) -> Option<&Arc<HeadPlan>> {
        let plan = self.plan.as_ref()?;
        let is_same = view.method == plan.method
            && view.status == plan.status
            && view.started.is_some() == self.has_started
            && plan.url.has(view.url, |segment| keys.is_other(segment))
            && self.request.is(&view.request)
            && self.response.is(&view.response);
        is_same.then_some(plan)
    }
}

fn body(message: &MessageView<'_>) -> Option<bool> {
    message.body.map(<[u8]>::is_empty)
}

impl Message {
    fn set(&mut self, message: &MessageView<'_>) {
        self.is_complete = message.is_complete;
        self.body = body(message);
        self.fields.clear();
        self.ends.clear();
        for text in message.fields.iter().flat_map(|(name, value)| [name, value]) {
            self.fields.push_str(text);
            self.ends.push(self.fields.len());
        }
    }

    fn is(&self, message: &MessageView<'_>) -> bool {
        if self.is_complete != message.is_complete || self.body != body(message) || self.ends.len() != 2 * message.fields.len() {
            return false;
        }
        let mut start = 0;
        let texts = message.fields.iter().flat_map(|(name, value)| [name, value]);
        texts.zip(&self.ends).all(|(text, end)| self.fields.get(std::mem::replace(&mut start, *end)..*end) == Some(*text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_that_rarely_have_a_last_head_are_not_compared_for_a_while() {
        let mut pause = Pause::default();
        // As many hits as misses.
        for number in 0..1_000 {
            assert!(!pause.has_next());
            pause.note(number % 2 == 1);
        }
        for _ in 1..MISSES {
            pause.note(false);
            assert!(!pause.has_next());
        }
        pause.note(false);
        assert_eq!((0..2 * PAUSE).filter(|_| pause.has_next()).count() as u32, PAUSE);
        pause.note(false);
        assert!(!pause.has_next());
    }
}
