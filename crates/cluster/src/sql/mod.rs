//! `sql`: queries over Parquet files, with functions that judge.
//!
//! | file | owns |
//! |---|---|
//! | `functions` | the functions: `charter_exchange`, `charter_check`, `charter_findings` |

mod functions;

use std::sync::Arc;

use charter_cli::{exit, output};
use charter_engine::{DocumentJudge, Judge};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use crate::arguments::Sql;
use crate::store;

/// Runs a query and prints its rows.
pub(crate) fn run(arguments: &Sql) -> u8 {
    let folder = output::contract_folder(arguments.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let judge = Judge::new(&contract).and_then(|judge| match &arguments.operation {
        Some(id) => judge.for_operation(id),
        None => Ok(judge),
    });
    let judge = match judge {
        Ok(judge) => Arc::new(DocumentJudge::new(judge)),
        Err(error) => {
            output::message(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::message(&format!("error: {error}"));
            return exit::UNREADABLE;
        }
    };
    match runtime.block_on(query(arguments, judge)) {
        Ok(rows) => output::print(&rows),
        Err(error) => {
            output::message(&format!("error: {}", error.strip_backtrace()));
            let is_usage = |error: &DataFusionError| {
                matches!(error, DataFusionError::SQL(..) | DataFusionError::Plan(_) | DataFusionError::SchemaError(..))
            };
            if is_usage(error.find_root()) || is_usage(&error) { exit::USAGE } else { exit::UNREADABLE }
        }
    }
}

async fn query(arguments: &Sql, judge: Arc<DocumentJudge>) -> Result<String> {
    let context = SessionContext::new();
    for function in functions::all(judge) {
        context.register_udf(function);
    }
    for table in &arguments.table {
        if let Some((bucket, url)) = store::bucket_in(&table.path) {
            context.register_object_store(&url, store::bucket_of(bucket).map_err(|error| DataFusionError::ObjectStore(Box::new(error)))?);
        }
        context.register_parquet(&table.name, &table.path, ParquetReadOptions::default()).await?;
    }
    let text = match (&arguments.query, &arguments.file) {
        (Some(query), _) => query.clone(),
        (None, Some(file)) => {
            std::fs::read_to_string(file).map_err(|error| std::io::Error::new(error.kind(), format!("{file}: {error}")))?
        }
        (None, None) => String::new(),
    };
    let batches = context.sql(&text).await?.collect().await?;
    Ok(format!("{}\n", pretty_format_batches(&batches)?))
}
