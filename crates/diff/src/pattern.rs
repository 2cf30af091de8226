//! Whether one pattern matches all texts of another one, by a product of automata. Patterns with look-around, back-references or word
//! boundaries have no automaton here, and large products are not built.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The maximum number of nodes of an automaton.
const NODES: usize = 4_000;
/// The maximum number of states of a product, and of steps to build it.
const STATES: usize = 4_000;
const STEPS: usize = 3_000_000;
/// The number of comparisons that are remembered.
const KNOWN: usize = 4_096;

/// How the texts of two patterns are related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inclusion {
    /// Each text that the first pattern matches is matched by the second one.
    Included,
    /// A shortest text that the first pattern matches and the second one does not.
    Refuted(String),
}

thread_local! {
    static RESULTS: RefCell<HashMap<(String, String), Option<Inclusion>>> = RefCell::default();
}

/// Whether the texts that the first ECMA-262 pattern matches are among those of the second one. `None` if that is not decided.
pub(crate) fn compare(narrow: &str, wide: &str) -> Option<Inclusion> {
    let key = (narrow.to_owned(), wide.to_owned());
    if let Some(known) = RESULTS.with_borrow(|known| known.get(&key).cloned()) {
        return known;
    }
    let found = Automaton::of(narrow).zip(Automaton::of(wide)).and_then(|(narrow, wide)| product(&narrow, &wide));
    RESULTS.with_borrow_mut(|known| {
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(key, found.clone());
    });
    found
}

/// A node of an automaton.
enum Node {
    /// Continues without a character.
    Split(Vec<usize>),
    /// Continues at the start of the text.
    Start(usize),
    /// Continues at the end of the text.
    End(usize),
    /// Continues after a character in one of these ranges.
    Ranges(Vec<(char, char)>, usize),
    Match,
}

/// The pattern as a nondeterministic automaton. Node 0 is the match, which stays a match after further characters.
struct Automaton {
    nodes: Vec<Node>,
    start: usize,
}

/// The nodes that an automaton can be at.
type Set = Vec<usize>;
/// The nodes of both automata.
type Pair = (Set, Set);
/// The state before a state, and the character between them.
type Step = Option<(usize, char)>;

impl Automaton {
    fn of(pattern: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
        let hir = regex_syntax::Parser::new().parse(&translated).ok()?;
        let mut automaton = Self { nodes: vec![Node::Match], start: 0 };
        let body = automaton.add(&hir, 0)?;
        // A pattern is searched for: any characters may come before it.
        let start = automaton.nodes.len();
        automaton.nodes.push(Node::Split(vec![body, start + 1]));
        automaton.nodes.push(Node::Ranges(vec![('\0', char::MAX)], start));
        automaton.start = start;
        Some(automaton)
    }

    fn node(&mut self, node: Node) -> Option<usize> {
        self.nodes.push(node);
        (self.nodes.len() < NODES).then(|| self.nodes.len() - 1)
    }

    /// Adds the nodes of a part that continues at a node.
    fn add(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, character| self.node(Node::Ranges(vec![(character, character)], next)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges().iter().map(|range| (range.start(), range.end())).collect();
                self.node(Node::Ranges(ranges, next))
            }
            HirKind::Class(Class::Bytes(class)) if class.is_ascii() => {
                let ranges = class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect();
                self.node(Node::Ranges(ranges, next))
            }
            HirKind::Look(Look::Start) => self.node(Node::Start(next)),
            HirKind::Look(Look::End) => self.node(Node::End(next)),
            HirKind::Class(_) | HirKind::Look(_) => None,
            HirKind::Capture(capture) => self.add(&capture.sub, next),
            HirKind::Concat(parts) => parts.iter().rev().try_fold(next, |next, part| self.add(part, next)),
            HirKind::Alternation(parts) => {
                let branches = parts.iter().map(|part| self.add(part, next)).collect::<Option<Vec<usize>>>()?;
                self.node(Node::Split(branches))
            }
            HirKind::Repetition(repetition) => {
                let mut after = next;
                match repetition.max {
                    None => {
                        let again = self.node(Node::Split(Vec::new()))?;
                        let body = self.add(&repetition.sub, again)?;
                        self.nodes[again] = Node::Split(vec![body, next]);
                        after = again;
                    }
                    Some(most) => {
                        for _ in repetition.min..most {
                            let body = self.add(&repetition.sub, after)?;
                            after = self.node(Node::Split(vec![body, next]))?;
                        }
                    }
                }
                (0..repetition.min).try_fold(after, |after, _| self.add(&repetition.sub, after))
            }
        }
    }

    /// The nodes that are reached without a character.
    fn closure(&self, from: impl IntoIterator<Item = usize>, at_start: bool, at_end: bool) -> Set {
        let (mut open, mut seen): (Vec<usize>, BTreeSet<usize>) = (from.into_iter().collect(), BTreeSet::new());
        while let Some(index) = open.pop() {
            if !seen.insert(index) {
                continue;
            }
            match &self.nodes[index] {
                Node::Split(next) => open.extend(next),
                Node::Start(next) if at_start => open.push(*next),
                Node::End(next) if at_end => open.push(*next),
                _ => {}
            }
        }
        if seen.contains(&0) { vec![0] } else { seen.into_iter().collect() }
    }

    /// Whether a text that ends here is matched.
    fn is_match(&self, set: &Set, at_start: bool) -> bool {
        set == &[0] || self.closure(set.iter().copied(), at_start, true) == [0]
    }

    fn step(&self, set: &Set, character: char) -> Set {
        if set == &[0] {
            return vec![0];
        }
        let next = set.iter().filter_map(|index| match &self.nodes[*index] {
            Node::Ranges(ranges, next) if ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) => Some(*next),
            _ => None,
        });
        self.closure(next, false, false)
    }

    /// The first character of each range, and the first one after it.
    fn limits(&self, set: &Set, found: &mut BTreeSet<char>) {
        for index in set {
            if let Node::Ranges(ranges, _) = &self.nodes[*index] {
                for (low, high) in ranges {
                    found.insert(*low);
                    found.extend((*high..=char::MAX).nth(1));
                }
            }
        }
    }
}

/// Searches for a text that the first automaton matches and the second one does not, the shortest texts first.
fn product(narrow: &Automaton, wide: &Automaton) -> Option<Inclusion> {
    let first = (narrow.closure([narrow.start], true, false), wide.closure([wide.start], true, false));
    // The state before the first character is another one: only there, the start of the text is also its end.
    let mut seen: HashSet<Pair> = HashSet::new();
    let mut states: Vec<(Pair, Step)> = vec![(first, None)];
    let (mut open, mut steps) = (VecDeque::from([0]), 0);
    while let Some(index) = open.pop_front() {
        let (one, other) = states[index].0.clone();
        if narrow.is_match(&one, index == 0) && !wide.is_match(&other, index == 0) {
            let (mut text, mut at) = (Vec::new(), index);
            while let Some((before, character)) = states[at].1 {
                text.push(character);
                at = before;
            }
            return Some(Inclusion::Refuted(text.into_iter().rev().collect()));
        }
        // Every longer text is matched by the second one.
        if other == [0] {
            continue;
        }
        // Printable characters first, for readable witnesses.
        let mut limits = BTreeSet::from(['\0', 'a', 'A', '0', ' ']);
        narrow.limits(&one, &mut limits);
        wide.limits(&other, &mut limits);
        let mut characters: Vec<char> = limits.into_iter().collect();
        characters.sort_by_key(|character| (!character.is_ascii_alphanumeric(), !character.is_ascii_graphic(), *character));
        for character in characters {
            steps += one.len() + other.len();
            let next = (narrow.step(&one, character), wide.step(&other, character));
            if next.0.is_empty() || seen.contains(&next) {
                continue;
            }
            if states.len() >= STATES || steps > STEPS {
                return None;
            }
            seen.insert(next.clone());
            open.push_back(states.len());
            states.push((next, Some((index, character))));
        }
    }
    Some(Inclusion::Included)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_pattern_includes_the_narrow_one() {
        for (narrow, wide) in [
            ("^[a-z]+$", "^[a-z0-9]+$"),
            ("^[a-z]{2,5}$", "^[a-z]{1,6}$"),
            ("^(a|b)$", "^[abc]$"),
            ("^ab+", "^a"),
            ("abc", "b"),
            ("^\\d{4}-\\d{2}$", "^[0-9-]+$"),
            ("^[0-9]+$", "^\\d+$"),
            ("^$", "^a*$"),
            ("anything", ""),
            ("^order_[0-9a-f]{24}$", "^order_"),
            ("$^", "^$"),
            ("^^a", "^a"),
            ("^a|b", "a|b"),
            ("^(?:a|b)$", "^a$|^b$"),
            ("a^b", "^x$"),
        ] {
            assert_eq!(compare(narrow, wide), Some(Inclusion::Included), "{narrow} {wide}");
        }
    }

    #[test]
    fn a_text_refutes_an_inclusion() {
        for (narrow, wide) in [
            ("^[a-z0-9]+$", "^[a-z]+$"),
            ("^a", "^ab+"),
            ("", "a"),
            ("^a*$", "^a+$"),
            ("^[a-z]{2,5}$", "^[a-z]{3,4}$"),
            ("a$", "^a"),
            ("^\\w+$", "^[a-z]+$"),
            // The end before the start is in the empty text alone.
            ("", "$^"),
            ("a*", "a*$^"),
            ("(^|b)a", "^a"),
            ("a($|b)", "a$"),
        ] {
            let Some(Inclusion::Refuted(text)) = compare(narrow, wide) else { panic!("{narrow} {wide}") };
            let matches = crate::sample::matches;
            assert!(matches(narrow, &text) && !matches(wide, &text), "{narrow} {wide} {text:?}");
        }
    }

    #[test]
    fn patterns_beyond_automata_are_not_decided() {
        for pattern in ["^(?!a).*$", "^(a)\\1$", "\\bword\\b", "^[a-z]{1,5000}$"] {
            assert_eq!(compare(pattern, "^a$"), None, "{pattern}");
        }
    }
}
