//! Header fields that belong to one connection, and are not forwarded.
//!
//! # Source
//! RFC 9110, section 7.6.1.

use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderValue, Request, Version};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// Whether a request wants to change to another protocol than HTTP/2, such as WebSocket.
pub(crate) fn is_upgrade<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let protocol = headers.get(UPGRADE).filter(|_| request.version() == Version::HTTP_11);
    protocol.is_some_and(|protocol| !protocol.as_bytes().eq_ignore_ascii_case(b"h2c")) && connection(headers).any(|name| name == UPGRADE)
}

/// Removes the fields of one connection. Those of a change of protocol stay if `is_upgrade`.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap, is_upgrade: bool) {
    let named: Vec<HeaderName> = connection(headers).collect();
    let wants_trailers = headers
        .get_all(TE)
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))));
    let protocol = headers.remove(UPGRADE).filter(|_| is_upgrade);
    for name in [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, HTTP2_SETTINGS].iter().chain(&named) {
        // Announced trailers are forwarded.
        if *name != TRAILER {
            headers.remove(name);
        }
    }
    if let Some(protocol) = protocol {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol);
    }
    if wants_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// Removes the host, which the client of the upstream sets.
pub(crate) fn remove_host(headers: &mut HeaderMap) {
    headers.remove(HOST);
}

/// The names in `Connection`.
fn connection(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(fields: &[(&str, &str)]) -> Request<()> {
        let request = fields.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        request.body(()).expect("a request")
    }

    fn left(fields: &[(&str, &str)]) -> Vec<String> {
        let request = request(fields);
        let (is_upgrade, mut headers) = (is_upgrade(&request), request.into_parts().0.headers);
        remove_hop_by_hop(&mut headers, is_upgrade);
        let mut left: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        left.sort_unstable();
        left
    }

    #[test]
    fn fields_of_one_connection_are_removed() {
        let fields = [("connection", "close, X-Hop"), ("x-hop", "1"), ("keep-alive", "9"), ("te", "gzip"), ("accept", "*/*")];
        assert_eq!(left(&fields), ["accept: */*"]);
        assert_eq!(left(&[("te", "gzip, trailers"), ("trailer", "etag"), ("connection", "te")]), ["te: trailers", "trailer: etag"]);
    }

    #[test]
    fn only_a_change_to_another_protocol_is_forwarded() {
        let websocket = [("connection", "Keep-Alive, Upgrade"), ("upgrade", "websocket"), ("sec-websocket-key", "a")];
        assert_eq!(left(&websocket), ["connection: upgrade", "sec-websocket-key: a", "upgrade: websocket"]);
        let h2c = [("connection", "Upgrade, HTTP2-Settings"), ("upgrade", "h2c"), ("http2-settings", "a")];
        assert!(left(&h2c).is_empty());
        assert!(left(&[("upgrade", "websocket")]).is_empty());
    }
}
