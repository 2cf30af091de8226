//! The steps of the plan as bytes. Ballista's own steps are encoded by its codec.

use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::common::internal_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::judge::JudgeExec;
use crate::over_time::OverTimeExec;

/// Begins the bytes of a step of this crate. The bytes of Ballista's steps are a message of Protocol Buffers, whose first byte is never 0.
const MARK: &[u8] = b"\0charter ";

/// Encodes the steps of this crate and of Ballista.
#[derive(Debug, Default)]
pub(crate) struct Codec {
    ballista: BallistaPhysicalExtensionCodec,
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(own) = bytes.strip_prefix(MARK) else { return self.ballista.try_decode(bytes, inputs, context, converter) };
        let input = inputs.first().cloned().ok_or_else(|| internal_datafusion_err!("a step without an input"))?;
        match own.split_first() {
            Some((b'J', job)) => Ok(Arc::new(JudgeExec::new(job.into(), input))),
            Some((b'O', job)) => Ok(Arc::new(OverTimeExec::new(job.into(), input))),
            _ => Err(internal_datafusion_err!("an unknown step; all processes of a cluster need the same version of charter-cluster")),
        }
    }

    fn try_encode(&self, step: Arc<dyn ExecutionPlan>, bytes: &mut Vec<u8>, converter: &dyn PhysicalProtoConverterExtension) -> Result<()> {
        let (kind, job) = if let Some(step) = step.downcast_ref::<JudgeExec>() {
            (b'J', &step.job)
        } else if let Some(step) = step.downcast_ref::<OverTimeExec>() {
            (b'O', &step.job)
        } else {
            return self.ballista.try_encode(step, bytes, converter);
        };
        bytes.extend_from_slice(MARK);
        bytes.push(kind);
        bytes.extend_from_slice(job);
        Ok(())
    }
}
