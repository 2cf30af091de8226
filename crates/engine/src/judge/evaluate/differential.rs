//! The evaluator against the `cel` crate: the same values and the same faults, on trees and on bytes, with slots and without.

use charter_contract::Contract;
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, Quantifier, Site, UnaryOperator};
use charter_rules::slots::{ContractSlots, SlotTable};
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use super::json::Json;
use super::peer::Engine;
use super::program::{Program, Tables};
use super::scope::{Evaluated, Scope, Variable};
use crate::judge::bind::{Binder, NodeId, OPEN};
use crate::judge::rule::tables;

/// A variable of an expression.
struct Bound<'d> {
    name: &'static str,
    value: &'d Value,
    text: String,
    node: NodeId,
}

impl<'d> Bound<'d> {
    fn new(name: &'static str, value: &'d Value, node: NodeId) -> Self {
        // White space and escapes must not matter.
        let text = serde_json::to_string_pretty(value).expect("JSON").replace('é', "\\u00e9");
        Self { name, value, text, node }
    }
}

type Outcome = Result<Evaluated, String>;

fn own(node: &Node, binder: &Binder, variables: &[Bound<'_>], tables: Tables<'_>, raw: bool) -> Outcome {
    let Tables { self_, old_self, request, response } = tables;
    let program = Program::compile(node, tables).map_err(|error| error.to_string())?;
    let mut scope = Scope::new(binder);
    for bound in variables {
        let table = match bound.name {
            "self" => self_,
            "oldSelf" => old_self,
            "request" => request,
            _ => response,
        };
        let json = if raw { Json::raw(&bound.text) } else { Json::Tree(bound.value) };
        scope.set(bound.name, Variable::new(json, binder, bound.node, table));
    }
    scope.evaluate(&program).map_err(|fault| fault.to_string())
}

fn peer(engine: &Engine, node: &Node, binder: &Binder, variables: &[Bound<'_>]) -> Outcome {
    let compiled = engine.compile(node)?;
    let mut scope = engine.scope();
    for bound in variables {
        scope.set(bound.name, bound.value, binder, bound.node);
    }
    scope.evaluate(&compiled)
}

/// The part of a fault that both evaluators word alike. They print lists and objects as operands of arithmetic differently.
fn alike(outcome: Outcome) -> Outcome {
    outcome.map_err(|message| match message.split_once(':') {
        Some((start, _)) if start.starts_with("Unsupported binary operator") => start.to_owned(),
        _ => message,
    })
}

/// Compares every way to evaluate an expression. Returns the result.
fn check(
    engine: &Engine,
    node: &Node,
    binder: &Binder,
    variables: &[Bound<'_>],
    tables: Tables<'_>,
    compared: fn(Outcome) -> Outcome,
) -> Outcome {
    let expected = compared(peer(engine, node, binder, variables));
    for (form, raw, tables) in [
        ("a tree", false, Tables::default()),
        ("a tree with slots", false, tables),
        ("bytes", true, Tables::default()),
        ("bytes with slots", true, tables),
    ] {
        let found = compared(own(node, binder, variables, tables, raw));
        assert_eq!(found, expected, "{node} on {form}: {:?}", variables.iter().map(|bound| bound.value.to_string()).collect::<Vec<_>>());
    }
    expected
}

fn contract() -> Contract {
    charter_rules::load("../../schema".into()).unwrap_or_else(|error| panic!("{error}"))
}

/// Documents that differ from a document in one place.
fn neighbours(value: &Value) -> Vec<Value> {
    let mut all = vec![value.clone()];
    let others =
        [json!(null), json!(0), json!(-1.5), json!(u64::MAX), json!("x"), json!("2026-07-01T10:00:00Z"), json!([]), json!({}), json!(true)];
    let mut pointers = Vec::new();
    fn collect(value: &Value, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Value::Object(members) => {
                members
                    .iter()
                    .for_each(|(key, member)| collect(member, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all));
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| collect(item, &format!("{at}/{index}"), all)),
            _ => {}
        }
    }
    collect(value, "", &mut pointers);
    for pointer in pointers {
        for other in &others {
            let mut copy = value.clone();
            if let Some(place) = copy.pointer_mut(&pointer) {
                *place = other.clone();
            }
            all.push(copy);
        }
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        let mut copy = value.clone();
        if let Some(Value::Object(members)) = copy.pointer_mut(parent) {
            members.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        all.push(copy);
    }
    all
}

#[test]
fn both_evaluators_agree_on_every_rule_of_the_bundled_contract() {
    let contract = contract();
    let engine = Engine::new().expect("an engine");
    let slots = ContractSlots::of(&contract);
    let schemas = contract.invariants().invariants.iter().filter_map(|invariant| match invariant.on {
        Site::Schema(id) => Some(id),
        Site::Response { .. } => None,
    });
    let binder = Binder::new(&contract, schemas.chain(contract.invariants().invariants.iter().filter_map(|rule| rule.earlier)));
    let (mut evaluations, mut faults) = (0, 0);
    for invariant in &contract.invariants().invariants {
        let node = match invariant.on {
            Site::Schema(id) => binder.root(id),
            Site::Response { .. } => OPEN,
        };
        let old_node = invariant.earlier.map_or(node, |earlier| binder.root(earlier));
        let operation = invariant.uses.iter().find(|site| site.excluded.is_none()).map(|site| site.operation.as_str());
        let request_node = operation.map_or(OPEN, |operation| binder.request(operation));
        let examples = [&invariant.examples.pass, &invariant.examples.fail, &invariant.examples.skip];
        for case in examples.into_iter().flatten() {
            for self_ in neighbours(&case.self_) {
                let absent = Value::Null;
                let mut variables =
                    vec![Bound::new("self", &self_, node), Bound::new("oldSelf", case.old_self.as_ref().unwrap_or(&absent), old_node)];
                variables.extend(case.request.as_ref().map(|request| Bound::new("request", request, request_node)));
                variables.extend(case.response.as_ref().map(|response| Bound::new("response", response, OPEN)));
                for expression in invariant.expressions().map(|(_, expression)| &expression.root).chain(&invariant.interest) {
                    evaluations += 1;
                    faults += usize::from(check(&engine, expression, &binder, &variables, tables(&slots, invariant), alike).is_err());
                }
            }
        }
    }
    assert!(evaluations > 10_000 && faults > 100 && faults * 2 < evaluations, "{evaluations} evaluations, {faults} faults");
}

/// Scalars, lists and objects with few keys, so that generated paths meet them.
fn documents() -> impl Strategy<Value = Value> {
    let numbers = proptest::sample::select(vec![
        json!(0),
        json!(1),
        json!(-7),
        json!(2.5),
        json!(3.0),
        json!(-0.0),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
    ]);
    let texts = proptest::sample::select(vec!["", "a", "b", "é\"\\", "3", "1.5", "2026-07-01T10:00:00.5Z"]);
    let scalars = proptest::prop_oneof![
        1 => proptest::strategy::Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => numbers,
        3 => texts.prop_map(Value::from),
    ];
    scalars.prop_recursive(3, 24, 4, |inner| {
        let keys = proptest::sample::select(vec!["a", "b", "c", "é\"\\"]).prop_map(str::to_owned);
        proptest::prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((keys, inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn node(kind: NodeKind) -> Node {
    Node::new(kind)
}

fn boxed(node: Node) -> Box<Node> {
    Box::new(node)
}

fn expressions() -> impl Strategy<Value = Node> {
    let literal = proptest::sample::select(vec![
        Literal::Null,
        Literal::Bool(true),
        Literal::Bool(false),
        Literal::Int(0),
        Literal::Int(1),
        Literal::Int(3),
        Literal::Int(i64::MAX),
        Literal::Uint(2),
        Literal::Double(2.5),
        Literal::Double(3.0),
        Literal::String("a".to_owned()),
        Literal::String("b".to_owned()),
        Literal::Bytes(vec![97]),
    ])
    .prop_map(|literal| node(NodeKind::Literal(literal)));
    let variable = proptest::sample::select(vec!["self", "oldSelf", "x", "y"]).prop_map(|name| node(NodeKind::Variable(name.to_owned())));
    let field = || proptest::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
    let path = proptest::collection::vec((field(), any::<bool>()), 1..3).prop_map(|keys| {
        keys.into_iter().fold(node(NodeKind::Variable("self".to_owned())), |of, (field, by_index)| match by_index {
            false => node(NodeKind::Select { of: boxed(of), field }),
            true => node(NodeKind::Index { of: boxed(of), key: boxed(node(NodeKind::Literal(Literal::String(field)))) }),
        })
    });
    let leaf = proptest::prop_oneof![2 => literal, 2 => variable, 4 => path];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        use BinaryOperator::{
            Add, And, Divide, Equal, Greater, GreaterEqual, In, Less, LessEqual, Modulo, Multiply, NotEqual, Or, Subtract,
        };
        let operators =
            vec![And, And, Or, Or, Equal, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, Add, Subtract, Multiply, Divide, Modulo];
        let quantifiers = vec![Quantifier::All, Quantifier::Exists, Quantifier::ExistsOne, Quantifier::Map, Quantifier::Filter];
        let functions = vec![
            "size", "int", "uint", "double", "string", "bytes", "dyn", "isInstant", "isWhole", "isAscending", "milliseconds", "bool",
            "timestamp",
        ];
        let methods = vec!["size", "contains", "startsWith", "endsWith", "getHours", "getFullYear"];
        proptest::prop_oneof![
            1 => (inner.clone(), field()).prop_map(|(of, field)| node(NodeKind::Select { of: boxed(of), field })),
            1 => (inner.clone(), field()).prop_map(|(of, field)| node(NodeKind::Has { of: boxed(of), field })),
            1 => (inner.clone(), inner.clone()).prop_map(|(of, key)| node(NodeKind::Index { of: boxed(of), key: boxed(key) })),
            1 => inner.clone().prop_map(|of| node(NodeKind::Unary { operator: UnaryOperator::Not, of: boxed(of) })),
            1 => inner.clone().prop_map(|of| node(NodeKind::Unary { operator: UnaryOperator::Negate, of: boxed(of) })),
            4 => (proptest::sample::select(operators), inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| node(NodeKind::Binary { operator, left: boxed(left), right: boxed(right) })),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(test, then, otherwise)| {
                node(NodeKind::Conditional { test: boxed(test), then: boxed(then), otherwise: boxed(otherwise) })
            }),
            1 => proptest::collection::vec(inner.clone(), 0..3).prop_map(|items| node(NodeKind::List(items))),
            1 => (proptest::sample::select(functions), inner.clone())
                .prop_map(|(function, argument)| node(NodeKind::Call { function: function.to_owned(), of: None, arguments: vec![argument] })),
            1 => (proptest::sample::select(methods), inner.clone(), proptest::option::of(inner.clone())).prop_map(|(function, of, argument)| {
                node(NodeKind::Call { function: function.to_owned(), of: Some(boxed(of)), arguments: argument.into_iter().collect() })
            }),
            1 => inner.clone().prop_map(|of| {
                let pattern = node(NodeKind::Literal(Literal::String("^[ab]+$".to_owned())));
                node(NodeKind::Call { function: "matches".to_owned(), of: Some(boxed(of)), arguments: vec![pattern] })
            }),
            3 => (proptest::sample::select(quantifiers), inner.clone(), any::<bool>(), inner.clone(), proptest::option::of(inner)).prop_map(
                |(quantifier, range, is_x, body, mapped)| {
                    let variable = if is_x { "x" } else { "y" }.to_owned();
                    let mapped = mapped.filter(|_| quantifier == Quantifier::Map).map(Box::new);
                    node(NodeKind::Quantified { quantifier, range: boxed(range), variable, value: None, body: boxed(body), mapped })
                }
            ),
        ]
    })
}

#[test]
fn both_evaluators_agree_on_generated_expressions() {
    let engine = Engine::new().expect("an engine");
    let binder = Binder::open();
    let mut runner = TestRunner::new(Config { cases: 5_000, rng_seed: RngSeed::Fixed(19), failure_persistence: None, ..Config::default() });
    let (mut values, mut faults) = (0, 0);
    let strategy = (expressions(), documents(), documents(), documents());
    let cases = std::cell::RefCell::new((&mut values, &mut faults));
    runner
        .run(&strategy, |(expression, self_, old_self, x)| {
            let mut table = SlotTable::default();
            table.add(&expression, "self");
            let tables = Tables { self_: Some(&table), ..Tables::default() };
            let self_ = json!({"a": self_, "b": x, "c": "a"});
            let y = json!("a");
            let variables =
                [("self", &self_), ("oldSelf", &old_self), ("x", &x), ("y", &y)].map(|(name, value)| Bound::new(name, value, OPEN));
            // Unlike the specification, the `cel` crate appends the keys of a map to a list.
            let appended = own(&expression, &binder, &variables, tables, false).err();
            if appended.is_some_and(|fault| fault.starts_with("Unsupported binary operator 'add'")) {
                return Ok(());
            }
            // Expressions without a type can have several faults, of which the evaluators report different ones.
            let outcome = check(&engine, &expression, &binder, &variables, tables, |outcome| outcome.map_err(|_| String::new()));
            let mut counts = cases.borrow_mut();
            match outcome {
                Ok(_) => *counts.0 += 1,
                Err(_) => *counts.1 += 1,
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(values > 300 && faults > 1_000, "{values} values, {faults} faults");
}

#[test]
fn evaluation_stops_when_the_budget_is_spent() {
    let value = json!((0..400).collect::<Vec<_>>());
    for rule in [
        "l.all(a, l.all(b, l.all(c, a + b + c >= 0)))",
        // `|| true` absorbs the error of exceeding the limit, like any other error.
        "l.exists(a, l.exists(b, l.exists(c, a + b + c < 0))) || true",
        "l.map(a, l.map(b, l.filter(c, c > a)))[0] == []",
        "l.exists_one(a, l.exists_one(b, l.exists_one(c, a + b + c < 0)))",
    ] {
        let parsed = charter_rules::parse_expression(rule).expect(rule);
        let program = Program::compile(&parsed.root, Tables::default()).expect(rule).with_budget(100_000);
        let binder = Binder::open();
        let mut scope = Scope::new(&binder);
        scope.set("l", Variable::new(&value, &binder, OPEN, None));
        let result = scope.evaluate(&program);
        match rule.ends_with("|| true") {
            true => assert_eq!(result, Ok(Evaluated::Bool(true))),
            false => assert!(result.as_ref().is_err_and(|error| error.to_string().contains("too many steps")), "{rule}: {result:?}"),
        }
    }
}
