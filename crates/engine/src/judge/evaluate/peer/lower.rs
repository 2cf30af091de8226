//! Lowers our tree to the tree of the `cel` crate: expands macros, compiles patterns and counts every iteration of a quantifier.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue, MapEntryExpr, MapExpr,
};
use cel::common::ast::{SelectExpr, operators};
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};
use regex::Regex;

/// The function that replaces `matches` and takes a compiled pattern.
pub(super) const MATCHES: &str = "@matches";
/// The function that counts an iteration of a quantifier.
pub(super) const WITHIN_BUDGET: &str = "@within_budget";
/// The accumulator of a quantifier.
const RESULT: &str = "@result";

/// An expression for the evaluator.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) expr: IdedExpr,
    /// Compiled patterns by variable name.
    pub(super) patterns: Vec<(String, Regex)>,
}

/// Lowers an expression.
pub(super) fn lower(node: &Node) -> Result<Lowered, String> {
    let mut lowering = Lowering { id: 0, patterns: Vec::new() };
    let expr = lowering.node(node)?;
    Ok(Lowered { expr, patterns: lowering.patterns })
}

struct Lowering {
    id: u64,
    patterns: Vec<(String, Regex)>,
}

impl Lowering {
    fn expr(&mut self, expr: Expr) -> IdedExpr {
        self.id += 1;
        IdedExpr { id: self.id, expr }
    }

    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.expr(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    fn ident(&mut self, name: &str) -> IdedExpr {
        self.expr(Expr::Ident(name.to_owned()))
    }

    fn literal(&mut self, literal: &Literal) -> IdedExpr {
        let value = match literal {
            Literal::Null => LiteralValue::Null,
            Literal::Bool(value) => LiteralValue::Boolean((*value).into()),
            Literal::Int(value) => LiteralValue::Int((*value).into()),
            Literal::Uint(value) => LiteralValue::UInt((*value).into()),
            Literal::Double(value) => LiteralValue::Double((*value).into()),
            Literal::String(text) => LiteralValue::String(text.clone().into()),
            Literal::Bytes(bytes) => LiteralValue::Bytes(bytes.clone().into()),
        };
        self.expr(Expr::Literal(value))
    }

    fn nodes(&mut self, nodes: &[Node]) -> Result<Vec<IdedExpr>, String> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn node(&mut self, node: &Node) -> Result<IdedExpr, String> {
        Ok(match &node.kind {
            NodeKind::Literal(literal) => self.literal(literal),
            NodeKind::Variable(name) => self.ident(name),
            NodeKind::Select { of, field } => self.select(of, field, false)?,
            NodeKind::Has { of, field } => self.select(of, field, true)?,
            NodeKind::Index { of, key } => {
                let arguments = vec![self.node(of)?, self.node(key)?];
                self.call(operators::INDEX, arguments)
            }
            NodeKind::Unary { operator, of } => {
                let of = self.node(of)?;
                let name = match operator {
                    UnaryOperator::Not => operators::LOGICAL_NOT,
                    UnaryOperator::Negate => operators::NEGATE,
                };
                self.call(name, vec![of])
            }
            NodeKind::Binary { operator, left, right } => {
                let arguments = vec![self.node(left)?, self.node(right)?];
                self.call(operator_name(*operator), arguments)
            }
            NodeKind::Conditional { test, then, otherwise } => {
                let arguments = vec![self.node(test)?, self.node(then)?, self.node(otherwise)?];
                self.call(operators::CONDITIONAL, arguments)
            }
            NodeKind::List(items) => {
                let items = self.nodes(items)?;
                self.expr(Expr::List(ListExpr::new(items)))
            }
            NodeKind::Map(entries) => {
                let mut lowered = Vec::new();
                for (key, value) in entries {
                    let (key, value) = (self.node(key)?, self.node(value)?);
                    self.id += 1;
                    lowered.push(IdedEntryExpr { id: self.id, expr: EntryExpr::MapEntry(MapEntryExpr { key, value, optional: false }) });
                }
                self.expr(Expr::Map(MapExpr { entries: lowered }))
            }
            NodeKind::Call { function, of: Some(of), arguments } if function == "matches" => self.matches(of, arguments)?,
            NodeKind::Call { function, of, arguments } => {
                let target = of.as_deref().map(|of| self.node(of)).transpose()?.map(Box::new);
                let args = self.nodes(arguments)?;
                self.expr(Expr::Call(CallExpr { func_name: function.clone(), target, args }))
            }
            NodeKind::Quantified { value: Some(_), .. } => return Err("the `cel` crate has no quantifiers of two variables".to_owned()),
            NodeKind::Quantified { quantifier, range, variable, value: None, body, mapped } => {
                self.quantified(*quantifier, range, variable, body, mapped.as_deref())?
            }
        })
    }

    fn select(&mut self, of: &Node, field: &str, test: bool) -> Result<IdedExpr, String> {
        let operand = Box::new(self.node(of)?);
        Ok(self.expr(Expr::Select(SelectExpr { operand, field: field.to_owned(), test })))
    }

    fn matches(&mut self, of: &Node, arguments: &[Node]) -> Result<IdedExpr, String> {
        let [argument] = arguments else { return Err("`matches` takes one pattern".to_owned()) };
        let Some(Literal::String(pattern)) = argument.literal() else { return Err("the pattern must be a string literal".to_owned()) };
        let name = format!("@pattern{}", self.patterns.len());
        self.patterns.push((name.clone(), Regex::new(&pattern).map_err(|error| error.to_string())?));
        let arguments = vec![self.node(of)?, self.ident(&name)];
        Ok(self.call(MATCHES, arguments))
    }

    /// A quantifier as a fold. Its condition counts the iteration first, so that no operator absorbs the error at the limit.
    fn quantified(
        &mut self,
        quantifier: Quantifier,
        range: &Node,
        variable: &str,
        body: &Node,
        mapped: Option<&Node>,
    ) -> Result<IdedExpr, String> {
        let (iter_range, body) = (self.node(range)?, self.node(body)?);
        let mapped = mapped.map(|mapped| self.node(mapped)).transpose()?;
        let so_far = self.ident(RESULT);
        let (init, going_on, step, result) = match quantifier {
            Quantifier::All => {
                let result = self.ident(RESULT);
                let going_on = self.call(operators::NOT_STRICTLY_FALSE, vec![result]);
                let step = self.call(operators::LOGICAL_AND, vec![so_far, body]);
                (self.literal(&Literal::Bool(true)), Some(going_on), step, self.ident(RESULT))
            }
            Quantifier::Exists => {
                let result = self.ident(RESULT);
                let negated = self.call(operators::LOGICAL_NOT, vec![result]);
                let going_on = self.call(operators::NOT_STRICTLY_FALSE, vec![negated]);
                let step = self.call(operators::LOGICAL_OR, vec![so_far, body]);
                (self.literal(&Literal::Bool(false)), Some(going_on), step, self.ident(RESULT))
            }
            Quantifier::ExistsOne => {
                let one = self.literal(&Literal::Int(1));
                let more = self.call(operators::ADD, vec![so_far, one]);
                let same = self.ident(RESULT);
                let step = self.call(operators::CONDITIONAL, vec![body, more, same]);
                let (count, one) = (self.ident(RESULT), self.literal(&Literal::Int(1)));
                (self.literal(&Literal::Int(0)), None, step, self.call(operators::EQUALS, vec![count, one]))
            }
            Quantifier::Map | Quantifier::Filter => {
                let (filter, item) = match (quantifier, mapped) {
                    (Quantifier::Map, None) => (None, body),
                    (Quantifier::Map, Some(mapped)) => (Some(body), mapped),
                    _ => (Some(body), self.ident(variable)),
                };
                let one = self.expr(Expr::List(ListExpr::new(vec![item])));
                let appended = self.call(operators::ADD, vec![so_far, one]);
                // The evaluator appends in place only where the loop itself is unconditional: the guard counts the iteration.
                let counted = self.call(WITHIN_BUDGET, Vec::new());
                let guard = match filter {
                    None => counted,
                    Some(filter) => self.call(operators::CONDITIONAL, vec![counted, filter.clone(), filter]),
                };
                let same = self.ident(RESULT);
                let step = self.call(operators::CONDITIONAL, vec![guard, appended, same]);
                (self.expr(Expr::List(ListExpr::new(Vec::new()))), None, step, self.ident(RESULT))
            }
        };
        let loop_cond = match (quantifier, going_on) {
            (Quantifier::Map | Quantifier::Filter, _) => self.literal(&Literal::Bool(true)),
            (_, going_on) => {
                let counted = self.call(WITHIN_BUDGET, Vec::new());
                match going_on {
                    Some(going_on) => self.call(operators::CONDITIONAL, vec![counted, going_on.clone(), going_on]),
                    None => counted,
                }
            }
        };
        Ok(self.expr(Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range,
            iter_var: variable.to_owned(),
            iter_var2: None,
            accu_var: RESULT.to_owned(),
            accu_init: init,
            loop_cond,
            loop_step: step,
            result,
        }))))
    }
}

fn operator_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::And => operators::LOGICAL_AND,
        BinaryOperator::Or => operators::LOGICAL_OR,
        BinaryOperator::Equal => operators::EQUALS,
        BinaryOperator::NotEqual => operators::NOT_EQUALS,
        BinaryOperator::Less => operators::LESS,
        BinaryOperator::LessEqual => operators::LESS_EQUALS,
        BinaryOperator::Greater => operators::GREATER,
        BinaryOperator::GreaterEqual => operators::GREATER_EQUALS,
        BinaryOperator::In => operators::IN,
        BinaryOperator::Add => operators::ADD,
        BinaryOperator::Subtract => operators::SUBSTRACT,
        BinaryOperator::Multiply => operators::MULTIPLY,
        BinaryOperator::Divide => operators::DIVIDE,
        BinaryOperator::Modulo => operators::MODULO,
    }
}
