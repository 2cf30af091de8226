//! Network faults on the connection itself: late, truncated, mislabelled or missing responses.
//!
//! | module | what it owns |
//! |---|---|
//! | `fault` | the names of the faults, and what each does |
//! | `choice` | which requests have which fault |
//! | `response` | how a fault changes the response |
//! | `body` | bodies that are sent slowly, in part, or without end |
//! | `connection` | connections that can be reset, and that can carry more than was announced |
//!
//! Delays use the clock of the machine, not the simulated one.

mod body;
mod choice;
mod connection;
mod fault;
mod response;

pub(crate) use choice::Choice;
pub(crate) use connection::{ConnectionHandle, FaultyListener};
pub use fault::NetworkFault;
pub(crate) use response::inject;
