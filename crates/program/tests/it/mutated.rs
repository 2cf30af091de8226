//! Valid documents, changed at every byte: a program accepts none that the reference path refuses, and decides most valid ones.

use charter_contract::{Location, Sources};

use crate::support::Both;

/// Objects, unions by tag, by required keys and by type, maps, recursion, conditions.
const SHOP: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
  "required": ["id", "state", "lines", "payment"],
  "properties": {
    "id": {"type": "string", "pattern": "^o-[0-9]+$", "minLength": 3, "maxLength": 8},
    "state": {"enum": ["open", "paid", "shipped"]},
    "total": {"type": ["number", "null"], "minimum": 0, "exclusiveMaximum": 1000, "multipleOf": 2},
    "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/$defs/Line"}},
    "payment": {"oneOf": [
      {"type": "object", "required": ["kind", "card"], "properties": {"kind": {"const": "card"}, "card": {"type": "string"}}},
      {"type": "object", "required": ["kind", "iban"], "properties": {"kind": {"const": "bank"}, "iban": {"type": "string"}}},
      {"type": "null"}]},
    "notes": {"type": "object", "maxProperties": 2, "propertyNames": {"maxLength": 4}, "additionalProperties": {"type": ["string", "boolean"]}},
    "tags": {"type": "array", "uniqueItems": true, "items": {"type": ["string", "integer"]}, "contains": {"const": "a"}},
    "parts": {"$ref": "#/$defs/Tree"},
    "extra": {"anyOf": [{"type": "object", "required": ["x"]}, {"type": "object", "required": ["y"], "properties": {"y": {"type": "integer"}}}]}
  },
  "dependentRequired": {"total": ["tags"]},
  "if": {"properties": {"state": {"const": "paid"}}}, "then": {"required": ["total"]},
  "$defs": {
    "Line": {"allOf": [{"$ref": "#/$defs/Base"}], "required": ["price"], "properties": {"price": {"type": "number"}}, "not": {"required": ["free"]}},
    "Base": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
      "patternProperties": {"^x-": {"type": "integer"}}},
    "Tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}, "leaf": {"type": "boolean"}}, "additionalProperties": false}
  }
}"##;

const ORDERS: [&str; 5] = [
    r#"{"id":"o-12","state":"open","lines":[{"sku":"a","price":1.5,"count":2},{"sku":"b","price":0,"x-a":1}],"payment":null}"#,
    r#"{"id":"o-1","state":"paid","total":10,"tags":["a",1,"b"],"lines":[{"price":1,"sku":"é"}],"payment":{"kind":"card","card":"c"}}"#,
    r#"{ "payment" : {"iban":"x","kind":"bank"}, "lines" : [ {"sku":"","price":1e2,"more":[{}]} ], "state":"shipped","id":"o-345" }"#,
    r#"{"id":"o-9","state":"open","lines":[{"sku":"a","price":1}],"payment":null,"notes":{"a":"b","c":true},"parts":{"left":{"left":{},"leaf":true}}}"#,
    r#"{"id":"o-9","state":"open","lines":[{"sku":"a","price":1}],"payment":null,"extra":{"x":1,"y":2},"total":null,"tags":["a"]}"#,
];

#[test]
fn mutated_documents_are_accepted_only_if_they_are_valid() {
    let contract = charter_contract::from_sources(Sources::of("shop.schema.json", SHOP)).unwrap_or_else(|error| panic!("{error}"));
    let root = contract.schemas().at(&Location::root("shop.schema.json")).expect("the root");
    let mut both = Both::new(&contract, root).expect("the schema compiles");
    assert_eq!(both.program.left().collect::<Vec<_>>(), []);
    let (mut valid, mut decided) = (0, 0);
    let mut check = |body: &[u8]| {
        let is_decided = both.decides(body, "shop");
        if both.is_valid(body) {
            valid += 1;
            decided += usize::from(is_decided);
        }
    };
    for order in ORDERS {
        let bytes = order.as_bytes();
        check(bytes);
        for at in 0..bytes.len() {
            check(&bytes[..at]);
            check(&[&bytes[..at], &bytes[at + 1..]].concat());
            for byte in *b"\"\\{}[]:,09-.eEx tn\x00\xff" {
                check(&[&bytes[..at], &[byte], &bytes[at + 1..]].concat());
                check(&[&bytes[..at], &[byte], &bytes[at..]].concat());
            }
        }
        // Every member is repeated, and every pair of neighbouring parts is exchanged.
        let parts: Vec<&str> = order.split(',').collect();
        for at in 0..parts.len() {
            let mut repeated = parts.clone();
            repeated.insert(at, parts[at]);
            check(repeated.join(",").as_bytes());
            if at > 0 {
                let mut exchanged = parts.clone();
                exchanged.swap(at - 1, at);
                check(exchanged.join(",").as_bytes());
            }
        }
    }
    assert!(valid > 500, "{valid}");
    // Keys with escapes and numbers that reading rounds are left to the reference path.
    assert!(decided * 100 >= valid * 95, "{decided} of {valid}");
}

#[test]
fn the_given_documents_are_decided() {
    let contract = charter_contract::from_sources(Sources::of("shop.schema.json", SHOP)).expect("a contract");
    let root = contract.schemas().at(&Location::root("shop.schema.json")).expect("the root");
    let mut both = Both::new(&contract, root).expect("the schema compiles");
    for order in ORDERS {
        assert!(both.is_valid(order.as_bytes()), "{order}");
        assert!(both.decides(order.as_bytes(), "shop"), "{order}");
    }
}
