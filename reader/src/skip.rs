//! Values that nothing is promised of: strict JSON, whatever it says.

use crate::{Cursor, Sure};

impl Cursor<'_> {
    /// Any value.
    ///
    /// # Errors
    /// It is no strict JSON, repeats a key, or is written in a rare way.
    #[inline]
    pub fn skip(&mut self) -> Sure<()> {
        match self.peek() {
            b'"' => self.string().map(drop),
            b'{' => self.skip_object(),
            b'[' => self.skip_array(),
            b'n' => self.null(),
            b't' | b'f' => self.boolean().map(drop),
            _ => self.number().map(drop),
        }
    }

    #[inline(never)]
    fn skip_object(&mut self) -> Sure<()> {
        self.enter(b'{')?;
        if self.leaves(b'}') {
            return Ok(());
        }
        let mut open = self.names.open();
        loop {
            let name = self.string()?.plain()?;
            self.names.add(&mut open, name.as_bytes());
            self.colon()?;
            self.skip()?;
            if !self.goes_on(b'}')? {
                return self.names.close(&open);
            }
        }
    }

    #[inline(never)]
    fn skip_array(&mut self) -> Sure<()> {
        self.array(|cursor, _| cursor.skip()).map(drop)
    }
}

/// Nothing else is read: the text was checked whole.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unsure;

    fn is_sure(text: &[u8]) -> bool {
        let skipped = Cursor::of(text).and_then(|mut cursor| {
            cursor.skip()?;
            cursor.finish()
        });
        skipped != Err(Unsure)
    }

    #[test]
    fn strict_json_is_passed_over() {
        for text in [
            "0",
            " null ",
            "\t[ ]\r\n",
            "{}",
            "{ }",
            "\"\"",
            "[1,2.5,-3e-1]",
            "[[],[[]],{}]",
            r#"{"a":{"b":[true,false,null]},"c":"\n"}"#,
            "{\n  \"a\" : 1 ,\n  \"b\" : [ 1 , 2 ]\n}\n",
            r#"{"":0,"a":"","aa":{"a":{"a":[{"a":0},{"a":0}]}}}"#,
            "\"\u{7f}é😀\"",
        ] {
            assert!(is_sure(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_strict_is_unsure() {
        for text in [
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "tru",
            "falsy",
            "[",
            "]",
            "{",
            "[1",
            "[1,",
            "[,1]",
            "[1,]",
            "[1 2]",
            "[1],",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{a:1}",
            "{1:1}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,\"a\":1}",
            "[{\"b\":{\"a\":1,\"b\":2,\"a\":1}}]",
            "\"",
            "\"\\\"",
            "\"\n\"",
            "'a'",
            "[1]x",
            "{} {}",
            "\u{feff}1",
            "\u{a0}1",
            "[1\u{b}]",
            "NaN",
            "Infinity",
            "-",
            "/**/1",
            "[\"\\ud800\"]",
            "{\"\\u0061\":1}",
        ] {
            assert!(!is_sure(text.as_bytes()), "{text}");
        }
        assert!(!is_sure(b"\"\xff\"") && !is_sure(b"\"\xed\xa0\x80\"") && !is_sure(b"[1]\0"));
    }

    #[test]
    fn the_depth_limit_is_that_of_the_reference_reader() {
        for (open, close) in [("[", "]"), ("{\"a\":[", "]}")] {
            let levels = |count: usize| format!("{}{}", open.repeat(count), close.repeat(count));
            let fits = 127 / open.matches(['[', '{']).count();
            assert!(is_sure(levels(fits).as_bytes()));
            assert!(!is_sure(levels(fits + 1).as_bytes()));
            assert!(!is_sure(levels(100_000).as_bytes()));
        }
        assert!(is_sure(format!("[{}]", "[[]],".repeat(200) + "[]").as_bytes()), "depth is no count of arrays");
    }
}
