//! Working time of a calendar as stretches of instants, day by day in the
//! calendar's zone. A year that the calendar does not list has its weekends
//! and nothing else, and its working stretches say so.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::model::clock::{Calendar, DaySpan};
use crate::model::time::{Timestamp, zone};

use super::Stretch;

/// Nobody's term is longer; ends the walk through a calendar that never works.
const DAYS_MAX: usize = 20 * 366;

#[derive(Debug)]
pub(super) struct WorkingTime<'c> {
    calendar: &'c Calendar,
    zone: TimeZone,
}

/// What a day is before any hour of it is looked at.
struct Day {
    worked: Vec<DaySpan>,
    working: &'static str,
    /// What the rest of the day is, if none of it is worked.
    idle: &'static str,
}

impl<'c> WorkingTime<'c> {
    pub fn new(calendar: &'c Calendar) -> WorkingTime<'c> {
        WorkingTime { calendar, zone: zone(&calendar.zone).unwrap_or(TimeZone::UTC) }
    }

    /// Everything from an instant on, without a hole.
    pub fn stretches_from(&self, start: Timestamp) -> impl Iterator<Item = Stretch> {
        self.dates_from(start).flat_map(|date| self.stretches_of(date)).filter_map(move |stretch| {
            let from = stretch.from.max(start);
            (from < stretch.to).then_some(Stretch { from, ..stretch })
        })
    }

    /// The beginning of the day after the one in which the instant lies.
    pub fn next_midnight(&self, instant: Timestamp) -> Timestamp {
        let date = self.zone.to_datetime(instant).date();
        self.instant(date, 24 * 60).max(instant)
    }

    /// The working time of the next so many worked days.
    pub fn length_of_days(&self, start: Timestamp, days: i64) -> SignedDuration {
        self.dates_from(start)
            .map(|date| {
                let stretches = self.stretches_of(date);
                stretches.iter().filter(|one| one.counts).map(Stretch::length).sum()
            })
            .filter(|length: &SignedDuration| !length.is_zero())
            .take(usize::try_from(days).unwrap_or(0))
            .sum()
    }

    fn dates_from(&self, start: Timestamp) -> impl Iterator<Item = Date> {
        let first = self.zone.to_datetime(start).date();
        first.series(1.day()).take(DAYS_MAX)
    }

    fn stretches_of(&self, date: Date) -> Vec<Stretch> {
        let day = self.day(date);
        let (midnight, end) = (self.instant(date, 0), self.instant(date, 24 * 60));
        let mut stretches = Vec::new();
        let mut at = midnight;
        for span in &day.worked {
            // Where the clocks change, local times may fall together or swap.
            let from = self.instant(date, span.from_minute).max(at);
            let to = self.instant(date, span.to_minute).max(from);
            let before = if at == midnight { "night" } else { "break" };
            stretches.push(Stretch::idle(at, from, before));
            stretches.push(Stretch::counting(from, to, day.working));
            at = to;
        }
        let rest = if day.worked.is_empty() { day.idle } else { "night" };
        stretches.push(Stretch::idle(at, end.max(at), rest));
        stretches.retain(|stretch| stretch.from < stretch.to);
        stretches
    }

    fn day(&self, date: Date) -> Day {
        let usual = &self.calendar.week[weekday(date)];
        let Some(year) = self.calendar.years.get(&date.year()) else {
            let worked = usual.clone();
            return Day { worked, working: "working_unlisted_year", idle: "weekend" };
        };
        let holiday = year.holidays.contains(&date);
        let worked = match (year.working.contains(&date), holiday) {
            (true, _) => self.calendar.week[FRIDAY].clone(),
            (false, true) => Vec::new(),
            (false, false) => usual.clone(),
        };
        let worked = if year.short.contains(&date) { without_last_hour(worked) } else { worked };
        Day { worked, working: "working", idle: if holiday { "holiday" } else { "weekend" } }
    }

    /// The instant of a minute of a local day; minute 1440 is the next midnight.
    /// A local time that does not exist or exists twice is read as the clock on
    /// the wall before the change would have it.
    fn instant(&self, date: Date, minute: u16) -> Timestamp {
        let midnight: DateTime = date.to_datetime(jiff::civil::Time::midnight());
        let local = midnight.saturating_add(i64::from(minute).minutes());
        self.zone.to_timestamp(local).unwrap_or(Timestamp::MAX)
    }
}

const FRIDAY: usize = 4;

fn weekday(date: Date) -> usize {
    usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0)
}

fn without_last_hour(mut spans: Vec<DaySpan>) -> Vec<DaySpan> {
    let mut less = 60;
    while let Some(last) = spans.last_mut() {
        let length = last.to_minute - last.from_minute;
        if length > less {
            last.to_minute -= less;
            break;
        }
        less -= length;
        spans.pop();
        if less == 0 {
            break;
        }
    }
    spans
}
