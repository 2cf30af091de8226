//! From requests to responses: key, rate limit, operation.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use crate::random::Random;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Path, Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::fmt::rfc2822::DateTimePrinter;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::artifact::artifacts;
use crate::fault::{
    PendingResponse, Subject, accepts_without_key, hides_retry_after, inject, needs_a_run_in_flight, serves_unfinished_files,
};
use crate::list;
use crate::machine::{Run, Status};
use crate::network::{self, Choice};
use crate::options::SimulatorOptions;
use crate::refusal::Refusal;
use crate::runs::Runs;
use crate::seed_data::seed_data;
use crate::view::View;

/// The longest body of a request, in bytes.
const MAX_BODY: usize = 8 << 20;
/// The interval at which a waiting request checks whether its run has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How much longer a run stays unfinished if a fault needs such a run, in simulated milliseconds.
const DELAY_MS: i64 = 600_000;
const SECTIONS: [&str; 4] = ["input", "usage", "execution", "debug"];

/// The state of the server.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: SimulatorOptions,
    pub(crate) network: Choice,
    began: Instant,
    began_ms: i64,
    runs: RwLock<Runs>,
    requests: AtomicU64,
    /// The current second and the number of its requests.
    rate: Mutex<(u64, u32)>,
    /// The number of requests by operation and run, for faults over time.
    request_counts: Mutex<HashMap<String, u64>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(options: SimulatorOptions) -> Self {
        let began_ms = options.clock.as_ref().map_or_else(jiff::Timestamp::now, |clock| clock.now()).as_millisecond();
        let mut runs = seed_data(&mut Random::new(options.seed), options.runs, began_ms);
        if options.faults.iter().any(|fault| needs_a_run_in_flight(fault))
            && let Some(waiting) = runs.iter_mut().find(|run| run.status(began_ms) == Status::Waiting)
        {
            waiting.delay(began_ms, DELAY_MS);
        }
        let (requests, rate, request_counts) = Default::default();
        let network = Choice::new(&options);
        Self {
            options,
            network,
            began: Instant::now(),
            began_ms,
            runs: RwLock::new(runs.into_iter().collect()),
            requests,
            rate,
            request_counts,
        }
    }

    pub(crate) fn seeded_runs(&self) -> Vec<String> {
        self.runs().iter().take(self.options.runs).map(|run| run.id.clone()).collect()
    }

    fn now_ms(&self) -> i64 {
        match &self.options.clock {
            Some(clock) => clock.now().as_millisecond(),
            None => self.began_ms + (self.began.elapsed().as_secs_f64() * self.options.speed * 1e3) as i64,
        }
    }

    /// Builds a value from a run at the current instant.
    fn show<T>(&self, id: &str, show: impl FnOnce(View<'_>) -> T) -> Result<T, Refusal> {
        self.runs().view(id, self.now_ms()).map(show).ok_or(Refusal::NOT_FOUND)
    }

    fn runs(&self) -> RwLockReadGuard<'_, Runs> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs_mut(&self) -> RwLockWriteGuard<'_, Runs> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The rate limit of the current second is exceeded.
    fn count(&self) -> Result<(), Refusal> {
        let Some(limit) = self.options.rate_limit else { return Ok(()) };
        let second = self.began.elapsed().as_secs();
        let mut rate = locked(&self.rate);
        *rate = if rate.0 == second { (second, rate.1.saturating_add(1)) } else { (second, 1) };
        if rate.1 > limit { Err(Refusal::TOO_MANY) } else { Ok(()) }
    }

    fn has(&self, fault: impl Fn(&str) -> bool) -> bool {
        self.options.faults.iter().any(|name| fault(name))
    }

    fn authorise(&self, operation: &str, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        // Authentication schemes are case-insensitive.
        let key = given.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let key = key.map(|(_, key)| key.trim_start());
        match key {
            Some(key) if key == self.options.key => Ok(()),
            Some(key) if key == self.options.read_only_key() => {
                if method == Method::GET {
                    Ok(())
                } else {
                    Err(Refusal::FORBIDDEN)
                }
            }
            None if self.has(|fault| accepts_without_key(fault, operation)) => Ok(()),
            _ => Err(Refusal::NO_KEY),
        }
    }
}

/// Builds the body of an operation that returns one part of a run.
type Part = fn(View<'_>) -> Value;

/// The operations, under the contract's prefix.
pub(crate) fn router(state: Arc<State>) -> Router {
    type Shared = axum::extract::State<Arc<State>>;
    type Id = Path<String>;
    let runs =
        Router::new()
            .route(
                "/runs",
                get(|state: Shared, request: Request| async move { state.respond("runs.list", request, None, list_runs).await }),
            )
            .route("/runs", post(|state: Shared, request: Request| async move { start(&state, request).await }))
            .route(
                "/runs/{id}",
                get(|state: Shared, Path(id): Id, request: Request| async move { state.respond("runs.get", request, Some(id), run).await }),
            )
            .route(
                "/runs/{id}/cancel",
                post(|state: Shared, Path(id): Id, request: Request| async move {
                    state.respond("runs.cancel", request, Some(id), cancel).await
                }),
            );
    let parts: [(&str, &'static str, Part); 4] = [
        ("/runs/{id}/usage", "runs.usage.get", |view| json!({ "usage": view.usage() })),
        ("/runs/{id}/steps", "runs.steps.list", |view| json!({ "steps": view.steps() })),
        ("/runs/{id}/events", "runs.events.list", |view| json!({ "events": view.events() })),
        ("/runs/{id}/artifacts", "runs.artifacts.list", |view| {
            let completed = view.status() == Status::Completed;
            let entries = completed.then(|| artifacts(view.run).iter().map(|artifact| artifact.entry(view.run)).collect::<Value>());
            json!({ "artifacts": entries.unwrap_or_else(|| json!([])) })
        }),
    ];
    let runs = parts.into_iter().fold(runs, |router, (path, operation, part)| {
        router.route(
            path,
            get(move |state: Shared, Path(id): Id, request: Request| async move {
                state
                    .respond(operation, request, Some(id), move |state, id, _| state.show(id, part).map(|body| (StatusCode::OK, body)))
                    .await
            }),
        )
    });
    let runs =
        runs.route(
            "/runs/{id}/artifacts/{*path}",
            get(|state: Shared, Path((id, path)): Path<(String, String)>, request: Request| async move {
                download(&state, &id, &path, &request)
            }),
        );
    let unknown = |state: Shared| async move { state.refuse(Refusal::NOT_FOUND, "") };
    let no_method = |state: Shared| async move { state.refuse(Refusal::METHOD, "") };
    let router = Router::new().nest("/api/v1", runs).fallback(unknown).method_not_allowed_fallback(no_method);
    let router = router.layer(from_fn_with_state(state.clone(), require_utf8_path)).with_state(state.clone());
    if state.network.is_empty() { router } else { router.layer(from_fn_with_state(state, network::inject)) }
}

/// Middleware: responds with 404 if the path is not valid UTF-8.
async fn require_utf8_path(axum::extract::State(state): axum::extract::State<Arc<State>>, request: Request, next: Next) -> Response {
    match percent_decode_str(request.uri().path()).decode_utf8() {
        Ok(_) => next.run(request).await,
        Err(_) => state.refuse(Refusal::NOT_FOUND, ""),
    }
}

type Query_ = HashMap<String, String>;
/// The status and body of an operation.
type Outcome = Result<(StatusCode, Value), Refusal>;

impl State {
    /// Runs an operation and sends its JSON response.
    async fn respond(
        self: &Arc<Self>,
        operation: &'static str,
        request: Request,
        id: Option<String>,
        run: impl FnOnce(&Self, &str, &Query_) -> Outcome,
    ) -> Response {
        let checked = self.count().and_then(|()| self.authorise(operation, request.method(), request.headers()));
        let query = Query::<Query_>::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default();
        let id = id.unwrap_or_default();
        match checked.and_then(|()| run(self, &id, &query)) {
            Ok((status, body)) => self.json(operation, &id, status, body, &query),
            Err(refusal) => self.refuse(refusal, operation),
        }
    }

    fn request_id(&self) -> String {
        format!("req_{:08}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    fn json(&self, operation: &'static str, id: &str, status: StatusCode, body: Value, query: &Query_) -> Response {
        if self.options.faults.is_empty() {
            return self.response(status, HeaderMap::new(), "application/json", body.to_string().into_bytes(), None);
        }
        let (earlier_requests, usage_was_read) = {
            let (mut counts, usage) = (locked(&self.request_counts), format!("usage {id}"));
            let usage_was_read = match operation {
                "runs.usage.get" => counts.insert(usage, 1).is_some(),
                "runs.get" if body["usage"].is_object() => counts.remove(&usage).is_some(),
                _ => false,
            };
            (*counts.entry(format!("{operation} {id}")).and_modify(|count| *count += 1).or_insert(0), usage_was_read)
        };
        let subject = self.show(id, Subject::new).ok();
        let mut response = PendingResponse { operation, status, body, query: query.clone(), subject, earlier_requests, usage_was_read };
        for fault in &self.options.faults {
            inject(fault, &mut response);
        }
        self.response(response.status, HeaderMap::new(), "application/json", response.body.to_string().into_bytes(), None)
    }

    pub(crate) fn refuse(&self, refusal: Refusal, operation: &str) -> Response {
        let mut headers = HeaderMap::new();
        let is_hidden = self.has(|fault| hides_retry_after(fault, operation));
        if refusal.status == StatusCode::TOO_MANY_REQUESTS && !is_hidden {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        let id = self.request_id();
        let other = self.has(|fault| fault == "error.request-id-is-the-header");
        let envelope = refusal.envelope(if other { "req_other" } else { &id });
        self.response(refusal.status, headers, "application/json", envelope.to_string().into_bytes(), Some(id))
    }

    fn response(
        &self,
        status: StatusCode,
        mut headers: HeaderMap,
        content_type: &'static str,
        bytes: Vec<u8>,
        id: Option<String>,
    ) -> Response {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::from_str(&id.unwrap_or_else(|| self.request_id())) {
            headers.insert("x-request-id", id);
        }
        let date = self.options.clock.as_ref().and_then(|clock| DateTimePrinter::new().timestamp_to_rfc9110_string(&clock.now()).ok());
        headers.extend(date.and_then(|date| HeaderValue::from_str(&date).ok()).map(|date| (header::DATE, date)));
        (status, headers, Body::from(bytes)).into_response()
    }
}

/// The values of the query parameter `expand`.
pub(crate) fn expand_of(query: &Query_) -> Vec<String> {
    let expand = query.get("expand").map(String::as_str).unwrap_or_default();
    expand.split(',').map(str::trim).filter(|section| !section.is_empty()).map(str::to_owned).collect()
}

fn run(state: &State, id: &str, query: &Query_) -> Outcome {
    let expand = expand_of(query);
    let expand: Vec<&str> = expand.iter().map(String::as_str).collect();
    if expand.iter().any(|section| !SECTIONS.contains(section)) {
        return Err(Refusal::invalid("expand", "input, usage, execution or debug are expected, between commas"));
    }
    Ok((StatusCode::OK, state.show(id, |view| view.run(&expand))?))
}

fn list_runs(state: &State, _: &str, query: &Query_) -> Outcome {
    let (now_ms, runs) = (state.now_ms(), state.runs());
    Ok((StatusCode::OK, list::page(&runs.views(now_ms), query)?))
}

fn cancel(state: &State, id: &str, _: &Query_) -> Outcome {
    let (now_ms, mut runs) = (state.now_ms(), state.runs_mut());
    let run = runs.get_mut(id).ok_or(Refusal::NOT_FOUND)?;
    let cancellation = run.cancel(now_ms);
    let run = &*run;
    Ok((StatusCode::OK, View { run, now_ms, next_status: None }.cancelled(cancellation)))
}

fn download(state: &State, id: &str, path: &str, request: &Request) -> Response {
    let found = state.count().and_then(|()| state.authorise("runs.artifacts.get", request.method(), request.headers())).and_then(|()| {
        let found = state.show(id, |view| {
            let given = view.status() == Status::Completed || state.has(serves_unfinished_files);
            given.then(|| artifacts(view.run)).into_iter().flatten().find(|artifact| artifact.path == path)
        })?;
        found.ok_or(Refusal::NOT_FOUND)
    });
    let is = |name: &str| state.has(|fault| fault == name);
    match found {
        Ok(_) if is("artifact.can-be-downloaded") => state.refuse(Refusal::NOT_FOUND, "runs.artifacts.get"),
        Ok(mut artifact) => {
            if is("artifact.length-as-stated") {
                artifact.bytes.push(b'\n');
            }
            let content_type = if is("artifact.type-as-stated") { "text/html" } else { artifact.content_type };
            state.response(StatusCode::OK, HeaderMap::new(), content_type, artifact.bytes, None)
        }
        Err(refusal) => state.refuse(refusal, "runs.artifacts.get"),
    }
}

/// Starts a run, and waits for its end if the query says so.
async fn start(state: &Arc<State>, request: Request) -> Response {
    let operation = "runs.start";
    let query = Query::<Query_>::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default();
    let checked = state.count().and_then(|()| state.authorise(operation, request.method(), request.headers()));
    if let Err(refusal) = checked {
        return state.refuse(refusal, operation);
    }
    let wait = match query.get("wait_for_completion").map(|text| text.parse::<u64>().ok().filter(|seconds| *seconds <= 600)) {
        None => None,
        Some(Some(seconds)) => Some(Duration::from_secs(seconds)),
        Some(None) => return state.refuse(Refusal::invalid("wait_for_completion", "seconds from 0 to 600 are expected"), operation),
    };
    let started = match start_body(request).await.and_then(|(body, files)| begin(state, &body, files)) {
        Ok(id) => id,
        Err(refusal) => return state.refuse(refusal, operation),
    };
    let deadline = Instant::now() + wait.unwrap_or_default();
    loop {
        let now = state.show(&started, |view| (view.is_finished(), view.accepted(), view.run(&[])));
        let (finished, accepted, whole) = match now {
            Ok(now) => now,
            Err(refusal) => return state.refuse(refusal, operation),
        };
        match wait {
            None => return state.json(operation, &started, StatusCode::CREATED, accepted, &query),
            Some(_) if finished => return state.json(operation, &started, StatusCode::OK, whole, &query),
            Some(_) if Instant::now() >= deadline => return state.json(operation, &started, StatusCode::ACCEPTED, accepted, &query),
            Some(_) => tokio::time::sleep(POLL_INTERVAL).await,
        }
    }
}

/// The body of a start, from JSON or a form, and the names of its files.
async fn start_body(request: Request) -> Result<(Value, Vec<String>), Refusal> {
    let unreadable = Refusal::invalid("<root>", "a JSON object is expected, or multipart/form-data");
    let multipart = request.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    if !multipart {
        let bytes = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Refusal::TOO_LARGE)?;
        return serde_json::from_slice(&bytes).map(|body| (body, Vec::new())).map_err(|_| unreadable);
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable)?;
    let (mut body, mut files) = (json!({}), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|_| unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().filter(|_| name.starts_with("files.")).map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| Refusal::TOO_LARGE)?;
        match name.as_str() {
            "target" => body["target"] = String::from_utf8_lossy(&bytes).into_owned().into(),
            "input" | "overrides" | "metadata" => body[name] = serde_json::from_slice(&bytes).map_err(|_| unreadable)?,
            _ => files.extend(file),
        }
    }
    Ok((body, files))
}

fn begin(state: &State, body: &Value, files: Vec<String>) -> Result<String, Refusal> {
    let target = body["target"].as_str().filter(|target| !target.is_empty());
    let target = target.ok_or(Refusal::invalid("target", "text is expected, such as workflows.invoice"))?;
    let (kind, automation) = target.split_once('.').unwrap_or_default();
    if !matches!(kind, "workflows" | "agents") || automation.is_empty() {
        return Err(Refusal::invalid("target", "workflows.<name> or agents.<name> is expected"));
    }
    for (key, refusal) in [
        ("input", Refusal::invalid("input", "an object is expected")),
        ("files", Refusal::invalid("files", "an object is expected")),
        ("overrides", Refusal::invalid("overrides", "an object is expected")),
        ("metadata", Refusal::invalid("metadata", "an object is expected")),
    ] {
        if body.get(key).is_some_and(|value| !value.is_object()) {
            return Err(refusal);
        }
    }
    let (now_ms, mut runs) = (state.now_ms(), state.runs_mut());
    let seed = Random::new(state.options.seed ^ (runs.len() as u64) << 20).next_u64();
    let mut run = Run::new(seed, runs.len(), kind == "workflows", automation.to_owned(), now_ms);
    (run.arguments, run.metadata, run.files) = (body.get("input").cloned(), body.get("metadata").cloned(), Some(files));
    let id = run.id.clone();
    runs.push(run);
    Ok(id)
}
