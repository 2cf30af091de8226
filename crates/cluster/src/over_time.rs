//! The second step of the plan: the observations of a share of the resources → its report.

use std::fmt;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use charter_engine::{ObservationsFile, over_time_of};
use charter_report::render_json;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;
use tempfile::SpooledTempFile;

use crate::job::Ready;
use crate::judge::of_panic;
use crate::plan::properties;
use crate::row::{self, Documents, Id, Kind, ROWS};
use crate::store;

/// Evaluates the rules over time of the shares that arrive, and passes on reports.
#[derive(Debug)]
pub(crate) struct OverTimeExec {
    pub(crate) job: Arc<[u8]>,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl OverTimeExec {
    pub(crate) fn new(job: Arc<[u8]>, input: Arc<dyn ExecutionPlan>) -> Self {
        let properties = properties(&input);
        Self { job, input, properties }
    }
}

impl DisplayAs for OverTimeExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OverTimeExec")
    }
}

impl ExecutionPlan for OverTimeExec {
    fn name(&self) -> &str {
        "OverTimeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.pop().ok_or_else(|| internal_datafusion_err!("OverTimeExec has no input"))?;
        Ok(Arc::new(Self::new(self.job.clone(), input)))
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut input = self.input.execute(partition, context)?;
        let mut builder = RecordBatchReceiverStreamBuilder::new(ROWS.clone(), 4);
        let (sender, job) = (builder.tx(), self.job.clone());
        builder.spawn(async move {
            let mut documents = Documents::default();
            while let Some(batch) = input.next().await {
                documents.add(&batch?, |_| true)?;
            }
            let compared = tokio::task::spawn_blocking(move || {
                shares(&job, documents, &mut |batch| {
                    sender.blocking_send(Ok(batch)).map_err(|_| internal_datafusion_err!("the task was cancelled"))
                })
            });
            compared.await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?
        });
        Ok(builder.build())
    }
}

/// Passes on the reports of splits, and evaluates the rules over time of each share.
fn shares(job: &Arc<[u8]>, documents: Documents, sink: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    let mut observations: Vec<(Id, SpooledTempFile)> = Vec::new();
    for (id, mut file) in documents.into_files()? {
        if id.kind == Kind::Observations {
            observations.push((id, file));
        } else {
            let mut document = Vec::new();
            file.read_to_end(&mut document)?;
            row::write(0, id, Cursor::new(&document), document.len() as u64, sink)?;
        }
    }
    // The documents are in order, so those of a share follow each other.
    while let Some((Id { share, .. }, _)) = observations.first() {
        let share = *share;
        let rest = observations.partition_point(|(id, _)| id.share <= share);
        let others = observations.split_off(rest);
        let files = std::mem::replace(&mut observations, others);
        let compared = catch_unwind(AssertUnwindSafe(|| compare(job, share, files)));
        let compared = compared.unwrap_or_else(|panic| Ok(Err(of_panic(&*panic))))?;
        let (kind, document) = match compared {
            Ok(report) => (Kind::ShareReport, report),
            Err(message) => (Kind::Failure, message),
        };
        let id = Id { kind, share, split: 0 };
        row::write(0, id, Cursor::new(document.as_bytes()), document.len() as u64, sink)?;
    }
    Ok(())
}

/// The report of a share, or why there is none.
fn compare(job: &Arc<[u8]>, share: u32, files: Vec<(Id, SpooledTempFile)>) -> Result<Result<String, String>> {
    let ready = match Ready::of(job) {
        Ok(ready) => ready,
        Err(message) => return Ok(Err(message)),
    };
    let begun = Instant::now();
    let mut opened = Vec::new();
    for (id, file) in files {
        match ObservationsFile::open(format!("the observations of split {}", id.split), file) {
            Ok(file) => opened.push(file),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    let Ok(number) = format!("{share}/{}", ready.shares).parse() else { return Ok(Err(format!("there is no share {share}"))) };
    let open = |name: &str| ready.plan.source(name).unwrap_or_else(|| store::source(name, 0));
    let compared = match over_time_of(&ready.judge, opened, number, &open) {
        Ok(compared) => compared,
        Err(charter_engine::SplitError::Io { source, .. }) => return Err(DataFusionError::IoError(source)),
        Err(error) => return Ok(Err(error.to_string())),
    };
    if let Some(source) = compared.missing_sources.first() {
        // The position of a finding is a part of the report.
        return Err(DataFusionError::IoError(std::io::Error::other(format!("{source} cannot be read again"))));
    }
    ::log::info!("share {share}/{}: {} ms", ready.shares, begun.elapsed().as_millis());
    Ok(Ok(render_json(&compared.report)))
}
