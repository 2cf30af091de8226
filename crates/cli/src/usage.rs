//! Tips for usage errors, where clap has none: names of other programs for the same thing, and documents without a flag.

use std::path::Path;

use charter_contract::nearest;
use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Subcommands of similar programs, and the one of this program.
const SUBCOMMANDS: &[(&str, &str)] = &[
    ("breaking", "diff"),
    ("changelog", "diff"),
    ("codegen", "generate"),
    ("compare", "diff"),
    ("gen", "generate"),
    ("new", "init"),
    ("record", "proxy"),
    ("run", "check"),
    ("test", "check"),
    ("verify", "check"),
];

/// Flags of similar programs that name the contract.
const CONTRACTS: &[&str] = &["--api", "--openapi", "--schema", "--spec", "--swagger"];

/// Adds a tip to an error of the command line. `arguments` are those of the process, with its name.
pub(crate) fn with_tip(mut error: Error, command: &Command, arguments: &[String]) -> Error {
    if error.kind() == ErrorKind::InvalidSubcommand && error.get(ContextKind::SuggestedSubcommand).is_none() {
        if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand)
            && let Some(meant) = subcommand(name, command)
        {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![meant]));
        }
    } else if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && let Some(used) = arguments.get(1).and_then(|name| command.find_subcommand(name))
        && let Some(tip) = argument_tip(argument, used)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn subcommand(name: &str, command: &Command) -> Option<String> {
    if let Some((_, meant)) = SUBCOMMANDS.iter().find(|(other, meant)| *other == name && command.find_subcommand(meant).is_some()) {
        return Some((*meant).to_owned());
    }
    let names = || command.get_subcommands().map(Command::get_name);
    let meant = nearest(name, names())?;
    names().find(|known| meant.contains(&format!("`{known}`"))).map(str::to_owned)
}

fn argument_tip(argument: &str, command: &Command) -> Option<String> {
    let flag = |name: &str| command.get_arguments().find(|flag| flag.get_long() == Some(name));
    if let Some(name) = argument.strip_prefix("--")
        && let Some(report) = flag("report")
        && report.get_possible_values().iter().any(|format| format.get_name() == name)
    {
        return Some(format!("for a report in this format, use '--report {name}' or '--report {name}=FILE'"));
    }
    flag("contract")?;
    let is_document = !argument.starts_with('-')
        && (Path::new(argument).exists() || [".yaml", ".yml", ".json"].iter().any(|extension| argument.ends_with(extension)));
    if is_document {
        return Some(format!("to name the contract, use '--contract {argument}'"));
    }
    CONTRACTS.contains(&argument).then(|| "to name the contract, use '--contract FILE'".to_owned())
}
