//! `merge`: its flags.

use clap::Args;

use super::*;

/// Merges the reports of `check --partition`, or of `check --split` and `check --over-time`, into the report of a single run
#[derive(Debug, Args)]
#[command(after_help = "\
The merged report and the exit code equal those of a single run; the JSON is identical byte for byte. Give the report of every partition, \
or of every split and every share of --over-time, once, in any order. Files with observations in a folder are skipped. All partitions need the same contract, flags and inputs. Flags that concern all exchanges \
are flags of `merge`: --require-exercised, --fail-under, --write-baseline. The JSON report of a single run can be given alone, to render \
it in other formats.

Examples:
  {program} check archive --partition 1/2 --report json=1.json
  {program} check archive --partition 2/2 --report json=2.json
  {program} merge 1.json 2.json                  # text report and exit code
  {program} merge parts/                         # every report in a folder
  {program} merge 'part-*.json' --report json=whole.json --report html=report.html
  {program} merge parts/ --fail-under 80 --baseline accepted.json")]
pub(crate) struct Merge {
    /// JSON reports: files, folders or glob patterns
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}
