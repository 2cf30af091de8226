//! HTTP traffic: exchanges, recording formats, masking, and the recorder of live traffic.
//!
//! | module | owns |
//! |---|---|
//! | [`coding`] | content codings of bodies |
//! | [`exchange`] | one exchange: request, response, timing, origin; builders for tests |
//! | [`read`] | sources, formats, compression; one exchange at a time |
//! | [`mask`] | masking of secrets and personal data |
//! | [`record`] | writing exchanges to a recording |
//! | `live` | a live server as a source of exchanges |
//! | `clock` | a manual clock for repeatable runs |

mod clock;
pub mod coding;
pub mod exchange;
mod live;
pub mod mask;
mod position;
pub mod read;
pub mod record;
mod scrub;

pub use clock::ManualClock;
pub use exchange::Exchange;
pub use live::{Live, Next};
pub use scrub::{ScrubError, Scrubbed, scrub};
