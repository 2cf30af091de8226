//! Builders of exchanges, for tests.

use super::{Body, Exchange, Headers, Message, Origin, Request, Response};

impl Exchange {
    /// A response body alone. It is checked as the body of a response with status 200.
    pub fn bare(body: impl Into<Vec<u8>>) -> Self {
        let mut exchange = Self::new(test_origin()).response(200, body);
        exchange.bare = true;
        exchange
    }

    /// A request with the header field `authorization: Bearer ***`, without a body and without a response.
    pub fn request(method: impl Into<String>, url: impl Into<String>) -> Self {
        let headers = Headers::complete(vec![("authorization".to_owned(), "Bearer ***".to_owned())]);
        let mut exchange = Self::new(test_origin());
        exchange.request = Some(Request::new(method, url, Message { headers, body: Body::from_bytes("") }));
        exchange
    }

    /// A `GET` request; see [`Exchange::request`].
    pub fn get(url: impl Into<String>) -> Self {
        Self::request("GET", url)
    }

    /// A `POST` request; see [`Exchange::request`].
    pub fn post(url: impl Into<String>) -> Self {
        Self::request("POST", url)
    }

    /// A `PUT` request; see [`Exchange::request`].
    pub fn put(url: impl Into<String>) -> Self {
        Self::request("PUT", url)
    }

    /// A `PATCH` request; see [`Exchange::request`].
    pub fn patch(url: impl Into<String>) -> Self {
        Self::request("PATCH", url)
    }

    /// A `DELETE` request; see [`Exchange::request`].
    pub fn delete(url: impl Into<String>) -> Self {
        Self::request("DELETE", url)
    }

    /// A `HEAD` request; see [`Exchange::request`].
    pub fn head(url: impl Into<String>) -> Self {
        Self::request("HEAD", url)
    }

    /// An `OPTIONS` request; see [`Exchange::request`].
    pub fn options(url: impl Into<String>) -> Self {
        Self::request("OPTIONS", url)
    }

    /// Adds a header field to the request.
    #[must_use]
    pub fn request_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_message().headers.push(name, value);
        self
    }

    /// Sets the request body and its content type.
    #[must_use]
    pub fn request_body(mut self, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.request_message().set_body(content_type, bytes);
        self
    }

    /// Sets a request body of JSON.
    ///
    /// ```
    /// use charter_traffic::Exchange;
    ///
    /// let exchange = Exchange::post("/orders").json_body(r#"{"item":"book"}"#).response(201, r#"{"id":"order_1"}"#);
    /// assert_eq!(exchange.request.unwrap().headers().get("content-type"), Some("application/json"));
    /// ```
    #[must_use]
    pub fn json_body(self, json: impl Into<Vec<u8>>) -> Self {
        self.request_body("application/json", json)
    }

    /// Sets the status of the response and a response body of JSON.
    #[must_use]
    pub fn response(self, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.response_with("application/json", status, body)
    }

    /// Sets the status of the response, its content type and its body. Header fields set before remain.
    #[must_use]
    pub fn response_with(mut self, content_type: impl Into<String>, status: u16, bytes: impl Into<Vec<u8>>) -> Self {
        let response = self.response_mut();
        response.status = status;
        response.message.set_body(content_type, bytes);
        self
    }

    /// Adds a header field to the response. Without a response before, the response has status 200 and no body.
    #[must_use]
    pub fn response_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.response_mut().message.headers.push(name, value);
        self
    }

    /// Sets the instant at which the request began.
    #[must_use]
    pub fn at(mut self, started: jiff::Timestamp) -> Self {
        self.timing.started = Some(started);
        self
    }

    fn request_message(&mut self) -> &mut Message {
        &mut self.request.get_or_insert_with(|| Request::new("GET", "", empty())).message
    }

    fn response_mut(&mut self) -> &mut Response {
        self.response.get_or_insert_with(|| Response::new(200, empty()))
    }
}

impl Message {
    fn set_body(&mut self, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.headers.set("content-type", content_type);
        self.body = Body::from_bytes(bytes);
    }
}

fn empty() -> Message {
    Message { headers: Headers::complete(Vec::new()), body: Body::from_bytes("") }
}

fn test_origin() -> Origin {
    Origin { source: "<test>".into(), ..Origin::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_kept_in_every_order_of_calls() {
        let before = Exchange::get("/orders/1").response_header("x-request-id", "1").response(404, "{}");
        let after = Exchange::get("/orders/1").response(404, "{}").response_header("x-request-id", "1");
        for exchange in [before, after] {
            let response = exchange.response.expect("a response");
            assert_eq!((response.status, response.headers().get("x-request-id")), (404, Some("1")));
            assert_eq!(response.headers().get_all("content-type"), ["application/json"]);
        }
        let alone = Exchange::get("/orders/1").response_header("etag", "a").response.expect("a response");
        assert_eq!((alone.status, alone.headers().get("etag"), alone.body().bytes()), (200, Some("a"), Some(&b""[..])));
    }

    #[test]
    fn a_request_has_its_method_header_fields_and_body() {
        let methods = [
            (Exchange::get("/"), "GET"),
            (Exchange::post("/"), "POST"),
            (Exchange::put("/"), "PUT"),
            (Exchange::patch("/"), "PATCH"),
            (Exchange::delete("/"), "DELETE"),
            (Exchange::head("/"), "HEAD"),
            (Exchange::options("/"), "OPTIONS"),
            (Exchange::request("QUERY", "/"), "QUERY"),
        ];
        for (exchange, method) in methods {
            assert_eq!(exchange.request.expect("a request").method, method);
        }
        let exchange =
            Exchange::post("/orders").request_header("accept", "*/*").request_body("text/csv", "a,b").response_with("text/csv", 200, "c");
        let (request, response) = (exchange.request.expect("a request"), exchange.response.expect("a response"));
        assert_eq!((request.headers().get("Accept"), request.headers().get("content-type")), (Some("*/*"), Some("text/csv")));
        assert_eq!((request.body().bytes(), response.body().bytes()), (Some(&b"a,b"[..]), Some(&b"c"[..])));
    }
}
