//! Selects the fault of each request from its number and the seed, so that every run of the server selects the same.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::random::Random;

use super::NetworkFault;
use crate::options::SimulatorOptions;

/// Consecutive requests that have the same fault.
const BURST: u64 = 4;

/// Selects the fault of each request.
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

    /// Whether no request has a fault.
    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty() || self.percent == 0
    }

    /// The fault and the number of the next request.
    pub(super) fn next(&self) -> Option<(NetworkFault, u64)> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.at(number).map(|fault| (fault, number))
    }

    fn at(&self, number: u64) -> Option<NetworkFault> {
        // The seed is hashed first: otherwise neighbouring seeds give the same sequence with an offset.
        let mut random = Random::new(Random::new(self.seed).next_u64() ^ (number / BURST));
        let has_fault = random.chance(self.percent.into());
        if has_fault && !self.faults.is_empty() { Some(random.pick(&self.faults)) } else { None }
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
    fn selection_depends_on_the_seed_only() {
        let all = NetworkFault::ALL;
        assert_eq!(of(7, 30, &all), of(7, 30, &all));
        assert_ne!(of(7, 30, &all), of(8, 30, &all));
        assert!(all.iter().all(|fault| of(7, 30, &all).contains(&Some(*fault))));
    }

    #[test]
    fn faults_come_in_bursts_with_the_given_share() {
        let selected = of(1, 25, &[NetworkFault::Reset]);
        let faulty = selected.iter().flatten().count();
        assert!((800..1_200).contains(&faulty), "{faulty} of 4000");
        assert!(selected.chunks(BURST as usize).all(|burst| burst.iter().all(|one| *one == burst[0])));
        assert!(of(1, 100, &[NetworkFault::Reset]).iter().all(Option::is_some));
        assert!(of(1, 0, &[NetworkFault::Reset]).iter().all(Option::is_none));
        assert!(of(1, 100, &[]).iter().all(Option::is_none));
    }
}
