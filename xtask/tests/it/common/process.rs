//! `cargo xtask` as a process.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The result of a process: exit code, standard output, standard error.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A command that runs in a folder, without the environment of cargo and of CI.
pub(crate) fn xtask_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xtask").expect("the command is built");
    command.current_dir(folder).args(arguments).env_remove("CARGO_MANIFEST_DIR").env_remove("CI").env("NO_COLOR", "1");
    command
}

/// A command that runs in the root of the repository.
pub(crate) fn xtask(arguments: &[&str]) -> Command {
    xtask_in(&root(), arguments)
}

pub(crate) fn run_command(command: &mut Command) -> Ran {
    let output = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
}

impl Ran {
    /// Asserts the exit code, and a part of standard output or standard error.
    pub(crate) fn expect(self, arguments: &[&str], code: i32, wanted: &str) -> Self {
        let Self { out, err, .. } = &self;
        assert_eq!(self.code, code, "{arguments:?}\n{out}\n{err}");
        assert!(out.contains(wanted) || err.contains(wanted), "{arguments:?}: no {wanted:?} in\n{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        self
    }
}

/// Runs a command in the root of the repository, and asserts its exit code and a part of its output.
pub(crate) fn check_code(arguments: &[&str], code: i32, wanted: &str) -> Ran {
    run_command(&mut xtask(arguments)).expect(arguments, code, wanted)
}
