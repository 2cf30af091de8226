//! `check`: recordings, and the simulator, to reports and an exit code.

use charter_contract_tests::{Contract, Judge, check, read::Limits};

use crate::cli::Check;
use crate::{exit, output, reporting, simulated};

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
    let config = &contract.config().check;
    let (paths, simulator) = match (arguments.paths.as_slice(), &config.recordings, &config.simulator) {
        ([], None, None) => {
            output::complain("error: no recording is named; give a path, or set `recordings` under [check] in charter.toml");
            return exit::USAGE;
        }
        ([], recordings, simulator) => {
            (recordings.iter().map(|recordings| output::normal(&folder.join(recordings)).into_string()).collect(), simulator.as_ref())
        }
        (paths, _, _) => (paths.to_vec(), None),
    };
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let checked =
        reporting::run(
            &arguments.reporting,
            &arguments.judging,
            arguments.partition,
            &folder,
            limits,
            |options, progress| match simulator {
                Some(simulator) => simulated::check(&judge, &paths, simulator, options, progress),
                None => Ok(check(&judge, &paths, options, progress)),
            },
        );
    let code = checked.unwrap_or_else(|error| {
        output::complain(&format!("error: {error}"));
        if error.is_usage() { exit::USAGE } else { exit::UNREADABLE }
    });
    output::leave((judge, contract));
    code
}

fn judge(contract: &Contract, arguments: &Check) -> Result<Judge, charter_contract_tests::Error> {
    let judge = if arguments.no_fast_path { Judge::new(contract)? } else { reader::judge(contract)? };
    let judge = match &arguments.operation {
        Some(id) => judge.for_operation(id)?,
        None => judge,
    };
    if arguments.no_fast_path {
        return judge.without_reader("it was not asked: --no-fast-path");
    }
    reader::before(judge)
}

/// The compiled reader that this build has.
#[cfg(compiled_reader)]
mod reader {
    use charter_contract_tests::{Contract, Error, Judge};

    use super::compiled::COMPILED;

    pub(super) fn judge(contract: &Contract) -> Result<Judge, Error> {
        Judge::beside(contract, &COMPILED)
    }

    /// The judge with the reader before it.
    pub(super) fn before(judge: Judge) -> Result<Judge, Error> {
        judge.with_reader(&COMPILED)
    }
}

/// The build script knows why there is none.
#[cfg(not(compiled_reader))]
mod reader {
    use charter_contract_tests::{Contract, Error, Judge};

    pub(super) fn judge(contract: &Contract) -> Result<Judge, Error> {
        Judge::new(contract)
    }

    pub(super) fn before(judge: Judge) -> Result<Judge, Error> {
        judge.without_reader(env!("CHARTER_NO_READER"))
    }
}

/// The reader of the contract of this repository: its source, for the crate that it stands in need not be whole to be generated.
#[cfg(compiled_reader)]
#[rustfmt::skip]
#[allow(clippy::pedantic, unreachable_pub, reason = "written by a machine for a machine")]
#[path = "../../generated/src/generated/reader.rs"]
mod compiled;
