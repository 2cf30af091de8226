//! Whether the compiled reader can be built in: only as the generator wrote it, so that `generate` can mend whatever stands there.

use std::path::Path;

use sha2::{Digest, Sha256};

const READER: &str = "../generated/src/generated/reader.rs";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(compiled_reader)");
    println!("cargo::rerun-if-changed=build.rs");
    // A file that is missing would make every build run this again: the folder says when it comes.
    let watched = if Path::new(READER).exists() { READER } else { "../generated/src/generated" };
    println!("cargo::rerun-if-changed={watched}");
    if std::fs::read_to_string(READER).is_ok_and(|text| is_intact(&text)) {
        println!("cargo::rustc-cfg=compiled_reader");
    }
}

/// Whether the second line tells the digest of what follows it.
fn is_intact(text: &str) -> bool {
    let Some((_, rest)) = text.split_once('\n') else { return false };
    let Some((seal, written)) = rest.split_once('\n') else { return false };
    let hex: String = Sha256::digest(written).iter().map(|byte| format!("{byte:02x}")).collect();
    seal == format!("// sha256:{hex}")
}
