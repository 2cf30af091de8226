//! Where the parts of a JSON or YAML text begin and end.

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// The indentation of the line of a byte.
pub(super) fn indentation(text: &str, at: usize) -> usize {
    let line = &text[line_start(text, at)..];
    line.len() - line.trim_start_matches(' ').len()
}

/// The end of the last line of a block that begins at a byte: the lines that are indented more than its column, without trailing comments.
pub(super) fn block_end(text: &str, from: usize, column: usize, has_list: bool) -> usize {
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |length| at + length);
    let mut end = line_end(from);
    let mut next = end + 1;
    while next <= text.len() && next < text.len() {
        let line_text = &text[next..line_end(next)];
        let trimmed = line_text.trim_start_matches(' ');
        let indent = line_text.len() - trimmed.len();
        let is_blank = trimmed.trim().is_empty();
        let is_comment = trimmed.starts_with('#') && indent <= column;
        let is_item = has_list && indent == column && (trimmed.starts_with("- ") || trimmed.trim_end() == "-");
        if !is_blank && !is_comment && indent <= column && !is_item {
            break;
        }
        if !is_blank && !is_comment {
            end = line_end(next);
        }
        next = line_end(next) + 1;
    }
    text[..end].trim_end_matches('\r').len()
}

/// The end of a scalar of one line in a block or in a flow collection.
pub(super) fn scalar_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    match rest.chars().next()? {
        '"' | '\'' => flow_end(text, start),
        '|' | '>' | '&' | '*' | '!' => None,
        _ => {
            let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
            let end = line.find(" #").unwrap_or(line.len());
            Some(start + line[..end].trim_end().len())
        }
    }
}

/// The end of a flow value: a collection, a quoted or a plain scalar.
pub(super) fn flow_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = start;
    loop {
        match *bytes.get(at)? {
            quote @ (b'"' | b'\'') => {
                at += 1;
                loop {
                    match *bytes.get(at)? {
                        b'\\' if quote == b'"' => at += 1,
                        b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
                        byte if byte == quote => break,
                        _ => {}
                    }
                    at += 1;
                }
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'#' if depth > 0 && bytes[at - 1].is_ascii_whitespace() => {
                at += text[at..].find('\n')?;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return Some(text[..at].trim_end().len()),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'\n' if depth == 0 => return Some(text[..at].trim_end().len()),
            _ => {}
        }
        at += 1;
        if at == bytes.len() && depth == 0 {
            return Some(at);
        }
    }
}
