//! The JSON values that a serialised text may mean.

use serde_json::{Map, Value};

/// The maximum number of values that are tried for one text.
const MAX_TRIED: usize = 256;
/// The maximum number of texts in all the values that are tried, so that large bodies are tried less often.
const MAX_TEXTS: usize = 1 << 20;
/// The number of values that are tried for a body of any size.
const MIN_TRIED: usize = 4;

/// The JSON values that a text may mean, because the serialisation does not show types: `7` is a number and a string. The text is valid
/// if one of the values is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Candidates {
    /// Values, the most natural one first. Never empty.
    Leaf(Vec<Value>),
    /// An array of items.
    Array(Vec<Candidates>),
    /// An object of members, in order.
    Object(Vec<(String, Candidates)>),
    /// Several shapes, the most natural one first. Never empty.
    OneOf(Vec<Candidates>),
}

impl Candidates {
    /// One value.
    pub(crate) fn one(value: impl Into<Value>) -> Self {
        Self::Leaf(vec![value.into()])
    }

    /// Several shapes, the most natural one first. Without a shape, a text.
    pub(super) fn one_of(mut shapes: Vec<Self>, text: &str) -> Self {
        match shapes.len() {
            0 => Self::one(text),
            1 => shapes.remove(0),
            _ => Self::OneOf(shapes),
        }
    }

    /// The value to show if none is valid.
    pub(crate) fn natural(self) -> Value {
        match self {
            Self::Leaf(values) => values.into_iter().next().unwrap_or_default(),
            Self::Array(items) => items.into_iter().map(Self::natural).collect(),
            Self::Object(members) => Value::Object(members.into_iter().map(|(name, member)| (name, member.natural())).collect()),
            Self::OneOf(shapes) => shapes.into_iter().next().map(Self::natural).unwrap_or_default(),
        }
    }

    /// Whether the most natural value is an array.
    pub(super) fn is_array(&self) -> bool {
        match self {
            Self::Leaf(values) => values.first().is_some_and(Value::is_array),
            Self::Array(_) => true,
            Self::Object(_) => false,
            Self::OneOf(shapes) => shapes.first().is_some_and(Self::is_array),
        }
    }

    /// The first valid value, or the most natural one as the error. A limited number of values is tried.
    pub(crate) fn choose(self, mut is_valid: impl FnMut(&Value) -> bool) -> Result<Value, Value> {
        let count = self.count();
        // A body of JSON has one value, which can be large: it is moved, not copied.
        if count <= 1 {
            let only = self.natural();
            return if is_valid(&only) { Ok(only) } else { Err(only) };
        }
        let natural = self.nth(0);
        if is_valid(&natural) {
            return Ok(natural);
        }
        let tried = count.min((MAX_TEXTS / self.texts().max(1)).clamp(MIN_TRIED, MAX_TRIED));
        // Each text as the last type, usually a string: the first combinations do not reach it if there are many texts.
        let last = (count > tried).then_some(count - 1);
        (1..tried).chain(last).map(|index| self.nth(index)).find(is_valid).ok_or(natural)
    }

    /// The values, at most 256, the most natural one first.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<Value> {
        (0..self.count().min(MAX_TRIED)).map(|index| self.nth(index)).collect()
    }

    /// The number of values.
    fn count(&self) -> usize {
        let product = |count: usize, part: &Self| count.saturating_mul(part.count());
        match self {
            Self::Leaf(values) => values.len(),
            Self::Array(items) => items.iter().fold(1, product),
            Self::Object(members) => members.iter().map(|(_, member)| member).fold(1, product),
            Self::OneOf(shapes) => shapes.iter().fold(0, |count, shape| count.saturating_add(shape.count())),
        }
    }

    /// The number of texts in the largest value.
    fn texts(&self) -> usize {
        match self {
            Self::Leaf(_) => 1,
            Self::Array(items) => items.iter().map(Self::texts).sum(),
            Self::Object(members) => members.iter().map(|(_, member)| member.texts()).sum(),
            Self::OneOf(shapes) => shapes.iter().map(Self::texts).max().unwrap_or_default(),
        }
    }

    /// The value with an index below the number of values. The last item or member varies fastest.
    fn nth(&self, index: usize) -> Value {
        match self {
            Self::Leaf(values) => values.get(index).or(values.first()).cloned().unwrap_or_default(),
            Self::Array(items) => digits(index, items.iter()).map(|(item, digit)| item.nth(digit)).collect(),
            Self::Object(members) => {
                let values = digits(index, members.iter().map(|(_, member)| member)).map(|(member, digit)| member.nth(digit));
                let members = members.iter().map(|(name, _)| name.clone()).zip(values);
                Value::Object(members.collect::<Map<_, _>>())
            }
            Self::OneOf(shapes) => {
                let mut rest = index;
                for shape in shapes {
                    let count = shape.count();
                    if rest < count {
                        return shape.nth(rest);
                    }
                    rest -= count;
                }
                Value::Null
            }
        }
    }
}

/// The digits of an index in the mixed radix of the numbers of values of some candidates.
fn digits<'c>(
    index: usize,
    all: impl DoubleEndedIterator<Item = &'c Candidates> + ExactSizeIterator,
) -> impl Iterator<Item = (&'c Candidates, usize)> {
    let mut rest = index;
    let mut digits: Vec<(&Candidates, usize)> = Vec::with_capacity(all.len());
    for candidates in all.rev() {
        let count = candidates.count().max(1);
        digits.push((candidates, rest % count));
        rest /= count;
    }
    digits.into_iter().rev()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number_or_text(number: i64) -> Candidates {
        Candidates::Leaf(vec![number.into(), number.to_string().into()])
    }

    #[test]
    fn the_first_valid_value_is_chosen_and_else_the_most_natural_one() {
        let candidates = Candidates::OneOf(vec![
            Candidates::Array(vec![number_or_text(1), Candidates::one("b")]),
            Candidates::Object(vec![("1".to_owned(), Candidates::one("b"))]),
            Candidates::one("1,b"),
        ]);
        assert_eq!(candidates.all(), [json!([1, "b"]), json!(["1", "b"]), json!({"1": "b"}), json!("1,b")]);
        assert_eq!(candidates.clone().choose(Value::is_array), Ok(json!([1, "b"])));
        assert_eq!(candidates.clone().choose(|value| *value == json!(["1", "b"])), Ok(json!(["1", "b"])));
        assert_eq!(candidates.clone().choose(Value::is_string), Ok(json!("1,b")));
        assert_eq!(candidates.clone().choose(Value::is_null), Err(json!([1, "b"])));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let candidates = Candidates::Array((0..100).map(number_or_text).collect());
        assert_eq!(candidates.all().len(), MAX_TRIED);
        let mut tried = 0;
        assert!(
            candidates
                .choose(|_| {
                    tried += 1;
                    false
                })
                .is_err()
        );
        assert_eq!(tried, MAX_TRIED + 1);
        // Every text as a string is among the values that are tried.
        let few = Candidates::Array((0..12).map(number_or_text).collect());
        assert!(few.choose(|value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string))).is_ok());
        let large = Candidates::Array((0..1_000_000).map(number_or_text).collect());
        let mut tried = 0;
        assert!(
            large
                .choose(|_| {
                    tried += 1;
                    false
                })
                .is_err()
        );
        assert_eq!(tried, MIN_TRIED + 1);
    }
}
