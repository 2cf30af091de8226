//! The list of parts and the root of the crate agree, and every part can be copied as it is.

use std::collections::BTreeSet;

use crate::source::PARTS;

#[test]
fn the_root_declares_and_exports_every_part() {
    let root = include_str!("../lib.rs");
    let statements = root.split_once("\nmod abilities;").expect("the first part").1;
    let statements: BTreeSet<String> = format!("mod abilities;{statements}")
        .split_inclusive(';')
        .map(|statement| statement.split_whitespace().collect::<String>())
        .filter(|statement| !statement.is_empty())
        .collect();
    let mut expected: BTreeSet<String> =
        ["#[cfg(feature=\"source\")]pubmodsource;", "#[cfg(test)]modtests;"].into_iter().map(str::to_owned).collect();
    for part in PARTS {
        let condition = part.feature.map(|feature| format!("#[cfg(feature=\"{feature}\")]")).unwrap_or_default();
        expected.insert(format!("{condition}mod{};", part.name));
        match part.items {
            [] => {}
            [item] => drop(expected.insert(format!("{condition}pubuse{}::{item};", part.name))),
            items => drop(expected.insert(format!("{condition}pubuse{}::{{{}}};", part.name, items.join(",")))),
        }
    }
    assert_eq!(statements, expected);
}

#[test]
fn a_part_depends_on_nothing_that_a_copy_lacks() {
    for part in PARTS {
        for word in ["cfg(", "crate::", "charter_runtime", "```", "macro_export"] {
            assert!(!part.text.contains(word), "{} contains {word:?}", part.name);
        }
        let defined: Vec<&str> = part.text.split("define_macro! {").skip(1).collect();
        assert_eq!(defined.len(), part.macros.len(), "{}", part.name);
    }
}
