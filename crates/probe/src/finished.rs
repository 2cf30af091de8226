//! Whether a resource no longer changes.

use charter_engine::{CelValue, EvaluationError, evaluate};
use serde_json::Value;

/// The condition of `finished` under `[probe]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// A JSON Pointer to a boolean.
    Pointer(String),
    /// An expression of the rule language on `self`, the body.
    Expression(String),
}

impl Finished {
    /// Reads the setting. An expression must parse.
    pub(crate) fn parse(text: &str) -> Result<Self, EvaluationError> {
        if text.is_empty() || text.starts_with('/') {
            return Ok(Self::Pointer(text.to_owned()));
        }
        match evaluate(text, [("self", CelValue::Null)]) {
            Err(error @ (EvaluationError::Parse(_) | EvaluationError::Compile(_))) => Err(error),
            _ => Ok(Self::Expression(text.to_owned())),
        }
    }

    /// Whether a resource with this body is finished.
    ///
    /// # Errors
    /// Why that cannot be determined.
    pub(crate) fn holds(&self, body: &Value) -> Result<bool, String> {
        match self {
            Self::Pointer(pointer) => Ok(body.pointer(pointer).and_then(Value::as_bool) == Some(true)),
            Self::Expression(expression) => match evaluate(expression, [("self", cel(body))]) {
                Ok(CelValue::Bool(value)) => Ok(value),
                Ok(_) => Err("`finished` under [probe] is not a boolean".to_owned()),
                Err(error) => Err(format!("`finished` under [probe]: {error}")),
            },
        }
    }
}

fn cel(value: &Value) -> CelValue {
    match value {
        Value::Null => CelValue::Null,
        Value::Bool(value) => CelValue::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => CelValue::Int(number),
            (None, Some(number)) => CelValue::Uint(number),
            (None, None) => CelValue::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => CelValue::String(text.clone()),
        Value::Array(items) => CelValue::List(items.iter().map(cel).collect()),
        Value::Object(members) => CelValue::Map(members.iter().map(|(name, value)| (CelValue::String(name.clone()), cel(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_pointer_or_an_expression() {
        let body = serde_json::json!({"done": true, "status": "failed", "steps": [{"left": 0}, {"left": 2}]});
        let holds = |text: &str| Finished::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).holds(&body);
        assert_eq!(holds("/done"), Ok(true));
        assert_eq!(holds("/status"), Ok(false));
        assert_eq!(holds("self.status in ['done', 'failed']"), Ok(true));
        assert_eq!(holds("self.steps.all(step, step.left == 0)"), Ok(false));
        assert_eq!(holds("has(self.ended) && self.ended != ''"), Ok(false));
        for (text, why) in [("self.none == 1", "`finished` under [probe]: "), ("self.status", "not a boolean")] {
            assert!(holds(text).is_err_and(|error| error.contains(why)), "{text}");
        }
        assert!(Finished::parse("self.status in [").is_err());
    }
}
