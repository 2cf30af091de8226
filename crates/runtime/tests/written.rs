//! Texts of a format: what each crate reads and writes, and that a text is never changed by being read.
#![cfg(all(feature = "chrono", feature = "jiff", feature = "time", feature = "uuid"))]

use std::fmt::Debug;
use std::net::{Ipv4Addr, Ipv6Addr};

use charter_runtime::{Format, Written};

/// Each text is read, is written back as it stands, and the value alone is written as `own`.
fn check<T: Format>(texts: &[(&str, &str)], refused: &[&str])
where
    T::Error: Debug,
{
    for (text, own) in texts {
        let json = serde_json::to_string(text).expect("JSON");
        let written: Written<T> = serde_json::from_str(&json).expect("a text");
        assert_eq!(serde_json::to_string(&written).expect("JSON"), json);
        let value = written.value().unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(Written::from(value).as_str(), *own, "{text}");
    }
    for text in refused {
        assert!(Written::<T>::from((*text).to_owned()).value().is_err(), "{text}");
    }
}

#[test]
fn every_crate_reads_and_writes_its_formats() {
    check::<jiff::Timestamp>(&[("2026-07-14T09:12:31.5+02:00", "2026-07-14T07:12:31.5Z")], &["2026-07-14", "soon"]);
    check::<jiff::civil::Date>(&[("2026-07-14", "2026-07-14")], &["2026-02-30", ""]);
    check::<chrono::DateTime<chrono::FixedOffset>>(
        &[("2026-07-14T09:12:31.5+02:00", "2026-07-14T09:12:31.500+02:00"), ("2026-07-14T09:12:31Z", "2026-07-14T09:12:31Z")],
        &["2026-07-14", "soon"],
    );
    check::<chrono::NaiveDate>(&[("2026-07-14", "2026-07-14")], &["2026-02-30", ""]);
    check::<time::OffsetDateTime>(&[("2026-07-14T09:12:31.5+02:00", "2026-07-14T09:12:31.5+02:00")], &["2026-07-14", "soon"]);
    check::<time::Date>(&[("2026-07-14", "2026-07-14")], &["2026-02-30", ""]);
    check::<uuid::Uuid>(&[("2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380")], &["2eb8aa08", ""]);
    check::<Ipv4Addr>(&[("10.0.0.1", "10.0.0.1")], &["10.0.0", "10.0.0.01"]);
    check::<Ipv6Addr>(&[("0:0::1", "::1")], &["10.0.0.1", ":"]);
}
