//! The official client, unchanged from its registry, works with the simulator, and through the proxy.
//!
//! `client/drive.py` lists the calls. The tests need `CHARTER_CLIENT_PYTHON`, the path of a Python with the client; `.ci/run` makes one.

use std::ffi::OsString;
use std::process::Command;

use charter_engine::Judge;
use charter_proxy::{Proxy, ProxyOptions};
use charter_simulator::{Simulator, SimulatorOptions};

/// The simulators that the client needs: a plain one, one with a limit on the rate, and one that fails.
fn simulators() -> [Simulator; 3] {
    let faults = vec!["network.server-errors".to_owned()];
    let options = [
        SimulatorOptions { speed: 60.0, ..SimulatorOptions::default() },
        SimulatorOptions { rate_limit: Some(5), ..SimulatorOptions::default() },
        SimulatorOptions { faults, ..SimulatorOptions::default() },
    ];
    options.map(|options| Simulator::start(options).expect("a simulator"))
}

fn python() -> Option<OsString> {
    let python = std::env::var_os("CHARTER_CLIENT_PYTHON");
    if python.is_none() {
        println!("skipped: CHARTER_CLIENT_PYTHON is not set");
    }
    python
}

fn drive(python: OsString, key: &str, [plain, limited, failing]: [&str; 3]) {
    let base = |url: &str| format!("{url}/api");
    let arguments = ["tests/client/drive.py", &base(plain), key, &base(limited), &base(failing)];
    let driven = Command::new(python).args(arguments).output().expect("Python starts");
    assert!(driven.status.success(), "{}{}", String::from_utf8_lossy(&driven.stdout), String::from_utf8_lossy(&driven.stderr));
}

#[test]
fn the_official_client_works() {
    let Some(python) = python() else { return };
    let simulators = simulators();
    drive(python, simulators[0].key(), simulators.each_ref().map(Simulator::base_url));
}

#[test]
fn the_official_client_works_through_the_proxy() {
    let Some(python) = python() else { return };
    let simulators = simulators();
    let judge = Judge::load("../schema").expect("a contract");
    let proxies = simulators.each_ref().map(|simulator| {
        let proxy = Proxy::bind(&judge, ProxyOptions::new(simulator.base_url())).expect("a proxy");
        (proxy.url().to_owned(), proxy.stop_handle(), std::thread::spawn(move || proxy.run().expect("a report")))
    });
    drive(python, simulators[0].key(), proxies.each_ref().map(|(url, ..)| url.as_str()));
    let [plain, limited, failing] = proxies.map(|(_, stop, thread)| {
        stop.stop();
        thread.join().expect("a report")
    });
    println!("{} + {} + {} exchanges", plain.summary.exchanges, limited.summary.exchanges, failing.summary.exchanges);
    assert!(plain.summary.exchanges > 50 && limited.summary.exchanges > 0 && failing.summary.exchanges > 0);
    let findings: Vec<_> = plain.groups.iter().map(|group| (group.name(), &group.samples)).collect();
    assert!(findings.is_empty(), "{findings:#?}");
}
