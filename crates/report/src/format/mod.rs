//! The report formats: one file each, and one line each in [`FORMATS`].

mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod rust_test;
mod sarif;
mod text;

pub use html::render as render_html;
pub use json::render as render_json;
pub use markdown::render as render_markdown;
pub use text::render as render_text;

use crate::render::ReportFormat;

/// Every report format, in the order of the help text.
pub static FORMATS: &[&dyn ReportFormat] = &[
    &text::Text,
    &json::Json,
    &junit::Junit,
    &sarif::Sarif,
    &github::Github,
    &markdown::Markdown,
    &html::Html,
    &gitlab::Gitlab,
    &rust_test::RustTest,
];

/// The format with this name.
pub fn find(name: &str) -> Option<&'static dyn ReportFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in FORMATS {
            assert_eq!(format!("{:?}", find(format.name())), format!("{:?}", Some(*format)));
            assert!(!format.help().is_empty());
        }
        assert!(find("pdf").is_none());
    }
}
