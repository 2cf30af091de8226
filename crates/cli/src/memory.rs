//! The memory of the machine.

use std::fs::read_to_string;

/// The largest default.
const MOST: u64 = 1 << 30;
/// The default if the memory of the machine is not known.
const UNKNOWN: u64 = 256 << 20;

/// The default of `--memory`: a quarter of the memory that this process may use, at most 1 GiB.
pub(crate) fn default_budget() -> u64 {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let group = read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min().map_or(UNKNOWN, |memory: u64| (memory / 4).min(MOST))
}

/// The bytes of memory that `/proc/meminfo` names.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_in_kibibytes() {
        assert_eq!(total("MemFree: 1 kB\nMemTotal:       16384 kB\n"), Some(16 << 20));
        assert_eq!(total("MemTotal: many"), None);
        assert!((1..=MOST).contains(&default_budget()));
    }
}
