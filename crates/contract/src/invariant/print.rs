//! Prints expression trees, for messages and mutants.

use std::fmt::{self, Display, Formatter, Write as _};

use super::tree::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};

impl Display for Node {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.write(formatter, 0)
    }
}

/// The precedence of a node: a node inside one of higher precedence needs parentheses.
fn strength(kind: &NodeKind) -> u8 {
    match kind {
        NodeKind::Conditional { .. } => 1,
        NodeKind::Binary { operator, .. } => match operator {
            BinaryOperator::Or => 2,
            BinaryOperator::And => 3,
            BinaryOperator::Add | BinaryOperator::Subtract => 5,
            BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => 6,
            _ => 4,
        },
        NodeKind::Unary { .. } => 7,
        _ => 8,
    }
}

impl Node {
    fn write(&self, formatter: &mut Formatter<'_>, within: u8) -> fmt::Result {
        if strength(&self.kind) < within {
            formatter.write_char('(')?;
            self.bare(formatter)?;
            return formatter.write_char(')');
        }
        self.bare(formatter)
    }

    fn bare(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let own = strength(&self.kind);
        match &self.kind {
            NodeKind::Literal(literal) => literal.fmt(formatter),
            NodeKind::Variable(name) => formatter.write_str(name),
            NodeKind::Select { of, field } => {
                of.write(formatter, 8)?;
                write_field(formatter, field)
            }
            NodeKind::Has { of, field } => {
                formatter.write_str("has(")?;
                of.write(formatter, 8)?;
                write_field(formatter, field)?;
                formatter.write_char(')')
            }
            NodeKind::Index { of, key } => {
                of.write(formatter, 8)?;
                write!(formatter, "[{key}]")
            }
            NodeKind::Unary { operator, of } => {
                formatter.write_char(match operator {
                    UnaryOperator::Not => '!',
                    UnaryOperator::Negate => '-',
                })?;
                of.write(formatter, 8)
            }
            NodeKind::Binary { operator, left, right } => {
                left.write(formatter, own)?;
                write!(formatter, " {} ", operator.as_str())?;
                // Operators are left-associative, so a right operand of equal precedence needs parentheses.
                right.write(formatter, own + 1)
            }
            NodeKind::Conditional { test, then, otherwise } => {
                test.write(formatter, own + 1)?;
                formatter.write_str(" ? ")?;
                then.write(formatter, own + 1)?;
                formatter.write_str(" : ")?;
                otherwise.write(formatter, own)
            }
            NodeKind::List(items) => {
                formatter.write_char('[')?;
                write_list(formatter, items)?;
                formatter.write_char(']')
            }
            NodeKind::Map(entries) => {
                formatter.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let joint = if index == 0 { "" } else { ", " };
                    write!(formatter, "{joint}{key}: {value}")?;
                }
                formatter.write_char('}')
            }
            NodeKind::Call { function, of, arguments } => {
                if let Some(of) = of {
                    of.write(formatter, 8)?;
                    formatter.write_char('.')?;
                }
                write!(formatter, "{function}(")?;
                write_list(formatter, arguments)?;
                formatter.write_char(')')
            }
            NodeKind::Quantified { quantifier, range, variable, value, body, mapped } => {
                range.write(formatter, 8)?;
                write!(formatter, ".{}({variable}, ", quantifier.as_str())?;
                if let Some(value) = value {
                    write!(formatter, "{value}, ")?;
                }
                write!(formatter, "{body}")?;
                if let Some(mapped) = mapped {
                    write!(formatter, ", {mapped}")?;
                }
                formatter.write_char(')')
            }
        }
    }
}

fn write_list(formatter: &mut Formatter<'_>, nodes: &[Node]) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        let joint = if index == 0 { "" } else { ", " };
        write!(formatter, "{joint}{node}")?;
    }
    Ok(())
}

fn write_field(formatter: &mut Formatter<'_>, field: &str) -> fmt::Result {
    let plain = field.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && field.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    if plain { write!(formatter, ".{field}") } else { write!(formatter, ".`{field}`") }
}

impl Display for Literal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Int(value) => write!(formatter, "{value}"),
            Self::Uint(value) => write!(formatter, "{value}u"),
            Self::Double(value) => write!(formatter, "{value:?}"),
            Self::String(text) => {
                formatter.write_char('\'')?;
                for character in text.chars() {
                    match character {
                        '\'' | '\\' => write!(formatter, "\\{character}")?,
                        character if character.is_control() => write!(formatter, "\\u{:04x}", u32::from(character))?,
                        character => formatter.write_char(character)?,
                    }
                }
                formatter.write_char('\'')
            }
            Self::Bytes(bytes) => {
                formatter.write_str("b'")?;
                for byte in bytes {
                    write!(formatter, "\\x{byte:02x}")?;
                }
                formatter.write_char('\'')
            }
        }
    }
}

impl BinaryOperator {
    /// The operator in CEL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

impl Quantifier {
    /// The name in CEL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Map => "map",
            Self::Filter => "filter",
        }
    }
}
