//! Arbitrary bytes as compressed content.
#![no_main]

charter_fuzz_formats::target!("", "");
