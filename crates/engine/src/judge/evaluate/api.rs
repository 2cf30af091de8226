//! Evaluates a CEL expression on given bindings, without a contract.

use std::borrow::Cow;

use charter_rules::{ParseProblem, parse_expression};

use super::super::bind::Binder;
use super::program::{Program, Tables};
use super::run::Run;
use super::scope::Scope;
use super::value::{Instant, Val};

/// A CEL value.
#[derive(Clone, Debug, PartialEq)]
pub enum CelValue {
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// An int of 64 bits.
    Int(i64),
    /// A uint of 64 bits.
    Uint(u64),
    /// A double.
    Double(f64),
    /// A string.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant.
    Timestamp(jiff::Timestamp),
    /// A duration.
    Duration(jiff::SignedDuration),
    /// A list.
    List(Vec<CelValue>),
    /// A map with int, uint, boolean or string keys, unordered.
    Map(Vec<(CelValue, CelValue)>),
}

/// Why an expression cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// It does not parse, or exceeds a limit of rules.
    #[error("does not parse: {0}")]
    Parse(#[from] ParseProblem),
    /// It cannot be compiled: a pattern is not a regular expression.
    #[error("cannot be compiled: {0}")]
    Compile(String),
    /// Evaluating it fails.
    #[error("{0}")]
    Evaluation(String),
    /// A value that cannot be converted.
    #[error("unsupported value: {0}")]
    Value(String),
}

/// Evaluates an expression on bindings, without a type check.
///
/// # Errors
/// It does not parse, or its evaluation fails.
///
/// # Examples
///
/// ```
/// use charter_engine::{CelValue, evaluate};
///
/// let sizes = CelValue::List(vec![CelValue::Int(1), CelValue::Int(2)]);
/// assert_eq!(evaluate("sizes.all(s, s > 0)", [("sizes", sizes)])?, CelValue::Bool(true));
/// # Ok::<(), charter_engine::EvaluationError>(())
/// ```
pub fn evaluate<'n>(expression: &str, bindings: impl IntoIterator<Item = (&'n str, CelValue)>) -> Result<CelValue, EvaluationError> {
    let parsed = parse_expression(expression)?;
    let program = Program::compile(&parsed.root, Tables::default()).map_err(|error| EvaluationError::Compile(error.to_string()))?;
    let binder = Binder::open();
    let mut scope = Scope::new(&binder);
    for (name, value) in bindings {
        scope.set_value(name, to_val(value)?);
    }
    let value = Run::new(&scope, &program).value().map_err(|fault| EvaluationError::Evaluation(fault.to_string()))?;
    from_val(value)
}

fn outside(what: &str) -> EvaluationError {
    EvaluationError::Value(format!("{what} out of range"))
}

fn to_val(value: CelValue) -> Result<Val<'static>, EvaluationError> {
    Ok(match value {
        CelValue::Null => Val::Null,
        CelValue::Bool(value) => Val::Bool(value),
        CelValue::Int(value) => Val::Int(value),
        CelValue::Uint(value) => Val::Uint(value),
        CelValue::Double(value) => Val::Double(value),
        CelValue::String(text) => Val::Text(Cow::Owned(text)),
        CelValue::Bytes(bytes) => Val::Bytes(Cow::Owned(bytes)),
        CelValue::Timestamp(instant) => {
            Val::Timestamp(Instant::from_nanoseconds(instant.as_nanosecond()).ok_or_else(|| outside("an instant"))?)
        }
        CelValue::Duration(duration) => Val::Duration(i64::try_from(duration.as_nanos()).map_err(|_| outside("a duration"))?),
        CelValue::List(items) => Val::List(items.into_iter().map(to_val).collect::<Result<_, _>>()?),
        CelValue::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| match key {
                CelValue::Int(_) | CelValue::Uint(_) | CelValue::Bool(_) | CelValue::String(_) => Ok((to_val(key)?, to_val(value)?)),
                other => Err(EvaluationError::Value(format!("{other:?} as a key"))),
            });
            Val::Map(entries.collect::<Result<_, _>>()?)
        }
    })
}

fn from_val(value: Val<'_>) -> Result<CelValue, EvaluationError> {
    Ok(match value {
        Val::Null => CelValue::Null,
        Val::Bool(value) => CelValue::Bool(value),
        Val::Int(value) => CelValue::Int(value),
        Val::EmptySum => CelValue::Int(0),
        Val::Uint(value) => CelValue::Uint(value),
        Val::Double(value) => CelValue::Double(value),
        Val::Text(text) => CelValue::String(text.into_owned()),
        Val::Type(name) => CelValue::String(name.to_owned()),
        Val::Bytes(bytes) => CelValue::Bytes(bytes.into_owned()),
        Val::Timestamp(instant) => {
            let instant = jiff::Timestamp::from_nanosecond(instant.as_nanoseconds()).map_err(|_| outside("an instant"))?;
            CelValue::Timestamp(instant)
        }
        Val::Duration(nanoseconds) => CelValue::Duration(jiff::SignedDuration::from_nanos(nanoseconds)),
        Val::List(items) => CelValue::List(items.iter().cloned().map(from_val).collect::<Result<_, _>>()?),
        Val::Map(entries) => {
            let entries = entries.iter().cloned().map(|(key, value)| Ok((from_val(key)?, from_val(value)?)));
            CelValue::Map(entries.collect::<Result<_, EvaluationError>>()?)
        }
        other @ (Val::Array(..) | Val::Object(..) | Val::OutOfRange) => return Err(EvaluationError::Value(other.type_name().to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Result<CelValue, &str>) {
        let bindings = [("x", CelValue::Int(3)), ("m", CelValue::Map(vec![(CelValue::String("a".to_owned()), CelValue::Uint(1))]))];
        match (evaluate(expression, bindings), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{expression}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{expression}: {error}"),
            (found, expected) => panic!("{expression}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn an_expression_is_evaluated_on_bindings() {
        check("x + 1", Ok(CelValue::Int(4)));
        check("m.a == 1u && has(m.a) && !has(m.b)", Ok(CelValue::Bool(true)));
        check("m.b", Err("No such key"));
        check("[1, 2, 3].filter(i, i != x).map(i, i * 2)", Ok(CelValue::List(vec![CelValue::Int(2), CelValue::Int(4)])));
        check("[1, 2, 3].map(i, i > 1, i * 2)", Ok(CelValue::List(vec![CelValue::Int(4), CelValue::Int(6)])));
        check("[1, 2, 2].exists_one(i, i == 2)", Ok(CelValue::Bool(false)));
        check("[0, 1].all(i, 1 / i > 0)", Err("Division by zero"));
        check("[0, 1].exists(i, 1 / i > 0)", Ok(CelValue::Bool(true)));
        check(
            "timestamp('2026-07-01T10:00:00.5Z') - timestamp('2026-07-01T10:00:00Z')",
            Ok(CelValue::Duration(jiff::SignedDuration::from_millis(500))),
        );
        check("timestamp('1969-12-31T23:59:59.5Z')", Ok(CelValue::Timestamp("1969-12-31T23:59:59.5Z".parse().expect("an instant"))));
        check("'abc'.matches('^a.c$') && 'abc'.contains('b')", Ok(CelValue::Bool(true)));
        check("'a'.matches('[')", Err("cannot be compiled"));
        check("1 +", Err("does not parse"));
        check("9223372036854775807 + 1", Err("verflow"));
    }
}
