//! The text of a rule to an expression tree. Types of the `cel` crate stay in this file.

use std::cell::Cell;
use std::panic::catch_unwind;
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo};

use crate::plain;
use charter_contract::invariant::{BinaryOperator, Expression, Literal, Node, NodeKind, Quantifier, UnaryOperator};

/// The maximum length of an expression in bytes.
const LENGTH_LIMIT: usize = 2_000;
/// The maximum number of operators, calls and selections: the parser recurses on chains of them without a bound.
const OPERATOR_LIMIT: usize = 400;
/// The maximum nesting of brackets.
const NESTING_LIMIT: u16 = 48;
/// The stack size of the parser thread: enough for the limits above, with the large frames of unoptimised builds.
const STACK: usize = 64 << 20;

/// A syntax error: the message and the byte in the expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (byte {byte})")]
pub struct ParseProblem {
    /// The message.
    pub message: String,
    /// The byte offset in the expression.
    pub byte: usize,
}

/// Parses one expression, within the limits on length, operators and nesting.
///
/// # Errors
/// The expression is not valid CEL or exceeds a limit.
pub fn parse(text: &str) -> Result<Expression, ParseProblem> {
    refuse_size(text)?;
    if let Some(expression) = plain::parse(text) {
        return Ok(expression);
    }
    let thread = PARSER.as_ref().ok_or_else(|| refused("the parser thread could not be started"))?;
    let gave_up = || refused("the parser gave up");
    let (sender, receiver) = sync_channel(1);
    thread.send((text.to_owned(), sender)).map_err(|_| gave_up())?;
    receiver.recv().map_err(|_| gave_up())?
}

/// A text to parse, and where the result goes.
type ParseRequest = (String, SyncSender<Result<Expression, ParseProblem>>);

/// The parser thread with a large stack, started on first use and shared.
static PARSER: LazyLock<Option<Sender<ParseRequest>>> = LazyLock::new(|| {
    let (sender, receiver) = channel::<ParseRequest>();
    let parse_all = move || {
        for (text, result) in receiver {
            let parsed = catch_unwind(|| parse_within_limits(&text)).unwrap_or_else(|_| Err(refused("the parser gave up")));
            // The caller may have stopped waiting.
            let _ = result.send(parsed);
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(parse_all).ok().map(|_| sender)
});

fn refused(message: &str) -> ParseProblem {
    ParseProblem { message: message.to_owned(), byte: 0 }
}

fn parse_within_limits(text: &str) -> Result<Expression, ParseProblem> {
    // Without macros, the parser returns `has`, `all` and similar as ordinary calls.
    let parser = cel::Env::default().parser().max_recursion_depth(NESTING_LIMIT).enable_ident_escape_syntax(true);
    let (expr, info) = parser.parse_with_source_info(text).map_err(|errors| {
        let first = errors.errors.first();
        let (line, column) = first.map_or((1, 1), |error| error.pos);
        let byte = line_start(text, line) + usize::try_from(column - 1).unwrap_or(0);
        ParseProblem { message: first.map_or_else(|| "does not parse".to_owned(), |error| error.msg.clone()), byte: byte.min(text.len()) }
    })?;
    let reader = Reader { info: &info, text, nodes: Cell::new(0) };
    let root = reader.node(&expr)?;
    Ok(Expression { text: text.to_owned(), root, nodes: reader.nodes.get() })
}

/// Applies the limits to the text before it is parsed.
fn refuse_size(text: &str) -> Result<(), ParseProblem> {
    if text.len() > LENGTH_LIMIT {
        return Err(ParseProblem { message: format!("longer than {LENGTH_LIMIT} bytes"), byte: LENGTH_LIMIT });
    }
    let operators = text.match_indices(['+', '-', '*', '/', '%', '<', '>', '=', '!', '&', '|', '?', '.', '(', '[', '{']);
    if let Some(byte) = operators.map(|(at, _)| at).nth(OPERATOR_LIMIT) {
        return Err(ParseProblem { message: format!("more than {OPERATOR_LIMIT} operators"), byte });
    }
    // Brackets inside strings count too, which is simpler and does not restrict real rules.
    let mut depth = 0u16;
    for (byte, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_LIMIT {
            return Err(ParseProblem { message: format!("brackets nested more than {NESTING_LIMIT} levels deep"), byte });
        }
    }
    Ok(())
}

fn line_start(text: &str, line: isize) -> usize {
    let earlier = usize::try_from(line - 1).unwrap_or(0);
    text.split_inclusive('\n').take(earlier).map(str::len).sum()
}

struct Reader<'a> {
    info: &'a SourceInfo,
    text: &'a str,
    /// The number of nodes so far.
    nodes: Cell<usize>,
}

impl Reader<'_> {
    fn token(&self, expr: &IdedExpr) -> std::ops::Range<usize> {
        let (start, end) = self.info.offset_for(expr.id).unwrap_or((0, 0));
        let start = (start as usize).min(self.text.len());
        start..(end as usize + 1).clamp(start, self.text.len())
    }

    fn refuse<T>(&self, expr: &IdedExpr, message: impl Into<String>) -> Result<T, ParseProblem> {
        Err(ParseProblem { message: message.into(), byte: self.token(expr).start })
    }

    fn boxed(&self, expr: &IdedExpr) -> Result<Box<Node>, ParseProblem> {
        self.node(expr).map(Box::new)
    }

    fn node(&self, expr: &IdedExpr) -> Result<Node, ParseProblem> {
        let id = self.nodes.replace(self.nodes.get() + 1);
        let kind = match &expr.expr {
            Expr::Literal(literal) => NodeKind::Literal(self.literal(literal)),
            Expr::Ident(name) => NodeKind::Variable(name.clone()),
            Expr::Select(select) => {
                let (of, field) = (self.boxed(&select.operand)?, select.field.clone());
                if select.test { NodeKind::Has { of, field } } else { NodeKind::Select { of, field } }
            }
            Expr::List(list) => NodeKind::List(list.elements.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?),
            Expr::Map(map) => {
                let mut entries = Vec::new();
                for entry in &map.entries {
                    match &entry.expr {
                        EntryExpr::MapEntry(entry) => entries.push((self.node(&entry.key)?, self.node(&entry.value)?)),
                        EntryExpr::StructField(_) => return self.refuse(expr, "a field where an entry is expected"),
                    }
                }
                NodeKind::Map(entries)
            }
            Expr::Call(call) => self.call(expr, &call.func_name, call.target.as_deref(), &call.args)?,
            Expr::Comprehension(_) | Expr::Struct(_) | Expr::Unspecified => {
                return self.refuse(expr, "messages are not supported in a rule");
            }
        };
        Ok(Node { id, token: self.token(expr), kind })
    }

    fn literal(&self, literal: &LiteralValue) -> Literal {
        match literal {
            LiteralValue::Null => Literal::Null,
            LiteralValue::Boolean(value) => Literal::Bool(*value.inner()),
            LiteralValue::Int(value) => Literal::Int(*value.inner()),
            LiteralValue::UInt(value) => Literal::Uint(*value.inner()),
            LiteralValue::Double(value) => Literal::Double(*value.inner()),
            LiteralValue::String(value) => Literal::String(value.inner().to_owned()),
            LiteralValue::Bytes(value) => Literal::Bytes(value.inner().to_vec()),
        }
    }

    fn call(&self, expr: &IdedExpr, name: &str, target: Option<&IdedExpr>, arguments: &[IdedExpr]) -> Result<NodeKind, ParseProblem> {
        match (name, target, arguments) {
            ("!_", None, [of]) => Ok(NodeKind::Unary { operator: UnaryOperator::Not, of: self.boxed(of)? }),
            ("-_", None, [of]) => Ok(NodeKind::Unary { operator: UnaryOperator::Negate, of: self.boxed(of)? }),
            ("_?_:_", None, [test, then, otherwise]) => {
                Ok(NodeKind::Conditional { test: self.boxed(test)?, then: self.boxed(then)?, otherwise: self.boxed(otherwise)? })
            }
            ("_[_]", None, [of, key]) => Ok(NodeKind::Index { of: self.boxed(of)?, key: self.boxed(key)? }),
            ("has", None, [operand]) => match self.node(operand)?.kind {
                NodeKind::Select { of, field } => Ok(NodeKind::Has { of, field }),
                _ => self.refuse(expr, "`has` takes a field: write has(self.field)"),
            },
            (_, None, [left, right]) if binary(name).is_some() => {
                let operator = binary(name).unwrap_or(BinaryOperator::And);
                Ok(NodeKind::Binary { operator, left: self.boxed(left)?, right: self.boxed(right)? })
            }
            (_, Some(range), [variable, rest @ ..]) if quantifier(name).is_some() => {
                let quantifier = quantifier(name).unwrap_or(Quantifier::All);
                self.quantified(expr, quantifier, range, variable, rest)
            }
            _ if name.starts_with('_') || name.starts_with('@') => {
                self.refuse(expr, "optional selection is not supported in a rule: guard with has()")
            }
            _ => Ok(NodeKind::Call {
                function: name.to_owned(),
                of: target.map(|target| self.boxed(target)).transpose()?,
                arguments: arguments.iter().map(|argument| self.node(argument)).collect::<Result<_, _>>()?,
            }),
        }
    }

    fn quantified(
        &self,
        expr: &IdedExpr,
        quantifier: Quantifier,
        range: &IdedExpr,
        variable: &IdedExpr,
        rest: &[IdedExpr],
    ) -> Result<NodeKind, ParseProblem> {
        let Expr::Ident(name) = &variable.expr else {
            return self.refuse(variable, "the first argument names the variable: write list.all(item, …)");
        };
        let mut value = None;
        let (body, mapped) = match (quantifier, rest) {
            (Quantifier::Map, [filter, mapped]) => (filter, Some(self.boxed(mapped)?)),
            (_, [body]) => (body, None),
            (Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne, [second, body]) => {
                let Expr::Ident(second_name) = &second.expr else {
                    return self.refuse(second, "the second argument names the variable of the value: write map.all(key, value, …)");
                };
                if second_name == name {
                    return self.refuse(second, "the key and the value need different names");
                }
                value = Some(second_name.clone());
                (body, None)
            }
            _ => return self.refuse(expr, "a variable and a condition are expected"),
        };
        Ok(NodeKind::Quantified { quantifier, range: self.boxed(range)?, variable: name.clone(), value, body: self.boxed(body)?, mapped })
    }
}

fn binary(name: &str) -> Option<BinaryOperator> {
    Some(match name {
        "_&&_" => BinaryOperator::And,
        "_||_" => BinaryOperator::Or,
        "_==_" => BinaryOperator::Equal,
        "_!=_" => BinaryOperator::NotEqual,
        "_<_" => BinaryOperator::Less,
        "_<=_" => BinaryOperator::LessEqual,
        "_>_" => BinaryOperator::Greater,
        "_>=_" => BinaryOperator::GreaterEqual,
        "@in" => BinaryOperator::In,
        "_+_" => BinaryOperator::Add,
        "_-_" => BinaryOperator::Subtract,
        "_*_" => BinaryOperator::Multiply,
        "_/_" => BinaryOperator::Divide,
        "_%_" => BinaryOperator::Modulo,
        _ => return None,
    })
}

pub(crate) fn quantifier(name: &str) -> Option<Quantifier> {
    Some(match name {
        "all" => Quantifier::All,
        "exists" => Quantifier::Exists,
        "exists_one" | "existsOne" => Quantifier::ExistsOne,
        "map" => Quantifier::Map,
        "filter" => Quantifier::Filter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(text: &str, message: &str) {
        let problem = parse(text).expect_err(text);
        assert!(problem.message.contains(message), "{text}: {}", problem.message);
        assert!(problem.byte <= text.len());
    }

    #[test]
    fn an_expression_becomes_a_tree() {
        let parsed = parse("has(self.files) && self.files.all(f, f.size >= 0)").expect("a rule");
        let NodeKind::Binary { operator: BinaryOperator::And, left, right } = &parsed.root.kind else { panic!("{parsed:?}") };
        assert!(matches!(&left.kind, NodeKind::Has { field, .. } if field == "files"));
        assert!(matches!(&right.kind, NodeKind::Quantified { quantifier: Quantifier::All, variable, .. } if variable == "f"));
        assert_eq!(&parsed.text[parsed.root.token.clone()], "&&");
    }

    #[test]
    fn unsupported_expressions_are_refused() {
        check_refused("self.", "Syntax error");
        check_refused("has(1)", "takes a field");
        check_refused("self.a.all(1, true)", "names the variable");
        check_refused("self.?a", "guard with has()");
        check_refused("Foo{a: 1}", "messages");
        check_refused(&"1+".repeat(1_500), "longer than");
        check_refused(&"1+".repeat(900), "operators");
        check_refused(&format!("{}1{}", "(".repeat(200), ")".repeat(200)), "levels deep");
        assert!(parse(&format!("{}1{}", "(".repeat(48), ")".repeat(48))).is_ok());
        assert!(parse(&format!("{}1", "1+".repeat(399))).is_ok());
        check_refused(&"!".repeat(401), "operators");
        assert!(parse(&format!("{}true", "!".repeat(399))).is_ok());
    }

    /// Whether an expression is plain; if so, both parsers must return the same tree.
    fn is_plain(text: &str) -> bool {
        let Some(read) = plain::parse(text) else { return false };
        assert_eq!(Ok(read), parse_within_limits(text), "{text}");
        true
    }

    fn on_deep_stack(work: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }

    #[test]
    fn both_parsers_return_the_same_tree() {
        on_deep_stack(|| {
            let contract = crate::load("../../schema".into()).expect("the contract");
            let invariants = &contract.invariants().invariants;
            let all = invariants.iter().flat_map(|invariant| invariant.when.iter().chain([&invariant.rule]));
            let plain = all.clone().filter(|expression| is_plain(&expression.text)).count();
            assert!(plain * 20 > all.count() * 19, "{plain}");
            for text in [
                "a",
                "1",
                "1.5",
                "'a b'",
                "\"\"",
                "true",
                "null",
                "[]",
                "[1, [a, 'x']]",
                "a.b.c",
                "a['b'][0].c",
                "f()",
                "f(a, 1)",
                "a.f(b)",
                "(a)",
                "a && b",
                "a && b && c",
                "a || b || c || d",
                "a && b || c && d && e && f || g",
                "(a || b) && (c || d) || !e",
                "!a.b",
                "!(a == b)",
                "a + b - c * d / e % f",
                "a - b - c",
                "a < b == c",
                "a in [1, 2] && 'x' in b",
                "a ? b : c ? d : e",
                "a ? b || c : d && e",
                "has(a.b)",
                "has(a.b.c) && has(a['x'].y)",
                "has(a.b.has)",
                "a.all(x, x > 0)",
                "a.exists(x, has(x.y) && x.y.all(z, z != null))",
                "a.map(x, x.y)",
                "a.map(x, x > 1, x.y + 1)",
                "a.filter(x, x).exists_one(y, y)",
                "size(a.map(x, x)) == 1",
                "all(a, b)",
                "a.all()",
                "a . b\n  &&\tc",
                "5.f()",
                "a.matches('^[a-z]+$')",
                "self.a-1",
                "a-b",
                "1<2",
                "a==b?c:d",
                "in_a.inner",
                "[a in b, c]",
            ] {
                assert!(is_plain(text), "{text}");
            }
        });
    }

    #[test]
    fn other_expressions_use_the_parser_of_cel() {
        for text in [
            "",
            " ",
            "a.",
            ".a",
            "a b",
            "-a",
            "-1",
            "!!a",
            "1u",
            "1e3",
            ".5",
            "1.",
            "0x1f",
            "r'a'",
            "b'a'",
            "'a\\n'",
            "'''a'''",
            "'a",
            "{'a': 1}",
            "a.?b",
            "a[?b]",
            "A{b: 1}",
            "[1,]",
            "f(a,)",
            "if",
            "a.while",
            "`a`",
            "a // b",
            "a & b",
            "a = b",
            "é",
            "'é'",
            "has(a)",
            "has(a['b'])",
            "a.all(1, b)",
            "a.all(x, b, c)",
            "a.map(x, b, c, d)",
            "a.all(x)",
            "(a",
            "a)",
            "[a",
            "a ? b",
            "a ? b : ",
            "a &&",
            "&& a",
            "a in",
            "_f(a)",
            "99999999999999999999",
            "1a",
            "'a'b",
            "1 2",
            "a\u{c}b",
            "?",
            "a..b",
            "(((((((((((((((((a)))))))))))))))))",
        ] {
            assert_eq!(plain::parse(text), None, "{text}");
        }
    }

    /// Random token sequences: both parsers return the same tree for every plain one.
    #[test]
    fn both_parsers_agree_on_random_plain_expressions() {
        const PARTS: [&str; 36] = [
            "a",
            "b.c",
            "self",
            "1",
            "2.5",
            "'x'",
            "true",
            "null",
            "(",
            ")",
            "[",
            "]",
            ",",
            ".",
            "?",
            ":",
            "&&",
            "||",
            "!",
            "==",
            "!=",
            "<",
            ">=",
            "in",
            "+",
            "-",
            "*",
            "%",
            "has(a.b)",
            "f(",
            "a.all(x, ",
            "a.map(x, ",
            " ",
            "\n",
            "0",
            "\"y\"",
        ];
        on_deep_stack(|| {
            let (mut state, mut read) = (0x9E37_79B9_7F4A_7C15_u64, 0);
            let mut next = move |below: usize| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state % below as u64) as usize
            };
            for _ in 0..60_000 {
                let text: String = (0..=next(8)).map(|_| PARTS[next(PARTS.len())]).collect();
                read += usize::from(is_plain(&text));
            }
            assert!(read > 500, "{read}");
        });
    }

    #[test]
    fn a_printed_expression_parses_to_the_same_tree() {
        for text in [
            "a && (b || c) && !(d == e)",
            "(a || b) || c",
            "a || (b || c)",
            "-x.y[0] - (1 - 2) * 3",
            "has(a.b) ? c.all(x, x in ['it\\'s', '\\\\']) : (d ? e : f)",
            "a.`odd-key`.map(x, x > 1.5e300, {'k': 2u}) == [b'\\xff', null]",
            "!(a in b.c) && size(d) >= -1",
        ] {
            let printed = parse(text).expect(text).root.to_string();
            let again = parse(&printed).expect(&printed).root.to_string();
            assert_eq!(printed, again, "{text}");
        }
        assert_eq!(parse("a || (b || c)").expect("a rule").root.to_string(), "a || (b || c)");
    }
}
