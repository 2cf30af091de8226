//! Decides most exchanges without a tree and without a copy: what depends on the head of an exchange alone is computed once for all exchanges with
//! an equal head.
//!
//! | file | owns |
//! |---|---|
//! | `key` | the parts of a head that a judgement depends on, as bytes |
//! | `last` | the heads of the last exchanges |
//! | `plan` | what is equal for all exchanges with one key, made from a judgement of the reference path |
//! | `decide` | one exchange by its plan: path parameters, the bodies' programs, the rules |
//! | `signature` | the classes of the values of a body and the orders of its instants, which decide most rules |
//! | `item` | the rules about an item of an array |
//! | `observe` | what other exchanges are compared with, of the exchange that is decided |
//! | `observed` | what other exchanges are compared with, as bytes |
//! | `template` | texts with gaps for path parameters |
//! | `local` | what one thread remembers of the plans and the verdicts by signature |
//! | `counts` | coverage and verdicts of the exchanges that were decided |
//!
//! The first exchanges with a key take the reference path. The judgement of the second one without a finding becomes the plan of the key. The next ones need only
//! what differs between them: the path parameters, the bodies and the time. A rule that fails at an instance that fixed
//! keys lead to is a finding. Any other violation, and a form that no plan covers, leave the exchange to the reference path.

mod counts;
mod decide;
mod item;
mod key;
mod last;
mod local;
mod observe;
mod observed;
mod plan;
mod signature;
mod template;

pub(crate) use counts::DecidedCounts;
pub(crate) use decide::{Buffers, Decided, Decider, Failed};
pub(crate) use observed::{Observed, ObservedBatch, ObservedState, Template};
pub(super) use plan::HeadPlans;
