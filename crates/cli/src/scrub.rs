//! `scrub`: masks secrets and personal data in recordings.

use std::io::{self, BufWriter, Write};

use camino::Utf8PathBuf;
use charter_traffic::mask::Masker;
use charter_traffic::read::{Limits, ReadError, Source, sources};
use charter_traffic::{ScrubError, scrub};

use crate::arguments::Scrub;
use crate::progress::Step;
use crate::{exit, key, output};

pub(crate) fn run(arguments: &Scrub) -> u8 {
    match masker(arguments).and_then(|masker| Ok((masker, sources_of(arguments)?))) {
        Ok((masker, sources)) => {
            let mut worst = exit::SUCCESS;
            for source in &sources {
                // Failures take precedence over values that have to be masked.
                worst = worst.max(one(arguments, &masker, source));
                if worst == exit::INTERRUPTED {
                    break;
                }
            }
            worst
        }
        Err(code) => code,
    }
}

fn masker(arguments: &Scrub) -> Result<Masker, u8> {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    // Without a contract, only the flags apply.
    let contract = match arguments.contract.contract.is_none() && !folder.is_dir() {
        true => None,
        false => Some(output::load_schemas(&folder)?),
    };
    let mut config = contract.as_ref().map(|contract| contract.config().mask.clone()).unwrap_or_default();
    config.headers.extend(arguments.header.iter().cloned());
    config.query.extend(arguments.query.iter().cloned());
    config.pointers.extend(arguments.pointer.iter().cloned());
    config.emails &= !arguments.keep_emails;
    let mut secrets: Vec<_> = key::key(arguments.key_file.as_deref())?.into_iter().collect();
    for file in &arguments.secret_file {
        secrets.extend(key::secrets(file)?);
    }
    let masker = Masker::new(&config, &secrets).map_err(|error| {
        output::message(&format!("error: {error}"));
        exit::USAGE
    })?;
    Ok(match &contract {
        Some(contract) => masker.with_contract(contract),
        None => masker,
    })
}

fn sources_of(arguments: &Scrub) -> Result<Vec<Source>, u8> {
    let mut found = Vec::new();
    for path in &arguments.paths {
        match sources(path) {
            Ok(sources) => found.extend(sources),
            Err(error) => {
                output::message(&format!("error: {path}: {error}"));
                return Err(exit::UNREADABLE);
            }
        }
    }
    if arguments.output.is_some() && found.len() != 1 {
        output::message(&format!("error: --output needs exactly one input, but there are {}", found.len()));
        return Err(exit::USAGE);
    }
    if arguments.in_place && found.iter().any(|source| matches!(source, Source::Remote { .. })) {
        output::message("error: an object at a URL cannot be replaced; give --output FILE");
        return Err(exit::USAGE);
    }
    let has_file = found.iter().any(|source| !matches!(source, Source::Stdin));
    if has_file && arguments.output.is_none() && !arguments.in_place && !arguments.check {
        output::message("error: give --in-place to replace the input, or --output FILE; --check writes nothing");
        return Err(exit::USAGE);
    }
    Ok(found)
}

/// Masks one source and returns the exit code.
fn one(arguments: &Scrub, masker: &Masker, source: &Source) -> u8 {
    let name = source.name();
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let target = target(arguments, source);
    // Standard output may be the same terminal.
    let step = (!matches!(target, Target::Stdout)).then(|| Step::new(format!("masking {name}")));
    let done = match &target {
        Target::Discard => scrub(masker, source, &limits, &mut io::sink()),
        Target::Stdout => {
            let mut out = BufWriter::new(io::stdout().lock());
            scrub(masker, source, &limits, &mut out).and_then(|done| out.flush().map(|()| done).map_err(ScrubError::Write))
        }
        Target::File(path) => {
            // Without a handler, the temporary file stays.
            let _ = ctrlc::set_handler(charter_traffic::read::interrupt);
            let mut scrubbed = Err(None);
            let written = output::write_with(path, |out| match scrub(masker, source, &limits, out) {
                Ok(done) => {
                    scrubbed = Ok(done);
                    Ok(())
                }
                Err(error) => {
                    scrubbed = Err(Some(error));
                    Err(io::Error::other("not written"))
                }
            });
            match (written, scrubbed) {
                (Ok(()), Ok(done)) => Ok(done),
                (_, Err(Some(error))) => Err(error),
                (Err(error), _) => {
                    output::message(&format!("error: cannot write {path}: {error}"));
                    return exit::UNREADABLE;
                }
                (Ok(()), Err(None)) => return exit::UNREADABLE,
            }
        }
    };
    drop(step);
    match done {
        Ok(done) => {
            if !arguments.quiet {
                let verb = if arguments.check { "have to be masked" } else { "masked" };
                let kinds = masker.take_counts().to_string();
                let kinds = if kinds.is_empty() { kinds } else { format!(": {kinds}") };
                output::message(&format!("{name}: {} of {} documents {verb}{kinds}", done.masked, done.documents));
            }
            if arguments.check && done.masked > 0 { exit::VIOLATIONS } else { exit::SUCCESS }
        }
        Err(error) => {
            let unchanged = if arguments.in_place { "; the file is unchanged" } else { "" };
            output::message(&format!("error: {name}: {}{unchanged}", output::with_causes(&error)));
            if matches!(error, ScrubError::Read(ReadError::Interrupted)) { exit::INTERRUPTED } else { exit::UNREADABLE }
        }
    }
}

enum Target {
    Discard,
    Stdout,
    File(Utf8PathBuf),
}

fn target(arguments: &Scrub, source: &Source) -> Target {
    match (&arguments.output, source) {
        _ if arguments.check => Target::Discard,
        (Some(path), _) if path == "-" => Target::Stdout,
        (Some(path), _) => Target::File(path.clone()),
        (None, Source::Stdin) => Target::Stdout,
        // The target of a link is replaced, not the link.
        (None, _) => {
            let path = Utf8PathBuf::from(&*source.name());
            Target::File(path.canonicalize_utf8().unwrap_or(path))
        }
    }
}
