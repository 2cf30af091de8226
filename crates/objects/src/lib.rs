//! Objects of stores as sources of recordings: `s3://`, `gs://`, `az://` and `https://`.
//!
//! Credentials and endpoints come from the environment variables of the stores, such as `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`,
//! `GOOGLE_APPLICATION_CREDENTIALS` and `AZURE_STORAGE_ACCOUNT_NAME`. A URL with `https` is requested as it is. No message contains the query of a URL, which may have a signature.
//!
//! [`install`] makes the sources of `charter-traffic` read such URLs. Nothing is written.

mod stream;

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use charter_traffic::read::{Remote, RemoteObject, set_remote};
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Runtime;
use url::Url;

use stream::Stream;

/// Makes every source of this process read URLs.
pub fn install() {
    set_remote(Box::new(Stores::default()));
}

/// The stores that URLs name. Threads are started for the first one.
#[derive(Debug, Default)]
struct Stores {
    runtime: OnceLock<Arc<Runtime>>,
}

/// Why an object cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
enum Error {
    #[error("the URL is malformed")]
    Malformed,
    #[error("the URL has no object store: expected s3://, gs://, az:// or https://")]
    Scheme,
    #[error("the URL has credentials; set the environment variables of the object store instead")]
    Credentials,
}

impl Stores {
    fn runtime(&self) -> io::Result<Arc<Runtime>> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime.clone());
        }
        // The one provider of this program; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().thread_name("charter-objects").build()?;
        Ok(self.runtime.get_or_init(|| Arc::new(runtime)).clone())
    }

    /// The store of a URL, and the path in it.
    fn store(text: &str) -> io::Result<(Box<dyn ObjectStore>, Path)> {
        let url = parse(text)?;
        let prefix = match url.scheme() {
            "s3" => "AWS_",
            "gs" => "GOOGLE_",
            "az" => "AZURE_",
            _ => return Err(invalid(Error::Scheme)),
        };
        // Settings of other programs are not those of a store.
        let settings = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let settings = settings.filter(|(name, _)| name.starts_with(prefix)).map(|(name, value)| (name.to_ascii_lowercase(), value));
        let settings: Vec<(String, String)> = settings.collect();
        let (store, path) = object_store::parse_url_opts(&url, settings).map_err(failed)?;
        Ok((store, path))
    }

    /// Reads a URL of a web server.
    fn get(&self, url: Url) -> io::Result<Box<dyn Read + Send>> {
        let failed = |error: reqwest::Error| io::Error::other(with_causes(&error.without_url()));
        let runtime = self.runtime()?;
        let response = runtime.block_on(async { reqwest::Client::builder().build()?.get(url).send().await?.error_for_status() });
        let response = response.map_err(failed)?;
        Ok(Box::new(Stream::new(runtime, Box::pin(response.bytes_stream().map_err(failed)))))
    }
}

fn invalid(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

fn parse(text: &str) -> io::Result<Url> {
    let url = Url::parse(text).map_err(|_| invalid(Error::Malformed))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(invalid(Error::Malformed));
    }
    match url.username().is_empty() && url.password().is_none() {
        true => Ok(url),
        false => Err(invalid(Error::Credentials)),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let (mut text, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    without_queries(&text)
}

/// The error of a store as one of the operating system. Its text may have the URL of the request, without its query.
fn failed(error: object_store::Error) -> io::Error {
    let kind = match &error {
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        object_store::Error::Unauthenticated { .. } | object_store::Error::PermissionDenied { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    let message = match kind {
        io::ErrorKind::NotFound => "there is no such object".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "access is denied: check the credentials in the environment variables of the object store".to_owned()
        }
        _ => without_queries(&error.to_string()),
    };
    io::Error::new(kind, message)
}

/// A message without the queries of its URLs.
fn without_queries(message: &str) -> String {
    let mut text = String::new();
    let mut rest = message;
    while let Some(at) = rest.find('?') {
        let is_end = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | ')' | '>');
        let end = rest[at..].find(is_end).map_or(rest.len(), |end| at + end);
        let begins_url = rest[..at].rfind("://").is_some_and(|start| !rest[start..at].contains(char::is_whitespace));
        text.push_str(if begins_url { &rest[..at] } else { &rest[..end] });
        rest = &rest[end..];
    }
    text + rest
}

impl Remote for Stores {
    fn list(&self, url: &str) -> io::Result<Vec<RemoteObject>> {
        if parse(url)?.scheme() == "https" {
            return Ok(vec![RemoteObject { url: url.to_owned(), size: None }]);
        }
        let runtime = self.runtime()?;
        let (store, path) = Self::store(url)?;
        if !url.ends_with('/') {
            let size = runtime.block_on(store.head(&path)).map_err(failed)?.size;
            return Ok(vec![RemoteObject { url: url.to_owned(), size: Some(size) }]);
        }
        let found: Vec<_> = runtime.block_on(store.list(Some(&path)).try_collect()).map_err(failed)?;
        let mut objects: Vec<RemoteObject> = found
            .into_iter()
            .filter_map(|object| {
                let parts: Vec<String> = object.location.prefix_match(&path)?.map(|part| part.as_ref().to_owned()).collect();
                Some(RemoteObject { url: format!("{url}{}", parts.join("/")), size: Some(object.size) })
            })
            .collect();
        objects.sort_by(|left, right| left.url.cmp(&right.url));
        Ok(objects)
    }

    fn open(&self, url: &str) -> io::Result<Box<dyn Read + Send>> {
        let parsed = parse(url)?;
        if parsed.scheme() == "https" {
            return self.get(parsed);
        }
        let runtime = self.runtime()?;
        let (store, path) = Self::store(url)?;
        let result = runtime.block_on(store.get(&path)).map_err(failed)?;
        Ok(Box::new(Stream::new(runtime, Box::pin(result.into_stream().map_err(failed)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_no_queries() {
        assert_eq!(without_queries("GET https://h/a?sig=x failed: why? no"), "GET https://h/a failed: why? no");
        assert_eq!(without_queries("(https://h/a?sig=x)"), "(https://h/a)");
    }

    #[test]
    fn other_urls_are_refused_without_their_password() {
        for url in ["file:///etc/hosts", "memory://x/y", "ftp://h/a", "s3://user:pw5ecret@h/a", "s3:"] {
            let error = Stores::store(url).expect_err(url).to_string();
            assert!(!error.contains("pw5ecret"), "{error}");
        }
    }
}
