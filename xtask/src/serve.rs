//! `serve`: runs the simulator until Ctrl-C.

use std::sync::mpsc;

use charter_simulator::{Error, NetworkFault, Simulator, SimulatorOptions, faults};

use crate::arguments::Serve;
use charter_cli::{exit, key, output};

pub(crate) fn run(arguments: &Serve) -> u8 {
    if arguments.list_faults {
        let mut names = faults();
        names.extend(NetworkFault::ALL.map(NetworkFault::name));
        names.sort_unstable();
        return output::print(&format!("{}\n", names.join("\n")));
    }
    let mut options = SimulatorOptions {
        address: arguments.addr,
        seed: arguments.seed,
        runs: arguments.runs,
        speed: arguments.speed,
        rate_limit: arguments.rate_limit,
        faults: arguments.fault.clone(),
        fault_share: arguments.fault_share,
        ..SimulatorOptions::default()
    };
    match key::key(None) {
        Ok(Some(key)) => options.key = key.expose().to_owned(),
        Ok(None) => {}
        Err(code) => return code,
    }
    let (stop, stopped) = mpsc::channel();
    let handler = move || {
        // Only the first signal has a receiver.
        let _ = stop.send(());
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        output::message(&format!("error: cannot install the Ctrl-C handler: {error}"));
        return exit::UNREADABLE;
    }
    let simulator = match Simulator::start(options) {
        Ok(simulator) => simulator,
        Err(error) => {
            output::message(&format!("error: {error}"));
            return if matches!(error, Error::UnknownFault { .. }) { exit::USAGE } else { exit::UNREADABLE };
        }
    };
    let code = output::print(&format!("{}\n", simulator.base_url()));
    if code != exit::SUCCESS {
        return code;
    }
    let _ = stopped.recv();
    simulator.shutdown();
    exit::INTERRUPTED
}
