//! Inputs: files that every machine can read, and objects of a store.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use charter_engine::{ListedArgument, SplitPlan};
use charter_traffic::read::{Object, Ranges, Source, reason_to_skip};
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Runtime;
use url::Url;

/// How the address of an object begins.
const SCHEME: &str = "s3://";

/// The inputs of a run. Folders and buckets are listed once, by the client.
///
/// # Errors
/// A bucket cannot be listed.
pub(crate) fn list(paths: &[String]) -> Result<Vec<ListedArgument>, String> {
    let mut listing = Vec::new();
    for path in paths {
        match path.strip_prefix(SCHEME) {
            Some(address) => listing.push(objects(path, address).map_err(|error| format!("{path}: {error}"))?),
            None => listing.extend(SplitPlan::new(std::slice::from_ref(path)).listing()),
        }
    }
    Ok(listing)
}

/// The bucket of an address, and its URL; `None` for a file.
pub(crate) fn bucket_in(address: &str) -> Option<(&str, Url)> {
    let bucket = address.strip_prefix(SCHEME)?.split('/').next()?;
    Some((bucket, Url::parse(&format!("{SCHEME}{bucket}")).ok()?))
}

/// The source of a file or an object, by its name and size.
pub(crate) fn source(name: &str, size: u64) -> Source {
    let object = name.strip_prefix(SCHEME).and_then(|address| {
        let (bucket, key) = address.split_once('/')?;
        Some(StoredObject { bucket: bucket.to_owned(), key: Path::parse(key).ok()? })
    });
    match object {
        Some(object) => Source::Object(Object::new(name.into(), size, Arc::new(object))),
        None => Source::File(name.into()),
    }
}

/// The objects with a prefix, in the order of files in folders; or one object.
fn objects(argument: &str, address: &str) -> Result<ListedArgument, String> {
    let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
    let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|error| error.to_string())?;
    let store = bucket_of(bucket).map_err(|error| error.to_string())?;
    let mut found: Vec<(Path, u64)> = runtime()
        .map_err(|error| error.to_string())?
        .block_on(async {
            match store.head(&prefix).await {
                Ok(object) => Ok(vec![(object.location, object.size)]),
                Err(_) => store.list(Some(&prefix)).map_ok(|object| (object.location, object.size)).try_collect().await,
            }
        })
        .map_err(|error| error.to_string())?;
    let is_folder = !matches!(found.as_slice(), [(location, _)] if *location == prefix);
    let parts = |path: &Path| path.parts().map(|part| part.as_ref().to_owned()).collect::<Vec<_>>();
    found.sort_by_cached_key(|(location, _)| parts(location));
    let mut listed = ListedArgument { text: argument.to_owned(), is_folder, ..ListedArgument::default() };
    for (location, size) in found {
        let name = format!("{SCHEME}{bucket}/{location}");
        let below: Vec<_> = location.prefix_match(&prefix).into_iter().flatten().collect();
        let reason = below.split_last().and_then(|(last, folders)| {
            let is_hidden = folders.iter().any(|folder| folder.as_ref().starts_with('.'));
            if is_hidden { Some("in a hidden folder") } else { reason_to_skip(last.as_ref()) }
        });
        match reason.filter(|_| is_folder) {
            Some(reason) => listed.skipped.push((name, reason.to_owned())),
            None => listed.files.push((name, size)),
        }
    }
    if listed.files.is_empty() {
        return Err("there is no object with this prefix".to_owned());
    }
    Ok(listed)
}

/// An object, read with one request for each range.
struct StoredObject {
    bucket: String,
    key: Path,
}

impl Ranges for StoredObject {
    fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let store = bucket_of(&self.bucket).map_err(of_store)?;
        let bytes = runtime()?.block_on(store.get_range(&self.key, offset..offset + length as u64)).map_err(of_store)?;
        Ok(bytes.to_vec())
    }
}

/// An error of a store. Its kind shows whether another attempt may succeed.
fn of_store(error: object_store::Error) -> io::Error {
    let kind = match &error {
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error.to_string())
}

/// A bucket, with the credentials of the environment. Clients keep connections, so each bucket has one.
pub(crate) fn bucket_of(bucket: &str) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    static BUCKETS: OnceLock<Mutex<HashMap<String, Arc<dyn ObjectStore>>>> = OnceLock::new();
    let mut buckets = BUCKETS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = buckets.get(bucket) {
        return Ok(store.clone());
    }
    let store: Arc<dyn ObjectStore> = Arc::new(AmazonS3Builder::from_env().with_bucket_name(bucket).build()?);
    buckets.insert(bucket.to_owned(), store.clone());
    Ok(store)
}

/// Runs the requests. Readers block, so they are not on a thread of the scheduler's runtime.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("objects").enable_all().build()?;
    Ok(RUNTIME.get_or_init(|| runtime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_objects_are_objects_and_others_are_files() {
        assert!(
            matches!(source("s3://bucket/a/b.ndjson", 7), Source::Object(object) if object.size() == 7 && &*object.name() == "s3://bucket/a/b.ndjson")
        );
        for file in ["a/b.ndjson", "/s3:/x", "s3://bucket"] {
            assert!(matches!(source(file, 7), Source::File(_)), "{file}");
        }
    }
}
