//! The generated client of the Run API, against the simulator: starts a run, waits for its end, and lists the latest runs.
//!
//! ```console
//! $ cargo run -p charter-generated --example runs
//! ```

use std::error::Error;

use charter_generated::RunStart;
use charter_generated::client::{Client, RunsListOptions, RunsStartOptions, RunsStartSuccess};
use charter_simulator::{Simulator, SimulatorOptions};
use futures_util::StreamExt as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start(SimulatorOptions { speed: 60.0, ..SimulatorOptions::default() })?;
    let client = Client::new(simulator.base_url())?.with_bearer_auth(simulator.key());

    let start: RunStart = serde_json::from_str(r#"{"target": "workflows.invoice", "input": {"total": 1}}"#)?;
    let options = RunsStartOptions { wait_for_completion: Some(30), ..RunsStartOptions::default() };
    match client.runs_start(&start, &options).await?.body {
        RunsStartSuccess::Status200(run) => println!("ended: {}", serde_json::to_string(&run)?),
        RunsStartSuccess::Status201(run) | RunsStartSuccess::Status202(run) => println!("not ended: {}", serde_json::to_string(&run)?),
    }

    let client = &client;
    let pages = charter_client::pages_by_cursor(
        |cursor| async move { client.runs_list(&RunsListOptions { limit: Some(20), cursor, ..RunsListOptions::default() }).await },
        |page| page.body.next_cursor.clone().into(),
    );
    let pages: Vec<_> = pages.collect().await;
    for page in pages {
        println!("a page of {} runs", page?.body.runs.len());
    }
    Ok(())
}
