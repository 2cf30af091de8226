//! Resources that the server lists, page by page.

use std::collections::HashSet;

use serde_json::Value;

use super::{Askers, Shared};
use crate::client::Ask;
use crate::route::query;

impl Shared {
    /// Hands on every id that is listed; returns the first.
    pub(super) async fn list(&self, limit: Option<usize>, askers: &Askers) -> Option<String> {
        let (template, config) = self.routes.list.as_ref()?;
        let mut first = None;
        let mut left = limit.unwrap_or(usize::MAX);
        let mut question = String::new();
        let mut followed = HashSet::new();
        while left > 0 {
            let seen = self.ask(Ask::get(self.routes.page(template, &question)), true).await;
            if let Some(why) = seen.why_unseen() {
                self.ledger.unseen("the list", &why);
                break;
            }
            let page: Value = seen.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null);
            for id in at(&page, &config.ids).into_iter().filter_map(Value::as_str).take(left) {
                first.get_or_insert_with(|| id.to_owned());
                left -= 1;
                if !self.hand_on(askers, id.to_owned()).await {
                    return first;
                }
            }
            let next = config.next.as_deref().and_then(|next| page.pointer(next)).and_then(Value::as_str);
            let (Some(next), Some(parameter)) = (next, config.cursor.as_deref()) else { break };
            if !followed.insert(next.to_owned()) {
                self.ledger.unseen("the list", "a page leads back to one that was seen");
                break;
            }
            question = query(parameter, next);
        }
        if self.plan.related {
            for question in &config.queries {
                let seen = self.ask(Ask::get(self.routes.page(template, question)), false).await;
                if let Some(why) = seen.why_unseen() {
                    self.ledger.unseen(&format!("the list, {question}"), &why);
                }
            }
        }
        first
    }
}

/// The values at a pointer in which `*` stands for any item.
fn at<'v>(value: &'v Value, pointer: &str) -> Vec<&'v Value> {
    let Some((before, after)) = pointer.split_once("/*") else { return value.pointer(pointer).into_iter().collect() };
    let items = value.pointer(before).and_then(Value::as_array);
    items.into_iter().flatten().flat_map(|item| at(item, after)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_every_item() {
        let page = serde_json::json!({"runs": [{"id": "a"}, {"id": "b"}, {}], "ids": ["c"]});
        assert_eq!(at(&page, "/runs/*/id"), ["a", "b"]);
        assert_eq!(at(&page, "/ids/*"), ["c"]);
        assert!(at(&page, "/none/*/id").is_empty());
    }
}
