//! Options of a simulator.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use charter_traffic::ManualClock;

/// Options of a simulator.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// The address to listen on; port 0 selects a free port.
    pub address: SocketAddr,
    /// The API key with all rights.
    pub key: String,
    /// The seed: the same seed gives the same runs.
    pub seed: u64,
    /// The number of runs at the start.
    pub runs: usize,
    /// Simulated seconds per second.
    pub speed: f64,
    /// Requests per second; more get the status 429.
    pub rate_limit: Option<u32>,
    /// The faults: rules and keywords to violate, and network faults.
    pub faults: Vec<String>,
    /// The percentage of requests with a network fault.
    pub fault_share: u8,
    /// A clock that replaces the machine's; `speed` is ignored then.
    pub clock: Option<Arc<ManualClock>>,
}

impl SimulatorOptions {
    pub(crate) fn read_only_key(&self) -> String {
        format!("{}-read-only", self.key)
    }
}

impl Default for SimulatorOptions {
    fn default() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let key = "simulator-key".to_owned();
        let (rate_limit, faults, clock) = Default::default();
        Self { address, key, seed: 1, runs: 40, speed: 20.0, rate_limit, faults, fault_share: 100, clock }
    }
}

impl fmt::Debug for SimulatorOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, key: _, seed, runs, speed, rate_limit, faults, fault_share, clock } = self;
        let mut output = formatter.debug_struct("SimulatorOptions");
        output.field("address", address).field("key", &"***").field("seed", seed).field("runs", runs);
        output.field("speed", speed).field("rate_limit", rate_limit).field("faults", faults).field("fault_share", fault_share);
        output.field("clock", clock).finish()
    }
}
