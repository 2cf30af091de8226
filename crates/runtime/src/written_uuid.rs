//! UUIDs read by `uuid`.

use uuid::Uuid;

use super::Format;

impl Format for Uuid {
    type Error = uuid::Error;

    fn parse(text: &str) -> Result<Self, uuid::Error> {
        Self::try_parse(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
