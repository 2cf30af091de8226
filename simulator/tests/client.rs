//! The official client, unchanged from its registry, works with the simulator.
//!
//! `client/drive.py` lists the calls. The test needs `CHARTER_CLIENT_PYTHON`, the path of a Python with the client; `.ci/run` makes one.

use std::process::Command;

use charter_simulator::{Simulator, SimulatorOptions};

#[test]
fn the_official_client_works() {
    let Some(python) = std::env::var_os("CHARTER_CLIENT_PYTHON") else {
        println!("skipped: CHARTER_CLIENT_PYTHON is not set");
        return;
    };
    let simulator = Simulator::start(SimulatorOptions { speed: 60.0, ..SimulatorOptions::default() }).expect("a simulator");
    let limited = Simulator::start(SimulatorOptions { rate_limit: Some(5), ..SimulatorOptions::default() }).expect("a simulator");
    let faults = vec!["network.server-errors".to_owned()];
    let failing = Simulator::start(SimulatorOptions { faults, ..SimulatorOptions::default() }).expect("a simulator");
    let base = |simulator: &Simulator| format!("{}/api", simulator.base_url());
    let driven = Command::new(python)
        .args(["tests/client/drive.py", &base(&simulator), simulator.key(), &base(&limited), &base(&failing)])
        .output()
        .expect("Python starts");
    assert!(driven.status.success(), "{}{}", String::from_utf8_lossy(&driven.stdout), String::from_utf8_lossy(&driven.stderr));
}
