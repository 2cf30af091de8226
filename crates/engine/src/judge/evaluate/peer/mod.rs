//! A second evaluator, for tests: lowers expressions to the tree of the `cel` crate and evaluates them there.

mod lower;

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, OnceLock};

use cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use cel::common::types::{self, CelBool, CelDouble, CelDuration, CelInt, CelList, CelNull, CelString, CelTimestamp, CelUInt, Type};
use cel::common::value::{CowVal, FromVal, StaticVal, Val};
use cel::{Context, Env, ExecutionError};
use charter_contract::invariant::Node;
use charter_rules::parse_instant;
use serde_json::{Map, Value};

use lower::{Lowered, lower};

use super::scope::Evaluated;
use crate::judge::bind::{Binder, NodeId, Scalar};

/// The maximum number of steps of one evaluation. A step is a bound value or an iteration of a quantifier.
const BUDGET: u64 = 5_000_000;

thread_local! {
    /// The remaining steps of the current evaluation.
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Compiled {
    lowered: Lowered,
    /// The maximum number of steps of its evaluation.
    budget: u64,
}

/// Compiles and evaluates expressions, with the standard library and our own functions.
#[derive(Clone)]
pub(super) struct Engine {
    env: Arc<Env>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Engine")
    }
}

impl Engine {
    pub(super) fn new() -> Result<Self, String> {
        let mut env = Env::stdlib();
        let mut add = |name: &str, operands: Vec<Type>, function| {
            env.add_overload(name, &format!("charter_{name}"), operands, function).map_err(|error| error.to_string())
        };
        add("isAscending", vec![types::DYN_TYPE.to_owned()], is_ascending)?;
        add("isInstant", vec![types::DYN_TYPE.to_owned()], is_instant)?;
        add("isWhole", vec![types::DYN_TYPE.to_owned()], is_whole)?;
        add("milliseconds", vec![types::DYN_TYPE.to_owned()], milliseconds)?;
        add(lower::MATCHES, vec![types::DYN_TYPE.to_owned(), types::DYN_TYPE.to_owned()], matches)?;
        add(lower::WITHIN_BUDGET, vec![], within_budget)?;
        Ok(Self { env: Arc::new(env) })
    }

    /// Compiles an expression that the contract has already parsed and checked.
    pub(super) fn compile(&self, node: &Node) -> Result<Compiled, String> {
        lower(node).map(|lowered| Compiled { lowered, budget: BUDGET })
    }

    /// A new scope without variables.
    pub(super) fn scope<'v>(&self) -> Scope<'v> {
        Scope { context: Context::with_env(self.env.clone()) }
    }
}

/// The first operand, converted to the type that a function takes.
fn operand<'a, 'b, 'v, T: FromVal<'a, 'v>>(arguments: &'a [CowVal<'b, 'v>], wanted: &str) -> Result<&'a T, ExecutionError> {
    let found = arguments.first();
    found.and_then(|argument| argument.as_ref().downcast_ref::<T>()).ok_or_else(|| ExecutionError::UnexpectedType {
        got: found.map_or_else(String::new, |argument| argument.get_type().name().to_owned()),
        want: wanted.to_owned(),
    })
}

/// `isAscending(x)`: whether a list of instants is sorted; other values are skipped.
fn is_ascending<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let list = operand::<CelList<'_>>(&arguments, "list")?;
    let instants = list.inner().iter().filter_map(|item| item.downcast_ref::<CelTimestamp>()).map(CelTimestamp::inner);
    Ok(CowVal::owned(CelBool::from(instants.is_sorted())))
}

/// `isInstant(x)`: whether a value that is bound as an instant is a valid instant.
fn is_instant<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let instant = arguments.first().is_some_and(|argument| argument.downcast_ref::<CelTimestamp>().is_some());
    Ok(CowVal::owned(CelBool::from(instant)))
}

/// `isWhole(x)`: whether a double has no fraction.
fn is_whole<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let number = operand::<CelDouble>(&arguments, "double")?;
    Ok(CowVal::owned(CelBool::from(number.inner().fract() == 0.0)))
}

/// `milliseconds(x)`: a duration in milliseconds, fractions included.
fn milliseconds<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let duration = operand::<CelDuration>(&arguments, "duration")?.inner();
    let millis = duration.num_milliseconds() as f64 + f64::from(duration.subsec_nanos() % 1_000_000) / 1e6;
    Ok(CowVal::owned(CelDouble::from(millis)))
}

/// `x.matches('…')` with a precompiled pattern, which is the second operand.
fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = operand::<CelString<'_>>(&arguments, "string")?;
    let pattern = arguments.get(1).and_then(|argument| argument.downcast_ref::<Pattern>());
    let pattern = pattern.ok_or_else(|| ExecutionError::InternalError("no pattern".to_owned()))?;
    Ok(CowVal::owned(CelBool::from(pattern.0.is_match(text.inner()))))
}

/// Counts an iteration of a quantifier; an error if no steps are left.
fn within_budget<'b, 'v>(_: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    if spend() == 0 {
        return Err(ExecutionError::InternalError("the rule takes too many steps".to_owned()));
    }
    Ok(CowVal::owned(CelBool::from(true)))
}

/// Uses one step and returns the number of steps left.
fn spend() -> u64 {
    STEPS.with(|left| {
        left.set(left.get().saturating_sub(1));
        left.get()
    })
}

/// A compiled pattern as a value, so that an expression can carry it.
#[derive(Clone, Debug)]
struct Pattern(regex::Regex);

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &types::DYN_TYPE
    }

    fn cel_type() -> &'static Type {
        &types::DYN_TYPE
    }

    fn equals(&self, _: &dyn Val) -> bool {
        false
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}

/// Variables and their values.
pub(super) struct Scope<'v> {
    context: Context<'v, 'v>,
}

impl<'v> Scope<'v> {
    /// Binds a variable to a value at a schema location.
    pub(super) fn set(&mut self, name: &str, value: &'v Value, binder: &'v Binder, node: NodeId) {
        self.context.add_variable_as_val(name, bound(value, binder, node));
    }

    /// Evaluates an expression.
    pub(super) fn evaluate(&self, compiled: &Compiled) -> Result<Evaluated, String> {
        in_context(compiled, &self.context, |value| {
            Ok(match value.downcast_ref::<CelBool>() {
                Some(value) => Evaluated::Bool(*value.inner()),
                None => Evaluated::Text(text(value)),
            })
        })
    }
}

/// Evaluates an expression within the budget, with its compiled patterns as variables.
fn in_context<T>(compiled: &Compiled, context: &Context<'_, '_>, read: impl FnOnce(&dyn Val) -> Result<T, String>) -> Result<T, String> {
    STEPS.with(|left| left.set(compiled.budget));
    let Lowered { expr, patterns } = &compiled.lowered;
    let failed = |error: ExecutionError| error.to_string();
    if patterns.is_empty() {
        return read(cel::Value::resolve_val(expr, context).map_err(failed)?.as_ref());
    }
    let mut context = context.new_inner_scope();
    for (name, pattern) in patterns {
        context.add_variable_as_val(name.as_str(), Box::new(Pattern(pattern.clone())));
    }
    read(cel::Value::resolve_val(expr, &context).map_err(failed)?.as_ref())
}

/// Formats a value for a message.
fn text(value: &dyn Val) -> String {
    if let Some(value) = value.downcast_ref::<CelString>() {
        value.inner().to_owned()
    } else if let Some(value) = value.downcast_ref::<CelInt>() {
        value.inner().to_string()
    } else if let Some(value) = value.downcast_ref::<CelUInt>() {
        value.inner().to_string()
    } else if let Some(value) = value.downcast_ref::<CelDouble>() {
        Value::from(*value.inner()).to_string()
    } else if value.downcast_ref::<CelNull>().is_some() {
        "null".to_owned()
    } else if let Some(value) = value.downcast_ref::<CelTimestamp>() {
        value.inner().to_rfc3339()
    } else if let Some(size) = value.as_sizer() {
        format!("a {} of {}", value.get_type().name(), size.size().inner())
    } else {
        value.get_type().name().to_owned()
    }
}

/// Binds a JSON value at a schema location.
fn bound<'v>(value: &'v Value, binder: &'v Binder, node: NodeId) -> Box<dyn Val + 'v> {
    spend();
    match value {
        Value::Null if binder.scalar(node) == Scalar::CommaList => Box::new(CelList::from(Vec::new())),
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(number) => bound_number(number, binder.scalar(node)),
        Value::String(text) => match binder.scalar(node) {
            Scalar::CommaList => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Box::new(CelList::from(items.map(|item| Box::new(CelString::from(item)) as Box<dyn Val + 'v>).collect::<Vec<_>>()))
            }
            Scalar::DateTime => match instant(text) {
                Some(instant) => Box::new(CelTimestamp::from(instant)),
                None => Box::new(CelString::from(text.as_str())),
            },
            _ => Box::new(CelString::from(text.as_str())),
        },
        Value::Array(items) => {
            let item = binder.item(node);
            Box::new(CelList::from(items.iter().map(|value| bound(value, binder, item)).collect::<Vec<_>>()))
        }
        Value::Object(entries) => Box::new(ObjectView { entries, binder, node, keys: OnceLock::new() }),
    }
}

fn bound_number<'v>(number: &serde_json::Number, scalar: Scalar) -> Box<dyn Val + 'v> {
    let double = || Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))) as Box<dyn Val + 'v>;
    if scalar == Scalar::Double {
        return double();
    }
    if let Some(value) = number.as_i64() {
        return Box::new(CelInt::from(value));
    }
    if number.is_u64() {
        return Box::new(OutOfRange);
    }
    // `5.0` is an integer. A double without a fraction and below 2^63 converts exactly.
    match number.as_f64() {
        Some(value) if value.fract() == 0.0 && scalar == Scalar::Integer => match value.abs() < 9.2e18 {
            true => Box::new(CelInt::from(value as i64)),
            false => Box::new(OutOfRange),
        },
        _ => double(),
    }
}

/// An integer outside 64 bits. Every operation on it fails, so a rule that reads it ends with an error.
#[derive(Clone, Debug)]
struct OutOfRange;

static OUT_OF_RANGE: Type = Type::new_unspecified_type("integer outside 64 bits");

impl Val for OutOfRange {
    fn get_type(&self) -> &Type {
        &OUT_OF_RANGE
    }

    fn cel_type() -> &'static Type {
        &OUT_OF_RANGE
    }

    fn equals(&self, _: &dyn Val) -> bool {
        false
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(self.clone())
    }
}

/// Parses an instant into the evaluator's type.
fn instant(text: &str) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    chrono_instant(parse_instant(text)?)
}

fn chrono_instant(instant: jiff::Timestamp) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    // Before 1970, the fraction counts back from the next second.
    let (second, nanoseconds) = match u32::try_from(instant.subsec_nanosecond()) {
        Ok(nanoseconds) => (instant.as_second(), nanoseconds),
        Err(_) => (instant.as_second() - 1, u32::try_from(1_000_000_000 + instant.subsec_nanosecond()).ok()?),
    };
    chrono::DateTime::from_timestamp(second, nanoseconds).map(|instant| instant.fixed_offset())
}

/// An object of the body: its fields are bound when they are read.
#[derive(Clone)]
struct ObjectView<'v> {
    entries: &'v Map<String, Value>,
    binder: &'v Binder,
    node: NodeId,
    /// The keys as values; created when a rule iterates over them.
    keys: OnceLock<Vec<CelString<'v>>>,
}

impl fmt::Debug for ObjectView<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ObjectView").field(&self.entries).finish()
    }
}

impl ObjectView<'_> {
    fn value(&self, key: &dyn Val) -> Option<(&Value, NodeId)> {
        let key = key.downcast_ref::<CelString>()?;
        let value = self.entries.get(key.inner())?;
        Some((value, self.binder.property(self.node, key.inner())))
    }
}

impl Val for ObjectView<'_> {
    fn get_type(&self) -> &Type {
        &types::MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &types::MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let (Some(size), Some(indexer)) = (other.as_sizer(), other.as_indexer()) else { return false };
        *other.get_type() == types::MAP_TYPE
            && size.size().inner() == self.size().inner()
            && self.entries.iter().all(|(key, value)| {
                let mine = bound(value, self.binder, self.binder.property(self.node, key));
                indexer.get(&CelString::from(key.as_str())).is_ok_and(|theirs| mine.equals(theirs.as_ref()))
            })
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(self.clone())
    }
}

impl Indexer for ObjectView<'_> {
    fn get<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        match self.value(key) {
            // A copy of the reference outlives the borrow of the view.
            Some(_) => self.clone_field(key),
            None => Err(ExecutionError::no_such_key(&text(key))),
        }
    }

    fn steal<'w>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

impl<'v> ObjectView<'v> {
    fn clone_field<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let missing = || ExecutionError::no_such_key(&text(key));
        let name = key.downcast_ref::<CelString>().ok_or_else(missing)?;
        let entries: &'v Map<String, Value> = self.entries;
        let value = entries.get(name.inner()).ok_or_else(missing)?;
        Ok(CowVal::Owned(bound(value, self.binder, self.binder.property(self.node, name.inner()))))
    }
}

impl Container for ObjectView<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.value(key).is_some())
    }
}

impl Sizer for ObjectView<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(self.entries.len() as i64)
    }
}

impl Iterable for ObjectView<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn CelIterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        let keys = self.keys.get_or_init(|| self.entries.keys().map(|key| CelString::from(key.as_str())).collect());
        Box::new(Keys { keys: keys.iter() })
    }
}

struct Keys<'b, 'v> {
    keys: std::slice::Iter<'b, CelString<'v>>,
}

impl<'b, 'v: 'w, 'w> CelIterator<'b, 'w> for Keys<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.keys.next().map(|key| key as &(dyn Val + 'w))
    }
}
