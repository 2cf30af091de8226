//! Sources that are objects of a store or of a web server. Another crate reads them, so that this one has no client.

use std::io::{self, Read};
use std::sync::OnceLock;

use super::ReadError;

/// The beginnings of URLs of objects.
const SCHEMES: [&str; 4] = ["s3://", "gs://", "az://", "https://"];

/// Reads objects by their URLs.
pub trait Remote: Send + Sync {
    /// The object of a URL; if the URL ends with a slash, all objects below it, in the order of their names.
    ///
    /// # Errors
    /// There is no such object, or the store cannot be read.
    fn list(&self, url: &str) -> io::Result<Vec<RemoteObject>>;

    /// The bytes of an object.
    ///
    /// # Errors
    /// The object cannot be read.
    fn open(&self, url: &str) -> io::Result<Box<dyn Read + Send>>;
}

/// An object that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteObject {
    /// Its URL.
    pub url: String,
    /// Its size in bytes, if it is known.
    pub size: Option<u64>,
}

static REMOTE: OnceLock<Box<dyn Remote>> = OnceLock::new();

/// Sets what reads URLs in this process. A second call changes nothing.
pub fn set_remote(remote: Box<dyn Remote>) {
    let _ = REMOTE.set(remote);
}

/// Whether an argument is the URL of an object.
pub(super) fn is_remote(argument: &str) -> bool {
    SCHEMES.iter().any(|scheme| argument.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)))
}

/// The objects of a URL.
pub(super) fn list(url: &str) -> Result<Vec<RemoteObject>, ReadError> {
    Ok(REMOTE.get().ok_or(ReadError::NoRemote)?.list(url)?)
}

/// The bytes of an object.
pub(super) fn open(url: &str) -> Result<Box<dyn Read + Send>, ReadError> {
    Ok(REMOTE.get().ok_or(ReadError::NoRemote)?.open(url)?)
}

/// A URL as it is shown: without its query, which may have a signature.
pub(super) fn shown(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
