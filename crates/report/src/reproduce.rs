//! Commands that reproduce a finding: the request with curl, and a check of the exchange alone.

use std::borrow::Cow;

use crate::model::{Group, Sample};
use crate::render::RenderOptions;

/// Header fields that curl sets itself.
const OWN_FIELDS: [&str; 5] = ["connection", "content-length", "host", "te", "transfer-encoding"];
/// The file that a command reads a body from that the report does not have.
const BODY_FILE: &str = "body.bin";
/// The JSON report in a command if the run writes none.
const JSON_REPORT: &str = "report.json";
/// The recording that a command extracts.
const EXTRACTED: &str = "one.har";

/// The request of a finding as a curl command for a POSIX shell. Secrets are `***`. `None` if the report does not have the request.
///
/// The host of a URL without a host is the variable `BASE_URL`. A body that the report does not have is read from a file.
pub fn curl(sample: &Sample) -> Option<String> {
    let (method, url) = (sample.exchange.method.as_deref()?, sample.exchange.url.as_deref()?);
    let request = sample.request.as_ref()?;
    let mut command = "curl".to_owned();
    let has_body = request.body.is_some() || request.body_omitted;
    match method {
        "HEAD" => command.push_str(" --head"),
        "GET" if !has_body => {}
        method => command.push_str(&format!(" -X {}", shell_word(method))),
    }
    // Curl would read these characters as patterns.
    if url.contains(['[', ']', '{', '}']) {
        command.push_str(" --globoff");
    }
    command.push(' ');
    if !is_absolute(url) {
        command.push_str("\"$BASE_URL\"");
    }
    command.push_str(&shell_word(url));
    let mut has_type = false;
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        has_type |= lower == "content-type";
        if lower == "accept-encoding" {
            command.push_str(" --compressed");
        } else if !OWN_FIELDS.contains(&lower.as_str()) && is_token(name) {
            // Curl removes a field that is written without a value, unless it ends with a semicolon.
            let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            command.push_str(&format!(" -H {}", shell_word(&field)));
        }
    }
    if has_body && !has_type {
        command.push_str(" -H content-type:");
    }
    match &request.body {
        Some(body) => command.push_str(&format!(" --data-raw {}", shell_word(body))),
        None if request.body_omitted => command.push_str(&format!(" --data-binary @{BODY_FILE}")),
        None => {}
    }
    Some(command)
}

/// The command that extracts the exchange of a group's first sample and checks it alone.
pub fn extract_command(group: &Group, options: &RenderOptions) -> String {
    let (run, program) = (&options.run, options.run.program());
    let report = run.json_report.as_deref().unwrap_or(JSON_REPORT);
    let contract = if options.folder.is_empty() { String::new() } else { format!(" --contract {}", shell_word(&options.folder)) };
    format!(
        "{program} extract {} {} -o {EXTRACTED} && {program} check {EXTRACTED}{contract}{}",
        shell_word(report),
        group.fingerprint,
        run.selection.flags()
    )
}

fn is_absolute(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Whether a text is the name of a header field. Those of HTTP/2 that begin with a colon are not.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A text as one word for a POSIX shell.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")).into() }
}

#[cfg(test)]
mod tests {
    use charter_contract::invariant::Severity;

    use super::*;
    use crate::model::{ExchangeInfo, RequestInfo};
    use crate::run::RunFacts;
    use crate::testing::group;

    fn sample(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>, body_omitted: bool) -> Sample {
        let exchange = ExchangeInfo {
            source: "a.har".to_owned(),
            index: 0,
            line: None,
            column: None,
            url: Some(url.to_owned()),
            status: Some(200),
            method: Some(method.to_owned()),
        };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut sample = Sample::new(exchange, "");
        sample.request = Some(RequestInfo { headers, body: body.map(str::to_owned), body_omitted });
        sample
    }

    #[test]
    fn a_request_is_one_command_of_a_shell() {
        let fields = [(":path", "/"), ("Host", "h"), ("Accept-Encoding", "gzip"), ("authorization", "***"), ("x-empty", "")];
        for (sample, expected) in [
            (sample("GET", "https://h/a", &[], None, false), "curl https://h/a"),
            (sample("GET", "/a?b=c&d=e", &[], None, false), "curl \"$BASE_URL\"'/a?b=c&d=e'"),
            (
                sample("HEAD", "https://h/a", &fields, None, false),
                "curl --head https://h/a --compressed -H 'authorization: ***' -H 'x-empty;'",
            ),
            (
                sample("POST", "https://h/[1]", &[("Content-Type", "application/json")], Some("{\"name\": \"o'clock\"}"), false),
                "curl -X POST --globoff 'https://h/[1]' -H 'Content-Type: application/json' --data-raw '{\"name\": \"o'\\''clock\"}'",
            ),
            (sample("PUT", "https://h/a", &[], None, true), "curl -X PUT https://h/a -H content-type: --data-binary @body.bin"),
        ] {
            assert_eq!(curl(&sample).as_deref(), Some(expected));
        }
        let mut unknown = sample("GET", "https://h/a", &[], None, false);
        unknown.request = None;
        assert_eq!(curl(&unknown), None);
    }

    #[test]
    fn the_check_of_the_extracted_exchange_has_the_flags_of_the_run() {
        let group = group("abc", Severity::Error, Vec::new());
        assert_eq!(
            extract_command(&group, &RenderOptions::default()),
            "charter extract report.json abc -o one.har && charter check one.har"
        );
        let mut run = RunFacts { json_report: Some("my report.json".to_owned()), ..RunFacts::default() };
        run.selection.operation = Some("orders.get".to_owned());
        run.selection.webhooks = vec!["name=paid,path=/hooks/*".to_owned()];
        let options = RenderOptions::default().with_folder("api").with_run(run);
        let expected = "charter extract 'my report.json' abc -o one.har && charter check one.har --contract api --operation=orders.get \
                        --webhook='name=paid,path=/hooks/*'";
        assert_eq!(extract_command(&group, &options), expected);
    }
}
