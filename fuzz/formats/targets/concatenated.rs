//! Arbitrary bytes as JSON texts one after the other.
#![no_main]

charter_fuzz_formats::target!("{}\n{}", "");
