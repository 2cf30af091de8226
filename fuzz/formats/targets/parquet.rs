//! Arbitrary bytes as a Parquet file.
#![no_main]

charter_fuzz_formats::target!("PAR1", "PAR1");
