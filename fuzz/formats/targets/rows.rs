//! Arbitrary bytes as rows of a log.
#![no_main]

charter_fuzz_formats::target!("[{\"url\":\"https://a/\",\"status\":200,", "}]");
