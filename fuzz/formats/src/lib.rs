//! What every target of a recording format requires: reading ends, the indexes of the entries ascend, and masking twice changes nothing.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use charter_contract::{MaskConfig, TrafficColumns};
use charter_traffic::mask::{Masker, Secret};
use charter_traffic::read::{Forms, Limits, Source, read_known};
use charter_traffic::scrub;

/// Defines the target of a format. The bytes are read as they are, and between the beginning and the end of a document of the format.
#[macro_export]
macro_rules! target {
    ($beginning:expr, $end:expr) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::check(bytes);
            if !$beginning.is_empty() {
                $crate::check(&[$beginning.as_bytes(), bytes, $end.as_bytes()].concat());
            }
        });
    };
}

static MASKER: LazyLock<Masker> = LazyLock::new(|| {
    let secret = Secret::new("sk_fuzz_0123456789").expect("a secret");
    Masker::new(&MaskConfig::default(), &[secret]).expect("a masker")
});

static COLUMNS: LazyLock<TrafficColumns> = LazyLock::new(|| {
    let text = "url = 'url'\nstatus = 'status'\nmethod = 'method'\ntime = 'time'\nrequest-headers = 'headers'\nresponse-body = 'body'";
    toml::from_str(text).expect("columns")
});

fn limits() -> Limits {
    Limits { max_body: 1 << 20, ..Limits::default() }
}

fn source(name: &str, bytes: &[u8]) -> Source {
    Source::Bytes { name: name.into(), bytes: bytes.into() }
}

/// Reads and masks a recording.
///
/// # Panics
/// An index does not ascend, or a second masking changes something.
pub fn check(bytes: &[u8]) {
    check_named("recording", bytes);
}

/// Like [`check`], with the name of the source, which decides whether it is Brotli.
///
/// # Panics
/// As [`check`].
pub fn check_named(name: &str, bytes: &[u8]) {
    let mut last = None;
    let forms = Forms { accepts_bare: true, columns: Some(&COLUMNS) };
    let _ = read_known(&source(name, bytes), &limits(), &forms, &mut |entry| {
        let index = entry.map_or_else(|error| error.index, |exchange| exchange.origin.index);
        assert!(last.is_none_or(|last| last < index), "the indexes ascend");
        last = Some(index);
        ControlFlow::Continue(())
    });
    let mut masked = Vec::new();
    if scrub(&MASKER, &source(name, bytes), &limits(), &mut masked).is_ok() {
        let mut again = Vec::new();
        let done = scrub(&MASKER, &source(name, &masked), &limits(), &mut again);
        assert!(done.is_ok(), "a masked recording can be masked: {done:?}");
        assert!(again == masked, "masking twice changes nothing:\n{}\n{}", String::from_utf8_lossy(&masked), String::from_utf8_lossy(&again));
    }
}
