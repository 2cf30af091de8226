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
