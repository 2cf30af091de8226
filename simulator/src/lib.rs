//! A server of the operations around a run, which keeps the contract by construction: machine → view → answer.
//!
//! | module | what it owns |
//! |---|---|
//! | [`SimulatorOptions`] | address, key, seed, how many runs, how fast, what is broken |
//! | `cast` | the runs that are there from the beginning, every kind among the first of them |
//! | `machine` | a run's statuses over time: from created to a terminal one, cancelled in flight |
//! | `runs` | the runs that there are, found by id |
//! | `view` | what every operation shows of a run at an instant, made from one state |
//! | [`corpus()`] | an endless iterator of run bodies, for benchmarks and tests; `open`: values of open parts; `variety`: rarer forms |
//! | [`Random`] | seeded pseudo-random numbers |
//! | `artifact` | a run's files and their bytes |
//! | `list` | filters and pages |
//! | `server`, `refusal` | requests to answers, errors in their envelope |
//! | [`faults`] | promises that can be broken, each alone |
//! | [`NetworkFault`] | what can happen to answers on their way |
//!
//! ```
//! use charter_simulator::{Simulator, SimulatorOptions};
//!
//! let simulator = Simulator::start(SimulatorOptions::default())?;
//! assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), charter_simulator::Error>(())
//! ```

mod artifact;
mod cast;
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
use network::{Line, Lines};
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
    /// Starts a server on a thread of its own.
    ///
    /// # Errors
    /// The address cannot be listened on, or a fault has a name that is none.
    pub fn start(options: SimulatorOptions) -> Result<Self, Error> {
        options.faults.iter().try_for_each(|name| fault::is_known(name))?;
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
        let service = server::router(state.clone()).into_make_service_with_connect_info::<Line>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    // The listener is ours: what ends serving is the request to stop.
                    _ = axum::serve(Lines(listener), service) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("simulator".to_owned()).spawn(serve).map_err(Error::Runtime)?;
        Ok(Self { base_url, state, stop: Some(stop), thread: Some(thread) })
    }

    /// Where the server listens, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The key that opens everything.
    pub fn key(&self) -> &str {
        &self.state.options.key
    }

    /// A key that may read and not start or cancel: 403.
    pub fn read_only_key(&self) -> String {
        self.state.options.read_only_key()
    }

    /// The ids of the runs that were there from the beginning.
    pub fn seeded_runs(&self) -> Vec<String> {
        self.state.seeded_runs()
    }

    /// Stops the server and waits for its end.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has ended needs no telling.
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
