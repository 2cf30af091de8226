//! The publisher's own client, from its registry and unchanged, cannot tell the simulator from the API.
//!
//! `client/drive.py` names the calls that are driven. It runs where `CHARTER_CLIENT_PYTHON` names a Python that has the client; `.ci/run` makes one.

use std::process::Command;

use charter_simulator::{Simulator, SimulatorOptions};

#[test]
fn the_publishers_client_is_served() {
    let Some(python) = std::env::var_os("CHARTER_CLIENT_PYTHON") else {
        println!("left out: CHARTER_CLIENT_PYTHON names no Python with the client");
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
