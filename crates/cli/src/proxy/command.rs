//! The program that is run with the URL of the proxy. The proxy ends when it ends.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use charter_proxy::StopHandle;

/// How often the program is checked for its end.
const TICK: Duration = Duration::from_millis(10);
/// When the program gets SIGTERM after a signal. A terminal has sent it the same signal already.
const TERMINATE: Duration = Duration::from_secs(1);
/// When the program is killed after a signal.
const KILL: Duration = Duration::from_secs(5);
/// The exit code if the program cannot be waited for.
const UNKNOWN: u8 = 1;

/// A running program.
pub(super) struct Command {
    thread: JoinHandle<Ended>,
}

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its exit code, or 128 and the number of the signal that ended it.
    pub(super) code: u8,
    /// The end of a sentence about it.
    pub(super) description: String,
}

impl Command {
    /// Starts a program with environment variables; those without a value are removed. After its end, or some time after a signal, the proxy is stopped.
    pub(super) fn start(
        program: &OsStr,
        arguments: &[OsString],
        variables: Vec<(&str, Option<OsString>)>,
        stop: StopHandle,
        signals: Arc<AtomicUsize>,
    ) -> io::Result<Self> {
        let mut command = std::process::Command::new(program);
        for (name, value) in variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command.args(arguments).spawn()?;
        let thread = std::thread::Builder::new().name("charter-command".to_owned()).spawn(move || {
            let ended = wait(&mut child, &signals);
            stop.stop();
            ended
        })?;
        Ok(Self { thread })
    }

    /// Waits for the end of the program.
    pub(super) fn wait(self) -> Ended {
        let unknown = |_| Ended { code: UNKNOWN, description: "could not be waited for".to_owned() };
        self.thread.join().unwrap_or_else(unknown)
    }
}

fn wait(child: &mut Child, signals: &AtomicUsize) -> Ended {
    let (mut signalled, mut is_terminated) = (None::<Instant>, false);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return ended(status),
            Ok(None) => {}
            Err(error) => return Ended { code: UNKNOWN, description: format!("could not be waited for: {error}") },
        }
        let count = signals.load(Ordering::Relaxed);
        if count > 0 {
            let elapsed = signalled.get_or_insert_with(Instant::now).elapsed();
            if count > 1 || elapsed > KILL {
                let _ = child.kill();
            } else if elapsed > TERMINATE && !is_terminated {
                is_terminated = true;
                terminate(child);
            }
        }
        std::thread::sleep(TICK);
    }
}

/// Asks a program to end.
fn terminate(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::Pid::from_child(child), rustix::process::Signal::TERM);
    #[cfg(not(unix))]
    let _ = child.kill();
}

fn ended(status: ExitStatus) -> Ended {
    if let Some(code) = status.code() {
        let description = format!("failed with exit code {code}");
        // An exit code of another system may be longer than a byte.
        let short = u8::try_from(code & 0xff).unwrap_or(UNKNOWN);
        return Ended { code: if code == 0 { 0 } else { short.max(1) }, description };
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ended { code: u8::try_from(128 + signal).unwrap_or(UNKNOWN), description: format!("was ended by signal {signal}") };
    }
    Ended { code: UNKNOWN, description: "failed".to_owned() }
}
