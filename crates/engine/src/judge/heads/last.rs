//! The head of the exchange before. Most exchanges of a recording have its key.

use std::sync::Arc;

use charter_traffic::read::{ExchangeView, MessageView};

use super::key::Keys;
use super::plan::HeadPlan;

/// The head of an exchange, and the plan of its key.
#[derive(Debug, Default)]
pub(super) struct LastHead {
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
    pub(super) fn set(&mut self, keys: &Keys, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>) {
        // The key of a path parameter that is a literal elsewhere names the literal.
        self.plan = plan.url.has(view.url, |segment| keys.is_other(segment)).then(|| plan.clone());
        self.has_started = view.started.is_some();
        self.request.set(&view.request);
        self.response.set(&view.response);
    }

    /// The plan, if an exchange certainly has the same key.
    pub(super) fn plan(&self, keys: &Keys, view: &ExchangeView<'_>) -> Option<Arc<HeadPlan>> {
        let plan = self.plan.as_ref()?;
        let is_same = view.method == plan.method
            && view.status == plan.status
            && view.started.is_some() == self.has_started
            && plan.url.has(view.url, |segment| keys.is_other(segment))
            && self.request.is(&view.request)
            && self.response.is(&view.response);
        is_same.then(|| plan.clone())
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
