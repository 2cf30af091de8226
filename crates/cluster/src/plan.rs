//! A run as a physical plan.
//!
//! ```text
//! numbers of splits → JudgeExec → rows, divided by the hash of their key → OverTimeExec → reports
//! ```
//!
//! The numbers are a table in memory with one partition for each split: the scheduler divides such a table among the tasks.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::expressions::Column;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties};

use crate::judge::JudgeExec;
use crate::over_time::OverTimeExec;
use crate::row::ROWS;

/// The plan of a job.
pub(crate) fn of(job: Arc<[u8]>, splits: u32, shares: u32) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::new(Schema::new(vec![Field::new("split", DataType::UInt32, false)]));
    let partitions = (1..=splits)
        .map(|split| Ok(vec![RecordBatch::try_new(schema.clone(), vec![Arc::new(UInt32Array::from(vec![split]))])?]))
        .collect::<Result<Vec<_>>>()?;
    let numbers = MemorySourceConfig::try_new_exec(&partitions, schema, None)?;
    let judged = Arc::new(JudgeExec::new(job.clone(), numbers));
    let by_key = Partitioning::Hash(vec![Arc::new(Column::new("key", 0))], shares as usize);
    let divided = Arc::new(RepartitionExec::try_new(judged, by_key)?);
    Ok(Arc::new(OverTimeExec::new(job, divided)))
}

/// The properties of a step that has as many partitions as its input.
pub(crate) fn properties(input: &Arc<dyn ExecutionPlan>) -> Arc<PlanProperties> {
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(ROWS.clone()),
        Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}
