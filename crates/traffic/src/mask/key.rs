//! The shapes of keys that are known by their values: JSON Web Tokens, keys of well-known services, private keys in PEM.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Keys with a public prefix. The part after the prefix is masked.
static KEYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let shapes = [
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
        // npm, PyPI, Hugging Face, DigitalOcean, Shopify, Vault, Databricks, Linear, Postman, New Relic, Atlassian.
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
        r"(?:gsk|phc|phx|figd|nfp|nfc|r8|sbp|ntn|pscale_tkn|pscale_pw|pscale_oauth|vercel_blob_rw|dckr_pat|dckr_oat|CCIPAT|CCIPRJ)_[A-Za-z0-9_-]{20,}",
        r"(?:xai|pul|tskey|HRKU|CFPAT|key)-[A-Za-z0-9-]{24,}",
        r"(?:rubygems|bkua|lsv2_(?:pt|sk)|shippo_(?:live|test)|sntryu|glsa|glc|secret|sntrys|fio-u|EZAK|EZTK)_[A-Za-z0-9_=+/-]{24,}",
        // Airtable, Dropbox, Doppler, Terraform Cloud, Slack, Discord, Telegram.
        r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
        r"sl\.(?:u\.)?[A-Za-z0-9_-]{60,}",
        r"dp\.(?:pt|st|ct|scim|audit)\.[A-Za-z0-9._-]{40,}",
        r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}",
        r"xoxe\.xox[bp]-[A-Za-z0-9-]{20,}",
        r"(?:discord|discordapp)\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,}",
        r"/IncomingWebhook/[a-f0-9]{32}",
        r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
        r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{32,}",
        // Twilio, Facebook, Google OAuth, AWS sessions, AWS Bedrock, Artifactory, Bitbucket, 1Password.
        r"SK[a-f0-9]{32}",
        r"EAA[A-Za-z0-9]{80,}",
        r"1//0[A-Za-z0-9_-]{40,}",
        r"(?:IQoJ|FwoG)[A-Za-z0-9+/=]{100,}",
        r"ABSK[A-Za-z0-9+/=]{100,}",
        r"AKCp[A-Za-z0-9]{60,}",
        r"AT[BC]TT3[A-Za-z0-9_=-]{40,}",
        r"ops_eyJ[A-Za-z0-9_=+/-]{60,}",
    ];
    Regex::new(&shapes.join("|")).ok()
});

/// The part of a key that is public. The last alternatives are vocabulary: `token_…`, `sess-live-…`.
static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let prefixes = [
        r"eyJ[A-Za-z0-9_-]{8,}\.",
        r"AKIA|ASIA|ABIA|ACCA|AIza|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|xapp-|hooks\.slack\.com/services/",
        r"[spr]k_(?:live|test)_|whsec_|ya29\.|GOCSPX-|SG\.|npm_|pypi-|hf_|do[opr]_v1_|shp[a-z]{2}_|hv[sbr]\.|dapi|lin_api_",
        r"PMAK-|NRAK-|AT[ABC]TT3|sq0[a-z]{3}-|AGE-SECRET-KEY-1|sk-(?:ant-|proj-|svcacct-|or-)?",
        r"(?:gsk|phc|phx|figd|nfp|nfc|r8|sbp|ntn|pscale_tkn|pscale_pw|pscale_oauth|vercel_blob_rw|dckr_pat|dckr_oat|CCIPAT|CCIPRJ)_",
        r"(?:xai|pul|tskey|HRKU|CFPAT|key)-",
        r"(?:rubygems|bkua|lsv2_(?:pt|sk)|shippo_(?:live|test)|sntryu|glsa|glc|sntrys|fio-u|EZAK|EZTK)_",
        r"sl\.(?:u\.)?|dp\.(?:pt|st|ct|scim|audit)\.|xoxe\.xox[bp]-|1//0|AKCp|SK|EAA",
        r"(?:discord|discordapp)\.com/api/webhooks/\d{17,20}/|/IncomingWebhook/|(?:bot)?\d{8,10}:AA",
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

/// The length of the longest scheme.
const LONGEST_SCHEME: usize = 16;

/// Credentials after a scheme in a running text.
static SCHEME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:bearer|basic|negotiate|dpop|token|apikey)[ +]+([A-Za-z0-9+/_.~-]{8,}={0,2})").ok());

/// The keys of a text.
pub(super) fn keys(text: &str) -> Vec<Range<usize>> {
    let Some(keys) = KEYS.as_ref().filter(|_| text.len() >= 16) else { return Vec::new() };
    let begins = |found: &Range<usize>| !text[..found.start].ends_with(|before: char| before.is_ascii_alphanumeric());
    keys.find_iter(text).map(|found| found.range()).filter(begins).chain(chains(text)).collect()
}

/// Keys of several parts with dots between them: JSON Web Tokens in compact form, keys of SendGrid and Mapbox. A pattern would read the rest of a long text at each of their
/// prefixes.
fn chains(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut read = 0;
    for start in memchr::memchr2_iter(b'e', b'S', bytes) {
        if start < read || !(bytes[start..].starts_with(b"eyJ") || bytes[start..].starts_with(b"SG.")) {
            continue;
        }
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let from = start - bytes[read..start].iter().rev().take_while(|byte| is_part(byte)).count();
        read = start + bytes[start..].iter().take_while(|byte| is_part(byte)).count();
        keys_of_chain(&text[from..read], from, &mut found);
    }
    found
}

/// The keys of a run of the characters of keys and dots.
fn keys_of_chain(chain: &str, from: usize, found: &mut Vec<Range<usize>>) {
    let parts: Vec<Range<usize>> = chain
        .split('.')
        .scan(0, |at, part| {
            let start = *at;
            *at += part.len() + 1;
            Some(start..start + part.len())
        })
        .collect();
    let is_begin = |at: usize| at == 0 || !chain.as_bytes()[at - 1].is_ascii_alphanumeric();
    let length = |index: usize| parts.get(index).map_or(0, ExactSizeIterator::len);
    let mut end = 0;
    for (index, part) in parts.iter().enumerate() {
        for (at, _) in chain[part.clone()].match_indices("eyJ") {
            let start = part.start + at;
            let is_mapbox = at == 0 && index > 0 && part.len() >= 19 && length(index + 1) >= 16 && {
                let before = &chain[parts[index - 1].clone()];
                (before.ends_with("sk") || before.ends_with("pk")) && is_begin(start - 3)
            };
            let is_token = part.end - start >= 11 && index + 2 < parts.len() && is_begin(start);
            if start < end || !(is_mapbox || is_token) {
                continue;
            }
            let last = if is_token { (index + 4).min(parts.len() - 1) } else { index + 1 };
            end = parts[last].end;
            found.push(from + start - if is_mapbox { 3 } else { 0 }..from + end);
        }
        if chain[part.clone()].ends_with("SG")
            && part.end - 2 >= end
            && is_begin(part.end - 2)
            && length(index + 1) >= 16
            && length(index + 2) >= 16
        {
            end = parts[index + 2].end;
            found.push(from + part.end - 2..from + end);
        }
    }
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
    // No longer than the longest scheme, because a value may be long and have no blank.
    let blank = value.bytes().take(LONGEST_SCHEME + 1).position(|byte| byte == b' ');
    match blank.and_then(|at| value.split_at_checked(at)) {
        Some((scheme, _)) if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) => scheme.len() + 1,
        _ => 0,
    }
}
