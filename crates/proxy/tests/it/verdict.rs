//! The report of what passed, and its recording.

use std::io::Write;
use std::ops::ControlFlow;

use charter_engine::{CheckOptions, check};
use charter_proxy::ProxyOptions;
use charter_traffic::mask::Secret;
use http::{Method, Request, Response};
use http_body_util::Full;

use crate::setup::*;

#[tokio::test(flavor = "multi_thread")]
async fn right_exchanges_have_no_findings_and_pass_unchanged() {
    let upstream = upstream(|request| async move {
        assert_eq!(request.uri().path(), "/orders/order_1");
        assert!(request.headers().get("x-hop").is_none(), "{:?}", request.headers());
        assert_eq!(request.headers()["x-own"], "1");
        let mut response = json(200, ORDER);
        response.headers_mut().insert("x-server", "2".parse().expect("a value"));
        response
    })
    .await;
    let proxy = Running::to(upstream);
    let request =
        Request::get(format!("{}/orders/order_1", proxy.url)).header("connection", "x-hop").header("x-hop", "1").header("x-own", "1");
    let response = client(false).request(request.body(Full::default()).expect("a request")).await.expect("a response");
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["x-server"], "2");
    assert_eq!(text(response).await, ORDER);
    let report = proxy.report().await;
    assert!(report.is_kept(), "{report:?}");
    assert_eq!(report.summary.exchanges, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_and_responses_are_found_and_pass_unchanged() {
    let upstream = upstream(|request| async move {
        match *request.method() {
            Method::POST => json(201, ORDER),
            _ => json(200, WRONG_ORDER),
        }
    })
    .await;
    let proxy = Running::to(upstream);
    assert_eq!(text(get(format!("{}/orders/order_1", proxy.url)).await).await, WRONG_ORDER);
    let request = Request::post(format!("{}/orders", proxy.url)).header("content-type", "application/json");
    let request = request.body(Full::from(r#"{"items":1}"#)).expect("a request");
    let response = client(false).request(request).await.expect("a response");
    assert_eq!((response.status().as_u16(), text(response).await.as_str()), (201, ORDER));
    let (report, messages) = proxy.report_and_messages().await;
    assert_eq!((report.summary.exchanges, report.summary.broken), (2, 2));
    assert!(
        messages.iter().any(|message| message.contains("integer")) && messages.iter().any(|message| message.contains("item")),
        "{messages:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checked_recording_has_the_findings_of_the_proxy_and_no_secret() {
    let secret = format!("{}{}", "tok9Zq4vK8x", "Wm2pLr7");
    let own = secret.clone();
    let upstream = upstream(move |request| {
        let own = own.clone();
        async move {
            assert!(request.headers()["authorization"].to_str().expect("text").contains(&own));
            // A coded body, so that the recording must decode it.
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(format!(r#"{{"id":"{own}","total":"x","password":"{own}"}}"#).as_bytes()).expect("a body");
            let mut response = json(200, encoder.finish().expect("a body"));
            response.headers_mut().insert("content-encoding", "gzip".parse().expect("a value"));
            response
        }
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let (lines, har) = (folder.path().join("a.ndjson"), folder.path().join("a.har"));
    let judge = judge();
    let mut options = ProxyOptions::new(format!("http://{upstream}"));
    options.record = Some(lines.clone());
    options.record_har = Some(har.clone());
    options.secrets = vec![Secret::new(&secret).expect("a secret")];
    let proxy = Running::with(&judge, options);
    let request =
        Request::get(format!("{}/orders/order_1?api_key={secret}", proxy.url)).header("authorization", format!("Bearer {secret}"));
    let response = client(false).request(request.body(Full::default()).expect("a request")).await.expect("a response");
    assert_eq!(response.headers()["content-encoding"], "gzip");
    http_body_util::BodyExt::collect(response.into_body()).await.expect("a body");
    let request = Request::get(format!("{}/orders/{secret}", proxy.url)).header("authorization", format!("Bearer {secret}"));
    let response = client(false).request(request.body(Full::default()).expect("a request")).await.expect("a response");
    http_body_util::BodyExt::collect(response.into_body()).await.expect("a body");
    let (report, messages) = proxy.report_and_messages().await;
    assert!(report.summary.broken > 0 && !messages.is_empty(), "{report:?}");
    for path in [&lines, &har] {
        let text = std::fs::read_to_string(path).expect("a recording");
        assert!(text.contains("orders/") && !text.contains(&secret), "{text}");
        let options = CheckOptions::default().with_samples(None);
        let checked = check(&judge, &[path.to_str().expect("a path").to_owned()], &options, &mut |_| ControlFlow::Continue(()));
        assert_eq!((checked.summary.broken, checked.summary.exchanges), (report.summary.broken, report.summary.exchanges));
        let fingerprints =
            |report: &charter_report::Report| report.groups.iter().map(|group| group.fingerprint.clone()).collect::<Vec<_>>();
        assert_eq!(fingerprints(&checked), fingerprints(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_without_a_response_is_a_finding_and_status_502() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("an address").local_addr().expect("an address");
    let proxy = Running::to(free);
    let response = get(format!("{}/orders/order_1", proxy.url)).await;
    assert_eq!(response.status().as_u16(), 502);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert!(text(response).await.contains("refused"));
    let (report, messages) = proxy.report_and_messages().await;
    assert_eq!(report.summary.broken, 1);
    assert!(messages[0].starts_with("no response: "), "{messages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_concurrent_exchanges_are_all_judged() {
    let upstream = upstream(|_| async { json(200, ORDER) }).await;
    let proxy = Running::to(upstream);
    let client = client(false);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..300 {
        let (client, url) = (client.clone(), format!("{}/orders/{number}", proxy.url));
        tasks.spawn(async move { text(client.get(url.parse().expect("a URL")).await.expect("a response")).await });
    }
    while let Some(body) = tasks.join_next().await {
        assert_eq!(body.expect("a body"), ORDER);
    }
    let report = proxy.report().await;
    assert_eq!((report.summary.exchanges, report.summary.kept), (300, 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_the_upstream_leads_to_the_proxy() {
    let upstream = upstream(|request| async move {
        let host = request.headers()["host"].to_str().expect("a host").to_owned();
        Response::builder().status(302).header("location", format!("http://{host}/orders/2")).body(full("")).expect("a response")
    })
    .await;
    let proxy = Running::to(upstream);
    let response = get(format!("{}/orders/1", proxy.url)).await;
    assert_eq!(response.headers()["location"].to_str().expect("text"), format!("{}/orders/2", proxy.url));
    assert!(proxy.report().await.is_kept());
}
