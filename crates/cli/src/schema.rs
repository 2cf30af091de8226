//! `schema`: prints the JSON Schemas of this program's formats.

use crate::arguments::{Schema, SchemaOf};
use crate::output;

pub(crate) fn run(arguments: &Schema) -> u8 {
    output::print(match arguments.of {
        SchemaOf::Report => charter_report::REPORT_SCHEMA,
        SchemaOf::Recording => charter_traffic::read::RECORDING_SCHEMA,
        SchemaOf::Config => charter_contract::CONFIG_SCHEMA,
        SchemaOf::Invariants => charter_rules::INVARIANTS_SCHEMA,
    })
}
