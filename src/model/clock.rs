//! Terms, calendars, deadlines and ladders as values. The arithmetic is in
//! `rules::deadline`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Which of an incident's clocks is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Until a body takes the incident into work.
    Take,
    FirstAnswer,
    /// After an interim answer, until the final one.
    FinalAnswer,
}

impl ClockKind {
    pub const ALL: [ClockKind; 3] =
        [ClockKind::Take, ClockKind::FirstAnswer, ClockKind::FinalAnswer];

    pub fn as_str(self) -> &'static str {
        match self {
            ClockKind::Take => "take",
            ClockKind::FirstAnswer => "first_answer",
            ClockKind::FinalAnswer => "final_answer",
        }
    }

    pub fn parse(text: &str) -> Option<ClockKind> {
        ClockKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How long something may take. Elapsed and working time never mix: `24h` is
/// 86 400 elapsed seconds, `9wh` nine hours of the calendar's working time,
/// `7wd` ends at the close of the seventh working day after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    ElapsedSecs(i64),
    WorkingMinutes(i64),
    WorkingDays(i64),
}

/// The terms for incidents of some importance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub id: String,
    /// Importances (1..=5) that these terms hold for.
    pub importance: Vec<u8>,
    pub take: Term,
    pub first_answer: Term,
    pub final_answer: Term,
}

/// When a step of the ladder is due, relative to the term it watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAt {
    /// Share of the stretch from start to deadline, in per cent.
    Percent(u8),
    /// Seconds before (negative) or after the deadline.
    OffsetSecs(i64),
}

/// Whom a step tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    Coordinator,
    Head,
    Administrator,
    Oversight,
}

impl Notify {
    pub fn as_str(self) -> &'static str {
        match self {
            Notify::Coordinator => "coordinator",
            Notify::Head => "head",
            Notify::Administrator => "administrator",
            Notify::Oversight => "oversight",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    pub id: String,
    pub clock: ClockKind,
    pub at: StepAt,
    pub notify: Notify,
}

/// Working time of a region. Minutes of the local day, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// IANA name.
    pub zone: String,
    /// Monday first; several spans a day.
    pub week: [Vec<DaySpan>; 7],
    pub years: BTreeMap<i16, CalendarYear>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpan {
    pub from_minute: u16,
    pub to_minute: u16,
}

/// What differs from the plain week in one year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarYear {
    pub holidays: Vec<jiff::civil::Date>,
    /// Worked though a weekend, with Friday's hours.
    pub working: Vec<jiff::civil::Date>,
    /// One hour less than usual.
    pub short: Vec<jiff::civil::Date>,
    pub source: String,
}

/// A stretch that explains a deadline: `counted_secs` of it used up the term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedSpan {
    pub from: Timestamp,
    pub to: Timestamp,
    pub counted_secs: i64,
    /// `elapsed`; `working`, or `working_unlisted_year` where the calendar does
    /// not know the year and only weekends are left out; `night`, `break`,
    /// `weekend`, `holiday`, `start_day` (a term in working days does not count
    /// the day on which it starts), `paused`.
    pub kind: String,
}

/// An instant with the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub clock: ClockKind,
    pub term: Term,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub spans: Vec<ExplainedSpan>,
}

impl Deadline {
    /// Whether some of the way lies in a year that the calendar does not know.
    pub fn calendar_ran_out(&self) -> bool {
        self.spans.iter().any(|span| span.kind == "working_unlisted_year")
    }
}

/// A step of an incident's ladder, frozen when its clock started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    pub step: String,
    pub clock: ClockKind,
    pub due_at: Timestamp,
    pub notify: Notify,
    /// How often the incident had been opened again: each round has its own run.
    pub round: u32,
}
