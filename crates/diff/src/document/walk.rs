//! The differences of two documents as written, member by member.

use charter_contract::Location;
use charter_contract::objects::{Member, Object};
use serde_json::{Map, Value};

/// A member that differs.
#[derive(Debug)]
pub(super) struct Difference<'v> {
    /// The object that has the member.
    pub(super) object: Object,
    /// The member; empty if the objects differ as a whole.
    pub(super) member: String,
    /// The locations of the objects.
    pub(super) at: (Location, Location),
    /// The locations of the member, or of the entry of the member that is added or removed.
    pub(super) old: Location,
    pub(super) new: Location,
    pub(super) before: Option<&'v Value>,
    pub(super) after: Option<&'v Value>,
    /// Whether an entry of the member, and not the member, differs.
    pub(super) is_entry: bool,
    /// The objects.
    pub(super) owners: (&'v Value, &'v Value),
}

/// The value of an object that is not known.
static NONE: Value = Value::Null;

#[derive(Default)]
pub(super) struct Walk<'v> {
    pub(super) differences: Vec<Difference<'v>>,
    /// The objects whose members are walked.
    owners: Option<(&'v Value, &'v Value)>,
}

/// Whether two items of a list correspond.
type Belong<'f> = &'f dyn Fn(&Value, &Value) -> bool;

impl<'v> Walk<'v> {
    /// Collects the differences of two objects of the same kind.
    pub(super) fn object(&mut self, before: &'v Value, after: &'v Value, object: Object, old: &Location, new: &Location) {
        if before == after {
            return;
        }
        let (Value::Object(left), Value::Object(right)) = (before, after) else {
            self.push(object, "", (old, new), (old.clone(), new.clone()), (Some(before), Some(after)), false);
            return;
        };
        let is_replaced = |key: &str| match object {
            // The members of a scheme depend on its type.
            Object::SecurityScheme if left.get("type") != right.get("type") => {
                matches!(key, "name" | "in" | "scheme" | "bearerFormat" | "flows" | "openIdConnectUrl")
            }
            // A parameter has either `schema` or `content`.
            Object::Parameter | Object::Header if left.contains_key("schema") != right.contains_key("schema") => {
                key == "schema" && (left.contains_key("content") != right.contains_key("content"))
            }
            _ => false,
        };
        for key in keys(left, right) {
            let (one, other) = (left.get(key), right.get(key));
            if one == other || is_replaced(key) {
                continue;
            }
            if key == "content" && is_replaced("schema") {
                self.push(object, key, (old, new), (old.child(key), new.child(key)), (one, other), false);
                continue;
            }
            self.owners = Some((before, after));
            self.member(object, key, (old, new), one, other);
        }
    }

    fn member(&mut self, object: Object, key: &str, at: (&Location, &Location), one: Option<&'v Value>, other: Option<&'v Value>) {
        let (old, new) = (at.0.child(key), at.1.child(key));
        match (object.member(key), one, other) {
            (Some(Member::One(inner)), Some(one), Some(other)) => self.object(one, other, inner, &old, &new),
            (Some(Member::List(inner)), Some(Value::Array(left)), Some(Value::Array(right))) => {
                self.list(object, key, at, inner, left, right);
            }
            (Some(Member::List(inner)), Some(one @ Value::Object(_)), Some(other @ Value::Object(_))) => {
                self.object(one, other, inner, &old, &new);
            }
            (Some(Member::Named(inner) | Member::Patterned(inner)), Some(Value::Object(left)), Some(Value::Object(right))) => {
                let same = |entries: &'v Map<String, Value>, name: &str| entries.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
                for name in keys(left, right) {
                    let (one, other) = (left.get(name), right.get(name));
                    // The names of header fields are case-insensitive.
                    if inner == Object::Header && (one.is_none() && same(left, name).is_some()) {
                        continue;
                    }
                    if inner == Object::Header
                        && let (Some(one), None, Some((renamed, other))) = (one, other, same(right, name))
                    {
                        let places = (old.child(name), new.child(renamed));
                        self.object(one, other, inner, &places.0, &places.1);
                        self.push(object, key, at, places, (Some(one), Some(other)), true);
                        continue;
                    }
                    match (one, other) {
                        (Some(one), Some(other)) => self.object(one, other, inner, &old.child(name), &new.child(name)),
                        _ => self.push(object, key, at, (old.child(name), new.child(name)), (one, other), true),
                    }
                }
            }
            // The entries of a member that is added or removed are added or removed.
            (Some(Member::Named(_) | Member::Patterned(_)), one, other)
                if [one, other].into_iter().flatten().all(|value| value.as_object().is_some_and(|entries| !entries.is_empty())) =>
            {
                for (name, entry) in one.or(other).and_then(Value::as_object).into_iter().flatten() {
                    let sides = if one.is_some() { (Some(entry), None) } else { (None, Some(entry)) };
                    self.push(object, key, at, (old.child(name), new.child(name)), sides, true);
                }
            }
            _ => self.push(object, key, at, (old, new), (one, other), false),
        }
    }

    /// Pairs equal items first, then items of the same name, then the others in order.
    fn list(&mut self, object: Object, key: &str, at: (&Location, &Location), inner: Object, left: &'v [Value], right: &'v [Value]) {
        let (old, new) = (at.0.child(key), at.1.child(key));
        let mut before: Vec<usize> = (0..left.len()).collect();
        let mut after: Vec<usize> = (0..right.len()).collect();
        if before.len() == after.len() && before.iter().all(|index| right.contains(&left[*index])) && inner != Object::Schema {
            self.push(object, key, at, (old, new), (None, None), false);
            return;
        }
        let is_reordered = left.len() == right.len() && left.iter().all(|item| right.contains(item));
        if is_reordered {
            self.push(object, key, at, (old, new), (None, None), false);
            return;
        }
        let name = |value: &Value| -> Option<(String, String)> {
            let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            let named = |place: String, name: String| {
                // The names of header fields are case-insensitive.
                let name = if place == "header" { name.to_lowercase() } else { name };
                (place, name)
            };
            text("$ref").map(|reference| ("$ref".to_owned(), reference)).or_else(|| Some(named(text("in")?, text("name")?)))
        };
        // Equal items belong together first, then items with the same name.
        let rounds: [Belong<'_>; 2] = [&|one, other| one == other, &|one, other| name(one).is_some() && name(one) == name(other)];
        for belong in rounds {
            before.retain(|one| match after.iter().position(|other| belong(&left[*one], &right[*other])) {
                Some(index) => {
                    let other = after.remove(index);
                    self.object(&left[*one], &right[other], inner, &old.child(one), &new.child(other));
                    false
                }
                None => true,
            });
        }
        if inner == Object::Schema {
            for (one, other) in before.iter().zip(&after) {
                self.object(&left[*one], &right[*other], inner, &old.child(one), &new.child(other));
            }
            let common = before.len().min(after.len());
            before.drain(..common);
            after.drain(..common);
        }
        for one in before {
            self.push(object, key, at, (old.child(one), new.clone()), (Some(&left[one]), None), true);
        }
        for other in after {
            self.push(object, key, at, (old.clone(), new.child(other)), (None, Some(&right[other])), true);
        }
    }

    fn push(
        &mut self,
        object: Object,
        member: &str,
        at: (&Location, &Location),
        (old, new): (Location, Location),
        (before, after): (Option<&'v Value>, Option<&'v Value>),
        is_entry: bool,
    ) {
        let at = (at.0.clone(), at.1.clone());
        let owners = self.owners.unwrap_or((&NONE, &NONE));
        self.differences.push(Difference { object, member: member.to_owned(), at, old, new, before, after, is_entry, owners });
    }
}

/// The keys of two objects, each once.
fn keys<'v>(left: &'v Map<String, Value>, right: &'v Map<String, Value>) -> impl Iterator<Item = &'v String> {
    left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)))
}
