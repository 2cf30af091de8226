//! The fast path: a compiled reader decides in one pass whether a bare body has no violation, and counts its coverage and verdicts.
//!
//! A body that the reader cannot decide goes to the reference path. Everything that verdicts depend on besides the body (the operation,
//! the unknown request) is equal for all bare bodies, and is computed once.

use std::collections::HashMap;

use charter_contract::invariant::Site;
use charter_contract::{Direction, SchemaId};
use charter_reader::{Compiled, Counters, OUTCOMES, Read, SiteSet};

use super::environment::Environment;
use super::outcome::{SkipReason, Verdict};
use super::reference::Reference;
use super::rule::ResponseContext;
use crate::coverage::Case;
use crate::error::FastPathUnavailable;
use crate::operation;
use crate::validate::check_headers;
use charter_traffic::read;

/// A compiled reader, prepared for the bare bodies of an operation.
#[derive(Debug)]
pub(crate) struct FastPath {
    compiled: &'static Compiled,
    read: Read,
    /// By event number, the coverage cases of the event.
    cases: Vec<Vec<Case>>,
    /// The cases that every bare body reaches.
    always: Vec<Case>,
    rules: Vec<RulePlan>,
    /// Sites of rules that only the interpreter can evaluate. Bodies with such a site are left to the reference path.
    beyond: SiteSet,
}

/// How the verdicts of a rule are computed from the counts.
#[derive(Debug)]
enum RulePlan {
    /// The rule is compiled: its number in the reader, and its site.
    Compiled { rule: usize, site: usize },
    /// The rule is never evaluated for bare bodies, but its site is counted.
    Site { site: usize, reason: SkipReason },
    /// A rule about the response that is never evaluated for bare bodies.
    Response(SkipReason),
    /// The rule is about another response.
    Absent,
}

/// Counts of bodies that the fast path decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct FastPathCounts {
    /// Number of bodies.
    pub(crate) documents: u64,
    counters: Counters,
    /// By site, the number of bodies that have it.
    having: Vec<u64>,
}

impl FastPathCounts {
    /// Adds other counts.
    pub(crate) fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.counters.add(other.counters.counts());
        self.having.resize(self.having.len().max(other.having.len()), 0);
        self.having.iter_mut().zip(&other.having).for_each(|(all, more)| *all += more);
    }
}

impl FastPath {
    /// Prepares a compiled reader for the bare bodies of a contract.
    pub(super) fn new(reference: &Reference, compiled: &'static Compiled) -> Result<Self, FastPathUnavailable> {
        if reference.contract.digest() != compiled.contract {
            return Err(FastPathUnavailable::OtherContract);
        }
        let unable = FastPathUnavailable::Unsupported;
        let contract = &reference.contract;
        let asserted = &contract.config().check.formats;
        let mut formats = contract.schemas().iter().filter_map(|(_, schema)| schema.keywords.format.as_deref());
        if formats.any(|format| asserted.get(format).is_some()) {
            return Err(unable("asserted formats"));
        }
        let known: HashMap<String, SchemaId> = contract.schemas().iter().map(|(id, schema)| (schema.location.to_string(), id)).collect();
        let schemas: Option<Vec<SchemaId>> = compiled.schemas.iter().map(|location| known.get(*location).copied()).collect();
        let schemas = schemas.ok_or_else(|| unable("schemas that the contract does not have"))?;
        let id = |index: &u32| schemas.get(*index as usize).copied();
        let operation = reference.bare_operation().ok_or_else(|| unable("bodies without a named operation"))?;
        let exchange = read::bare(b"null".to_vec());
        let response = exchange.response.as_ref().ok_or_else(|| unable("bare bodies"))?;
        let spec =
            operation::response_for(operation, response.status).map_err(|_| unable("operations without a response of status 200"))?;
        if !check_headers(contract, &reference.validators, spec, response).is_empty() {
            return Err(unable("responses with required header fields"));
        }
        // A bare body is JSON.
        let root =
            spec.content.iter().find(|(media_type, _)| charter_contract::is_json(media_type)).and_then(|(_, described)| described.schema);
        let root = root.ok_or_else(|| unable("responses that are not JSON"))?;
        if !reference.foreign(Direction::Response).is_empty() {
            return Err(unable("writeOnly properties"));
        }
        let read = compiled.readers.iter().find(|(schema, _)| id(schema) == Some(root)).map(|(_, read)| *read);
        let read = read.ok_or_else(|| unable("the response body of this operation"))?;
        let sites: Vec<Option<SchemaId>> = compiled.sites.iter().map(id).collect();
        let cases = compiled.events.iter().map(|event| {
            let ids = |indexes: &[u32]| indexes.iter().filter_map(id).collect::<Vec<_>>();
            reference.plan.cases_of(&ids(event.schemas), &event.kind, &ids(event.branches))
        });
        let mut always = Vec::new();
        reference.plan.note(&operation.id, 200, None, &mut always);
        // Bare bodies have no time: rules over time do not depend on what identifies their resource.
        let environment = Environment::new(contract, operation, None, &exchange, response, None, Err("request-unknown"));
        let context = ResponseContext { operation, status: response.status, promised: spec.status };
        let observable = reference.observe(&exchange, context, spec, &environment).map(|_| ());
        let mut fast_path = Self { compiled, read, cases: cases.collect(), always, rules: Vec::new(), beyond: SiteSet::default() };
        for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
            let reason = reference.rules.skip_reason(index, context, observable, &environment);
            let plan = match (&invariant.on, reason) {
                (Site::Schema(on), reason) => {
                    let site = sites.iter().position(|site| *site == Some(*on)).ok_or_else(|| unable("the schema of a rule"))?;
                    let rule = compiled.rules.iter().position(|id| *id == invariant.id);
                    match (reason, rule) {
                        (Some(reason), _) => RulePlan::Site { site, reason },
                        (None, Some(rule)) => RulePlan::Compiled { rule, site },
                        (None, None) => {
                            fast_path.beyond.insert(site);
                            RulePlan::Absent
                        }
                    }
                }
                (Site::Response { .. }, _) if !context.is_site(invariant) => RulePlan::Absent,
                (Site::Response { .. }, Some(reason)) => RulePlan::Response(reason),
                (Site::Response { .. }, None) => return Err(unable("rules about a response")),
            };
            fast_path.rules.push(plan);
        }
        Ok(fast_path)
    }

    /// The compiled reader.
    pub(super) fn compiled(&self) -> &'static Compiled {
        self.compiled
    }

    /// Whether a body has no violation; if so, it is counted. `false` means that the reference path must judge it.
    pub(crate) fn accepts(&self, bytes: &[u8], counts: &mut FastPathCounts) -> bool {
        if counts.counters.counts().is_empty() {
            counts.counters = self.compiled.counters();
            counts.having = vec![0; self.compiled.sites.len()];
        }
        let Ok(sites) = counts.counters.read(bytes, self.read, &self.beyond) else { return false };
        counts.documents += 1;
        sites.iter().for_each(|site| counts.having[site] += 1);
        true
    }

    /// The reached cases with their counts.
    pub(crate) fn cases<'f>(&'f self, counts: &'f FastPathCounts) -> impl Iterator<Item = (Case, u64)> + 'f {
        let shown = self.cases.iter().zip(counts.counters.counts()).filter(|(_, times)| **times > 0);
        let shown = shown.flat_map(|(cases, times)| cases.iter().map(|case| (*case, *times)));
        shown.chain(self.always.iter().map(|case| (*case, counts.documents)))
    }

    /// The verdicts of each rule with their counts.
    pub(crate) fn outcomes<'f>(&'f self, counts: &'f FastPathCounts) -> impl Iterator<Item = (usize, Verdict, u64)> + 'f {
        let note = |at: usize| counts.counters.counts().get(at).copied().unwrap_or_default();
        let having = |site: usize| counts.having.get(site).copied().unwrap_or_default();
        let places = move |site: usize| note(self.compiled.sites_from as usize + site);
        let absent = move |site: usize| (Verdict::NotApplicable("absent"), counts.documents - having(site));
        self.rules.iter().enumerate().flat_map(move |(index, plan)| {
            let outcomes = match plan {
                RulePlan::Compiled { rule, site } => {
                    let first = self.compiled.rules_from as usize + rule * OUTCOMES;
                    let skipped = Verdict::NotApplicable("when-false");
                    vec![(Verdict::Passed, note(first)), (Verdict::Vacuous, note(first + 1)), (skipped, note(first + 2)), absent(*site)]
                }
                RulePlan::Site { site, reason } => vec![(Verdict::NotApplicable(reason), places(*site)), absent(*site)],
                RulePlan::Response(reason) => vec![(Verdict::NotApplicable(reason), counts.documents)],
                RulePlan::Absent => vec![(Verdict::NotApplicable("absent"), counts.documents)],
            };
            outcomes.into_iter().filter(|(_, times)| *times > 0).map(move |(verdict, times)| (index, verdict, times))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use charter_contract::Contract;
    use charter_reader::{Cursor, Fallback, FastPath, Keys, Outcome, keys};
    use serde_json::json;

    use super::*;
    use crate::judge::Judge;

    #[test]
    fn counts_add_up() {
        let mut one = FastPathCounts { documents: 1, counters: Counters::from_counts(vec![1, 2]), having: vec![1] };
        one.add(&FastPathCounts { documents: 2, counters: Counters::from_counts(vec![0, 1, 5]), having: Vec::new() });
        assert_eq!((one.documents, one.counters.counts(), one.having), (3, [1, 3, 5].as_slice(), vec![1]));
    }

    /// More sites than a word of 128 bits has.
    const SITES: usize = 140;

    /// A contract whose body has one optional property for each of many schemas, each of which has one rule.
    fn contract() -> Contract {
        let (mut properties, mut definitions, mut rules) = (serde_json::Map::new(), serde_json::Map::new(), String::new());
        for site in 0..SITES {
            properties.insert(format!("p{site}"), json!({"$ref": format!("#/$defs/D{site}")}));
            definitions.insert(
                format!("D{site}"),
                json!({"type": "object", "properties": {"n": {"type": "integer", "format": "int32"}}, "required": ["n"]}),
            );
            let _ = write!(
                rules,
                "
  - id: d{site}
    on: \"box.schema.json#/$defs/D{site}\"
    rule: self.n > 0
    message: m
    severity: error
    promise: {{kind: documented, where: here, quote: q}}
    examples: {{pass: [{{self: {{n: 1}}}}], fail: [{{self: {{n: 0}}}}]}}"
            );
        }
        let schema = json!({"type": "object", "properties": properties, "$defs": definitions});
        let openapi = r##"{"openapi": "3.1.0", "paths": {"/boxes": {"get": {"operationId": "boxes.get", "responses": {"200": {
            "description": "A box.", "content": {"application/json": {"schema": {"$ref": "box.schema.json"}}}}}}}}}"##;
        let files = [
            ("openapi.json", openapi.to_owned()),
            ("box.schema.json", schema.to_string()),
            ("box.invariants.yaml", format!("format: charter-invariants/1\ninvariants:{rules}\n")),
        ];
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
        charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Reads a body of the contract as a generated reader does.
    fn read(cursor: &mut Cursor<'_>, counters: &mut Counters) -> FastPath<()> {
        static NONE: Keys = keys![];
        static N: Keys = keys!["n"];
        cursor.open_object(&NONE, |cursor, key| {
            let name = key.map_or_else(|name| name.plain(), |_| Err(Fallback))?;
            let site: u32 = name.strip_prefix('p').and_then(|site| site.parse().ok()).ok_or(Fallback)?;
            let mut number = 0;
            cursor.object(&N, |cursor, _| {
                number = cursor.number()?.as_i64().ok_or(Fallback)?;
                Ok(())
            })?;
            let outcome = if number > 0 { Outcome::Passed } else { return Err(Fallback) };
            counters.site(site, site);
            counters.outcomes((SITES + site as usize * OUTCOMES) as u32, [outcome]);
            Ok(())
        })?;
        Ok(())
    }

    /// A compiled reader of the contract; the rule of the last site is left to the interpreter.
    fn compiled(contract: &Contract) -> &'static Compiled {
        fn leak(text: String) -> &'static str {
            text.leak()
        }
        let location = |end: &str| {
            let mut locations = contract.schemas().iter().map(|(_, schema)| schema.location.to_string());
            leak(locations.find(|location| location.ends_with(end)).expect("a schema"))
        };
        let mut schemas = vec![location("/responses/200/content/application~1json/schema")];
        schemas.extend((0..SITES).map(|site| location(&format!("/D{site}"))));
        let rules: Vec<&'static str> = (0..SITES - 1).map(|site| leak(format!("d{site}"))).collect();
        let sites: Vec<u32> = (1..).take(SITES).collect();
        Box::leak(Box::new(Compiled {
            contract: leak(contract.digest()),
            schemas: schemas.leak(),
            readers: &[(0, read)],
            events: &[],
            rules_from: SITES as u32,
            rules: rules.leak(),
            sites_from: 0,
            sites: sites.leak(),
            interpreted: &[],
        }))
    }

    #[test]
    fn a_contract_with_asserted_formats_has_no_fast_path() {
        let contract = contract();
        let fast_path = |formats: &str| {
            let contract = contract.clone().with_asserted_formats(formats.parse().expect("known formats"));
            let judge = Judge::new(&contract).expect("the contract compiles").with_reader(compiled(&contract));
            judge.fast_path().map(|_| ()).map_err(Clone::clone)
        };
        assert_eq!(fast_path("none"), Ok(()));
        assert_eq!(fast_path("uuid"), Ok(()), "no schema has the format");
        assert_eq!(fast_path("int32"), Err(FastPathUnavailable::Unsupported("asserted formats")));
    }

    #[test]
    fn more_than_128_rule_sites_are_counted_as_the_reference_path_counts_them() {
        let contract = contract();
        let judge = Judge::new(&contract).expect("the contract compiles").with_reader(compiled(&contract));
        let fast_path = judge.fast_path().expect("the reader is of this contract");
        let (mut counts, mut wanted) = (FastPathCounts::default(), BTreeMap::new());
        for body in [r#"{"p130":{"n":1}}"#, r#"{"p2":{"n":1},"p138":{"n":7}}"#, r#"{"p127":{"n":1},"p128":{"n":1}}"#, "{}"] {
            assert!(fast_path.accepts(body.as_bytes(), &mut counts), "{body}");
            for outcome in judge.judge(&read::bare(body.as_bytes().to_vec())).outcomes {
                *wanted.entry((outcome.rule, format!("{:?}", outcome.verdict))).or_insert(0) += 1;
            }
        }
        let found: BTreeMap<_, u64> =
            fast_path.outcomes(&counts).map(|(rule, verdict, times)| ((rule, format!("{verdict:?}")), times)).collect();
        assert_eq!(found, wanted);
        // A rule that is not compiled, and a rule that is broken.
        for body in [r#"{"p139":{"n":1}}"#, r#"{"p130":{"n":0}}"#] {
            assert!(!fast_path.accepts(body.as_bytes(), &mut counts), "{body}");
        }
        assert_eq!(counts.documents, 4);
    }
}
