//! The type of `self` in a rule about the responses of an operation.

use charter_rules::from_documents;

fn errors(content: &str, rule: &str) -> String {
    let openapi = format!(
        "
openapi: 3.0.3
info: {{title: t, version: '1'}}
paths:
  /pets:
    get:
      operationId: pets.get
      responses: {{'200': {{description: A pet., content: {content}}}, default: {{description: An error.}}}}
components:
  schemas:
    Pet: {{type: object, required: [name], properties: {{name: {{type: string}}}}}}
    Dog: {{type: object, required: [name], properties: {{name: {{type: integer}}}}}}
"
    );
    let invariants = format!(
        "format: charter-invariants/1
invariants:
  - id: rule
    on: {{operation: pets.get, status: 200}}
    rule: \"{rule}\"
    message: 'the name is {{{{ self.name }}}}'
    severity: warning
    promise: {{kind: implied, where: w, quote: q}}
"
    );
    let files = [("openapi.yaml", openapi), ("pets.invariants.yaml", invariants)];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec();
    from_documents(files).map_or_else(|error| error.to_string(), |_| String::new())
}

/// Documents often describe one schema as JSON and as XML.
#[test]
fn one_schema_of_several_media_types_is_one_type() {
    let pet = "{schema: {$ref: '#/components/schemas/Pet'}}";
    let content = format!("{{application/xml: {pet}, application/json: {pet}}}");
    assert_eq!(errors(&content, "self.name.startsWith('a')"), "");
    assert!(errors(&content, "self.nmae != ''").contains("did you mean `name`?"));
    let other = format!("{{application/json: {pet}, application/vnd.dog+json: {{schema: {{$ref: '#/components/schemas/Dog'}}}}}}");
    assert_ne!(errors(&other, "self.name.startsWith('a')"), "");
}
