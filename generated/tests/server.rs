//! The generated server of the Run contract, with a few runs of the simulator's corpus, and the generated client.

use std::collections::BTreeMap;

use charter_client::Error;
use charter_generated::client::{Client, RunsListOptions as Listed};
use charter_generated::server::{
    RunsArtifactsGetError, RunsArtifactsListError, RunsArtifactsListOptions, RunsCancelError, RunsEventsListError, RunsGetError,
    RunsGetOptions, RunsListError, RunsListOptions, RunsStartBody, RunsStartError, RunsStartOptions, RunsStartSuccess, RunsStepsListError,
    RunsUsageGetError, Server, router,
};
use charter_generated::*;
use charter_server::axum::response::IntoResponse as _;
use charter_server::{Body, Head, Rejection, Reply, Response, StatusCode};
use serde_json::json;

/// Runs by id. Operations that this server does not have are not implemented (501), as responses of its own.
struct Runs(BTreeMap<String, Run>);

fn envelope<T: serde::de::DeserializeOwned>(field: &str, message: &str) -> T {
    let issue = json!({ "code": "x", "field": field, "message": message, "severity": "error" });
    serde_json::from_value(json!({ "issues": [issue], "requestId": "req_1" })).expect("an envelope")
}

fn not_implemented<T, E>() -> Result<Reply<T>, Reply<E>> {
    Err(Reply::raw(StatusCode::NOT_IMPLEMENTED))
}

impl Server for Runs {
    async fn runs_get(&self, _: Head, id: String, _: RunsGetOptions) -> Result<Reply<Run>, Reply<RunsGetError>> {
        match self.0.get(&id) {
            Some(run) => Ok(Reply::new(run.clone()).with_header("x-request-id", "req_1")),
            None => Err(RunsGetError::Status404(envelope("id", "the run does not exist")).into()),
        }
    }

    async fn runs_list(&self, _: Head, _: RunsListOptions) -> Result<Reply<RunList>, Reply<RunsListError>> {
        let empty = serde_json::from_value::<RunList>(json!({ "runs": [], "nextCursor": null }));
        Ok(empty.expect("a page").into())
    }

    async fn runs_start(
        &self,
        _: Head,
        body: RunsStartBody,
        _: RunsStartOptions,
    ) -> Result<Reply<RunsStartSuccess>, Reply<RunsStartError>> {
        match body {
            RunsStartBody::Json(_) => not_implemented(),
            RunsStartBody::Multipart(parts) => {
                let names: Vec<&str> = parts.parts.iter().map(|part| part.name.as_str()).collect();
                Err(RunsStartError::Status400(envelope("body", &names.join(","))).into())
            }
        }
    }

    async fn runs_cancel(&self, _: Head, _: String) -> Result<Reply<RunCancellation>, Reply<RunsCancelError>> {
        not_implemented()
    }

    async fn runs_usage_get(&self, _: Head, _: String) -> Result<Reply<RunUsageAnswer>, Reply<RunsUsageGetError>> {
        not_implemented()
    }

    async fn runs_steps_list(&self, _: Head, _: String) -> Result<Reply<RunSteps>, Reply<RunsStepsListError>> {
        not_implemented()
    }

    async fn runs_events_list(&self, _: Head, _: String) -> Result<Reply<RunEvents>, Reply<RunsEventsListError>> {
        not_implemented()
    }

    async fn runs_artifacts_list(
        &self,
        _: Head,
        _: String,
        _: RunsArtifactsListOptions,
    ) -> Result<Reply<RunArtifacts>, Reply<RunsArtifactsListError>> {
        not_implemented()
    }

    async fn runs_artifacts_get(&self, _: Head, _: String, path: String) -> Result<Reply<Body>, Reply<RunsArtifactsGetError>> {
        Ok(Reply::new(Body::from(path)).with_header("content-type", "text/plain"))
    }

    /// The API has an envelope of its own for errors.
    fn reject(&self, rejection: Rejection) -> Response {
        let violation = rejection.violations.first();
        let field = violation.and_then(|violation| violation.name).unwrap_or("<root>");
        let envelope: ApiErrorEnvelope = envelope(field, violation.map_or(&rejection.detail, |violation| &violation.detail));
        let body = serde_json::to_string(&envelope).expect("JSON");
        (rejection.status, [("content-type", "application/json")], body).into_response()
    }
}

#[tokio::test]
async fn the_generated_client_reads_the_runs_of_the_generated_server() {
    let runs: BTreeMap<String, Run> = charter_simulator::corpus(7)
        .take(20)
        .map(|specimen| {
            let run: Run = serde_json::from_str(&specimen.body).expect("a run");
            (serde_json::to_value(&run).expect("JSON")["id"].as_str().expect("an id").to_owned(), run)
        })
        .collect();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = router(Runs(runs.clone()));
    tokio::spawn(async move { charter_server::axum::serve(listener, router).await });

    let stranger = Client::new(&base).expect("a base URL");
    let refused = stranger.runs_list(&Listed::default()).await.expect_err("status 401");
    assert!(matches!(refused.as_documented(), Some(RunsListError::Status401(_))), "{refused}");

    let client = stranger.with_bearer_auth("key");
    for (id, run) in &runs {
        let read = client.runs_get(id, &RunsGetOptions::default()).await.expect("a run");
        assert_eq!((&read.body, &read.headers()["x-request-id"]), (run, &"req_1".parse().expect("a value")));
    }
    let missing = client.runs_get("run_none", &RunsGetOptions::default()).await.expect_err("status 404");
    assert!(matches!(missing.as_documented(), Some(RunsGetError::Status404(_))), "{missing}");
    // The bound of the inline schema.
    let invalid = client.runs_list(&Listed { limit: Some(101), ..Listed::default() }).await.expect_err("status 400");
    let Some(RunsListError::Status400(envelope)) = invalid.as_documented() else { panic!("{invalid}") };
    let envelope = serde_json::to_value(envelope).expect("JSON");
    assert_eq!(
        (&envelope["issues"][0]["field"], &envelope["issues"][0]["message"]),
        (&json!("limit"), &json!("101 is greater than the maximum of 100"))
    );
    let parts =
        charter_client::Multipart::new().text("target", "workflows.invoice").file("files.scan", "a.png", "image/png", b"x".to_vec());
    let refused = client.runs_start_multipart(&parts, &RunsStartOptions::default()).await.expect_err("status 400");
    let Some(RunsStartError::Status400(envelope)) = refused.as_documented() else { panic!("{refused}") };
    assert_eq!(serde_json::to_value(envelope).expect("JSON")["issues"][0]["message"], "target,files.scan");
    let file = client.runs_artifacts_get("1", "out/a b.txt").await.expect("a file");
    assert_eq!(&*file.body.bytes().await.expect("bytes"), b"out/a b.txt");
    let cancelled = client.runs_cancel("1").await.expect_err("status 501");
    assert!(matches!(cancelled, Error::Unexpected(_)));
}
