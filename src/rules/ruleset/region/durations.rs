//! Spans of time as an editor writes them: `30s 5m 24h 3d` elapsed, `9wh` and
//! `90wm` working time, `7wd` working days; `50%`, `-2h`, `+1h`, `0` for a step
//! of the ladder. Elapsed and working time never turn into each other.

use crate::model::clock::{StepAt, Term};

const FORMS: &str = "expected a number with s, m, h, d (elapsed) or wm, wh, wd (working)";

/// Ten years: longer terms are slips of the pen.
const TERM_MAX_SECS: i64 = 10 * 366 * 86_400;
/// A year of days and nights, or of working days.
const TERM_MAX_WORKING_MINUTES: i64 = 366 * 24 * 60;
const TERM_MAX_WORKING_DAYS: i64 = 366;

pub(super) fn parse_term(text: &str) -> Result<Term, String> {
    let (number, unit) = split(text)?;
    if number == 0 {
        return Err("a term is longer than nothing".to_owned());
    }
    let working_minutes = |minutes: i64| match minutes {
        0..=TERM_MAX_WORKING_MINUTES => Ok(Term::WorkingMinutes(minutes)),
        _ => Err("longer than a year of working time".to_owned()),
    };
    let term = match unit {
        "wm" => working_minutes(number)?,
        "wh" => working_minutes(number * 60)?,
        "wd" if number <= TERM_MAX_WORKING_DAYS => Term::WorkingDays(number),
        "wd" => return Err("longer than a year of working days".to_owned()),
        _ => Term::ElapsedSecs(elapsed_secs(number, unit)?),
    };
    Ok(term)
}

pub(super) fn parse_step_at(text: &str) -> Result<StepAt, String> {
    if let Some(number) = text.strip_suffix('%') {
        return match number.parse::<u8>() {
            Ok(percent @ 1..=100) => Ok(StepAt::Percent(percent)),
            _ => Err("a share of the term lies between 1% and 100%; after it write +1h".to_owned()),
        };
    }
    if text == "0" {
        return Ok(StepAt::OffsetSecs(0));
    }
    let (sign, span) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(span), _) => (-1, span),
        (_, Some(span)) => (1, span),
        _ => return Err("expected a share (50%), -2h, +1h or 0".to_owned()),
    };
    let (number, unit) = split(span)?;
    Ok(StepAt::OffsetSecs(sign * elapsed_secs(number, unit)?))
}

fn split(text: &str) -> Result<(i64, &str), String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text[..end].parse().map_err(|_| FORMS.to_owned())?;
    if number > TERM_MAX_SECS {
        return Err("longer than ten years".to_owned());
    }
    Ok((number, &text[end..]))
}

fn elapsed_secs(number: i64, unit: &str) -> Result<i64, String> {
    let unit_secs = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(FORMS.to_owned()),
    };
    let secs = number * unit_secs;
    if secs > TERM_MAX_SECS { Err("longer than ten years".to_owned()) } else { Ok(secs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms() {
        let cases = [
            ("30s", Some(Term::ElapsedSecs(30))),
            ("5m", Some(Term::ElapsedSecs(300))),
            ("24h", Some(Term::ElapsedSecs(86_400))),
            ("3d", Some(Term::ElapsedSecs(3 * 86_400))),
            ("9wh", Some(Term::WorkingMinutes(540))),
            ("90wm", Some(Term::WorkingMinutes(90))),
            ("7wd", Some(Term::WorkingDays(7))),
            ("", None),
            ("h", None),
            ("24", None),
            ("0h", None),
            ("-2h", None),
            ("1.5h", None),
            ("24 h", None),
            ("24H", None),
            ("9999d", None),
            ("366wd", Some(Term::WorkingDays(366))),
            ("367wd", None),
            ("8785wh", None),
            ("99999999999999999999s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_term(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn steps() {
        let cases = [
            ("50%", Some(StepAt::Percent(50))),
            ("100%", Some(StepAt::Percent(100))),
            ("0", Some(StepAt::OffsetSecs(0))),
            ("-2h", Some(StepAt::OffsetSecs(-7_200))),
            ("+1h", Some(StepAt::OffsetSecs(3_600))),
            ("+30m", Some(StepAt::OffsetSecs(1_800))),
            ("0%", None),
            ("101%", None),
            ("2h", None),
            ("-2wh", None),
            ("+", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_step_at(text).ok(), expected, "{text}");
        }
    }
}
