//! A simulated server of the Run API: machine → view → response. Its responses keep the contract, unless a fault is requested.
//!
//! | module | owns |
//! |---|---|
//! | [`SimulatorOptions`] | address, key, seed, number of runs, speed, faults |
//! | `seed_data` | the runs at the start, the first of them one of each kind |
//! | `machine` | the statuses of a run over time, and cancellation |
//! | `runs` | all runs, with an index by id |
//! | `view` | the bodies of every operation for a run at an instant |
//! | [`corpus()`] | an endless iterator of run bodies, for benchmarks and tests; `open`: values of open parts; `variety`: rarer forms |
//! | [`Random`] | seeded pseudo-random numbers |
//! | `artifact` | the files of a run |
//! | `list` | filters and pages |
//! | `server`, `refusal` | from requests to responses; error responses |
//! | [`faults`] | violations of single rules and keywords |
//! | [`NetworkFault`] | faults of the connection |
//!
//! ```
//! use charter_simulator::{Simulator, SimulatorOptions};
//!
//! let simulator = Simulator::start(SimulatorOptions::default())?;
//! assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), charter_simulator::Error>(())
//! ```

mod artifact;
mod corpus;
mod error;
mod fault;
mod list;
mod machine;
mod network;
mod open;
mod options;
mod random;
mod refusal;
mod runs;
mod seed_data;
mod server;
mod variety;
mod view;

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

pub use corpus::{Corpus, Specimen, corpus};
pub use error::Error;
pub use fault::faults;
pub use network::NetworkFault;
use network::{ConnectionHandle, FaultyListener};
pub use options::SimulatorOptions;
pub use random::Random;
use server::State;
use tokio::sync::oneshot;

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    base_url: String,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a server on its own thread.
    ///
    /// # Errors
    /// The address cannot be listened on, or the name of a fault is unknown.
    pub fn start(options: SimulatorOptions) -> Result<Self, Error> {
        options.faults.iter().try_for_each(|name| fault::check_name(name))?;
        let at = |source| Error::Listen { address: options.address, source };
        let listener = TcpListener::bind(options.address).map_err(at)?;
        listener.set_nonblocking(true).map_err(at)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(at)?);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Error::Runtime)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(at)?
        };
        let state = Arc::new(State::new(options));
        let service = server::router(state.clone()).into_make_service_with_connect_info::<ConnectionHandle>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    // Serving does not end by itself.
                    _ = axum::serve(FaultyListener(listener), service) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("simulator".to_owned()).spawn(serve).map_err(Error::Runtime)?;
        Ok(Self { base_url, state, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API key with all rights.
    pub fn key(&self) -> &str {
        &self.state.options.key
    }

    /// An API key that may only read: a start or a cancellation gets 403.
    pub fn read_only_key(&self) -> String {
        self.state.options.read_only_key()
    }

    /// The ids of the seed data.
    pub fn seeded_runs(&self) -> Vec<String> {
        self.state.seeded_runs()
    }

    /// Stops the server and waits for its end.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only if the server has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}
