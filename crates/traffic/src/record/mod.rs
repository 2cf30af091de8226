//! Writes exchanges to a recording. They are masked first, and checked in the form in which they were written.

mod har;
mod line;
mod recorder;

pub use recorder::{RecordError, Recorder};
