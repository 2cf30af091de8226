//! Faults in authorisation, header fields and downloads.

/// Faults outside JSON bodies.
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

/// Whether an operation accepts requests without a key.
pub(crate) fn accepts_without_key(fault: &str, operation: &str) -> bool {
    match fault {
        "runs.get.needs-a-key" => operation == "runs.get",
        "artifacts.need-a-key-or-token" => operation == "runs.artifacts.list",
        "operations.need-a-key" => !matches!(operation, "runs.get" | "runs.artifacts.list"),
        _ => false,
    }
}

/// Whether a 429 response of an operation lacks `Retry-After`.
pub(crate) fn hides_retry_after(fault: &str, operation: &str) -> bool {
    match fault {
        "runs.get.says-when-to-retry" => operation == "runs.get",
        "operations.say-when-to-retry" => operation != "runs.get",
        _ => false,
    }
}

/// Whether files of runs that have not completed can be downloaded, because the fault lists them.
pub(crate) fn serves_unfinished_files(fault: &str) -> bool {
    matches!(fault, "run.files-only-when-finished" | "run.files-of-completed-runs-only")
}

/// Whether a fault needs a run that is not finished: the server then keeps one waiting for longer.
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
