//! Evaluates a CEL expression on given bindings, without a contract.

use std::collections::HashMap;
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context, Value};
use charter_rules::{ParseProblem, parse_expression};

use super::engine::{Engine, chrono_instant, in_context};

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
    let engine = Engine::new().map_err(EvaluationError::Compile)?;
    let compiled = engine.compile(&parsed.root).map_err(EvaluationError::Compile)?;
    let mut context = Context::with_env(engine.env.clone());
    for (name, value) in bindings {
        context.add_variable_from_value(name, to_cel(value)?);
    }
    let value = in_context(&compiled, &context, |value| Value::try_from(value).map_err(|error| error.to_string()));
    from_cel(value.map_err(EvaluationError::Evaluation)?)
}

fn to_cel(value: CelValue) -> Result<Value, EvaluationError> {
    let outside = |what: &str| EvaluationError::Value(format!("{what} out of range"));
    Ok(match value {
        CelValue::Null => Value::Null,
        CelValue::Bool(value) => Value::Bool(value),
        CelValue::Int(value) => Value::Int(value),
        CelValue::Uint(value) => Value::UInt(value),
        CelValue::Double(value) => Value::Float(value),
        CelValue::String(text) => Value::String(Arc::new(text)),
        CelValue::Bytes(bytes) => Value::Bytes(Arc::new(bytes)),
        CelValue::Timestamp(instant) => Value::Timestamp(chrono_instant(instant).ok_or_else(|| outside("an instant"))?),
        CelValue::Duration(duration) => {
            let nanoseconds = duration.subsec_nanos();
            let seconds = chrono::Duration::try_seconds(duration.as_secs()).ok_or_else(|| outside("a duration"))?;
            Value::Duration(seconds + chrono::Duration::nanoseconds(nanoseconds.into()))
        }
        CelValue::List(items) => Value::List(Arc::new(items.into_iter().map(to_cel).collect::<Result<_, _>>()?)),
        CelValue::Map(entries) => {
            let mut map = HashMap::new();
            for (key, value) in entries {
                let key = match key {
                    CelValue::Int(key) => Key::Int(key),
                    CelValue::Uint(key) => Key::Uint(key),
                    CelValue::Bool(key) => Key::Bool(key),
                    CelValue::String(key) => Key::String(Arc::new(key)),
                    other => return Err(EvaluationError::Value(format!("{other:?} as a key"))),
                };
                map.insert(key, to_cel(value)?);
            }
            Value::Map(Map { map: Arc::new(map) })
        }
    })
}

fn from_cel(value: Value) -> Result<CelValue, EvaluationError> {
    let outside = |what: &str| EvaluationError::Value(format!("{what} out of range"));
    Ok(match value {
        Value::Null => CelValue::Null,
        Value::Bool(value) => CelValue::Bool(value),
        Value::Int(value) => CelValue::Int(value),
        Value::UInt(value) => CelValue::Uint(value),
        Value::Float(value) => CelValue::Double(value),
        Value::String(text) => CelValue::String(text.to_string()),
        Value::Bytes(bytes) => CelValue::Bytes(bytes.to_vec()),
        Value::Timestamp(instant) => {
            let nanoseconds = i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or_default();
            CelValue::Timestamp(jiff::Timestamp::new(instant.timestamp(), nanoseconds).map_err(|_| outside("an instant"))?)
        }
        Value::Duration(duration) => CelValue::Duration(jiff::SignedDuration::new(duration.num_seconds(), duration.subsec_nanos())),
        Value::List(items) => CelValue::List(items.iter().cloned().map(from_cel).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let entries = map.map.iter().map(|(key, value)| {
                let key = match key {
                    Key::Int(key) => CelValue::Int(*key),
                    Key::Uint(key) => CelValue::Uint(*key),
                    Key::Bool(key) => CelValue::Bool(*key),
                    Key::String(key) => CelValue::String(key.to_string()),
                };
                Ok((key, from_cel(value.clone())?))
            });
            CelValue::Map(entries.collect::<Result<_, EvaluationError>>()?)
        }
        other => return Err(EvaluationError::Value(format!("{other:?}"))),
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
