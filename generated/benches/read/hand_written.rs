//! The Run resource as careful hand-written serde types: unknown keys are errors, absent and null are distinct, bounds are not checked.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Distinct from an absent key, which is the default.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A required key that may be null.
fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A key that may be absent and must not be null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

macro_rules! objects {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$meta])* pub $field: $type,)* }
    )*};
}

objects! {
    Run {
        id: String,
        r#type: RunType,
        finished: bool,
        sample_rank: f64,
        timing: Timing,
        source: Source,
        trigger: Trigger,
        execution: Execution,
        #[serde(default, deserialize_with = "given")] eval: Option<Eval>,
        #[serde(default, deserialize_with = "present")] output: Option<Option<Map<String, Value>>>,
        #[serde(default, deserialize_with = "given")] files: Option<Vec<Artifact>>,
        #[serde(default, deserialize_with = "present")] error: Option<Option<String>>,
        #[serde(default, deserialize_with = "given")] input: Option<Input>,
        #[serde(default, deserialize_with = "present")] usage: Option<Option<Usage>>,
        #[serde(default, deserialize_with = "given")] debug: Option<Debugging>,
    }
    Timing {
        created_at: String,
        #[serde(deserialize_with = "nullable")] started_at: Option<String>,
        #[serde(deserialize_with = "nullable")] completed_at: Option<String>,
        #[serde(deserialize_with = "nullable")] cancel_requested_at: Option<String>,
        #[serde(deserialize_with = "nullable")] duration_ms: Option<f64>,
    }
    Source {
        id: String,
        #[serde(deserialize_with = "nullable")] name: Option<String>,
        #[serde(deserialize_with = "nullable")] version: Option<String>,
        #[serde(default, deserialize_with = "present")] version_id: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")] slug: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")] model: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")] current_version: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")] git: Option<Option<Git>>,
        #[serde(default, deserialize_with = "given")] implementation_available: Option<bool>,
        #[serde(default, deserialize_with = "given")] automation_found: Option<bool>,
    }
    Git {
        #[serde(deserialize_with = "nullable")] requested_ref: Option<String>,
        #[serde(deserialize_with = "nullable")] resolved_ref: Option<String>,
        #[serde(deserialize_with = "nullable")] resolved_tag: Option<String>,
        #[serde(deserialize_with = "nullable")] commit_sha: Option<String>,
    }
    Trigger {
        #[serde(deserialize_with = "nullable")] r#type: Option<String>,
        #[serde(deserialize_with = "nullable")] by: Option<By>,
        #[serde(default, deserialize_with = "given")] email: Option<Value>,
    }
    By {
        id: String,
        #[serde(deserialize_with = "nullable")] name: Option<String>,
        email: String,
    }
    Eval {
        #[serde(deserialize_with = "nullable")] example: Option<String>,
        #[serde(deserialize_with = "nullable")] score: Option<f64>,
        #[serde(deserialize_with = "nullable")] passed: Option<bool>,
        #[serde(default, deserialize_with = "present")] example_id: Option<Option<String>>,
    }
    Artifact {
        name: String,
        role: String,
        path: String,
        #[serde(default, deserialize_with = "given")] step_name: Option<String>,
        #[serde(default, deserialize_with = "present")] content_type: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")] size: Option<Option<i64>>,
    }
    Input {
        args: Value,
        #[serde(default, deserialize_with = "given")] files: Option<Vec<File>>,
        #[serde(default, deserialize_with = "given")] metadata: Option<Value>,
    }
    File {
        name: String,
    }
    Usage {
        tokens: Tokens,
        #[serde(deserialize_with = "nullable")] credits_charged: Option<f64>,
        #[serde(deserialize_with = "nullable")] duration_ms: Option<f64>,
        #[serde(default, deserialize_with = "given")] llm_call_count: Option<f64>,
        #[serde(default, deserialize_with = "given")] ocr_pages_processed: Option<f64>,
        #[serde(default, deserialize_with = "present")] agent_turns: Option<Option<f64>>,
    }
    Tokens {
        #[serde(deserialize_with = "nullable")] input: Option<f64>,
        #[serde(deserialize_with = "nullable")] output: Option<f64>,
        #[serde(deserialize_with = "nullable")] cache_read: Option<f64>,
        #[serde(deserialize_with = "nullable")] cache_write: Option<f64>,
    }
    Debugging {
        observability: Value,
        #[serde(default, deserialize_with = "present")] trace_id: Option<Option<String>>,
    }
    Short {
        status: Status,
        #[serde(deserialize_with = "nullable")] schema_valid: Option<bool>,
        #[serde(deserialize_with = "nullable")] batch_id: Option<String>,
        retry: Retry,
        #[serde(default, deserialize_with = "present")] review: Option<Option<Summary>>,
    }
    Retry {
        number: f64,
        #[serde(deserialize_with = "nullable")] previous_run_id: Option<String>,
        #[serde(deserialize_with = "nullable")] next_run: Option<NextRun>,
    }
    NextRun {
        id: String,
        status: String,
    }
    Summary {
        #[serde(deserialize_with = "nullable")] verdict: Option<Verdict>,
        status: ReviewStatus,
        has_note: bool,
        correction_count: i64,
    }
    Workflow {
        status: Status,
        #[serde(deserialize_with = "nullable")] schema_valid: Option<bool>,
        #[serde(deserialize_with = "nullable")] batch_id: Option<String>,
        retry: Retry,
        steps: Vec<Value>,
        #[serde(default, deserialize_with = "present")] review: Option<Option<Review>>,
        #[serde(default, deserialize_with = "given")] definition_snapshot: Option<Value>,
        #[serde(default, deserialize_with = "given")] expected: Option<Expected>,
    }
    Agent {
        status: Status,
        #[serde(deserialize_with = "nullable")] schema_valid: Option<bool>,
        #[serde(deserialize_with = "nullable")] batch_id: Option<String>,
        retry: Retry,
        files: AgentFiles,
        #[serde(default, deserialize_with = "present")] review: Option<Option<Review>>,
        #[serde(default, deserialize_with = "given")] expected: Option<Expected>,
        #[serde(default, deserialize_with = "given")] comparison: Option<Value>,
    }
    AgentFiles {
        output: Vec<File>,
    }
    Expected {
        #[serde(default, deserialize_with = "given")] output: Option<Value>,
        #[serde(default, deserialize_with = "given")] files: Option<Vec<File>>,
    }
    Review {
        id: String,
        #[serde(deserialize_with = "nullable")] verdict: Option<Verdict>,
        status: ReviewStatus,
        note: String,
        #[serde(default, deserialize_with = "given")] corrected_output: Option<Value>,
        #[serde(deserialize_with = "nullable")] reviewed_by: Option<String>,
        #[serde(deserialize_with = "nullable")] reviewed_by_email: Option<String>,
        reviewed_at: String,
        #[serde(deserialize_with = "nullable")] closed_by: Option<String>,
        #[serde(deserialize_with = "nullable")] closed_by_email: Option<String>,
        #[serde(deserialize_with = "nullable")] closed_at: Option<String>,
        #[serde(deserialize_with = "nullable")] closed_note: Option<String>,
        created_at: String,
        updated_at: String,
        corrections: Vec<Correction>,
    }
    Correction {
        id: String,
        kind: CorrectionKind,
        path: String,
        #[serde(deserialize_with = "nullable")] label: Option<String>,
        note: String,
        created_at: String,
        updated_at: String,
        #[serde(default, deserialize_with = "given")] original_value: Option<Value>,
        #[serde(default, deserialize_with = "given")] corrected_value: Option<Value>,
        #[serde(default, deserialize_with = "present")] corrected_artifact_path: Option<Option<String>>,
    }
}

macro_rules! words {
    ($($name:ident { $($word:ident),* })*) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($word),* }
    )*};
}

words! {
    RunType { Workflow, Agent }
    Status { Created, Pending, Running, Waiting, Finalizing, Completed, Failed, Cancelled, Rejected }
    Verdict { Correct, Incorrect }
    ReviewStatus { Open, Closed, WontFix }
    CorrectionKind { Field, File }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Execution {
    Workflow(Box<Workflow>),
    Agent(Box<Agent>),
    Short(Short),
}
