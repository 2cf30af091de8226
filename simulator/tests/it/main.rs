//! The tests of the simulator: one module for each subject. `faults` is a binary of its own because its threads need the whole machine.

mod corpus;
mod malformed_requests;
mod many_runs;
mod network;
