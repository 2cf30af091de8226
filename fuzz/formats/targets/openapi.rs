//! Arbitrary bytes as paths of an OpenAPI document.
#![no_main]

charter_fuzz_formats::target!("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"paths\":{\"/a\":", "}}");
