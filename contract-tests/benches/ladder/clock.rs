//! The CPU time of this thread, so that other threads and processes do not affect the measurement.

#[cfg(unix)]
pub(crate) fn thread_nanoseconds() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).cast_unsigned()
}

/// Without a CPU clock, wall-clock time. The machine should be idle then.
#[cfg(not(unix))]
pub(crate) fn thread_nanoseconds() -> u64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as u64
}
