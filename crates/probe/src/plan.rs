//! What is asked of a server, and what asking may cost.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use charter_traffic::ManualClock;
use charter_traffic::mask::Secret;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server: a URL, to which the paths of the contract are added.
    pub base_url: String,
    /// The key, sent as a bearer token.
    pub key: Option<Secret>,
    /// Which resources.
    pub subjects: Subjects,
    /// Which sections are asked for.
    pub expand: Expand,
    /// Ask again until a resource is finished.
    pub until_finished: bool,
    /// Download what the resources name, and compare.
    pub artifacts: bool,
    /// Ask the contract's other questions about each resource, operations that only read and need nothing but the id, and the
    /// list's other queries. What rules compare with what was answered before is asked again.
    pub related: bool,
    /// Ask for refusals on purpose: no key, a wrong key, an unknown id, an unknown section. Of related questions: no key.
    pub errors: bool,
    /// How requests are sent.
    pub sending: Sending,
    /// Where the recording goes, in our own form.
    pub record: Option<PathBuf>,
    /// Where the recording goes as a HAR.
    pub record_har: Option<PathBuf>,
    /// More secrets that must not be recorded.
    pub secrets: Vec<Secret>,
    /// What makes it come out the same every time.
    pub repeatable: Option<Repeatable>,
}

impl Plan {
    /// A plan that asks once for each resource.
    pub fn new(base_url: impl Into<String>, subjects: Subjects) -> Self {
        Self {
            base_url: base_url.into(),
            key: None,
            subjects,
            expand: Expand::default(),
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
}

/// What makes a probe come out the same every time, to the byte of its recording and its report, where the server answers the same
/// every time. One thing is then asked after the other, whatever the concurrency.
#[derive(Clone, Debug)]
pub struct Repeatable {
    /// How reports and recordings call the server, whose port may be another each time.
    pub name: String,
    /// The clock that requests are made by. The server goes by it as well.
    pub clock: Arc<ManualClock>,
    /// What pseudonyms are made with.
    pub salt: u64,
}

/// Which resources are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// These, in this order.
    Ids(Vec<String>),
    /// Those that the server lists, at most so many.
    Listed {
        /// The most.
        limit: Option<usize>,
    },
}

/// Which sections are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expand {
    /// None.
    #[default]
    None,
    /// These, in one request.
    Sections(Vec<String>),
    /// Every combination of the sections that there are, one request each.
    All,
}

/// How requests are sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sending {
    /// Requests on their way at once.
    pub concurrency: usize,
    /// Requests in a second, at most.
    pub rate: Option<f64>,
    /// How often a request is repeated that was answered with 429 or 5xx, or not at all.
    pub retries: usize,
    /// How long one request may take, its body included.
    pub timeout: Duration,
    /// How long is waited between two looks at a resource.
    pub interval: Duration,
    /// How long a resource is waited for until it is finished.
    pub wait: Duration,
    /// The longest `Retry-After` that is followed.
    pub longest_retry_after: Duration,
    /// Bytes of a body beyond which it is broken off.
    pub max_body: u64,
    /// Certificates that are trusted beside those of the system, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Send the key over plain http even beyond this machine.
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
