//! The page of every built-in finding id: what it means, an example, the clause of the standard, and what to do.
//!
//! A new id needs one entry in [`PAGES`]. A test of the program searches the source for ids without a page.

use charter_contract::invariant::Severity;
use charter_contract::keywords::is_known;
use charter_contract::nearest;

/// The page of a built-in finding id.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FindingPage {
    /// The id, such as `http.unknown-path`.
    pub id: &'static str,
    /// The severities that findings with the id can have.
    pub severities: &'static [Severity],
    /// One line, for lists.
    pub summary: &'static str,
    /// What the finding means, and when it is reported.
    pub meaning: &'static str,
    /// An exchange with the finding.
    pub example: &'static str,
    /// The clause of the standard.
    pub standard: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// A setting that prevents the finding, in addition to a baseline.
    pub setting: Option<&'static str>,
}

const ERROR: &[Severity] = &[Severity::Error];
const WARNING: &[Severity] = &[Severity::Warning];
const EITHER: &[Severity] = &[Severity::Error, Severity::Warning];

/// The pages, sorted by id.
pub const PAGES: &[FindingPage] = &[
    FindingPage {
        id: "artifact.content-type",
        severities: WARNING,
        summary: "A download has another content type than its resource states.",
        meaning: "The response of the operation under [probe.artifacts] has a `Content-Type` that differs from the media type that the resource \
                  states for the artifact. Parameters such as `charset` are ignored.",
        example: "The order lists label.pdf with the type application/pdf; its download has `Content-Type: text/html`.",
        standard: "Implied by the contract: the resource and the download describe the same bytes. RFC 9110, section 8.3.",
        remedy: "Correct the type in the resource or in the download. A login page or an error page instead of the artifact is a common cause.",
        setting: Some("`content-type` under [probe.artifacts.rules] replaces the finding by a rule of the contract."),
    },
    FindingPage {
        id: "artifact.length",
        severities: WARNING,
        summary: "A download has another length than its resource states.",
        meaning: "The body of a download has another number of bytes than the resource states for the artifact. Responses that were cut off are \
                  not compared.",
        example: "The order lists label.pdf with 1024 bytes; its download has 1000 bytes.",
        standard: "Implied by the contract: the resource and the download describe the same bytes. RFC 9110, section 8.6.",
        remedy: "Compare the stored artifact with both numbers. A length in characters instead of bytes is a common cause.",
        setting: Some("`length` under [probe.artifacts.rules] replaces the finding by a rule of the contract."),
    },
    FindingPage {
        id: "artifact.missing",
        severities: ERROR,
        summary: "A resource lists an artifact that cannot be downloaded.",
        meaning: "The latest response about a resource lists an artifact, and its download has another status than 2XX. Statuses 401, 403, 429 and \
                  5XX are passed over, because they say nothing about the artifact.",
        example: "The order lists label.pdf; `GET /orders/7/files/label.pdf` returns 404.",
        standard: "Documented by the contract: the operation that [probe.artifacts] names returns every artifact in the list.",
        remedy: "Remove the artifact from the list, or make it available. Check that the path in the list is percent-encoded in the request.",
        setting: Some("`missing` under [probe.artifacts.rules] replaces the finding by a rule of the contract."),
    },
    FindingPage {
        id: "artifact.name",
        severities: WARNING,
        summary: "A download has another file name than the artifact.",
        meaning: "The file name in `Content-Disposition` is neither the name that the resource states nor the last segment of the artifact's path.",
        example: "The order lists label.pdf; its download has `Content-Disposition: attachment; filename=\"document.pdf\"`.",
        standard: "Implied by the contract. The field is described in RFC 6266, section 4.3.",
        remedy: "Use one name in the resource and in the header field.",
        setting: Some("`name` under [probe.artifacts.rules] replaces the finding by a rule of the contract."),
    },
    FindingPage {
        id: "http.content-encoding",
        severities: ERROR,
        summary: "A content coding of the response cannot be decoded.",
        meaning: "`Content-Encoding` names a coding, and the bytes of the body are damaged or are not of that coding. The body is not judged.",
        example: "The response has `Content-Encoding: gzip`; its body is a gzip stream that ends early.",
        standard: "RFC 9110, section 8.4.",
        remedy: "Correct the server or the proxy that encodes the body. If the recorder stored the body decoded, remove the header field from the recording.",
        setting: None,
    },
    FindingPage {
        id: "http.content-type",
        severities: ERROR,
        summary: "The response has a content type that the operation does not document.",
        meaning: "No key of `content` of the documented response matches the media type of the response. The body is not judged.",
        example: "The operation documents application/json for 200; the response has `Content-Type: text/html`.",
        standard: "OpenAPI 3.1.1, Response Object, `content`: the keys are media types or ranges. RFC 9110, section 8.3.",
        remedy: "Correct the header field in the server, or document the media type in `content` of the response.",
        setting: None,
    },
    FindingPage {
        id: "http.cut-off",
        severities: ERROR,
        summary: "The response ended before its body was complete.",
        meaning: "The recording states an error while the body was read: the connection was closed, or the time limit was reached. The rest of the \
                  body is not judged.",
        example: "The response has `Content-Length: 1024`, and the connection was closed after 600 bytes.",
        standard: "RFC 9112, section 8: an incomplete message.",
        remedy: "Record the exchange again. If the finding returns, look at time limits of the server and of proxies.",
        setting: None,
    },
    FindingPage {
        id: "http.header",
        severities: ERROR,
        summary: "A header field of the response violates its schema.",
        meaning: "The value of a documented header field is not valid under the `schema` of the field.",
        example: "`RateLimit-Remaining: none`, and the schema of the field has `type: integer`.",
        standard: "OpenAPI 3.1.1, Header Object, `schema`; style `simple`, RFC 6570, section 3.2.2.",
        remedy: "Correct the value in the server, or the schema of the field in the contract.",
        setting: None,
    },
    FindingPage {
        id: "http.media-type-parameter",
        severities: WARNING,
        summary: "The content type of the response lacks a documented parameter.",
        meaning: "Exactly one key of `content` of the documented response has the type and the subtype, and it has a parameter that the response does not have. The body is judged by this key.",
        example: "The operation documents application/json;profile=short for 200; the response has `Content-Type: application/json`.",
        standard: "OpenAPI 3.1.2, Media Types. RFC 9110, section 8.3.1: the definition of a media type says whether the absence of a parameter matters; RFC 8259, section 11 defines no parameter of application/json.",
        remedy: "Send the parameter, or document the media type without it.",
        setting: None,
    },
    FindingPage {
        id: "http.missing-body",
        severities: ERROR,
        summary: "The response is empty, although the operation documents a body.",
        meaning: "The response has neither a body nor a `Content-Type`, and the documented response has `content`.",
        example: "The operation documents application/json for 200; the response has `Content-Length: 0`.",
        standard: "OpenAPI 3.1.2, Response Object, `content`.",
        remedy: "Return the documented body, or document a response without `content`, such as 204.",
        setting: None,
    },
    FindingPage {
        id: "http.missing-content-type",
        severities: WARNING,
        summary: "The response has a body, but no Content-Type.",
        meaning: "All header fields were recorded, and none says what the body is. The body is judged if the operation documents exactly one media type; otherwise it is not judged.",
        example: "A JSON body without the header field `Content-Type`.",
        standard: "RFC 9110, section 8.3: a sender should generate the field.",
        remedy: "Send `Content-Type` with every body.",
        setting: None,
    },
    FindingPage {
        id: "http.missing-header",
        severities: ERROR,
        summary: "A required header field of the response is missing.",
        meaning: "The documented response has a header field with `required: true`, and the response does not have it. Recordings without the \
                  complete header section are passed over.",
        example: "The operation documents `ETag` as required; the response has no such field.",
        standard: "OpenAPI 3.1.1, Header Object, `required`.",
        remedy: "Send the header field, or remove `required` from its description.",
        setting: None,
    },
    FindingPage {
        id: "http.no-answer",
        severities: ERROR,
        summary: "The request has no response.",
        meaning: "The recording has a request without a response: the connection failed, the time limit was reached, or the client stopped the request.",
        example: "`GET /orders/7` ended with a connection that was reset.",
        standard: "RFC 9110, section 3.4: a request is followed by one or more responses.",
        remedy: "Check that the server is reachable, and record the exchange again. Remove exchanges that the client stopped from the recording.",
        setting: None,
    },
    FindingPage {
        id: "http.not-from-the-api",
        severities: WARNING,
        summary: "An error response with an undocumented content type, probably from a proxy.",
        meaning: "The response has the status 413, 429 or 5XX and a content type that is not JSON and that the operation does not document. Proxies and load \
                  balancers send such responses in place of the API. The body is not judged.",
        example: "502 with `Content-Type: text/html`, and the operation documents application/problem+json for 5XX.",
        standard: "RFC 9110, section 15.6: servers and gateways send 5XX responses. OpenAPI 3.1.1, Response Object, `content`.",
        remedy: "If the API sends the response itself, document its content type; otherwise make the proxy send the documented format.",
        setting: None,
    },
    FindingPage {
        id: "http.not-refused",
        severities: EITHER,
        summary: "A request that the server must refuse was not refused.",
        meaning: "`charter probe` sent a request without a key, with an invalid key, for an unknown resource or for an unknown section, and the status \
                  is not the one for such a request. It is an error if the request succeeded, and a warning otherwise.",
        example: "`GET /orders/7` without a key returns 200; 401 is expected.",
        standard: "RFC 9110, sections 15.5.1, 15.5.2, 15.5.4 and 15.5.5: 400, 401, 403 and 404. OpenAPI 3.1.1, Security Requirement Object.",
        remedy: "Check the credentials and the existence of the resource in the server. A rule of the contract about the response replaces the finding.",
        setting: None,
    },
    FindingPage {
        id: "http.part",
        severities: ERROR,
        summary: "A part of a multipart response violates its encoding.",
        meaning: "The media type or a header field of a part differs from what `encoding` documents for it.",
        example: "`encoding` documents `contentType: image/png` for the part `photo`; the part has `Content-Type: image/jpeg`.",
        standard: "OpenAPI 3.1.2, Encoding Object.",
        remedy: "Correct the part, or the `encoding` of its property.",
        setting: None,
    },
    FindingPage {
        id: "http.undocumented-body",
        severities: WARNING,
        summary: "The response has a body that the operation does not document.",
        meaning: "The documented response has no `content`, and a body was sent. It is not judged.",
        example: "The operation documents 202 without `content`; the response has a JSON body.",
        standard: "OpenAPI 3.1.2, Response Object, `content`.",
        remedy: "Document the body under `content`, or do not send it.",
        setting: None,
    },
    FindingPage {
        id: "http.undocumented-status",
        severities: ERROR,
        summary: "The response has a status that the operation does not document.",
        meaning: "`responses` of the operation has neither the status, nor its class such as 4XX, nor `default`. The body is not judged.",
        example: "The operation documents 200 and 404; the response has the status 500.",
        standard: "OpenAPI 3.1.1, Responses Object: the documentation is expected to cover a successful response and any known errors.",
        remedy: "Document the status, its class or `default`, or correct the status in the server.",
        setting: None,
    },
    FindingPage {
        id: "http.unexpected-body",
        severities: ERROR,
        summary: "The response has a body, but HTTP allows none.",
        meaning: "Responses to HEAD and responses with the status 204, 205 or 304 have no content.",
        example: "A response with the status 204 and the body `{}`.",
        standard: "RFC 9110, sections 6.4.1, 9.3.2, 15.3.5, 15.3.6 and 15.4.5.",
        remedy: "Do not send a body, or use another status, such as 200.",
        setting: None,
    },
    FindingPage {
        id: "http.unknown-method",
        severities: ERROR,
        summary: "The contract documents the path, but not the method.",
        meaning: "The path of the request matches a path template, and the path item has no operation for the method.",
        example: "`DELETE /orders/7`, and the contract documents only GET for `/orders/{id}`.",
        standard: "OpenAPI 3.1.1, Path Item Object. RFC 9110, section 15.5.6: 405 (Method Not Allowed).",
        remedy: "Document the operation, or correct the request.",
        setting: None,
    },
    FindingPage {
        id: "http.unknown-path",
        severities: ERROR,
        summary: "The contract documents no operation for the path.",
        meaning: "The path of the request matches no path template behind the base path of any server.",
        example: "`GET /v2/orders/7`, and the only server of the contract is https://api.example/v1.",
        standard: "OpenAPI 3.1.1, Paths Object and Server Object: the path is appended to the URL of the server.",
        remedy: "Document the path or the server, or correct the request.",
        setting: Some("`base-paths` under [check] adds base paths, such as that of a proxy."),
    },
    FindingPage {
        id: "http.write-only",
        severities: WARNING,
        summary: "The response contains a property that is writeOnly.",
        meaning: "The schema marks the property as `writeOnly`: it may be part of a request and should not be part of a response.",
        example: "The response to `GET /users/7` contains `password`, which is `writeOnly: true`.",
        standard: "OpenAPI 3.0.4, Schema Object, `writeOnly`; JSON Schema Validation 2020-12, section 9.4.",
        remedy: "Remove the property from the response. If clients need it, remove `writeOnly` from its schema.",
        setting: None,
    },
    FindingPage {
        id: "request.content-encoding",
        severities: ERROR,
        summary: "A content coding of the request cannot be decoded.",
        meaning: "`Content-Encoding` of the request names a coding, and the bytes of the body are damaged or are not of that coding. The body is not judged.",
        example: "The request has `Content-Encoding: gzip`; its body is plain JSON with a damaged beginning.",
        standard: "RFC 9110, section 8.4.",
        remedy: "Correct the client.",
        setting: None,
    },
    FindingPage {
        id: "request.content-type",
        severities: ERROR,
        summary: "The request has a content type that the operation does not document.",
        meaning: "No key of `content` of the request body matches the media type of the request, and the server accepted the request. The body is not judged.",
        example: "The operation documents application/json; the request has `Content-Type: text/plain`, and the response has the status 201.",
        standard: "OpenAPI 3.1.2, Request Body Object, `content`. RFC 9110, section 8.3.",
        remedy: "Correct the client, or document the media type.",
        setting: None,
    },
    FindingPage {
        id: "request.media-type-parameter",
        severities: WARNING,
        summary: "The content type of the request lacks a documented parameter.",
        meaning: "Exactly one key of `content` of the request body has the type and the subtype, and it has a parameter that the request does not have. The body is judged by this key.",
        example: "The operation documents application/json;profile=short; the request has `Content-Type: application/json`.",
        standard: "OpenAPI 3.1.2, Media Types. RFC 9110, section 8.3.1: the definition of a media type says whether the absence of a parameter matters; RFC 8259, section 11 defines no parameter of application/json.",
        remedy: "Send the parameter, or document the media type without it.",
        setting: None,
    },
    FindingPage {
        id: "request.missing-body",
        severities: ERROR,
        summary: "The request has no body, although the operation requires one.",
        meaning: "`required: true` is set for the request body, the request has none, and the server accepted it.",
        example: "`POST /orders` without a body, and a response with the status 201.",
        standard: "OpenAPI 3.1.2, Request Body Object, `required`.",
        remedy: "Send the body, refuse requests without one, or make the body optional in the contract.",
        setting: None,
    },
    FindingPage {
        id: "request.missing-content-type",
        severities: WARNING,
        summary: "The request has a body, but no Content-Type.",
        meaning: "All header fields were recorded, and none says what the body is. The body is judged if the operation documents exactly one media type; otherwise it is not judged.",
        example: "A JSON body without the header field `Content-Type`.",
        standard: "RFC 9110, section 8.3: a sender should generate the field.",
        remedy: "Send `Content-Type` with every body.",
        setting: None,
    },
    FindingPage {
        id: "request.missing-parameter",
        severities: ERROR,
        summary: "A required parameter is missing.",
        meaning: "A query, header or cookie parameter with `required: true` was not sent, and the server accepted the request. Header fields and cookies count only if the recording has all header fields of the request.",
        example: "`GET /orders` without `limit`, which is required, and a response with the status 200.",
        standard: "OpenAPI 3.1.2, Parameter Object, `required`.",
        remedy: "Send the parameter, refuse requests without it, or make it optional in the contract.",
        setting: None,
    },
    FindingPage {
        id: "request.parameter",
        severities: ERROR,
        summary: "A parameter violates its schema or its serialisation.",
        meaning: "No reading of the text as a type that the schema allows is valid, or the text does not follow `style` and `explode`; and the server accepted the request.",
        example: "`GET /orders?limit=99`, and the schema of `limit` has `maximum: 10`.",
        standard: "OpenAPI 3.1.2, Parameter Object, `schema` and `style`. RFC 6570.",
        remedy: "Correct the client, refuse such requests, or correct the schema or style of the parameter.",
        setting: None,
    },
    FindingPage {
        id: "request.part",
        severities: ERROR,
        summary: "A part of a multipart request violates its encoding.",
        meaning: "The media type or a header field of a part differs from what `encoding` documents for it.",
        example: "`encoding` documents `contentType: image/png` for the part `photo`; the part has `Content-Type: image/jpeg`.",
        standard: "OpenAPI 3.1.2, Encoding Object.",
        remedy: "Correct the part, or the `encoding` of its property.",
        setting: None,
    },
    FindingPage {
        id: "request.read-only",
        severities: WARNING,
        summary: "The request contains a property that is readOnly.",
        meaning: "The schema marks the property as `readOnly`: it may be part of a response and should not be part of a request.",
        example: "`PUT /orders/7` with `createdAt`, which is `readOnly: true`.",
        standard: "OpenAPI 3.0.4, Schema Object, `readOnly`; JSON Schema Validation 2020-12, section 9.4.",
        remedy: "Remove the property from the request. If clients may set it, remove `readOnly` from its schema.",
        setting: None,
    },
    FindingPage {
        id: "request.security",
        severities: ERROR,
        summary: "The request has none of the documented credentials.",
        meaning: "`security` requires a scheme, the request shows no credentials of it, and the server accepted the request. Values of credentials are never read. A client certificate cannot be seen.",
        example: "The operation requires `bearerAuth`; the request has no `Authorization`, and the response has the status 200.",
        standard: "OpenAPI 3.1.2, Security Requirement Object.",
        remedy: "Refuse such requests, or add `{}` to `security` if credentials are optional.",
        setting: None,
    },
    FindingPage {
        id: "request.undeclared-parameter",
        severities: WARNING,
        summary: "A query parameter is not documented.",
        meaning: "The query of the request has a name that no parameter of the operation describes.",
        example: "`GET /orders?colour=red`, and the operation documents only `limit`.",
        standard: "OpenAPI 3.1.2, Parameter Object.",
        remedy: "Document the parameter, or remove it from the client. A misspelt name is a common cause.",
        setting: None,
    },
    FindingPage {
        id: "request.undocumented-body",
        severities: WARNING,
        summary: "The request has a body that the operation does not document.",
        meaning: "The operation has no `requestBody`, and a body was sent. It is not judged.",
        example: "`DELETE /orders/7` with a JSON body.",
        standard: "OpenAPI 3.1.2, Operation Object, `requestBody`.",
        remedy: "Document the body, or do not send it.",
        setting: None,
    },
    FindingPage {
        id: "schema",
        severities: ERROR,
        summary: "A value violates a keyword of its schema: `schema.required`, `schema.type` and so on.",
        meaning: "The id is `schema.` and the keyword. The finding names the location of the value, the location of the keyword, the found and the \
                  expected value. For a violated `anyOf` or `oneOf`, `closest` is the branch that is explained: the one that the `discriminator` or a \
                  property with `const` or `enum` selects, or the one with the fewest violations.",
        example: "schema.minimum at /quantity: 0, expected at least 1.",
        standard: "JSON Schema 2020-12, Validation, section 6, and Core, sections 10 and 11, for the keyword. OpenAPI 3.1.1, Schema Object.",
        remedy: "Correct the value in the server, or the schema in the contract. `charter drift` proposes changes of the contract from recordings.",
        setting: Some("`formats` under [check] selects the formats that are asserted."),
    },
    FindingPage {
        id: "syntax.body",
        severities: ERROR,
        summary: "A body violates the syntax of its media type.",
        meaning: "A form, a multipart body or a text cannot be decoded: a boundary is missing, a part has no name, percent-encoding is incomplete, or bytes are not of the charset.",
        example: "A `multipart/form-data` body without its closing boundary.",
        standard: "RFC 7578, RFC 2046, the URL standard's form encoding, or the charset of the media type; the finding names the clause.",
        remedy: "Correct the sender of the body, or its `Content-Type`.",
        setting: None,
    },
    FindingPage {
        id: "syntax.entry",
        severities: ERROR,
        summary: "An entry of the recording is not an exchange.",
        meaning: "A line or an entry of the input cannot be read as an exchange: invalid JSON, an unknown member, or a body with an unknown encoding. \
                  The other entries are judged.",
        example: "A line of an NDJSON recording ends in the middle of an object, and other lines follow.",
        standard: "RFC 8259 for JSON; HAR 1.2 or `charter schema recording` for the members.",
        remedy: "Correct or remove the entry. A HAR or a last line that breaks off is not a finding, but an error of the input.",
        setting: None,
    },
    FindingPage {
        id: "syntax.json",
        severities: ERROR,
        summary: "The body is not valid JSON.",
        meaning: "The contract documents JSON, and the body is not JSON by the letter of the standard: a trailing comma, a duplicate key, invalid UTF-8, \
                  NaN, or text after the value. The schema and the rules are not evaluated.",
        example: "{\"id\": 7,}",
        standard: "RFC 8259; for duplicate keys and I-JSON, RFC 7493, section 2.3.",
        remedy: "Correct the serializer of the server. If the body is not meant to be JSON, correct the media type in the contract.",
        setting: None,
    },
    FindingPage {
        id: "syntax.rounded-number",
        severities: WARNING,
        summary: "A number is rounded when it is read in double precision.",
        meaning: "A number in the body has more digits than a double holds. Clients in JavaScript and many other languages read another number.",
        example: "{\"id\": 9007199254740993} is read as 9007199254740992.",
        standard: "RFC 8259, section 6: numbers in double precision are interoperable.",
        remedy: "Send large identifiers and exact decimals as strings.",
        setting: None,
    },
];

/// Keywords of former drafts.
const FORMER: [&str; 2] = ["additionalItems", "dependencies"];

impl FindingPage {
    /// The page of an id. All ids of schema findings, such as `schema.required`, have the page `schema`.
    pub fn of(id: &str) -> Option<&'static Self> {
        let name = match id.strip_prefix("schema.") {
            Some(keyword) if is_known(keyword) || FORMER.contains(&keyword) => "schema",
            _ => id,
        };
        PAGES.iter().find(|page| page.id == name)
    }

    /// The severities in one phrase.
    pub fn severity(&self) -> &'static str {
        match self.severities {
            [Severity::Error] => "error",
            [Severity::Warning] => "warning",
            _ => "error or warning",
        }
    }

    /// Ids that are similar to an unknown one: the nearest by spelling first, then those with a part in common.
    pub fn similar(id: &str) -> Vec<&'static str> {
        let parts = |id: &'static str| id.split(['.', '-']).filter(|part| part.len() > 2);
        let ids = || PAGES.iter().map(|page| page.id);
        let nearest = ids().find(|known| nearest(id, [*known]).is_some() && nearest(id, ids()) == nearest(id, [*known]));
        let last = id.split_once('.').map_or(id, |(_, last)| last);
        let alike = ids().filter(|known| parts(known).skip(1).any(|part| last.contains(part)) || known.contains(last));
        let mut similar: Vec<&str> = nearest.into_iter().chain(alike.filter(|known| Some(*known) != nearest)).collect();
        similar.truncate(4);
        similar
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_sorted_and_complete() {
        assert!(PAGES.windows(2).all(|pair| pair[0].id < pair[1].id), "the pages are not sorted by id");
        for page in PAGES {
            for text in [page.summary, page.meaning, page.example, page.standard, page.remedy] {
                assert!(!text.is_empty() && !text.contains("  "), "{}: {text:?}", page.id);
            }
            assert!(page.summary.ends_with('.') || page.id == "schema", "{}", page.id);
        }
    }

    #[test]
    fn the_ids_of_keywords_have_one_page() {
        assert_eq!(FindingPage::of("schema.required").map(|page| page.id), Some("schema"));
        assert_eq!(FindingPage::of("http.unknown-path").map(|page| page.id), Some("http.unknown-path"));
        assert!(FindingPage::of("http.unknown").is_none());
        assert!(FindingPage::of("schema.requird").is_none() && FindingPage::of("schema.dependencies").is_some());
    }

    #[test]
    fn an_unknown_id_has_similar_ones() {
        assert_eq!(FindingPage::similar("http.unkown-path").first(), Some(&"http.unknown-path"));
        assert!(FindingPage::similar("content-type").contains(&"http.content-type"));
        assert_eq!(FindingPage::similar("http.status"), ["http.undocumented-status"]);
        assert_eq!(FindingPage::similar("parcel.weight"), [""; 0]);
    }
}
