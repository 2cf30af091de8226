//! Which requests meet which fault: by their number and the seed, so that it is the same every time.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::random::Random;

use super::NetworkFault;
use crate::options::SimulatorOptions;

/// Requests in a row that fare alike.
const BURST: u64 = 4;

/// Chooses for each request.
#[derive(Debug)]
pub(crate) struct Choice {
    faults: Vec<NetworkFault>,
    seed: u64,
    percent: u8,
    requests: AtomicU64,
}

impl Choice {
    pub(crate) fn new(options: &SimulatorOptions) -> Self {
        let faults = options.faults.iter().filter_map(|name| NetworkFault::of(name)).collect();
        Self { faults, seed: options.seed, percent: options.fault_share, requests: AtomicU64::new(0) }
    }

    /// Whether no request meets any.
    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty() || self.percent == 0
    }

    /// What the next request meets, and which turn it is.
    pub(super) fn next(&self) -> Option<(NetworkFault, u64)> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.at(number).map(|fault| (fault, number))
    }

    fn at(&self, number: u64) -> Option<NetworkFault> {
        // The number is mixed in before, so that neighbouring seeds differ in more than the place at which they begin.
        let mut random = Random::new(Random::new(self.seed).next_u64() ^ (number / BURST));
        let meets = random.chance(self.percent.into());
        if meets && !self.faults.is_empty() { Some(random.pick(&self.faults)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seed: u64, fault_share: u8, faults: &[NetworkFault]) -> Vec<Option<NetworkFault>> {
        let faults = faults.iter().map(|fault| fault.name().to_owned()).collect();
        let choice = Choice::new(&SimulatorOptions { seed, fault_share, faults, ..SimulatorOptions::default() });
        (0..4_000).map(|_| choice.next().map(|(fault, _)| fault)).collect()
    }

    #[test]
    fn a_seed_chooses_the_same_every_time_and_another_seed_something_else() {
        let all = NetworkFault::ALL;
        assert_eq!(of(7, 30, &all), of(7, 30, &all));
        assert_ne!(of(7, 30, &all), of(8, 30, &all));
        assert!(all.iter().all(|fault| of(7, 30, &all).contains(&Some(*fault))));
    }

    #[test]
    fn the_share_is_met_in_bursts() {
        let chosen = of(1, 25, &[NetworkFault::Reset]);
        let met = chosen.iter().flatten().count();
        assert!((800..1_200).contains(&met), "{met} of 4000");
        assert!(chosen.chunks(BURST as usize).all(|burst| burst.iter().all(|one| *one == burst[0])));
        assert!(of(1, 100, &[NetworkFault::Reset]).iter().all(Option::is_some));
        assert!(of(1, 0, &[NetworkFault::Reset]).iter().all(Option::is_none));
        assert!(of(1, 100, &[]).iter().all(Option::is_none));
    }
}
