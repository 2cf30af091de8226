//! Errors of a contract: problems with their locations.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, MietteError, MietteSpanContents, NamedSource, SourceCode, SourceSpan, SpanContents};

use crate::location::Location;
use charter_json::Position;

/// An invalid contract: the problems of the stage that failed, at least one.
#[derive(Debug)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    /// Every problem, in the order of the documents.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// `Ok` if there is no problem.
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

/// One problem of a contract.
#[derive(Debug)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// The location of a problem.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Place {
    /// The document and pointer, or the path of a file or folder.
    pub location: Option<Location>,
    /// Line and column, if the document was parsed.
    pub position: Option<Position>,
    /// The document's text, for a listing.
    pub text: Option<Arc<String>>,
    /// The number of bytes to highlight; 0 if only the start is known.
    pub length: usize,
}

/// The kind of a problem.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A file or folder cannot be read.
    #[error("cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// The folder contains no contract.
    #[error("contains neither an OpenAPI document nor a schema (*.schema.json)")]
    NoContract,
    /// A syntax error.
    #[error("{format} syntax: {message}")]
    Syntax {
        /// `JSON`, `YAML`, `TOML` or `UTF-8`.
        format: &'static str,
        /// The parser's message.
        message: String,
    },
    /// The dialect is not supported.
    #[error("the dialect `{0}` is not supported")]
    Dialect(String),
    /// A document violates its meta-schema.
    #[error("{keyword}: {message}")]
    Malformed {
        /// The keyword of the meta-schema.
        keyword: String,
        /// The validator's message.
        message: String,
    },
    /// The target of a reference does not exist.
    #[error("the reference `{0}` has no target")]
    Dangling(String),
    /// A reference is cyclic through references alone.
    #[error("the reference `{0}` is cyclic")]
    Cyclic(String),
    /// The target of a reference is outside the contract.
    #[error("the reference `{0}` is outside the contract; remote documents are not fetched")]
    Remote(String),
    /// An invalid form that no meta-schema describes.
    #[error("{0}")]
    Form(String),
    /// An invariant's id is used twice.
    #[error("the id `{0}` is used twice")]
    DuplicateId(String),
    /// A rule does not parse or names something undefined.
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

impl Problem {
    /// A problem of a file or folder, without a position.
    pub fn new(fault: Fault, location: Location) -> Self {
        Self { fault, place: Place { location: Some(location), ..Place::default() }, remedy: None }
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<Option<String>>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }
}

/// A problem with its source text, for `miette` to print.
///
/// This is the only public type with `miette` in its interface: the report handler of the command line takes a `Diagnostic`.
#[derive(Debug)]
pub struct Listing<'a> {
    problem: &'a Problem,
    source: Option<Source>,
}

/// The text that a listing shows.
#[derive(Debug)]
enum Source {
    Document(NamedSource<String>),
    Window(Window),
}

impl<'a> Listing<'a> {
    /// The problem with its source text.
    pub fn new(problem: &'a Problem) -> Self {
        let place = &problem.place;
        let named = place.location.as_ref().zip(place.text.as_ref());
        let source =
            named.map(|(location, text)| match place.position.and_then(|position| Window::of(location.document(), text, position)) {
                Some(window) => Source::Window(window),
                None => Source::Document(NamedSource::new(location.document(), String::clone(text))),
            });
        Self { problem, source }
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
        Some(Box::new(self.problem.fault.code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.remedy.as_ref().map(|remedy| Box::new(remedy) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| match source {
            Source::Document(document) => document as &dyn SourceCode,
            Source::Window(window) => window,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = &self.problem.place;
        let position = place.position.filter(|_| place.text.is_some())?;
        let (start, length) = match &self.source {
            Some(Source::Window(window)) => (window.mark, place.length.min(window.text.len() - window.mark)),
            _ => (position.byte, place.length),
        };
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".to_owned()), start, length))))
    }
}

/// A part of a line that is too long to be shown, such as a document on one line.
#[derive(Debug)]
struct Window {
    name: String,
    /// The part of the line, with an ellipsis where it is cut.
    text: String,
    /// The byte of the position in the text.
    mark: usize,
    /// Line and column of the position, counted from 0.
    line: usize,
    column: usize,
}

impl Window {
    /// The part around a position, if the line is long.
    fn of(name: &str, text: &str, position: Position) -> Option<Self> {
        const LONGEST: usize = 200;
        const BEFORE: usize = 40;
        const AFTER: usize = 60;
        let before = text.get(..position.byte)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        // A listing shows the lines before and after, too.
        let shown = text[start..].lines().take(2).chain(before[..start].lines().next_back());
        if shown.map(str::len).max().unwrap_or_default() <= LONGEST {
            return None;
        }
        let (head, tail) = line.split_at_checked(position.byte - start)?;
        let first = head.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
        let last = tail.char_indices().nth(AFTER).map_or(tail.len(), |(at, _)| at);
        let mut shown = if first > 0 { "…".to_owned() } else { String::new() };
        shown.push_str(&head[first..]);
        let mark = shown.len();
        shown.push_str(&tail[..last]);
        if last < tail.len() {
            shown.push('…');
        }
        Some(Self { name: name.to_owned(), text: shown, mark, line: position.line - 1, column: position.column - 1 })
    }
}

impl SourceCode for Window {
    fn read_span<'a>(&'a self, _: &SourceSpan, before: usize, _: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without lines of context, the column is that of the position.
        let column = if before == 0 { self.column } else { 0 };
        let span = SourceSpan::from((0, self.text.len()));
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), self.text.as_bytes(), span, self.line, column, 1)))
    }
}

/// Shortens an expression for a message; the listing contains all of it.
fn shortened(expression: &str) -> String {
    const LENGTH: usize = 120;
    match expression.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &expression[..end]),
        None => expression.to_owned(),
    }
}
