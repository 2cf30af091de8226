//! Dates and times read by `time`.

use time::error::Parse;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::Format;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

impl Format for OffsetDateTime {
    type Error = Parse;

    fn parse(text: &str) -> Result<Self, Parse> {
        Self::parse(text, &Rfc3339)
    }

    fn write(&self) -> String {
        // Years beyond 9999 have no form in RFC 3339.
        self.format(&Rfc3339).unwrap_or_default()
    }
}

impl Format for Date {
    type Error = Parse;

    fn parse(text: &str) -> Result<Self, Parse> {
        Self::parse(text, DATE)
    }

    fn write(&self) -> String {
        // Years beyond 9999 have no form in RFC 3339.
        self.format(DATE).unwrap_or_default()
    }
}
