//! The report of a comparison: data, and its renderers. Renderers make no verdict.

mod list;
mod markdown;
mod model;
mod text;

pub use markdown::{changelog, markdown};
pub use model::{Report, ReportOptions, SideInfo, Sides, report};
pub use text::text;
