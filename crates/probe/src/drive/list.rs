//! Lists resources, page by page.

use std::collections::HashSet;

use serde_json::Value;

use super::{Dispatch, Shared};
use crate::client::Query;
use crate::route::query_parameter;

impl Shared {
    /// Dispatches every listed id; returns the first.
    pub(super) async fn list(&self, limit: Option<usize>, dispatch: &Dispatch) -> Option<String> {
        let (template, config) = self.routes.list.as_ref()?;
        let mut first = None;
        let mut left = limit.unwrap_or(usize::MAX);
        let mut query = String::new();
        let mut cursors = HashSet::new();
        while left > 0 {
            let observed = self.request(Query::get(self.routes.page(template, &query)), true).await;
            if let Some(why) = observed.failure() {
                self.missed.failed("the list", &why);
                break;
            }
            let page: Value = observed.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null);
            for id in values_at(&page, &config.ids).into_iter().filter_map(Value::as_str).take(left) {
                first.get_or_insert_with(|| id.to_owned());
                left -= 1;
                if !self.dispatch(dispatch, id.to_owned()).await {
                    return first;
                }
            }
            let next = config.next.as_deref().and_then(|next| page.pointer(next)).and_then(Value::as_str);
            let (Some(next), Some(parameter)) = (next, config.cursor.as_deref()) else { break };
            if !cursors.insert(next.to_owned()) {
                self.missed.failed("the list", "a page repeats an earlier cursor");
                break;
            }
            query = query_parameter(parameter, next);
        }
        if self.plan.related {
            for query in &config.queries {
                let observed = self.request(Query::get(self.routes.page(template, query)), false).await;
                if let Some(why) = observed.failure() {
                    self.missed.failed(&format!("the list, {query}"), &why);
                }
            }
        }
        first
    }
}

/// The values at a JSON Pointer in which `*` matches every item of an array.
fn values_at<'v>(value: &'v Value, pointer: &str) -> Vec<&'v Value> {
    let Some((before, after)) = pointer.split_once("/*") else { return value.pointer(pointer).into_iter().collect() };
    let items = value.pointer(before).and_then(Value::as_array);
    items.into_iter().flatten().flat_map(|item| values_at(item, after)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_every_item() {
        let page = serde_json::json!({"parcels": [{"id": "a"}, {"id": "b"}, {}], "ids": ["c"]});
        assert_eq!(values_at(&page, "/parcels/*/id"), ["a", "b"]);
        assert_eq!(values_at(&page, "/ids/*"), ["c"]);
        assert!(values_at(&page, "/none/*/id").is_empty());
    }
}
