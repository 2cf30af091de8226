//! How a rule came out at one place of one exchange.

/// How one rule came out, by its place in the contract's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The rule's index in the contract's invariants.
    pub rule: usize,
    /// How it came out.
    pub verdict: Verdict,
}

/// The six ways a rule can come out.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It holds, and something was looked at.
    Passed,
    /// It does not hold.
    Failed,
    /// It holds because there was nothing to look at.
    Vacuous,
    /// It does not apply here, and why.
    NotApplicable(&'static str),
    /// The part it is about breaks its schema.
    Blocked,
    /// It could not be judged: a defect of the rule.
    Errored(String),
}
