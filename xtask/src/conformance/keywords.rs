//! The keywords of the Run contract. The compiled reader must decide at least one document for each of them.

use super::Outcome;
use super::suite::Group;

/// The suite's files about these keywords.
const OWN: [&str; 12] =
    ["additionalProperties", "anyOf", "const", "enum", "items", "maximum", "minLength", "minimum", "properties", "ref", "required", "type"];

/// The draft and file of every keyword without a decided valid document.
pub(super) fn idle(groups: &[Group], outcomes: &[Outcome]) -> Vec<String> {
    let own: Vec<_> = groups.iter().zip(outcomes).filter(|(group, _)| OWN.contains(&group.file.as_str())).collect();
    let of_file = own.chunk_by(|(one, _), (other, _)| (&one.draft, &one.file) == (&other.draft, &other.file));
    let idle = of_file.filter(|groups| groups.iter().all(|(group, outcome)| outcome.decided(group) == 0));
    idle.map(|groups| format!("{}/{}", groups[0].0.draft, groups[0].0.file)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_equals_the_keywords_of_the_contract() {
        let contract = charter_rules::load("../schema".into()).expect("the contract loads");
        let keywords = contract.schemas().iter().filter_map(|(_, schema)| schema.source().as_object()).flat_map(|schema| schema.keys());
        // Annotations assert nothing. The suite tests `$defs` with the meta-schemas only.
        let is_annotation = |keyword: &str| ["schema", "defs", "title", "description", "examples", "format"].contains(&keyword);
        let used: BTreeSet<&str> =
            keywords.map(|keyword| keyword.trim_start_matches('$')).filter(|keyword| !is_annotation(keyword)).collect();
        assert_eq!(used, OWN.into_iter().collect::<BTreeSet<_>>());
    }
}
