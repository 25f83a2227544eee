//! Terms, the ladder and the calendar of a pack.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::model::clock::{
    Calendar, CalendarYear, ClockKind, DaySpan, LadderStep, Notify, StepAt, Term, Terms,
};
use crate::model::time::zone;

use super::durations::{parse_step_at, parse_term};
use super::file::PackFile;
use super::pack::Pack;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsFile {
    accept_confidence: Spanned<f64>,
    terms: Vec<Spanned<TermsEntry>>,
    #[serde(default)]
    ladder: Vec<Spanned<LadderEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsEntry {
    id: String,
    importance: Spanned<Vec<u8>>,
    take: Spanned<String>,
    first_answer: Spanned<String>,
    final_answer: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LadderEntry {
    id: String,
    clock: ClockKind,
    at: Spanned<String>,
    notify: Notify,
}

pub(super) struct TermsOfPack {
    pub accept_confidence: f64,
    pub terms: Vec<Terms>,
    pub ladder: Vec<LadderStep>,
}

pub(super) fn terms(pack: &mut Pack<'_, '_>) -> Option<TermsOfPack> {
    let file = pack.require("terms.toml")?;
    let entries: TermsFile = file.toml(pack.problems)?;
    let accept_confidence = *entries.accept_confidence.get_ref();
    if !(0.0..=2.0).contains(&accept_confidence) {
        let line = file.line(&entries.accept_confidence.span());
        let message = "between 0 and 1, or 2 for «always by a person»";
        pack.problems.push(file.error(line, "accept_confidence", message));
    }
    let terms = entries.terms.into_iter().filter_map(|entry| one_terms(pack, &file, entry));
    let terms = terms.collect();
    let ladder = entries.ladder.into_iter().filter_map(|entry| one_step(pack, &file, entry));
    let ladder = ladder.collect();
    Some(TermsOfPack { accept_confidence, terms, ladder })
}

fn one_terms(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    entry: Spanned<TermsEntry>,
) -> Option<Terms> {
    let line = file.line(&entry.span());
    let entry = entry.into_inner();
    pack.remember(file, "terms", &entry.id, line);
    if entry.importance.get_ref().iter().any(|importance| !(1..=5).contains(importance)) {
        let line = file.line(&entry.importance.span());
        pack.problems.push(file.error(line, "importance", "importances go from 1 to 5"));
    }
    let take = term(pack, file, "take", &entry.take);
    let first_answer = term(pack, file, "first_answer", &entry.first_answer);
    let final_answer = term(pack, file, "final_answer", &entry.final_answer);
    Some(Terms {
        id: entry.id,
        importance: entry.importance.into_inner(),
        take: take?,
        first_answer: first_answer?,
        final_answer: final_answer?,
    })
}

fn term(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    field: &str,
    text: &Spanned<String>,
) -> Option<Term> {
    parse_term(text.get_ref())
        .map_err(|message| {
            let message = format!("«{}»: {message}", text.get_ref());
            pack.problems.push(file.error(file.line(&text.span()), field, &message));
        })
        .ok()
}

fn one_step(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    entry: Spanned<LadderEntry>,
) -> Option<LadderStep> {
    let line = file.line(&entry.span());
    let entry = entry.into_inner();
    pack.remember(file, "ladder", &entry.id, line);
    let at: StepAt = parse_step_at(entry.at.get_ref())
        .map_err(|message| {
            let line = file.line(&entry.at.span());
            let message = format!("«{}»: {message}", entry.at.get_ref());
            pack.problems.push(file.error(line, "at", &message));
        })
        .ok()?;
    Some(LadderStep { id: entry.id, clock: entry.clock, at, notify: entry.notify })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    zone: Spanned<String>,
    week: Spanned<Week>,
    #[serde(default)]
    year: BTreeMap<String, Spanned<YearEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Week {
    mon: Vec<String>,
    tue: Vec<String>,
    wed: Vec<String>,
    thu: Vec<String>,
    fri: Vec<String>,
    sat: Vec<String>,
    sun: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearEntry {
    #[serde(default)]
    holidays: Vec<Spanned<String>>,
    #[serde(default)]
    working: Vec<Spanned<String>>,
    #[serde(default)]
    short: Vec<Spanned<String>>,
    source: String,
}

pub(super) fn calendar(pack: &mut Pack<'_, '_>) -> Option<Calendar> {
    let file = pack.require("calendar.toml")?;
    let entries: CalendarFile = file.toml(pack.problems)?;
    pack.remember(&file, "calendar", "", 1);
    refuse_unknown_zone(pack, &file, &entries.zone);
    let week = week(pack, &file, entries.week);
    let mut years = BTreeMap::new();
    for (year, entry) in entries.year {
        let line = file.line(&entry.span());
        match year.parse::<i16>() {
            Ok(number @ 1900..=2200) => {
                let year = one_year(pack, &file, number, entry.into_inner());
                years.insert(number, year);
            }
            _ => pack.problems.push(file.error(line, "year", &format!("«{year}» is not a year"))),
        }
    }
    Some(Calendar { zone: entries.zone.into_inner(), week, years })
}

pub(super) fn refuse_unknown_zone(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    name: &Spanned<String>,
) {
    if zone(name.get_ref()).is_none() {
        let message = format!("there is no time zone «{}»", name.get_ref());
        pack.problems.push(file.error(file.line(&name.span()), "zone", &message));
    }
}

fn week(pack: &mut Pack<'_, '_>, file: &PackFile<'_>, week: Spanned<Week>) -> [Vec<DaySpan>; 7] {
    let line = file.line(&week.span());
    let week = week.into_inner();
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let days = [week.mon, week.tue, week.wed, week.thu, week.fri, week.sat, week.sun];
    let mut spans: [Vec<DaySpan>; 7] = Default::default();
    for ((name, texts), spans) in names.iter().zip(&days).zip(&mut spans) {
        match parse_day(texts) {
            Ok(day) => *spans = day,
            Err(message) => pack.problems.push(file.error(line, name, &message)),
        }
    }
    if days.iter().all(|day| day.is_empty()) {
        pack.problems.push(file.error(line, "week", "a week without working time has no terms"));
    }
    spans
}

/// The spans of a day, in order and apart from each other.
fn parse_day(texts: &[String]) -> Result<Vec<DaySpan>, String> {
    let mut spans: Vec<DaySpan> = Vec::new();
    for text in texts {
        let span = parse_span(text).ok_or_else(|| format!("«{text}»: expected 08:00-17:00"))?;
        if span.from_minute >= span.to_minute {
            return Err(format!("«{text}» ends before it begins"));
        }
        if spans.last().is_some_and(|last| last.to_minute > span.from_minute) {
            return Err(format!("«{text}» overlaps the span before it"));
        }
        spans.push(span);
    }
    Ok(spans)
}

fn parse_span(text: &str) -> Option<DaySpan> {
    let (from, to) = text.split_once('-')?;
    Some(DaySpan { from_minute: parse_minute(from)?, to_minute: parse_minute(to)? })
}

fn parse_minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (hours <= 24 && minutes < 60 && minute <= 24 * 60).then_some(minute)
}

fn one_year(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    number: i16,
    entry: YearEntry,
) -> CalendarYear {
    let mut dates = |field: &str, texts: Vec<Spanned<String>>| -> Vec<Date> {
        texts.iter().filter_map(|text| one_date(pack, file, number, field, text)).collect()
    };
    CalendarYear {
        holidays: dates("holidays", entry.holidays),
        working: dates("working", entry.working),
        short: dates("short", entry.short),
        source: entry.source,
    }
}

fn one_date(
    pack: &mut Pack<'_, '_>,
    file: &PackFile<'_>,
    year: i16,
    field: &str,
    text: &Spanned<String>,
) -> Option<Date> {
    let line = file.line(&text.span());
    match text.get_ref().parse::<Date>() {
        Ok(date) if date.year() == year => Some(date),
        Ok(_) => {
            let message = format!("«{}» is not in {year}", text.get_ref());
            pack.problems.push(file.error(line, field, &message));
            None
        }
        Err(_) => {
            let message = format!("«{}»: expected 2026-01-31", text.get_ref());
            pack.problems.push(file.error(line, field, &message));
            None
        }
    }
}
