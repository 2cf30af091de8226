//! The log of a scheduler or a worker: lines on standard error.

use std::sync::OnceLock;

use ::log::{LevelFilter, Log, Metadata, Record};

/// Writes lines of this program up to one level, and those of others up to another.
struct Lines {
    own: LevelFilter,
    others: LevelFilter,
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_own = metadata.target().starts_with("charter_cluster");
        metadata.level() <= if is_own { self.own } else { self.others }
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("{} {} {}", jiff::Timestamp::now().strftime("%FT%T%.3fZ"), record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Begins the log. `RUST_LOG` is the level of all lines; without it, the program logs what it judges, and others log warnings.
pub(crate) fn begin() {
    static LINES: OnceLock<Lines> = OnceLock::new();
    let wanted = std::env::var("RUST_LOG").ok().and_then(|level| level.parse::<LevelFilter>().ok());
    let lines = LINES.get_or_init(|| match wanted {
        Some(level) => Lines { own: level, others: level },
        None => Lines { own: LevelFilter::Info, others: LevelFilter::Warn },
    });
    if ::log::set_logger(lines).is_ok() {
        ::log::set_max_level(lines.own.max(lines.others));
    }
}
