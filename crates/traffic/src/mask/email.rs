//! E-mail addresses in texts: the shape of RFC 5321, section 4.1.2, and of RFC 6531 for other letters than ASCII.
//!
//! In a running text the local part has no characters that separate the parts of a URL, such as `/` and `=`. A name of a file with a
//! scale (`logo@2x.png`) and a package with a version (`react@18.2.0`) are not addresses, nor is the user of a URL or of an SSH remote.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// The domain of every masked address. The top-level domain is reserved, RFC 2606.
pub(super) const DOMAIN: &str = "masked.invalid";

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let local = r#"(?:"(?:[^"\\\r\n]|\\.){1,64}"|[\p{L}\p{N}!$'+^_`{|}~-]+(?:\.[\p{L}\p{N}!$'+^_`{|}~-]+)*)"#;
    let domain = r"(?:\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\]|[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+)";
    Regex::new(&format!("({local})@({domain})")).ok()
});
/// A text that is an address as a whole.
static WHOLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}!$'+^_`{|}~.-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$").ok());

/// Ends of names of files and of units of systemd. None of them is a top-level domain.
const FILES: [&str; 28] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "css", "js", "mjs", "cjs", "ts", "tsx", "jsx", "json", "html", "htm",
    "woff", "ttf", "wasm", "tgz", "gz", "service", "socket", "timer", "mount",
];

/// The local part and the domain of each address of a text.
pub(super) fn addresses(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let Some(pattern) = ADDRESS.as_ref().filter(|_| text.contains('@')) else { return Vec::new() };
    if is_address(text)
        && let Some(at) = text.rfind('@')
    {
        return vec![(0..at, at + 1..text.len())];
    }
    let found = pattern.captures_iter(text).filter_map(|found| Some((found.get(1)?.range(), found.get(2)?.range())));
    let mut authorities = Authorities::default();
    found.filter(|(local, domain)| is_mailbox(text, local, domain, &mut authorities)).collect()
}

/// Whether the whole text is an address.
pub(super) fn is_address(text: &str) -> bool {
    text.len() <= 320
        && text.contains('@')
        && !text.contains("://")
        && WHOLE.as_ref().is_some_and(|whole| whole.is_match(text))
        && text
            .rfind('@')
            .is_some_and(|at| !is_git(&text[..at], &text[at + 1..]) && is_domain(&text[at + 1..]) && !is_asset(&text[at + 1..]))
}

/// Where the authorities of URLs are in a text. Each byte is read once for all addresses.
#[derive(Default)]
struct Authorities {
    read: usize,
    /// Whether the last byte that was read is in an authority, or before one.
    is_open: bool,
}

impl Authorities {
    /// Whether a byte is in the authority of a URL. The bytes are asked for in their order.
    fn contain(&mut self, text: &[u8], at: usize) -> bool {
        for end in self.read..at {
            match text[end] {
                b'/' if text[..end].ends_with(b":/") => self.is_open = true,
                b'/' | b'?' | b'#' | b' ' | b'"' | b'<' | b'>' | b',' | b'\n' => self.is_open = false,
                _ => {}
            }
        }
        self.read = self.read.max(at);
        self.is_open
    }
}

fn is_mailbox(text: &str, local: &Range<usize>, domain: &Range<usize>, authorities: &mut Authorities) -> bool {
    let name = &text[domain.clone()];
    // The user and the password of a URL have a rule of their own.
    let is_user = authorities.contain(text.as_bytes(), local.start);
    if is_user || !is_domain(name) || is_asset(name) {
        return false;
    }
    // `git@host:path`, the form of SSH.
    let after = &text[domain.end..];
    let is_remote =
        after.strip_prefix(':').is_some_and(|path| path.starts_with(|first: char| first.is_alphabetic() || matches!(first, '~' | '/')));
    !is_remote && !is_git(&text[local.clone()], name)
}

/// The user of a host of Git.
fn is_git(local: &str, domain: &str) -> bool {
    local == "git" && domain.starts_with("git")
}

/// Whether a name is a domain literal, or ends with a label that may be a top-level domain.
fn is_domain(name: &str) -> bool {
    if name.starts_with('[') {
        return true;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    last.chars().count() >= 2 && (last.chars().all(char::is_alphabetic) || last.to_ascii_lowercase().starts_with("xn--"))
}

/// `2x.png`, or a name that ends as a file.
fn is_asset(name: &str) -> bool {
    let (first, last) = (name.split('.').next().unwrap_or_default(), name.rsplit('.').next().unwrap_or_default());
    let is_scale = first.strip_suffix(['x', 'X']).is_some_and(|scale| !scale.is_empty() && scale.bytes().all(|byte| byte.is_ascii_digit()));
    is_scale || FILES.iter().any(|file| last.eq_ignore_ascii_case(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_shape_of_the_standard() {
        let found = |text: &str| {
            addresses(text).into_iter().map(|(local, domain)| format!("{} {}", &text[local], &text[domain])).collect::<Vec<_>>()
        };
        assert_eq!(found("mail Ann.O'x+y@mail.example.com, or <bob@example.org>!"), ["Ann.O'x+y mail.example.com", "bob example.org"]);
        assert_eq!(found("jürgen.müller@exämple.de"), ["jürgen.müller exämple.de"]);
        assert_eq!(found("\"john doe\"@example.com and user@[10.0.0.1]"), ["\"john doe\" example.com", "user [10.0.0.1]"]);
        assert_eq!(found("https://api.example/items/joe@corp.example/x?ref=a@b.example"), ["joe corp.example", "a b.example"]);
        assert_eq!(found("mailto:joe@corp.example"), ["joe corp.example"]);
        for text in [
            "logo@2x.png",
            "/img/logo@2x.webp",
            "react@18.2.0",
            "@scope/pkg@1.2.3-beta.1",
            "git@github.com",
            "git@host.example:a/b.git",
            "x@y",
            "at @ home",
            "https://user:pw@host.example/a",
            "***@api.example",
            "a@b.c",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
