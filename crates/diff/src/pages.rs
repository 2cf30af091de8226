//! The page of every kind of change: what it means, which party it breaks, and what to do.
//!
//! A new kind needs one entry in [`CHANGE_PAGES`]. A test compares the entries with the kinds in the source and in the fixtures.

/// The page of a kind of change.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ChangePage {
    /// The kind, such as `enum-value-added`.
    pub kind: &'static str,
    /// One line, for lists.
    pub summary: &'static str,
    /// The effect on both parties.
    pub effect: Effect,
    /// A fact about this kind alone.
    pub note: Option<&'static str>,
}

/// The effect of a kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The new schema can accept more.
    More,
    /// The new schema can accept less.
    Less,
    /// The new schema can accept more, less or both.
    Either,
    /// A client of the old contract breaks.
    Client,
    /// A server of the old contract breaks.
    Server,
    /// The effect is not determined.
    Unknown,
    /// Messages are the same.
    Note,
}

impl Effect {
    /// Which party breaks, and when.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::More => {
                "The new schema accepts values that the old one refuses. In a response, a client that refuses them breaks; in a request, a server \
                 of the old contract breaks. The report shows such a value, or that none was found."
            }
            Self::Less => {
                "The new schema refuses values that the old one accepts. In a request, a client that sends them breaks; in a response, a server of \
                 the old contract breaks. The report shows such a value, or that none was found."
            }
            Self::Either => {
                "The new schema can accept more, less or both. A response that accepts more and a request that accepts less break a client. The \
                 report shows a value for each direction, a proof, or that none was found; formats have no value."
            }
            Self::Client => {
                "A client of the old contract breaks: it sends a request that is now refused, or does not get what it relies on."
            }
            Self::Server => "A client of the old contract works. A server of the old contract does not fulfil the new contract.",
            Self::Unknown => "The contracts do not determine whether a client breaks. The level is warning.",
            Self::Note => "The messages are the same. It is a note and has no level.",
        }
    }

    /// What to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::More => {
                "In a response, keep the old restriction, publish a new version of the operation, or announce the new values to clients."
            }
            Self::Less => "In a request, keep accepting the old values, or publish a new version of the operation.",
            Self::Either => "Read the values in the report, and keep the old schema in the direction that breaks.",
            Self::Client => "Keep the old part alongside the new one, mark it as deprecated, and remove it in a new version.",
            Self::Server => "Deploy the server before clients use the new contract.",
            Self::Unknown => "Decide whether clients depend on it, then set its level under [diff.levels] or accept it.",
            Self::Note => "Nothing.",
        }
    }
}

impl ChangePage {
    /// The page of a kind.
    pub fn of(kind: &str) -> Option<&'static Self> {
        CHANGE_PAGES.iter().find(|page| page.kind == kind)
    }
}

const fn page(kind: &'static str, summary: &'static str, effect: Effect) -> ChangePage {
    ChangePage { kind, summary, effect, note: None }
}

const fn noted(kind: &'static str, summary: &'static str, effect: Effect, note: &'static str) -> ChangePage {
    ChangePage { kind, summary, effect, note: Some(note) }
}

/// The note about `readOnly` and `writeOnly` of required properties.
const DIRECTIONAL: &str = "In Swagger 2.0 and OpenAPI 3.0, a required property that is read-only is required of responses alone, and one that is write-only of requests alone. The change of such a property, also through references, has a verdict and a level. Every other change of the keyword is a note without a level.";

/// The note about `required` in both directions.
const REQUIRED: &str = "Before OpenAPI 3.1, a read-only property is not required of requests and a write-only one not of responses, so another version of OpenAPI can have this effect.";

/// The pages, sorted by kind.
pub const CHANGE_PAGES: &[ChangePage] = &[
    page("additional-properties-added", "`additionalProperties` is added.", Effect::Less),
    page("additional-properties-allowed", "An object accepts unknown keys now.", Effect::More),
    page("additional-properties-changed", "`additionalProperties` has changed as a whole.", Effect::Either),
    noted(
        "additional-properties-refused",
        "An object refuses unknown keys now.",
        Effect::Less,
        "A new restriction is breaking in every reading: publishers close an object because unknown keys were sent.",
    ),
    page("additional-properties-removed", "`additionalProperties` is removed.", Effect::More),
    page("all-of-part-added", "A part is added to `allOf`.", Effect::Less),
    page("all-of-part-removed", "A part of `allOf` is removed.", Effect::More),
    page("annotation-changed", "An annotation has changed.", Effect::Note),
    noted(
        "body-schema-changed",
        "A body has gained or lost its schema.",
        Effect::Client,
        "Without a schema, every body is allowed. A request that gains a schema and a response that loses one break a client; the reverse is compatible for a client and breaks a server.",
    ),
    noted("callback-added", "A callback is added.", Effect::Server, "It is compatible for both parties. The level is info."),
    page("callback-changed", "A callback has changed.", Effect::Client),
    page("callback-removed", "A callback is removed.", Effect::Client),
    page("component-added", "A component is added.", Effect::Note),
    page("component-removed", "A component is removed.", Effect::Note),
    page("condition-changed", "The condition `if` has changed.", Effect::Either),
    page("contains-added", "`contains` is added.", Effect::Either),
    page("contains-changed", "`contains` has changed as a whole.", Effect::Either),
    page("contains-removed", "`contains` is removed.", Effect::Either),
    noted(
        "content-encoding-changed",
        "The content of a string is encoded in another way.",
        Effect::Client,
        "The formats `byte` and `binary` of OpenAPI 3.0 have the same meaning as `base64` and `application/octet-stream`.",
    ),
    page("credentials-optional", "An operation no longer requires credentials.", Effect::Server),
    page("credentials-required", "An operation now requires credentials.", Effect::Client),
    page("default-changed", "A default has changed.", Effect::Note),
    page("dependent-required-added", "A key now requires other keys.", Effect::Less),
    page("dependent-required-removed", "A key no longer requires other keys.", Effect::More),
    page("dependent-schema-added", "A schema that depends on a key is added.", Effect::Less),
    page("dependent-schema-removed", "A schema that depends on a key is removed.", Effect::More),
    page("deprecated-added", "A part is deprecated.", Effect::Note),
    page("deprecated-removed", "A part is no longer deprecated.", Effect::Note),
    page("description-changed", "A description has changed.", Effect::Note),
    noted(
        "discriminator-changed",
        "A discriminator has changed.",
        Effect::Unknown,
        "An added discriminator and additional mappings are compatible. Discriminators with the same schema for each value have a note.",
    ),
    page("document-added", "A document is added.", Effect::Note),
    page("document-removed", "A document is removed.", Effect::Note),
    page("dynamic-reference-changed", "A dynamic reference has another target.", Effect::Either),
    page("else-added", "`else` is added.", Effect::Less),
    page("else-changed", "`else` has changed as a whole.", Effect::Either),
    page("else-removed", "`else` is removed.", Effect::More),
    noted(
        "encoding-changed",
        "The encoding of a form or of multiple parts has changed.",
        Effect::Unknown,
        "The encoding of a property that only one contract has is a part of the change of that property, and compatible. An additional content type of a part is compatible in a request, and a removed one is breaking. The style of a field that is neither an array nor an object has no effect.",
    ),
    page("enum-added", "A value is now one of a list.", Effect::Less),
    page("enum-removed", "A value is no longer one of a list.", Effect::More),
    noted(
        "enum-value-added",
        "A value is added to an enumeration.",
        Effect::More,
        "A tolerant client accepts unknown strings. In the readings tolerant and described, the level in a response is warning, because a program may need a case for the value.",
    ),
    page("enum-value-removed", "A value is removed from an enumeration.", Effect::Less),
    page("example-changed", "An example has changed.", Effect::Note),
    page("exclusive-maximum-added", "The exclusive upper bound of a number is added.", Effect::Less),
    page("exclusive-maximum-lowered", "The exclusive upper bound of a number is lowered.", Effect::Less),
    page("exclusive-maximum-raised", "The exclusive upper bound of a number is raised.", Effect::More),
    page("exclusive-maximum-removed", "The exclusive upper bound of a number is removed.", Effect::More),
    page("exclusive-minimum-added", "The exclusive lower bound of a number is added.", Effect::Less),
    page("exclusive-minimum-lowered", "The exclusive lower bound of a number is lowered.", Effect::More),
    page("exclusive-minimum-raised", "The exclusive lower bound of a number is raised.", Effect::Less),
    page("exclusive-minimum-removed", "The exclusive lower bound of a number is removed.", Effect::More),
    noted(
        "extensible-enum-changed",
        "The values of `x-extensible-enum` have changed.",
        Effect::Client,
        "If values are only added, the change is compatible.",
    ),
    page("extension-changed", "An extension (`x-…`) has changed.", Effect::Note),
    noted(
        "form-field-type-changed",
        "A field of a form or of an object in a parameter has other texts.",
        Effect::Client,
        "The texts of samples are compared. Without a text that only one contract allows, the effect is unknown.",
    ),
    noted(
        "form-field-type-generalized",
        "A field of a form or of an object in a parameter may now be more texts, or a list.",
        Effect::Server,
        "Fields are compared as texts, as parameters are, unless a body of JSON has the same schema.",
    ),
    page("form-field-type-narrowed", "A field of a form or of an object in a parameter may be fewer texts now.", Effect::Client),
    noted(
        "format-changed",
        "A format has changed.",
        Effect::Either,
        "In an OpenAPI document, a format of integers is a range: the change is breaking if the other keywords allow an integer that only one of the formats allows, and a note otherwise. Other formats are unknown in the direction that may break, because the contract does not assert them. Elsewhere a format is an annotation, and the change is a note.",
    ),
    page("header-serialisation-changed", "A header field has another style or `explode`.", Effect::Unknown),
    page("identifier-changed", "An identifier of a schema has changed.", Effect::Note),
    noted(
        "ignored-header-changed",
        "The definition of a header field that OpenAPI ignores has changed.",
        Effect::Note,
        "OpenAPI ignores the definitions of the request header fields `Accept`, `Content-Type` and `Authorization`, and of `Content-Type` in responses and parts. The media types and the requirements of credentials describe these fields.",
    ),
    page("info-changed", "The information about the API has changed.", Effect::Note),
    page("items-added", "`items` is added.", Effect::Less),
    page("items-changed", "`items` has changed as a whole.", Effect::Either),
    page("items-removed", "`items` is removed.", Effect::More),
    noted("link-added", "A link is added.", Effect::Server, "It is compatible for both parties. The level is info."),
    page("link-changed", "A link has changed.", Effect::Unknown),
    page("max-contains-added", "The greatest number of items that match `contains` is added.", Effect::Less),
    page("max-contains-lowered", "The greatest number of items that match `contains` is lowered.", Effect::Less),
    page("max-contains-raised", "The greatest number of items that match `contains` is raised.", Effect::More),
    page("max-contains-removed", "The greatest number of items that match `contains` is removed.", Effect::More),
    page("max-items-added", "The greatest number of items is added.", Effect::Less),
    page("max-items-lowered", "The greatest number of items is lowered.", Effect::Less),
    page("max-items-raised", "The greatest number of items is raised.", Effect::More),
    page("max-items-removed", "The greatest number of items is removed.", Effect::More),
    page("max-length-added", "The greatest length of a string is added.", Effect::Less),
    page("max-length-lowered", "The greatest length of a string is lowered.", Effect::Less),
    page("max-length-raised", "The greatest length of a string is raised.", Effect::More),
    page("max-length-removed", "The greatest length of a string is removed.", Effect::More),
    page("max-properties-added", "The greatest number of keys is added.", Effect::Less),
    page("max-properties-lowered", "The greatest number of keys is lowered.", Effect::Less),
    page("max-properties-raised", "The greatest number of keys is raised.", Effect::More),
    page("max-properties-removed", "The greatest number of keys is removed.", Effect::More),
    page("maximum-added", "The upper bound of a number is added.", Effect::Less),
    page("maximum-lowered", "The upper bound of a number is lowered.", Effect::Less),
    page("maximum-raised", "The upper bound of a number is raised.", Effect::More),
    page("maximum-removed", "The upper bound of a number is removed.", Effect::More),
    page("min-contains-added", "The least number of items that match `contains` is added.", Effect::Either),
    page("min-contains-lowered", "The least number of items that match `contains` is lowered.", Effect::More),
    page("min-contains-raised", "The least number of items that match `contains` is raised.", Effect::Less),
    page("min-contains-removed", "The least number of items that match `contains` is removed.", Effect::Either),
    page("min-items-added", "The least number of items is added.", Effect::Less),
    page("min-items-lowered", "The least number of items is lowered.", Effect::More),
    page("min-items-raised", "The least number of items is raised.", Effect::Less),
    page("min-items-removed", "The least number of items is removed.", Effect::More),
    page("min-length-added", "The least length of a string is added.", Effect::Less),
    page("min-length-lowered", "The least length of a string is lowered.", Effect::More),
    page("min-length-raised", "The least length of a string is raised.", Effect::Less),
    page("min-length-removed", "The least length of a string is removed.", Effect::More),
    page("min-properties-added", "The least number of keys is added.", Effect::Less),
    page("min-properties-lowered", "The least number of keys is lowered.", Effect::More),
    page("min-properties-raised", "The least number of keys is raised.", Effect::Less),
    page("min-properties-removed", "The least number of keys is removed.", Effect::More),
    page("minimum-added", "The lower bound of a number is added.", Effect::Less),
    page("minimum-lowered", "The lower bound of a number is lowered.", Effect::More),
    page("minimum-raised", "The lower bound of a number is raised.", Effect::Less),
    page("minimum-removed", "The lower bound of a number is removed.", Effect::More),
    page("multiple-of-added", "A number must now be a multiple.", Effect::Less),
    page("multiple-of-changed", "`multipleOf` has another value.", Effect::Either),
    page("multiple-of-removed", "A number need no longer be a multiple.", Effect::More),
    page("not-added", "`not` is added.", Effect::Less),
    page("not-changed", "`not` has changed as a whole.", Effect::Either),
    page("not-compared", "A difference of the documents that no comparison judges.", Effect::Unknown),
    page("not-removed", "`not` is removed.", Effect::More),
    page("null-allowed", "Null is now accepted.", Effect::More),
    page("null-refused", "Null is now refused.", Effect::Less),
    page("operation-added", "An operation is added.", Effect::Server),
    noted("operation-deprecated", "An operation is deprecated.", Effect::Server, "No message changes. The level is info."),
    page("operation-moved", "An operation has another method or path.", Effect::Client),
    noted(
        "operation-removed",
        "An operation is removed.",
        Effect::Client,
        "This includes deprecated operations: a client may still call them.",
    ),
    noted("operation-renamed", "The operationId is another one.", Effect::Server, "Messages do not contain the name. The level is info."),
    noted("operation-restored", "An operation is no longer deprecated.", Effect::Server, "No message changes. The level is info."),
    page("optional-parameter-added", "An optional parameter is added.", Effect::Server),
    page("optional-request-body-added", "An optional request body is added.", Effect::Server),
    noted(
        "parameter-content-changed",
        "A parameter or header field has another media type, or `content` instead of `schema`, or the reverse.",
        Effect::Unknown,
        "A wider range of media types breaks the reader: in a parameter the server, in a header field the client. A narrower one breaks the writer. Other media types are unknown.",
    ),
    noted(
        "parameter-default-changed",
        "The default of a parameter has changed.",
        Effect::Client,
        "A request without the parameter has another meaning, which breaks a client that relies on the old default. A default that is added or removed is unknown: the other contract does not say what the request means. The default of a required parameter has no effect. The default may be next to a reference, where the version allows it, at the target, or in a part of `allOf`.",
    ),
    page("parameter-moved", "A parameter is sent in another part of the request.", Effect::Client),
    page("parameter-optional", "A parameter is now optional.", Effect::Server),
    noted("parameter-removed", "A parameter is removed.", Effect::Unknown, "The server may ignore or refuse it."),
    page("parameter-renamed", "A parameter seems to have another name.", Effect::Client),
    page("parameter-required", "A parameter is now required.", Effect::Client),
    noted(
        "parameter-serialisation-changed",
        "A parameter has another style or `explode`.",
        Effect::Client,
        "If every value has the same text in both, the change is compatible.",
    ),
    noted(
        "parameter-type-changed",
        "A parameter has other texts.",
        Effect::Client,
        "The texts of samples are compared. Without a text that only one contract allows, the effect is unknown.",
    ),
    noted(
        "parameter-type-generalized",
        "A parameter may now be more texts, or a list.",
        Effect::Server,
        "Parameters are compared as texts: every number is a text, and one value is a list of one. A change between lists of values with the same texts, such as a boolean and `true` and `false`, is compatible for both parties.",
    ),
    page("parameter-type-narrowed", "A parameter may be fewer texts now.", Effect::Client),
    noted(
        "path-parameter-renamed",
        "A path parameter has another name. Requests are the same.",
        Effect::Server,
        "No message changes. The level is info.",
    ),
    noted(
        "path-prefix-moved",
        "A prefix is moved between the servers and the paths. The URLs are the same.",
        Effect::Server,
        "No message changes. The level is info.",
    ),
    page("pattern-added", "A pattern for strings is added.", Effect::Less),
    page("pattern-changed", "A string has another pattern.", Effect::Either),
    page("pattern-property-added", "A schema for keys that match a pattern is added.", Effect::Either),
    page("pattern-property-removed", "The schema for keys that match a pattern is removed.", Effect::Either),
    page("pattern-removed", "The pattern of a string is removed.", Effect::More),
    page("prefix-item-added", "`prefixItems` has more schemas.", Effect::Either),
    page("prefix-item-removed", "`prefixItems` has fewer schemas.", Effect::Either),
    noted(
        "property-added",
        "A property is added to an object.",
        Effect::Either,
        "In the reading described, a party sends no key that its contract does not describe: an optional property is then compatible in both directions.",
    ),
    page("property-names-added", "`propertyNames` is added.", Effect::Less),
    page("property-names-changed", "`propertyNames` has changed as a whole.", Effect::Either),
    page("property-names-removed", "`propertyNames` is removed.", Effect::More),
    noted("property-optional", "A property is no longer required.", Effect::More, REQUIRED),
    noted(
        "property-removed",
        "A property is removed from an object.",
        Effect::Either,
        "In the reading described, the removal of an optional property from an open object is compatible. Its level is warning, because a program may use the key of a response, and a server ignores that of a request.",
    ),
    page(
        "property-renamed",
        "A property seems to have another name: one is removed and one with an equal schema is added.",
        Effect::Either,
    ),
    noted("property-required", "A property is now required.", Effect::Less, REQUIRED),
    noted("read-only-added", "A property is now read-only.", Effect::Either, DIRECTIONAL),
    noted("read-only-removed", "A property is no longer read-only.", Effect::Either, DIRECTIONAL),
    page("reference-changed", "A reference is written in another way.", Effect::Note),
    page("request-body-optional", "The request body is now optional.", Effect::Server),
    noted(
        "request-body-removed",
        "The request body is removed.",
        Effect::Client,
        "The body of a client of the old contract is refused, or has no effect. The receiver of a webhook or callback breaks if the body was required.",
    ),
    page("request-body-required", "The request body is now required.", Effect::Client),
    page("request-media-type-added", "A media type of the request is added.", Effect::Server),
    page("request-media-type-removed", "A media type of the request is removed.", Effect::Client),
    page("required-parameter-added", "A required parameter is added.", Effect::Client),
    page("required-request-body-added", "A required request body is added.", Effect::Client),
    noted(
        "response-header-added",
        "A header field of a response is added.",
        Effect::Server,
        "An optional field is compatible for both parties.",
    ),
    page("response-header-optional", "A header field of a response may now be missing.", Effect::Client),
    noted(
        "response-header-removed",
        "A header field of a response is removed.",
        Effect::Client,
        "The removal of an optional field is compatible.",
    ),
    page("response-header-required", "A header field of a response is now always sent.", Effect::Server),
    page("response-header-type-changed", "A header field of a response has other texts.", Effect::Client),
    page("response-header-type-generalized", "A header field of a response may now be more texts, or a list.", Effect::Client),
    page("response-header-type-narrowed", "A header field of a response may be fewer texts now.", Effect::Server),
    noted(
        "response-media-type-added",
        "A media type of a response is added.",
        Effect::Unknown,
        "A client without `Accept` may receive it. In the reading described, clients accept only the media types of their contract.",
    ),
    noted(
        "response-media-type-generalized",
        "A range replaces a media type of a response.",
        Effect::Client,
        "The response may have another media type of the range.",
    ),
    page("response-media-type-removed", "A media type of a response is removed.", Effect::Client),
    page("response-media-type-specialized", "Media types of a range replace the range of a response.", Effect::Server),
    page("schema-accepts-again", "The schema no longer refuses every value.", Effect::More),
    page("schema-refuses-all", "The schema now refuses every value.", Effect::Less),
    page("schema-renamed", "A component has another name.", Effect::Note),
    noted(
        "schema-replaced",
        "Another component describes the value.",
        Effect::Either,
        "Both contracts have both components. The properties of the two components are not listed one by one.",
    ),
    noted(
        "security-flow-changed",
        "A flow of a security scheme has changed.",
        Effect::Unknown,
        "The removal of a flow breaks a client that uses it. An additional flow, scope or `refreshUrl` is compatible.",
    ),
    noted(
        "security-requirements-changed",
        "The credentials of an operation have changed.",
        Effect::Client,
        "If the old credentials suffice for one of the new alternatives, the change is compatible. Schemes of another name are compared by their members.",
    ),
    page("security-scheme-added", "A security scheme is added.", Effect::Note),
    noted(
        "security-scheme-changed",
        "A security scheme has another type, name or place.",
        Effect::Client,
        "A scheme that no operation requires has notes alone. The names of header fields and of HTTP authentication schemes are case-insensitive.",
    ),
    page("security-scheme-removed", "A security scheme is removed.", Effect::Note),
    page("security-scheme-written-differently", "A security scheme is written in another way.", Effect::Note),
    page("security-written-differently", "Requirements of credentials are written in another way.", Effect::Note),
    noted(
        "servers-changed",
        "The servers have changed.",
        Effect::Unknown,
        "Servers are compared by their URLs, with all values of their variables. If every old URL is still one, or if a prefix has only moved between the servers and the paths, the change is compatible. Without servers, the URL is `/`. Servers of a path or an operation are compared with those that applied before. Other spellings of the same URLs are a note.",
    ),
    noted(
        "setting-changed",
        "A setting of charter.toml has changed.",
        Effect::Unknown,
        "The settings of two folders are compared with their defaults. Additional `check.base-paths` and `sections` are compatible. A removed one, and a change of `check.formats` that concerns a format of the schemas, are unknown. All other settings have no effect on messages: they are notes. A document alone has no settings.",
    ),
    noted(
        "status-added",
        "A status is added.",
        Effect::Client,
        "A tolerant client handles an unknown status like the first of its class (RFC 9110).",
    ),
    noted(
        "status-removed",
        "A status is removed.",
        Effect::Server,
        "The removal of a success breaks a client that waits for it, unless another status of its class corresponds to it. The removal of an error is compatible.",
    ),
    noted(
        "sunset-changed",
        "The date `x-sunset` has changed.",
        Effect::Unknown,
        "A date that is added or later is compatible. An earlier date, or none, is unknown.",
    ),
    page("tags-changed", "The tags have changed.", Effect::Note),
    page("then-added", "`then` is added.", Effect::Less),
    page("then-changed", "`then` has changed as a whole.", Effect::Either),
    page("then-removed", "`then` is removed.", Effect::More),
    page("title-changed", "A title has changed.", Effect::Note),
    page("type-added", "A type is now stated.", Effect::Less),
    page("type-changed", "The type is another one.", Effect::Either),
    page("type-narrowed", "A type is removed from the types.", Effect::Less),
    page("type-removed", "The type is no longer stated.", Effect::More),
    page("type-widened", "A type is added to the types.", Effect::More),
    page("unevaluated-items-added", "`unevaluatedItems` is added.", Effect::Less),
    page("unevaluated-items-changed", "`unevaluatedItems` has changed as a whole.", Effect::Either),
    page("unevaluated-items-removed", "`unevaluatedItems` is removed.", Effect::More),
    page("unevaluated-properties-added", "`unevaluatedProperties` is added.", Effect::Less),
    page("unevaluated-properties-allowed", "An object accepts unknown keys now.", Effect::More),
    page("unevaluated-properties-changed", "`unevaluatedProperties` has changed as a whole.", Effect::Either),
    noted(
        "unevaluated-properties-refused",
        "An object refuses unknown keys now.",
        Effect::Less,
        "A new restriction is breaking in every reading: publishers close an object because unknown keys were sent.",
    ),
    page("unevaluated-properties-removed", "`unevaluatedProperties` is removed.", Effect::More),
    page("union-branch-added", "A branch is added to a union.", Effect::Either),
    page("union-branch-removed", "A branch of a union is removed.", Effect::Either),
    page("union-exclusiveness-changed", "`anyOf` has become `oneOf`, or the reverse.", Effect::Either),
    page("unique-items-added", "Items must now be unique.", Effect::Less),
    page("unique-items-removed", "Items may now repeat.", Effect::More),
    page("version-changed", "The version of OpenAPI has changed.", Effect::Note),
    noted("webhook-added", "A webhook is added.", Effect::Server, "It is compatible for both parties. The level is info."),
    page("webhook-changed", "A webhook has changed as a whole.", Effect::Client),
    page("webhook-removed", "A webhook is removed.", Effect::Client),
    noted("write-only-added", "A property is now write-only.", Effect::Either, DIRECTIONAL),
    noted("write-only-removed", "A property is no longer write-only.", Effect::Either, DIRECTIONAL),
    page("written-differently", "A part is written in another way; the comparison finds no effect.", Effect::Note),
    noted(
        "xml-changed",
        "The description of XML has changed.",
        Effect::Client,
        "It is breaking if a body of an operation is XML, unknown if its media type is a range, and a note otherwise.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pages_are_sorted_and_unique() {
        assert!(CHANGE_PAGES.windows(2).all(|pair| pair[0].kind < pair[1].kind));
    }

    #[test]
    fn every_kind_in_the_source_has_a_page() {
        let kinds: BTreeSet<&str> = CHANGE_PAGES.iter().map(|page| page.kind).collect();
        let mut files = vec![std::path::PathBuf::from("src")];
        let mut missing = BTreeSet::new();
        while let Some(path) = files.pop() {
            if path.is_dir() {
                // Import and drift have kinds of their own; reports only render.
                if !["import", "drift", "report", "rust"].iter().any(|name| path.ends_with(name)) {
                    files.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
                }
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a file");
            for part in text.split('"').skip(1).step_by(1) {
                let is_kind = [
                    "-added",
                    "-removed",
                    "-changed",
                    "-required",
                    "-optional",
                    "-renamed",
                    "-moved",
                    "-replaced",
                    "-widened",
                    "-narrowed",
                ]
                .iter()
                .any(|ending| part.ends_with(ending) && part.len() > ending.len())
                    && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                    && !part.starts_with('-');
                if is_kind && part != "not-changed" && !kinds.contains(part) {
                    missing.insert(part.to_owned());
                }
            }
        }
        assert_eq!(missing, BTreeSet::new());
    }
}
