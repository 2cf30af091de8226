//! The verdict of a rule at one instance of one exchange.

/// The verdict of one rule at one instance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The rule's index in the contract's invariants.
    pub(crate) rule: usize,
    pub(crate) verdict: Verdict,
}

/// The six verdicts of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The rule holds, and it examined a value.
    Passed,
    /// The rule does not hold.
    Failed,
    /// The rule holds because there was no value to examine.
    Vacuous,
    /// The rule does not apply, and why.
    NotApplicable(SkipReason),
    /// A value that the rule reads violates its schema.
    Blocked,
    /// The rule could not be evaluated: a defect of the rule.
    Errored(String),
}

/// Why a rule was not evaluated, as reports name it.
pub type SkipReason = &'static str;
