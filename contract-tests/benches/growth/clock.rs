//! CPU time of this process, and of the programs that it has run: what else runs on the machine does not count.

/// What this process has taken, all of its threads.
#[cfg(unix)]
pub(crate) fn own_nanoseconds() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).cast_unsigned()
}

/// Elsewhere the time that passes, on a machine that had better be quiet.
#[cfg(not(unix))]
pub(crate) fn own_nanoseconds() -> u64 {
    passed_nanoseconds()
}

/// What programs have taken that have ended, in steps of a hundredth of a second; where no one tells, the time that passes.
pub(crate) fn programs_nanoseconds() -> u64 {
    programs().unwrap_or_else(passed_nanoseconds)
}

fn programs() -> Option<u64> {
    const TICK: u64 = 10_000_000;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: the fields from the third on. Those of the children are the 16th and 17th.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some((ticks(13)? + ticks(14)?) * TICK)
}

fn passed_nanoseconds() -> u64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as u64
}
