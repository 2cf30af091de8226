//! A judge with a compiled reader compiles the schemas when a response first needs them, and reports errors then.

use charter_contract_tests::{Contract, Exchange, Judge, Judgeable};
use charter_reader::Compiled;
use charter_rules::from_documents;

const OPENAPI: &str = r##"
openapi: 3.1.0
paths:
  /things:
    get:
      operationId: things.get
      responses:
        "200":
          description: A thing.
          content: {application/json: {schema: {$ref: thing.schema.json}}}
"##;

fn contract(pattern: &str) -> Contract {
    let thing = format!(r#"{{"type": "object", "properties": {{"name": {{"type": "string", "pattern": "{pattern}"}}}}}}"#);
    let files = vec![("openapi.yaml".to_owned(), OPENAPI.as_bytes().to_vec()), ("thing.schema.json".to_owned(), thing.into_bytes())];
    from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

/// A compiled reader that reads nothing.
fn compiled(contract: String) -> Compiled {
    let contract = Box::leak(contract.into_boxed_str());
    Compiled { contract, schemas: &[], readers: &[], events: &[], rules_from: 0, rules: &[], sites_from: 0, sites: &[], interpreted: &[] }
}

#[test]
fn schemas_are_the_same_early_or_late() {
    let contract = contract("^a+$");
    let (early, late) = (Judge::new(&contract), Judge::with_lazy_schemas(&contract, &compiled(contract.digest())));
    for body in [r#"{"name": "aa"}"#, r#"{"name": "b"}"#, "[]"] {
        let exchange = Exchange::get("/things").response(200, body);
        let [early, late] = [&early, &late].map(|judge| exchange.report(judge.as_ref().expect("the schemas compile")));
        assert_eq!(serde_json::to_value(early).ok(), serde_json::to_value(late).ok(), "{body}");
    }
}

#[test]
fn a_compile_error_is_reported_at_once_or_at_first_use() {
    let contract = contract("(");
    let error_of = |judge: Result<Judge, charter_contract_tests::Error>| judge.expect_err("no pattern").to_string();
    let early = error_of(Judge::new(&contract));
    assert!(early.contains("the schema cannot be compiled"), "{early}");
    // A reader of another contract is not used.
    assert_eq!(error_of(Judge::with_lazy_schemas(&contract, &compiled("sha256:0".to_owned()))), early);
    let late = Judge::with_lazy_schemas(&contract, &compiled(contract.digest())).expect("no schema was needed");
    let report = Exchange::get("/things").response(200, r#"{"name": "("}"#).report(&late);
    assert_eq!((report.summary.unreadable, report.summary.kept), (1, 0));
    assert!(report.inputs[0].error.as_ref().is_some_and(|error| error.contains(&early)), "{:?}", report.inputs);
}
