//! The CPU time of this thread: what else runs on the machine does not count.

#[cfg(unix)]
pub(crate) fn thread_nanoseconds() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).cast_unsigned()
}

/// Elsewhere the time that passes, on a machine that had better be quiet.
#[cfg(not(unix))]
pub(crate) fn thread_nanoseconds() -> u64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as u64
}
