//! The flags of `check` that decide how exchanges are judged. Other machines judge with the same flags.

use charter_contract::{AssertedFormats, TrafficPattern, WebhookPattern};
use charter_engine::{Contract, Judge};
use serde::{Deserialize, Serialize};

use crate::arguments::Check;
use crate::program::Program;

/// Flags that change a contract or a judge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JudgeFlags {
    operation: Option<String>,
    include: Vec<TrafficPattern>,
    exclude: Vec<TrafficPattern>,
    webhook: Vec<WebhookPattern>,
    /// As `--formats` reads it.
    formats: Option<String>,
    no_fast_path: bool,
}

impl JudgeFlags {
    pub(crate) fn of(arguments: &Check) -> Self {
        Self {
            operation: arguments.operation.clone(),
            include: arguments.include.clone(),
            exclude: arguments.exclude.clone(),
            webhook: arguments.webhook.clone(),
            formats: arguments.formats.as_ref().map(ToString::to_string),
            no_fast_path: arguments.no_fast_path,
        }
    }

    /// The contract with the flags that change it; or the message of an error of usage.
    pub(crate) fn contract(&self, contract: Contract) -> Result<Contract, String> {
        let contract = contract.with_traffic(self.include.clone(), self.exclude.clone());
        let contract = contract.with_webhooks(self.webhook.clone()).map_err(|error| format!("--webhook: {error}"))?;
        Ok(match &self.formats {
            Some(formats) => contract.with_asserted_formats(formats.parse::<AssertedFormats>().map_err(|error| error.to_string())?),
            None => contract,
        })
    }

    /// The judge of a contract that has these flags; or the message of an error of usage.
    pub(crate) fn judge(&self, contract: &Contract, program: &Program) -> Result<Judge, String> {
        self.try_judge(contract, program).map_err(|error| error.to_string())
    }

    fn try_judge(&self, contract: &Contract, program: &Program) -> Result<Judge, charter_engine::Error> {
        let compiled = if self.no_fast_path { Err("--no-fast-path was given") } else { program.compiled };
        let judge = match compiled {
            Ok(compiled) => Judge::with_lazy_schemas(contract, compiled)?,
            Err(_) => Judge::new(contract)?,
        };
        let judge = match &self.operation {
            Some(id) => judge.for_operation(id)?,
            None => judge,
        };
        Ok(match compiled {
            Ok(compiled) => judge.with_reader(compiled),
            Err(reason) if self.no_fast_path => judge.without_fast_path(reason),
            Err(reason) => judge.without_reader(reason),
        })
    }
}
