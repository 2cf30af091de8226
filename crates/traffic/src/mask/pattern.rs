//! JSON Pointers with wildcards, which select the personal data of a body.

/// A pointer whose tokens may be `*` (any key or item) or `**` (any number of levels).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Any,
    Deep,
}

impl Pattern {
    /// Parses a pattern; `None` if it neither is empty nor begins with a slash.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(Vec::new()));
        }
        let tokens = text.strip_prefix('/')?.split('/').map(|token| match token {
            "*" => Token::Any,
            "**" => Token::Deep,
            name => Token::Name(name.replace("~1", "/").replace("~0", "~")),
        });
        Some(Self(tokens.collect()))
    }

    /// Whether the pattern matches a location.
    pub(super) fn fits(&self, path: &[String]) -> bool {
        fits(&self.0, path)
    }
}

fn fits(tokens: &[Token], path: &[String]) -> bool {
    match (tokens, path) {
        ([], path) => path.is_empty(),
        ([Token::Deep, rest @ ..], path) => (0..=path.len()).any(|skipped| fits(rest, &path[skipped..])),
        (_, []) => false,
        ([Token::Any, rest @ ..], [_, path @ ..]) => fits(rest, path),
        ([Token::Name(name), rest @ ..], [found, path @ ..]) => name == found && fits(rest, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_one_level_or_many() {
        let fits = |pattern: &str, path: &str| {
            let path: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
            Pattern::parse(pattern).expect("a pattern").fits(&path)
        };
        assert!(fits("/a/b", "/a/b") && !fits("/a/b", "/a") && !fits("/a", "/a/b"));
        assert!(fits("/orders/*/by", "/orders/7/by") && !fits("/orders/*/by", "/orders/by"));
        assert!(fits("/**/email", "/email") && fits("/**/email", "/a/0/email") && !fits("/**/email", "/email/a"));
        assert!(fits("", "") && Pattern::parse("a").is_none());
        assert!(Pattern::parse("/a~1b").expect("a pattern").fits(&["a/b".to_owned()]));
    }
}
