//! The tests of `charter`, as one binary: one module for each subject.

mod book;
mod change;
mod contract;
mod convert;
mod divided;
mod documents;
mod examples;
mod explain;
#[rustfmt::skip]
mod findings;
mod folders;
mod formats;
mod forms;
mod init;
mod outputs;
mod picture;
mod probe;
mod program_name;
mod proxy;
mod recordings;
mod reproduce;
mod secrets;
mod signals;
mod splits;
mod usage;
mod webhooks;
mod workflow;
