//! Arbitrary bytes as a cassette in YAML.
#![no_main]

charter_fuzz_formats::target!("version: 1\ninteractions:\n", "");
