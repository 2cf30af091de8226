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
    secret(&text, &origin).map(Some)
}

/// Secrets from a file, one per line.
pub fn secrets(file: &Utf8Path) -> Result<Vec<Secret>, u8> {
    let text = read(file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| secret(line, &format!("{file}:{}", number + 1))).collect()
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
