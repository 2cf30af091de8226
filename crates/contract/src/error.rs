//! What can be wrong with a contract: problems, each with its place.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::{Location, Position};

/// A contract that cannot be used: everything found wrong with it in the stage that failed, at least one problem.
#[derive(Debug)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    /// Every problem, in the order of the documents.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// `Ok` where there is no problem.
    pub fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// One thing that is wrong with a contract.
#[derive(Debug)]
pub struct Problem {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
    /// What to do about it, where there is something to say.
    pub remedy: Option<String>,
}

/// Where a problem stands.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The document and the pointer into it, or a path that is no document.
    pub location: Option<Location>,
    /// Line and column, where the document could be read.
    pub position: Option<Position>,
    /// The document's text, for a listing.
    pub text: Option<Arc<str>>,
    /// How many bytes of the text are meant; 0 where only the beginning is known.
    pub length: usize,
}

/// What can be wrong with a contract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A file or folder cannot be read.
    #[error("cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// The folder holds no contract.
    #[error("holds neither an OpenAPI document nor a schema (*.schema.json)")]
    NoContract,
    /// A file is no JSON, YAML or TOML.
    #[error("{format} syntax: {message}")]
    Syntax {
        /// `JSON`, `YAML` or `TOML`.
        format: &'static str,
        /// What the reader says.
        message: String,
    },
    /// The dialect is not one we read.
    #[error("the dialect `{0}` is not supported")]
    Dialect(String),
    /// A document breaks its meta-schema.
    #[error("{keyword}: {message}")]
    Malformed {
        /// The keyword of the meta-schema.
        keyword: String,
        /// What it says.
        message: String,
    },
    /// A reference leads nowhere.
    #[error("the reference `{0}` leads nowhere")]
    Dangling(String),
    /// A reference comes back to itself without passing anything but references.
    #[error("the reference `{0}` comes back to itself")]
    Cyclic(String),
    /// A reference leaves the contract's folder.
    #[error("the reference `{0}` leaves the contract, and nothing is ever fetched")]
    Remote(String),
    /// Something has the wrong form and no meta-schema says so.
    #[error("{0}")]
    Form(String),
    /// An invariant's id is used twice.
    #[error("the id `{0}` is used twice")]
    DuplicateId(String),
    /// A rule does not parse or names something that is not there.
    #[error("in `{}`: {message}", shortened(expression))]
    Rule {
        /// The expression.
        expression: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "contract::unreadable",
            Self::NoContract => "contract::empty",
            Self::Syntax { .. } => "contract::syntax",
            Self::Dialect(_) => "contract::dialect",
            Self::Malformed { .. } => "contract::malformed",
            Self::Dangling(_) => "contract::dangling-reference",
            Self::Cyclic(_) => "contract::cyclic-reference",
            Self::Remote(_) => "contract::remote-reference",
            Self::Form(_) => "contract::form",
            Self::DuplicateId(_) => "contract::duplicate-id",
            Self::Rule { .. } => "contract::rule",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.place.location {
            write!(formatter, "{location}")?;
            if let Some(position) = &self.place.position {
                write!(formatter, " (line {}, column {})", position.line, position.column)?;
            }
            write!(formatter, ": ")?;
        }
        write!(formatter, "{}", self.fault)?;
        match &self.remedy {
            Some(remedy) => write!(formatter, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.fault)
    }
}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.fault.code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.remedy.as_ref().map(|remedy| Box::new(remedy) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let position = self.place.position?;
        self.place.text.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".to_owned()), position.byte, self.place.length))))
    }
}

impl Problem {
    /// The text that the labels of the diagnostic point into, by its document's name.
    pub fn named_source(&self) -> Option<NamedSource<String>> {
        let location = self.place.location.as_ref()?;
        Some(NamedSource::new(location.document(), self.place.text.as_deref()?.to_owned()))
    }
}

/// A problem that carries its own source, ready to be printed by `miette`.
#[derive(Debug)]
pub struct Listing<'a> {
    problem: &'a Problem,
    source: Option<NamedSource<String>>,
}

impl<'a> Listing<'a> {
    /// The problem with the text it stands in.
    pub fn new(problem: &'a Problem) -> Self {
        Self { problem, source: problem.named_source() }
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem.place.location {
            Some(location) => write!(formatter, "{location}: {}", self.problem.fault),
            None => write!(formatter, "{}", self.problem.fault),
        }
    }
}

impl std::error::Error for Listing<'_> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem.fault)
    }
}

impl Diagnostic for Listing<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.problem.labels()
    }
}

/// An expression as a message quotes it; the listing shows the rest.
fn shortened(expression: &str) -> String {
    const LENGTH: usize = 120;
    match expression.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &expression[..end]),
        None => expression.to_owned(),
    }
}
