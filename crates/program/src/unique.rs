//! `uniqueItems`, as far as the bytes of the items decide it.

use charter_json::{Cursor, Fallback};

/// The items of an array.
#[derive(Debug, Default)]
pub(crate) struct Items<'a> {
    /// Items that equal others only if their bytes are equal: strings without escapes, integers and literals. The first byte separates the types.
    simple: Vec<&'a [u8]>,
    /// The numbers of other strings, numbers, arrays and objects.
    others: [usize; 4],
    strings: usize,
    numbers: usize,
}

impl<'a> Items<'a> {
    /// Reads an item.
    pub(crate) fn add(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Fallback> {
        match cursor.peek() {
            b'"' => {
                self.strings += 1;
                match cursor.string()?.quoted() {
                    Some(text) => self.simple.push(text),
                    None => self.others[0] += 1,
                }
            }
            b'-' | b'0'..=b'9' => {
                self.numbers += 1;
                let number = cursor.number()?;
                if number.is_integer() && number.written() != b"-0" {
                    self.simple.push(number.written());
                } else {
                    self.others[1] += 1;
                }
            }
            b'[' => {
                cursor.skip()?;
                self.others[2] += 1;
            }
            b'{' => {
                cursor.skip()?;
                self.others[3] += 1;
            }
            b'n' => {
                cursor.null()?;
                self.simple.push(b"null");
            }
            _ => {
                let value = cursor.boolean()?;
                self.simple.push(if value { b"true" } else { b"false" });
            }
        }
        Ok(())
    }

    /// Whether no two items are equal; `None` if the bytes do not decide it.
    pub(crate) fn are_unique(mut self) -> Option<bool> {
        let [strings, numbers, arrays, objects] = self.others;
        if arrays > 1 || objects > 1 || (strings > 0 && self.strings > 1) || (numbers > 0 && self.numbers > 1) {
            return None;
        }
        self.simple.sort_unstable();
        Some(self.simple.is_sorted_by(|one, other| one < other))
    }
}
