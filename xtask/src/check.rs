//! `check`: recordings to reports and an exit code.

use std::convert::Infallible;

use charter_contract_tests::{Contract, Judge, check, read::Limits};

use crate::cli::Check;
use crate::{exit, output, reporting};

pub(crate) fn run(arguments: &Check) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let judge = match judge(&contract, arguments) {
        Ok(judge) => judge,
        Err(error) => {
            output::complain(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let paths = match (arguments.paths.as_slice(), &contract.config().check.recordings) {
        ([], Some(recordings)) => vec![output::normal(&folder.join(recordings)).into_string()],
        ([], None) => {
            output::complain("error: no recording is named; give a path, or set `recordings` under [check] in charter.toml");
            return exit::USAGE;
        }
        (paths, _) => paths.to_vec(),
    };
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let checked = reporting::run(&arguments.reporting, &folder, limits, |options, progress| {
        Ok::<_, Infallible>(check(&judge, &paths, options, progress))
    });
    match checked {
        Ok(code) => code,
        Err(never) => match never {},
    }
}

fn judge(contract: &Contract, arguments: &Check) -> Result<Judge, charter_contract_tests::Error> {
    let judge = Judge::new(contract)?;
    match &arguments.operation {
        Some(id) => judge.for_operation(id),
        None => Ok(judge),
    }
}
