//! How a simulator is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use charter_traffic::ManualClock;

/// How a simulator is set up.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// Where it listens; port 0 takes one that is free.
    pub address: SocketAddr,
    /// The key that opens everything.
    pub key: String,
    /// What the runs are made from: the same seed makes the same runs.
    pub seed: u64,
    /// How many runs there are from the beginning.
    pub runs: usize,
    /// Seconds of a run's life that pass in a second.
    pub speed: f64,
    /// Requests served in a second; more are answered with 429.
    pub rate_limit: Option<u32>,
    /// The rules and keywords to break, and what the network does.
    pub faults: Vec<String>,
    /// How many requests in a hundred meet a fault of the network.
    pub fault_share: u8,
    /// What it goes by instead of the machine's clock; the speed has no say then.
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
        let mut shown = formatter.debug_struct("SimulatorOptions");
        shown.field("address", address).field("key", &"***").field("seed", seed).field("runs", runs);
        shown.field("speed", speed).field("rate_limit", rate_limit).field("faults", faults).field("fault_share", fault_share);
        shown.field("clock", clock).finish()
    }
}
