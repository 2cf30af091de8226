//! Exchanges to a recording: one line each, masked before anything else sees them, and judged as they were written.

mod har;
mod line;
mod recorder;

pub use recorder::{RecordError, Recorder};
