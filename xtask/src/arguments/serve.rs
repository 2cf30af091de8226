//! `serve`: its flags.

use std::net::SocketAddr;

use charter_simulator::NetworkFault;
use clap::Args;

/// Runs the embedded simulator of the API until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct Serve {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    pub(crate) addr: SocketAddr,
    /// Rule or keyword to violate, or network fault; may be repeated
    #[arg(long, value_name = "RULE", num_args = 1..)]
    pub(crate) fault: Vec<String>,
    /// Percentage of requests with a network fault, in bursts of four
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) fault_share: u8,
    /// List the faults and exit
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of runs at the start
    #[arg(long, value_name = "NUMBER", default_value_t = 40)]
    pub(crate) runs: usize,
    /// Simulation speed factor
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// Maximum requests per second; further requests get status 429
    #[arg(long, value_name = "NUMBER")]
    pub(crate) rate_limit: Option<u32>,
}

/// The examples, and the table of network faults.
fn help() -> String {
    let faults: Vec<String> = NetworkFault::ALL.iter().map(|fault| format!("  {:<26}  {}\n", fault.name(), fault.effect())).collect();
    format!(
        "\
Examples:
  {{program}} serve                                     # on a free port; prints the URL
  {{program}} serve --addr 127.0.0.1:8080 --seed 7      # the same runs every time
  {{program}} serve --rate-limit 5                      # 429 above five requests per second
  {{program}} serve --fault run.sample-rank-below-one   # violates this rule only
  {{program}} serve --fault additionalProperties        # violates this keyword of the schemas
  {{program}} serve --fault network.server-errors --fault-share 30   # short bursts of 5xx
  {{program}} serve --list-faults                       # lists rules, keywords and network faults

Network faults use real time, whatever --speed is. If several are given, the seed selects one for each request:
{}
`probe` only reads, so it does not find faults of operations that start or cancel runs.
The API key is read from the environment variable CHARTER_API_KEY [default: simulator-key].",
        faults.concat()
    )
}

/// Parses a socket address; also accepts `localhost:PORT`.
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let address = local.or_else(|| text.parse().ok());
    address.ok_or_else(|| "expected an address with a port, such as 127.0.0.1:8080 or [::1]:0".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| *speed > 0.0 && *speed <= 1e6);
    speed.ok_or_else(|| "expected a number above 0 and at most 1000000".to_owned())
}
