//! Writes exchanges to a recording. The recorder masks them first, and they are checked in the form in which they were written.

mod convert;
mod destination;
mod har;
mod line;
mod recorder;

pub use convert::{Converter, Form};
pub use destination::{Destination, open_through};
pub use recorder::{RecordError, Recorder};
