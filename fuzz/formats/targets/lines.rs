//! Arbitrary bytes as lines of recorded exchanges.
#![no_main]

charter_fuzz_formats::target!("{\"format\":\"charter-exchange/1\",\"request\":null,\"response\":", "}\n");
