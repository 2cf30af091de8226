//! `merge`: the reports of parts.

use clap::Args;

use super::*;

/// Joins the reports of parts, as `check --partition` writes them, to the report of the whole
#[derive(Debug, Args)]
#[command(after_help = "\
The result is what one run over everything would have reported, byte for byte in JSON, and ends with the same exit code. Parts are given
in any order, every one and each once; they have to be judged by the same contract, flags and inputs. What decides over a whole is given
here and not to the parts: --require-exercised, --fail-under, --write-baseline. The report of a whole run, alone, is rendered anew.

Examples:
  check archive --partition 1/2 --report json=1.json
  check archive --partition 2/2 --report json=2.json
  merge 1.json 2.json                            text for people, and the exit code
  merge parts/                                   every report in a folder
  merge 'part-*.json' --report json=whole.json --report html=report.html --report junit=report.xml
  merge parts/ --fail-under 80 --baseline accepted.json")]
pub(crate) struct Merge {
    /// JSON reports: files, folders or patterns
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}
