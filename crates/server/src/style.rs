//! Texts of parameters and forms as JSON values.
//!
//! # Source
//! OpenAPI, "Style Values" and "Style Examples", and RFC 6570.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::kind::{Kind, array, object};

/// How a value is serialised. `true` is `explode`, where the style depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// `1,2`, in paths and header fields.
    Simple(bool),
    /// `.1.2`, in paths.
    Label(bool),
    /// `;id=1;id=2`, in paths.
    Matrix(bool),
    /// `id=1&id=2`, in queries, forms and cookies.
    Form(bool),
    /// `id=1%202`, in queries.
    SpaceDelimited,
    /// `id=1%7C2`, in queries.
    PipeDelimited,
    /// `id=1%092`, in queries.
    TabDelimited,
    /// `id[a]=1&id[b]=2`, in queries.
    DeepObject,
    /// `id=1; id=2` without percent-encoding, in cookies.
    Cookie(bool),
    /// The value as JSON.
    Json,
}

/// A text that does not have the form of its style.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("is percent-encoded text that is not UTF-8")]
    Encoding,
    #[error("does not begin with `{0}`, which its style requires")]
    Prefix(String),
    #[error("has a name without a value")]
    Pair,
    #[error("is sent {0} times, expected once")]
    Repeated(usize),
}

/// How texts are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not at all: in header fields.
    Plain,
    /// Percent-encoded: in paths.
    Percent,
    /// Percent-encoded, and `+` is a space: in queries and forms.
    Form,
}

impl Encoding {
    pub(crate) fn decode(self, text: &str) -> Result<String, Malformed> {
        let text = match self {
            Self::Plain => return Ok(text.to_owned()),
            Self::Form if text.contains('+') => Cow::Owned(text.replace('+', " ")),
            _ => Cow::Borrowed(text),
        };
        Ok(percent_decode_str(&text).decode_utf8().map_err(|_| Malformed::Encoding)?.into_owned())
    }
}

/// A serialised value without its punctuation.
enum Pieces {
    One(String),
    List(Vec<String>),
    Object(Vec<(String, String)>),
}

impl Pieces {
    fn json(&self, kind: &Kind) -> String {
        match self {
            Self::One(text) => kind.scalar(text),
            Self::List(items) => {
                let of = if let Kind::List(of) = kind { of } else { &Kind::UNKNOWN };
                array(&items.iter().map(|item| of.scalar(item)).collect::<Vec<_>>())
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, String)| (name.clone(), kind.member(name).scalar(value));
                object(&members.iter().map(member).collect::<Vec<_>>())
            }
        }
    }

    fn has_one_piece(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::List(items) => items.len() < 2,
            Self::Object(members) => members.is_empty(),
        }
    }
}

/// The JSON values that a serialised value may mean, the likeliest first. `pieces` splits the text for a list, an object or a single text.
fn candidates(kind: &Kind, pieces: impl Fn(&Kind) -> Result<Pieces, Malformed>) -> Result<Vec<String>, Malformed> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut failed = None;
    for structure in kind.structures() {
        match pieces(structure) {
            Ok(found) if found.has_one_piece() => after.push(found.json(structure)),
            Ok(found) => before.push(found.json(structure)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    if kind.is_scalar() {
        match pieces(&Kind::Text) {
            Ok(found) => before.push(found.json(kind)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    before.append(&mut after);
    match failed {
        Some(error) if before.is_empty() => Err(error),
        _ => Ok(before),
    }
}

/// Names and values in turn: `a,1,b,2`.
fn alternating(words: Vec<String>) -> Result<Pieces, Malformed> {
    if words.len() % 2 == 1 {
        return Err(Malformed::Pair);
    }
    let mut members = Vec::new();
    let mut words = words.into_iter();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        members.push((name, value));
    }
    Ok(Pieces::Object(members))
}

/// Pairs of names and values with `=` between them.
fn assigned<'t>(pairs: impl Iterator<Item = &'t str>, encoding: Encoding) -> Result<Pieces, Malformed> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').ok_or(Malformed::Pair)?;
        Ok((encoding.decode(name)?, encoding.decode(value)?))
    };
    Ok(Pieces::Object(pairs.map(pair).collect::<Result<_, _>>()?))
}

/// The words of a text between separators; none if it is empty.
fn words<'t>(text: &'t str, separator: &str, encoding: Encoding) -> Result<Vec<String>, Malformed> {
    let trim = |word: &'t str| if encoding == Encoding::Plain { word.trim() } else { word };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(separator).map(|word| encoding.decode(trim(word))).collect()
}

/// A value as one text: in a path or a header field.
pub(crate) fn in_text(name: &str, style: Style, kind: &Kind, text: &str, encoding: Encoding) -> Result<Vec<String>, Malformed> {
    if style == Style::Json {
        return Ok(vec![encoding.decode(text)?]);
    }
    let after = |prefix: &str| text.strip_prefix(prefix).ok_or_else(|| Malformed::Prefix(prefix.to_owned()));
    candidates(kind, |structure| {
        let (is_list, is_object) = (matches!(structure, Kind::List(_)), matches!(structure, Kind::Object(..)));
        match style {
            Style::Label(explode) => {
                let text = after(".")?;
                match (is_list, is_object, explode) {
                    (true, ..) => Ok(Pieces::List(words(text, if explode { "." } else { "," }, encoding)?)),
                    (_, true, true) => assigned(text.split('.'), encoding),
                    (_, true, false) => alternating(words(text, ",", encoding)?),
                    _ => Ok(Pieces::One(encoding.decode(text)?)),
                }
            }
            Style::Matrix(explode) => {
                let prefix = format!(";{}=", percent_encoding::utf8_percent_encode(name, NAME));
                match (is_list, is_object, explode) {
                    (true, _, true) => {
                        let items = after(";")?.split(';').map(|item| {
                            let value = item.strip_prefix(&prefix[1..]).ok_or_else(|| Malformed::Prefix(prefix.clone()))?;
                            encoding.decode(value)
                        });
                        Ok(Pieces::List(items.collect::<Result<_, _>>()?))
                    }
                    (true, _, false) => Ok(Pieces::List(words(after(&prefix)?, ",", encoding)?)),
                    (_, true, true) => assigned(after(";")?.split(';'), encoding),
                    (_, true, false) => alternating(words(after(&prefix)?, ",", encoding)?),
                    _ => Ok(Pieces::One(encoding.decode(after(&prefix)?)?)),
                }
            }
            _ => match (is_list, is_object, style) {
                (true, ..) => Ok(Pieces::List(words(text, ",", encoding)?)),
                (_, true, Style::Simple(true)) => assigned(text.split(',').map(str::trim), encoding),
                (_, true, _) => alternating(words(text, ",", encoding)?),
                _ => Ok(Pieces::One(encoding.decode(text)?)),
            },
        }
    })
}

/// The characters of a name that the client percent-encodes.
const NAME: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Names, decoded, and values, as sent.
pub(crate) type Pairs = [(String, String)];

/// The pairs of a query or a form.
pub(crate) fn pairs(text: &str) -> Result<Vec<(String, String)>, Malformed> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((Encoding::Form.decode(name)?, value.to_owned()))
        })
        .collect()
}

/// A value as pairs: in a query, a form or a cookie. `None` if no pair belongs to it. `is_other` decides whether a name is that of another
/// value, so that an object whose members are pairs of their own does not contain it.
pub(crate) fn in_pairs(
    name: &str,
    style: Style,
    kind: &Kind,
    pairs: &Pairs,
    encoding: Encoding,
    is_other: &dyn Fn(&str) -> bool,
) -> Result<Option<Vec<String>>, Malformed> {
    let encoding = if matches!(style, Style::Cookie(_)) { Encoding::Plain } else { encoding };
    if style == Style::DeepObject && kind.structures().iter().any(|kind| matches!(kind, Kind::Object(..))) {
        return deep(name, kind, pairs, encoding);
    }
    let explode = matches!(style, Style::Form(true) | Style::Cookie(true));
    if let Some(members @ Kind::Object(declared, others)) = kind.structures().into_iter().find(|kind| matches!(kind, Kind::Object(..)))
        && explode
    {
        let is_member = |of: &str| declared.iter().any(|(name, _)| *name == of) || (others.is_some() && !is_other(of) && of != name);
        let own: Vec<(&str, &str)> =
            pairs.iter().filter(|(of, _)| is_member(of)).map(|(of, value)| (of.as_str(), value.as_str())).collect();
        if own.is_empty() {
            return Ok(None);
        }
        return Ok(Some(vec![grouped(members, &own, encoding)?]));
    }
    let own: Vec<&str> = pairs.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str()).collect();
    let once = || match own.as_slice() {
        [one] => Ok(*one),
        several => Err(Malformed::Repeated(several.len())),
    };
    if own.is_empty() {
        return Ok(None);
    }
    if style == Style::Json {
        return Ok(Some(vec![encoding.decode(once()?)?]));
    }
    let split = |structure: &Kind| match structure {
        Kind::List(_) if explode => Ok(Pieces::List(own.iter().map(|value| encoding.decode(value)).collect::<Result<_, _>>()?)),
        Kind::List(_) => Ok(Pieces::List(separated(style, once()?, encoding)?)),
        Kind::Object(..) => alternating(separated(style, once()?, encoding)?),
        _ => Ok(Pieces::One(encoding.decode(once()?)?)),
    };
    candidates(kind, split).map(Some)
}

/// The words of one value between the separators of a style, which may be percent-encoded.
fn separated(style: Style, text: &str, encoding: Encoding) -> Result<Vec<String>, Malformed> {
    let (separator, unified) = match style {
        Style::SpaceDelimited => (" ", Cow::Owned(text.replace("%20", " ").replace('+', " "))),
        Style::PipeDelimited => ("|", Cow::Owned(text.replace("%7C", "|").replace("%7c", "|"))),
        Style::TabDelimited => ("\t", Cow::Owned(text.replace("%09", "\t"))),
        _ => (",", Cow::Borrowed(text)),
    };
    words(&unified, separator, encoding)
}

/// An object whose members are pairs; a member that is sent several times, or is declared as a list, is a list.
fn grouped(kind: &Kind, pairs: &[(&str, &str)], encoding: Encoding) -> Result<String, Malformed> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in pairs {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let mut members = Vec::new();
    for name in names {
        let values = pairs.iter().filter(|(of, _)| *of == name).map(|(_, value)| encoding.decode(value));
        members.push((name.to_owned(), values_of(kind.member(name), values.collect::<Result<_, _>>()?)));
    }
    Ok(object(&members))
}

/// The values of a name: a list, or a single value.
fn values_of(kind: &Kind, values: Vec<String>) -> String {
    let list = kind.structures().into_iter().find(|kind| matches!(kind, Kind::List(_)));
    match (list, values.as_slice()) {
        (None, [one]) => kind.scalar(one),
        (Some(_), [one]) if kind.is_scalar() => kind.scalar(one),
        (list, _) => Pieces::List(values).json(list.unwrap_or(&Kind::List(&Kind::UNKNOWN))),
    }
}

/// The value of names with members in brackets.
#[derive(Default)]
struct Node {
    values: Vec<String>,
    members: Vec<(String, Node)>,
}

impl Node {
    fn member(&mut self, name: &str) -> &mut Self {
        let index = self.members.iter().position(|(of, _)| of == name).unwrap_or_else(|| {
            self.members.push((name.to_owned(), Self::default()));
            self.members.len() - 1
        });
        &mut self.members[index].1
    }

    fn json(&self, kind: &Kind) -> String {
        if self.members.is_empty() {
            return values_of(kind, self.values.clone());
        }
        let structures = kind.structures();
        let of = structures.iter().find(|kind| matches!(kind, Kind::Object(..))).copied().unwrap_or(&Kind::UNKNOWN);
        object(&self.members.iter().map(|(name, node)| (name.clone(), node.json(of.member(name)))).collect::<Vec<_>>())
    }
}

/// How deep names in brackets may be nested.
const DEPTH: usize = 32;

fn deep(name: &str, kind: &Kind, pairs: &Pairs, encoding: Encoding) -> Result<Option<Vec<String>>, Malformed> {
    let mut root = Node::default();
    for (of, value) in pairs {
        let Some(path) = of.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.strip_suffix(']')) else {
            continue;
        };
        let node = path.split("][").take(DEPTH).fold(&mut root, |node, key| if key.is_empty() { node } else { node.member(key) });
        node.values.push(encoding.decode(value)?);
    }
    Ok((!root.members.is_empty()).then(|| vec![root.json(kind)]))
}

/// A form as an object. The styles of single fields may be given; that of all others is `form` with `explode`, and JSON for objects.
pub(crate) fn form(pairs: &Pairs, kind: &Kind, styles: &[(&str, Style)]) -> Result<String, Malformed> {
    let declared: &[(&str, Kind)] = match kind.structures().into_iter().find(|kind| matches!(kind, Kind::Object(..))) {
        Some(Kind::Object(members, _)) => members,
        _ => &[],
    };
    let others = match kind.structures().into_iter().find(|kind| matches!(kind, Kind::Object(..))) {
        Some(Kind::Object(_, Some(kind))) => *kind,
        _ => &Kind::UNKNOWN,
    };
    let mut members = Vec::new();
    for (name, kind) in declared {
        let given = styles.iter().find(|(of, _)| of == name).map(|(_, style)| *style);
        let is_object = kind.structures().iter().any(|kind| matches!(kind, Kind::Object(..)));
        // OpenAPI, "Encoding Object": the default media type of an object is JSON.
        let style = given.unwrap_or(if is_object { Style::Json } else { Style::Form(true) });
        let is_other = |of: &str| declared.iter().any(|(other, _)| *other == of);
        if let Some(found) = in_pairs(name, style, kind, pairs, Encoding::Form, &is_other)? {
            members.extend(found.into_iter().next().map(|json| ((*name).to_owned(), json)));
        }
    }
    let is_declared = |of: &str| {
        declared.iter().any(|(name, kind)| {
            let style = styles.iter().find(|(of, _)| of == name).map(|(_, style)| *style);
            let inside = style == Some(Style::DeepObject) && of.strip_prefix(name).is_some_and(|rest| rest.starts_with('['));
            let spread = matches!(style, Some(Style::Form(true)))
                && kind
                    .structures()
                    .iter()
                    .any(|kind| matches!(kind, Kind::Object(members, _) if members.iter().any(|(name, _)| *name == of)));
            *name == of || inside || spread
        })
    };
    let rest: Vec<(&str, &str)> =
        pairs.iter().filter(|(of, _)| !is_declared(of)).map(|(of, value)| (of.as_str(), value.as_str())).collect();
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &rest {
        if !seen.contains(name) {
            seen.push(name);
            let values = rest.iter().filter(|(of, _)| of == name).map(|(_, value)| Encoding::Form.decode(value));
            members.push(((*name).to_owned(), values_of(others, values.collect::<Result<_, _>>()?)));
        }
    }
    Ok(object(&members))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLORS: Kind = Kind::List(&Kind::Text);
    const RGB: Kind = Kind::Object(&[("R", Kind::Number), ("G", Kind::Number), ("B", Kind::Number)], None);
    const LIST: &str = r#"["blue","black","brown"]"#;
    const OBJECT: &str = r#"{"R":100,"G":200,"B":150}"#;

    /// The table of OpenAPI 3.1.1, "Style Examples".
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let text = |style, kind: &Kind, text: &str| in_text("color", style, kind, text, Encoding::Percent).expect("a value");
        for (style, texts) in [
            (Style::Matrix(false), [";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"]),
            (Style::Matrix(true), [";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"]),
            (Style::Label(false), [".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
            (Style::Label(true), [".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
            (Style::Simple(false), ["blue", "blue,black,brown", "R,100,G,200,B,150"]),
            (Style::Simple(true), ["blue", "blue,black,brown", "R=100,G=200,B=150"]),
        ] {
            let found = [text(style, &Kind::Text, texts[0]), text(style, &COLORS, texts[1]), text(style, &RGB, texts[2])];
            assert_eq!(found.concat(), ["\"blue\"", LIST, OBJECT], "{style:?}");
        }
        let read = |style, kind: &Kind, query: &str| {
            let pairs = pairs(query).expect("pairs");
            in_pairs("color", style, kind, &pairs, Encoding::Form, &|_| false).expect("a value").expect("pairs")
        };
        for (style, queries) in [
            (Style::Form(false), ["color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
            (Style::Form(true), ["color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"]),
            (Style::SpaceDelimited, ["color=blue", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"]),
            (Style::PipeDelimited, ["color=blue", "color=blue%7Cblack|brown", "color=R%7C100%7CG%7C200%7CB%7C150"]),
        ] {
            let found = [read(style, &Kind::Text, queries[0]), read(style, &COLORS, queries[1]), read(style, &RGB, queries[2])];
            assert_eq!(found.concat(), ["\"blue\"", LIST, OBJECT], "{style:?}");
        }
        assert_eq!(read(Style::DeepObject, &RGB, "color%5BR%5D=100&color[G]=200&color[B]=150"), [OBJECT]);
        assert_eq!(read(Style::Json, &RGB, "color=%7B%22a%22%3A1%7D"), [r#"{"a":1}"#]);
    }

    #[test]
    fn a_text_without_the_form_of_its_style_is_malformed() {
        let text = |style, kind: &Kind, text: &str| in_text("id", style, kind, text, Encoding::Percent);
        assert_eq!(text(Style::Label(false), &Kind::Text, "a"), Err(Malformed::Prefix(".".to_owned())));
        assert_eq!(text(Style::Matrix(false), &Kind::Text, ";other=a"), Err(Malformed::Prefix(";id=".to_owned())));
        assert_eq!(text(Style::Simple(false), &RGB, "R,100,G"), Err(Malformed::Pair));
        assert_eq!(text(Style::Simple(false), &Kind::Text, "%ff"), Err(Malformed::Encoding));
        let twice = [("id".to_owned(), "1".to_owned()), ("id".to_owned(), "2".to_owned())];
        let found = in_pairs("id", Style::Form(true), &Kind::Number, &twice, Encoding::Form, &|_| false);
        assert_eq!(found, Err(Malformed::Repeated(2)));
    }

    #[test]
    fn an_exploded_object_does_not_contain_other_parameters() {
        let open = Kind::Object(&[("from", Kind::Number)], Some(&Kind::UNKNOWN));
        let pairs = pairs("limit=5&from=1&x=y").expect("pairs");
        let found = in_pairs("range", Style::Form(true), &open, &pairs, Encoding::Form, &|name| name == "limit");
        assert_eq!(found, Ok(Some(vec![r#"{"from":1,"x":"y"}"#.to_owned()])));
    }

    #[test]
    fn a_single_text_may_be_a_list_or_a_scalar() {
        let either = Kind::OneOf(&[Kind::List(&Kind::Text), Kind::Text]);
        let read = |text: &str| in_text("id", Style::Simple(false), &either, text, Encoding::Percent).expect("values");
        assert_eq!(read("a"), ["\"a\"", "[\"a\"]"]);
        assert_eq!(read("a,b"), ["[\"a\",\"b\"]", "\"a,b\""]);
    }

    #[test]
    fn a_form_is_an_object_by_the_styles_of_its_fields() {
        const ROLES: Kind = Kind::List(&Kind::Text);
        const LOGIN: Kind = Kind::Object(&[("user", Kind::Text), ("roles", ROLES), ("range", RGB)], Some(&Kind::Number));
        let read = |text: &str, styles: &[(&str, Style)]| form(&pairs(text).expect("pairs"), &LOGIN, styles).expect("a form");
        assert_eq!(read("user=a+b%26c&roles=x&roles=y&age=5", &[]), r#"{"user":"a b&c","roles":["x","y"],"age":5}"#);
        assert_eq!(read("range=%7B%22R%22%3A1%7D&roles=x", &[]), r#"{"roles":["x"],"range":{"R":1}}"#);
        assert_eq!(read("range[R]=1", &[("range", Style::DeepObject)]), r#"{"range":{"R":1}}"#);
    }
}
