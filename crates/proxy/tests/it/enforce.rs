//! Responses that are replaced.

use charter_proxy::ProxyOptions;

use crate::setup::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_response_with_an_error_is_replaced_by_the_findings() {
    let upstream =
        upstream(|request| async move { json(200, if request.uri().path().ends_with("/1") { ORDER } else { WRONG_ORDER }) }).await;
    let mut options = ProxyOptions::new(format!("http://{upstream}"));
    options.enforce = true;
    let proxy = Running::start(options);
    let right = get(format!("{}/orders/1", proxy.url)).await;
    assert_eq!((right.status().as_u16(), text(right).await.as_str()), (200, ORDER));
    let wrong = get(format!("{}/orders/2", proxy.url)).await;
    assert_eq!(wrong.status().as_u16(), 502);
    assert_eq!(wrong.headers()["content-type"], "application/problem+json");
    let body = text(wrong).await;
    let problem: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&problem["status"], &problem["findings"][0]["instanceLocation"]), (&502.into(), &"/total".into()), "{body}");
    assert_eq!(problem["findings"][0]["operation"], "orders.get");
    let report = proxy.report().await;
    assert_eq!((report.summary.exchanges, report.summary.kept, report.summary.broken), (2, 1, 1));
}
