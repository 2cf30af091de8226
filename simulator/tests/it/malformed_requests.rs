//! Malformed requests get an error response like all others: a status, the error envelope, the id of the request.

use charter_simulator::{Simulator, SimulatorOptions};
use reqwest::Method;
use serde_json::Value;
use tokio::runtime::Builder;

#[test]
fn malformed_requests_get_the_error_envelope() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let simulator = Simulator::start(SimulatorOptions::default()).expect("a simulator");
    // One connection for each request: the server closes it after a body that is too large.
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0).build().expect("a client");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let send = |method: Method, target: &str, body: Vec<u8>, key: &str| {
        let request = http.request(method, format!("{}{target}", simulator.base_url())).header("authorization", key).body(body);
        runtime.block_on(async {
            let response = request.send().await.unwrap_or_else(|error| panic!("{target}: {error}"));
            let (status, id) = (response.status().as_u16(), response.headers()["x-request-id"].to_str().expect("text").to_owned());
            let body = response.bytes().await.expect("a body");
            (status, id, serde_json::from_slice::<Value>(&body).unwrap_or_else(|error| panic!("{target}: {error}")))
        })
    };
    let key = format!("Bearer {}", simulator.key());
    let big = vec![b' '; 9 << 20];
    let cases: [(Method, &str, Vec<u8>, u16, &str); 13] = [
        (Method::DELETE, "/api/v1/runs", vec![], 405, "<root>"),
        (Method::PUT, "/api/v1/runs/run_1", vec![], 405, "<root>"),
        (Method::GET, "/", vec![], 404, "<root>"),
        (Method::GET, "/api/v1/runs/%FF", vec![], 404, "<root>"),
        (Method::GET, "/api/v1/runs/%00", vec![], 404, "<root>"),
        (Method::GET, "/api/v1/runs/a%2Fb/artifacts/%FF", vec![], 404, "<root>"),
        (Method::GET, "/api/v1/runs?limit=-1", vec![], 400, "limit"),
        (Method::GET, "/api/v1/runs?from=yesterday", vec![], 400, "from"),
        (Method::GET, "/api/v1/runs?order=sideways", vec![], 400, "order"),
        (Method::GET, "/api/v1/runs?type=robot", vec![], 400, "type"),
        (Method::GET, "/api/v1/runs?offset=99999999999999999999", vec![], 400, "offset"),
        (Method::POST, "/api/v1/runs", b"{".to_vec(), 400, "<root>"),
        (Method::POST, "/api/v1/runs", big, 413, "<root>"),
    ];
    for (method, target, body, wanted, field) in cases {
        let (status, id, envelope) = send(method, target, body, &key);
        assert_eq!((status, &envelope["issues"][0]["field"]), (wanted, &Value::from(field)), "{target}: {envelope}");
        assert_eq!(envelope["requestId"], Value::from(id), "{target}");
    }
    // Authentication schemes are case-insensitive; a value without a scheme is refused.
    for (key, wanted) in
        [(format!("bearer  {}", simulator.key()), 200), (format!("Basic {}", simulator.key()), 401), ("Bearer".to_owned(), 401)]
    {
        assert_eq!(send(Method::GET, "/api/v1/runs?limit=1", vec![], &key).0, wanted, "{key}");
    }
}
