//! The tests of `cargo xtask`, as one binary: one module for each subject.

mod common;

mod commands;
mod live;
mod network;
mod packaging;
mod parts;
mod probe_faults;
mod probe_recorded;
mod probed;
mod replayed;
mod reports;
mod simulated;
