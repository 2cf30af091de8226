//! The first step of the plan: a split → its report and observations.

use std::fmt;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use charter_engine::{JudgedSplit, judge_split};
use charter_report::render_json;
use datafusion::arrow::array::{Array, RecordBatch, UInt32Array};
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

use crate::job::Ready;
use crate::plan::properties;
use crate::row::{self, Id, Kind, ROWS};

/// Judges the splits whose numbers its input names.
#[derive(Debug)]
pub(crate) struct JudgeExec {
    pub(crate) job: Arc<[u8]>,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl JudgeExec {
    pub(crate) fn new(job: Arc<[u8]>, input: Arc<dyn ExecutionPlan>) -> Self {
        let properties = properties(&input);
        Self { job, input, properties }
    }
}

impl DisplayAs for JudgeExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JudgeExec")
    }
}

impl ExecutionPlan for JudgeExec {
    fn name(&self) -> &str {
        "JudgeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.pop().ok_or_else(|| internal_datafusion_err!("JudgeExec has no input"))?;
        Ok(Arc::new(Self::new(self.job.clone(), input)))
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut numbers = self.input.execute(partition, context)?;
        let mut builder = RecordBatchReceiverStreamBuilder::new(ROWS.clone(), 4);
        let (sender, job) = (builder.tx(), self.job.clone());
        builder.spawn(async move {
            while let Some(batch) = numbers.next().await {
                for split in splits(&batch?)? {
                    let (sender, job) = (sender.clone(), job.clone());
                    // Judging takes seconds to minutes, and its readers block.
                    let judged = tokio::task::spawn_blocking(move || {
                        judge(&job, split, &mut |batch| {
                            sender.blocking_send(Ok(batch)).map_err(|_| internal_datafusion_err!("the task was cancelled"))
                        })
                    });
                    judged.await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??;
                }
            }
            Ok(())
        });
        Ok(builder.build())
    }
}

/// The numbers of splits in a batch.
fn splits(batch: &RecordBatch) -> Result<Vec<u32>> {
    let column = batch.columns().first().and_then(|column| column.as_any().downcast_ref::<UInt32Array>());
    let column = column.ok_or_else(|| internal_datafusion_err!("JudgeExec needs the numbers of splits"))?;
    Ok(column.values().to_vec())
}

/// Judges a split and passes its rows to a sink. Only an error that another attempt may not have is an error: the scheduler repeats the task, and other failures are
/// rows, so that they reach the client.
fn judge(job: &Arc<[u8]>, split: u32, sink: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    let ready = match Ready::of(job) {
        Ok(ready) => ready,
        Err(message) => return failure(Id { kind: Kind::Failure, share: 1, split }, 0, &message, sink),
    };
    let keys = row::keys(ready.shares)?;
    let share = (split - 1) % ready.shares + 1;
    let key = |share: u32| keys[share as usize - 1];
    let report_id = Id { kind: Kind::SplitReport, share, split };
    let begun = Instant::now();
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let number = format!("{split}/{}", ready.splits).parse().map_err(std::io::Error::other)?;
        judge_split(&ready.judge, &ready.plan, number, &ready.options, &mut |_| ControlFlow::Continue(()))
    }));
    let JudgedSplit { report, observations, passing_error, .. } = match judged {
        Ok(judged) => judged?,
        Err(panic) => return failure(Id { kind: Kind::Failure, ..report_id }, key(share), &of_panic(&*panic), sink),
    };
    if let Some(error) = passing_error {
        return Err(DataFusionError::IoError(std::io::Error::other(error)));
    }
    let bytes = format!("{split}/{}", ready.splits).parse().map_or(0, |number| ready.plan.bytes(number));
    ::log::info!(
        "split {split}/{}: {bytes} bytes, {} exchanges, {} ms",
        ready.splits,
        report.summary.exchanges,
        begun.elapsed().as_millis()
    );
    let report = render_json(&report);
    row::write(key(share), report_id, Cursor::new(report.as_bytes()), report.len() as u64, sink)?;
    // A share is written when the next one begins.
    let mut current: Option<(u32, row::Spool)> = None;
    let mut send = |finished: Option<(u32, row::Spool)>| -> Result<()> {
        let Some((share, spool)) = finished else { return Ok(()) };
        let (file, length) = spool.into_file()?;
        row::write(key(share), Id { kind: Kind::Observations, share, split }, file, length, sink)
    };
    observations.write_shares(ready.shares, |share| {
        let spool = row::Spool::new();
        send(current.replace((share, spool.clone()))).map_err(std::io::Error::other)?;
        Ok(spool)
    })?;
    send(current)
}

/// The row of a failure.
fn failure(id: Id, key: u64, message: &str, sink: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    row::write(key, id, Cursor::new(message.as_bytes()), message.len() as u64, sink)
}

/// The message of a panic.
pub(crate) fn of_panic(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("charter-cluster failed: {}", text.unwrap_or("a panic without a message"))
}
