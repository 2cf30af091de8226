//! `required` of OpenAPI 3.0 and Swagger 2.0 depends on the direction of the message: names and number of the types for each direction.

use charter_codegen::name::NameLock;
use charter_codegen::{Direction, NAMES, Options, Output, generate_with};
use charter_contract::{Sources, from_sources};

const SCHEMAS: &str = "
    Account:
      type: object
      additionalProperties: false
      required: [id, secret]
      properties:
        id: {type: integer, readOnly: true}
        secret: {type: string, writeOnly: true}
        profile:
          type: object
          required: [since]
          properties: {since: {type: string, readOnly: true}}
    Accounts: {type: array, items: {$ref: '#/components/schemas/Account'}}
    Note: {type: object, properties: {text: {type: string, writeOnly: true}}}
";

fn generate(version: &str, schemas: &str, options: &Options) -> Output {
    let document = format!("openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:{schemas}");
    let contract = from_sources(Sources::of("openapi.yaml", document)).unwrap_or_else(|error| panic!("{error}"));
    generate_with(&contract, options).unwrap_or_else(|error| panic!("{error}"))
}

fn text<'o>(output: &'o Output, path: &str) -> &'o str {
    &output.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

/// The names of all types and aliases.
fn names(output: &Output) -> Vec<&str> {
    let items = text(output, "openapi.rs").lines().filter_map(|line| {
        let name = ["pub struct ", "pub enum ", "pub type "].into_iter().find_map(|start| line.strip_prefix(start))?;
        name.split([' ', '(']).next()
    });
    items.collect()
}

fn entries(output: &Output) -> Vec<(&str, Option<Direction>)> {
    output.entries.iter().map(|entry| (entry.name.as_str(), entry.direction)).collect()
}

#[test]
fn a_type_for_requests_exists_only_where_requests_and_responses_differ() {
    let output = generate("3.0.3", SCHEMAS, &Options::default());
    let wanted = ["Account", "AccountRequest", "AccountProfile", "AccountRequestProfile", "Note", "Accounts", "AccountsRequest"];
    assert_eq!(names(&output), wanted);
    let (response, request) = (Some(Direction::Response), Some(Direction::Request));
    let wanted = [("Account", response), ("Accounts", response), ("Note", None), ("AccountRequest", request), ("AccountsRequest", request)];
    assert_eq!(entries(&output), wanted);
    assert_eq!(output.census["types"], 5);
}

#[test]
fn other_versions_have_one_type_for_both_directions() {
    let output = generate("3.1.0", SCHEMAS, &Options::default());
    assert_eq!(names(&output), ["Account", "AccountProfile", "Note", "Accounts"]);
    assert!(entries(&output).iter().all(|(_, direction)| direction.is_none()));
    let types = text(&output, "openapi.rs");
    assert!(types.contains("Write only, but `required` applies to responses as well.\n    pub secret: String"), "{types}");
}

#[test]
fn the_docs_agree_with_the_types() {
    let output = generate("3.0.3", SCHEMAS, &Options::default());
    let types = text(&output, "openapi.rs");
    assert!(types.contains("Write only: never sent by the server.\n    pub secret: Option<String>"), "{types}");
    assert!(types.contains("Write only: never sent by the server.\n    pub secret: String"), "{types}");
    assert!(!types.contains("applies to responses as well"), "{types}");
    assert!(types.contains("The type for requests. ") && types.contains("The type for responses is `Account`."), "{types}");
    assert!(types.contains("The type for responses. ") && types.contains("The type for requests is `AccountRequest`."), "{types}");
    assert!(types.contains("The type for responses is `Accounts`."), "{types}");
    assert!(types.contains("(OpenAPI 3.0.4, Schema Object, `writeOnly`)"), "{types}");
}

/// A type for requests never takes the name of another schema's type, and a lock preserves its name.
#[test]
fn types_for_requests_rename_no_other_type() {
    let other = "
    AccountRequest: {type: object, properties: {x: {type: integer}}}
    AccountsRequest: {type: array, items: {type: integer}}
";
    let both = format!("{SCHEMAS}{other}");
    let free = generate("3.0.3", &both, &Options::default());
    let types = entries(&free);
    assert!(types.contains(&("AccountRequest", None)) && types.contains(&("AccountsRequest", None)), "{types:?}");
    assert!(types.contains(&("AccountRequestType", Some(Direction::Request))), "{types:?}");
    assert!(types.contains(&("AccountsRequestType", Some(Direction::Request))), "{types:?}");

    let first = generate("3.0.3", SCHEMAS, &Options::default());
    let mut options = Options::default();
    options.names = NameLock::parse(text(&first, NAMES)).expect("a lock");
    assert_eq!(generate("3.0.3", SCHEMAS, &options), first);
    let later = generate("3.0.3", &both, &options);
    let types = entries(&later);
    assert!(types.contains(&("AccountRequest", Some(Direction::Request))), "{types:?}");
    assert!(types.contains(&("AccountRequestType", None)) && types.contains(&("AccountsRequestType", None)), "{types:?}");
}

/// A property that becomes required and write-only adds a type and renames none.
#[test]
fn a_schema_that_begins_to_differ_keeps_its_name() {
    let first = generate("3.0.3", "\n    Note: {type: object, properties: {text: {type: string}}}\n", &Options::default());
    let mut options = Options::default();
    options.names = NameLock::parse(text(&first, NAMES)).expect("a lock");
    let later = "\n    Note: {type: object, required: [text], properties: {text: {type: string, writeOnly: true}}}\n";
    assert_eq!(names(&generate("3.0.3", later, &options)), ["Note", "NoteRequest"]);
}

#[test]
fn types_for_requests_can_be_renamed() {
    let mut options = Options::default();
    options.rename = [
        ("openapi.yaml#/components/schemas/Account?request".to_owned(), "NewAccount".to_owned()),
        ("openapi.yaml#/components/schemas/Account?request::secret".to_owned(), "password".to_owned()),
        ("openapi.yaml#/components/schemas/Accounts?request".to_owned(), "NewAccounts".to_owned()),
    ]
    .into();
    let output = generate("3.0.3", SCHEMAS, &options);
    let types = text(&output, "openapi.rs");
    assert!(types.contains("pub struct NewAccount {") && types.contains("pub password: String"), "{types}");
    assert!(types.contains("pub type NewAccounts = Vec<NewAccount>;"), "{types}");
    assert!(types.contains("pub struct Account {") && types.contains("pub secret: Option<String>"), "{types}");
}

/// The compiled reader reads responses, with the types for responses.
#[test]
fn the_compiled_reader_requires_what_responses_have() {
    let document = "
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /account:
    get:
      operationId: account.get
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Account'}}}}
components:
  schemas:
    Account:
      type: object
      required: [id, secret]
      properties: {id: {type: integer, readOnly: true}, secret: {type: string, writeOnly: true}}
";
    let contract = from_sources(Sources::of("openapi.yaml", document)).unwrap_or_else(|error| panic!("{error}"));
    let mut options = Options::default();
    options.reader = Some("charter_reader".to_owned());
    let output = generate_with(&contract, &options).unwrap_or_else(|error| panic!("{error}"));
    let reader = text(&output, "reader.rs");
    assert!(reader.contains("read::required(seen, 1u128)"), "{reader}");
}
