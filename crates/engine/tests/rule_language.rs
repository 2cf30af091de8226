//! The rule language on documents: what maps, lists, types, cookies and date-times mean, and which wrong uses do not load.

use charter_contract::{Contract, Error};
use charter_engine::{Judge, check_exchanges};
use charter_report::RuleCounts;
use charter_rules::from_documents;
use charter_traffic::Exchange;

const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /orders/{id}:
    get:
      operationId: orders.get
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: page, in: cookie, schema: {type: integer}}
      responses: {'200': {description: An order., content: {application/json: {schema: {$ref: order.schema.json}}}}}
";

const ORDER: &str = r##"{
  "type": "object",
  "required": ["id", "total", "lines", "labels", "tags", "counts", "port", "created", "expires", "due", "shipped", "books", "ranks", "notes"],
  "properties": {
    "id": {"type": "string"},
    "total": {"type": "number"},
    "lines": {"type": "array", "items": {"type": "object", "required": ["amount", "count"], "properties": {
      "amount": {"type": "number"}, "count": {"type": "integer"}, "discount": {"type": ["number", "null"]}}}},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "prices": {"type": "object", "additionalProperties": {"type": "number"}},
    "books": {"type": "object", "additionalProperties": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "isbn": {"type": "string"}}}},
    "fixed": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    "open": {"type": "object"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "counts": {"type": "array", "items": {"type": "integer"}},
    "ranks": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
    "notes": {"type": "array", "items": {"type": ["string", "null"]}},
    "mixed": {"type": "array"},
    "port": {"type": ["integer", "string"]},
    "created": {"type": "string", "format": "date-time"},
    "expires": {"type": "string", "format": "date-time"},
    "stamps": {"type": "array", "items": {"type": "string", "format": "date-time"}},
    "due": {"type": "string", "format": "date-time"},
    "shipped": {"type": "string", "format": "date-time"}
  }
}"##;

const BODY: &str = r#"{
  "id": "o1", "total": 0.3, "lines": [{"amount": 0.1, "count": 2}, {"amount": 0.2, "count": 3, "discount": null}],
  "labels": {"env": "prod", "tier": "a"}, "prices": {"eur": 1.5, "usd": 1.7}, "books": {"x": {"name": "x"}, "y": {"name": "z", "isbn": "1"}},
  "fixed": {"a": 1, "c": "text"}, "open": {"any": 1}, "tags": ["b", "a", "b"], "counts": [], "ranks": [1, 2, 2, 7], "notes": ["n", null], "mixed": [1, "a"],
  "port": 80, "created": "2026-01-01T10:00:00Z", "expires": "2026-01-01T09:30:00-05:00",
  "due": "2026-01-01T10:00:00Z", "shipped": "2026-01-01T09:30:00-05:00"
}"#;

fn load(rule: &str) -> Result<Contract, Error> {
    let rule = rule.replace('\\', "\\\\").replace('"', "\\\"");
    let invariants = format!(
        "format: charter-invariants/1
bind:
  - {{at: 'order.schema.json#/properties/due', as: date-time}}
  - {{at: 'order.schema.json#/properties/shipped', as: date-time}}
invariants:
  - id: rule
    on: order.schema.json
    rule: \"{rule}\"
    message: m
    severity: warning
    promise: {{kind: implied, where: w, quote: q}}
"
    );
    let files = [("openapi.yaml", OPENAPI), ("order.schema.json", ORDER), ("orders.invariants.yaml", &invariants)];
    from_documents(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn counts(rule: &str, exchange: &Exchange) -> RuleCounts {
    let contract = load(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    check_exchanges(&judge, std::slice::from_ref(exchange)).rules[0].clone()
}

fn check(rule: &str, holds: bool) {
    let counts = counts(rule, &Exchange::get("/orders/o1").response(200, BODY));
    let expected = if holds { (1, 0) } else { (0, 1) };
    assert_eq!((counts.passed + counts.vacuous, counts.failed), expected, "{rule}: {counts:?}");
}

fn check_refused(rule: &str, expected: &str) {
    let error = load(rule).err().unwrap_or_else(|| panic!("{rule} loads")).to_string();
    assert!(error.contains(expected), "{rule}\nexpected: {expected}\nfound:    {error}");
}

#[test]
fn the_values_of_a_map_have_the_type_of_additional_properties() {
    check("self.labels.all(k, self.labels[k] != '')", true);
    check("self.labels.all(k, self.labels[k].startsWith('p'))", false);
    check("self.labels.exists(k, k == 'tier' && self.labels[k] == 'a')", true);
    check("self.books.all(k, self.books[k].name == k)", false);
    check("self.books.all(k, !has(self.books[k].isbn) || self.books[k].isbn == '1')", true);
    check("self.tags.all(t, !(t in self.labels) || self.labels[t] == 'x')", true);
    check("!has(self.prices) || self.prices.all(k, self.prices[k] > 1.6)", false);
    check("!has(self.open) || self.open.all(k, self.open[k] == 1)", true);
    check_refused("self.labels.all(k, self.labels[k] > 1)", "text is expected, and `1` is an int");
    check_refused(
        "self.books.all(k, self.books[k].isbn == '1')",
        "`self.books[k].isbn` may be absent; guard it with has(self.books[k].isbn)",
    );
    check_refused("self.tags.all(t, self.labels[t] == 'x')", "`self.labels[t]` may be absent; guard it with t in self.labels");
    check_refused("!has(self.open) || self.open.all(k, self.open[k] > 1)", "the schema does not define the type of `self.open[k]`");
    check_refused("!has(self.fixed) || self.fixed.all(k, self.fixed[k] > 1)", "a number is expected");
}

#[test]
fn a_comprehension_over_a_map_can_name_the_value() {
    check("self.labels.all(k, v, v != '')", true);
    check("self.labels.exists(k, v, k == 'env' && v == 'prod')", true);
    check("self.books.exists_one(k, book, book.name == k)", true);
    check("self.books.existsOne(k, book, book.name == k)", true);
    check("self.books.all(k, book, !has(book.isbn) || book.isbn == '2')", false);
    check_refused("self.labels.all(k, v, v > 1)", "text");
    check_refused("self.labels.all(k, k, k != '')", "the key and the value need different names");
    check_refused("self.labels.all(k, 1, k != '')", "the second argument names the variable of the value");
    check("self.tags.all(i, t, i > 0 || t == 'b')", true);
    check("self.tags.exists(i, t, i == 1 && t == 'b')", false);
    check_refused("self.tags.all(i, t, i != '')", "never");
}

#[test]
fn lists_and_texts_are_joined() {
    check("size(self.tags + self.tags) == 6", true);
    check("('x' in self.tags + ['x']) && self.tags + ['x'] != self.tags", true);
    check("'-' + self.id + '-' == '-o1-'", true);
    check_refused("self.tags + 1 == self.tags", "a list + an int is not defined");
    check_refused("self.tags + self.id == self.tags", "a list + text is not defined");
}

#[test]
fn sums_of_decimals_are_exact() {
    check("sum(self.lines.map(l, l.amount)) == self.total", true);
    check("self.lines.map(l, l.amount).sum() == self.total", true);
    check("sum(self.lines.map(l, l.count)) == 5", true);
    check("sum(self.counts) == 0", true);
    check("sum(self.counts.map(c, double(c))) + 0.5 > 0.4", true);
    check("sum(self.lines.filter(l, l.count > 9).map(l, l.amount)) + 1.0 == 1.0", true);
    check_refused("sum(self.tags) == 1", "`sum` takes numbers of one kind, or durations, and the items are text");
    check_refused("sum(self.id) == 1", "a list is expected");
    check_refused("sum(self.lines.filter(l, has(l.discount)).map(l, has(l.discount) ? l.discount : null)) == 1.0", "leave null out");
    check_refused("!has(self.mixed) || sum(self.mixed) == 1", "declare the type of the items in the schema");
}

#[test]
fn the_extremes_of_a_list_need_an_item() {
    check("max(self.ranks) == 7 && min(self.ranks) == 1", true);
    check("self.ranks.max() > 7", false);
    check("size(self.tags) == 0 || min(self.tags) == 'a'", true);
    check("size(self.lines) == 0 || max(self.lines.map(l, l.amount)) == 0.2", true);
    check_refused("max(self.tags) == 'a'", "`self.tags` may be empty, and `max` needs an item; guard it with size(self.tags) > 0");
    check_refused("size(self.tags) > 0 && min(self.tags) > 1", "text");
    check_refused("max(self.notes) == 'a'", "leave null out: self.notes.filter(x, x != null)");
}

#[test]
fn distinct_and_sorted_lists() {
    check("size(distinct(self.tags)) == 2 && distinct(self.tags) == ['b', 'a']", true);
    check("self.ranks.distinct() == self.ranks", false);
    check("isSorted(self.ranks) && !isSorted(self.tags)", true);
    check("isSorted(self.notes.filter(n, n != null))", true);
    check("isSorted([self.due, self.shipped].filter(x, isInstant(x)))", true);
    check_refused("isSorted(self.notes)", "`isSorted` takes values of one kind that have an order, and the items are null or text");
    check_refused("distinct(self.labels) == []", "a list is expected");
    check_refused("!has(self.stamps) || isSorted(self.stamps)", "is a date-time that is not bound");
}

#[test]
fn a_test_of_the_type_selects_the_type() {
    check("type(self.port) != int || self.port > 100", false);
    check("type(self.port) == string ? self.port != '' : self.port > 1", true);
    check_refused("type(self.total) == double", "is always true here");
    check_refused("self.port > 1", "a number is expected, and `self.port` may be text");
    check_refused("type(self.id) == int || self.id != ''", "always false");
    check_refused("type(self.port) == strin", "unknown variable `strin`");
    check_refused("type(self.port) == 'int'", "never equals");
}

#[test]
fn texts_have_bytes_and_match_patterns() {
    check("size(bytes(self.id)) == 2", true);
    check("matches(self.id, '^o[0-9]+$') && self.id.matches('^o')", true);
    check("matches(self.id, '^[0-9]+$')", false);
    check_refused("matches(self.id, self.id)", "the pattern must be a string literal");
    check_refused("matches(self.total, 'a')", "text is expected");
    check_refused("matches(self.id)", "`matches` does not take 1 arguments");
    check_refused("size(bytes(self.total)) == 1", "text is expected");
}

#[test]
fn a_date_time_that_is_not_bound_has_no_order() {
    check_refused(
        "self.created < self.expires",
        "`self.created` is a date-time that is not bound: its text has another order than the instants; name its schema under `bind`, as: date-time",
    );
    check_refused("self.created > '2026'", "is a date-time that is not bound");
    check("self.created != self.expires", true);
    check("!isInstant(self.due) || !isInstant(self.shipped) || self.due < self.shipped", true);
    check("self.id < 'p'", true);
}

#[test]
fn an_int_and_a_double_literal_are_compared_by_value() {
    check("self.lines.all(l, l.count > 1.5)", true);
    check("self.total < 1 && self.total != 0", true);
    check("self.lines.all(l, double(l.count) > self.total)", true);
    check_refused("self.lines.all(l, l.count > l.amount)", "an int and a double are compared; write double(l.count)");
}

#[test]
fn cookies_are_variables_of_rules() {
    let exchange = |cookie: &str| Exchange::get("/orders/o1").request_header("Cookie", cookie).response(200, BODY);
    let rule = "!has(request.cookies.page) || request.cookies.page > 1";
    for (cookie, expected) in
        [("page=2; other=x", (1, 0, 0)), ("page=1", (0, 1, 0)), ("other=x", (1, 0, 0)), ("session=***; page=3", (0, 0, 1))]
    {
        let counts = counts(rule, &exchange(cookie));
        assert_eq!((counts.passed + counts.vacuous, counts.failed, counts.not_applicable), expected, "{cookie}: {counts:?}");
    }
    let counts = counts(rule, &exchange("page=one"));
    assert_eq!(counts.reasons.get("parameter-malformed"), Some(&1), "{counts:?}");
    check_refused("request.cookies.page > 1", "`request.cookies.page` may be absent; guard it with has(request.cookies.page)");
    check_refused("has(request.cookies.sesion)", "did you mean `session`?");
}
