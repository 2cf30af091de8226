//! The pages of a list, and the ids on a page.

use std::collections::HashSet;

use charter_contract::ListConfig;
use serde_json::Value;

use crate::endpoint::{Endpoint, IdType};
use crate::route::Routes;
use crate::serialise::query_parameter;

/// Where pages usually have the URL of the next page, if no setting says how pages follow each other.
const NEXT: [&str; 7] = ["/next", "/links/next", "/_links/next/href", "/paging/next", "/pagination/next", "/meta/next", "/next_url"];

/// Where pages usually have the cursor of the next page.
const CURSORS: [&str; 14] = [
    "/next_cursor",
    "/nextCursor",
    "/next_page_token",
    "/nextPageToken",
    "/next_token",
    "/nextToken",
    "/next",
    "/cursor/next",
    "/cursors/next",
    "/meta/next_cursor",
    "/pagination/next_cursor",
    "/pagination/nextCursor",
    "/paging/cursors/after",
    "/response_metadata/next_cursor",
];
/// The usual names of the query parameters for a cursor, for the number of a page and for the number of the resources before it, without their spelling.
const CURSOR_QUERIES: [&str; 8] = ["cursor", "after", "pagetoken", "nexttoken", "nextcursor", "pagecursor", "startingafter", "next"];
const PAGE_QUERIES: [&str; 5] = ["page", "pagenumber", "pageno", "pageindex", "pagenum"];
const OFFSET_QUERIES: [&str; 4] = ["offset", "skip", "start", "startindex"];
/// The objects of a page that describe it.
const PARTS: [&str; 6] = ["", "/meta", "/pagination", "/paging", "/page", "/links"];

/// The position in a list of several pages.
pub(super) struct Pages<'r> {
    routes: &'r Routes,
    endpoint: &'r Endpoint,
    /// The values of the path parameters without a value.
    values: &'r [&'r str],
    config: Option<&'r ListConfig>,
    pub(super) url: String,
    seen: HashSet<String>,
    /// The number of the current page.
    number: u64,
    /// The number of the resources on earlier pages.
    offset: usize,
    /// The ids on earlier pages.
    ids: HashSet<String>,
    /// Whether the first page has the number 0.
    is_from_zero: bool,
    /// Whether the next page of a list without a setting is requested by its number or offset.
    is_numbered: bool,
}

/// Why the next page is not requested.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The list has an error.
    Failed(&'static str),
    /// The next page is elsewhere, and no setting says that it belongs to the list.
    Elsewhere,
    /// There are more pages, and neither a setting nor a query parameter with a usual name says how to request them.
    Unknown,
}

impl<'r> Pages<'r> {
    /// The first page.
    pub(super) fn new(routes: &'r Routes, endpoint: &'r Endpoint, values: &'r [&'r str], config: Option<&'r ListConfig>) -> Self {
        let url = routes.url(endpoint, values, "");
        let number = config.map_or(1, |config| config.first_page);
        Self {
            routes,
            endpoint,
            values,
            config,
            seen: HashSet::from([url.clone()]),
            url,
            number,
            offset: 0,
            ids: HashSet::new(),
            is_from_zero: false,
            is_numbered: false,
        }
    }

    /// Goes to the next page; false if this page, which has `count` resources with these ids, is the last.
    ///
    /// # Errors
    /// Why the next page cannot be requested.
    pub(super) fn next(&mut self, page: &Value, link: Option<&str>, count: usize, ids: &[String]) -> Result<bool, Stop> {
        self.is_from_zero |= self.offset == 0 && self.config.is_none() && has_number_zero(page);
        self.offset += count;
        self.number = self.number.saturating_add(1);
        let Some(next) = self.next_url(page, link, count)? else { return Ok(false) };
        if !self.seen.insert(next.clone()) {
            return Err(Stop::Failed("a page repeats an earlier cursor"));
        }
        if self.config.map_or(self.is_numbered, |config| config.page.is_some() || config.offset.is_some()) {
            // Every URL with a number is another one, also if the server ignores the number.
            let before = self.ids.len();
            self.ids.extend(ids.iter().cloned());
            if self.ids.len() == before && self.config.is_none() {
                return Ok(false);
            }
            if self.ids.len() == before {
                return Err(Stop::Failed("a page repeats the ids of earlier pages; check `page` and `offset` under [probe.list]"));
            }
        }
        self.url = next;
        Ok(true)
    }

    fn next_url(&mut self, page: &Value, link: Option<&str>, count: usize) -> Result<Option<String>, Stop> {
        let at = |pointer: &str| page.pointer(pointer).and_then(text);
        let Some(config) = self.config else {
            let found = link.map(str::to_owned).or_else(|| NEXT.iter().filter_map(|pointer| at(pointer)).find(|text| is_reference(text)));
            let Some(found) = found else { return self.usual(page, count) };
            // Without a setting, a URL of another path is not followed.
            let next = self.routes.next_page(&self.url, &found).filter(|next| path(next) == path(&self.url));
            return next.map(Some).ok_or(Stop::Elsewhere);
        };
        let with = |parameter: &str, value: &str| Some(self.routes.url(self.endpoint, self.values, &query_parameter(parameter, value)));
        let named = config.next_url.as_deref().and_then(at).or_else(|| link.filter(|_| config.link_header).map(str::to_owned));
        if let Some(named) = named {
            let next = self.routes.next_page(&self.url, &named);
            return next.map(Some).ok_or(Stop::Failed("the URL of the next page is not on this server"));
        }
        let cursor = config.next.as_deref().and_then(at).zip(config.cursor.as_deref());
        Ok(match (cursor, &config.page, &config.offset) {
            (Some((cursor, parameter)), ..) => with(parameter, &cursor),
            (None, Some(parameter), _) if count > 0 => with(parameter, &self.number.to_string()),
            (None, _, Some(parameter)) if count > 0 => with(parameter, &self.offset.to_string()),
            _ => None,
        })
    }
}

impl Pages<'_> {
    /// The next page of a list without a setting: by the query parameters that the operation documents under usual names.
    fn usual(&mut self, page: &Value, count: usize) -> Result<Option<String>, Stop> {
        let (routes, endpoint, values) = (self.routes, self.endpoint, self.values);
        let query = |names: &[&str]| names.iter().find_map(|name| endpoint.open_queries.iter().find(|query| plain(query) == **name));
        let with = |query: &str, value: &str| Ok(Some(routes.url(endpoint, values, &query_parameter(query, value))));
        let has_more = more(page, self.number, self.offset);
        if has_more == Some(false) || count == 0 {
            return Ok(None);
        }
        if let Some(cursor) = CURSORS.iter().find_map(|pointer| page.pointer(pointer).and_then(text)) {
            return query(&CURSOR_QUERIES).map_or(Err(Stop::Unknown), |query| with(query, &cursor));
        }
        self.is_numbered = true;
        if let Some(query) = query(&PAGE_QUERIES) {
            return with(query, &(self.number - u64::from(self.is_from_zero)).to_string());
        }
        if let Some(query) = query(&OFFSET_QUERIES) {
            return with(query, &self.offset.to_string());
        }
        if has_more == Some(true) { Err(Stop::Unknown) } else { Ok(None) }
    }
}

/// Whether a page says that more pages follow; `None` if it says nothing. `number` is the number of the next page from 1, `offset` the number of the
/// resources so far.
fn more(page: &Value, number: u64, offset: usize) -> Option<bool> {
    let members = |names: &'static [&'static str]| {
        PARTS
            .iter()
            .flat_map(move |part| names.iter().map(move |name| format!("{part}/{name}")))
            .filter_map(|pointer| page.pointer(&pointer))
    };
    let flag = members(&["has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage"]).find_map(Value::as_bool);
    let pages = || members(&["total_pages", "totalPages", "last_page", "lastPage", "page_count", "pageCount"]).find_map(Value::as_u64);
    let total = || members(&["total", "total_count", "totalCount", "total_items", "totalItems", "totalElements"]).find_map(Value::as_u64);
    flag.or_else(|| pages().map(|pages| number <= pages)).or_else(|| total().map(|total| (offset as u64) < total))
}

/// Whether a page has the number 0.
fn has_number_zero(page: &Value) -> bool {
    let pointers =
        ["/number", "/page", "/page/number", "/page_number", "/pageNumber", "/pageable/pageNumber", "/meta/page", "/pagination/page"];
    pointers.iter().find_map(|pointer| page.pointer(pointer)?.as_u64()) == Some(0)
}

fn path(url: &str) -> &str {
    url.split('?').next().unwrap_or_default().trim_end_matches('/')
}

/// Whether a text is a URL reference rather than a cursor.
fn is_reference(text: &str) -> bool {
    text.contains("://") || text.starts_with(['/', '?'])
}

/// The text of an id or a cursor, which may be an integer.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The values at a JSON Pointer in which `*` matches every item of an array.
pub(super) fn values_at<'v>(value: &'v Value, pointer: &str) -> Vec<&'v Value> {
    let Some((before, after)) = pointer.split_once("/*") else { return value.pointer(pointer).into_iter().collect() };
    let items = value.pointer(before).and_then(Value::as_array);
    items.into_iter().flatten().flat_map(|item| values_at(item, after)).collect()
}

/// The values of a path parameter on a page without a setting: members of the items of its list, or the items.
pub(super) fn values_of<'v>(page: &'v Value, parameter: &str, id_type: IdType) -> Vec<&'v Value> {
    let Some(items) = items(page) else { return Vec::new() };
    let values = items.iter().filter_map(|item| if item.is_object() { id_of(item, parameter, id_type) } else { Some(item) });
    values.filter(|value| fits(value, id_type)).collect()
}

fn fits(value: &Value, id_type: IdType) -> bool {
    text(value).is_some_and(|text| id_type.fits(&text))
}

/// The list of a page: the page itself, or the first member with a list of objects or of ids, at most three levels deep.
fn items(page: &Value) -> Option<&Vec<Value>> {
    let mut level = vec![page];
    for _ in 0..3 {
        let lists = level.iter().filter_map(|value| value.as_array());
        let mut lists = lists.filter(|items| items.iter().all(|item| item.is_object() || text(item).is_some()));
        if let Some(items) = lists.next() {
            return Some(items);
        }
        level = level.iter().filter_map(|value| value.as_object()).flat_map(serde_json::Map::values).collect();
    }
    None
}

/// The member of an item that a path parameter names, if its value has the type of the parameter: `bookId` is `bookId`, `book_id` or `id`.
fn id_of<'v>(item: &'v Value, parameter: &str, id_type: IdType) -> Option<&'v Value> {
    let members: Vec<(&str, String, &Value)> = item
        .as_object()?
        .iter()
        .map(|(name, value)| (name.as_str(), plain(name), value))
        .filter(|(.., value)| fits(value, id_type))
        .collect();
    let wanted = plain(parameter);
    let named = |name: &str| members.iter().find(|(found, ..)| *found == name).map(|(.., value)| *value);
    let same = || members.iter().find(|(_, name, _)| *name == wanted).map(|(.., value)| *value);
    // `{book_isbn}` of items with `isbn`.
    let last_word = || members.iter().find(|(_, name, _)| name.len() > 2 && wanted.ends_with(name.as_str())).map(|(.., value)| *value);
    // `{id}` of items with `bookId` only.
    let ending = || members.iter().find(|(_, name, _)| wanted == "id" && name.ends_with("id")).map(|(.., value)| *value);
    let usual = || ["_id", "uuid", "uid", "key", "slug", "code", "name"].iter().find_map(|name| named(name));
    named(parameter).or_else(same).or_else(last_word).or_else(|| named("id")).or_else(ending).or_else(usual)
}

/// A name without its spelling: `book_id` and `bookId` are the same.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_matches_every_item() {
        let page = json!({"parcels": [{"id": "a"}, {"id": "b"}, {}], "ids": ["c"]});
        assert_eq!(values_at(&page, "/parcels/*/id"), ["a", "b"]);
        assert_eq!(values_at(&page, "/ids/*"), ["c"]);
        assert!(values_at(&page, "/none/*/id").is_empty());
    }

    #[test]
    fn the_values_of_a_parameter_are_found_in_usual_lists() {
        let of_type = |page: Value, parameter: &str, id_type: IdType, wanted: &[&str]| {
            let found: Vec<String> = values_of(&page, parameter, id_type).into_iter().filter_map(text).collect();
            assert_eq!(found, wanted, "{page} {parameter}");
        };
        let check = |page: Value, parameter: &str, wanted: &[&str]| of_type(page, parameter, IdType::Any, wanted);
        check(json!([{"id": 1}, {"id": 2}]), "bookId", &["1", "2"]);
        check(json!({"total": 2, "data": [{"isbn": "a", "id": 7}]}), "isbn", &["a"]);
        check(json!({"_embedded": {"books": [{"book_id": 7, "id": 8}]}}), "bookId", &["7"]);
        check(json!({"names": ["a", "b"]}), "name", &["a", "b"]);
        check(json!([{"bookId": 3, "price": 1}]), "id", &["3"]);
        check(json!({"data": []}), "id", &[]);
        check(json!([[1], [2]]), "id", &[]);
        check(json!({"a": 1}), "id", &[]);
        let uid = "9b1d6f0e-0c0f-4d2a-8f6e-2d8c5a7e4b10";
        check(json!([{"name": "a", "isbn": "x", "id": 7}]), "book_isbn", &["x"]);
        of_type(json!([{"name": "a", "uid": uid}]), "item_uid", IdType::Uuid, &[uid]);
        of_type(json!([{"name": uid, "id": 7}]), "item", IdType::Uuid, &[uid]);
        of_type(json!([{"name": "a", "id": "b"}, {"id": "12"}, {"id": 1.5}]), "item", IdType::Integer, &["12"]);
        of_type(json!(["a", 4]), "item", IdType::Integer, &["4"]);
    }
}
