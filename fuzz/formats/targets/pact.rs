//! Arbitrary bytes as interactions of a Pact file.
#![no_main]

charter_fuzz_formats::target!("{\"consumer\":{\"name\":\"a\"},\"provider\":{\"name\":\"b\"},\"interactions\":[", "]}");
