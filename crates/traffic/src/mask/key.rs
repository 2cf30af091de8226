//! The shapes of keys that are known by their values: JSON Web Tokens, keys of well-known services, private keys in PEM.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Keys with a public prefix. The part after the prefix is masked.
static KEYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let shapes = [
        // JWS and JWE in compact form.
        r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}",
        // AWS access key ids.
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
        // GitHub, GitLab.
        r"gh[pousr]_[A-Za-z0-9]{20,}",
        r"github_pat_[A-Za-z0-9_]{20,}",
        r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas)-[A-Za-z0-9_-]{16,}",
        // Slack.
        r"xox[a-z]-[A-Za-z0-9-]{8,}",
        r"xapp-[A-Za-z0-9-]{16,}",
        r"hooks\.slack\.com/services/[A-Za-z0-9/]{16,}",
        // Stripe.
        r"[sr]k_(?:live|test)_[A-Za-z0-9_]{8,}",
        r"whsec_[A-Za-z0-9+/]{16,}",
        // Google.
        r"AIza[A-Za-z0-9_-]{30,}",
        r"ya29\.[A-Za-z0-9_-]{16,}",
        r"GOCSPX-[A-Za-z0-9_-]{16,}",
        // SendGrid, npm, PyPI, Hugging Face, DigitalOcean, Shopify, Vault, Databricks, Linear, Postman, New Relic, Atlassian.
        r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        r"npm_[A-Za-z0-9]{30,}",
        r"pypi-[A-Za-z0-9_-]{40,}",
        r"hf_[A-Za-z0-9]{30,}",
        r"do[opr]_v1_[a-f0-9]{40,}",
        r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32,}",
        r"hv[sbr]\.[A-Za-z0-9_-]{20,}",
        r"dapi[a-f0-9]{32}",
        r"lin_api_[A-Za-z0-9]{30,}",
        r"PMAK-[a-f0-9-]{40,}",
        r"NRAK-[A-Z0-9]{20,}",
        r"ATATT3[A-Za-z0-9_=-]{40,}",
        r"sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}",
        r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
        // OpenAI, Anthropic and others.
        r"sk-[A-Za-z0-9_-]{20,}",
    ];
    Regex::new(&shapes.join("|")).ok()
});

/// The part of a key that is public. The last alternatives are vocabulary: `token_…`, `sess-live-…`.
static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let prefixes = [
        r"eyJ[A-Za-z0-9_-]{8,}\.",
        r"AKIA|ASIA|ABIA|ACCA|AIza|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|xapp-|hooks\.slack\.com/services/",
        r"[spr]k_(?:live|test)_|whsec_|ya29\.|GOCSPX-|SG\.|npm_|pypi-|hf_|do[opr]_v1_|shp[a-z]{2}_|hv[sbr]\.|dapi|lin_api_",
        r"PMAK-|NRAK-|ATATT3|sq0[a-z]{3}-|AGE-SECRET-KEY-1|sk-(?:ant-|proj-|svcacct-|or-)?",
        r"(?:tok|token|key|api|sess|session|csrf|jwt|oauth|secret|access|refresh|sk|pk)(?:[_-](?:live|test|prod|sandbox))?[_-]",
    ];
    Regex::new(&format!("^(?:{})", prefixes.join("|"))).ok()
});

/// A private key in PEM. Its content is masked, also if its end is missing.
static PEM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----([^-]+)").ok());

/// The authentication schemes of the IANA registry and a few more. Any other first word may be part of a secret.
const SCHEMES: [&str; 16] = [
    "apikey",
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "concealed",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "key",
    "mutual",
    "negotiate",
    "privatetoken",
    "scram-sha-256",
    "token",
    "vapid",
];

/// Credentials after a scheme in a running text.
static SCHEME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:bearer|basic|negotiate|dpop|token|apikey)[ +]+([A-Za-z0-9+/_.~-]{8,}={0,2})").ok());

/// The keys of a text.
pub(super) fn keys(text: &str) -> Vec<Range<usize>> {
    let Some(keys) = KEYS.as_ref().filter(|_| text.len() >= 16) else { return Vec::new() };
    let begins = |found: &Range<usize>| !text[..found.start].ends_with(|before: char| before.is_ascii_alphanumeric());
    keys.find_iter(text).map(|found| found.range()).filter(begins).collect()
}

/// The contents of the private keys of a text.
pub(super) fn private_keys(text: &str) -> Vec<Range<usize>> {
    let Some(pem) = PEM.as_ref().filter(|_| text.contains("PRIVATE KEY")) else { return Vec::new() };
    pem.captures_iter(text).filter_map(|found| Some(found.get(1)?.range())).collect()
}

/// The credentials after schemes in a text. Words of a sentence have no digit.
pub(super) fn credentials(text: &str) -> Vec<Range<usize>> {
    let Some(scheme) = SCHEME.as_ref().filter(|_| text.len() >= 12) else { return Vec::new() };
    let found = scheme.captures_iter(text).filter_map(|found| Some(found.get(1)?.range()));
    found.filter(|range| text[range.clone()].contains(|character: char| character.is_ascii_digit())).collect()
}

/// The length of the public prefix of a key.
pub(super) fn prefix(value: &str) -> usize {
    let length = PREFIX.as_ref().and_then(|prefix| prefix.find(value)).map_or(0, |found| found.end());
    if value.len() >= length + 8 { length } else { 0 }
}

/// The length of an authentication scheme and the blank after it.
pub(super) fn scheme(value: &str) -> usize {
    match value.split_once(' ') {
        Some((scheme, _)) if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) => scheme.len() + 1,
        _ => 0,
    }
}
