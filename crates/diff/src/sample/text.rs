//! Strings that match a pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Strings that an ECMA-262 pattern probably matches.
pub(super) fn matching(pattern: &str) -> Vec<String> {
    let mut found: Vec<String> = jsonschema_regex::pattern_witness(pattern).into_iter().collect();
    if let Some(hir) = parsed(pattern) {
        for choice in 0..3 {
            let mut text = String::new();
            write(&hir, choice, &mut text);
            found.push(text);
        }
    }
    found.dedup();
    found
}

/// The runs of plain characters in a pattern. A negative lookahead may refuse them.
pub(super) fn literals(pattern: &str) -> Vec<String> {
    if !pattern.contains("(?!") && !pattern.contains("(?<!") {
        return Vec::new();
    }
    let runs = pattern.split(['\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}']);
    let plain = runs.map(|run| run.trim_start_matches(['!', '<', '=', ':'])).filter(|run| !run.is_empty());
    plain.take(12).map(str::to_owned).collect()
}

/// Whether a pattern matches a string. An invalid pattern matches nothing.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let schema = serde_json::json!({ "pattern": pattern });
    jsonschema::validator_for(&schema).is_ok_and(|validator| validator.is_valid(&serde_json::Value::from(text)))
}

fn parsed(pattern: &str) -> Option<Hir> {
    let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
    regex_syntax::Parser::new().parse(&translated).ok()
}

fn write(hir: &Hir, choice: usize, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            if let Some(range) = ranges.get(choice % ranges.len().max(1)) {
                text.push(if choice == 2 { range.end() } else { range.start() });
            }
        }
        HirKind::Class(Class::Bytes(class)) => text.extend(class.ranges().first().map(|range| char::from(range.start()))),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let times = (repetition.min + u32::from(choice > 0)).min(most).min(1_000);
            for _ in 0..times {
                write(&repetition.sub, choice, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, choice, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, choice, text)),
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(choice % parts.len().max(1)) {
                write(part, choice, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{matches, matching};

    #[test]
    fn samples_of_a_pattern_match_it() {
        for pattern in ["^order_[0-9a-f]{4,}$", "^(a|bc)+$", "\\d{3}-\\w", "^\\S+@\\S+$", "^[A-Z]{2}$"] {
            let texts = matching(pattern);
            assert!(texts.iter().any(|text| matches(pattern, text)), "{pattern}: {texts:?}");
        }
    }
}
