//! Arbitrary bytes as entries of a HAR.
#![no_main]

charter_fuzz_formats::target!("{\"log\":{\"version\":\"1.2\",\"entries\":[", "]}}");
