//! Arbitrary bytes as a recording of nock.
#![no_main]

charter_fuzz_formats::target!("[{\"scope\":\"https://a\",\"method\":\"GET\",\"path\":\"/\",\"status\":200,", "}]");
