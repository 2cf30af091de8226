//! The exit codes of every command. If several apply, the process exits with the first of 2, 3, 4, 1.

/// No violations.
pub const SUCCESS: u8 = 0;
/// Violations were found.
pub const VIOLATIONS: u8 = 1;
/// Wrong usage, or an invalid contract.
pub const USAGE: u8 = 2;
/// An input could not be read or checked, or an output could not be written.
pub const UNREADABLE: u8 = 3;
/// Generated code is stale.
pub const STALE: u8 = 4;
/// Stopped by Ctrl-C.
pub const INTERRUPTED: u8 = 130;
