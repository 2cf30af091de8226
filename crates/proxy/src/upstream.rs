//! The server behind the proxy, and URLs of it.

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use url::Url;

use crate::error::UpstreamError;

/// The server behind the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    scheme: Scheme,
    authority: Authority,
    /// The path of the URL, without a slash at its end.
    prefix: String,
}

impl Upstream {
    pub(crate) fn parse(text: &str) -> Result<Self, UpstreamError> {
        let url = Url::parse(text).map_err(|_| UpstreamError::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UpstreamError::Credentials);
        }
        let scheme = match url.scheme() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            other => return Err(UpstreamError::Scheme(other.to_owned())),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(UpstreamError::QueryOrFragment);
        }
        let host = url.host_str().ok_or(UpstreamError::NoHost)?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let authority = authority.parse().map_err(|_| UpstreamError::Malformed)?;
        Ok(Self { scheme, authority, prefix: url.path().trim_end_matches('/').to_owned() })
    }

    /// The server that a request to a forward proxy names.
    pub(crate) fn of(scheme: Scheme, authority: &Authority) -> Option<Self> {
        let default = if scheme == Scheme::HTTPS { 443 } else { 80 };
        let text = authority.as_str().rsplit('@').next().unwrap_or_default();
        let text = text.strip_suffix(&format!(":{default}")).unwrap_or(text);
        Some(Self { scheme, authority: text.parse().ok()?, prefix: String::new() })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The base URL, without a slash at its end.
    pub(crate) fn base(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.prefix)
    }

    /// The URL that a request to the proxy is forwarded to. `None` if the request has no path.
    pub(crate) fn target(&self, uri: &Uri) -> Option<Uri> {
        let sent = uri.path_and_query().filter(|sent| sent.as_str().starts_with('/'))?;
        let path: PathAndQuery = if self.prefix.is_empty() { sent.clone() } else { format!("{}{sent}", self.prefix).parse().ok()? };
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path).build().ok()
    }

    /// A `Location` that leads to the proxy, of one that leads to the upstream. `None` if it leads elsewhere, or is relative.
    pub(crate) fn through(&self, location: &HeaderValue, proxy: &str) -> Option<HeaderValue> {
        let base = self.base();
        let rest = location.to_str().ok()?.strip_prefix(&base)?;
        // `http://host:80` begins with `http://host:8`.
        (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then(|| HeaderValue::from_str(&format!("{proxy}{rest}")).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(text: &str) -> Upstream {
        Upstream::parse(text).expect("an upstream")
    }

    #[test]
    fn the_path_of_a_request_is_appended_to_the_upstream() {
        let target = |base: &str, sent: &str| upstream(base).target(&sent.parse().expect("a URI")).map(|uri| uri.to_string());
        let cases = [
            ("http://host", "/orders?a=%2F", "http://host/orders?a=%2F"),
            ("https://host:8443/v1/", "/orders", "https://host:8443/v1/orders"),
            ("http://[::1]:1", "http://other/orders", "http://[::1]:1/orders"),
        ];
        for (base, sent, expected) in cases {
            assert_eq!(target(base, sent).as_deref(), Some(expected));
        }
        assert_eq!(target("http://host", "*"), None);
    }

    #[test]
    fn a_location_of_the_upstream_leads_to_the_proxy() {
        let through = |location: &str| {
            let location = HeaderValue::from_str(location).expect("a value");
            upstream("http://host:8/v1").through(&location, "http://proxy").map(|value| value.to_str().expect("text").to_owned())
        };
        assert_eq!(through("http://host:8/v1/orders/1?a").as_deref(), Some("http://proxy/orders/1?a"));
        for other in ["http://host:80/v1/orders", "http://host:8/v12", "/orders/1", "https://host:8/v1"] {
            assert_eq!(through(other), None, "{other}");
        }
    }

    #[test]
    fn an_unusable_url_is_refused_without_its_password() {
        for text in ["host", "ftp://host", "http://host/?a", "http://user:s3cret@host", ""] {
            let error = Upstream::parse(text).expect_err(text);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
