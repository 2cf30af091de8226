//! When an item is compiled.

use std::collections::BTreeSet;

use super::TagFeature;

/// The longest attribute on one line.
const LONGEST: usize = 100;

/// When an item is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// With any features.
    Always,
    /// With at least one of some features, by their indices.
    Any(BTreeSet<usize>),
}

impl Condition {
    /// The only feature of the condition.
    pub(crate) fn single(&self) -> Option<usize> {
        match self {
            Self::Any(features) if features.len() == 1 => features.first().copied(),
            _ => None,
        }
    }

    /// The condition of what is compiled in either case.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any(mut features), Self::Any(others)) => {
                features.extend(others);
                Self::Any(features)
            }
            _ => Self::Always,
        }
    }

    /// The attribute, with a line break; empty for what is always compiled.
    pub(super) fn attribute(&self, features: &[TagFeature]) -> String {
        let Self::Any(indices) = self else { return String::new() };
        let named: Vec<String> = indices.iter().map(|index| format!("feature = {:?}", features[*index].name)).collect();
        let line = match named.as_slice() {
            [one] => format!("#[cfg({one})]\n"),
            several => format!("#[cfg(any({}))]\n", several.join(", ")),
        };
        if line.len() <= LONGEST || named.len() == 1 {
            return line;
        }
        let lines: String = named.iter().map(|one| format!("    {one},\n")).collect();
        format!("#[cfg(any(\n{lines}))]\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(names: &[&str]) -> Vec<TagFeature> {
        names.iter().map(|name| TagFeature { name: (*name).to_owned(), tag: None, operations: 0 }).collect()
    }

    #[test]
    fn long_lists_of_features_have_a_line_each() {
        let features = features(&["repos", "issues", "secret-scanning", "code-scanning", "security-advisories"]);
        let of = |indices: &[usize]| Condition::Any(indices.iter().copied().collect()).attribute(&features);
        assert_eq!(Condition::Always.attribute(&features), "");
        assert_eq!(of(&[1]), "#[cfg(feature = \"issues\")]\n");
        assert_eq!(of(&[1, 0]), "#[cfg(any(feature = \"repos\", feature = \"issues\"))]\n");
        assert_eq!(of(&[0, 1, 2, 3, 4]).lines().count(), 7);
    }

    #[test]
    fn what_is_compiled_in_either_case_has_the_features_of_both() {
        let of = |indices: &[usize]| Condition::Any(indices.iter().copied().collect());
        assert_eq!(of(&[1]).or(of(&[0, 1])), of(&[0, 1]));
        assert_eq!(of(&[1]).or(Condition::Always), Condition::Always);
        assert_eq!((of(&[1]).single(), of(&[0, 1]).single(), Condition::Always.single()), (Some(1), None, None));
    }
}
