//! Arbitrary bytes as items of a Postman collection.
#![no_main]

charter_fuzz_formats::target!("{\"info\":{\"schema\":\"https://schema.getpostman.com/json/collection/v2.1.0/collection.json\"},\"item\":[", "]}");
