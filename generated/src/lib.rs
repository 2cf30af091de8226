//! The types of the Run contract, generated from `schema/`.
//!
//! Reading validates: a type accepts exactly the documents that its schema accepts. An error has the JSON Pointer, the keyword and the
//! value. Writing gives back the same JSON. Absent, null and value are three states.
//!
//! ```
//! use charter_generated::{Run, RunExecution};
//!
//! # let body = &std::fs::read_to_string("../contract-tests/recordings/kept/bare-body.json").expect("a recording");
//! let run: Run = serde_json::from_str(body)?;
//! assert!(matches!(run.execution, RunExecution::WorkflowRunExecution(_)));
//!
//! let broken = body.replace("\"finished\": true", "\"finished\": 1");
//! let error = serde_json::from_str::<Run>(&broken).unwrap_err();
//! assert!(error.to_string().starts_with(r#"at "/finished": type: found 1, expected boolean"#));
//! # Ok::<(), serde_json::Error>(())
//! ```

#[rustfmt::skip]
mod generated;

pub use generated::*;
