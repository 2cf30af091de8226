//! Masks secrets in reports. The input of a check may be unmasked, and its report is often public.

use std::borrow::Cow;

use charter_contract::{Contract, Location, MaskConfig};
use charter_diff::drift::Drift;
use charter_report::{Report, Sample};
use charter_traffic::mask::{Masker, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The environment variable of the API key.
const VARIABLE: &str = "CHARTER_API_KEY";
/// The shortest found value that is replaced in the texts around it.
const SHORTEST: usize = 4;
/// The fewest characters of a value that may be a key because its name may be next to it.
const SHORTEST_KEY: usize = 8;
/// The names of types, which edits have.
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "array", "null"];
/// What a request has instead of a secret.
const MASK: &str = "***";

/// A masker of reports.
pub(crate) struct ReportMasker(Option<Masker>);

impl ReportMasker {
    /// A masker with the settings of a contract and the key in the environment. Personal data is not masked.
    pub(crate) fn new(contract: Option<&Contract>) -> Self {
        let key = std::env::var(VARIABLE).ok().and_then(|text| Secret::new(&text).ok());
        Self(match contract {
            Some(contract) => Masker::of_contract(contract, key.as_slice()).ok(),
            None => Masker::new(&MaskConfig::default(), key.as_slice()).ok().map(Masker::for_reports),
        })
    }

    /// Masks the samples, the timelines and the reasons of a report.
    pub(crate) fn report(&self, report: &mut Report) {
        let Some(masker) = &self.0 else { return };
        for group in &mut report.groups {
            for sample in &mut group.samples {
                mask_sample(masker, sample);
            }
        }
        for timeline in &mut report.timelines {
            for change in timeline.observations.iter_mut().flat_map(|observation| &mut observation.changes) {
                if is_secret(masker, &change.at) {
                    change.from = change.from.as_ref().map(asterisks);
                    change.to = change.to.as_ref().map(asterisks);
                }
            }
            replace(masker, timeline);
        }
        for count in &mut report.not_judged {
            replace(masker, count);
        }
    }

    /// Masks a line of a drift report.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.as_ref().map_or_else(|| text.to_owned(), |masker| masker.text(text).into_owned())
    }

    /// Masks the examples, the values of edits, and the names in the locations of a drift report.
    pub(crate) fn drift(&self, found: &mut Drift) {
        let Some(masker) = &self.0 else { return };
        for novelty in &mut found.novelties {
            let is_secret = is_secret(masker, &novelty.location.to_string());
            let mut values = Vec::new();
            for example in &mut novelty.examples {
                let mut hidden = std::mem::take(&mut example.secrets);
                // The placeholder of a password, and the type of an edit.
                hidden.retain(|value| !TYPES.contains(&value.as_str()));
                example.value = without(&example.value, &hidden);
                values.extend(hidden);
                if is_secret
                    || self::is_secret(masker, &example.instance_location)
                    || is_key_at(&example.instance_location, &example.value)
                    || is_random_at(masker, &example.instance_location, &example.value)
                {
                    values.extend(parts(&example.value));
                    example.value = asterisks(&example.value);
                } else {
                    example.value = masker.json_value(&example.value);
                }
            }
            for edit in &mut novelty.patch {
                if let Some(value) = &edit.value {
                    let is_secret = is_secret || self::is_secret(masker, &edit.path);
                    edit.value = Some(if is_secret { without(value, &values) } else { masker.json_value(&without(value, &values)) });
                }
            }
            novelty.summary = masker.text(&without_parts(&novelty.summary, &values)).into_owned();
            novelty.location = Location::new(novelty.location.document(), masked_pointer(masker, novelty.location.pointer()));
            novelty.patch.iter_mut().for_each(|edit| edit.path = masked_pointer(masker, &edit.path));
            novelty.examples.iter_mut().for_each(|example| example.instance_location = masked_pointer(masker, &example.instance_location));
        }
        // The lengths and the formats of secrets stay.
        found.seen.retain(|seen| !matches!(seen.kind, "range" | "values") || !self::is_secret(masker, &seen.location.to_string()));
    }
}

/// Masks a sample. If its value is secret by its location or by the text around it, it is masked in every text.
fn mask_sample(masker: &Masker, sample: &mut Sample) {
    let is_named = ["parameter `", "the header "].iter().any(|before| {
        let name = sample.message.split_once(before).map(|(_, rest)| rest.split(['`', ':', ' ']).next().unwrap_or_default());
        name.is_some_and(|name| masker.is_secret_name(name))
    });
    let around = sample.context.as_ref().map(|context| [&*context.before, &*context.meant, &*context.after].concat());
    let masked = around.as_deref().map(|around| masker.text(around).into_owned());
    let is_shown = |part: &String| {
        let (Some(around), Some(masked)) = (&around, &masked) else { return false };
        part.len() >= SHORTEST && around.contains(part.as_str()) && !masked.contains(part.as_str())
    };
    let mut values = parts(&sample.found);
    values.extend(sample.previous.as_ref().map(parts).unwrap_or_default());
    // The whole body, unless it was cut.
    let mut named = around.as_deref().map(|around| masker.secret_values(around)).unwrap_or_default();
    named.append(&mut sample.secrets);
    let is_secret = is_named
        || is_secret(masker, &sample.instance_location)
        || is_key_at(&sample.instance_location, &sample.found)
        || is_random_at(masker, &sample.instance_location, &sample.found)
        || values.first().is_some_and(|value| named.contains(value) && parts(&sample.found).len() == 1);
    if !is_secret {
        values.retain(|part| is_shown(part) || named.contains(part));
    }
    values.extend(named);
    values.extend(
        sample.request.as_ref().and_then(|request| request.body.as_deref()).map(|body| masker.hidden_values(body)).unwrap_or_default(),
    );
    if is_secret {
        sample.found = asterisks(&sample.found);
        sample.previous = sample.previous.as_ref().map(asterisks);
    } else {
        sample.found = without(&sample.found, &values);
        sample.previous = sample.previous.as_ref().map(|previous| without(previous, &values));
    }
    let text = |text: &mut String| *text = without_parts(text, &values);
    text(&mut sample.message);
    sample.branch.as_mut().map(text);
    sample.excerpt.as_mut().map(text);
    // The ends of an excerpt may be parts of a secret whose name is not shown.
    if let Some(excerpt) = &mut sample.excerpt {
        *excerpt = without_ends(excerpt);
    }
    if let Some(request) = &mut sample.request {
        for (name, value) in &mut request.headers {
            *value = if masker.is_secret_value(name, value) {
                MASK.to_owned()
            } else {
                masker.text(&without_parts(value, &values)).into_owned()
            };
        }
        request.body = request.body.as_ref().map(|body| masker.text(&without_parts(body, &values)).into_owned());
    }
    if let (Some(context), Some(masked)) = (&mut sample.context, masked) {
        // Asterisks keep the number of characters, so that the three parts are found again.
        let (before, meant) = (context.before.chars().count(), context.meant.chars().count());
        let cut = |at: usize| masked.char_indices().nth(at).map_or(masked.len(), |(byte, _)| byte);
        let (first, second) = (cut(before), cut(before + meant));
        context.before = without_ends(&without_parts(&masked[..first], &values));
        context.meant = without_parts(&masked[first..second], &values);
        context.after = without_ends(&without_parts(&masked[second..], &values));
        if context.meant.ends_with('…') {
            context.meant = without_ends(&context.meant);
        }
    }
    replace(masker, sample);
}

/// Whether a value looks like a key where its name may be next to it: the value of a pair, or an item of a list. The name is not at the location.
fn is_key_at(location: &str, value: &Value) -> bool {
    const VALUES: [&str; 7] = ["value", "values", "val", "v", "stringValue", "#text", "content"];
    let index = location.rsplit('/').next().and_then(|index| index.parse::<usize>().ok());
    let is_pair = index.is_some_and(|index| index % 2 == 1)
        || location
            .split('/')
            .rev()
            .find(|name| !name.bytes().all(|byte| byte.is_ascii_digit()))
            .is_some_and(|name| VALUES.contains(&name));
    // A list of values has them too.
    let is_key = |text: &str| text.len() >= SHORTEST_KEY && !text.contains(char::is_whitespace) && looks_like_key(text);
    is_pair && parts(value).iter().any(|text| is_key(text))
}

/// Whether the last name of a location is that of a secret with such a value.
fn is_random_at(masker: &Masker, location: &str, value: &Value) -> bool {
    let name = location.rsplit('/').find(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
    name.zip(value.as_str()).is_some_and(|(name, value)| masker.is_secret_value(name, value))
}

/// Whether a token has letters and digits, and is not a part of an instant.
fn looks_like_key(token: &str) -> bool {
    token.bytes().any(|byte| byte.is_ascii_digit()) && token.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'T' | b'Z'))
}

/// Masks the strings of a part of a report.
fn replace<T: Serialize + DeserializeOwned>(masker: &Masker, part: &mut T) {
    let Ok(value) = serde_json::to_value(&*part) else { return };
    let masked = masker.json_value(&value);
    if masked != value
        && let Ok(masked) = serde_json::from_value(masked)
    {
        *part = masked;
    }
}

/// A JSON Pointer whose names are masked, such as a path with a secret link.
fn masked_pointer(masker: &Masker, pointer: &str) -> String {
    let token = |token: &str| {
        let name = token.replace("~1", "/").replace("~0", "~");
        match masker.text(&name) {
            Cow::Borrowed(_) => token.to_owned(),
            Cow::Owned(masked) => masked.replace('~', "~0").replace('/', "~1"),
        }
    };
    pointer.split('/').map(token).collect::<Vec<_>>().join("/")
}

/// Whether a location is that of a secret, apart from the keywords of a schema.
fn is_secret(masker: &Masker, location: &str) -> bool {
    const KEYWORDS: [&str; 8] = ["properties", "items", "enum", "const", "type", "anyOf", "oneOf", "allOf"];
    let names = location
        .split(['/', '#'])
        .filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') && !KEYWORDS.contains(name));
    masker.is_secret_path(&names.collect::<Vec<_>>())
}

/// The strings and the long numbers of a value.
fn parts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.trim_end_matches('…').to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(parts).collect(),
        Value::Object(members) => members.values().flat_map(parts).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// The value with asterisks instead of its strings and long numbers.
fn asterisks(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String("*".repeat(text.chars().count().max(3))),
        Value::Number(number) if number.to_string().len() >= SHORTEST => Value::from("***"),
        Value::Array(items) => items.iter().map(asterisks).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), asterisks(value))).collect(),
        other => other.clone(),
    }
}

/// The value without the strings.
fn without(value: &Value, parts: &[String]) -> Value {
    match value {
        Value::String(text) if parts.contains(text) => asterisks(value),
        Value::Number(number) if is_number_of(number, parts) => Value::from(MASK),
        // JSON in a string, whose names are elsewhere.
        Value::String(text) => Value::String(without_parts(text, parts)),
        Value::Array(items) => items.iter().map(|item| without(item, parts)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), without(value, parts))).collect(),
        other => other.clone(),
    }
}

/// Whether a number is one of the strings.
fn is_number_of(number: &serde_json::Number, parts: &[String]) -> bool {
    let written = number.to_string();
    written.len() >= SHORTEST && parts.contains(&written)
}

fn without_parts(text: &str, parts: &[String]) -> String {
    let parts = parts.iter().filter(|part| part.len() >= SHORTEST && !part.bytes().all(|byte| byte == b'*'));
    parts.fold(text.to_owned(), |text, part| text.replace(part.as_str(), &"*".repeat(part.chars().count())))
}

/// A cut text without the tokens at its ends that look like parts of a key: they are long, and have letters and digits.
fn without_ends(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '+' | '/' | '.' | '=' | '%');
    let is_key = |token: &str| token.len() >= 6 && looks_like_key(token);
    let mut text = text.to_owned();
    if let Some(rest) = text.strip_prefix('…') {
        let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        if is_key(&rest[..end]) {
            text = format!("…{}{}", "*".repeat(end), &rest[end..]);
        }
    }
    if let Some(rest) = text.strip_suffix('…') {
        let start = rest.rfind(|character| !is_part(character)).map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        if is_key(&rest[start..]) {
            text = format!("{}{}…", &rest[..start], "*".repeat(rest.len() - start));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_ends_that_look_like_keys_are_masked() {
        assert_eq!(without_ends("…9f8a7b6c\",\"id\":1"), "…********\",\"id\":1");
        assert_eq!(without_ends("{\"a\":\"Zq81xyz…"), "{\"a\":\"*******…");
        for text in ["…words\",\"a\"", "…7-14T10:00:00Z\"", "9f8a7b6c", "{\"a\":\"some words…"] {
            assert_eq!(without_ends(text), text);
        }
    }
}
