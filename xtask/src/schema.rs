//! `schema`: the JSON Schemas of the tool's own formats.

use crate::cli::{Schema, SchemaOf};
use crate::output;

pub(crate) fn run(arguments: &Schema) -> u8 {
    output::text(match arguments.of {
        SchemaOf::Report => charter_contract_tests::report::REPORT_SCHEMA,
        SchemaOf::Recording => charter_contract_tests::read::RECORDING_SCHEMA,
        SchemaOf::Config => charter_schema::CONFIG_SCHEMA,
        SchemaOf::Invariants => charter_schema::INVARIANTS_SCHEMA,
    })
}
