//! `probe`: checks a live server.

use std::io::Read;

use charter_contract::Contract;
use charter_engine::Judge;
use charter_probe::{Credential, Error, Feature, Plan, Sections, Sending, Subjects, probe_with};
use charter_traffic::mask::{Secret, is_secret as is_secret_field};
use charter_traffic::read::Limits;

use crate::arguments::Probe;
use crate::masking::ReportMasker;
use crate::subject::Subject;
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
            output::message(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let plan = match plan(arguments, judge.contract()) {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    let limits = Limits { max_body: u64::MAX, ..Limits::default() };
    let masker = ReportMasker::new(Some(judge.contract()));
    let probed = reporting::run(
        &arguments.reporting,
        &arguments.judging,
        None,
        &Subject::new(&folder, Some(&contract)),
        limits,
        &masker,
        |options, progress| probe_with(&judge, &plan, options, progress),
    );
    probed.unwrap_or_else(|error| {
        output::message(&format!("error: {}", output::with_causes(&error)));
        if let Some(remedy) = remedy(&error) {
            output::message(&format!("help: {remedy}"));
        }
        if error.is_usage() { exit::USAGE } else { exit::UNREADABLE }
    })
}

/// What the user can do about an error, in terms of this command line.
fn remedy(error: &Error) -> Option<&'static str> {
    match error {
        Error::NoKey => Some("set CHARTER_API_KEY, or pass --key-file or --credential"),
        Error::Credentials => Some("pass the key by CHARTER_API_KEY or --key-file"),
        Error::PlainHttp(_) => Some("use https, or allow plain http with --allow-plain-http"),
        Error::CertificateFile { .. } | Error::Certificates { .. } | Error::UnusableCertificates { .. } | Error::NoCertificates(_) => {
            Some("check the file of --ca-file")
        }
        Error::Path { .. } => Some(
            "name the operation of one resource by --operation or `operation` under [probe], pass other parameters by --param NAME=VALUE, or \
             use --all",
        ),
        Error::ListPath { .. } | Error::Parameter { .. } => Some("pass it by --param NAME=VALUE"),
        Error::NoCredentials { .. } => Some("name the environment variable with them by --credential SCHEME=VARIABLE"),
        Error::Token { .. } => Some("check the credentials and the token URL of the contract"),
        Error::SameFile(_) => Some("pass different files to --record and --record-har"),
        Error::Setting { feature, .. } => Some(match feature {
            Feature::Sections => "add the setting, or remove --sections",
            Feature::List => "add the setting, or pass ids instead of --list",
            Feature::Artifacts => "add the setting, or remove --artifacts",
            Feature::UntilFinished => "add the setting, or remove --until-finished",
            _ => "add the setting",
        }),
        _ => None,
    }
}

fn plan(arguments: &Probe, contract: &Contract) -> Result<Plan, u8> {
    let mut sending = Sending::default();
    sending.concurrency = arguments.concurrency.into();
    sending.rate = arguments.rate.map(|rate| rate.0);
    sending.retries = arguments.retries.into();
    sending.timeout = arguments.timeout.0;
    sending.interval = arguments.interval.0;
    sending.wait = arguments.wait.0;
    sending.longest_retry_after = arguments.max_retry_after.0;
    sending.max_body = arguments.max_body.0;
    sending.ca_file = arguments.ca_file.clone().map(Into::into);
    sending.allow_plain_http = arguments.allow_plain_http;
    let key = key::key(arguments.key_file.as_deref())?;
    let mut plan = Plan::new(&arguments.base_url, subjects(arguments)?);
    plan.key = key;
    if let ([operation], true) = (arguments.operation.as_slice(), is_of_resources(arguments)) {
        plan.operation = Some(operation.clone());
    }
    plan.sections = match arguments.sections.as_slice() {
        [] => Sections::None,
        [all] if all == "all" => Sections::AllCombinations,
        sections => Sections::Named(sections.to_vec()),
    };
    plan.until_finished = arguments.until_finished;
    plan.artifacts = arguments.artifacts;
    plan.related = arguments.related;
    plan.errors = arguments.errors;
    plan.sending = sending;
    plan.record = arguments.record.clone().map(Into::into);
    plan.record_har = arguments.record_har.clone().map(Into::into);
    plan.secrets = key::of_proxies();
    plan.parameters = arguments.param.clone();
    plan.headers = arguments.header.clone();
    for (name, value) in arguments.header.iter().filter(|(name, _)| is_secret_field(name)) {
        // A value that is too short to be masked in texts is still masked by the name of its field.
        plan.secrets.extend(Secret::new(value));
        output::message(&format!(
            "note: --header {name}: other users of this machine can read arguments; use --header-env {name}=VARIABLE"
        ));
    }
    for (name, variable) in &arguments.header_env {
        let secret = key::field(variable, &format!("--header-env {name}"))?;
        plan.headers.push((name.clone(), secret.expose().to_owned()));
        plan.secrets.push(secret);
    }
    // A flag replaces the setting of the same security scheme.
    let is_replaced = |scheme: &str| arguments.credential.iter().any(|(flag, _)| flag == scheme);
    let set = contract.config().probe.credentials.iter().map(|(scheme, variable)| (scheme, variable, true));
    let set = set.filter(|(scheme, ..)| !is_replaced(scheme));
    for (scheme, variable, is_setting) in set.chain(arguments.credential.iter().map(|(scheme, variable)| (scheme, variable, false))) {
        // The settings name the credentials of every use of the contract, the flags those of this one.
        if is_setting && std::env::var_os(variable).is_none() {
            continue;
        }
        let origin = if is_setting { format!("`{scheme}` under [probe.credentials]") } else { format!("--credential {scheme}") };
        plan.credentials.push(Credential::new(scheme, key::credentials(variable, &origin)?));
    }
    Ok(plan)
}

/// Whether the requests are for resources of one operation.
fn is_of_resources(arguments: &Probe) -> bool {
    arguments.list || !arguments.id.is_empty() || arguments.ids.is_some()
}

/// Operations; or ids from the arguments, followed by those from a file.
fn subjects(arguments: &Probe) -> Result<Subjects, u8> {
    if is_of_resources(arguments) {
        if arguments.operation.len() > 1 {
            output::message("error: --operation: expected one operation with ids or --list");
            return Err(exit::USAGE);
        }
    } else {
        let unused = [
            ("--sections", !arguments.sections.is_empty()),
            ("--until-finished", arguments.until_finished),
            ("--artifacts", arguments.artifacts),
            ("--related", arguments.related),
        ];
        if let Some((flag, _)) = unused.iter().find(|(_, is_used)| *is_used) {
            output::message(&format!("error: {flag} needs the ids of resources, or --list"));
            return Err(exit::USAGE);
        }
        return Ok(Subjects::Operations { ids: arguments.operation.clone(), limit: arguments.limit });
    }
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
            output::message(&format!("error: cannot read {file}: {error}"));
            return Err(exit::UNREADABLE);
        }
        ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
    }
    Ok(Subjects::Ids(ids))
}
