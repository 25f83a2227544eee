//! Spans of elapsed time as an editor of keywords writes them: `24h`, `14d`.
//! Knows nothing of what they are for.

/// Nothing closed is remembered for longer.
pub const DAYS_MAX: u32 = 366;

/// Hours of a span; `None` where it is none.
pub fn hours(text: &str) -> Option<u32> {
    let (number, hours) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 24),
        (None, None) => return None,
    };
    // «+3d» would parse as a number too.
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = number.parse().ok().filter(|_| is_number)?;
    number.checked_mul(hours).filter(|hours| *hours <= DAYS_MAX * 24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::clustering::PAST_DAYS;

    #[test]
    fn spans() {
        let cases = [
            ("24h", Some(24)),
            ("14d", Some(336)),
            ("0h", Some(0)),
            ("366d", Some(8_784)),
            ("367d", None),
            ("8785h", None),
            ("", None),
            ("d", None),
            ("14", None),
            ("+3d", None),
            ("-3d", None),
            ("1.5d", None),
            ("3 d", None),
            ("3D", None),
            ("7wd", None),
            ("99999999999d", None),
        ];
        for (text, expected) in cases {
            assert_eq!(hours(text), expected, "{text}");
        }
        assert_eq!(i64::from(DAYS_MAX), PAST_DAYS);
    }
}
