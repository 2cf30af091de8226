//! A program with a compiled reader: generated, compiled, and run on the documents.

use std::path::{Path, PathBuf};
use std::process::Command;

use charter_codegen::{Options, Schemars, generate_with};
use charter_contract::Contract;

use crate::clock;
use crate::table::median;

/// The folder of the program. The dependencies are built once.
const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/growth");
/// The number of measured passes over the documents.
const PASSES: usize = 200;

const MAIN: &str = r#"
mod clock;
mod reader;

use reader::COMPILED;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&words[1]).expect("documents");
    let passes: usize = words[2].parse().expect("a number");
    let (_, read) = COMPILED.readers[0];
    let mut counters = COMPILED.counters();
    let start = clock::own_nanoseconds();
    for line in (0..passes).flat_map(|_| text.lines()) {
        let accepted = counters.read(line.as_bytes(), read, &Default::default()).is_ok();
        assert!(accepted, "not accepted: {line}");
    }
    let taken = clock::own_nanoseconds() - start;
    let counted = counters.counts().iter().filter(|count| **count > 0).count();
    assert!(counted >= COMPILED.rules.len(), "{counted} events");
    println!("{} {}", COMPILED.rules.len(), taken / passes as u64);
}
"#;

/// The measurements of one contract, in nanoseconds.
pub(crate) struct Compiled {
    pub(crate) generating: f64,
    pub(crate) compiling: f64,
    /// One pass over the documents.
    pub(crate) reading: f64,
}

/// Builds a program for one contract after another, in one folder.
pub(crate) struct Programs {
    folder: PathBuf,
    documents: PathBuf,
    /// Whether the dependencies are built.
    is_warm: bool,
}

impl Programs {
    pub(crate) fn new(documents: &[String]) -> Self {
        let folder = PathBuf::from(FOLDER);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = format!(
            "[package]\nname = \"growth\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\ncharter-reader = {{ path = {:?} }}\n\
             [target.'cfg(unix)'.dependencies]\nrustix = {{ version = \"1\", default-features = false, features = [\"std\", \"time\"] }}\n",
            root.join("crates/reader")
        );
        write(&folder.join("Cargo.toml"), &manifest);
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap_or_else(|error| panic!("{error}"));
        write(&folder.join("Cargo.lock"), &lock);
        write(&folder.join("src/main.rs"), MAIN);
        write(&folder.join("src/clock.rs"), include_str!("../clock.rs"));
        let path = folder.join("documents.ndjson");
        write(&path, &documents.join("\n"));
        Self { folder, documents: path, is_warm: false }
    }

    /// Generates, compiles and runs the reader of a contract with this number of rules.
    pub(crate) fn measure(&mut self, rules: usize, contract: &Contract, rounds: usize) -> Compiled {
        let (mut generating, mut compiling, mut reading) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let start = clock::own_nanoseconds();
            let text = generate(contract);
            generating.push((clock::own_nanoseconds() - start) as f64);
            write(&self.folder.join("src/reader.rs"), &text);
            if !self.is_warm {
                self.build();
                self.is_warm = true;
                write(&self.folder.join("src/reader.rs"), &text);
            }
            let start = clock::programs_nanoseconds();
            self.build();
            compiling.push((clock::programs_nanoseconds() - start) as f64);
            reading.push(self.run(rules));
        }
        Compiled { generating: median(generating), compiling: median(compiling), reading: median(reading) }
    }

    fn build(&self) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "--release", "--quiet"]).current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join("target"));
        command.env("RUSTFLAGS", "-Awarnings");
        let built = command.status().unwrap_or_else(|error| panic!("cargo: {error}"));
        assert!(built.success(), "the reader does not compile");
    }

    fn run(&self, rules: usize) -> f64 {
        let mut command = Command::new(self.folder.join("target/release/growth"));
        let ran = command.arg(&self.documents).arg(PASSES.to_string()).output().unwrap_or_else(|error| panic!("{error}"));
        let output = String::from_utf8_lossy(&ran.stdout);
        let (compiled, nanoseconds) = output.trim().split_once(' ').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&ran.stderr)));
        assert_eq!(compiled.parse(), Ok(rules), "the compiled reader must evaluate every rule");
        nanoseconds.parse().unwrap_or(f64::NAN)
    }
}

fn generate(contract: &Contract) -> String {
    let mut options = Options::default();
    options.schemars = Schemars::Never;
    options.reader = Some("charter_reader".to_owned());
    let output = generate_with(contract, &options).unwrap_or_else(|error| panic!("{error}"));
    output.files.into_iter().find(|file| file.path == "reader.rs").map(|file| file.text).unwrap_or_default()
}

fn write(path: &Path, text: &str) {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
