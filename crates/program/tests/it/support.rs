//! A program and the reference validator of the same schema.

use charter_contract::json;
use charter_contract::{Contract, SchemaId};
use charter_program::{Options, Program, Record};
use jsonschema::Validator;

/// The two ways to validate bodies of a schema.
pub(crate) struct Both {
    pub(crate) program: Program,
    reference: Validator,
    record: Record,
}

impl Both {
    pub(crate) fn new(contract: &Contract, schema: SchemaId) -> Option<Self> {
        let bundle = contract.bundle();
        let registry = bundle.registry().ok()?;
        let reference = bundle.validator_for_check(&registry, contract, schema).ok()?;
        Some(Self { program: Program::compile(contract, schema, &Options::default().with_counts()), reference, record: Record::default() })
    }

    /// Whether the program decides a body. Panics if it accepts a body that the reference path does not.
    pub(crate) fn decides(&mut self, body: &[u8], name: &str) -> bool {
        let decided = self.program.run(body, &mut self.record).is_ok();
        if decided {
            let text = String::from_utf8_lossy(body);
            let value = json::parse(body).unwrap_or_else(|error| panic!("{name}: the program accepts {text}: {error}"));
            assert!(self.reference.is_valid(&value), "{name}: the program accepts the invalid {text}");
        }
        decided
    }

    /// Whether the reference path accepts a body.
    pub(crate) fn is_valid(&self, body: &[u8]) -> bool {
        json::parse(body).is_ok_and(|value| self.reference.is_valid(&value))
    }
}
