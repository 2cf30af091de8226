//! Instructions per byte, counted by valgrind if it is installed. The result does not depend on the load of the machine.

use std::process::Command;

use crate::Figure;
use crate::arguments::Arguments;

/// The size of the corpus for valgrind.
const BYTES: usize = 1_000_000;

/// Counts the instructions of one additional pass, so that the setup is excluded.
pub(crate) fn count(figures: &mut [Figure], arguments: &Arguments) {
    for figure in figures {
        let counted = |passes: usize| instructions(figure.name, passes, arguments);
        let Some((one, two)) = counted(1).zip(counted(2)) else {
            eprintln!("note: instructions are not counted; install valgrind");
            return;
        };
        figure.instructions_per_byte = Some(two.saturating_sub(one) as f64 / BYTES as f64);
    }
}

fn instructions(rung: &str, passes: usize, arguments: &Arguments) -> Option<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe().ok()?);
    command.args(["--size", &BYTES.to_string(), "--seed", &arguments.seed.to_string(), "--only", rung, &passes.to_string()]);
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}
