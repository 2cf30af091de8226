//! The exit codes of every command. Where several hold, the first of 2, 3, 4, 1 is given.

/// Everything is as promised.
pub const KEPT: u8 = 0;
/// A promise is broken.
pub const BROKEN: u8 = 1;
/// Wrong usage, or a contract that is broken itself.
pub const USAGE: u8 = 2;
/// Something could not be read, written or judged.
pub const UNREADABLE: u8 = 3;
/// Generated code is stale.
pub const STALE: u8 = 4;
/// Stopped by Ctrl-C.
pub const INTERRUPTED: u8 = 130;
