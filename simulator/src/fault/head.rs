//! What stands before a body: who is served, header fields, and downloads.

/// Faults in the head of an answer.
pub(super) const FAULTS: [&str; 9] = [
    "artifact.can-be-downloaded",
    "artifact.length-as-stated",
    "artifact.type-as-stated",
    "artifacts.need-a-key-or-token",
    "error.request-id-is-the-header",
    "operations.need-a-key",
    "operations.say-when-to-retry",
    "runs.get.needs-a-key",
    "runs.get.says-when-to-retry",
];

/// Whether an operation serves whoever has no key.
pub(crate) fn lets_in(fault: &str, operation: &str) -> bool {
    match fault {
        "runs.get.needs-a-key" => operation == "runs.get",
        "artifacts.need-a-key-or-token" => operation == "runs.artifacts.list",
        "operations.need-a-key" => !matches!(operation, "runs.get" | "runs.artifacts.list"),
        _ => false,
    }
}

/// Whether an operation that is asked too often does not say when to come back.
pub(crate) fn is_silent(fault: &str, operation: &str) -> bool {
    match fault {
        "runs.get.says-when-to-retry" => operation == "runs.get",
        "operations.say-when-to-retry" => operation != "runs.get",
        _ => false,
    }
}

/// Whether the files of runs that have not completed can be had, because they are stated.
pub(crate) fn gives_files(fault: &str) -> bool {
    matches!(fault, "run.files-only-when-finished" | "run.files-of-completed-runs-only")
}

/// Whether it takes a run in flight to meet a fault: one then waits for longer than others, so that there is one to be met.
pub(crate) fn needs_a_run_in_flight(fault: &str) -> bool {
    matches!(
        fault,
        "list.completed-at-means-finished"
            | "run.completed-at-means-finished"
            | "run.files-only-when-finished"
            | "run.in-flight-without-files-key"
            | "run.in-flight-without-output-key"
            | "run.output-only-when-finished"
            | "run.schema-valid-means-finished"
    )
}
