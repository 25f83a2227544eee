//! Days and instants as people write them in a question.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::time::Timestamp;

/// Where the written day or instant begins.
pub fn start(written: &str, zone: &TimeZone) -> Option<Timestamp> {
    instant(written).or_else(|| midnight(day(written)?, zone))
}

/// Where it ends: a day is meant whole.
pub fn end(written: &str, zone: &TimeZone) -> Option<Timestamp> {
    instant(written).or_else(|| midnight(day(written)?.tomorrow().ok()?, zone))
}

fn instant(written: &str) -> Option<Timestamp> {
    written.contains(['T', 't']).then(|| written.parse().ok())?
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp())
}

/// `2026-11-30` or `30.11.2026`.
fn day(written: &str) -> Option<Date> {
    let mark = if written.contains('.') { '.' } else { '-' };
    let parts: Vec<&str> = written.split(mark).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) =
        if mark == '.' { (third, second, first) } else { (first, second, third) };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
