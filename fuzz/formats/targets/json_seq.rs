//! Arbitrary bytes as a JSON text sequence.
#![no_main]

charter_fuzz_formats::target!("\u{1e}", "\n");
