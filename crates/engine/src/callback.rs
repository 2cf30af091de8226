//! Callbacks: their URLs are evaluated from the exchange of the operation that has them, and later exchanges with such a URL are judged as
//! requests of the callback.

use std::collections::{HashMap, VecDeque};

use charter_contract::{Contract, Location};
use charter_traffic::exchange::{Body, Exchange, Headers};
use serde_json::Value;
use url::Url;

use crate::operation::operation_for;
use crate::scope::OutOfScope;
use crate::{Judge, Judgement};

/// The maximum number of URLs. The oldest is removed first.
const URLS: usize = 10_000;
/// The maximum length of a URL in bytes. Longer ones are not stored.
const URL_BYTES: usize = 2_000;

/// The URLs of callbacks that earlier exchanges requested.
#[derive(Debug)]
pub(crate) struct CallbackUrls {
    /// By the URL without query and fragment.
    by_url: HashMap<String, Vec<Requested>>,
    /// The keys of `by_url`, from the oldest.
    order: VecDeque<String>,
}

/// A URL that an exchange requested.
#[derive(Debug, PartialEq)]
struct Requested {
    query: Vec<(String, String)>,
    /// An operation of the callback.
    operation: Location,
}

impl CallbackUrls {
    /// An empty table; `None` if the contract has no callbacks.
    pub(crate) fn new(contract: &Contract) -> Option<Self> {
        let has_callbacks = contract.callbacks().next().is_some();
        has_callbacks.then(|| Self { by_url: HashMap::new(), order: VecDeque::new() })
    }

    /// Judges an exchange again if it belongs to no operation and has the URL of a callback. Stores the URLs of the callbacks that the
    /// exchange requests.
    pub(crate) fn inspect(&mut self, judge: &Judge, exchange: &Exchange, judgement: &mut Judgement) {
        let contract = judge.contract();
        if is_unmatched(exchange, judgement) {
            let found = self.locations(exchange);
            let operations: Vec<_> = contract.webhooks().iter().filter(|operation| found.contains(&&operation.location)).collect();
            if !operations.is_empty() {
                *judgement = judge.judge_callback(exchange, &operations);
            }
        }
        let Some(id) = &judgement.operation else { return };
        let mut operations = contract.operations().iter().chain(contract.webhooks());
        let Some(operation) = operations.find(|operation| operation.id == *id && !operation.callbacks.is_empty()) else { return };
        for callback in contract.callbacks_of(operation) {
            if let Some(url) = evaluated(contract, exchange, &callback.path.0) {
                self.insert(url, callback.location.clone());
            }
        }
    }

    /// The operations of the callbacks with the URL of an exchange. Each query parameter of the callback's URL must be in the request;
    /// others may be added.
    fn locations(&self, exchange: &Exchange) -> Vec<&Location> {
        let url = exchange.request.as_ref().and_then(|request| Url::parse(&request.url).ok());
        let Some((key, query)) = url.map(parts) else { return Vec::new() };
        let requested = self.by_url.get(&key).into_iter().flatten();
        requested.filter(|one| one.query.iter().all(|pair| query.contains(pair))).map(|one| &one.operation).collect()
    }

    fn insert(&mut self, url: Url, operation: Location) {
        let (key, query) = parts(url);
        let requested = Requested { query, operation };
        if let Some(known) = self.by_url.get_mut(&key) {
            // One URL with ever new queries must not grow the table.
            if !known.contains(&requested) && known.len() < URLS / 100 {
                known.push(requested);
            }
            return;
        }
        if self.order.len() >= URLS
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_url.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.by_url.insert(key, vec![requested]);
    }
}

/// Whether an exchange belongs to no operation, and no setting excludes it.
fn is_unmatched(exchange: &Exchange, judgement: &Judgement) -> bool {
    let may_match = match &judgement.out_of_scope {
        Some(OutOfScope::Host(_) | OutOfScope::NotIncluded | OutOfScope::NoWebhook) => true,
        Some(_) => false,
        None => judgement.unreadable.is_none(),
    };
    may_match && judgement.operation.is_none() && !exchange.bare && exchange.request.is_some()
}

/// A URL without query and fragment, and its query.
fn parts(mut url: Url) -> (String, Vec<(String, String)>) {
    let query = url.query_pairs().into_owned().collect();
    url.set_query(None);
    url.set_fragment(None);
    (url.into(), query)
}

/// The URL of a callback: its key, with each runtime expression replaced by its value. `None` if a value is unknown or the result is not
/// an absolute URL.
///
/// # Source
/// OpenAPI, Callback Object, "Key Expression", and "Runtime Expressions".
fn evaluated(contract: &Contract, exchange: &Exchange, key: &str) -> Option<Url> {
    let mut text = String::new();
    let mut rest = key;
    if key.starts_with('$') {
        text = value_of(contract, exchange, key)?;
        rest = "";
    }
    while let Some((before, after)) = rest.split_once('{') {
        let (expression, after) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(&value_of(contract, exchange, expression)?);
        rest = after;
    }
    text.push_str(rest);
    if text.len() > URL_BYTES { None } else { Url::parse(&text).ok() }
}

/// The value of a runtime expression.
fn value_of(contract: &Contract, exchange: &Exchange, expression: &str) -> Option<String> {
    let request = exchange.request.as_ref()?;
    match expression {
        "$url" => return Some(request.url.clone()),
        "$method" => return Some(request.method.clone()),
        "$statusCode" => return exchange.response.as_ref().map(|response| response.status.to_string()),
        _ => {}
    }
    if let Some(source) = expression.strip_prefix("$response.") {
        let response = exchange.response.as_ref()?;
        return header_or_body(response.headers(), response.body(), source);
    }
    let source = expression.strip_prefix("$request.")?;
    if let Some(name) = source.strip_prefix("query.") {
        return request.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
    }
    if let Some(name) = source.strip_prefix("path.") {
        return operation_for(contract, request).ok()?.path.swap_remove(name);
    }
    header_or_body(request.headers(), request.body(), source)
}

fn header_or_body(headers: &Headers, body: &Body, source: &str) -> Option<String> {
    if let Some(name) = source.strip_prefix("header.") {
        return headers.get(name).map(str::to_owned);
    }
    let pointer = source.strip_prefix("body")?;
    let body: Value = serde_json::from_slice(body.bytes()?).ok()?;
    match body.pointer(pointer.strip_prefix('#').unwrap_or(pointer))? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}
