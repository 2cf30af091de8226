//! Arbitrary bytes as executions of a Newman report.
#![no_main]

charter_fuzz_formats::target!("{\"collection\":{\"info\":{},\"item\":[]},\"run\":{\"executions\":[", "]}}");
