//! Compiles rules from their typed trees to Rust. The interpreter evaluates rules that cannot be expressed over the views.

use charter_contract::SchemaId;
use charter_contract::invariant::{BinaryOperator, Invariant, Literal, Node, NodeKind, Quantifier, Site, UnaryOperator};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::view::{View, Views};
use crate::context::Emit;
use crate::shape::{Shape, TypeId};

/// The rules of a contract.
pub(crate) struct Rules<'c> {
    /// The compiled rules.
    pub(crate) compiled: Vec<Rule<'c>>,
    /// The ids of the other rules, with the reasons.
    pub(crate) interpreted: Vec<(String, String)>,
}

/// A rule as Rust. The variable `at` is the view of its site.
pub(crate) struct Rule<'c> {
    pub(crate) invariant: &'c Invariant,
    /// The schema that it is on.
    pub(crate) on: SchemaId,
    /// The type of its site.
    pub(crate) site: TypeId,
    pub(crate) when: TokenStream,
    pub(crate) rule: TokenStream,
    pub(crate) interest: TokenStream,
}

/// Why a rule cannot be compiled.
type Why = String;

/// A part of a rule in Rust.
enum Code {
    Val(TokenStream),
    Object(TokenStream, TypeId),
    List(TokenStream, View),
}

impl Code {
    fn val(self) -> TokenStream {
        match self {
            Self::Val(tokens) => tokens,
            Self::Object(tokens, _) | Self::List(tokens, _) => quote!(#tokens.val()),
        }
    }
}

impl<'c> Rules<'c> {
    /// Compiles rules where possible, and marks the members that they read in the views.
    pub(crate) fn compile(emit: &Emit<'c>, views: &mut Views) -> Self {
        let mut rules = Self { compiled: Vec::new(), interpreted: Vec::new() };
        for invariant in &emit.contract.invariants().invariants {
            // The members that an uncompiled rule reads are not marked.
            let mut read = views.clone();
            match (Compile { emit, views: &mut read, scope: Vec::new() }).rule(invariant) {
                Ok(rule) => {
                    rules.compiled.push(rule);
                    *views = read;
                }
                Err(why) => rules.interpreted.push((invariant.id.clone(), why)),
            }
        }
        // The events of the rules on one schema have consecutive numbers.
        rules.compiled.sort_by_key(|rule| rule.on);
        rules
    }

    /// The consecutive numbers of the rules on a schema.
    pub(crate) fn about(&self, schema: SchemaId) -> impl Iterator<Item = usize> + '_ {
        self.compiled.iter().enumerate().filter(move |(_, rule)| rule.on == schema).map(|(number, _)| number)
    }
}

struct Compile<'r, 'c> {
    emit: &'r Emit<'c>,
    views: &'r mut Views,
    /// Variables of quantifiers: the name in the rule, the name in Rust, the view.
    scope: Vec<(String, proc_macro2::Ident, View)>,
}

impl<'c> Compile<'_, 'c> {
    fn rule(&mut self, invariant: &'c Invariant) -> Result<Rule<'c>, Why> {
        if invariant.old.is_some() {
            return Err("it compares two observations".to_owned());
        }
        let Site::Schema(site) = invariant.on else { return Err("it is on a response, not on a part of a body".to_owned()) };
        if invariant.mentions("request") || invariant.mentions("response") {
            return Err("it reads the request, or the status or header fields of the response".to_owned());
        }
        let shape = self.emit.shapes.uses.get(&site).map(|use_| &use_.shape);
        let Some(Shape::Named(type_) | Shape::Boxed(type_)) = shape else { return Err("its site is not an object".to_owned()) };
        let type_ = *type_;
        if !matches!(self.emit.shapes.types[type_.0].kind, crate::shape::TypeKind::Struct { .. }) {
            return Err("its site is not an object".to_owned());
        }
        let root = View::Object(type_);
        self.scope = vec![("self".to_owned(), format_ident!("at"), root)];
        let when = match &invariant.when {
            Some(when) => self.code(&when.root)?.val(),
            None => quote!(Val::Bool(true)),
        };
        let rule = self.code(&invariant.rule.root)?.val();
        let interest = match &invariant.interest {
            Some(interest) => self.code(interest)?.val(),
            None => quote!(Val::Bool(true)),
        };
        Ok(Rule { invariant, on: site, site: type_, when, rule, interest })
    }

    fn val(&mut self, node: &Node) -> Result<TokenStream, Why> {
        Ok(self.code(node)?.val())
    }

    fn code(&mut self, node: &Node) -> Result<Code, Why> {
        Ok(Code::Val(match &node.kind {
            NodeKind::Literal(literal) => constant(literal)?,
            NodeKind::Variable(name) => return self.variable(name),
            NodeKind::Select { of, field } => return self.field(of, field),
            NodeKind::Has { of, field } => {
                let field = self.field(of, field)?.val();
                quote!(#field.has())
            }
            NodeKind::Unary { operator: UnaryOperator::Not, of } => {
                let of = self.val(of)?;
                quote!(#of.not())
            }
            NodeKind::Binary { operator, left, right } => self.binary(*operator, left, right)?,
            NodeKind::Conditional { test, then, otherwise } => {
                let (test, then, otherwise) = (self.val(test)?, self.val(then)?, self.val(otherwise)?);
                quote!(#test.choose(|| #then, || #otherwise))
            }
            NodeKind::Call { function, of, arguments } => self.call(function, of.as_deref(), arguments)?,
            NodeKind::Quantified { quantifier, range, variable, value: None, body, mapped: None } => {
                let method = match quantifier {
                    Quantifier::All => format_ident!("all"),
                    Quantifier::Exists => format_ident!("exists"),
                    _ => return Err("it uses `exists_one`, or produces a list".to_owned()),
                };
                self.each(&method, range, variable, body)?
            }
            _ => return Err("it has an expression that views do not support".to_owned()),
        }))
    }

    fn variable(&self, name: &str) -> Result<Code, Why> {
        let (_, ident, view) = self.scope.iter().rev().find(|(known, ..)| known == name).ok_or_else(|| format!("it reads {name}"))?;
        Ok(match view {
            View::Val => Code::Val(quote!((*#ident))),
            View::Object(id) => Code::Object(quote!(Member::Present(#ident)), *id),
            View::List(item) => Code::List(quote!(#ident.as_ref()), (**item).clone()),
        })
    }

    fn field(&mut self, of: &Node, field: &str) -> Result<Code, Why> {
        let Code::Object(of, id) = self.code(of)? else {
            return Err(format!("it reads {field} of a value that is not an object with known keys"));
        };
        let view = self.views.member(self.emit, id, field);
        let (Some(view), Some(ident)) = (view, Views::ident(self.emit, id, field)) else {
            return Err(format!("it reads {field}, which differs between branches"));
        };
        self.views.mark(self.emit, id, field);
        Ok(match view {
            View::Val => Code::Val(quote!(#of.get(|of| of.#ident))),
            View::Object(id) => Code::Object(quote!(#of.of(|of| of.#ident.as_ref())), id),
            View::List(item) => Code::List(quote!(#of.of(|of| of.#ident.as_ref())), *item),
        })
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Node, right: &Node) -> Result<TokenStream, Why> {
        if operator == BinaryOperator::In {
            let NodeKind::List(items) = &right.kind else {
                return Err("it searches for a value in a list that is not a literal".to_owned());
            };
            let items = items.iter().map(|item| self.val(item)).collect::<Result<Vec<_>, _>>()?;
            let left = self.val(left)?;
            return Ok(quote!(#left.is_in(&[#(#items),*])));
        }
        let (left, right) = (self.val(left)?, self.val(right)?);
        Ok(match operator {
            BinaryOperator::And => quote!(#left.and(|| #right)),
            BinaryOperator::Or => quote!(#left.or(|| #right)),
            BinaryOperator::Equal => quote!(#left.equals(#right)),
            BinaryOperator::NotEqual => quote!(#left.differs(#right)),
            BinaryOperator::Less => quote!(#left.compares(#right, Ordering::is_lt)),
            BinaryOperator::LessEqual => quote!(#left.compares(#right, Ordering::is_le)),
            BinaryOperator::Greater => quote!(#left.compares(#right, Ordering::is_gt)),
            BinaryOperator::GreaterEqual => quote!(#left.compares(#right, Ordering::is_ge)),
            BinaryOperator::Add => quote!(#left.plus(#right)),
            BinaryOperator::Subtract => quote!(#left.minus(#right)),
            _ => return Err("it multiplies or divides".to_owned()),
        })
    }

    fn call(&mut self, function: &str, of: Option<&Node>, arguments: &[Node]) -> Result<TokenStream, Why> {
        let unknown = || format!("it calls {function}");
        match (function, of, arguments) {
            ("size", None, [list]) | ("size", Some(list), []) => Ok(match self.code(list)? {
                Code::Val(value) | Code::List(value, _) => quote!(#value.size()),
                Code::Object(..) => return Err(unknown()),
            }),
            ("isInstant", None, [value]) => self.val(value).map(|value| quote!(#value.is_instant())),
            ("isWhole", None, [value]) => self.val(value).map(|value| quote!(#value.is_whole())),
            ("milliseconds", None, [value]) => self.val(value).map(|value| quote!(#value.milliseconds())),
            ("duration", None, [text]) => {
                let Some(Literal::String(text)) = text.literal() else { return Err(unknown()) };
                let seconds: i64 = text.strip_suffix('s').and_then(|seconds| seconds.parse().ok()).ok_or_else(unknown)?;
                let nanoseconds = seconds.checked_mul(1_000_000_000).ok_or_else(unknown)?;
                Ok(quote!(Val::Duration(#nanoseconds)))
            }
            ("matches", Some(text), [pattern]) => {
                let Some(Literal::String(pattern)) = pattern.literal() else { return Err(unknown()) };
                let text = self.val(text)?;
                Ok(quote!(#text.matches({
                    static PATTERN: Pattern = Pattern::new(#pattern);
                    &PATTERN
                })))
            }
            ("startsWith" | "endsWith" | "contains", Some(text), [part]) => {
                let (text, part) = (self.val(text)?, self.val(part)?);
                let test = match function {
                    "startsWith" => quote!(|text, part| text.starts_with(part)),
                    "endsWith" => quote!(|text, part| text.ends_with(part)),
                    _ => quote!(|text, part| text.contains(part)),
                };
                Ok(quote!(#text.text(#part, #test)))
            }
            (
                "isAscending",
                None,
                [
                    Node {
                        kind: NodeKind::Quantified { quantifier: Quantifier::Map, range, variable, value: None, body, mapped: None },
                        ..
                    },
                ],
            ) => self.each(&format_ident!("ascending"), range, variable, body),
            _ => Err(unknown()),
        }
    }

    fn each(&mut self, method: &proc_macro2::Ident, range: &Node, variable: &str, body: &Node) -> Result<TokenStream, Why> {
        let Code::List(list, item) = self.code(range)? else {
            return Err("it iterates over a value that is not a list with a view".to_owned());
        };
        let ident = format_ident!("item_{}", self.scope.len());
        self.scope.push((variable.to_owned(), ident.clone(), item));
        let body = self.val(body);
        self.scope.pop();
        let body = body?;
        Ok(quote!(#list.#method(|#ident| #body)))
    }
}

fn constant(literal: &Literal) -> Result<TokenStream, Why> {
    Ok(match literal {
        Literal::Null => quote!(Val::Null),
        Literal::Bool(value) => quote!(Val::Bool(#value)),
        Literal::Int(value) => quote!(Val::Int(#value)),
        Literal::Double(value) => quote!(Val::Double(#value)),
        Literal::String(text) => quote!(Val::Text(#text)),
        Literal::Uint(_) | Literal::Bytes(_) => return Err("it has a constant that views do not support".to_owned()),
    })
}
