//! Paths: the type of the value, whether it is certainly present, and the facts that narrow it.

use std::rc::Rc;

use super::{Infer, Seen, plain};
use crate::facts::{Facts, Path, Step};
use crate::typer::Key;
use charter_contract::invariant::{Alternative, Type};
use charter_contract::invariant::{Literal, Node, NodeKind};
use charter_contract::nearest;

/// The names of types.
pub(crate) const TYPES: [&str; 9] = ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type"];

impl Infer<'_, '_> {
    pub(crate) fn variable(&mut self, node: &Node, name: &str, facts: &Facts) -> Seen {
        let path = Path::variable(name);
        let Some(variable) = self.scope.iter().rev().find(|variable| variable.name == name) else {
            if TYPES.contains(&name) {
                return plain(Type::of(Alternative::Kind), facts);
            }
            let remedy = nearest(name, self.scope.iter().map(|variable| variable.name.as_str()).chain(["oldSelf"]));
            let type_ = self.report(node, format!("unknown variable `{name}`"), remedy);
            return plain(type_, facts);
        };
        let type_ = facts.types.get(&path).unwrap_or(&variable.type_).clone();
        self.at(path, type_, facts)
    }

    /// The value at a path; a boolean can be a condition.
    fn at(&mut self, path: Path, type_: Type, facts: &Facts) -> Seen {
        let boolean = !type_.reported && type_.has(|alternative| matches!(alternative, Alternative::Bool(_)));
        let (yes, no) = if boolean {
            let narrowed = |value| type_.equal_to(&Literal::Bool(value));
            (self.restrict(facts, &path, narrowed(true)), self.restrict(facts, &path, narrowed(false)))
        } else {
            (facts.clone(), facts.clone())
        };
        Seen { type_, path: Some(path), yes, no }
    }

    /// The facts if the value at a path has a type; the enclosing objects are narrowed too.
    pub(crate) fn restrict(&self, facts: &Facts, path: &Path, type_: Type) -> Facts {
        if type_.is_never() || facts.impossible {
            return Facts::nowhere();
        }
        let mut facts = facts.clone();
        if let Some((parent, Step::Key(name))) = path.split_last() {
            let around = self.type_at(&parent, &facts);
            let remaining = around.filter(|alternative| match alternative {
                Alternative::Object(case) => match self.typer.key(case, name) {
                    Key::Declared { schemas, .. } => self.typer.instance(&schemas).overlaps(&type_),
                    Key::Undeclared(other) => other.overlaps(&type_),
                    Key::Impossible => false,
                },
                Alternative::Null => false,
                _ => true,
            });
            if remaining != around {
                facts = self.restrict(&facts, &parent, remaining);
            }
        }
        Rc::make_mut(&mut facts.types).insert(path.clone(), type_);
        facts
    }

    /// The type of the value at a path, without regard to guards.
    pub(crate) fn type_at(&self, path: &Path, facts: &Facts) -> Type {
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

    /// The type of a member, and its presence.
    pub(crate) fn below(&self, base: &Type, step: &Step) -> (Type, Reach) {
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
                (Alternative::Map(value), Step::Key(_) | Step::Variable(_)) => {
                    reach.declared = true;
                    reach.always = false;
                    type_ = type_.or((**value).clone());
                }
                (Alternative::Object(case), Step::Variable(_)) => {
                    reach.declared = true;
                    reach.always = false;
                    type_ = type_.or(self.typer.values(case));
                }
                (Alternative::Record(fields), Step::Variable(_)) => {
                    reach.declared = true;
                    reach.always = false;
                    type_ = fields.values().fold(type_, |type_, field| type_.or(field.type_.clone()));
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
    pub(crate) fn read(&mut self, node: &Node, of: &Node, base: &Seen, step: Step, by_index: bool, facts: &Facts) -> Seen {
        if base.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| match step {
            Step::Key(_) | Step::Variable(_) => {
                matches!(alternative, Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_))
            }
            Step::Index(_) => matches!(alternative, Alternative::List(_)),
        };
        let wanted = if matches!(step, Step::Index(_)) { "a list" } else { "an object" };
        if self.require(of, base, fits, wanted).reported {
            return plain(Type::reported(), facts);
        }
        let (type_, reach) = self.below(&base.type_, &step);
        let path = base.path.as_ref().map(|path| path.child(step.clone()));
        let known = |path: &Path| match &step {
            Step::Key(_) => facts.present.contains(path),
            // The variable iterates over the keys of the object, or a test says that the object has the key.
            Step::Variable(name) => facts.present.contains(path) || self.is_key_of(name, path),
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
                Step::Variable(name) => (format!("`{node}` may be absent"), format!("guard it with {name} in {of}")),
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

    pub(crate) fn unknown_key(&mut self, node: &Node, base: &Seen, name: &str, open: bool) -> Type {
        let before = base.path.as_ref().map(|path| self.type_at(path, &Facts::default()));
        if before.is_some_and(|before| self.below(&before, &Step::Key(name.to_owned())).1.declared) {
            let remedy = Some("an earlier test excludes it: remove the test".to_owned());
            return self.report(node, format!("`{name}` cannot be present here"), remedy);
        }
        let mut names: Vec<&str> = Vec::new();
        for alternative in &base.type_.alternatives {
            match alternative {
                Alternative::Object(case) => names.extend(self.typer.names(case)),
                Alternative::Record(fields) => names.extend(fields.keys().map(String::as_str)),
                _ => {}
            }
        }
        let nearest = nearest(name, names.iter().copied());
        let hint = if open { format!("read an undeclared key as ['{name}'], guarded with '{name}' in …") } else { String::new() };
        let remedy = nearest.or_else(|| (!hint.is_empty()).then_some(hint)).or_else(|| {
            names.sort_unstable();
            names.dedup();
            (!names.is_empty() && names.len() <= 8).then(|| format!("expected one of {}", names.join(", ")))
        });
        self.report(node, format!("unknown field `{name}`"), remedy)
    }

    pub(crate) fn has(&mut self, node: &Node, of: &Node, field: &str, facts: &Facts) -> Seen {
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
        let member = path.child(Step::Key(field.to_owned()));
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
        let no = match facts.present.contains(&member) {
            true => Facts::nowhere(),
            false if may_lack == base.type_ => facts.clone(),
            false => self.restrict(facts, path, may_lack),
        };
        Rc::make_mut(&mut yes.present).insert(member);
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    /// Whether a variable iterates over the keys of the object that a path selects a member of.
    fn is_key_of(&self, name: &str, path: &Path) -> bool {
        let object = path.split_last().map(|(object, _)| object);
        self.scope
            .iter()
            .rev()
            .find(|variable| variable.name == name)
            .is_some_and(|variable| variable.key_of.is_some() && variable.key_of == object)
    }

    pub(crate) fn index(&mut self, node: &Node, of: &Node, key: &Node, facts: &Facts) -> Seen {
        let base = self.node(of, facts);
        let index = self.node(key, facts);
        match key.literal() {
            Some(Literal::String(name)) => return self.read(node, of, &base, Step::Key(name), true, facts),
            Some(Literal::Int(index)) => return self.read(node, of, &base, Step::Index(index), true, facts),
            _ => {}
        }
        if base.type_.reported || index.type_.reported {
            return plain(Type::reported(), facts);
        }
        if let NodeKind::Variable(name) = &key.kind
            && index.type_.all(|alternative| matches!(alternative, Alternative::String(_)))
            && self.scope.iter().any(|variable| variable.name == *name)
        {
            return self.read(node, of, &base, Step::Variable(name.clone()), true, facts);
        }
        let message = format!("no guard can ensure that `{node}` is present");
        let type_ =
            self.report(node, message, Some("write a literal key or index, or iterate over the list with all or exists".to_owned()));
        plain(type_, facts)
    }
}

/// The presence of a member.
pub(crate) struct Reach {
    /// Present in every alternative.
    pub(crate) always: bool,
    /// Declared by some alternative.
    pub(crate) declared: bool,
    /// Undeclared; some alternative allows additional keys.
    pub(crate) open: bool,
}

/// The path of a node.
pub(crate) fn path_of(node: &Node) -> Option<Path> {
    match &node.kind {
        NodeKind::Variable(name) => Some(Path::variable(name)),
        NodeKind::Select { of, field } => Some(path_of(of)?.child(Step::Key(field.clone()))),
        NodeKind::Index { of, key } => {
            let step = match (&key.kind, key.literal()) {
                (NodeKind::Variable(name), _) => Step::Variable(name.clone()),
                (_, Some(Literal::String(name))) => Step::Key(name),
                (_, Some(Literal::Int(index))) => Step::Index(index),
                _ => return None,
            };
            Some(path_of(of)?.child(step))
        }
        _ => None,
    }
}
