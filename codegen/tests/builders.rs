//! Which objects have a builder.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use charter_codegen::{Builders, Options, generate_with};

/// An operation with parameters, a body and responses, and a component that no operation uses.
const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders:
    post:
      operationId: placeOrder
      parameters:
        - { name: filter, in: query, content: { application/json: { schema: { $ref: "#/components/schemas/Filter" } } } }
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/NewOrder" } } } }
      responses:
        "201": { description: placed, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
components:
  schemas:
    Filter: { type: object, properties: { customer: { type: string } } }
    NewOrder: { type: object, properties: { lines: { type: array, items: { $ref: "#/components/schemas/Line" } }, to: { $ref: "#/components/schemas/Target" } } }
    Target: { oneOf: [{ $ref: "#/components/schemas/Address" }, { type: string }] }
    Address: { type: object, properties: { city: { type: string } }, required: [city], minProperties: 1 }
    Line: { type: object, properties: { sku: { type: string } } }
    Order: { type: object, properties: { id: { type: string }, lines: { type: array, items: { $ref: "#/components/schemas/Line" } }, labels: { $ref: "#/components/schemas/Labels" } } }
    Labels: { type: object, properties: { first: { type: string } }, minProperties: 1 }
    Unused: { type: object, properties: { id: { type: string } } }
"##;

/// The names of the builders of a document.
fn builders(document: &str, set: impl FnOnce(&mut Options)) -> BTreeSet<String> {
    let contract = charter_contract::from_documents(vec![("shop.yaml".to_owned(), document.as_bytes().to_vec())]).expect("a contract");
    let mut options = Options::of(&contract);
    set(&mut options);
    let output = generate_with(&contract, &options).expect("types");
    let code = output.files.iter().filter(|file| file.path.as_str().ends_with("_impl.rs")).flat_map(|file| file.text.lines());
    let words = |line: &str| Some(line.split_once("builder ")?.1.split([' ', ')', ';']).next()?.to_owned());
    code.filter(|line| !line.trim_start().starts_with("//")).filter_map(words).collect()
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| format!("{name}Builder")).collect()
}

#[test]
fn builders_of_requests_are_those_of_parameters_and_bodies_and_of_what_they_contain() {
    let found = builders(DOCUMENT, |options| options.builders = Some(Builders::Requests));
    assert_eq!(found, names(&["Filter", "NewOrder", "Address", "Line"]));
}

#[test]
fn every_object_has_a_builder_by_default() {
    let all = names(&["Filter", "NewOrder", "Address", "Line", "Order", "Labels", "Unused"]);
    assert_eq!(builders(DOCUMENT, |_| {}), all);
    assert_eq!(builders(DOCUMENT, |options| options.builders = Some(Builders::All)), all);
}

/// The document with more components than a contract with few types has.
fn large(document: &str) -> String {
    let mut large = document.to_owned();
    for index in 0..2_000 {
        let _ = writeln!(large, "    Extra{index}: {{ type: object, properties: {{ key{index}: {{ type: string }} }} }}");
    }
    large
}

#[test]
fn a_contract_with_many_types_has_the_builders_of_requests() {
    let of_requests = names(&["Filter", "NewOrder", "Address", "Line"]);
    assert_eq!(builders(&large(DOCUMENT), |_| {}), of_requests);
    assert!(builders(&large(DOCUMENT), |options| options.builders = Some(Builders::All)).len() > 2_000);
}

#[test]
fn servers_and_contracts_without_operations_have_all_builders() {
    // A server makes the responses.
    assert!(builders(&large(DOCUMENT), |options| options.server = true).len() > 2_000);
    let (head, rest) = DOCUMENT.split_once("paths:").expect("paths");
    let components = rest.split_once("components:").expect("components").1;
    assert!(builders(&large(&format!("{head}components:{components}")), |_| {}).len() > 2_000);
}
