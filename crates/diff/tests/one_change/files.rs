//! Contracts of several files: the parts of an older version in another file are compared like those in the main document.

use charter_contract::Contract;
use charter_diff::{Options, diff};

/// A contract of files in YAML. The first one is the main document.
fn contract(files: &[(&str, String)]) -> Contract {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes()));
    charter_contract::from_documents(files.collect()).unwrap_or_else(|error| panic!("{error}"))
}

/// Every line, with the name of the document.
fn lines(old: &Contract, new: &Contract) -> Vec<String> {
    let found = diff(old, new, &Options::default());
    let operations = found.operations.iter().map(|change| (&change.kind, change.place(), change.client.as_str()));
    let schemas = found.schemas.iter().map(|change| (&change.change.kind, change.change.place(), change.client.as_str()));
    let notes = found.notes.iter().map(|note| (&note.kind, Some(&note.new_location), "note"));
    let all = operations.chain(schemas).chain(notes);
    let mut lines: Vec<String> = all.map(|(kind, place, verdict)| format!("{} {} {verdict}", kind.0, place.expect("a place"))).collect();
    lines.extend(found.not_compared.iter().map(|one| format!("not compared {}", one.new_location)));
    lines
}

#[track_caller]
fn assert_lines(old: &Contract, new: &Contract, there: &[&str], back: &[&str]) {
    assert_eq!(lines(old, new), there);
    assert_eq!(lines(new, old), back);
}

/// Swagger 2.0: a path item in a file of its own, and a library of parameters and responses.
fn swagger(replaced: &str, by: &str) -> Contract {
    let main = "swagger: '2.0'\ninfo: {title: t, version: '1'}\nproduces: [application/json]\nconsumes: [application/json]\npaths:\n  /things/{id}: {$ref: items/things.yaml}\n";
    let item = "put:\n  operationId: things.put\n  produces: [application/problem+json]\n  parameters:\n  - {$ref: ../lib.yaml#/parameters/id}\n  - {$ref: ../lib.yaml#/parameters/limit}\n  - {$ref: ../lib.yaml#/parameters/body}\n  - {name: own, in: query, type: integer, minimum: 3}\n  responses:\n    '200': {$ref: ../lib.yaml#/responses/Thing}\n    '404': {description: d, schema: {type: string, maxLength: 90}}\npost:\n  operationId: things.post\n  parameters:\n  - {$ref: ../lib.yaml#/parameters/id}\n  - {$ref: ../lib.yaml#/parameters/file}\n  responses: {'200': {description: d}}\n";
    let library = "parameters:\n  id: {name: id, in: path, required: true, type: string}\n  limit: {name: limit, in: query, type: array, collectionFormat: csv, items: {type: integer, maximum: 50}}\n  file: {name: file, in: formData, type: string, maxLength: 60}\n  body: {name: body, in: body, required: true, schema: {type: object, properties: {a: {type: string, maxLength: 70}}}}\nresponses:\n  Thing:\n    description: d\n    headers: {X-Count: {type: integer, maximum: 80}}\n    schema: {type: object, properties: {b: {type: string, x-nullable: false}}}\n";
    let files = [("swagger.yaml", main), ("items/things.yaml", item), ("lib.yaml", library)];
    contract(&files.map(|(name, text)| (name, text.replace(replaced, by))))
}

#[test]
fn parts_of_swagger_in_other_files_are_judged() {
    let base = swagger("", "");
    for (replaced, by, kind, place, there, back) in [
        ("maximum: 50", "maximum: 51", "maximum", "lib.yaml#/parameters/limit/items/maximum", "compatible", "breaking"),
        ("maxLength: 60", "maxLength: 61", "max-length", "lib.yaml#/parameters/file/maxLength", "compatible", "breaking"),
        (
            "maxLength: 70",
            "maxLength: 71",
            "max-length",
            "lib.yaml#/parameters/body/schema/properties/a/maxLength",
            "compatible",
            "breaking",
        ),
        ("maximum: 80", "maximum: 81", "maximum", "lib.yaml#/responses/Thing/headers/X-Count/maximum", "breaking", "compatible"),
        ("maxLength: 90", "maxLength: 91", "max-length", "items/things.yaml#/put/responses/404/schema/maxLength", "breaking", "compatible"),
        ("minimum: 3", "minimum: 2", "minimum", "items/things.yaml#/put/parameters/3/minimum", "compatible", "breaking"),
    ] {
        let (more, less) = if kind == "minimum" { ("lowered", "raised") } else { ("raised", "lowered") };
        let changed = swagger(replaced, by);
        assert_lines(&base, &changed, &[&format!("{kind}-{more} {place} {there}")], &[&format!("{kind}-{less} {place} {back}")]);
    }
    let place = "lib.yaml#/responses/Thing/schema/properties/b";
    assert_lines(
        &base,
        &swagger("x-nullable: false", "x-nullable: true"),
        &[&format!("null-allowed {place} breaking")],
        &[&format!("null-refused {place} compatible")],
    );
    let place = "parameter-serialisation-changed lib.yaml#/parameters/limit breaking";
    assert_lines(&base, &swagger("collectionFormat: csv", "collectionFormat: multi"), &[place], &[place]);
}

#[test]
fn a_path_parameter_of_a_library_has_one_line_for_its_name() {
    let document = |key: &str, name: &str| {
        let path = format!("/things/{{{name}}}");
        let main = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n  {path}:\n    parameters: [{{$ref: lib.yaml#/parameters/{key}}}]\n    get: {{operationId: get, responses: {{'200': {{description: d}}}}}}\n"
        );
        let library = format!("parameters:\n  {key}: {{name: {name}, in: path, required: true, schema: {{type: string}}}}\n");
        contract(&[("openapi.yaml", main), ("lib.yaml", library)])
    };
    let line = |name: &str| format!("path-parameter-renamed openapi.yaml#/paths/~1things~1{{{name}}}/get compatible");
    for key in ["id", "thing"] {
        assert_lines(&document("id", "id"), &document(key, "thing"), &[&line("thing")], &[&line("id")]);
    }
}

#[test]
fn nullable_in_another_file_is_compared_as_written() {
    let document = |version: &str, schema: &str| {
        let main = format!(
            "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get: {{operationId: get, responses: {{'200': {{description: d, content: {{application/json: {{schema: {{$ref: lib.yaml#/A}}}}}}}}}}}}\n"
        );
        contract(&[("openapi.yaml", main), ("lib.yaml", format!("A:\n  type: object\n  properties:\n    v: {schema}\n"))])
    };
    let old = document("3.0.3", "{type: string, nullable: true}");
    let lines = ["version-changed openapi.yaml#/openapi note", "written-differently lib.yaml#/A/properties/v note"];
    assert_lines(&old, &document("3.1.0", "{type: [string, 'null']}"), &lines, &lines);
    let (old, new) = ("{nullable: true, allOf: [{type: string, maxLength: 3}]}", "{nullable: true, allOf: [{type: string, maxLength: 4}]}");
    let place = "lib.yaml#/A/properties/v/allOf/0/maxLength";
    let lines = [format!("max-length-raised {place} breaking"), format!("max-length-lowered {place} compatible")];
    assert_lines(&document("3.0.1", old), &document("3.0.1", new), &[&lines[0]], &[&lines[1]]);
}
