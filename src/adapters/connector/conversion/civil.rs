//! Dates as Russian sites write them for people: with or without a year, a
//! time, a zone; «вчера», «2 часа назад». What may mean several instants is
//! none: a post is better undated than wrongly dated.

use jiff::civil::Date;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan as _};

use super::{date_in, date_with_zone};
use crate::model::time::Timestamp;

/// A site's clock may run ahead of ours by so much.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);
/// A date without a year may be the 29th of February.
const YEARS_BACK: i16 = 8;
const OLDEST_YEAR: i16 = 1990;

const MONTHS: [(&str, &str, &str); 12] = [
    ("январь", "января", "january"),
    ("февраль", "февраля", "february"),
    ("март", "марта", "march"),
    ("апрель", "апреля", "april"),
    ("май", "мая", "may"),
    ("июнь", "июня", "june"),
    ("июль", "июля", "july"),
    ("август", "августа", "august"),
    ("сентябрь", "сентября", "september"),
    ("октябрь", "октября", "october"),
    ("ноябрь", "ноября", "november"),
    ("декабрь", "декабря", "december"),
];

/// Words beside a date that make it another's: an end, a stretch.
const OTHER: [&str; 4] = ["до", "по", "с", "со"];

/// Words beside whose number is a counter.
const COUNTED: [&str; 5] = ["просмотр", "комментар", "прочт", "прочит", "нравится"];

/// A longer text is no date, whatever stands in it.
const TEXT_MAX_BYTES: usize = 400;

/// A date as programs or people write it; what names no zone is in this one.
pub fn any(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let exact = |text: &str| text.trim().parse::<jiff::civil::DateTime>().ok();
    date_with_zone(text)
        .or_else(|| exact(text)?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp()))
        .or_else(|| instant(text, zone, now))
        .or_else(|| date_in(text, zone))
}

/// The instant that a text for people names.
pub fn instant(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    if TEXT_MAX_BYTES < text.len() {
        return None;
    }
    let words = without_counters(words(text));
    if words.iter().any(|word| OTHER.contains(&word.as_str())) {
        return None;
    }
    if words.iter().any(|word| word == "назад") {
        return ago(&words, zone, now);
    }
    if words.windows(2).any(|pair| pair[0] == "только" && pair[1] == "что") {
        return Some(now);
    }
    let mut read = Read::default();
    read.all(&words, now.to_zoned(zone.clone()).date())?;
    let time = read.time.unwrap_or(Time::midnight());
    match read.day? {
        Day::Whole(date) => at(date, time, zone),
        Day::OfAnyYear { month, day } => {
            let latest = now.checked_add(AHEAD).unwrap_or(now);
            let this = now.to_zoned(zone.clone()).year();
            (0..=YEARS_BACK).find_map(|back| {
                let date = Date::new(this - back, month, day).ok()?;
                at(date, time, zone).filter(|instant| *instant <= latest)
            })
        }
    }
}

fn at(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    Some(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp())
}

/// Small letters and digits in runs; signs inside a number stay in it.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('ё', "е");
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        let whole = word.trim_matches(['.', ':', '/', '-']).to_owned();
        word.clear();
        if !whole.is_empty() {
            words.push(whole);
        }
    };
    for sign in text.chars() {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let goes_on = match sign {
            _ if word.is_empty() => sign.is_alphanumeric(),
            '.' | ':' | '/' | '-' => is_number,
            _ => sign.is_alphanumeric() && sign.is_ascii_digit() == is_number,
        };
        if !goes_on {
            end(&mut word);
        }
        if goes_on || sign.is_alphanumeric() {
            word.push(sign);
        }
    }
    end(&mut word);
    words
}

fn is_plain_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// «154 просмотра» and «Просмотров: 154» stand beside many dates.
fn without_counters(mut words: Vec<String>) -> Vec<String> {
    let is_counted = |word: &String| COUNTED.iter().any(|counted| word.starts_with(counted));
    while let Some(at) = words.iter().position(is_counted) {
        let follows = words.get(at + 1).is_some_and(|word| is_plain_number(word));
        let precedes = at.checked_sub(1).filter(|before| is_plain_number(&words[*before]));
        words.remove(at);
        match (follows, precedes) {
            (true, _) => drop(words.remove(at)),
            (false, Some(before)) => drop(words.remove(before)),
            (false, None) => {}
        }
    }
    words
}

/// «5 минут назад», «час назад», «полчаса назад».
fn ago(words: &[String], zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let end = words.iter().position(|word| word == "назад")?;
    let (unit, before) = words[..end].split_last()?;
    let numbers = before.iter().filter(|word| is_plain_number(word)).map(|word| word.parse());
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>().ok()?;
    let has_others = words
        .iter()
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()) && !is_plain_number(word));
    let count = match numbers.as_slice() {
        _ if has_others => return None,
        [] => 1,
        [one] => *one,
        _ => return None,
    };
    let begins = |start: &str| unit.starts_with(start);
    // Numbers of other people's may be of any size.
    let span = Span::new();
    let span = match unit.as_str() {
        "полчаса" => span.try_minutes(30),
        _ if begins("сек") => span.try_seconds(count),
        _ if begins("мин") => span.try_minutes(count),
        "ч" => span.try_hours(count),
        _ if begins("час") => span.try_hours(count),
        _ if begins("дн") || begins("ден") => span.try_days(count),
        _ if begins("недел") => span.try_weeks(count),
        _ => return None,
    };
    now.to_zoned(zone.clone()).checked_sub(span.ok()?).ok().map(|then| then.timestamp())
}

enum Day {
    Whole(Date),
    /// The latest of them that is past.
    OfAnyYear {
        month: i8,
        day: i8,
    },
}

#[derive(Default)]
struct Read {
    day: Option<Day>,
    time: Option<Time>,
}

impl Read {
    /// Nothing where a number is left that no date explains, or two dates are
    /// there.
    fn all(&mut self, words: &[String], today: Date) -> Option<()> {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            if !word.starts_with(|c: char| c.is_ascii_digit()) {
                if let Some(back) = days_back(word) {
                    self.found(Day::Whole(today.checked_sub(back.days()).ok()?))?;
                }
                continue;
            }
            if let Some(time) = time(word) {
                if self.time.replace(time).is_some_and(|known| known != time) {
                    return None;
                }
                continue;
            }
            if let Some(day) = in_digits(word) {
                self.found(day)?;
                continue;
            }
            let (month, after) = after.split_first()?;
            let month = month_of(month)?;
            let day: i8 = word.parse().ok()?;
            // Two figures behind a month may be anything.
            let whole = after.first().filter(|year| year.len() == 4);
            match whole.and_then(|year| year_of(year)) {
                Some(year) => {
                    rest = &after[1..];
                    self.found(Day::Whole(Date::new(year, month, day).ok()?))?;
                }
                None => {
                    rest = after;
                    self.found(Day::OfAnyYear { month, day })?;
                }
            }
        }
        Some(())
    }

    fn found(&mut self, day: Day) -> Option<()> {
        match self.day.replace(day) {
            None => Some(()),
            Some(_) => None,
        }
    }
}

fn days_back(word: &str) -> Option<i64> {
    match word {
        "сегодня" => Some(0),
        "вчера" => Some(1),
        "позавчера" => Some(2),
        _ => None,
    }
}

fn time(word: &str) -> Option<Time> {
    let mut parts = word.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().map_or(Ok(0), |second| second).ok()?;
    Time::new(hour, minute, second.min(59), 0).ok().filter(|_| parts.next().is_none())
}

/// `21.11.2026`, `21.11.26`, `21.11`, `2026-11-21`; with slashes only where day
/// and month cannot be each other.
fn in_digits(word: &str) -> Option<Day> {
    let sign = word.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = word.split(sign).collect();
    let number = |part: &str| part.parse::<i16>().ok();
    let (year, month, day) = match parts.as_slice() {
        [day, month] if sign == '.' && day.len() == 2 && month.len() == 2 => {
            (None, number(month)?, number(day)?)
        }
        [year, month, day] if year.len() == 4 => (number(year), number(month)?, number(day)?),
        [day, month, year] if sign != '-' || year.len() == 4 => {
            (Some(year_of(year)?), number(month)?, number(day)?)
        }
        _ => return None,
    };
    if sign == '/' && day <= 12 && day != month && !word.starts_with("20") {
        return None;
    }
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    match year {
        Some(year) => Date::new(year, month, day).ok().map(Day::Whole),
        // Of a leap year, so that every day there is counts as one.
        None => Date::new(2024, month, day).ok().map(|_| Day::OfAnyYear { month, day }),
    }
}

fn year_of(word: &str) -> Option<i16> {
    let year: i16 = word.parse().ok()?;
    match word.len() {
        2 => Some(2000 + year),
        4 => Some(year).filter(|year| (OLDEST_YEAR..2100).contains(year)),
        _ => None,
    }
}

/// A month by its name or how that begins, in Russian or English.
pub fn month_of(word: &str) -> Option<i8> {
    let is_it = |(name, of, english): &(&str, &str, &str)| {
        3 <= word.chars().count() && [name, of, english].iter().any(|one| one.starts_with(word))
    };
    let place = MONTHS.iter().position(is_it);
    let place = place.or_else(|| (word == "сент" || word == "sept").then_some(8))?;
    i8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let expected = expected.map(|text| text.parse::<Timestamp>().unwrap());
        assert_eq!(instant(text, &zone, now), expected, "{text}");
    }

    #[test]
    fn whole_dates() {
        check("21 ноября 2026", Some("2026-11-20T21:00:00Z"));
        check("21 ноября 2026 г., 14:05", Some("2026-11-21T11:05:00Z"));
        check("Опубликовано: 21 ноября 2026 года в 14:05", Some("2026-11-21T11:05:00Z"));
        check("21.11.2026 14:05", Some("2026-11-21T11:05:00Z"));
        check("14:05, 21.11.2026", Some("2026-11-21T11:05:00Z"));
        check("21.11.26", Some("2026-11-20T21:00:00Z"));
        check("2026-11-21 14:05:09", Some("2026-11-21T11:05:09Z"));
        check("Сб, 21 НОЯ 2026", Some("2026-11-20T21:00:00Z"));
        check("1\u{a0}мая 2026", Some("2026-04-30T21:00:00Z"));
        check("21/11/2026", Some("2026-11-20T21:00:00Z"));
        check("21 ноября 2026 154 просмотра", Some("2026-11-20T21:00:00Z"));
        check("21.11.2026 Просмотров: 7", Some("2026-11-20T21:00:00Z"));
    }

    #[test]
    fn dates_without_a_year_are_the_latest_past_ones() {
        check("21 ноября", Some("2026-11-20T21:00:00Z"));
        check("21 ноября, 14:05", Some("2026-11-21T11:05:00Z"));
        check("22 ноября, 11:59", Some("2026-11-22T08:59:00Z"));
        check("22 ноября, 18:00", Some("2025-11-22T15:00:00Z"));
        check("пн, 21 ноя", Some("2026-11-20T21:00:00Z"));
        check("31 декабря", Some("2025-12-30T21:00:00Z"));
        check("29 февраля", Some("2024-02-28T21:00:00Z"));
        check("21.11", Some("2026-11-20T21:00:00Z"));
        check("3 сент, 9:05", Some("2026-09-03T06:05:00Z"));
    }

    #[test]
    fn dates_as_seen_from_now() {
        check("сегодня в 11:05", Some("2026-11-22T08:05:00Z"));
        check("Сегодня", Some("2026-11-21T21:00:00Z"));
        check("вчера, 9:30", Some("2026-11-21T06:30:00Z"));
        check("позавчера в 23:59", Some("2026-11-20T20:59:00Z"));
        check("5 минут назад", Some("2026-11-22T08:55:00Z"));
        check("2 часа назад", Some("2026-11-22T07:00:00Z"));
        check("час назад", Some("2026-11-22T08:00:00Z"));
        check("полчаса назад", Some("2026-11-22T08:30:00Z"));
        check("3 дня назад", Some("2026-11-19T09:00:00Z"));
        check("неделю назад", Some("2026-11-15T09:00:00Z"));
        check("только что", Some("2026-11-22T09:00:00Z"));
    }

    #[test]
    fn what_may_mean_several_instants_is_none() {
        for text in [
            "",
            "ноябрь",
            "14:05",
            "в 14:05",
            "21",
            "2026",
            "21 ноября 26 км",
            "с 21 по 25 ноября 2026",
            "до 25 ноября",
            "21 и 25 ноября",
            "21 ноября 9:00-18:00",
            "05/11/2026",
            "31 ноября",
            "40.11.2026",
            "21 ноября 2026, 25:61",
            "год назад",
            "Дом 21, кв. 5",
            "21.11.2026 и 22.11.2026",
            "7 чудес",
            "9999999 дней назад",
            "9223372036854775807 секунд назад",
            "9223372036854775807 недель назад",
            "99999999999999999999 часов назад",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_zone_that_is_named_counts() {
        fn check(text: &str, expected: &str) {
            let zone = TimeZone::get("Asia/Yekaterinburg").unwrap();
            let now = "2026-11-22T09:00:00Z".parse().unwrap();
            assert_eq!(any(text, &zone, now), expected.parse().ok(), "{text}");
        }
        check("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z");
        check("2026-11-21T10:00Z", "2026-11-21T10:00:00Z");
        check("2026-11-21T00:00:00+00:00", "2026-11-21T00:00:00Z");
        check("2026-11-21T10:00:00+03:00", "2026-11-21T07:00:00Z");
        check("2026-11-21T10:00:00+0300", "2026-11-21T07:00:00Z");
        check("2026-11-21 10:00:00 +0300", "2026-11-21T07:00:00Z");
        check("2026-11-21 10:00:00 UTC", "2026-11-21T10:00:00Z");
        check("Sat, 21 Nov 2026 10:00:00 GMT", "2026-11-21T10:00:00Z");
        check("Sat, 21 Nov 2026 10:00:00", "2026-11-21T05:00:00Z");
        check("2026-11-21T10:00:00", "2026-11-21T05:00:00Z");
        check("2026-11-21 10:00:00", "2026-11-21T05:00:00Z");
        check("2026-11-21", "2026-11-20T19:00:00Z");
        check("21 ноября 2026, 10:00", "2026-11-21T05:00:00Z");
        check("вчера в 10:00", "2026-11-21T05:00:00Z");
    }

    #[test]
    fn another_zone_is_another_instant() {
        let zone = TimeZone::get("Asia/Yekaterinburg").unwrap();
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let got = instant("вчера в 14:05", &zone, now);
        assert_eq!(got, "2026-11-21T09:05:00Z".parse().ok());
    }
}
