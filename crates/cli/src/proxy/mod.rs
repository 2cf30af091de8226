//! `proxy`: forwards traffic to a server and checks it as it passes.
//!
//! | file | owns |
//! |---|---|
//! | `command` | the program that is run with the URL of the proxy |
//! | `live` | findings that are printed when they are found |

mod command;
mod live;

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use charter_engine::Judge;
use charter_probe::Error as TrustError;
use charter_proxy::{Error, ProxyOptions, StopHandle};

use crate::arguments::Proxy;
use crate::masking::ReportMasker;
use crate::subject::Subject;
use crate::{exit, key, output, reporting};
use command::{Command, Ended};
use live::LiveFindings;

/// The environment variable with the URL of the proxy.
const VARIABLE: &str = "CHARTER_PROXY_URL";
/// The environment variables with the proxy of a client.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
/// The environment variables with the file of the certificates that a client trusts: of OpenSSL, curl, Python and Node.js.
const CERTIFICATES: [&str; 5] = ["CHARTER_PROXY_CA", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

pub(crate) fn run(arguments: &Proxy) -> u8 {
    match forward(arguments) {
        Ok(code) | Err(code) => code,
    }
}

fn forward(arguments: &Proxy) -> Result<u8, u8> {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = output::load(&folder)?.with_traffic(arguments.include.clone(), arguments.exclude.clone());
    let usage = |error: &dyn std::error::Error| {
        output::message(&format!("error: {error}"));
        exit::USAGE
    };
    let judge = Judge::new(&contract).map_err(|error| usage(&error))?;
    let baseline = reporting::usage(&arguments.reporting).map_err(|message| {
        output::message(&format!("error: {message}"));
        exit::USAGE
    })?;
    let masker = ReportMasker::new(Some(judge.contract()));
    let proxy = charter_proxy::Proxy::bind(&judge, options(arguments)?).map_err(|error| failed(&error))?;
    // Before the URL is printed: a signal may follow at once.
    let signals = signals(arguments.command.is_empty().then(|| proxy.stop_handle()));
    if !arguments.reporting.quiet {
        let end = if arguments.command.is_empty() { "; Ctrl-C ends it and prints the report" } else { "" };
        let to = proxy.upstream().unwrap_or_else(|| "the server of each request".to_owned());
        output::message(&format!("listening on {}, forwarding to {to}{end}", proxy.url()));
        if let Some(file) = proxy.certificate_file() {
            output::message(&format!("clients have to trust {}", file.display()));
        }
    }
    let command = match arguments.command.as_slice() {
        [] => None,
        [program, rest @ ..] => {
            let command = Command::start(program, rest, variables(&proxy), proxy.stop_handle(), signals.clone());
            Some(command.map_err(|error| {
                output::message(&format!("error: cannot run {}: {error}", program.to_string_lossy()));
                exit::USAGE
            })?)
        }
    };
    let options = reporting::options(&arguments.reporting, &arguments.judging, None);
    let mut findings = LiveFindings::new(&masker, arguments.judging.samples.0, arguments.reporting.quiet);
    let report = proxy.run_with(&options, &mut |exchange, judgement| findings.show(exchange, judgement), &mut |_| {
        // The second signal stops at once.
        if signals.load(Ordering::Relaxed) > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let ended = command.map(Command::wait);
    let report = report.map_err(|error| failed(&error))?;
    let code = reporting::conclude(report, &arguments.reporting, &Subject::new(&folder, Some(&contract)), baseline.as_ref(), &masker);
    Ok(exit_code(code, ended.as_ref()))
}

/// The exit code of the verdict, or that of a command that failed without violations.
fn exit_code(verdict: u8, ended: Option<&Ended>) -> u8 {
    let Some(ended) = ended.filter(|ended| ended.code != 0) else { return verdict };
    output::message(&format!("the command {}", ended.description));
    if verdict == exit::SUCCESS { ended.code } else { verdict }
}

/// The environment variables of a command. Those of a forward proxy are read by most clients; an absent value removes the variable.
fn variables(proxy: &charter_proxy::Proxy) -> Vec<(&'static str, Option<OsString>)> {
    let mut variables = vec![(VARIABLE, Some(proxy.url().into()))];
    let Some(file) = proxy.certificate_file() else { return variables };
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    variables.extend(PROXIES.map(|name| (name, Some(proxy.url().into()))));
    variables.extend(CERTIFICATES.map(|name| (name, Some(file.clone().into_os_string()))));
    variables.extend(["NO_PROXY", "no_proxy"].map(|name| (name, None)));
    variables
}

fn options(arguments: &Proxy) -> Result<ProxyOptions, u8> {
    let mut options = match &arguments.forward {
        Some(folder) => ProxyOptions::forward(folder.as_std_path()),
        None => ProxyOptions::new(arguments.upstream.clone().unwrap_or_default()),
    };
    options.address = arguments.addr;
    options.max_body = usize::try_from(arguments.max_body.0).unwrap_or(usize::MAX);
    options.enforce = arguments.enforce;
    options.http2 = arguments.http2;
    options.ca_file = arguments.ca_file.clone().map(Into::into);
    options.record = arguments.record.clone().map(Into::into);
    options.record_har = arguments.record_har.clone().map(Into::into);
    options.secrets = key::key(None)?.into_iter().collect();
    Ok(options)
}

fn failed(error: &Error) -> u8 {
    output::message(&format!("error: {}", output::with_causes(error)));
    let remedy = match error {
        Error::Listen { .. } => Some("pass another address with --addr, or port 0 for a free port"),
        Error::Certificates(TrustError::CertificateFile { .. } | TrustError::Certificates { .. } | TrustError::NoCertificates(_)) => {
            Some("check the file of --ca-file")
        }
        Error::SameFile(_) => Some("pass different files to --record and --record-har"),
        _ => None,
    };
    if let Some(remedy) = remedy {
        output::message(&format!("help: {remedy}"));
    }
    if error.is_usage() { exit::USAGE } else { exit::UNREADABLE }
}

/// Counts signals. Without a command, the first one stops the proxy; a command may need the proxy until its end.
fn signals(stop: Option<StopHandle>) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    // Without a handler, a signal terminates the process without a report.
    let _ = ctrlc::set_handler(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        if let Some(stop) = &stop {
            stop.stop();
        }
    });
    count
}
