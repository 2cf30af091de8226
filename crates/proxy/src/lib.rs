//! Judges HTTP exchanges against a contract as they pass: capture → record masked → judge.
//!
//! | module | owns |
//! |---|---|
//! | `capture`, `body` | bodies that are copied while they pass, with limits on memory |
//! | `in_flight` | one exchange, from its request to the end of its response |
//! | `sink` | where exchanges go, and how their bodies are decoded |
//! | [`Proxy`] | a reverse proxy: `options`, `upstream`, `fields`, `connect`, `forward`, `enforce`, `problem`, `queue`, `serve`, `run` |
//! | `authority`, `intercept` | the connections of a forward proxy, and the certificates for them |
//! | `Session` | the exchanges of a test: `layer` (feature `tower`) for servers, `middleware` (feature `reqwest-middleware`) for clients |
//!
//! Every exchange that is recorded is masked before it is judged. Checking the recording therefore gives the same findings. Without a recording, an exchange is
//! masked if it may have a finding, or if rules over time or the artifacts of a resource compare it with others.
//!
//! ```no_run
//! use charter_engine::Judge;
//! use charter_proxy::{Proxy, ProxyOptions};
//!
//! let judge = Judge::load("schema")?;
//! let proxy = Proxy::bind(&judge, ProxyOptions::new("http://127.0.0.1:8080"))?;
//! println!("{}", proxy.url());
//! let stop = proxy.stop_handle();
//! // Another thread sends requests to the URL, then calls `stop.stop()`.
//! let report = proxy.run()?;
//! assert!(report.is_kept());
//! # drop(stop);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(any(feature = "proxy", feature = "tower", feature = "reqwest-middleware"))]
mod body;
#[cfg(any(feature = "proxy", feature = "tower", feature = "reqwest-middleware"))]
mod capture;
#[cfg(any(feature = "proxy", feature = "tower", feature = "reqwest-middleware"))]
mod in_flight;
#[cfg(any(feature = "proxy", feature = "tower", feature = "reqwest-middleware"))]
mod sink;

#[cfg(feature = "proxy")]
mod authority;
#[cfg(feature = "proxy")]
mod connect;
#[cfg(feature = "proxy")]
mod enforce;
#[cfg(feature = "proxy")]
mod error;
#[cfg(feature = "proxy")]
mod fields;
#[cfg(feature = "proxy")]
mod forward;
#[cfg(feature = "proxy")]
mod intercept;
#[cfg(feature = "proxy")]
mod options;
#[cfg(feature = "proxy")]
mod problem;
#[cfg(feature = "proxy")]
mod queue;
#[cfg(feature = "proxy")]
mod run;
#[cfg(feature = "proxy")]
mod serve;
#[cfg(feature = "proxy")]
mod upstream;

#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "reqwest-middleware")]
mod middleware;
#[cfg(any(feature = "tower", feature = "reqwest-middleware"))]
mod session;

#[cfg(any(feature = "tower", feature = "reqwest-middleware"))]
pub use body::{RequestBody, ResponseBody};
#[cfg(feature = "proxy")]
pub use error::{AuthorityError, Error, UpstreamError};
#[cfg(feature = "tower")]
pub use layer::{JudgeFuture, JudgeLayer, JudgeService};
#[cfg(feature = "reqwest-middleware")]
pub use middleware::JudgeMiddleware;
#[cfg(feature = "proxy")]
pub use options::ProxyOptions;
#[cfg(feature = "proxy")]
pub use run::{Proxy, StopHandle};
#[cfg(any(feature = "tower", feature = "reqwest-middleware"))]
pub use session::{Session, SessionError};
