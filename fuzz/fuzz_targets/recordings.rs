//! Arbitrary bytes as a recording, in every format and compression: reading ends, and the indexes of the entries ascend. Seeds are the files of
//! `crates/traffic/tests/formats`.
#![no_main]

use std::ops::ControlFlow;

use charter_traffic::read::{Limits, Source, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_body: 1 << 20, ..Limits::default() };
    for name in ["recording", "recording.br"] {
        let mut last = None;
        let _ = read(&Source::Bytes { name: name.into(), bytes: bytes.into() }, &limits, &mut |entry| {
            let index = entry.map_or_else(|error| error.index, |exchange| exchange.origin.index);
            assert!(last.is_none_or(|last| last < index));
            last = Some(index);
            ControlFlow::Continue(())
        });
    }
});
