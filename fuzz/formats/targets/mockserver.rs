//! Arbitrary bytes as expectations and logs of MockServer.
#![no_main]

charter_fuzz_formats::target!("[{\"httpRequest\":{\"method\":\"GET\",\"path\":\"/\"},\"httpResponse\":", "}]");
