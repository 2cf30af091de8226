//! The types of small schemas accept exactly the valid instances and give them back unchanged.

use std::fmt::Debug;
use std::path::Path;

use charter_codegen_cases::{
    Money, bounds, checked, client, dates, directions, directions_client, documented_enums, hostile_words, impossible_branches, merged,
    names, null_in_every_spelling, open_objects, recursion, settings, shared, tuples, unions,
};
use charter_contract::{Contract, Direction, Location};
use charter_runtime::{self as support, Read};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn folder(case: &str) -> String {
    format!("{}/cases/{case}", env!("CARGO_MANIFEST_DIR"))
}

/// The type, the validator and the `schemars` schema agree, and an accepted document is written back unchanged.
fn check_case<T: DeserializeOwned + for<'t> Read<'t> + Serialize + Debug + JsonSchema>(case: &str) {
    check_formats::<T>(case, false);
}

/// As `check_case`; `formats` selects whether formats are assertions.
fn check_formats<T: DeserializeOwned + for<'t> Read<'t> + Serialize + Debug + JsonSchema>(case: &str, formats: bool) {
    let read = |name: &str| json(case, name);
    let compile = |schema: &Value| jsonschema::draft202012::options().should_validate_formats(formats).build(schema).expect("a schema");
    let (source, given_back) = (compile(&read("case.schema.json")), compile(&schemars::schema_for!(T).to_value()));
    check_instances::<T>(case, &source, Some(&given_back), &read("instances.json"));
}

fn json(case: &str, name: &str) -> Value {
    let path = format!("{}/{name}", folder(case));
    serde_json::from_slice(&std::fs::read(Path::new(&path)).expect("a file")).expect("JSON")
}

fn check_instances<T: DeserializeOwned + for<'t> Read<'t> + Serialize + Debug>(
    case: &str,
    source: &jsonschema::Validator,
    given_back: Option<&jsonschema::Validator>,
    instances: &Value,
) {
    for (heading, wanted) in [("valid", true), ("invalid", false)] {
        for instance in instances[heading].as_array().expect("a list") {
            assert_eq!(source.is_valid(instance), wanted, "{case}: the label of {instance} is wrong");
            let given_back = given_back.is_none_or(|schema| schema.is_valid(instance) == wanted);
            assert!(given_back, "{case}: the `schemars` schema is wrong about {instance}");
            let text = instance.to_string();
            for typed in [serde_json::from_str::<T>(&text), support::from_str::<T>(&text), serde_json::from_value::<T>(instance.clone())] {
                assert_eq!(typed.is_ok(), wanted, "{case}: {instance}: {typed:?}");
                let Ok(typed) = typed else { continue };
                // `1.0` is written back as `1`, which is equal under JSON Schema.
                let back = serde_json::to_value(&typed).expect("JSON");
                assert!(same(&back, instance), "{case}: {instance} was written back as {back}");
            }
        }
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (left, right) => left == right,
    }
}

#[test]
fn the_types_of_every_case_are_exact() {
    check_case::<bounds::Root>("bounds");
    check_case::<checked::Root>("checked");
    check_case::<dates::Root>("dates");
    check_case::<documented_enums::Root>("documented-enums");
    check_case::<hostile_words::Root>("hostile-words");
    check_case::<impossible_branches::Root>("impossible-branches");
    check_case::<merged::Root>("merged");
    check_case::<names::Root>("names");
    check_case::<null_in_every_spelling::Root>("null-in-every-spelling");
    check_case::<open_objects::Root>("open-objects");
    check_case::<recursion::Root>("recursion");
    check_formats::<settings::Root>("settings", true);
    check_case::<shared::Root>("shared");
    check_case::<tuples::Root>("tuples");
    check_case::<unions::Root>("unions");
}

/// A type accepts what its component accepts in messages of a direction. So does its `schemars` schema, if it has one.
fn check_direction<T: DeserializeOwned + for<'t> Read<'t> + Serialize + Debug>(
    contract: &Contract,
    component: &str,
    direction: Direction,
    given_back: Option<schemars::Schema>,
) {
    let location = Location::new("openapi.yaml", format!("/components/schemas/{component}"));
    let id = contract.schemas().at(&location).expect("a component");
    let bundle = contract.bundle_for(direction).expect("the direction makes a difference");
    let registry = bundle.registry().expect("documents");
    let source = bundle.validator(&registry, contract, id, false).expect("a schema");
    let compile = |schema: schemars::Schema| jsonschema::draft202012::new(schema.as_value()).unwrap_or_else(|error| panic!("{error}"));
    let given_back = given_back.map(compile);
    let instances = json("directions", "instances.json");
    let instances = &instances[component][format!("{direction:?}")];
    assert!(instances.is_object(), "{component} has no instances");
    check_instances::<T>(&format!("{component} in a {}", direction.as_str()), &source, given_back.as_ref(), instances);
}

fn load(case: &str) -> Contract {
    let text = std::fs::read(format!("{}/openapi.yaml", folder(case))).expect("a file");
    charter_contract::from_documents(vec![("openapi.yaml".to_owned(), text)]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_types_of_each_direction_are_exact() {
    use directions::*;
    use support::Nullable;
    let contract = load("directions");
    macro_rules! check {
        ($($component:literal: $response:ty, $request:ty;)*) => {$(
            check_direction::<$response>(&contract, $component, Direction::Response, Some(schemars::schema_for!($response)));
            check_direction::<$request>(&contract, $component, Direction::Request, Some(schemars::schema_for!($request)));
        )*};
    }
    // `schemars` has no schema of maps and nullable types.
    macro_rules! check_alias {
        ($($component:literal: $response:ty, $request:ty;)*) => {$(
            check_direction::<$response>(&contract, $component, Direction::Response, None);
            check_direction::<$request>(&contract, $component, Direction::Request, None);
        )*};
    }
    check! {
        "Account": Account, AccountRequest;
        "Accounts": Accounts, AccountsRequest;
        "Address": Address, Address;
        "Admin": Admin, AdminRequest;
        "Agent": Agent, AgentRequest;
        "Both": Both, Both;
        "Branch": Branch, BranchRequest;
        "Cat": Cat, CatRequest;
        "Guarded": Guarded, GuardedRequest;
        "MaybeAccount": MaybeAccount, MaybeAccountRequest;
        "Pet": Pet, PetRequest;
        "Selected": Selected, SelectedRequest;
        "Settled": Settled, Settled;
    }
    check_alias! {
        "AccountsByName": AccountsByName, AccountsByNameRequest;
        "NullableKey": NullableKeyOrNull, NullableKeyRequestOrNull;
    }
    // One type serves both directions where both accept the same values.
    let agent: AgentRequest = serde_json::from_str(r#"{"account":{"name":"a","secret":"abc"},"office":{"room":1}}"#).expect("a request");
    let _: Option<AgentOffice> = agent.office;
    let _: Option<Address> = agent.account.address;
    let _: NullableKeyOrNull = Nullable::Null;
}

#[test]
fn client_types_of_each_direction_accept_what_a_server_adds() {
    use directions_client::*;
    check_client_directions("directions-client");
    fn check_client_directions(case: &str) {
        assert!(folder(case).ends_with(case));
        let later = r#"{"id":1,"state":"paused","more":true}"#;
        let account: Account = serde_json::from_str(later).expect("a response");
        assert_eq!(serde_json::to_string(&account).expect("JSON"), later);
        assert!(serde_json::from_str::<AccountRequest>(later).is_err(), "a request has a secret");
        let request: AccountRequest = serde_json::from_str(r#"{"state":"open","secret":"s"}"#).expect("a request");
        assert_eq!(request.id, None);
        assert!(serde_json::from_str::<Account>(r#"{"state":"open","secret":"s"}"#).is_err(), "a response has an id");
        let _: Option<Guarded> = None;
    }
}

/// In client mode a type preserves unknown properties and values, and refuses all other violations.
fn check_client(case: &str) {
    assert_eq!(case, "client");
    let later = r#"{"state":"paused","thing":{"size":1,"colour":"red"},"kind":{"type":"b","b":2,"more":[1]},"new":null}"#;
    let root: client::Root = serde_json::from_str(later).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(&root.state, client::RootState::Unknown(text) if text.as_str() == "paused"));
    assert_eq!(root.state.as_str(), "paused");
    assert_eq!(serde_json::to_string(&root).expect("JSON"), later);
    let known: client::Root = serde_json::from_str(r#"{"state":"open"}"#).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(known.state, client::RootState::Open);
    for refused in [r#"{}"#, r#"{"state":1}"#, r#"{"state":"open","thing":{"size":-1}}"#, r#"{"state":"open","thing":{}}"#] {
        assert!(serde_json::from_str::<client::Root>(refused).is_err(), "{refused}");
    }
}

#[test]
fn client_types_accept_what_a_server_adds() {
    check_client("client");
}

#[test]
fn strings_with_a_format_keep_their_text_and_are_parsed_on_request() {
    let text =
        r#"{"at":"2026-07-14T09:12:31.2040+02:00","day":"2026-07-14","id":"2EB8AA08-AA98-11EA-B4AA-73B441D16380","host":"10.0.0.1"}"#;
    let root: settings::Root = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let at = root.at.as_ref().expect("an instant");
    assert_eq!(at.get().as_str(), "2026-07-14T09:12:31.2040+02:00");
    assert_eq!(at.get().value().expect("an instant").to_string(), "2026-07-14T07:12:31.204Z");
    assert_eq!(root.id.get().value().expect("a UUID").as_u128(), 0x2eb8_aa08_aa98_11ea_b4aa_73b4_41d1_6380);
    let made = settings::RootAt::new(jiff::Timestamp::UNIX_EPOCH.into()).expect("an instant");
    assert_eq!(serde_json::to_string(&made).expect("JSON"), r#""1970-01-01T00:00:00Z""#);
    assert!(settings::RootAt::new("soon".to_owned().into()).is_err());
    assert!(matches!(root.host, Some(settings::RootHost::Ipv4(ref host)) if host.get().value().is_ok()));

    let soon: dates::Root = serde_json::from_str(r#"{"at":"soon","day":"2026-07-14"}"#).unwrap_or_else(|error| panic!("{error}"));
    assert!(soon.at.expect("a text").value().is_err());
    assert_eq!(soon.day.expect("a text").value().expect("a day"), jiff::civil::date(2026, 7, 14));
}

#[test]
fn integers_maps_names_and_types_follow_the_settings() {
    let text =
        r#"{"id":"2eb8aa08-aa98-11ea-b4aa-73b441d16380","byte":7,"price":{"amount":5,"unit":"cent"},"colour":"dark-red","z":1,"y":2}"#;
    let root: settings::Root = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let byte: Option<u8> = root.byte;
    assert_eq!(byte, Some(7));
    assert_eq!(root.price.as_deref(), Some(&Money { amount: 5, unit: "cent".to_owned() }));
    assert_eq!(root.colour, Some(settings::Shade::Maroon));
    assert_eq!(root.price_each, None);
    let other: &std::collections::BTreeMap<String, support::Value> = &root.additional;
    assert_eq!(other.keys().collect::<Vec<_>>(), ["y", "z"]);
    let error = serde_json::from_str::<settings::Root>(r#"{"id":"2eb8aa08-aa98-11ea-b4aa-73b441d16380","byte":256}"#).expect_err("no byte");
    assert!(error.to_string().contains(r#"at "/byte": maximum: found 256, expected at most 255"#), "{error}");
    let error = serde_json::from_str::<settings::Root>(r#"{"id":"2eb8aa08-aa98-11ea-b4aa-73b441d16380","price":{"amount":5}}"#);
    let error = error.expect_err("no money");
    assert!(error.to_string().contains(r#"at "/price": missing field `unit`"#), "{error}");
}
