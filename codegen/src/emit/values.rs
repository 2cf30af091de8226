//! Enumerations of values that are not all strings.

use std::fmt::Write as _;

use serde_json::Value;

use super::Emit;
use super::text::quoted;
use crate::shape::TypeId;

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, values: &[Value], union: Option<&str>) -> String {
    let texts: Vec<String> = values.iter().map(Value::to_string).collect();
    let expected = if texts.len() == 1 { texts[0].clone() } else { format!("one of {}", texts.join(", ")) };
    let stated = if emit.contract.schema(emit.shapes.types[id.0].schema).keywords.constant.is_some() { "const" } else { "enum" };
    let keyword = union.unwrap_or(stated);
    let mut text = format!("support::values! {{\n    {}: {keyword:?} of {} {{\n", emit.names.type_(id), quoted(&expected));
    for (value, member) in texts.iter().zip(emit.names.members(id)) {
        let _ = writeln!(text, "        {member} = {},", quoted(value));
    }
    text.push_str("    }\n");
    text.push_str(&super::enumeration::default(emit, id, values, true));
    text.push_str("}\n");
    text
}
