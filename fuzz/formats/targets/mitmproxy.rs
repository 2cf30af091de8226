//! Arbitrary bytes as a flow file of mitmproxy.
#![no_main]

charter_fuzz_formats::target!("", "");
