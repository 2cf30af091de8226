//! Dates and times read by `chrono`.

use chrono::{DateTime, FixedOffset, NaiveDate, ParseError, SecondsFormat};

use super::Format;

impl Format for DateTime<FixedOffset> {
    type Error = ParseError;

    fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_from_rfc3339(text)
    }

    fn write(&self) -> String {
        self.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

impl Format for NaiveDate {
    type Error = ParseError;

    fn parse(text: &str) -> Result<Self, ParseError> {
        text.parse()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
