//! Arbitrary bytes as spans and log records.
#![no_main]

charter_fuzz_formats::target!("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[", "]}]}]}");
