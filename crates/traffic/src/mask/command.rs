//! Passwords in command lines: `curl -u NAME:PASSWORD`, `sshpass -p PASSWORD`, `mysql -pPASSWORD`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Commands whose options have passwords. The numbers of [`Syntax::command`] are those of the groups.
static COMMANDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let families = [
        r"curl|wget|xhs?|https?|ab|aria2c",
        r"mysql(?:dump|admin)?|mariadb",
        r"(?:docker|podman|helm|nerdctl)\s+(?:registry\s+)?login|redis-cli|mongo(?:sh)?",
        r"ldap\w+",
    ];
    Regex::new(&format!(r"\b(?:{})\b", families.map(|family| format!("({family})")).join("|"))).ok()
});

/// An option, and the command that it belongs to.
struct Syntax {
    option: Regex,
    /// `None`: any command.
    command: Option<usize>,
}

static OPTIONS: LazyLock<Vec<Syntax>> = LazyLock::new(|| {
    let user = r#"["']?[^\s:"'/@]{1,80}:"#;
    let options = [
        (format!(r"(?:^|\s)--(?:user|proxy-user|auth|userpwd|creds?)[ =]{user}"), None),
        (format!(r"\s-[uUa][ =]?{user}"), Some(1)),
        (r"\s-p".to_owned(), Some(2)),
        (r"\s-[pa]\s+".to_owned(), Some(3)),
        (r"\s-w\s+".to_owned(), Some(4)),
        (r"\bsshpass\s+-p\s*".to_owned(), None),
        // A cookie, not the file of a cookie jar.
        (r#"\s(?:-b|--cookie)[ =]["']?[^\s="'/]{1,80}="#.to_owned(), Some(1)),
    ];
    let syntax = |(option, command): (String, _)| {
        Some(Syntax { option: Regex::new(&format!(r#"{option}["']?([^\s"'\\<>]{{4,}})"#)).ok()?, command })
    };
    options.into_iter().filter_map(syntax).collect()
});

/// The passwords of the command lines of a text. The commands and the options are searched for separately, so that the parts of a long line are not read again for each command.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    const WORDS: [&str; 16] = [
        "curl",
        "wget",
        "xh",
        "http ",
        "https ",
        "--user",
        "--auth",
        "--proxy-user",
        "--cred",
        "sshpass",
        "mysql",
        "login",
        "ldap",
        "redis-cli",
        "mongo",
        "mariadb",
    ];
    let is_command = text.contains(" -") && WORDS.iter().any(|word| text.contains(word));
    let Some(commands) = COMMANDS.as_ref().filter(|_| is_command) else { return Vec::new() };
    let mut found = Vec::new();
    for Syntax { option, command } in OPTIONS.iter() {
        let names = command.map(|command| {
            let names = commands.captures_iter(text).filter_map(|name| name.get(command).map(|name| name.end()));
            names.collect::<Vec<_>>()
        });
        let mut names = names.map(|names| names.into_iter().peekable());
        let mut lines = Lines { text: text.as_bytes(), read: 0, start: 0 };
        let mut name = None;
        for password in option.captures_iter(text) {
            let (Some(whole), Some(password)) = (password.get(0), password.get(1)) else { continue };
            if let Some(names) = &mut names {
                while let Some(end) = names.next_if(|end| *end <= whole.start()) {
                    name = Some(end);
                }
                // A command has one option with a password.
                if name.take_if(|name| *name > lines.start_of(whole.start())).is_none() {
                    continue;
                }
            }
            found.push(password.range());
        }
    }
    // `docker run -u 1000:1000`, `docker run -p 8080:80`, and options.
    let is_number = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'/'));
    let is_plain = |value: &str| value.starts_with(['-', '$', '{']) || is_number(value);
    found.retain(|range| !is_plain(&text[range.clone()]));
    found
}

/// The beginnings of the lines of a text.
struct Lines<'t> {
    text: &'t [u8],
    read: usize,
    start: usize,
}

impl Lines<'_> {
    /// The beginning of the line of a byte. A backslash at the end of a line continues it. The bytes are asked for in their order.
    fn start_of(&mut self, at: usize) -> usize {
        for end in memchr::memchr2_iter(b'\r', b'\n', &self.text[self.read..at]).map(|offset| self.read + offset) {
            let before = self.text[..end].strip_suffix(b"\r").unwrap_or(&self.text[..end]);
            let is_continued = before.ends_with(b"\\") || self.text[end..].starts_with(b"\r\n");
            if !is_continued {
                self.start = end + 1;
            }
        }
        self.read = self.read.max(at);
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_follow_the_options_of_their_commands() {
        let found = |text: &str| passwords(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>().join(" ");
        for (text, wanted) in [
            ("curl -s -u ann:hunter22 https://a.example", "hunter22"),
            ("curl -s \\\n  -u ann:hunter22", "hunter22"),
            ("curl -s \\\r\n  -u ann:hunter22", "hunter22"),
            ("wget a; mysql -u root -phunter22 ; curl -u b:secret99", "secret99 hunter22"),
            ("docker login -u ann -p hunter22 r.example", "hunter22"),
            ("sshpass -p 'hunter22' ssh a@b", "hunter22"),
            ("ldapsearch -D cn=a -w hunter22", "hunter22"),
            ("http --auth ann:hunter22 a.example", "hunter22"),
            ("curl -b 'sid=hunter22' -u ann:hunter33 a.example", "hunter33 hunter22"),
            ("curl --cookie lang=hunter22 a.example", "hunter22"),
            ("curl -b cookies.txt a.example", ""),
            ("curl a\nid -u ann:hunter22", ""),
            ("docker run -u 1000:1000 -p 8080:80 mysql", ""),
            ("mysql -p -h a.example", ""),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }
}
