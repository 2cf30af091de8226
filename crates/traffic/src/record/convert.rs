//! Writes exchanges as a HAR or as lines of `charter-exchange/1`, unmasked.

use std::io::{self, Write};

use super::{har, line};
use crate::exchange::Exchange;

/// A form in which exchanges are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// HAR 1.2. It has no place for masked locations, provoked refusals and digests of bodies.
    Har,
    /// `charter-exchange/1`, one exchange on each line.
    Ndjson,
}

/// Writes exchanges in a form.
pub struct Converter<W: Write> {
    out: W,
    form: Form,
    count: u64,
}

impl<W: Write> std::fmt::Debug for Converter<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Converter").field("form", &self.form).field("count", &self.count).finish_non_exhaustive()
    }
}

impl<W: Write> Converter<W> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(mut out: W, form: Form) -> io::Result<Self> {
        if form == Form::Har {
            out.write_all(har::head().as_bytes())?;
        }
        Ok(Self { out, form, count: 0 })
    }

    /// Writes an exchange.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, exchange: &Exchange) -> io::Result<()> {
        match self.form {
            Form::Har => {
                let separator = if self.count == 0 { "\n" } else { ",\n" };
                write!(self.out, "{separator}{}", har::entry(exchange))?;
            }
            Form::Ndjson => writeln!(self.out, "{}", line::line(exchange)?)?,
        }
        self.count += 1;
        Ok(())
    }

    /// Writes the end and returns the number of exchanges.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> io::Result<u64> {
        if self.form == Form::Har {
            self.out.write_all(har::FOOT.as_bytes())?;
        }
        self.out.flush()?;
        Ok(self.count)
    }
}
