//! The documented formats are the known ones.

use charter_contract::FORMATS;

#[test]
fn the_documentation_lists_every_known_format() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/book/src/formats.md");
    let page = std::fs::read_to_string(path).expect("the documentation");
    let (_, table) = page.split_once("|---|---|---|\n").expect("a table");
    let row = |format: &charter_contract::Format| format!("| `{}` | {} | {} |\n", format.name, format.applies_to(), format.meaning);
    assert_eq!(table, FORMATS.iter().map(row).collect::<String>());
}
