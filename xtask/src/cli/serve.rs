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
  serve --list-faults                               what can be broken: every rule, every keyword of answers

A probe changes nothing: what breaks where runs are started and cancelled shows to whoever starts and cancels them.
The key is read from the environment variable CHARTER_API_KEY; without it, it is `simulator-key`.")]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) addr: SocketAddr,
    /// Break the promise of this rule or keyword; may be given again
    #[arg(long, value_name = "RULE", num_args = 1..)]
    pub(crate) fault: Vec<String>,
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

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| *speed > 0.0 && *speed <= 1e6);
    speed.ok_or_else(|| "a number above 0, at most 1000000, is expected".to_owned())
}
