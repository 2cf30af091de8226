//! Arrays and objects in one text (`1,2`), and repeated values of one name (`id=1&id=2`).
//!
//! # Source
//! OpenAPI 3.2.1, "Style Values" and "Style Examples"; RFC 6570, sections 3.2.2 to 3.2.8. Where `explode` is not defined for
//! `spaceDelimited` and `pipeDelimited`, names are repeated, as OpenAPI 3.0 says.

use charter_contract::Style;
use indexmap::IndexMap;

use super::Malformed;
use super::candidates::Candidates;
use super::described::{Described, Types};
use super::text::{Escape, leaf, leaf_or_json};

/// How the pieces of a text with delimiters are separated and read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delimited<'d> {
    /// What separates pieces, still escaped.
    pub(super) delimiters: &'d [&'d str],
    /// Whether members of objects are written as `name=value`; else names and values alternate.
    pub(super) assigned: bool,
    /// How pieces are escaped.
    pub(super) escape: Escape,
    /// Whether the text is a list of a header field: white space around pieces and empty pieces are ignored, and a quoted string is
    /// not split. RFC 9110, sections 5.6.1.2 and 5.6.4.
    pub(super) list_field: bool,
}

impl<'d> Delimited<'d> {
    /// What separates pieces in a style without repeated names, still escaped.
    pub(super) fn delimiters_of(style: Style, escape: Escape) -> &'d [&'d str] {
        match (style, escape) {
            (Style::SpaceDelimited, Escape::None) => &[" "],
            (Style::SpaceDelimited, _) => &["%20", "+", " "],
            (Style::PipeDelimited, Escape::None) => &["|"],
            (Style::PipeDelimited, _) => &["|", "%7C", "%7c"],
            (Style::TabDelimited, Escape::None) => &["\t"],
            (Style::TabDelimited, _) => &["%09", "\t"],
            _ => &[","],
        }
    }

    /// The values that a text may mean: a primitive, an array or an object.
    pub(super) fn decode(&self, raw: &str, described: &Described<'_>) -> Result<Candidates, Malformed> {
        let shapes = self.shapes(raw, described)?;
        Ok(Candidates::one_of(shapes, &self.escape.decode(raw)?))
    }

    /// The shapes that a text may have, the most natural one first; empty if no allowed shape fits.
    pub(super) fn shapes(&self, raw: &str, described: &Described<'_>) -> Result<Vec<Candidates>, Malformed> {
        let types = described.types();
        let whole = || Ok(leaf(&self.escape.decode(raw)?, types));
        if types == Types::ANY {
            return Ok(vec![whole()?]);
        }
        let pieces = match raw {
            "" => Vec::new(),
            _ if self.list_field => split_list(raw),
            _ => split(raw, self.delimiters),
        };
        let pieces: Vec<&str> = pieces.into_iter().map(|piece| if self.list_field { super::fields::trim(piece) } else { piece }).collect();
        let mut shapes = Vec::new();
        if types.has(Types::OBJECT) {
            shapes.extend(self.object(&pieces, described)?);
        }
        if types.has(Types::ARRAY) {
            if self.list_field && pieces.contains(&"") {
                let filled: Vec<&str> = pieces.iter().copied().filter(|piece| !piece.is_empty()).collect();
                shapes.push(self.array(&filled, described)?);
            }
            shapes.push(self.array(&pieces, described)?);
            if raw.is_empty() {
                shapes.push(self.array(&[""], described)?);
            }
        }
        if types.has_primitive() {
            // A text without a delimiter is a primitive in the first place.
            let at = if pieces.len() > 1 { shapes.len() } else { 0 };
            shapes.insert(at, whole()?);
        }
        Ok(shapes)
    }

    fn array(&self, pieces: &[&str], described: &Described<'_>) -> Result<Candidates, Malformed> {
        let item = |(index, piece): (usize, &&str)| Ok(leaf_or_json(&self.escape.decode(piece)?, described.item(index).types()));
        Ok(Candidates::Array(pieces.iter().enumerate().map(item).collect::<Result<_, _>>()?))
    }

    /// The object that the pieces are; `None` if they are none.
    fn object(&self, pieces: &[&str], described: &Described<'_>) -> Result<Option<Candidates>, Malformed> {
        let pairs: Option<Vec<(&str, &str)>> = if self.assigned {
            pieces.iter().map(|piece| piece.split_once('=')).collect()
        } else {
            let (pairs, rest) = pieces.as_chunks::<2>();
            rest.is_empty().then(|| pairs.iter().map(|[name, value]| (*name, *value)).collect())
        };
        let Some(pairs) = pairs else { return Ok(None) };
        let pairs: Vec<(String, &str)> =
            pairs.into_iter().map(|(name, value)| Ok((self.escape.decode(name)?, value))).collect::<Result<_, Malformed>>()?;
        members(&pairs, described, self.escape).map(Some)
    }
}

/// The object of some pairs. A repeated name is an array.
pub(super) fn members(pairs: &[(String, &str)], described: &Described<'_>, escape: Escape) -> Result<Candidates, Malformed> {
    let mut values: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    let member = |(name, values): (&str, Vec<&str>)| Ok((name.to_owned(), repeated(&values, &described.property(name), escape)?));
    Ok(Candidates::Object(values.into_iter().map(member).collect::<Result<_, Malformed>>()?))
}

/// The values of a name that is repeated for each item of an array.
pub(super) fn repeated(raws: &[&str], described: &Described<'_>, escape: Escape) -> Result<Candidates, Malformed> {
    let values = occurrences(raws, described, |raw, described, is_item| {
        let (text, types) = (escape.decode(raw)?, described.types());
        Ok(if is_item { leaf_or_json(&text, types) } else { leaf(&text, types) })
    })?;
    // "Style Examples", column `undefined`: an array without items may be an empty value.
    let may_be_empty = *raws == [""] && described.types() != Types::ANY && described.types().has(Types::ARRAY);
    Ok(if may_be_empty { Candidates::OneOf(vec![values, Candidates::Array(Vec::new())]) } else { values })
}

/// The value of a name that occurs once for each item of an array. `decode` gets an occurrence, what the schema says about it, and
/// whether it is an item. There is at least one occurrence.
pub(super) fn occurrences<T, E>(
    all: &[T],
    described: &Described<'_>,
    decode: impl Fn(&T, &Described<'_>, bool) -> Result<Candidates, E>,
) -> Result<Candidates, E> {
    let types = described.types();
    let mut shapes = Vec::new();
    let may_be_items = all.len() > 1 || (types != Types::ANY && types.has(Types::ARRAY));
    if let [one] = all {
        match decode(one, described, false) {
            Ok(own) if types != Types::ARRAY || own.is_array() => shapes.push(own),
            // An occurrence that is not the whole value may be its only item.
            Err(error) if !may_be_items => return Err(error),
            _ => {}
        }
    }
    if may_be_items {
        // A repeated name where no array is allowed is a fault, and its items are shown in the types of the value.
        let is_allowed = types.has(Types::ARRAY);
        let item = |(index, one): (usize, &T)| {
            if is_allowed { decode(one, &described.item(index), true) } else { decode(one, described, true) }
        };
        shapes.push(Candidates::Array(all.iter().enumerate().map(item).collect::<Result<_, E>>()?));
    }
    Ok(Candidates::one_of(shapes, ""))
}

/// The pieces of a text between delimiters.
fn split<'r>(raw: &'r str, delimiters: &[&str]) -> Vec<&'r str> {
    let mut pieces = Vec::new();
    let (mut start, mut skipped) = (0, 0);
    for (at, _) in raw.char_indices() {
        if at < skipped {
            continue;
        }
        if let Some(delimiter) = delimiters.iter().find(|delimiter| raw[at..].starts_with(**delimiter)) {
            pieces.push(&raw[start..at]);
            start = at + delimiter.len();
            skipped = start;
        }
    }
    pieces.push(&raw[start..]);
    pieces
}

/// The elements of a list of a header field. A comma inside a quoted string is part of an element; a quote that is not closed is an
/// ordinary character.
fn split_list(field: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, char) in field.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                elements.push(&field[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if is_quoted {
        return split(field, &[","]);
    }
    elements.push(&field[start..]);
    elements
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::contract_of;
    use super::*;

    #[test]
    fn a_text_with_delimiters_is_each_allowed_shape() {
        let ids = json!({"type": "array", "items": {"type": "integer"}});
        let rgb = json!({"type": "object", "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}}});
        let names = json!({"type": "array", "items": {"type": "string"}});
        let either = json!({"anyOf": [{"type": "string"}, ids]});
        let comma = |assigned, list_field| Delimited { delimiters: &[","], assigned, escape: Escape::Percent, list_field };
        let cases = [
            (comma(false, false), &ids, "1,2", json!([1, 2])),
            (comma(false, false), &ids, "1", json!([1])),
            (comma(false, false), &ids, "1,b", json!([1, "b"])),
            // RFC 6570, section 3.2.1: only a delimiter that is not escaped separates.
            (comma(false, false), &ids, "1%2C2", json!(["1,2"])),
            (comma(false, false), &ids, "", json!([])),
            (comma(false, false), &ids, "1,,2", json!([1, "", 2])),
            // RFC 9110, section 5.6.1.2: empty elements and white space of a list are ignored.
            (comma(false, true), &ids, "1,, 2 ,\t3", json!([1, 2, 3])),
            (comma(false, false), &rgb, "R,100,G,200", json!({"R": 100, "G": 200})),
            (comma(true, false), &rgb, "R=100,G=200", json!({"R": 100, "G": 200})),
            (comma(true, true), &rgb, "R=100, G=200", json!({"R": 100, "G": 200})),
            (comma(true, false), &rgb, "X=1", json!({"X": "1"})),
            (comma(true, false), &rgb, "R=1,R=2", json!({"R": [1, 2]})),
            (comma(false, false), &rgb, "R,100,G", json!("R,100,G")),
            (comma(true, false), &rgb, "R,100", json!("R,100")),
            // RFC 9110, section 5.6.4; OpenAPI, Appendix D: the quotes are part of the value.
            (comma(false, true), &names, r#""a,b", c"#, json!([r#""a,b""#, "c"])),
            (comma(false, true), &names, r#""a\",b",c"#, json!([r#""a\",b""#, "c"])),
            (comma(false, true), &names, r#"W/"1",5" x"#, json!([r#"W/"1""#, "5\" x"])),
            (comma(false, false), &names, r#""a,b""#, json!(["\"a", "b\""])),
            (comma(false, false), &either, "1,2", json!([1, 2])),
            (comma(false, false), &either, "blue", json!("blue")),
            (comma(false, false), &json!({}), "1,2", json!("1,2")),
        ];
        for (delimited, schema, raw, expected) in cases {
            let (contract, id) = contract_of(schema);
            let found = delimited.decode(raw, &Described::new(contract.schemas(), Some(id))).expect(raw);
            assert_eq!(found.natural(), expected, "{raw} of {schema}");
        }
    }

    #[test]
    fn repeated_values_are_an_array() {
        let cases: [(Value, &[&str], Value); 9] = [
            (json!({"type": "array", "items": {"type": "integer"}}), &["1", "2"], json!([1, 2])),
            (json!({"type": "array", "items": {"type": "integer"}}), &["1"], json!([1])),
            (json!({"type": "array", "items": {"type": "string"}}), &[""], json!([""])),
            (json!({"type": "array", "items": {"type": "string"}}), &["a,b"], json!(["a,b"])),
            (json!({"type": "array"}), &["[1]"], json!(["[1]"])),
            (json!({"type": "integer"}), &["1"], json!(1)),
            (json!({"type": "integer"}), &["1", "2"], json!([1, 2])),
            (json!({"type": ["string", "array"], "items": {"type": "string"}}), &["a"], json!("a")),
            (json!({}), &["a", "b"], json!(["a", "b"])),
        ];
        for (schema, raws, expected) in cases {
            let (contract, id) = contract_of(&schema);
            let found = repeated(raws, &Described::new(contract.schemas(), Some(id)), Escape::Form).expect("values");
            assert_eq!(found.natural(), expected, "{raws:?} of {schema}");
        }
    }
}
