//! Arbitrary bytes as mappings and journals of WireMock.
#![no_main]

charter_fuzz_formats::target!("{\"requests\":[", "]}");
