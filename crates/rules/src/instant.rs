//! Timestamps and durations as text, for the checker and the binder.

/// A strict RFC 3339 timestamp: a `T`, at most nine fraction digits, no leap second, no year 0.
pub fn parse(text: &str) -> Option<jiff::Timestamp> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let shape = digits(0..4) && digits(5..7) && digits(8..10) && digits(11..13) && digits(14..16) && digits(17..19);
    if !shape || !matches!(bytes[10], b'T' | b't') || bytes[17] > b'5' || bytes.starts_with(b"0000") {
        return None;
    }
    let mut zone = 19;
    if bytes.get(19) == Some(&b'.') {
        let digits = bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        zone = 20 + digits;
    }
    let zoned = match bytes.get(zone)? {
        b'Z' | b'z' => bytes.len() == zone + 1,
        b'+' | b'-' => {
            bytes.len() == zone + 6
                && digits(zone + 1..zone + 3)
                && bytes[zone + 3] == b':'
                && digits(zone + 4..zone + 6)
                && &bytes[zone + 1..zone + 3] <= b"23".as_slice()
        }
        _ => false,
    };
    if zoned { text.parse().ok() } else { None }
}

/// Whether a string is a CEL duration: numbers with units, such as `1h30m` or `-1.5s`.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.').len();
        if digits == 0 || rest[..digits].parse::<f64>().is_err() {
            return false;
        }
        rest = &rest[digits..];
        let Some(unit) = ["ns", "us", "ms", "h", "m", "s"].iter().find(|unit| rest.starts_with(**unit)) else { return false };
        rest = &rest[unit.len()..];
        if rest.is_empty() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_strictly() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(parse("2026-07-01T10:00:00.5+02:00"), parse("2026-07-01t08:00:00.500z"));
        assert_eq!(parse("2000-02-29T23:59:59.999999999-00:30").map(|instant| instant.subsec_nanosecond()), Some(999_999_999));
        assert_eq!(parse("0001-01-01T00:00:00Z").map(|instant| instant.as_second()), Some(-62_135_596_800));
        for wrong in [
            "",
            "2026-07-01",
            "2026-07-01 10:00:00Z",
            "2026-07-01T10:00:00",
            "2026-07-01T10:00:60Z",
            "2026-02-29T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-07-01T24:00:00Z",
            "2026-07-01T10:00:00.Z",
            "2026-07-01T10:00:00.1234567890Z",
            "2026-07-01T10:00:00+0200",
            "2026-07-01T10:00:00+24:00",
            "2026-07-01T10:00:00ZZ",
            "2026-07-01T10:00:00é",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_have_units() {
        for text in ["0", "1s", "-1.5h", "1h30m", "250ms"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "1", "P1D", "1 s", "1x", "s", "1..5s"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
