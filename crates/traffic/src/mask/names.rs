//! Names whose values are secret: header fields, cookies, parameters, members of JSON.
//!
//! A name is split into words, at case changes and at every other character than letters and digits: `X-Api-Key`, `apiKey` and `api_key`
//! are the words `api` and `key`.
//!
//! Some names, such as `key`, `session` and `signature`, are names of ordinary values too. They are secret only with a value that looks
//! random.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::detect::is_long;
use super::random::{is_random, is_uuid};

/// Where a name occurs. Some names are secret in one place only: `code` in a query is a credential, in a body it is an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A header field.
    Header,
    /// A parameter of a query, a fragment, a form, or a part of a multipart body.
    Parameter,
    /// A member of a JSON object, an element of XML, an assignment in a text.
    Member,
}

/// How much below a name is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The string or the number.
    Value,
    /// The strings of an object or an array too.
    Strings,
    /// Only long strings without white space, such as the items of `tokens`, which may also be words of a text.
    LongStrings,
    /// Only values that look random. The name is also that of ordinary values, such as `key`.
    Random,
    /// Only values that look random, and UUIDs, such as those of sessions.
    RandomOrUuid,
}

impl Reach {
    /// Whether a string is secret.
    pub(super) fn covers(self, value: &str) -> bool {
        match self {
            Self::Value | Self::Strings => true,
            Self::LongStrings => is_long(value),
            Self::Random => is_random(value.trim()),
            Self::RandomOrUuid => is_random(value.trim()) || is_uuid(value.trim()),
        }
    }

    /// Whether every value of the name is secret.
    pub(super) fn is_certain(self) -> bool {
        matches!(self, Self::Value | Self::Strings)
    }
}

/// A word or a part of a word of every secret name. Most names are passed over after one search.
static STEMS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(STEM_LIST).ok());
#[rustfmt::skip]
const STEM_LIST: [&str; 61] = [
    "token", "secret", "pass", "pwd", "key", "auth", "credential", "sess", "sid", "jwt", "csrf", "xsrf", "otp", "pin", "cvv", "cvc",
    "assertion", "code", "sig", "hmac", "dpop", "oidc", "cookie", "saml", "protocol", "ticket", "bearer", "honeycomb", "sas", "salt", "dsn",
    "pw", "psw", "psk", "kek", "dek", "mnemonic", "phrase", "connection", "seed", "licen", "wresult", "cred", "exponent", "verif", "reset",
    "activat", "invit", "magic", "unsubscri", "confirm", "kennwort", "contrase", "senha", "wachtwoord", "senord", "hasło", "пароль",
    "密码", "パスワード", "비밀번호",
];

/// Words that are secret in every place, at the end of a name or before another word.
#[rustfmt::skip]
const WORDS: [&str; 45] = [
    "token", "secret", "secrets", "password", "passwords", "passwd", "passwrd", "passphrase", "passcode", "pwd", "pw", "psw", "psk",
    "credential", "credentials", "authorization", "jwt", "apikey", "apikeys", "otp", "totp", "csrf", "xsrf", "assertion", "accesskey",
    "privatekey", "secretkey", "authkey", "mnemonic", "seedphrase", "connectionstring", "connstring", "wresult",
    // Passwords in other languages.
    "passwort", "kennwort", "contraseña", "contrasena", "senha", "wachtwoord", "lösenord", "losenord", "hasło", "пароль", "密码",
    "パスワード",
];
/// Words before `pass` that make it a password.
#[rustfmt::skip]
const PASSES: [&str; 22] = [
    "user", "db", "database", "smtp", "imap", "mail", "email", "ftp", "sftp", "ssh", "admin", "root", "new", "old", "current", "login",
    "http", "proxy", "redis", "mysql", "wifi", "repeat",
];
/// Ends of words that are written together, as in `accesstoken`.
const ENDS: [&str; 9] = ["token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "authorization"];
/// Words before `key`.
#[rustfmt::skip]
const KEYS: [&str; 19] = [
    "api", "access", "private", "secret", "subscription", "signing", "encryption", "session", "auth", "master", "shared", "deploy",
    "functions", "consumer", "account", "storage", "license", "rsa", "ssh",
];
/// Words before `code` that make it a secret.
#[rustfmt::skip]
const CODES: [&str; 19] = [
    "mfa", "2fa", "tfa", "otp", "totp", "verification", "recovery", "backup", "security", "sms", "login", "unlock", "auth", "authorization",
    "device", "reset", "activation", "pairing", "magic",
];
/// Last words of names that are secret only with a value that looks random.
#[rustfmt::skip]
const AMBIGUOUS: [&str; 22] = [
    "key", "keys", "sas", "signature", "signatures", "sig", "salt", "hmac", "mac", "code", "dsn", "seed", "pat", "license", "licence",
    "cookie", "cookies", "kek", "dek", "cred", "creds", "exponent",
];
/// Last words of names that are secret only with a value that looks random, or a UUID.
const SESSIONS: [&str; 9] = ["session", "sessions", "sessionid", "sess", "sessid", "sid", "auth", "authentication", "ticket"];
/// Last words of names that have the value of the name before them, such as `keyData` and `authHeader`.
#[rustfmt::skip]
const VALUES: [&str; 16] = [
    "value", "values", "data", "material", "header", "string", "raw", "text", "hex", "base64", "b64", "plain", "plaintext", "encoded",
    "bytes", "hash",
];
/// Words before `key` in the names of header fields that are not secret.
#[rustfmt::skip]
const PUBLIC_KEYS: [&str; 18] = [
    "idempotency", "websocket", "socket", "cache", "surrogate", "partition", "routing", "sort", "public", "primary", "foreign",
    "object", "correlation", "request", "trace", "deduplication", "message", "row",
];
/// Last words of names that describe a secret: `token_type`, `password_changed_at`.
#[rustfmt::skip]
const DESCRIPTIONS: [&str; 86] = [
    "type", "types", "count", "counts", "limit", "limits", "usage", "used", "url", "urls", "uri", "uris", "endpoint", "expires",
    "expiry", "expiration", "expire", "expired", "at", "on", "in", "id", "ids", "name", "names", "length", "len", "size", "policy",
    "required", "enabled", "disabled", "valid", "status", "state", "algorithm", "alg", "method", "methods", "hint", "description",
    "label", "title", "version", "format", "prefix", "ttl", "age", "date", "time", "timestamp", "updated", "created", "changed",
    "modified", "reset", "strength", "max", "min", "budget", "price", "cost", "rate", "index", "position", "provider", "location",
    "scheme", "issuer", "audience", "path", "file", "field", "header", "param", "mode", "kind", "arn", "ref", "supported", "details",
    "remaining", "second", "seconds", "minutes", "scope",
];
/// Words that make `token` a position in a list or a piece of text.
#[rustfmt::skip]
const POSITIONS: [&str; 24] = [
    "page", "next", "prev", "previous", "continuation", "cursor", "sync", "pagination", "start", "end", "stop", "eos", "bos", "pad",
    "unk", "max", "min", "prompt", "completion", "total", "input", "output", "cached", "num",
];

/// Whether the value of a header field is always secret.
pub fn is_secret(name: &str) -> bool {
    reach(name, Place::Header).is_some_and(Reach::is_certain)
}

/// How much of the value of a name is secret; `None` if nothing is.
pub(super) fn reach(name: &str, place: Place) -> Option<Reach> {
    if !(2..=80).contains(&name.len()) || !STEMS.as_ref().is_none_or(|stems| stems.is_match(name)) {
        return None;
    }
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (last, before) = words.split_last()?;
    let joined = words.concat();
    let is_exact = match place {
        Place::Header => {
            matches!(
                &*joined,
                "dpop"
                    | "xpass"
                    | "xpin"
                    | "xcvv"
                    | "secwebsocketprotocol"
                    | "auth"
                    | "xauth"
                    | "authentication"
                    | "xauthentication"
                    | "bearer"
                    | "xbearer"
                    | "session"
                    | "xsession"
                    | "xsessionid"
                    | "sessionid"
                    | "xhoneycombteam"
            ) || words.iter().any(|word| matches!(*word, "cookie" | "cookie2" | "oidc" | "signature" | "hmac"))
                || (*last == "key" && !before.iter().any(|word| PUBLIC_KEYS.contains(word)) && !before.is_empty())
        }
        Place::Parameter => matches!(
            &*joined,
            "code"
                | "codeverifier"
                | "sid"
                | "sig"
                | "sess"
                | "session"
                | "sessionid"
                | "jsessionid"
                | "phpsessid"
                | "ticket"
                | "auth"
                | "samlresponse"
                | "samlrequest"
                | "hmac"
                | "signature"
                | "awsaccesskeyid"
                | "xamzsignature"
                | "xgoogsignature"
                | "xamzcredential"
                | "xgoogcredential"
                | "pin"
                | "pincode"
                | "cvv"
                | "cvc"
                | "pass"
                | "userpass"
                | "bearer"
                | "idtokenhint"
                | "oauthsignature"
                | "oauthverifier"
                | "sas"
        ),
        Place::Member => {
            matches!(
                &*joined,
                "cookie"
                    | "setcookie"
                    | "pin"
                    | "pincode"
                    | "cvv"
                    | "cvc"
                    | "codeverifier"
                    | "samlresponse"
                    | "jsessionid"
                    | "phpsessid"
                    | "pass"
                    | "userpass"
                    | "dbpass"
                    | "bearer"
                    | "idtokenhint"
                    | "xamzsignature"
                    | "xgoogsignature"
                    | "wpapsk"
            )
        }
    };
    let is_pass = *last == "pass" && before.last().is_some_and(|word| PASSES.contains(word));
    let is_code = matches!(*last, "code" | "codes") && before.iter().any(|word| CODES.contains(word));
    if is_exact || is_code || is_pass {
        return Some(if *last == "codes" { Reach::Strings } else { Reach::Value });
    }
    // `access-control-allow-credentials` is a flag.
    if words.contains(&"allow") {
        return None;
    }
    if DESCRIPTIONS.contains(last) {
        return ambiguous(&words, &joined);
    }
    let is_position = words.iter().any(|word| POSITIONS.contains(word));
    if *last == "tokens" {
        return (!is_position && place != Place::Header).then_some(Reach::LongStrings);
    }
    let is_key = words.windows(2).any(|pair| pair[1] == "key" && KEYS.contains(&pair[0]));
    let has_token = |word: &&str| *word == "token" || word.ends_with("token");
    if is_position && words.iter().any(has_token) {
        return None;
    }
    let is_phrase = words.windows(2).any(|pair| {
        matches!(pair, ["seed" | "recovery" | "mnemonic", "phrase"] | ["connection", "string"] | ["pass", "phrase" | "word" | "code"])
    });
    let is_word = words.iter().any(|word| WORDS.contains(word) || ENDS.iter().any(|end| word.ends_with(end)));
    if !is_word && !is_key && !is_phrase {
        return ambiguous(&words, &joined);
    }
    // `authorization` and `token` may name a resource.
    let is_container = words.iter().any(|word| {
        matches!(*word, "secret" | "secrets" | "password" | "passwords" | "passwd" | "credential" | "credentials" | "passphrase")
    });
    Some(if is_container { Reach::Strings } else { Reach::Value })
}

/// How much of the value of a name is secret that is also the name of ordinary values.
fn ambiguous(words: &[&str], joined: &str) -> Option<Reach> {
    let (last, before) = words.split_last()?;
    if *last == "id" && before.last().is_some_and(|word| matches!(*word, "session" | "sess")) || SESSIONS.contains(last) {
        return Some(Reach::RandomOrUuid);
    }
    if joined.ends_with("sessionid") || joined.ends_with("accesskeyid") {
        return Some(Reach::RandomOrUuid);
    }
    if matches!(*last, "key" | "keys") || last.ends_with("key") {
        return (!before.iter().any(|word| PUBLIC_KEYS.contains(word) && *word != "routing")).then_some(Reach::Random);
    }
    if AMBIGUOUS.contains(last) {
        // `error_code` and `zip_code` are not credentials.
        let is_code =
            *last == "code" && !before.is_empty() && !matches!(before, ["access" | "invite" | "invitation" | "user" | "confirmation"]);
        return (!is_code).then_some(Reach::Random);
    }
    VALUES.contains(last).then(|| ambiguous_value(before)).flatten()
}

/// How much of the value of `keyData` is secret: as much as of `key`, if it looks random.
fn ambiguous_value(before: &[&str]) -> Option<Reach> {
    let last = before.last()?;
    let is_secret = AMBIGUOUS.contains(last) || SESSIONS.contains(last) || last.ends_with("key") || WORDS.contains(last);
    (is_secret && !before.iter().any(|word| PUBLIC_KEYS.contains(word))).then_some(Reach::Random)
}

/// Whether a name below a secret name describes the secret.
pub(super) fn describes(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    DESCRIPTIONS.contains(&last) || matches!(last, "username" | "user" | "login" | "email" | "host" | "port" | "database")
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    let characters: Vec<char> = name.chars().collect();
    for (at, character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            begins = true;
            continue;
        }
        let is_before = |wanted: fn(char) -> bool| at > 0 && wanted(characters[at - 1]);
        let is_after = |wanted: fn(char) -> bool| characters.get(at + 1).copied().is_some_and(wanted);
        let is_new = character.is_uppercase()
            && (is_before(char::is_lowercase)
                || is_before(|other| other.is_ascii_digit())
                || (is_before(char::is_uppercase) && is_after(char::is_lowercase)));
        if begins || is_new || words.is_empty() {
            words.push(String::new());
        }
        begins = false;
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
    }
    words
}

/// The names of fields and parameters whose values are secret.
#[derive(Clone, Default)]
pub(super) struct SecretNames {
    headers: Vec<String>,
    parameters: Vec<String>,
    stems: Option<AhoCorasick>,
}

impl SecretNames {
    pub(super) fn new(headers: &[String], parameters: &[String]) -> Self {
        let own = || parameters.iter().map(String::as_str).filter(|stem| !stem.is_empty());
        // Most contracts name no parameters. The search for the known words is then built once.
        let stems = match own().next() {
            Some(_) => AhoCorasick::builder().ascii_case_insensitive(true).build(STEM_LIST.into_iter().chain(own())).ok(),
            None => STEMS.clone(),
        };
        Self { headers: headers.to_vec(), parameters: parameters.to_vec(), stems }
    }

    /// How much of the value of a name is secret.
    pub(super) fn reach(&self, name: &str, place: Place) -> Option<Reach> {
        let (headers, parameters) = match place {
            Place::Header => (self.headers.as_slice(), &[][..]),
            Place::Parameter => (&[][..], self.parameters.as_slice()),
            Place::Member => (&[][..], &[][..]),
        };
        let is_named = headers.iter().chain(parameters).any(|secret| name.eq_ignore_ascii_case(secret));
        if is_named { Some(Reach::Value) } else { reach(name, place) }
    }

    /// The identifiers of a text that may be secret names. They consist of letters, digits and `_`, `-`, `.`.
    pub(super) fn identifiers(&self, text: &str) -> Vec<Range<usize>> {
        let Some(stems) = &self.stems else { return Vec::new() };
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let bytes = text.as_bytes();
        let mut found: Vec<Range<usize>> = Vec::new();
        for stem in stems.find_iter(bytes) {
            if found.last().is_some_and(|last| stem.start() < last.end) {
                continue;
            }
            let start = stem.start() - bytes[..stem.start()].iter().rev().take_while(|byte| is_part(byte)).count();
            let end = stem.end() + bytes[stem.end()..].iter().take_while(|byte| is_part(byte)).count();
            found.push(start..end);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_secret_by_their_words() {
        let secret = [
            "Authorization",
            "proxy-authorization",
            "X-Forwarded-Authorization",
            "Cookie",
            "Set-Cookie",
            "x-api-key",
            "X-Goog-Api-Key",
            "apikey",
            "Ocp-Apim-Subscription-Key",
            "PRIVATE-TOKEN",
            "X-Vault-Token",
            "X-Shopify-Access-Token",
            "Cf-Access-Jwt-Assertion",
            "X-Amzn-Oidc-Data",
            "DPoP",
            "X-Refresh-Token",
            "X-CSRF-Token",
            "X-XSRF-TOKEN",
            "x-amz-security-token",
            "X-Hub-Signature-256",
            "X-Client-Secret",
            "X-Auth-Key",
            "Auth",
            "Session",
            "X-Authentication",
            "X-Bearer",
        ];
        for name in secret {
            assert!(is_secret(name), "{name}");
        }
        let public = [
            "accept",
            "etag",
            "Idempotency-Key",
            "Sec-WebSocket-Key",
            "x-ratelimit-remaining-tokens",
            "Access-Control-Allow-Credentials",
            "Surrogate-Key",
            "x-request-id",
            "www-authenticate",
            "x-token-expires",
            "content-type",
        ];
        for name in public {
            assert!(!is_secret(name), "{name}");
        }
        let members = [
            "password",
            "newPassword",
            "access_token",
            "refreshToken",
            "id_token",
            "clientSecret",
            "client_secret",
            "apiKey",
            "API_KEY",
            "otp",
            "privateKey",
            "aws_secret_access_key",
            "accesstoken",
            "csrfToken",
            "webhook_secret",
            "pin",
            "credentials",
            "jwt",
            "pass",
            "mfaCode",
            "verification_code",
            "backup_codes",
        ];
        for name in members {
            assert!(reach(name, Place::Member).is_some(), "{name}");
        }
        let public = [
            "token_type",
            "max_tokens",
            "prompt_tokens",
            "total_tokens",
            "nextPageToken",
            "next_page_token",
            "password_changed_at",
            "tokenizer",
            "passwordPolicy",
            "public_key",
            "primaryKey",
            "idempotency_key",
            "status_code",
            "errorCode",
            "zip_code",
            "promo_code",
            "passes",
            "bypass",
            "author",
            "passenger",
            "keyboard",
            "pinned",
            "secretary",
            "cache_key",
            "objectKey",
            "design",
            "resets",
            "compass",
        ];
        for name in public {
            assert_eq!(reach(name, Place::Member), None, "{name}");
        }
        assert_eq!(reach("tokens", Place::Member), Some(Reach::LongStrings));
        for name in ["key", "sas", "signature", "sig", "salt", "code", "dsn", "app_key", "keyMaterial", "SignatureValue", "license"] {
            assert_eq!(reach(name, Place::Member), Some(Reach::Random), "{name}");
        }
        for name in ["session", "sessionId", "session_id", "sid", "ASP.NET_SessionId", "connect.sid", "ticket", "auth"] {
            assert_eq!(reach(name, Place::Member), Some(Reach::RandomOrUuid), "{name}");
        }
        for name in ["code", "sig", "session_id", "X-Amz-Signature", "X-Amz-Credential", "access_token", "sid"] {
            assert!(reach(name, Place::Parameter).is_some(), "{name}");
        }
    }
}
