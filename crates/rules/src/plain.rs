//! A fast parser for plain expressions: names, constants, operators, calls and lists. Nearly all rules are plain.
//!
//! The parser of `cel` handles all other expressions and reports syntax errors. A test compares both parsers: the trees are equal,
//! tokens included.

use std::ops::Range;

use crate::parse::quantifier;
use charter_contract::invariant::{BinaryOperator, Expression, Literal, Node, NodeKind, Quantifier, UnaryOperator};

/// The maximum number of tokens and the maximum nesting: larger expressions need the parser thread's stack.
const TOKEN_LIMIT: usize = 300;
const DEPTH_LIMIT: usize = 16;

/// The reserved words of `cel`.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Parses a plain expression; `None` for any other.
pub(crate) fn parse(text: &str) -> Option<Expression> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let mut root = parser.expression()?;
    if parser.at != parser.tokens.len() {
        return None;
    }
    let mut nodes = 0;
    number(&mut root, &mut nodes);
    Some(Expression { text: text.to_owned(), root, nodes })
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Literal(Literal),
    /// An operator or a bracket.
    Sign(&'static str),
}

const SIGNS: [&str; 22] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]"];

fn tokens(text: &str) -> Option<Vec<(Token, Range<usize>)>> {
    // The parser of `cel` counts characters.
    if !text.is_ascii() || text.contains("//") {
        return None;
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = text.as_bytes().get(at) {
        let rest = &text[at..];
        let run = |test: fn(u8) -> bool| rest.bytes().position(|byte| !test(byte)).unwrap_or(rest.len());
        let (token, length) = match first {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                (word(&rest[..length])?, length)
            }
            b'0'..=b'9' => {
                let whole = run(|byte| byte.is_ascii_digit());
                let fraction = rest[whole..].strip_prefix('.').map_or(0, |behind| behind.bytes().take_while(u8::is_ascii_digit).count());
                let length = if fraction > 0 { whole + 1 + fraction } else { whole };
                let literal = match fraction {
                    0 => Literal::Int(rest[..length].parse().ok()?),
                    _ => Literal::Double(rest[..length].parse().ok()?),
                };
                (Token::Literal(literal), length)
            }
            quote @ (b'\'' | b'"') => {
                let inside = rest[1..].bytes().position(|byte| byte == quote)?;
                let content = &rest[1..=inside];
                if content.contains(['\\', '\n', '\r']) {
                    return None;
                }
                (Token::Literal(Literal::String(content.to_owned())), inside + 2)
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
                (Token::Sign(sign), sign.len())
            }
        };
        let is_sign = matches!(token, Token::Sign(_)) && token != Token::Sign("in");
        tokens.push((token, at..at + length));
        at += length;
        // Adjacent words or constants are a prefix, a suffix or an exponent.
        let next = text.as_bytes().get(at).copied().unwrap_or(b' ');
        if tokens.len() > TOKEN_LIMIT || (!is_sign && (next.is_ascii_alphanumeric() || matches!(next, b'_' | b'\'' | b'"'))) {
            return None;
        }
    }
    Some(tokens)
}

fn word(word: &str) -> Option<Token> {
    Some(match word {
        "in" => Token::Sign("in"),
        "true" => Token::Literal(Literal::Bool(true)),
        "false" => Token::Literal(Literal::Bool(false)),
        "null" => Token::Literal(Literal::Null),
        _ if RESERVED.contains(&word) => return None,
        _ => Token::Name(word.to_owned()),
    })
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl Parser {
    /// Consumes the next token if it is one of these.
    fn sign(&mut self, signs: &[&str]) -> Option<(&'static str, Range<usize>)> {
        let (Token::Sign(sign), range) = self.tokens.get(self.at)? else { return None };
        let taken = signs.contains(sign).then(|| (*sign, range.clone()));
        self.at += usize::from(taken.is_some());
        taken
    }

    fn expression(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return None;
        }
        let test = self.junction("||")?;
        let node = match self.sign(&["?"]) {
            None => test,
            Some((_, token)) => {
                let then = Box::new(self.junction("||")?);
                self.sign(&[":"])?;
                let otherwise = Box::new(self.expression()?);
                node(token, NodeKind::Conditional { test: Box::new(test), then, otherwise })
            }
        };
        self.depth -= 1;
        Some(node)
    }

    /// Terms joined by `||` or by `&&`: a balanced tree.
    fn junction(&mut self, sign: &'static str) -> Option<Node> {
        let (operator, mut terms, mut signs) = match sign {
            "||" => (BinaryOperator::Or, vec![self.junction("&&")?], Vec::new()),
            _ => (BinaryOperator::And, vec![self.relation()?], Vec::new()),
        };
        while let Some((_, token)) = self.sign(&[sign]) {
            signs.push(token);
            terms.push(if sign == "||" { self.junction("&&")? } else { self.relation()? });
        }
        balanced(operator, &mut terms.into_iter(), &signs)
    }

    fn relation(&mut self) -> Option<Node> {
        let mut left = self.sum()?;
        while let Some((sign, token)) = self.sign(&["<", "<=", ">", ">=", "==", "!=", "in"]) {
            left = binary(left, sign, token, self.sum()?);
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<Node> {
        let mut left = self.product()?;
        while let Some((sign, token)) = self.sign(&["+", "-"]) {
            left = binary(left, sign, token, self.product()?);
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Node> {
        let mut left = self.unary()?;
        while let Some((sign, token)) = self.sign(&["*", "/", "%"]) {
            left = binary(left, sign, token, self.unary()?);
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Node> {
        let Some((_, token)) = self.sign(&["!"]) else { return self.member() };
        let of = Box::new(self.member()?);
        Some(node(token, NodeKind::Unary { operator: UnaryOperator::Not, of }))
    }

    fn member(&mut self) -> Option<Node> {
        let mut of = self.primary()?;
        while let Some((sign, token)) = self.sign(&[".", "["]) {
            if sign == "[" {
                let key = Box::new(self.expression()?);
                self.sign(&["]"])?;
                of = node(token, NodeKind::Index { of: Box::new(of), key });
                continue;
            }
            let name = self.name()?;
            of = match self.sign(&["("]) {
                None => node(token, NodeKind::Select { of: Box::new(of), field: name }),
                Some((_, token)) => node(token, method(of, name, self.list(")")?)?),
            };
        }
        Some(of)
    }

    fn primary(&mut self) -> Option<Node> {
        if let Some((sign, token)) = self.sign(&["(", "["]) {
            if sign == "[" {
                return Some(node(token, NodeKind::List(self.list("]")?)));
            }
            let inner = self.expression()?;
            self.sign(&[")"])?;
            return Some(inner);
        }
        let (token, range) = self.tokens.get(self.at)?.clone();
        match token {
            Token::Literal(literal) => {
                self.at += 1;
                Some(node(range, NodeKind::Literal(literal)))
            }
            Token::Name(_) => {
                let name = self.name()?;
                match self.sign(&["("]) {
                    None => Some(node(range, NodeKind::Variable(name))),
                    Some((_, token)) => Some(node(token, function(name, self.list(")")?)?)),
                }
            }
            Token::Sign(_) => None,
        }
    }

    fn name(&mut self) -> Option<String> {
        let (Token::Name(name), _) = self.tokens.get(self.at)? else { return None };
        self.at += 1;
        Some(name.clone())
    }

    /// Expressions separated by commas, up to a bracket.
    fn list(&mut self, end: &str) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        if self.sign(&[end]).is_some() {
            return Some(items);
        }
        loop {
            items.push(self.expression()?);
            match self.sign(&[",", end])?.0 {
                "," => {}
                _ => return Some(items),
            }
        }
    }
}

fn node(token: Range<usize>, kind: NodeKind) -> Node {
    Node { id: 0, token, kind }
}

fn binary(left: Node, sign: &str, token: Range<usize>, right: Node) -> Node {
    let operator = match sign {
        "==" => BinaryOperator::Equal,
        "!=" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterEqual,
        "+" => BinaryOperator::Add,
        "-" => BinaryOperator::Subtract,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "%" => BinaryOperator::Modulo,
        _ => BinaryOperator::In,
    };
    node(token, NodeKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
}

/// The terms between these operators, as a balanced tree. The root is the middle operator; of two, the later.
fn balanced(operator: BinaryOperator, terms: &mut impl Iterator<Item = Node>, signs: &[Range<usize>]) -> Option<Node> {
    if signs.is_empty() {
        return terms.next();
    }
    let middle = signs.len() / 2;
    let left = Box::new(balanced(operator, terms, &signs[..middle])?);
    let right = Box::new(balanced(operator, terms, &signs[middle + 1..])?);
    Some(node(signs[middle].clone(), NodeKind::Binary { operator, left, right }))
}

fn function(name: String, mut arguments: Vec<Node>) -> Option<NodeKind> {
    if name.starts_with('_') {
        return None;
    }
    if name == "has" && arguments.len() == 1 {
        let NodeKind::Select { of, field } = arguments.pop()?.kind else { return None };
        return Some(NodeKind::Has { of, field });
    }
    Some(NodeKind::Call { function: name, of: None, arguments })
}

fn method(of: Node, name: String, arguments: Vec<Node>) -> Option<NodeKind> {
    if name.starts_with('_') {
        return None;
    }
    let Some(quantifier) = quantifier(&name).filter(|_| !arguments.is_empty()) else {
        return Some(NodeKind::Call { function: name, of: Some(Box::new(of)), arguments });
    };
    let mut arguments = arguments.into_iter();
    let NodeKind::Variable(variable) = arguments.next()?.kind else { return None };
    let (body, mapped) = match (quantifier, arguments.next()?, arguments.next()) {
        (Quantifier::Map, filter, Some(mapped)) => (filter, Some(Box::new(mapped))),
        (_, body, None) => (body, None),
        _ => return None,
    };
    let more = arguments.next().is_some();
    (!more).then(|| NodeKind::Quantified { quantifier, range: Box::new(of), variable, value: None, body: Box::new(body), mapped })
}

/// Numbers the nodes in the order of the conversion in `parse`.
fn number(node: &mut Node, next: &mut usize) {
    node.id = *next;
    // In `has(a.b)`, the selection also has a number.
    *next += if matches!(node.kind, NodeKind::Has { .. }) { 2 } else { 1 };
    match &mut node.kind {
        NodeKind::Quantified { range, body, mapped, .. } => {
            mapped.iter_mut().for_each(|mapped| number(mapped, next));
            number(range, next);
            number(body, next);
        }
        _ => node.children_mut().into_iter().for_each(|child| number(child, next)),
    }
}
