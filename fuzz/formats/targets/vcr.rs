//! Arbitrary bytes as interactions of a cassette of VCR, vcrpy or Betamax.
#![no_main]

charter_fuzz_formats::target!("{\"version\":1,\"interactions\":[", "]}");
