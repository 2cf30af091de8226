//! The types of an expression, node by node, with what tests have told on the way to each.
//!
//! A key that may be absent or null is read only where a guard has told that it is not. What a test tells holds where the test
//! is true, because CEL's `&&` hides an error on its right only behind a left side that is false.

use super::call;
use super::facts::{Facts, Path, Step};
use super::tree::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};
use super::types::{Alternative, Items, Key, List, Type, Typer};
use crate::suggest;

/// Items that a list without `maxItems` is taken to have where cost is reckoned.
const ASSUMED_ITEMS: u64 = 1_000;
/// Steps that nested lists may take together.
const COST_LIMIT: u64 = 1_000_000;
/// How deep quantifiers nest; one deeper where every list has `maxItems`.
const NESTING_LIMIT: usize = 2;

/// Something wrong with a node: where, what, and what may have been meant.
pub(super) struct Found {
    pub(super) token: std::ops::Range<usize>,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

/// What is known of one node of an expression that has been checked.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Typed {
    /// What its value can be.
    pub type_: Type,
    /// Why evaluating it can fail though it is well typed: an overflow, an index.
    pub may_fail: Option<&'static str>,
}

/// What checking one node came to.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) type_: Type,
    pub(super) path: Option<Path>,
    /// What is known where it is true.
    pub(super) yes: Facts,
    /// What is known where it is false.
    pub(super) no: Facts,
}

/// A variable in scope.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) type_: Type,
    /// The map or object whose keys the variable goes through.
    pub(super) key_of: Option<Path>,
}

pub(super) struct Infer<'t, 'c> {
    pub(super) typer: &'t Typer<'c>,
    pub(super) scope: Vec<Variable>,
    pub(super) typed: Vec<Typed>,
    pub(super) found: Vec<Found>,
    /// Items of the lists that the quantifiers around go through, and whether `maxItems` bounds each.
    loops: Vec<(u64, bool)>,
}

impl<'t, 'c> Infer<'t, 'c> {
    pub(super) fn new(typer: &'t Typer<'c>, variables: &[(&str, Type)], nodes: usize) -> Self {
        let scope =
            variables.iter().map(|(name, type_)| Variable { name: (*name).to_owned(), type_: type_.clone(), key_of: None }).collect();
        Self { typer, scope, typed: vec![Typed::default(); nodes], found: Vec::new(), loops: Vec::new() }
    }

    pub(super) fn report(&mut self, node: &Node, message: String, remedy: Option<String>) -> Type {
        self.found.push(Found { token: node.token.clone(), message, remedy });
        Type::reported()
    }

    pub(super) fn may_fail(&mut self, node: &Node, why: &'static str) {
        self.typed[node.id].may_fail = Some(why);
    }

    /// A node that decides something: it must be a boolean, and able to be either.
    pub(super) fn condition(&mut self, node: &Node, facts: &Facts) -> Seen {
        let mut seen = self.node(node, facts);
        if !seen.type_.all(|alternative| matches!(alternative, Alternative::Bool(_))) {
            let remedy = match seen.type_.may_be_null() {
                true => Some(format!("it may be null: write {node} == true")),
                false => seen.type_.has(|alternative| *alternative == Alternative::Any).then(|| format!("write {node} == true")),
            };
            seen.type_ = self.report(node, format!("a boolean is expected, not {}", seen.type_.words()), remedy);
        }
        // Of `&&`, `||`, `!` and `?:` the parts have been asked.
        let composed = matches!(
            &node.kind,
            NodeKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, .. }
                | NodeKind::Unary { .. }
                | NodeKind::Conditional { .. }
        );
        if !composed && !seen.type_.reported && !facts.impossible {
            let known = match (&node.kind, seen.yes.impossible, seen.no.impossible) {
                (_, true, _) => Some(false),
                (_, _, true) => Some(true),
                _ if !names_something(node) => Some(matches!(node.literal(), Some(Literal::Bool(true)))),
                _ => None,
            };
            if let Some(known) = known {
                let remedy = Some("a condition that cannot be otherwise tells nothing: drop it, or mend what it asks".to_owned());
                let message = match names_something(node) {
                    true => format!("`{node}` is always {known} here"),
                    false => format!("`{node}` is constant"),
                };
                self.report(node, message, remedy);
            }
        }
        if seen.yes.impossible && !facts.impossible {
            seen.yes = facts.clone();
        }
        if seen.no.impossible && !facts.impossible {
            seen.no = facts.clone();
        }
        seen
    }

    pub(super) fn node(&mut self, node: &Node, facts: &Facts) -> Seen {
        let seen = self.kind(node, facts);
        self.typed[node.id].type_ = seen.type_.clone();
        seen
    }

    fn kind(&mut self, node: &Node, facts: &Facts) -> Seen {
        match &node.kind {
            NodeKind::Literal(literal) => plain(literal_type(literal), facts),
            NodeKind::Variable(name) => self.variable(node, name, facts),
            NodeKind::Select { of, field } => {
                let base = self.node(of, facts);
                self.read(node, of, &base, Step::Key(field.clone()), false, facts)
            }
            NodeKind::Has { of, field } => self.has(node, of, field, facts),
            NodeKind::Index { of, key } => self.index(node, of, key, facts),
            NodeKind::Unary { operator: UnaryOperator::Not, of } => {
                let of = self.condition(of, facts);
                Seen { type_: bool_or_reported(&[&of.type_]), path: None, yes: of.no, no: of.yes }
            }
            NodeKind::Unary { operator: UnaryOperator::Negate, of } => {
                let seen = self.node(of, facts);
                if matches!(of.kind, NodeKind::Literal(_)) {
                    return plain(seen.type_, facts);
                }
                self.may_fail(node, "an int may overflow");
                let fits = |alternative: &Alternative| matches!(alternative, Alternative::Int | Alternative::Double);
                let type_ = self.require(of, &seen, fits, "a number");
                plain(type_, facts)
            }
            NodeKind::Binary { operator, left, right } => self.binary(node, *operator, left, right, facts),
            NodeKind::Conditional { test, then, otherwise } => {
                let test = self.condition(test, facts);
                let (then_seen, other_seen) = (self.node(then, &test.yes), self.node(otherwise, &test.no));
                if !then_seen.type_.overlaps(&other_seen.type_) && !then_seen.type_.may_be_null() && !other_seen.type_.may_be_null() {
                    let message = format!("one way gives {}, the other {}", then_seen.type_.words(), other_seen.type_.words());
                    let type_ = self.report(node, message, None);
                    return plain(type_, facts);
                }
                Seen {
                    type_: then_seen.type_.or(other_seen.type_),
                    path: None,
                    yes: then_seen.yes.join(other_seen.yes),
                    no: then_seen.no.join(other_seen.no),
                }
            }
            NodeKind::List(items) => self.list(items, facts),
            NodeKind::Map(entries) => {
                let mut values = Type::default();
                for (key, value) in entries {
                    self.node(key, facts);
                    values = values.or(self.node(value, facts).type_);
                }
                plain(Type::of(Alternative::Map(Box::new(values))), facts)
            }
            NodeKind::Call { function, of, arguments } => call::call(self, node, function, of.as_deref(), arguments, facts),
            NodeKind::Quantified { quantifier, range, variable, body, mapped } => {
                self.quantified(node, *quantifier, range, variable, body, mapped.as_deref(), facts)
            }
        }
    }

    fn variable(&mut self, node: &Node, name: &str, facts: &Facts) -> Seen {
        let path = Path::variable(name);
        let Some(variable) = self.scope.iter().rev().find(|variable| variable.name == name) else {
            let remedy = suggest::nearest(name, self.scope.iter().map(|variable| variable.name.as_str()).chain(["oldSelf"]));
            let type_ = self.report(node, format!("no variable is called `{name}` here"), remedy);
            return plain(type_, facts);
        };
        let type_ = facts.types.get(&path).unwrap_or(&variable.type_).clone();
        self.at(path, type_, facts)
    }

    /// A value that a path leads to: where it is a boolean it can be a condition.
    fn at(&mut self, path: Path, type_: Type, facts: &Facts) -> Seen {
        let boolean = !type_.reported && type_.has(|alternative| matches!(alternative, Alternative::Bool(_)));
        let (yes, no) = if boolean {
            let kept = |value| type_.equal_to(&Literal::Bool(value));
            (self.restrict(facts, &path, kept(true)), self.restrict(facts, &path, kept(false)))
        } else {
            (facts.clone(), facts.clone())
        };
        Seen { type_, path: Some(path), yes, no }
    }

    /// What is known once the value at a path is of a type; the objects around it are narrowed by it.
    pub(super) fn restrict(&self, facts: &Facts, path: &Path, type_: Type) -> Facts {
        if type_.is_never() || facts.impossible {
            return Facts::nowhere();
        }
        let mut facts = facts.clone();
        if let Some((parent, Step::Key(name))) = path.split_last() {
            let around = self.type_at(&parent, &facts);
            let kept = around.filter(|alternative| match alternative {
                Alternative::Object(case) => match self.typer.key(case, name) {
                    Key::Declared { schemas, .. } => self.typer.instance(&schemas).overlaps(&type_),
                    Key::Undeclared(other) => other.overlaps(&type_),
                    Key::Impossible => false,
                },
                Alternative::Null => false,
                _ => true,
            });
            if kept != around {
                facts = self.restrict(&facts, &parent, kept);
            }
        }
        facts.types.insert(path.clone(), type_);
        facts
    }

    /// The type of the value at a path, whatever guards it may need.
    fn type_at(&self, path: &Path, facts: &Facts) -> Type {
        if let Some(type_) = facts.types.get(path) {
            return type_.clone();
        }
        match path.split_last() {
            None => {
                let variable = self.scope.iter().rev().find(|variable| variable.name == path.variable);
                variable.map_or_else(Type::any, |variable| variable.type_.clone())
            }
            Some((parent, step)) => self.below(&self.type_at(&parent, facts), step).0,
        }
    }

    /// The value one step below a type, and how sure it is to be there.
    fn below(&self, base: &Type, step: &Step) -> (Type, Reach) {
        let (mut type_, mut reach) = (Type::default(), Reach { always: true, declared: false, open: false });
        for alternative in &base.alternatives {
            match (alternative, step) {
                (Alternative::Object(case), Step::Key(name)) => match self.typer.key(case, name) {
                    Key::Declared { schemas, required } => {
                        reach.declared = true;
                        reach.always &= required;
                        type_ = type_.or(self.typer.instance(&schemas));
                    }
                    Key::Undeclared(value) => {
                        reach.open = true;
                        reach.always = false;
                        type_ = type_.or(value);
                    }
                    Key::Impossible => reach.always = false,
                },
                (Alternative::Record(fields), Step::Key(name)) => match fields.get(name) {
                    Some(field) => {
                        reach.declared = true;
                        reach.always &= field.required;
                        type_ = type_.or(field.type_.clone());
                    }
                    None => reach.always = false,
                },
                (Alternative::Map(value), Step::Key(_)) => {
                    reach.declared = true;
                    reach.always = false;
                    type_ = type_.or((**value).clone());
                }
                (Alternative::List(list), Step::Index(index)) => {
                    reach.declared = true;
                    reach.always &= u64::try_from(*index).is_ok_and(|index| index < list.min);
                    type_ = type_.or(self.typer.item(list));
                }
                _ => reach.always = false,
            }
        }
        (type_, reach)
    }

    /// `base.field`, `base['key']`, `base[0]`.
    fn read(&mut self, node: &Node, of: &Node, base: &Seen, step: Step, by_index: bool, facts: &Facts) -> Seen {
        if base.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| match step {
            Step::Key(_) => matches!(alternative, Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_)),
            Step::Index(_) => matches!(alternative, Alternative::List(_)),
        };
        let wanted = if matches!(step, Step::Key(_)) { "an object" } else { "a list" };
        if self.require(of, base, fits, wanted).reported {
            return plain(Type::reported(), facts);
        }
        let (type_, reach) = self.below(&base.type_, &step);
        let path = base.path.as_ref().map(|path| path.child(step.clone()));
        let known = |path: &Path| match &step {
            Step::Key(_) => facts.present.contains(path),
            Step::Index(index) => {
                let length = path.split_last().and_then(|(list, _)| facts.lengths.get(&list).copied()).unwrap_or(0);
                u64::try_from(*index).is_ok_and(|index| index < length)
            }
        };
        let present = path.as_ref().is_some_and(known);
        if let Step::Key(name) = &step
            && !reach.declared
            && (!by_index || !reach.open)
        {
            let type_ = self.unknown_key(node, base, name, reach.open);
            return plain(type_, facts);
        }
        if !reach.always && !present && !facts.impossible {
            let (message, remedy) = match &step {
                Step::Key(name) if by_index => (format!("`{node}` may be absent"), format!("guard it with '{name}' in {of}")),
                Step::Key(_) => (format!("`{node}` may be absent"), format!("guard it with has({node})")),
                Step::Index(index) => (format!("`{of}` may have fewer items"), format!("guard it with size({of}) > {index}")),
            };
            let type_ = self.report(node, message, Some(remedy));
            return plain(type_, facts);
        }
        match path {
            Some(path) => {
                let type_ = facts.types.get(&path).cloned().unwrap_or(type_);
                self.at(path, type_, facts)
            }
            None => plain(type_, facts),
        }
    }

    fn unknown_key(&mut self, node: &Node, base: &Seen, name: &str, open: bool) -> Type {
        let before = base.path.as_ref().map(|path| self.type_at(path, &Facts::default()));
        if before.is_some_and(|before| self.below(&before, &Step::Key(name.to_owned())).1.declared) {
            let remedy = Some("what was asked before rules it out: drop the test".to_owned());
            return self.report(node, format!("`{name}` cannot be there any more"), remedy);
        }
        let mut names: Vec<&str> = Vec::new();
        for alternative in &base.type_.alternatives {
            match alternative {
                Alternative::Object(case) => names.extend(self.typer.names(case)),
                Alternative::Record(fields) => names.extend(fields.keys().map(String::as_str)),
                _ => {}
            }
        }
        let nearest = suggest::nearest(name, names.iter().copied());
        let hint = if open { format!("an undeclared key is read as ['{name}'], guarded with '{name}' in …") } else { String::new() };
        let remedy = nearest.or_else(|| (!hint.is_empty()).then_some(hint)).or_else(|| {
            names.sort_unstable();
            names.dedup();
            (!names.is_empty() && names.len() <= 8).then(|| format!("there are {}", names.join(", ")))
        });
        self.report(node, format!("no field is called `{name}` here"), remedy)
    }

    fn has(&mut self, node: &Node, of: &Node, field: &str, facts: &Facts) -> Seen {
        let base = self.node(of, facts);
        if base.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| matches!(alternative, Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_));
        if self.require(of, &base, fits, "an object").reported {
            return plain(Type::reported(), facts);
        }
        let (_, reach) = self.below(&base.type_, &Step::Key(field.to_owned()));
        if !reach.declared {
            let type_ = self.unknown_key(node, &base, field, reach.open);
            return plain(type_, facts);
        }
        let Some(path) = &base.path else {
            let no = if reach.always { Facts::nowhere() } else { facts.clone() };
            return Seen { type_: Type::bool(), path: None, yes: facts.clone(), no };
        };
        let asked = path.child(Step::Key(field.to_owned()));
        let may_have = base.type_.filter(|alternative| match alternative {
            Alternative::Object(case) => self.typer.key(case, field) != Key::Impossible,
            Alternative::Record(fields) => fields.contains_key(field),
            _ => true,
        });
        let may_lack = base.type_.filter(|alternative| match alternative {
            Alternative::Object(case) => !matches!(self.typer.key(case, field), Key::Declared { required: true, .. }),
            Alternative::Record(fields) => fields.get(field).is_none_or(|field| !field.required),
            _ => true,
        });
        let mut yes = if may_have == base.type_ { facts.clone() } else { self.restrict(facts, path, may_have) };
        let no = match facts.present.contains(&asked) {
            true => Facts::nowhere(),
            false if may_lack == base.type_ => facts.clone(),
            false => self.restrict(facts, path, may_lack),
        };
        yes.present.insert(asked);
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    fn index(&mut self, node: &Node, of: &Node, key: &Node, facts: &Facts) -> Seen {
        let base = self.node(of, facts);
        let asked = self.node(key, facts);
        match key.literal() {
            Some(Literal::String(name)) => return self.read(node, of, &base, Step::Key(name), true, facts),
            Some(Literal::Int(index)) => return self.read(node, of, &base, Step::Index(index), true, facts),
            _ => {}
        }
        if base.type_.reported || asked.type_.reported {
            return plain(Type::reported(), facts);
        }
        // A variable that goes through the keys of a map leads to one of its values.
        if let (NodeKind::Variable(name), Some(path)) = (&key.kind, &base.path)
            && self
                .scope
                .iter()
                .rev()
                .find(|variable| variable.name == *name)
                .is_some_and(|variable| variable.key_of.as_ref() == Some(path))
        {
            let values = base.type_.alternatives.iter().map(|alternative| match alternative {
                Alternative::Map(value) => (**value).clone(),
                _ => Type::any(),
            });
            return plain(values.fold(Type::default(), Type::or), facts);
        }
        let message = format!("whether `{node}` is there cannot be guarded");
        let type_ =
            self.report(node, message, Some("write the key or the index out, or go through the list with all or exists".to_owned()));
        plain(type_, facts)
    }

    /// The type of an operand, reported where an alternative does not fit.
    pub(super) fn require(&mut self, node: &Node, seen: &Seen, fits: impl Fn(&Alternative) -> bool, wanted: &str) -> Type {
        if seen.type_.all(&fits) {
            return seen.type_.clone();
        }
        let rest = seen.type_.filter(|alternative| !fits(alternative));
        let some = seen.type_.has(&fits);
        let (message, remedy) = if some && rest.all(|alternative| *alternative == Alternative::Null) {
            (format!("`{node}` may be null"), Some(format!("guard it with {node} != null")))
        } else if some && seen.type_.has(|alternative| *alternative == Alternative::Timestamp) {
            (format!("`{node}` may be no instant"), Some(format!("guard it with isInstant({node})")))
        } else if rest.has(|alternative| *alternative == Alternative::Any) {
            (
                format!("nothing is known of `{node}`: {wanted} is expected"),
                Some("it can be compared with == and !=; for more, say in the schema what it is".to_owned()),
            )
        } else {
            let is = if some { "may be" } else { "is" };
            (format!("{wanted} is expected, and `{node}` {is} {}", rest.words()), None)
        };
        self.report(node, message, remedy)
    }

    fn list(&mut self, items: &[Node], facts: &Facts) -> Seen {
        let mut type_ = Type::default();
        for item in items {
            let seen = self.node(item, facts);
            if !type_.is_never() && !type_.overlaps(&seen.type_) && !same_kind(&type_, &seen.type_) {
                let message = format!("the list holds {} and {}", type_.words(), seen.type_.words());
                let type_ = self.report(item, message, Some("the items of a list are of one kind".to_owned()));
                return plain(type_, facts);
            }
            type_ = type_.or(seen.type_);
        }
        let reported = type_.reported;
        let count = items.len() as u64;
        let mut type_ = Type::of(Alternative::List(List { items: Items::Type(Box::new(type_)), min: count, max: Some(count) }));
        type_.reported = reported;
        plain(type_, facts)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node")]
    fn quantified(
        &mut self,
        node: &Node,
        quantifier: Quantifier,
        range: &Node,
        variable: &str,
        body: &Node,
        mapped: Option<&Node>,
        facts: &Facts,
    ) -> Seen {
        let over = self.node(range, facts);
        if self.scope.iter().any(|known| known.name == variable) {
            let type_ =
                self.report(node, format!("`{variable}` is a name that is already taken"), Some("give the variable another".to_owned()));
            return plain(type_, facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(alternative, Alternative::List(_) | Alternative::Object(_) | Alternative::Map(_) | Alternative::Record(_))
        };
        if self.require(range, &over, fits, "a list").reported {
            return plain(Type::reported(), facts);
        }
        let (mut item, mut max, mut keys) = (Type::default(), Some(0), false);
        for alternative in &over.type_.alternatives {
            match alternative {
                Alternative::List(list) => {
                    item = item.or(self.typer.item(list));
                    max = max.zip(list.max).map(|(left, right)| left.max(right));
                }
                _ => {
                    keys = true;
                    item = item.or(Type::text());
                    max = None;
                }
            }
        }
        self.loops.push((max.unwrap_or(ASSUMED_ITEMS), max.is_some()));
        self.reckon(node);
        let key_of = over.path.clone().filter(|_| keys);
        self.scope.push(Variable { name: variable.to_owned(), type_: item.clone(), key_of });
        let mut inside = facts.clone();
        inside.forget(variable);
        let body_type = match (quantifier, mapped) {
            (Quantifier::Map, None) => self.node(body, &inside).type_,
            (_, mapped) => {
                let body = self.condition(body, &inside);
                mapped.map_or(body.type_.clone(), |mapped| self.node(mapped, &body.yes).type_)
            }
        };
        self.scope.pop();
        self.loops.pop();
        let reported = body_type.reported;
        let mut type_ = match quantifier {
            Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne => Type::bool(),
            Quantifier::Filter => Type::of(Alternative::List(List { items: Items::Type(Box::new(item)), min: 0, max })),
            Quantifier::Map => Type::of(Alternative::List(List { items: Items::Type(Box::new(body_type)), min: 0, max })),
        };
        type_.reported = reported;
        plain(type_, facts)
    }

    /// Refuses lists in lists that cost too much.
    pub(super) fn reckon(&mut self, node: &Node) {
        let depth = self.loops.len();
        let bounded = self.loops.iter().all(|(_, bounded)| *bounded);
        let cost = self.loops.iter().fold(1u64, |cost, (items, _)| cost.saturating_mul((*items).max(1)));
        if depth > NESTING_LIMIT + usize::from(bounded) {
            self.report(
                node,
                format!("lists are gone through {depth} deep"),
                Some("two are the limit, three where every list has maxItems".to_owned()),
            );
        } else if cost > COST_LIMIT {
            let message = format!("going through these lists may take {cost} steps, {COST_LIMIT} are the limit");
            self.report(node, message, Some(format!("a list without maxItems is taken for {ASSUMED_ITEMS} items")));
        }
    }

    /// Counts a look at every item of a list, where one stands inside a quantifier.
    pub(super) fn reckon_scan(&mut self, node: &Node, list: &Type) {
        if self.loops.is_empty() || list.reported {
            return;
        }
        let max = list.alternatives.iter().map(|alternative| match alternative {
            Alternative::List(list) => list.max.map_or((ASSUMED_ITEMS, false), |max| (max, true)),
            _ => (1, true),
        });
        let max = max.max().unwrap_or((1, true));
        let cost = self.loops.iter().fold(max.0, |cost, (items, _)| cost.saturating_mul((*items).max(1)));
        if cost > COST_LIMIT {
            self.report(node, format!("going through these lists may take {cost} steps, {COST_LIMIT} are the limit"), None);
        }
    }

    fn binary(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        match operator {
            BinaryOperator::And => {
                let first = self.condition(left, facts);
                let second = self.condition(right, &first.yes);
                let type_ = bool_or_reported(&[&first.type_, &second.type_]);
                Seen { type_, path: None, yes: second.yes, no: first.no.join(second.no) }
            }
            BinaryOperator::Or => {
                let first = self.condition(left, facts);
                let second = self.condition(right, &first.no);
                let type_ = bool_or_reported(&[&first.type_, &second.type_]);
                Seen { type_, path: None, yes: first.yes.join(second.yes), no: second.no }
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => self.equality(node, operator, left, right, facts),
            BinaryOperator::In => self.contained(node, left, right, facts),
            BinaryOperator::Less | BinaryOperator::LessEqual | BinaryOperator::Greater | BinaryOperator::GreaterEqual => {
                self.order(node, operator, left, right, facts)
            }
            _ => self.arithmetic(node, operator, left, right, facts),
        }
    }

    fn equality(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        if self.mixed_numbers(node, left, right, &a.type_, &b.type_) {
            return plain(Type::reported(), facts);
        }
        for (seen, other) in [(&a, right), (&b, left)] {
            if seen.type_.has(|alternative| *alternative == Alternative::Timestamp) && matches!(other.literal(), Some(Literal::String(_))) {
                let type_ = self.report(node, "an instant is no text".to_owned(), Some(format!("write timestamp({other})")));
                return plain(type_, facts);
            }
        }
        if !a.type_.overlaps(&b.type_) && !facts.impossible {
            let type_ = self.never_equal(node, left, right, &a, &b);
            return plain(type_, facts);
        }
        let (path, literal, type_) = match (&a.path, right.literal(), &b.path, left.literal()) {
            (Some(path), Some(literal), _, _) => (path, literal, &a.type_),
            (_, _, Some(path), Some(literal)) => (path, literal, &b.type_),
            _ => return length(facts, left, right, operator).unwrap_or_else(|| plain(Type::bool(), facts)),
        };
        let (equal, other) = (self.restrict(facts, path, type_.equal_to(&literal)), self.restrict(facts, path, type_.other_than(&literal)));
        let (yes, no) = if operator == BinaryOperator::Equal { (equal, other) } else { (other, equal) };
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    fn never_equal(&mut self, node: &Node, left: &Node, right: &Node, a: &Seen, b: &Seen) -> Type {
        for (literal, other, type_) in [(right, left, &a.type_), (left, right, &b.type_)] {
            match literal.literal() {
                Some(Literal::Null) => {
                    return self.report(node, format!("`{other}` is never null here"), Some("drop the comparison".to_owned()));
                }
                Some(Literal::String(text)) if type_.values().is_some() => return self.impossible_value(literal, other, type_, &text),
                _ => {}
            }
        }
        self.report(node, format!("{} never equals {}", a.type_.words(), b.type_.words()), None)
    }

    fn impossible_value(&mut self, literal: &Node, of: &Node, type_: &Type, text: &str) -> Type {
        let values = type_.values().unwrap_or_default();
        let remedy = suggest::nearest(text, values.iter().map(String::as_str));
        let listed = values.iter().cloned().collect::<Vec<_>>().join(", ");
        self.report(literal, format!("`{of}` is never '{text}' here"), remedy.or_else(|| Some(format!("it can be {listed}"))))
    }

    /// Integers and doubles compare only where one of them is written out; a literal has no rounding to hide.
    fn mixed_numbers(&mut self, node: &Node, left: &Node, right: &Node, a: &Type, b: &Type) -> bool {
        let whole = |type_: &Type| type_.has(|alternative| matches!(alternative, Alternative::Int | Alternative::Uint));
        let double = |type_: &Type| type_.has(|alternative| *alternative == Alternative::Double);
        let pure = |type_: &Type| !(whole(type_) && double(type_));
        if left.literal().is_some() || right.literal().is_some() || !pure(a) || !pure(b) {
            return false;
        }
        let mixed = (whole(a) && double(b)).then_some(left).or_else(|| (double(a) && whole(b)).then_some(right));
        if let Some(int) = mixed {
            self.report(node, "an int and a double are compared".to_owned(), Some(format!("write double({int})")));
        }
        mixed.is_some()
    }

    fn contained(&mut self, node: &Node, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(alternative, Alternative::List(_) | Alternative::Object(_) | Alternative::Map(_) | Alternative::Record(_))
        };
        if self.require(right, &b, fits, "a list").reported {
            return plain(Type::reported(), facts);
        }
        self.reckon_scan(node, &b.type_);
        if let (Some(path), NodeKind::List(items)) = (&a.path, &right.kind) {
            return self.one_of(left, items, path, &a.type_, facts);
        }
        for alternative in b.type_.alternatives.clone() {
            let item = match &alternative {
                Alternative::List(list) => self.typer.item(list),
                _ => Type::text(),
            };
            if !a.type_.overlaps(&item) {
                let type_ = match (left.literal(), item.values()) {
                    (Some(Literal::String(text)), Some(_)) => self.impossible_value(left, right, &item, &text),
                    _ => self.report(node, format!("{} is never among {}", a.type_.words(), item.words()), None),
                };
                return plain(type_, facts);
            }
        }
        let key = match (left.literal(), &b.path) {
            (Some(Literal::String(name)), Some(path)) if !b.type_.has(|alternative| matches!(alternative, Alternative::List(_))) => {
                path.child(Step::Key(name))
            }
            _ => return plain(Type::bool(), facts),
        };
        let Some((path, Step::Key(name))) = key.split_last() else { return plain(Type::bool(), facts) };
        let (_, reach) = self.below(&b.type_, &Step::Key(name.clone()));
        if !reach.declared && !reach.open {
            let type_ = self.unknown_key(left, &b, name, false);
            return plain(type_, facts);
        }
        let may_have = b.type_.filter(|alternative| match alternative {
            Alternative::Object(case) => self.typer.key(case, name) != Key::Impossible,
            _ => true,
        });
        let mut yes = if may_have == b.type_ { facts.clone() } else { self.restrict(facts, &path, may_have) };
        let no = if reach.always || facts.present.contains(&key) { Facts::nowhere() } else { facts.clone() };
        yes.present.insert(key);
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    /// `path in ['a', 'b']`
    fn one_of(&mut self, left: &Node, items: &[Node], path: &Path, type_: &Type, facts: &Facts) -> Seen {
        let (mut equal, mut other) = (Type::default(), type_.clone());
        for item in items {
            let Some(literal) = item.literal() else {
                return plain(Type::bool(), facts);
            };
            let kept = type_.equal_to(&literal);
            if kept.is_never() && !facts.impossible {
                match (&literal, type_.values()) {
                    (Literal::String(text), Some(_)) => self.impossible_value(item, left, type_, text),
                    _ => self.report(item, format!("`{left}` is {}, never {literal}", type_.words()), None),
                };
                return plain(Type::reported(), facts);
            }
            equal = equal.or(kept);
            if !other.is_never() {
                other = other.other_than(&literal);
            }
        }
        Seen { type_: Type::bool(), path: None, yes: self.restrict(facts, path, equal), no: self.restrict(facts, path, other) }
    }

    fn order(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let Some((kind, wanted)) = order_kind(&a.type_).or_else(|| order_kind(&b.type_)) else {
            let message = format!("{} and {} have no order", a.type_.words(), b.type_.words());
            let type_ = self.report(node, message, None);
            return plain(type_, facts);
        };
        for (operand, seen) in [(left, &a), (right, &b)] {
            if self.require(operand, seen, |alternative| kind_of(alternative) == Some(kind), wanted).reported {
                return plain(Type::reported(), facts);
            }
        }
        if self.mixed_numbers(node, left, right, &a.type_, &b.type_) {
            return plain(Type::reported(), facts);
        }
        length(facts, left, right, operator).unwrap_or_else(|| plain(Type::bool(), facts))
    }

    fn arithmetic(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        use Alternative::{Double, Duration, Int, Timestamp, Uint};
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(
                alternative,
                Int | Uint | Double | Timestamp | Duration | Alternative::String(_) | Alternative::Bytes | Alternative::List(_)
            )
        };
        // A value that may be an instant or text is neither yet.
        let settled = |seen: &Seen| fits(&seen.type_.alternatives[0]) && seen.type_.alternatives.len() == 1;
        for (operand, seen) in [(left, &a), (right, &b)] {
            let first = seen.type_.alternatives.iter().find(|alternative| fits(alternative)).cloned();
            let one = |alternative: &Alternative| {
                first.as_ref().is_some_and(|first| std::mem::discriminant(first) == std::mem::discriminant(alternative))
            };
            if (seen.type_.is_never() || !settled(seen)) && self.require(operand, seen, one, "a number, an instant or text").reported {
                return plain(Type::reported(), facts);
            }
        }
        let (l, r) = (&a.type_.alternatives[0], &b.type_.alternatives[0]);
        let type_ = match (operator, l, r) {
            (BinaryOperator::Modulo, Double, _) => None,
            (_, Int, Int) | (_, Uint, Uint) => Some(l.clone()),
            (_, Double, Double) => Some(Double),
            (BinaryOperator::Add, Alternative::String(_), Alternative::String(_)) => Some(Alternative::String(None)),
            (BinaryOperator::Add, Timestamp, Duration) | (BinaryOperator::Add, Duration, Timestamp) => Some(Timestamp),
            (BinaryOperator::Subtract, Timestamp, Duration) => Some(Timestamp),
            (BinaryOperator::Subtract, Timestamp, Timestamp) => Some(Duration),
            (BinaryOperator::Add | BinaryOperator::Subtract, Duration, Duration) => Some(Duration),
            _ => None,
        };
        let Some(type_) = type_ else {
            let remedy = match (l, r) {
                (Double, Int | Uint) => Some(number_remedy(right)),
                (Int | Uint, Double) => Some(number_remedy(left)),
                _ => None,
            };
            let message = format!("{} {} {} means nothing", a.type_.words(), operator.as_str(), b.type_.words());
            let type_ = self.report(node, message, remedy);
            return plain(type_, facts);
        };
        match (operator, &type_) {
            (BinaryOperator::Divide | BinaryOperator::Modulo, Int | Uint) => self.may_fail(node, "the divisor may be 0"),
            (_, Int | Uint | Timestamp | Duration) => self.may_fail(node, "it may overflow"),
            _ => {}
        }
        plain(Type::of(type_), facts)
    }
}

/// How sure a step is to lead somewhere.
struct Reach {
    /// Every alternative has it.
    always: bool,
    /// Some alternative declares it.
    declared: bool,
    /// Some alternative may have keys that it does not declare.
    open: bool,
}

/// A value that tells nothing by being true or false.
pub(super) fn plain(type_: Type, facts: &Facts) -> Seen {
    Seen { type_, path: None, yes: facts.clone(), no: facts.clone() }
}

fn bool_or_reported(types: &[&Type]) -> Type {
    if types.iter().any(|type_| type_.reported) { Type { reported: true, ..Type::bool() } } else { Type::bool() }
}

fn literal_type(literal: &Literal) -> Type {
    Type::of(match literal {
        Literal::Null => Alternative::Null,
        Literal::Bool(value) => Alternative::Bool(Some(*value)),
        Literal::Int(_) => Alternative::Int,
        Literal::Uint(_) => Alternative::Uint,
        Literal::Double(_) => Alternative::Double,
        Literal::String(text) => Alternative::String(Some([text.clone()].into())),
        Literal::Bytes(_) => Alternative::Bytes,
    })
}

/// Whether anything that can differ is named: without a variable an expression always comes to the same.
fn names_something(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Variable(_)) || node.children().into_iter().any(names_something)
}

fn same_kind(left: &Type, right: &Type) -> bool {
    let kinds = |type_: &Type| type_.alternatives.iter().map(Alternative::word).collect::<Vec<_>>();
    kinds(left).iter().any(|kind| kinds(right).contains(kind))
}

#[derive(Clone, Copy, PartialEq)]
enum OrderKind {
    Number,
    Text,
    Bytes,
    Instant,
    Duration,
    Bool,
}

fn kind_of(alternative: &Alternative) -> Option<OrderKind> {
    Some(match alternative {
        Alternative::Int | Alternative::Uint | Alternative::Double => OrderKind::Number,
        Alternative::String(_) => OrderKind::Text,
        Alternative::Bytes => OrderKind::Bytes,
        Alternative::Timestamp => OrderKind::Instant,
        Alternative::Duration => OrderKind::Duration,
        Alternative::Bool(_) => OrderKind::Bool,
        _ => return None,
    })
}

/// What a comparison is about; an instant goes before the text that it may also be.
fn order_kind(type_: &Type) -> Option<(OrderKind, &'static str)> {
    let kinds: Vec<OrderKind> = type_.alternatives.iter().filter_map(kind_of).collect();
    let kind = kinds.iter().find(|kind| **kind == OrderKind::Instant).or(kinds.first()).copied()?;
    let words = match kind {
        OrderKind::Number => "a number",
        OrderKind::Text => "text",
        OrderKind::Bytes => "bytes",
        OrderKind::Instant => "an instant",
        OrderKind::Duration => "a duration",
        OrderKind::Bool => "a boolean",
    };
    Some((kind, words))
}

fn number_remedy(node: &Node) -> String {
    match node.literal() {
        Some(literal) => format!("write {literal}.0"),
        None => format!("write double({node})"),
    }
}

/// What `size(list) > 0` and its kin tell of a list's length.
fn length(facts: &Facts, left: &Node, right: &Node, operator: BinaryOperator) -> Option<Seen> {
    let NodeKind::Call { function, of, arguments } = &left.kind else { return None };
    let asked = of.as_deref().or(arguments.first())?;
    let (true, Some(Literal::Int(count))) = (function == "size", right.literal()) else { return None };
    let count = u64::try_from(count).ok();
    let (yes_min, no_min): (Option<u64>, Option<u64>) = match (operator, count) {
        (BinaryOperator::Greater, Some(count)) => (Some(count + 1), None),
        (BinaryOperator::GreaterEqual, Some(0)) | (BinaryOperator::GreaterEqual | BinaryOperator::Greater, None) => {
            return Some(Seen { type_: Type::bool(), path: None, yes: facts.clone(), no: Facts::nowhere() });
        }
        (BinaryOperator::Less, Some(0)) | (BinaryOperator::Less | BinaryOperator::LessEqual | BinaryOperator::Equal, None) => {
            return Some(Seen { type_: Type::bool(), path: None, yes: Facts::nowhere(), no: facts.clone() });
        }
        (BinaryOperator::GreaterEqual | BinaryOperator::Equal, Some(count)) => (Some(count), (count == 0).then_some(1)),
        (BinaryOperator::NotEqual, Some(0)) => (Some(1), None),
        (BinaryOperator::NotEqual, count) => (None, count),
        (BinaryOperator::Less, count) => (None, count),
        (BinaryOperator::LessEqual, Some(count)) => (None, Some(count + 1)),
        _ => return None,
    };
    let path = path_of(asked)?;
    let with = |min: Option<u64>| {
        let mut facts = facts.clone();
        if let Some(min) = min {
            let known = facts.lengths.get(&path).copied().unwrap_or(0);
            facts.lengths.insert(path.clone(), min.max(known));
        }
        facts
    };
    Some(Seen { type_: Type::bool(), path: None, yes: with(yes_min), no: with(no_min) })
}

/// The path that a node spells.
fn path_of(node: &Node) -> Option<Path> {
    match &node.kind {
        NodeKind::Variable(name) => Some(Path::variable(name)),
        NodeKind::Select { of, field } => Some(path_of(of)?.child(Step::Key(field.clone()))),
        NodeKind::Index { of, key } => {
            let step = match key.literal()? {
                Literal::String(name) => Step::Key(name),
                Literal::Int(index) => Step::Index(index),
                _ => return None,
            };
            Some(path_of(of)?.child(step))
        }
        _ => None,
    }
}
