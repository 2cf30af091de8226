//! Whole documents: a line of a recording, a HAR, a bare body. What is masked is noted where the format has a place for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_json::push_token;

use super::Masker;
use super::body::{Known, Nowhere, Places};
use super::forms::MASK;
use super::tree::{Edits, Kind, Node, json_string};

impl Masker {
    /// Masks a JSON text: an exchange of our own format where it says so, a HAR where it begins like one, else a bare body.
    pub fn document(&self, text: &str) -> String {
        let Some(root) = Node::parse(text) else {
            return self.text(text).into_owned();
        };
        let ours = root.get("format").and_then(Node::as_str).is_some_and(|format| format.starts_with("charter-exchange/"));
        if ours {
            return self.exchange(text, &root);
        }
        match root.get("log").filter(|log| log.get("entries").is_some()) {
            Some(log) => self.har(text, &root, log),
            None => {
                let mut known = Known::default();
                self.note_personal(&root, &Nowhere, &mut known);
                let mut edits = Edits::default();
                self.json(text, &root, &known.ready(), &mut edits, &mut Nowhere);
                edits.apply(text)
            }
        }
    }

    /// One exchange of our own format.
    fn exchange(&self, text: &str, root: &Node<'_>) -> String {
        let mut noted = Noted { pointers: Vec::new(), prefix: String::new() };
        for pointer in root.get("masked").map(Node::items).unwrap_or_default() {
            noted.pointers.extend(pointer.as_str().map(str::to_owned));
        }
        let before = noted.pointers.len();
        let mut known = Known::default();
        for side in ["request", "response"] {
            let member = |name: &str| root.get(side).and_then(|message| message.get(name));
            if let Some(body) = member("body") {
                noted.prefix = format!("/{side}/body");
                self.note_personal(body, &noted, &mut known);
            }
            if let Some(body) = member("bodyText").and_then(Node::as_str) {
                self.note_text(body, &mut known);
            }
        }
        let known = known.ready();
        let mut edits = Edits::default();
        let Kind::Object(members) = &root.kind else { return text.to_owned() };
        // Every member is looked at, a repeated one too.
        for (key, member) in members {
            match key.as_str().unwrap_or_default() {
                "format" | "masked" => {}
                side @ ("request" | "response") => self.message(text, side, member, &known, &mut edits, &mut noted),
                "error" => {
                    if let Some(kind) = member.get("kind")
                        && let Some(cleaned) = kind.as_str().and_then(|text| self.cleaned(text, &known))
                    {
                        edits.set(kind.range.clone(), &cleaned);
                        noted.note("/error/kind".to_owned());
                    }
                }
                _ => self.strings(member, &known, &mut edits, &mut |_| false),
            }
        }
        if noted.pointers.len() > before {
            let list = serde_json::Value::from(noted.pointers).to_string();
            match root.get("masked") {
                Some(node) => edits.push(node.range.clone(), list),
                None => edits.push(root.range.end - 1..root.range.end - 1, format!(",\"masked\":{list}")),
            }
        }
        edits.apply(text)
    }

    /// A request or an answer of our own format.
    fn message(&self, text: &str, side: &str, message: &Node<'_>, known: &Known, edits: &mut Edits, noted: &mut Noted) {
        let Kind::Object(members) = &message.kind else { return };
        for (key, member) in members {
            let key = key.as_str().unwrap_or_default();
            let cleaned = match (key, member.as_str()) {
                ("headers", _) => {
                    for (index, field) in member.items().iter().enumerate() {
                        if self.field(field, known, edits) {
                            noted.note(format!("/{side}/headers/{index}/value"));
                        }
                    }
                    None
                }
                ("body", _) => {
                    noted.prefix = format!("/{side}/body");
                    self.json(text, member, known, edits, noted);
                    None
                }
                ("bodyText", Some(value)) => self.body_text(value, known),
                ("bodyBase64", Some(value)) => self.encoded(value, known),
                (_, Some(value)) => self.cleaned(value, known),
                (_, None) => None,
            };
            if let Some(cleaned) = cleaned {
                edits.set(member.range.clone(), &cleaned);
                noted.note(format!("/{side}/{key}"));
            }
        }
    }

    fn note_text(&self, body: &str, known: &mut Known) {
        if let Some(node) = Node::parse(body) {
            self.note_personal(&node, &Nowhere, known);
        }
    }

    fn encoded(&self, value: &str, known: &Known) -> Option<String> {
        match STANDARD.decode(value.trim()) {
            Ok(bytes) => self.body_bytes(&bytes, known).map(|bytes| STANDARD.encode(bytes)),
            Err(_) => self.cleaned(value, known),
        }
    }

    /// A header field as an object of name and value; whether anything of it had to go.
    fn field(&self, field: &Node<'_>, known: &Known, edits: &mut Edits) -> bool {
        let name = field.get("name").and_then(Node::as_str).unwrap_or_default();
        let Some(node) = field.get("value") else { return false };
        let Some(value) = node.as_str() else { return false };
        let cleaned = match self.names.holds_secret(name) {
            true => Some(self.names.masked_value(name, value)),
            false => self.cleaned(value, known),
        };
        match cleaned {
            Some(cleaned) if cleaned != value => {
                edits.set(node.range.clone(), &cleaned);
                true
            }
            // A value that was masked before is named as masked too.
            _ => self.names.holds_secret(name) && value.contains(MASK),
        }
    }

    /// A HAR: every entry by itself, and the strings around them.
    fn har(&self, text: &str, root: &Node<'_>, log: &Node<'_>) -> String {
        let mut edits = Edits::default();
        let nothing = Known::default();
        let entries = log.get("entries");
        self.strings(root, &nothing, &mut edits, &mut |node| entries.is_some_and(|entries| std::ptr::eq(node, entries)));
        for entry in entries.map(Node::items).unwrap_or_default() {
            let mut known = Known::default();
            let content = |side: &str, holder: &str| entry.get(side).and_then(|message| message.get(holder)?.get("text"));
            for body in [content("request", "postData"), content("response", "content")].into_iter().flatten().filter_map(Node::as_str) {
                self.note_text(body, &mut known);
            }
            self.har_part(entry, "", &known.ready(), &mut edits);
        }
        edits.apply(text)
    }

    /// A part of an entry under its key.
    fn har_part(&self, node: &Node<'_>, key: &str, known: &Known, edits: &mut Edits) {
        match &node.kind {
            Kind::Object(entries) => {
                let is_base64 = node.get("encoding").and_then(Node::as_str) == Some("base64");
                for (name, value) in entries {
                    let name = name.as_str().unwrap_or_default();
                    match (key, name, value.as_str()) {
                        ("content" | "postData", "text", Some(body)) if is_base64 => {
                            self.put(value, body, self.encoded(body, known), edits);
                        }
                        ("content" | "postData", "text", Some(body)) => self.put(value, body, self.body_text(body, known), edits),
                        _ => self.har_part(value, name, known, edits),
                    }
                }
            }
            Kind::Array(items) => {
                for item in items {
                    match key {
                        "headers" => {
                            self.field(item, known, edits);
                        }
                        "cookies" | "queryString" | "params" => self.pair(item, key, known, edits),
                        _ => self.har_part(item, key, known, edits),
                    }
                }
            }
            Kind::String(text) => self.put(node, text, self.cleaned(text, known), edits),
            Kind::Number | Kind::Literal => {}
        }
    }

    /// A cookie or a parameter as an object of name and value.
    fn pair(&self, pair: &Node<'_>, list: &str, known: &Known, edits: &mut Edits) {
        let name = pair.get("name").and_then(Node::as_str).unwrap_or_default();
        let secret = list == "cookies" || self.names.is_secret_parameter(name);
        let Kind::Object(entries) = &pair.kind else { return };
        for (key, value) in entries {
            let Some(text) = value.as_str() else { continue };
            match key.as_str() {
                Some("value") if secret => self.put(value, text, Some(MASK.to_owned()), edits),
                _ => self.put(value, text, self.cleaned(text, known), edits),
            }
        }
    }

    fn put(&self, node: &Node<'_>, text: &str, cleaned: Option<String>, edits: &mut Edits) {
        if let Some(cleaned) = cleaned.filter(|cleaned| cleaned != text) {
            edits.push(node.range.clone(), json_string(&cleaned));
        }
    }

    /// Every string of a tree, but for parts that are left out.
    fn strings(&self, node: &Node<'_>, known: &Known, edits: &mut Edits, leave: &mut dyn FnMut(&Node<'_>) -> bool) {
        if leave(node) {
            return;
        }
        match &node.kind {
            Kind::Object(entries) => entries.iter().for_each(|(_, value)| self.strings(value, known, edits, leave)),
            Kind::Array(items) => items.iter().for_each(|item| self.strings(item, known, edits, leave)),
            Kind::String(text) => self.put(node, text, self.cleaned(text, known), edits),
            Kind::Number | Kind::Literal => {}
        }
    }
}

/// What a line of our own says of itself: the places that are masked.
struct Noted {
    pointers: Vec<String>,
    /// Where the body at hand stands.
    prefix: String,
}

impl Noted {
    fn note(&mut self, pointer: String) {
        if !self.pointers.contains(&pointer) {
            self.pointers.push(pointer);
        }
    }

    fn pointer(&self, path: &[String]) -> String {
        let mut pointer = self.prefix.clone();
        path.iter().for_each(|token| push_token(&mut pointer, token));
        pointer
    }
}

impl Places for Noted {
    fn is_masked(&self, path: &[String]) -> bool {
        !self.pointers.is_empty() && self.pointers.contains(&self.pointer(path))
    }

    fn changed(&mut self, path: &[String]) {
        self.note(self.pointer(path));
    }
}

#[cfg(test)]
mod tests {
    use charter_contract::MaskConfig;

    use super::*;
    use crate::mask::Secret;

    fn masker() -> Masker {
        let config = MaskConfig { pointers: vec!["/**/by/name".to_owned()], ..MaskConfig::default() };
        Masker::new(&config, &[Secret::new("sk_live_42").expect("a secret")]).expect("a masker")
    }

    #[test]
    fn an_exchange_keeps_every_other_byte() {
        let line = r#"{"format":"charter-exchange/1","request":{"method":"GET","url":"/api/v1/runs/r?token=t&by=Ann%20Bee","headers":[{"name":"Authorization","value":"Bearer sk_live_42"}]},"response":{"status":200,"headers":[{"name":"x-echo","value":"sk_live_42"}],"body":{ "n": 1.50, "by":{"name":"Ann Bee"},"note":"Ann Bee <ann@example.com>","sk_live_42":[true,"c2tfbGl2ZV80Mg=="] }},"headersComplete":true}"#;
        let masked = masker().document(line);
        assert!(
            !masked.contains("sk_live") && !masked.contains("Ann") && !masked.contains("ann@") && !masked.contains("c2tfbGl2ZV80"),
            "{masked}"
        );
        assert!(
            masked.contains(r#""value":"Bearer ***""#) && masked.contains("token=***&") && masked.contains(r#""body":{ "n": 1.50, "by""#),
            "{masked}"
        );
        let value: serde_json::Value = serde_json::from_str(&masked).expect("JSON");
        let name = value["response"]["body"]["by"]["name"].as_str().expect("a name");
        assert!(value["response"]["body"]["note"].as_str().is_some_and(|note| note.starts_with(name)), "equal values stay equal: {masked}");
        let wanted = [
            "/request/url",
            "/request/headers/0/value",
            "/response/headers/0/value",
            "/response/body/by/name",
            "/response/body/note",
            "/response/body/***/1",
        ];
        assert_eq!(value["masked"], serde_json::json!(wanted));
    }

    #[test]
    fn a_har_loses_its_cookies_and_keeps_its_shape() {
        let har = r#"{"log": {"version": "1.2", "comment": "by ann@example.com", "entries": [{"request": {"url": "https://h/?api_key=k", "cookies": [{"name": "sid", "value": "1"}], "queryString": [{"name": "api_key", "value": "k"}], "headers": [{"name": "Cookie", "value": "sid=1"}], "postData": {"mimeType": "application/json", "text": "{\"by\":{\"name\":\"Ann Bee\"}}"}}, "response": {"content": {"text": "{\"k\":\"sk_live\\u005f42\"}"}, "cookies": []}}]}}"#;
        let masked = masker().document(har);
        for gone in ["ann@", "Ann Bee", "sk_live", "\"k\"}", "sid=1", "\"value\": \"1\""] {
            assert!(!masked.contains(gone), "{gone}: {masked}");
        }
        assert!(
            masked.contains(r#""value": "sid=***""#)
                && masked.contains("api_key=***")
                && masked.starts_with(r#"{"log": {"version": "1.2""#),
            "{masked}"
        );
    }

    #[test]
    fn what_is_no_json_is_masked_as_text() {
        assert_eq!(masker().document("{ broken sk_live_42"), "{ broken ***");
        assert_eq!(masker().document(r#"{"by": {"name": null}, "n": 1}"#), r#"{"by": {"name": null}, "n": 1}"#);
    }
}
