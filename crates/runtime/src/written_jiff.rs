//! Dates and times read by `jiff`.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Format;

impl Format for Timestamp {
    type Error = jiff::Error;

    fn parse(text: &str) -> Result<Self, jiff::Error> {
        text.parse()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Format for Date {
    type Error = jiff::Error;

    fn parse(text: &str) -> Result<Self, jiff::Error> {
        text.parse()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
