//! Why the compiled reader is not built in, and what to do about it. A part of the build script, and a module of its own for its tests.

use sha2::{Digest, Sha256};

/// Why the source of the compiled reader, where there is one, is not built in; nothing where it is.
pub(crate) fn missing(source: Option<&str>, wanted: bool) -> Option<&'static str> {
    match source {
        _ if !wanted => Some("this build has no compiled reader: the feature `reader` is off; build with it"),
        None => Some(
            "this build has no compiled reader: generated/src/generated/reader.rs was not there; \
             run `cargo xtask generate` and build again",
        ),
        Some(text) if !is_intact(text) => Some(
            "this build has no compiled reader: generated/src/generated/reader.rs is not as the generator wrote it; \
             run `cargo xtask generate` and build again",
        ),
        Some(_) => None,
    }
}

/// Whether the second line tells the digest of what follows it.
fn is_intact(text: &str) -> bool {
    let Some((_, rest)) = text.split_once('\n') else { return false };
    let Some((seal, written)) = rest.split_once('\n') else { return false };
    let hex: String = Sha256::digest(written).iter().map(|byte| format!("{byte:02x}")).collect();
    seal == format!("// sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::missing;

    fn written(source: &str) -> String {
        let hex: String = Sha256::digest(source).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("// By a machine.\n// sha256:{hex}\n{source}")
    }

    fn check(source: Option<&str>, wanted: bool, expected: &[&str]) {
        let reason = missing(source, wanted).expect("a reason");
        assert!(expected.iter().all(|words| reason.contains(words)), "{reason}");
        // It is handed to the compiler on one line.
        assert!(!reason.contains('\n') && !reason.contains("  "), "{reason}");
    }

    #[test]
    fn a_reader_as_written_is_built_in() {
        assert_eq!(missing(Some(&written("fn read() {}\n")), true), None);
    }

    #[test]
    fn a_reader_that_is_not_built_in_is_told_with_its_remedy() {
        let reader = written("fn read() {}\n");
        let generate = "run `cargo xtask generate`";
        for edited in [reader.replace("read()", "write()"), format!("{reader}\n"), reader.replace("sha256:", "sha256: "), String::new()] {
            check(Some(&edited), true, &["not as the generator wrote it", generate]);
        }
        check(None, true, &["was not there", generate]);
        check(Some(&reader), false, &["the feature `reader` is off"]);
        check(None, false, &["the feature `reader` is off"]);
    }
}
