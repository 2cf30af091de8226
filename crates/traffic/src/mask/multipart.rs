//! Masking of multipart bodies by the names of their parts.

use super::Masker;
use super::count::Kind;
use super::random::is_random;
use charter_json::edit::Edits;

/// The part of a multipart body that is read.
enum Place {
    /// Header fields, and the name of the part as far as it is known.
    Head(Option<String>),
    /// The content from a byte on.
    Content { name: String, start: usize },
    /// Before the first part, or a part without a name.
    Other,
}

impl Masker {
    /// Masks the parts of a multipart body with secret names; `None` if nothing was masked. Each line is read once.
    pub(super) fn multipart(&self, text: &str) -> Option<String> {
        let boundary = text.lines().next().filter(|line| line.len() > 2 && line.starts_with("--"))?.trim_end();
        let mut edits = Edits::default();
        let (mut place, mut at) = (Place::Other, 0);
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\r', '\n']);
            if line.starts_with(boundary) {
                self.part(text, &place, at, &mut edits);
                place = Place::Head(None);
            } else if let Place::Head(name) = &mut place {
                if content.is_empty() {
                    let name = name.take();
                    place = name.map_or(Place::Other, |name| Place::Content { name, start: at + line.len() });
                } else if let Some(named) = part_name(content) {
                    *name = Some(named.to_owned());
                }
            }
            at += line.len();
        }
        self.part(text, &place, at, &mut edits);
        (!edits.is_empty()).then(|| edits.apply(text))
    }

    /// Masks the content of a part that ends before a byte.
    fn part(&self, text: &str, place: &Place, end: usize, edits: &mut Edits) {
        let Place::Content { name, start } = place else { return };
        if end <= *start {
            return;
        }
        let value = &text[*start..end];
        let value = value.strip_suffix('\n').map_or(value, |value| value.strip_suffix('\r').unwrap_or(value));
        if self.is_secret_parameter(name, value)
            && (!name.eq_ignore_ascii_case("code") || is_random(value))
            && let Some(secret) = self.secret(value)
        {
            self.counts.add(Kind::Parameter);
            edits.push(*start..start + value.len(), secret);
        }
    }
}

/// The name in a header field `content-disposition`.
fn part_name(line: &str) -> Option<&str> {
    const FIELD: &str = "content-disposition:";
    let is_field = line.get(..FIELD.len()).is_some_and(|field| field.eq_ignore_ascii_case(FIELD));
    let parameters = line.split(';').skip(1).map(str::trim);
    let mut named = parameters.filter_map(|parameter| parameter.split_once('=')).filter(|_| is_field);
    named.find_map(|(name, value)| match name.trim().to_ascii_lowercase().as_str() {
        "name" => Some(value.trim().trim_matches(['"', '\''])),
        // `UTF-8''password`
        "name*" => value.trim().rsplit('\'').next(),
        _ => None,
    })
}
