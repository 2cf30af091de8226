//! The requests of a probe, and how they are sent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use charter_traffic::ManualClock;
use charter_traffic::mask::Secret;

/// The requests of a probe.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The URL of the server. The paths of the contract are appended.
    pub base_url: String,
    /// The key of security schemes without credentials of their own. It is sent as the first security scheme of the operation says: in a
    /// header field, a query parameter or a cookie, as `user:password` of the scheme Basic, or else as a bearer token.
    pub key: Option<Secret>,
    /// The credentials of single security schemes.
    pub credentials: Vec<Credential>,
    /// Header fields that every request has, by name. Add values that are secret to `secrets`.
    pub headers: Vec<(String, String)>,
    /// The values of parameters, by name or as `operation.name`. They take precedence over those of the settings.
    pub parameters: Vec<(String, String)>,
    /// The resources or operations to request.
    pub subjects: Subjects,
    /// The operation that returns one resource, instead of that of the settings.
    pub operation: Option<String>,
    /// The sections of the response to request.
    pub sections: Sections,
    /// Whether to repeat requests until a resource is finished.
    pub until_finished: bool,
    /// Whether to download the artifacts that resources name, and compare them.
    pub artifacts: bool,
    /// Whether to request the other `GET` operations whose only path parameter is the id, and the other queries of the list.
    /// If rules compare their responses with earlier ones, they are requested twice.
    pub related: bool,
    /// Whether to send requests that the server must refuse: no key, a wrong key, an unknown id, an unknown section. Related
    /// operations are requested without a key.
    pub errors: bool,
    /// How requests are sent.
    pub sending: Sending,
    /// The file of the NDJSON recording.
    pub record: Option<PathBuf>,
    /// The file of the HAR recording.
    pub record_har: Option<PathBuf>,
    /// More secrets that must not be recorded.
    pub secrets: Vec<Secret>,
    /// Makes recordings and reports reproducible.
    pub repeatable: Option<Repeatable>,
}

impl Plan {
    /// A plan that requests each resource once.
    pub fn new(base_url: impl Into<String>, subjects: Subjects) -> Self {
        Self {
            base_url: base_url.into(),
            key: None,
            credentials: Vec::new(),
            headers: Vec::new(),
            parameters: Vec::new(),
            subjects,
            operation: None,
            sections: Sections::default(),
            until_finished: false,
            artifacts: false,
            related: false,
            errors: false,
            sending: Sending::default(),
            record: None,
            record_har: None,
            secrets: Vec::new(),
            repeatable: None,
        }
    }

    /// The credentials of a security scheme.
    pub(crate) fn credential(&self, scheme: &str) -> Option<&Secret> {
        self.credentials.iter().rfind(|credential| credential.scheme == scheme).map(|credential| &credential.secret)
    }
}

/// The credentials of a security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// The name of the security scheme in the contract.
    pub scheme: String,
    /// The key; `user:password` of the scheme Basic; a token, or `client-id:client-secret` of OAuth 2.0 with the flow `clientCredentials`.
    pub secret: Secret,
}

impl Credential {
    /// The credentials of a security scheme.
    pub fn new(scheme: impl Into<String>, secret: Secret) -> Self {
        Self { scheme: scheme.into(), secret }
    }
}

/// Makes the recording and the report reproducible to the byte, if the responses of the server are. Requests are then sent one
/// after another, whatever the concurrency.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Repeatable {
    /// The name of the server in reports and recordings. Its port may differ from run to run.
    pub name: String,
    /// The clock that dates requests. The server must use the same clock.
    pub clock: Arc<ManualClock>,
    /// The seed of pseudonyms.
    pub salt: u64,
}

impl Repeatable {
    /// A server's name, the clock and the seed of pseudonyms.
    pub fn new(name: impl Into<String>, clock: Arc<ManualClock>, salt: u64) -> Self {
        Self { name: name.into(), clock, salt }
    }
}

/// The resources to request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subjects {
    /// The resources with these ids, in this order.
    Ids(Vec<String>),
    /// The resources that the server lists.
    Listed {
        /// The maximum number of resources.
        limit: Option<usize>,
    },
    /// `GET` operations in the order of their dependencies: the ids in the responses of a list are the values of the path parameter that
    /// follows the path of the list.
    Operations {
        /// Their ids. Operations that list their path parameters are requested, too. If empty, every `GET` operation is requested.
        ids: Vec<String>,
        /// The maximum number of ids of one list.
        limit: Option<usize>,
    },
}

/// The sections of the response to request. The contract's settings name the query parameter and its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sections {
    /// No section.
    #[default]
    None,
    /// These sections, in one request.
    Named(Vec<String>),
    /// Every combination of the sections in the settings, one request each.
    AllCombinations,
}

/// How requests are sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sending {
    /// The maximum number of concurrent requests.
    pub concurrency: usize,
    /// The maximum number of requests per second.
    pub rate: Option<f64>,
    /// How often a request is retried after status 429, after a server error, or without a response.
    pub retries: usize,
    /// The time limit of a request, including the body of its response.
    pub timeout: Duration,
    /// The pause between two requests for an unfinished resource.
    pub interval: Duration,
    /// The time limit for a resource to finish.
    pub wait: Duration,
    /// The longest `Retry-After` that is honoured.
    pub longest_retry_after: Duration,
    /// The maximum size of a response body in bytes.
    pub max_body: u64,
    /// A PEM file of certificates to trust, in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether the key may be sent over plain http to another machine.
    pub allow_plain_http: bool,
}

impl Default for Sending {
    fn default() -> Self {
        Self {
            concurrency: 8,
            rate: None,
            retries: 4,
            timeout: Duration::from_secs(30),
            interval: Duration::from_secs(1),
            wait: Duration::from_secs(600),
            longest_retry_after: Duration::from_secs(120),
            max_body: 16 << 20,
            ca_file: None,
            allow_plain_http: false,
        }
    }
}
