//! Arbitrary bytes as a report of Schemathesis.
#![no_main]

charter_fuzz_formats::target!("", "");
