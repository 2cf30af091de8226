//! The parts of generated files that differ: the parser reads them alone.
//!
//! A file is split into its top-level items. An `impl` block that both sides have adds the same methods and traits to the same type, so that
//! it changes nothing. A type that both sides have is read only if a differing `impl` block names it.

use std::collections::{HashMap, HashSet};

use charter_codegen::SourceFile;

/// The files of both sides without the items that cannot have changed.
pub(super) fn differing(before: &[SourceFile], after: &[SourceFile]) -> (Vec<String>, Vec<String>) {
    let (old, new): (Vec<Vec<&str>>, Vec<Vec<&str>>) = (before.iter().map(split).collect(), after.iter().map(split).collect());
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    old.iter().flatten().for_each(|item| counts.entry(*item).or_default().0 += 1);
    new.iter().flatten().for_each(|item| counts.entry(*item).or_default().1 += 1);
    let is_equal = |item: &str| counts.get(item).is_some_and(|(one, other)| one == other);
    let all = || old.iter().chain(&new).flatten().copied();
    let named: HashSet<&str> = all().filter(|item| !is_equal(item)).flat_map(implemented).collect();
    let is_read = |item: &&&str| !is_equal(item) || defined(item).any(|name| named.contains(name));
    let rest = |files: &[Vec<&str>]| files.iter().map(|items| items.iter().filter(is_read).copied().collect()).collect();
    (rest(&old), rest(&new))
}

/// The top-level items of a file. The printer starts each of them in the first column, and ends it with `}` or `;`.
fn split(file: &SourceFile) -> Vec<&str> {
    let (mut items, mut start, mut at) = (Vec::new(), 0, 0);
    for line in file.text.split_inclusive('\n') {
        at += line.len();
        let text = line.trim_end();
        let is_end = text == "}" || !line.starts_with([' ', '/', '#', ')']) && (text.ends_with(';') || text.ends_with('}'));
        if is_end {
            items.push(&file.text[start..at]);
            start = at;
        }
    }
    if start < at {
        items.push(&file.text[start..at]);
    }
    items
}

/// The names of the types and traits that an item defines.
fn defined(item: &str) -> impl Iterator<Item = &str> {
    let heads = item.lines().map(|line| line.strip_prefix("pub ").unwrap_or(line));
    let names = heads.filter_map(|line| ["struct ", "enum ", "type ", "trait "].iter().find_map(|keyword| line.strip_prefix(keyword)));
    names.filter_map(|rest| words(rest).next())
}

/// The words of the head of an `impl` block, among them the name of its type.
fn implemented(item: &str) -> impl Iterator<Item = &str> {
    let block = item.find("\nimpl").map_or(item, |at| &item[at + 1..]);
    let head = block.starts_with("impl").then(|| block.split_once('{').map_or(block, |(head, _)| head));
    words(head.unwrap_or_default())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Vec<SourceFile> {
        vec![SourceFile::new("a.rs", text.to_owned())]
    }

    #[test]
    fn only_differing_items_and_the_types_that_they_name_are_read() {
        let (one, two) = ("/// A.\n#[derive(Debug)]\npub struct A {\n    pub a: u8,\n}\n", "pub struct B(pub A);\n");
        let (same, old, new) =
            ("impl B {\n    pub fn b() {}\n}\n", "impl<T> From<T> for A {\n}\n", "impl<T> From<T> for A {\n    // new\n}\n");
        let before = file(&format!("{one}{two}{same}{old}"));
        let after = file(&format!("{one}{two}{same}{new}"));
        assert_eq!(differing(&before, &after), (vec![format!("{one}{old}")], vec![format!("{one}{new}")]));
        assert_eq!(differing(&before, &before), (vec![String::new()], vec![String::new()]));
        // A type that is defined twice in one of the files has changed.
        let twice = file(&format!("{two}{two}"));
        assert_eq!(differing(&file(two), &twice), (vec![two.to_owned()], vec![format!("{two}{two}")]));
    }
}
