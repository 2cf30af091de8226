//! `serve`: its flags.

use std::net::SocketAddr;

use clap::Args;

/// Serves the embedded simulator of the API, until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  serve                                             on any free port; the first line says where
  serve --addr 127.0.0.1:8080 --seed 7 --runs 500   the same runs every time
  serve --rate-limit 5                              429 with Retry-After beyond five requests a second
  serve --fault run.sample-rank-below-one           breaks this promise and no other
  serve --fault additionalProperties                breaks what this keyword of the schemas promises
  serve --fault network.server-errors --fault-share 30   bursts of 5xx, which pass
  serve --list-faults                               what can be broken: every rule, every keyword of answers, the network

Faults of the network, in the time of this machine whatever --speed is; of several, each request meets one, which the seed
chooses:
  network.clock-skew          Date is a day behind and a day ahead, in turn
  network.cut-off             the connection is closed and reset, in turn, in mid-body
  network.endless-redirect    307, from place to place
  network.huge-body           a body without end
  network.rate-limit-storm    429; Retry-After in seconds and as a date, in turn
  network.reset               the connection is reset before the answer, the request is done
  network.server-errors       500, 502, 503 and 504 in turn, the first and third in the envelope
  network.silence             no answer, the connection stays
  network.slow                ten bytes of the body a second
  network.truncated-json      half of the body, its length right
  network.wrong-content-type  text/html, whatever the body is
  network.wrong-length        Content-Length above and below the body's, in turn; below, the rest follows on the wire

A probe changes nothing: what breaks where runs are started and cancelled shows to whoever starts and cancels them.
The key is read from the environment variable CHARTER_API_KEY; without it, it is `simulator-key`.")]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = address)]
    pub(crate) addr: SocketAddr,
    /// Break the promise of this rule or keyword, or let the network fail; may be given again
    #[arg(long, value_name = "RULE", num_args = 1..)]
    pub(crate) fault: Vec<String>,
    /// Requests in a hundred that meet a fault of the network, four in a row
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) fault_share: u8,
    /// Name the promises that can be broken, and end
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// What the runs are made from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many runs there are from the beginning
    #[arg(long, value_name = "NUMBER", default_value_t = 40)]
    pub(crate) runs: usize,
    /// Seconds of a run's life that pass in a second
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// Requests served in a second; more are answered with 429
    #[arg(long, value_name = "NUMBER")]
    pub(crate) rate_limit: Option<u32>,
}

/// An address, or a port of this machine by its name.
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let address = local.or_else(|| text.parse().ok());
    address.ok_or_else(|| "an address with a port is expected, such as 127.0.0.1:8080 or [::1]:0".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| *speed > 0.0 && *speed <= 1e6);
    speed.ok_or_else(|| "a number above 0, at most 1000000, is expected".to_owned())
}
