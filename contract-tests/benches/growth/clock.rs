//! The CPU time of this process, and of the programs that it has run, so that other processes do not affect the measurement.

/// The CPU time of all threads of this process.
#[cfg(unix)]
pub(crate) fn own_nanoseconds() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).cast_unsigned()
}

/// Without a CPU clock, wall-clock time. The machine should be idle then.
#[cfg(not(unix))]
pub(crate) fn own_nanoseconds() -> u64 {
    wall_nanoseconds()
}

/// The CPU time of finished child processes, in steps of 10 ms; wall-clock time if the system does not report it.
pub(crate) fn programs_nanoseconds() -> u64 {
    programs().unwrap_or_else(wall_nanoseconds)
}

fn programs() -> Option<u64> {
    const TICK: u64 = 10_000_000;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may contain spaces and parentheses; the third field follows it. The times of children are fields 16 and 17.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some((ticks(13)? + ticks(14)?) * TICK)
}

fn wall_nanoseconds() -> u64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as u64
}
