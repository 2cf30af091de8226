//! Lists of changes and names.

use crate::change::OperationChange;

/// Groups changes with the same kind and summary: the first change, and all its operations.
pub(super) fn grouped<'c>(changes: &[&'c OperationChange]) -> Vec<(&'c OperationChange, Vec<&'c str>)> {
    let mut groups: Vec<(&OperationChange, Vec<&str>)> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|(first, _)| first.kind == change.kind && first.summary == change.summary) {
            Some((_, operations)) => operations.push(&change.operation),
            None => groups.push((change, vec![&change.operation])),
        }
    }
    groups
}

/// At most five names, and the number of the others.
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names.len() {
        count if count > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        _ => names.join(", "),
    }
}
