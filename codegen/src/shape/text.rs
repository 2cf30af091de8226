//! Strings: plain strings, and strings whose `format` selects a Rust type.

use charter_contract::{Contract, FormatsConfig, IpTypes, TimeCrate, UuidCrate};

use super::conjunction::Conjunction;
use super::{Shape, TextType};

/// The shape of a string: the first `format` with a configured type decides.
pub(super) fn text(contract: &Contract, all: &Conjunction, formats: &FormatsConfig) -> Shape {
    let mut given = all.keywords(contract).filter_map(|(_, keywords)| keywords.format.as_deref());
    given.find_map(|format| type_of(format, formats)).map_or(Shape::String, Shape::Text)
}

fn type_of(format: &str, formats: &FormatsConfig) -> Option<TextType> {
    match (format, formats.date_time, formats.date, formats.uuid, formats.ip) {
        ("date-time", TimeCrate::Jiff, ..) => Some(TextType::JiffTimestamp),
        ("date-time", TimeCrate::Chrono, ..) => Some(TextType::ChronoDateTime),
        ("date-time", TimeCrate::Time, ..) => Some(TextType::TimeDateTime),
        ("date", _, TimeCrate::Jiff, ..) => Some(TextType::JiffDate),
        ("date", _, TimeCrate::Chrono, ..) => Some(TextType::ChronoDate),
        ("date", _, TimeCrate::Time, ..) => Some(TextType::TimeDate),
        ("uuid", _, _, UuidCrate::Uuid, _) => Some(TextType::Uuid),
        ("ipv4", .., IpTypes::Std) => Some(TextType::Ipv4),
        ("ipv6", .., IpTypes::Std) => Some(TextType::Ipv6),
        _ => None,
    }
}
