//! Conversions from the types of the crate `http`.

use super::{Body, Exchange, Headers, Message, Origin, Request, Response};

impl<B: AsRef<[u8]>> From<&http::Request<B>> for Request {
    fn from(request: &http::Request<B>) -> Self {
        Self::new(request.method().as_str(), request.uri().to_string(), message(request.headers(), request.body()))
    }
}

impl<B: AsRef<[u8]>> From<http::Request<B>> for Request {
    fn from(request: http::Request<B>) -> Self {
        Self::from(&request)
    }
}

impl<B: AsRef<[u8]>> From<&http::Response<B>> for Response {
    fn from(response: &http::Response<B>) -> Self {
        Self::new(response.status().as_u16(), message(response.headers(), response.body()))
    }
}

impl<B: AsRef<[u8]>> From<http::Response<B>> for Response {
    fn from(response: http::Response<B>) -> Self {
        Self::from(&response)
    }
}

/// A request and its response:
///
/// ```
/// use charter_traffic::Exchange;
///
/// let request = http::Request::post("/orders").header("accept", "application/json").body("{}").unwrap();
/// let response = http::Response::builder().status(201).body(r#"{"id":"order_1"}"#).unwrap();
/// let exchange = Exchange::from((request, response));
/// assert_eq!(exchange.request.unwrap().body().bytes(), Some(&b"{}"[..]));
/// ```
impl<A: AsRef<[u8]>, B: AsRef<[u8]>> From<(http::Request<A>, http::Response<B>)> for Exchange {
    fn from((request, response): (http::Request<A>, http::Response<B>)) -> Self {
        let mut exchange = Self::new(Origin { source: "<test>".into(), ..Origin::default() });
        exchange.request = Some(request.into());
        exchange.response = Some(response.into());
        exchange
    }
}

impl From<&http::HeaderMap> for Headers {
    /// Every field. Bytes of a value that are not UTF-8 are replaced.
    fn from(fields: &http::HeaderMap) -> Self {
        let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self::complete(fields.iter().map(field).collect())
    }
}

fn message(headers: &http::HeaderMap, body: &impl AsRef<[u8]>) -> Message {
    Message { headers: headers.into(), body: Body::from_bytes(body.as_ref()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_field_of_an_http_message_is_kept() {
        let response = http::Response::builder().status(207).header("Set-Cookie", "a=1").header("Set-Cookie", "b=2").body(vec![b'x']);
        let response = Response::from(response.expect("a response"));
        assert_eq!(response.headers().get_all("set-cookie"), ["a=1", "b=2"]);
        assert_eq!((response.status, response.headers().complete, response.body().bytes()), (207, true, Some(&b"x"[..])));
        let request = http::Request::builder().method("PURGE").uri("https://host/a?b=c").body("").expect("a request");
        let request = Request::from(&request);
        assert_eq!((&*request.method, &*request.url), ("PURGE", "https://host/a?b=c"));
    }
}
