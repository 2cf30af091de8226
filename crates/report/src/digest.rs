//! Short checksums that identify groups and findings across runs.

use sha2::{Digest, Sha256};

/// Sixteen hexadecimal digits: a checksum of a list of strings.
pub fn short<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of an input that was read by ranges: SHA-256 of the digests of its blocks. `None` if a digest is not hexadecimal.
pub(crate) fn of_blocks<'d>(blocks: impl IntoIterator<Item = &'d String>) -> Option<String> {
    let mut hasher = Sha256::new();
    for block in blocks {
        let bytes = (0..block.len()).step_by(2).map(|at| u8::from_str_radix(block.get(at..at + 2)?, 16).ok());
        hasher.update(bytes.collect::<Option<Vec<u8>>>()?);
    }
    Some(format!("sha256-blocks:{}", hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}
