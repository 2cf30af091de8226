//! A generated client against a generated server on the loopback interface: every style and every kind of body arrives as it was sent.

use charter_client::{Failure, Multipart};
use charter_codegen_cases::orders;
use charter_codegen_cases::styles::client::Client;
use charter_codegen_cases::styles::server::{
    PatchParcelBody, PatchParcelError, PutImageBody, PutImageError, ReadHeaderError, ReadHeaderOptions, ReadPathError, ReadQueryError,
    ReadQueryOptions, ReplaceBodyError, ReplaceBodySuccess, SendBodyBody, SendBodyError, Server, router,
};
use charter_codegen_cases::styles::{Color, Login, Parcel, Range};
use charter_server::axum::Router;
use charter_server::{Body, Event, Events, Head, Operation, Rejection, Reply, Response, StatusCode};
use serde_json::{Value, json};

/// Returns the arguments as text, with the id of the operation.
#[derive(Debug)]
struct Echo;

fn echo(head: &Head, arguments: impl std::fmt::Debug) -> Reply<String> {
    let operation = head.extensions.get::<Operation>().expect("the operation");
    Reply::new(format!("{} {arguments:?}", operation.id)).with_header("x-echo", "1")
}

impl Server for Echo {
    async fn read_path(
        &self,
        head: Head,
        simple: String,
        list: Vec<i64>,
        label: f64,
        labels: Vec<String>,
        matrix: bool,
        sides: Vec<String>,
        object: Range,
        spread: Range,
        rest: String,
    ) -> Result<Reply<String>, Reply<ReadPathError>> {
        Ok(echo(&head, (simple, list, label, labels, matrix, sides, object, spread, rest)))
    }

    async fn read_query(&self, head: Head, text: String, options: ReadQueryOptions) -> Result<Reply<String>, Reply<ReadQueryError>> {
        Ok(echo(&head, (text, options)))
    }

    async fn read_header(&self, head: Head, text: String, options: ReadHeaderOptions) -> Result<Reply<String>, Reply<ReadHeaderError>> {
        if text == "refused" {
            let problem = ReadHeaderError::Status4XX(json!({ "title": "refused" }));
            return Err(Reply::new(problem).with_status(StatusCode::CONFLICT));
        }
        Ok(echo(&head, (text, options)))
    }

    async fn send_body(&self, head: Head, body: SendBodyBody) -> Result<Reply<String>, Reply<SendBodyError>> {
        Ok(echo(&head, body))
    }

    async fn put_image(&self, head: Head, body: PutImageBody) -> Result<Reply<String>, Reply<PutImageError>> {
        Ok(echo(&head, body))
    }

    async fn patch_parcel(&self, head: Head, body: PatchParcelBody) -> Result<Reply<String>, Reply<PatchParcelError>> {
        Ok(echo(&head, body))
    }

    async fn replace_body(&self, _: Head, body: Option<Parcel>) -> Result<Reply<ReplaceBodySuccess>, Reply<ReplaceBodyError>> {
        match body {
            Some(parcel) if parcel.id == "taken" => Err(ReplaceBodyError::Status409.into()),
            Some(parcel) if parcel.id == "broken" => Err(ReplaceBodyError::Default("broken".to_owned()).into()),
            Some(parcel) if parcel.id == "odd" => Ok(Reply::new(ReplaceBodySuccess::Status201(parcel)).with_status(StatusCode::ACCEPTED)),
            Some(parcel) => Ok(ReplaceBodySuccess::Status201(parcel).into()),
            None => Ok(ReplaceBodySuccess::Status204.into()),
        }
    }

    async fn read_bytes(&self, _: Head) -> Result<Reply<Body>, Reply<std::convert::Infallible>> {
        Ok(Reply::new(Body::from("png")).with_header("content-type", "image/png"))
    }

    async fn read_events(&self, _: Head) -> Result<Reply<Events>, Reply<std::convert::Infallible>> {
        let moved = Event::json(&json!({ "at": 1 })).expect("JSON").with_event("moved").with_id("7");
        Ok(Events::from([moved, Event::new("first\nsecond")]).into())
    }
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { charter_server::axum::serve(listener, router).await });
    base
}

/// A client of the server below the path `/v1`.
async fn client() -> Client {
    let base = serve(Router::new().nest("/v1", router(Echo))).await;
    Client::new(&format!("{base}/v1")).expect("a base URL")
}

fn value<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("a value")
}

#[tokio::test]
async fn path_parameters_arrive_in_every_style() {
    let client = client().await;
    let (range, open): (Range, Range) = (value(json!({ "from": 1, "to": 2 })), value(json!({ "to": 3 })));
    let (labels, sides) = (["a,b".to_owned(), "c d".to_owned()], ["x;y=z".to_owned(), "".to_owned()]);
    let sent = client.read_path("a/b,ü", &[1, -2], 1.5, &labels, true, &sides, &range, &open, "c/d e/f").await.expect("a text");
    let wanted = ("a/b,ü", [1, -2], 1.5, &labels, true, &sides, &range, &open, "c/d e/f");
    assert_eq!(sent.body, format!("readPath {wanted:?}"));
    assert_eq!(sent.headers()["x-echo"], "1");
}

#[tokio::test]
async fn query_parameters_arrive_in_every_style() {
    let client = client().await;
    let list = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let options = ReadQueryOptions {
        count: Some(5),
        either: Some(value(json!(7))),
        list: list(&["a&b", "", "c,d"]),
        commas: list(&["a,b", "c+d e"]),
        spaces: list(&["a,b", "c|d"]),
        pipes: Some(vec![1, 2]),
        deep: Some(value(json!({ "from": 1, "to": 2 }))),
        spread: Some(value(json!({ "to": 3 }))),
        flat: Some(value(json!({ "name": "a,b", "depth": 1.5, "x": "y" }))),
        json: Some(value(json!({ "name": "{", "depth": 2.0 }))),
        path: Some("a/b:c&d".to_owned()),
    };
    let sent = client.read_query("ü=1", &options).await.expect("a text");
    assert_eq!(sent.body, format!("readQuery {:?}", ("ü=1", &options)));
    let sent = client.read_query("5", &ReadQueryOptions::default()).await.expect("a text");
    assert_eq!(sent.body, format!("readQuery {:?}", ("5", ReadQueryOptions::default())));
}

#[tokio::test]
async fn header_fields_and_cookies_arrive_in_every_style() {
    let client = client().await;
    let color: Color = value(json!({ "name": "blue", "depth": 1.5, "x": "y" }));
    let options = ReadHeaderOptions {
        x_list: Some(vec![1, 2, 3]),
        x_color: Some(color.clone()),
        x_json: Some(color),
        session: Some("a b;c".to_owned()),
        flags: Some(vec!["x".to_owned(), "y,z".to_owned()]),
    };
    let sent = client.read_header("a, b", &options).await.expect("a text");
    assert_eq!(sent.body, format!("readHeader {:?}", ("a, b", &options)));
    let refused = client.read_header("refused", &ReadHeaderOptions::default()).await.expect_err("status 409");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(409));
    assert!(matches!(refused.as_documented(), Some(ReadHeaderError::Status4XX(problem)) if problem["title"] == "refused"));
}

#[tokio::test]
async fn bodies_arrive_by_their_media_types() {
    let client = client().await;
    let parcel: Parcel = value(json!({ "id": "p", "weight": 1.5, "labels": ["a"] }));
    let sent = client.send_body(&parcel).await.expect("a text");
    assert_eq!(sent.body, format!("sendBody {:?}", SendBodyBody::Json(parcel)));
    let login: Login = value(json!({ "user": "a b&c=+", "age": 5, "roles": ["x", "5"], "range": { "from": 1 } }));
    let sent = client.send_body_form(&login).await.expect("a text");
    assert_eq!(sent.body, format!("sendBody {:?}", SendBodyBody::Form(login)));
    let parts = Multipart::new().text("note", "front").file("photo", "a.png", "image/png", b"png".to_vec());
    let sent = client.send_body_multipart(&parts).await.expect("a text").body;
    for wanted in
        ["name: \"note\"", "file_name: Some(\"a.png\")", "media_type: Some(\"image/png\")", "bytes: b\"png\"", "bytes: b\"front\""]
    {
        assert!(sent.contains(wanted), "{wanted} in {sent}");
    }
    let sent = client.send_body_text("ü".to_owned()).await.expect("a text");
    assert_eq!(sent.body, format!("sendBody {:?}", SendBodyBody::TextPlain("ü".to_owned())));
}

#[tokio::test]
async fn every_media_type_of_a_kind_has_a_method() {
    let client = client().await;
    let sent = client.put_image("png").await.expect("a text");
    assert_eq!(sent.body, format!("putImage {:?}", PutImageBody::ImagePng("png".into())));
    let sent = client.put_image_jpeg("jpeg").await.expect("a text");
    assert_eq!(sent.body, format!("putImage {:?}", PutImageBody::ImageJpeg("jpeg".into())));
    let parcel: Parcel = value(json!({ "id": "p", "weight": 1.5 }));
    let sent = client.patch_parcel(&parcel).await.expect("a text");
    assert_eq!(sent.body, format!("patchParcel {:?}", PatchParcelBody::Json(parcel.clone())));
    let sent = client.patch_parcel_merge_patch_json(&parcel).await.expect("a text");
    assert_eq!(sent.body, format!("patchParcel {:?}", PatchParcelBody::ApplicationMergePatchJson(parcel)));
}

#[tokio::test]
async fn results_are_by_status() {
    let client = client().await;
    let parcel = |id: &str| value::<Parcel>(json!({ "id": id, "weight": 2 }));
    let created = client.replace_body(Some(&parcel("p"))).await.expect("status 201");
    assert!(matches!(&created.body, ReplaceBodySuccess::Status201(found) if *found == parcel("p")), "{created:?}");
    assert_eq!((created.status().as_u16(), &created.headers()["content-type"]), (201, &"application/json".parse().expect("a value")));
    let empty = client.replace_body(None).await.expect("status 204");
    assert!(matches!(empty.body, ReplaceBodySuccess::Status204));
    let taken = client.replace_body(Some(&parcel("taken"))).await.expect_err("status 409");
    assert!(matches!(taken.as_documented(), Some(ReplaceBodyError::Status409)), "{taken}");
    let broken = client.replace_body(Some(&parcel("broken"))).await.expect_err("status 500");
    assert!(matches!(broken.as_documented(), Some(ReplaceBodyError::Default(text)) if text == "broken"), "{broken}");
    let odd = client.replace_body(Some(&parcel("odd"))).await.expect_err("status 500");
    let Some(ReplaceBodyError::Default(problem)) = odd.as_documented() else { panic!("{odd}") };
    assert!(problem.contains("the program set the status 202, which is not the documented one of the body"), "{problem}");
}

#[tokio::test]
async fn bytes_and_events_are_streams() {
    let client = client().await;
    let bytes = client.read_bytes().await.expect("bytes");
    assert_eq!(bytes.headers()["content-type"], "image/png");
    assert_eq!(&*bytes.body.bytes().await.expect("bytes"), b"png");
    let mut events = client.read_events().await.expect("events").body;
    let moved = events.next().await.expect("an event").expect("an event");
    assert_eq!((moved.event.as_str(), moved.id.as_str(), moved.data.as_str()), ("moved", "7", r#"{"at":1}"#));
    assert_eq!(events.next().await.expect("an event").expect("an event").data, "first\nsecond");
    assert_eq!(events.next().await.expect("the end"), None);
}

/// Sends a request by hand. Returns the status, `Allow` or `Accept` or `WWW-Authenticate`, and the problem.
async fn problem(router: Router, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> (u16, String, Value) {
    let base = serve(router).await;
    let method = charter_client::reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
    // The transport of the client installs the provider of cryptography.
    let _ = charter_client::Transport::new(&base).expect("a base URL");
    let mut request = charter_client::reqwest::Client::new().request(method, format!("{base}{path}")).body(body.to_owned());
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("a response");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let status = response.status().as_u16();
    let field = ["allow", "accept", "www-authenticate"].iter().find_map(|name| response.headers().get(*name));
    let field = field.map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default();
    let problem: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)));
    (status, field, problem)
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_request_is_rejected_with_the_locations_of_all_errors() {
    let path = "/queries?text=&count=500&list=a&list=b%21&deep%5Bto%5D=11&pipes=1%7Cx&spread=1";
    let (status, _, problem) = problem(router(Echo), "GET", path, &[], "").await;
    assert_eq!(status, 400);
    let error = |name: &str, pointer: &str, keyword: Option<&str>, detail: &str| {
        let mut error = json!({ "in": "query", "name": name, "pointer": pointer });
        if let Some(keyword) = keyword {
            error["keyword"] = keyword.into();
        }
        error["detail"] = detail.into();
        error
    };
    let wanted = json!({
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "5 values of the request are not valid",
        "errors": [
            error("text", "", Some("minLength"), "\"\" is shorter than 1 character"),
            error("count", "", Some("maximum"), "500 is greater than the maximum of 100"),
            error("list", "/1", Some("pattern"), "\"b!\" does not match \"^[^!]*$\""),
            error("pipes", "", None, "invalid type: string \"x\", expected i64"),
            error("deep", "/to", Some("maximum"), "found 11, expected at most 10"),
        ],
    });
    assert_eq!(problem, wanted);
}

#[tokio::test]
async fn a_body_is_rejected_with_the_location_of_its_error() {
    let (status, _, found) = problem(router(Echo), "POST", "/bodies", &[JSON], r#"{"id":"p","weight":0}"#).await;
    let error = json!({ "in": "body", "pointer": "/weight", "keyword": "exclusiveMinimum", "detail": "found 0, expected more than 0" });
    assert_eq!((status, &found["errors"]), (400, &json!([error])));
    let (status, _, found) = problem(router(Echo), "POST", "/bodies", &[JSON], "{\"id\":").await;
    assert_eq!((status, &found["errors"][0]["in"]), (400, &json!("body")));
    assert!(found["errors"][0]["detail"].as_str().expect("text").contains("line 1 column 6"), "{found}");
    let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let (status, _, found) = problem(router(Echo), "POST", "/bodies", &form, "age=old").await;
    assert_eq!((status, &found["errors"][0]["in"]), (400, &json!("body")));
    let (status, _, found) = problem(router(Echo), "POST", "/bodies", &[], "").await;
    let error = json!({ "in": "body", "pointer": "", "keyword": "required", "detail": "the request does not have a body" });
    assert_eq!((status, &found["errors"]), (400, &json!([error])));
}

#[tokio::test]
async fn requests_without_an_operation_are_rejected() {
    let (status, _, found) = problem(router(Echo), "GET", "/parcels", &[], "").await;
    assert_eq!((status, &found["detail"]), (404, &json!("no operation has the path `/parcels`")));
    let (status, allow, _) = problem(router(Echo), "DELETE", "/bodies", &[], "").await;
    assert_eq!((status, allow.as_str()), (405, "POST, PUT"));
    let (status, accept, found) = problem(router(Echo), "PUT", "/bodies", &[("content-type", "text/csv")], "a").await;
    assert_eq!((status, accept.as_str()), (415, "application/json"));
    assert_eq!(found["detail"], "the media type of the body is `text/csv`, expected `application/json`");
    let small = router(Echo).layer(charter_server::axum::extract::DefaultBodyLimit::max(10));
    let (status, _, _) = problem(small, "POST", "/bodies", &[JSON], r#"{"id":"p","weight":1}"#).await;
    assert_eq!(status, 413);
}

/// A server of `orders` that is never called, with rejections of its own.
struct Orders;

use orders::server as of_orders;

impl of_orders::Server for Orders {
    async fn list_orders(
        &self,
        _: Head,
        _: of_orders::ListOrdersOptions,
    ) -> Result<Reply<Vec<orders::Order>>, Reply<of_orders::ListOrdersError>> {
        Ok(Reply::new(Vec::new()))
    }

    async fn place_order(
        &self,
        _: Head,
        _: orders::NewOrder,
    ) -> Result<Reply<of_orders::PlaceOrderSuccess>, Reply<of_orders::PlaceOrderError>> {
        Ok(of_orders::PlaceOrderSuccess::Status202.into())
    }

    async fn read_order(&self, _: Head, _: String) -> Result<Reply<orders::Order>, Reply<of_orders::ReadOrderError>> {
        Err(Reply::raw(StatusCode::IM_A_TEAPOT))
    }

    async fn cancel_order(&self, _: Head, _: String) -> Result<Reply<()>, Reply<std::convert::Infallible>> {
        Ok(().into())
    }

    async fn read_photo(&self, _: Head, _: String) -> Result<Reply<Body>, Reply<std::convert::Infallible>> {
        Ok(Body::empty().into())
    }

    async fn put_photo(&self, _: Head, _: String, _: charter_server::Bytes) -> Result<Reply<()>, Reply<std::convert::Infallible>> {
        Ok(().into())
    }

    async fn upload_photos(
        &self,
        _: Head,
        _: String,
        body: charter_server::Multipart,
    ) -> Result<Reply<String>, Reply<std::convert::Infallible>> {
        Ok(body.parts.len().to_string().into())
    }

    async fn follow_order(&self, _: Head, _: String) -> Result<Reply<Events>, Reply<std::convert::Infallible>> {
        Ok(Events::from([]).into())
    }

    async fn find_parcel(&self, _: Head, _: String, _: Vec<i64>, rest: String) -> Result<Reply<String>, Reply<of_orders::FindParcelError>> {
        Ok(rest.into())
    }

    async fn log_in(&self, _: Head, body: Option<orders::Login>) -> Result<Reply<String>, Reply<std::convert::Infallible>> {
        Ok(format!("{body:?}").into())
    }

    fn reject(&self, rejection: Rejection) -> Response {
        let mut response = charter_server::axum::response::IntoResponse::into_response(rejection);
        response.headers_mut().insert("x-rejected", "1".parse().expect("a value"));
        response
    }
}

#[tokio::test]
async fn an_operation_requires_its_credentials() {
    let orders = || of_orders::router(Orders);
    let (status, challenge, _) = problem(orders(), "POST", "/orders", &[JSON], r#"{"quantity":1}"#).await;
    assert_eq!((status, challenge.as_str()), (401, "Bearer"));
    let (status, _, _) = problem(orders(), "GET", "/orders", &[("x-key", "")], "").await;
    assert_eq!(status, 401);
    let base = serve(orders()).await;
    let client = orders::client::Client::new(&base).expect("a base URL");
    let unauthorised = client.list_orders(&Default::default()).await.expect_err("status 401");
    // The document of the case describes every 4XX as a problem.
    assert_eq!(unauthorised.status().map(|status| status.as_u16()), Some(401));
    let client = client.with_key("k").with_login("ann", "pw");
    assert_eq!(client.list_orders(&Default::default()).await.expect("a list").body, []);
    let new: orders::NewOrder = value(json!({ "quantity": 2 }));
    client.place_order(&new).await.expect("status 202");
    assert_eq!(client.find_parcel("a", &[1], "c/d").await.expect("a text").body, "c/d");
    // `GET /orders/{id}` allows requests without credentials.
    let teapot = client.read_order("1").await.expect_err("status 418");
    assert_eq!(teapot.status().map(|status| status.as_u16()), Some(418));
    assert!(!matches!(teapot, charter_client::Error::Failure(Failure::Transport(_))));
}
