//! Whether the compiled reader can be built in: only as the generator wrote it, so that `generate` can mend whatever stands there.

mod seal;

use std::path::Path;

const READER: &str = "../generated/src/generated/reader.rs";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(compiled_reader)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=seal.rs");
    // A file that is missing would make every build run this again: the folder says when it comes.
    let watched = if Path::new(READER).exists() { READER } else { "../generated/src/generated" };
    println!("cargo::rerun-if-changed={watched}");
    let text = std::fs::read_to_string(READER).ok();
    match seal::missing(text.as_deref(), std::env::var_os("CARGO_FEATURE_READER").is_some()) {
        None => println!("cargo::rustc-cfg=compiled_reader"),
        Some(reason) => println!("cargo::rustc-env=CHARTER_NO_READER={reason}"),
    }
}
