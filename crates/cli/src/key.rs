//! Secrets, from the environment or from files. Never from arguments: every user of the machine can read those.

use camino::Utf8Path;
use charter_traffic::mask::Secret;
use url::Url;

use crate::{exit, output};

/// The environment variable of the API key.
const VARIABLE: &str = "CHARTER_API_KEY";
/// The environment variables of proxies, whose URLs may contain a password.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The API key from a file or the environment, if there is one. Errors are printed without any part of the key.
pub fn key(file: Option<&Utf8Path>) -> Result<Option<Secret>, u8> {
    let (text, origin) = match file {
        Some(file) => (read(file)?, file.to_string()),
        None => match std::env::var(VARIABLE) {
            Ok(text) if !text.trim().is_empty() => (text, VARIABLE.to_owned()),
            Err(std::env::VarError::NotUnicode(_)) => {
                output::message(&format!("error: {VARIABLE} is not valid UTF-8"));
                return Err(exit::USAGE);
            }
            _ => return Ok(None),
        },
    };
    secret(without_scheme(&text, &origin), &origin).map(Some)
}

/// The key without the scheme `Bearer`, which the program adds.
fn without_scheme<'t>(text: &'t str, origin: &str) -> &'t str {
    match text.trim().split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => {
            output::message(&format!("note: {origin}: the key begins with `{scheme}`, which is ignored: pass the key without it"));
            key
        }
        _ => text,
    }
}

/// Secrets from a file, one per line.
pub fn secrets(file: &Utf8Path) -> Result<Vec<Secret>, u8> {
    let text = read(file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| secret(line, &format!("{file}:{}", number + 1))).collect()
}

/// The text of an environment variable that `origin`, such as a flag, names. The name is not printed: it may be a secret that was passed
/// instead of a name.
pub fn variable(variable: &str, origin: &str) -> Result<String, u8> {
    std::env::var(variable).map_err(|error| {
        let why = match error {
            std::env::VarError::NotPresent => "the environment variable is not set; pass the name of a variable, not the secret",
            std::env::VarError::NotUnicode(_) => "the environment variable is not valid UTF-8",
        };
        output::message(&format!("error: {origin}: {why}"));
        exit::USAGE
    })
}

/// The credentials in an environment variable, without the scheme `Bearer`. Errors are printed without any part of them.
pub fn credentials(name: &str, origin: &str) -> Result<Secret, u8> {
    secret(without_scheme(&variable(name, origin)?, origin), origin)
}

/// The value of a header field in an environment variable. Errors are printed without any part of it.
pub fn field(name: &str, origin: &str) -> Result<Secret, u8> {
    secret(&variable(name, origin)?, origin)
}

/// The passwords of proxies, which a network error could contain.
pub fn of_proxies() -> Vec<Secret> {
    let urls = PROXIES.iter().filter_map(|name| Url::parse(&std::env::var(name).ok()?).ok());
    urls.filter_map(|url| Secret::new(url.password()?).ok()).collect()
}

fn secret(text: &str, origin: &str) -> Result<Secret, u8> {
    Secret::new(text).map_err(|error| {
        output::message(&format!("error: {origin}: {error}"));
        exit::USAGE
    })
}

fn read(file: &Utf8Path) -> Result<String, u8> {
    std::fs::read_to_string(file).map_err(|error| {
        output::message(&format!("error: cannot read {file}: {error}"));
        exit::UNREADABLE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_of_a_bearer_token_is_not_part_of_the_key() {
        for text in ["Bearer sk_1234", "bearer  sk_1234\n", " BEARER sk_1234 "] {
            let key = secret(without_scheme(text, "key.txt"), "key.txt").expect("a key");
            assert_eq!(key.expose(), "sk_1234", "{text}");
        }
        for text in ["sk_1234", "Bearer", "Bearer ", "Basic c2s6", "bearersk_1234"] {
            assert_eq!(without_scheme(text, "key.txt"), text);
        }
    }
}
