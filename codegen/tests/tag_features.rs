//! Cargo features by tag: a crate compiles with every set of features, and each feature compiles what its operations use.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use charter_codegen::{Options, Output, Runtime, generate_with, package};

const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/runtime");

/// Operations of three tags, of two tags at once, and without a tag; a component that no operation uses.
const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
tags:
  - name: Parcel tracking
  - name: Orders
  - name: never used
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [Orders]
      parameters:
        - { name: status, in: query, schema: { enum: [open, closed] } }
        - { name: after, in: query, schema: { type: string } }
      responses:
        "200":
          description: a page
          content:
            application/json:
              schema:
                type: object
                properties: { data: { $ref: "#/components/schemas/Orders" }, has_more: { type: boolean } }
                required: [data]
        "400": { $ref: "#/components/responses/Problem" }
    post:
      operationId: placeOrder
      tags: [Orders]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/NewOrder" } } } }
      responses:
        "201": { description: placed, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
        "202": { description: accepted }
  /parcels/{id}:
    get:
      operationId: readParcel
      tags: [Parcel tracking]
      parameters: [{ name: id, in: path, required: true, schema: { type: string, maxLength: 8 } }]
      responses:
        "200": { description: a parcel, content: { application/json: { schema: { $ref: "#/components/schemas/Parcel" } } } }
        "404": { $ref: "#/components/responses/Problem" }
  /labels:
    post:
      operationId: makeLabel
      tags: [Orders, Parcel tracking]
      parameters: [{ name: dpi, in: query, schema: { type: integer } }]
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Labelled" } }
          text/plain: { schema: { type: string } }
      responses:
        "200": { description: a label, content: { application/pdf: {} } }
        "422": { description: refused, content: { application/json: { schema: { $ref: "#/components/schemas/Refusal" } } } }
  /types:
    get:
      operationId: listTypes
      tags: [type]
      responses:
        "200":
          description: types
          content: { application/json: { schema: { type: array, items: { type: object, properties: { kind: { enum: [a, b] } } } } } }
  /health:
    get:
      operationId: health
      responses:
        default: { description: the state, content: { application/json: { schema: { $ref: "#/components/schemas/Health" } } } }
components:
  responses:
    Problem: { description: a problem, content: { application/json: { schema: { $ref: "#/components/schemas/Problem" } } } }
  schemas:
    Address: { type: object, properties: { city: { type: string, minLength: 1 } }, required: [city], additionalProperties: false }
    Archive: { type: object, properties: { orders: { $ref: "#/components/schemas/Orders" }, year: { type: integer, minimum: 1990 } } }
    Health: { type: object, properties: { state: { enum: [up, down] } }, required: [state] }
    Labelled: { oneOf: [{ $ref: "#/components/schemas/NewOrder" }, { $ref: "#/components/schemas/Parcel" }] }
    NewOrder:
      type: object
      properties: { size: { enum: [S, L], default: S }, to: { $ref: "#/components/schemas/Address" } }
      required: [size]
      additionalProperties: false
    Order: { allOf: [{ $ref: "#/components/schemas/Base" }, { type: object, properties: { note: { type: [string, "null"] } } }] }
    Base: { type: object, properties: { id: { type: string, pattern: "^o-" } }, required: [id] }
    Orders: { type: array, items: { $ref: "#/components/schemas/Order" } }
    Parcel:
      type: object
      properties: { to: { $ref: "#/components/schemas/Address" }, parts: { type: array, items: { $ref: "#/components/schemas/Parcel" } } }
      required: [to]
      additionalProperties: false
    Problem: { type: object, properties: { title: { type: string } }, required: [title] }
    Refusal: { type: object, properties: { reason: { enum: [size, address] } } }
"##;

fn generate(tag_features: bool) -> (Output, Options) {
    let contract = charter_contract::from_documents(vec![("shop.yaml".to_owned(), DOCUMENT.as_bytes().to_vec())]).expect("a contract");
    let mut options = Options::of(&contract);
    (options.client, options.server, options.tag_features) = (true, true, tag_features);
    options.runtime = Runtime::Path(RUNTIME.into());
    (generate_with(&contract, &options).expect("types"), options)
}

/// The features that compile each public item, by its name. An item without features is always compiled.
fn items(output: &Output) -> BTreeMap<String, Vec<String>> {
    let text = |name: &str| output.files.iter().find(|file| file.path == name).map_or("", |file| file.text.as_str());
    let features = |attributes: &[syn::Attribute]| -> Vec<String> {
        let of = |attribute: &syn::Attribute| attribute.path().is_ident("cfg").then(|| named(&quote::ToTokens::to_token_stream(attribute)));
        attributes.iter().filter_map(of).flatten().collect()
    };
    let mut found = BTreeMap::new();
    for item in syn::parse_file(text("mod.rs")).expect("Rust").items {
        let syn::Item::Mod(module) = item else { continue };
        for item in syn::parse_file(text(&format!("{}.rs", module.ident))).expect("Rust").items {
            let (name, attributes) = match &item {
                syn::Item::Struct(item) => (item.ident.to_string(), &item.attrs),
                syn::Item::Enum(item) => (item.ident.to_string(), &item.attrs),
                syn::Item::Type(item) => (item.ident.to_string(), &item.attrs),
                _ => continue,
            };
            let features = [features(&module.attrs), features(attributes)].concat();
            assert!(found.insert(name.clone(), features).is_none(), "{name} is there twice");
        }
    }
    found
}

/// The features in an attribute.
fn named(attribute: &proc_macro2::TokenStream) -> Vec<String> {
    attribute.to_string().split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn each_type_is_compiled_with_the_operations_that_use_it() {
    let (output, _) = generate(true);
    let items = items(&output);
    let of = |name: &str| items.get(name).unwrap_or_else(|| panic!("{name} in {items:?}")).join(" ");
    for (features, names) in [
        ("", vec!["Health", "HealthState", "HealthError", "Client"]),
        ("orders", vec!["ListOrdersResponse", "ListOrdersOptions", "ListOrdersError", "PlaceOrderSuccess"]),
        ("parcel-tracking", vec!["ReadParcelError"]),
        (
            "parcel-tracking orders",
            vec!["NewOrder", "Labelled", "Parcel", "Address", "Problem", "Refusal", "MakeLabelError", "MakeLabelBody"],
        ),
        ("orders other-types", vec!["Order", "Orders", "Base"]),
        ("type", vec!["ListTypesResponseItem"]),
        ("other-types", vec!["Archive"]),
    ] {
        for name in names {
            assert_eq!(of(name), features, "{name}");
        }
    }
}

#[test]
fn names_do_not_depend_on_features() {
    let names = |tag_features| items(&generate(tag_features).0).into_keys().collect::<Vec<_>>();
    assert_eq!(names(true), names(false));
}

#[test]
fn without_the_option_there_are_no_features() {
    let (output, options) = generate(false);
    assert_eq!(output.tag_features, []);
    for file in package::package("shop", &output, &options) {
        let others = file.text.lines().filter(|line| line.contains("feature = \"") && !line.contains("\"schemars\""));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", file.path);
    }
}

/// Clippy refuses an empty line after an attribute.
#[test]
fn attributes_are_next_to_their_items() {
    for file in generate(true).0.files {
        let lines: Vec<&str> = file.text.lines().collect();
        let torn = lines.windows(2).find(|lines| lines[0].starts_with("#[cfg") && lines[1].is_empty());
        assert_eq!(torn, None, "{}", file.path);
    }
}

#[test]
fn the_manifest_declares_the_features() {
    let (output, options) = generate(true);
    let files = package::package("shop", &output, &options);
    let manifest = &files.iter().find(|file| file.path == "Cargo.toml").expect("a manifest").text;
    let (_, features) = manifest.split_once("[features]\n").expect("features");
    insta::assert_snapshot!("tag_features_manifest", features);
    let paths: Vec<&str> = output.files.iter().map(|file| file.path.as_str()).filter(|path| path.ends_with(".rs")).collect();
    insta::assert_snapshot!("tag_features_files", paths.join("\n"));
}

/// Every warning is an error.
#[test]
fn a_crate_compiles_with_every_set_of_features() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tag-features");
    let _ = std::fs::remove_dir_all(&folder);
    let (output, options) = generate(true);
    for file in package::package("shop", &output, &options) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is created");
        std::fs::write(path, &file.text).expect("the file is written");
    }
    let manifest = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(&manifest, format!("{text}\n[workspace]\n")).expect("the manifest is written");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file is copied");
    let names: Vec<&str> = output.tag_features.iter().map(|feature| feature.name.as_str()).collect();
    let mut sets: Vec<Vec<&str>> = vec![Vec::new(), vec!["schemars"], vec!["default"], vec!["default", "schemars"]];
    sets.extend(names.iter().map(|name| vec![*name, "schemars"]));
    for features in sets {
        let checked = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet", "--no-default-features", "--features", &features.join(",")])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaged-target"))
            .env("RUSTFLAGS", "--deny warnings")
            .output()
            .expect("cargo runs");
        assert!(checked.status.success(), "{features:?}:\n{}", String::from_utf8_lossy(&checked.stderr));
    }
}
