//! HTTP traffic: exchanges, the recordings they are read from, masking, and the recorder of live traffic.
//!
//! | module | owns |
//! |---|---|
//! | [`exchange`] | one exchange: request, response, origin |
//! | [`read`] | files, formats, compression; one exchange at a time |
//! | [`mask`] | secrets and personal data, masked |
//! | [`record`] | exchanges written to a recording |
//! | `live` | a live server as a source of exchanges |
//! | `clock` | a manual clock for repeatable runs |

mod build;
mod clock;
pub mod exchange;
mod live;
pub mod mask;
pub mod read;
pub mod record;

pub use clock::ManualClock;
pub use exchange::Exchange;
pub use live::{Live, Next};
