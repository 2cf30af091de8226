//! `probe`: a live server to reports and an exit code.

use std::io::Read;

use charter_engine::Judge;
use charter_probe::{Expand, Plan, Sending, Subjects, probe_with};
use charter_traffic::read::Limits;

use crate::arguments::Probe;
use crate::{exit, key, output, reporting};

pub(crate) fn run(arguments: &Probe) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let judge = match Judge::new(&contract) {
        Ok(judge) => judge,
        Err(error) => {
            output::complain(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let plan = match plan(arguments) {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    let limits = Limits { max_body: u64::MAX, ..Limits::default() };
    let probed = reporting::run(&arguments.reporting, &arguments.judging, None, &folder, limits, |options, progress| {
        probe_with(&judge, &plan, options, progress)
    });
    probed.unwrap_or_else(|error| {
        output::complain(&format!("error: {error}"));
        if error.is_usage() { exit::USAGE } else { exit::UNREADABLE }
    })
}

fn plan(arguments: &Probe) -> Result<Plan, u8> {
    Ok(Plan {
        base_url: arguments.base_url.clone(),
        key: key::key(arguments.key_file.as_deref())?,
        subjects: subjects(arguments)?,
        expand: match arguments.expand.as_slice() {
            [] => Expand::None,
            [all] if all == "all" => Expand::All,
            sections => Expand::Sections(sections.to_vec()),
        },
        until_finished: arguments.until_finished,
        artifacts: arguments.artifacts,
        related: arguments.related,
        errors: arguments.errors,
        sending: Sending {
            concurrency: arguments.concurrency.into(),
            rate: arguments.rate.map(|rate| rate.0),
            retries: arguments.retries.into(),
            timeout: arguments.timeout.0,
            interval: arguments.interval.0,
            wait: arguments.wait.0,
            longest_retry_after: arguments.max_retry_after.0,
            max_body: arguments.max_body.0,
            ca_file: arguments.ca_file.clone().map(Into::into),
            allow_plain_http: arguments.allow_plain_http,
        },
        record: arguments.record.clone().map(Into::into),
        record_har: arguments.record_har.clone().map(Into::into),
        secrets: key::of_proxies(),
        repeatable: None,
    })
}

/// Ids from the arguments, and behind them those from a file.
fn subjects(arguments: &Probe) -> Result<Subjects, u8> {
    if arguments.list {
        return Ok(Subjects::Listed { limit: arguments.limit });
    }
    let mut ids = arguments.id.clone();
    if let Some(file) = &arguments.ids {
        let mut text = String::new();
        let read = match file.as_str() {
            "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
            _ => std::fs::read_to_string(file).map(|read| text = read),
        };
        if let Err(error) = read {
            output::complain(&format!("error: {file} cannot be read: {error}"));
            return Err(exit::UNREADABLE);
        }
        ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
    }
    Ok(Subjects::Ids(ids))
}
