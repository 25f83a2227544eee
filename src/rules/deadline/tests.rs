use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::model::clock::{
    Calendar, CalendarYear, ClockKind, DaySpan, LadderStep, Notify, StepAt, Term, Terms,
};
use crate::model::time::zone;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn span(from: (u16, u16), to: (u16, u16)) -> DaySpan {
    DaySpan { from_minute: from.0 * 60 + from.1, to_minute: to.0 * 60 + to.1 }
}

/// 08:00–12:00 and 13:00–17:00, on Fridays to 16:00; the May of 2026 with its
/// holidays, a moved day and a short one.
fn calendar(zone: &str) -> Calendar {
    let day = vec![span((8, 0), (12, 0)), span((13, 0), (17, 0))];
    let friday = vec![span((8, 0), (12, 0)), span((13, 0), (16, 0))];
    let week = [day.clone(), day.clone(), day.clone(), day, friday, Vec::new(), Vec::new()];
    let year = CalendarYear {
        holidays: vec![date("2026-05-01"), date("2026-05-11")],
        working: vec![date("2026-05-16")],
        short: vec![date("2026-04-30"), date("2026-05-08")],
        source: "a decree".to_owned(),
    };
    Calendar { zone: zone.to_owned(), week, years: [(2026, year)].into() }
}

fn moscow() -> Calendar {
    calendar("Europe/Moscow")
}

/// `2026-05-08 10:00` on the clocks of the calendar's zone.
fn local(calendar: &Calendar, text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    zone(&calendar.zone).unwrap().to_timestamp(local).unwrap()
}

fn shown(calendar: &Calendar, instant: Timestamp) -> String {
    zone(&calendar.zone).unwrap().to_datetime(instant).strftime("%Y-%m-%d %H:%M").to_string()
}

fn due(term: Term, start: Timestamp, pauses: &[Pause], calendar: &Calendar) -> Timestamp {
    deadline(ClockKind::FirstAnswer, term, start, pauses, calendar).due_at
}

#[test]
fn a_month_of_cases() {
    use Term::{ElapsedSecs, WorkingDays, WorkingMinutes};
    let cases = [
        // Elapsed time knows no night, no weekend and no holiday.
        (ElapsedSecs(86_400), "2026-05-08 23:59", "2026-05-09 23:59"),
        (ElapsedSecs(3_600), "2026-05-01 03:00", "2026-05-01 04:00"),
        // Inside one span, to its very end, and over the break.
        (WorkingMinutes(60), "2026-05-12 08:00", "2026-05-12 09:00"),
        (WorkingMinutes(240), "2026-05-12 08:00", "2026-05-12 12:00"),
        (WorkingMinutes(241), "2026-05-12 08:00", "2026-05-12 13:01"),
        (WorkingMinutes(60), "2026-05-12 12:30", "2026-05-12 14:00"),
        // From the night, from the evening, from a weekend.
        (WorkingMinutes(30), "2026-05-12 03:00", "2026-05-12 08:30"),
        (WorkingMinutes(30), "2026-05-12 17:00", "2026-05-13 08:30"),
        (WorkingMinutes(30), "2026-05-23 12:00", "2026-05-25 08:30"),
        // Nine hours: a day and one hour; from Friday's short afternoon to Monday.
        (WorkingMinutes(540), "2026-05-12 08:00", "2026-05-13 09:00"),
        (WorkingMinutes(120), "2026-05-22 15:00", "2026-05-25 09:00"),
        // Short Thursday before the first of May, then a holiday and a weekend.
        (WorkingMinutes(120), "2026-04-30 15:00", "2026-05-04 09:00"),
        // Short Friday (to 15:00), weekend, holiday on Monday the eleventh.
        (WorkingMinutes(60), "2026-05-08 14:30", "2026-05-12 08:30"),
        // The worked Saturday has Friday's hours.
        (WorkingMinutes(60), "2026-05-15 15:30", "2026-05-16 08:30"),
        (WorkingMinutes(60), "2026-05-16 15:30", "2026-05-18 08:30"),
        // Working days: the day of the start does not count, whatever its hour.
        (WorkingDays(1), "2026-05-12 00:00", "2026-05-13 17:00"),
        (WorkingDays(1), "2026-05-12 23:59", "2026-05-13 17:00"),
        (WorkingDays(1), "2026-05-14 10:00", "2026-05-15 16:00"),
        (WorkingDays(2), "2026-05-14 10:00", "2026-05-16 16:00"),
        (WorkingDays(3), "2026-05-14 10:00", "2026-05-18 17:00"),
        (WorkingDays(1), "2026-05-07 10:00", "2026-05-08 15:00"),
        (WorkingDays(2), "2026-05-07 10:00", "2026-05-12 17:00"),
        (WorkingDays(7), "2026-04-29 10:00", "2026-05-12 17:00"),
        (WorkingDays(1), "2026-05-09 10:00", "2026-05-12 17:00"),
    ];
    let calendar = moscow();
    for (term, start, expected) in cases {
        let due = due(term, local(&calendar, start), &[], &calendar);
        assert_eq!(shown(&calendar, due), expected, "{term:?} from {start}");
    }
}

#[test]
fn pauses_stop_the_clock() {
    use Term::{ElapsedSecs, WorkingDays, WorkingMinutes};
    let cases = [
        (ElapsedSecs(86_400), "2026-05-12 10:00", "2026-05-12 12:00", "2026-05-13 12:00"),
        (WorkingMinutes(60), "2026-05-12 08:30", "2026-05-12 08:45", "2026-05-12 09:15"),
        // Only the worked part of a pause moves a working term.
        (WorkingMinutes(120), "2026-05-12 11:30", "2026-05-12 13:30", "2026-05-12 10:00"),
        (WorkingMinutes(300), "2026-05-12 11:30", "2026-05-12 13:30", "2026-05-12 15:00"),
        (WorkingMinutes(480), "2026-05-12 17:00", "2026-05-13 08:00", "2026-05-12 17:00"),
        (WorkingDays(1), "2026-05-13 08:00", "2026-05-13 17:00", "2026-05-14 17:00"),
        (WorkingDays(1), "2026-05-13 16:00", "2026-05-14 09:00", "2026-05-14 10:00"),
        // A pause on the day of the start lies before the days that count.
        (WorkingDays(1), "2026-05-12 10:00", "2026-05-12 12:00", "2026-05-13 17:00"),
    ];
    let calendar = moscow();
    let start = local(&calendar, "2026-05-12 08:00");
    for (term, from, to, expected) in cases {
        let start = if term == ElapsedSecs(86_400) { local(&calendar, from) } else { start };
        let pause = (local(&calendar, from), Some(local(&calendar, to)));
        let due = due(term, start, &[pause], &calendar);
        assert_eq!(shown(&calendar, due), expected, "{term:?} paused {from} – {to}");
    }
}

#[test]
fn overlapping_pauses_count_once_and_an_open_one_is_shown() {
    let calendar = moscow();
    let start = local(&calendar, "2026-05-12 08:00");
    let at = |text: &str| local(&calendar, text);
    let pauses = [
        (at("2026-05-12 10:00"), Some(at("2026-05-12 11:00"))),
        (at("2026-05-12 09:00"), Some(at("2026-05-12 10:30"))),
        (at("2026-05-12 12:30"), None),
    ];
    let deadline =
        deadline(ClockKind::FinalAnswer, Term::ElapsedSecs(8 * 3_600), start, &pauses, &calendar);
    assert_eq!(shown(&calendar, deadline.due_at), "2026-05-12 18:00");
    let spans: Vec<(&str, i64)> =
        deadline.spans.iter().map(|span| (span.kind.as_str(), span.counted_secs)).collect();
    let hour = 3_600;
    assert_eq!(
        spans,
        [
            ("elapsed", hour),
            ("paused", 0),
            ("elapsed", hour * 3 / 2),
            ("paused", 0),
            ("elapsed", hour * 11 / 2)
        ]
    );
}

#[test]
fn the_spans_explain() {
    let calendar = moscow();
    let start = local(&calendar, "2026-05-08 14:30");
    let deadline =
        deadline(ClockKind::FirstAnswer, Term::WorkingMinutes(300), start, &[], &calendar);
    let spans: Vec<(&str, String, i64)> = deadline
        .spans
        .iter()
        .map(|span| (span.kind.as_str(), shown(&calendar, span.to), span.counted_secs))
        .collect();
    let expected = [
        ("working", "2026-05-08 15:00", 1_800),
        ("night", "2026-05-09 00:00", 0),
        ("weekend", "2026-05-11 00:00", 0),
        ("holiday", "2026-05-12 00:00", 0),
        ("night", "2026-05-12 08:00", 0),
        ("working", "2026-05-12 12:00", 14_400),
        ("break", "2026-05-12 13:00", 0),
        ("working", "2026-05-12 13:30", 1_800),
    ];
    let expected: Vec<(&str, String, i64)> =
        expected.into_iter().map(|(kind, to, secs)| (kind, to.to_owned(), secs)).collect();
    assert_eq!(spans, expected);
}

#[test]
fn a_calendar_that_ends_keeps_its_weekends_and_says_so() {
    let calendar = moscow();
    let start = local(&calendar, "2026-12-31 16:00");
    let deadline = deadline(ClockKind::FirstAnswer, Term::WorkingDays(2), start, &[], &calendar);
    // Friday the first of January is taken for a plain Friday.
    assert_eq!(shown(&calendar, deadline.due_at), "2027-01-04 17:00");
    assert!(deadline.calendar_ran_out());
    let inside = local(&calendar, "2026-12-01 09:00");
    let term = Term::WorkingDays(2);
    assert!(!super::deadline(ClockKind::Take, term, inside, &[], &calendar).calendar_ran_out());
}

#[test]
fn clocks_that_change() {
    use Term::{ElapsedSecs, WorkingMinutes};
    // Berlin: 29 March 02:00 → 03:00, 25 October 03:00 → 02:00.
    let mut berlin = calendar("Europe/Berlin");
    berlin.week = [const { Vec::new() }; 7];
    berlin.week[6] = vec![span((1, 0), (5, 0))];
    let cases = [
        (ElapsedSecs(86_400), "2026-03-28 12:00", "2026-03-29 13:00"),
        (ElapsedSecs(86_400), "2026-10-24 12:00", "2026-10-25 11:00"),
        // The span from 01:00 to 05:00 lasts three hours in spring, five in autumn.
        (WorkingMinutes(180), "2026-03-28 12:00", "2026-03-29 05:00"),
        (WorkingMinutes(300), "2026-10-24 12:00", "2026-10-25 05:00"),
        (WorkingMinutes(181), "2026-03-28 12:00", "2026-04-05 01:01"),
    ];
    for (term, start, expected) in cases {
        let due = due(term, local(&berlin, start), &[], &berlin);
        assert_eq!(shown(&berlin, due), expected, "{term:?} from {start}");
    }
}

#[test]
fn a_calendar_that_never_works_ends() {
    let mut never = moscow();
    never.week = [const { Vec::new() }; 7];
    never.years.clear();
    let start = local(&never, "2026-05-12 08:00");
    for term in [Term::WorkingMinutes(1), Term::WorkingDays(1)] {
        assert!(due(term, start, &[], &never) > start);
    }
}

#[test]
fn the_ladder_is_instants_in_order() {
    let calendar = moscow();
    let start = local(&calendar, "2026-05-12 10:00");
    let first = deadline(ClockKind::FirstAnswer, Term::ElapsedSecs(86_400), start, &[], &calendar);
    let take = deadline(ClockKind::Take, Term::ElapsedSecs(4 * 3_600), start, &[], &calendar);
    let step = |id: &str, clock, at, notify| LadderStep { id: id.to_owned(), clock, at, notify };
    let steps = [
        step("late", ClockKind::FirstAnswer, StepAt::OffsetSecs(3_600), Notify::Oversight),
        step("soon", ClockKind::FirstAnswer, StepAt::OffsetSecs(-7_200), Notify::Head),
        step("due", ClockKind::FirstAnswer, StepAt::OffsetSecs(0), Notify::Administrator),
        step("half", ClockKind::FirstAnswer, StepAt::Percent(50), Notify::Coordinator),
        step("take", ClockKind::Take, StepAt::Percent(100), Notify::Coordinator),
        step("final", ClockKind::FinalAnswer, StepAt::Percent(50), Notify::Coordinator),
    ];
    let planned: Vec<(String, String)> = ladder(&steps, &[first, take])
        .into_iter()
        .map(|step| (step.step, shown(&calendar, step.due_at)))
        .collect();
    let expected = [
        ("take", "2026-05-12 14:00"),
        ("half", "2026-05-12 22:00"),
        ("soon", "2026-05-13 08:00"),
        ("due", "2026-05-13 10:00"),
        ("late", "2026-05-13 11:00"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(id, at)| ((*id).to_owned(), (*at).to_owned())).collect();
    assert_eq!(planned, expected);
}

#[test]
fn terms_by_importance() {
    let terms = |id: &str, importance: &[u8]| Terms {
        id: id.to_owned(),
        importance: importance.to_vec(),
        take: Term::ElapsedSecs(1),
        first_answer: Term::ElapsedSecs(2),
        final_answer: Term::ElapsedSecs(3),
    };
    let all = [terms("ordinary", &[1, 2, 3]), terms("danger", &[5])];
    for (importance, expected) in [(1, Some("ordinary")), (5, Some("danger")), (4, None)] {
        assert_eq!(terms_for(importance, &all).map(|terms| terms.id.as_str()), expected);
    }
}

/// Any minute of 2026 and a little beyond, where the calendar has ended.
fn any_start() -> impl Strategy<Value = Timestamp> {
    (0..400 * 24 * 60_i64)
        .prop_map(|minute| Timestamp::from_second(1_767_214_800 + minute * 60).unwrap())
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Europe/Moscow",
        "Europe/Berlin",
        "Asia/Kamchatka",
        "America/St_Johns",
        "Australia/Lord_Howe",
    ])
}

fn any_term() -> impl Strategy<Value = Term> {
    prop_oneof![
        (1..10 * 86_400_i64).prop_map(Term::ElapsedSecs),
        (1..5_000_i64).prop_map(Term::WorkingMinutes),
        (1..15_i64).prop_map(Term::WorkingDays),
    ]
}

/// Working time between two instants, counted minute by minute: slow and plain.
fn worked_minutes(calendar: &Calendar, from: Timestamp, to: Timestamp) -> i64 {
    let zone = zone(&calendar.zone).unwrap();
    let mut at = from;
    let mut minutes = 0;
    while at < to {
        let local = zone.to_datetime(at);
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        let day = day_by_hand(calendar, local.date());
        if day.iter().any(|span| (span.from_minute..span.to_minute).contains(&minute)) {
            minutes += 1;
        }
        at += SignedDuration::from_mins(1);
    }
    minutes
}

fn day_by_hand(calendar: &Calendar, date: Date) -> Vec<DaySpan> {
    let weekday = date.weekday().to_monday_zero_offset() as usize;
    let Some(year) = calendar.years.get(&date.year()) else {
        return calendar.week[weekday].clone();
    };
    let mut day = calendar.week[weekday].clone();
    if year.holidays.contains(&date) {
        day = Vec::new();
    }
    if year.working.contains(&date) {
        day = calendar.week[4].clone();
    }
    if year.short.contains(&date)
        && let Some(last) = day.last_mut()
    {
        last.to_minute -= 60;
    }
    day
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_later_start_is_never_due_earlier(
        start in any_start(), gap in 0..4_000_i64, term in any_term(), zone in any_zone()
    ) {
        let calendar = calendar(zone);
        let later = start + SignedDuration::from_mins(gap);
        prop_assert!(due(term, start, &[], &calendar) <= due(term, later, &[], &calendar));
    }

    #[test]
    fn elapsed_terms_last_their_seconds(start in any_start(), secs in 1..1_000_000_i64) {
        let due = due(Term::ElapsedSecs(secs), start, &[], &moscow());
        prop_assert_eq!(due.duration_since(start), SignedDuration::from_secs(secs));
    }

    #[test]
    fn working_terms_last_their_minutes(
        start in any_start(), minutes in 1..2_000_i64, zone in any_zone()
    ) {
        let calendar = calendar(zone);
        let due = due(Term::WorkingMinutes(minutes), start, &[], &calendar);
        prop_assert_eq!(worked_minutes(&calendar, start, due), minutes);
    }

    #[test]
    fn a_pause_moves_an_elapsed_term_by_its_length(
        start in any_start(), after in 0..1_440_i64, length in 0..10_000_i64
    ) {
        let calendar = moscow();
        let term = Term::ElapsedSecs(86_400);
        let from = start + SignedDuration::from_mins(after);
        prop_assume!(after < 1_440);
        let pause = (from, Some(from + SignedDuration::from_mins(length)));
        let moved = due(term, start, &[pause], &calendar)
            .duration_since(due(term, start, &[], &calendar));
        prop_assert_eq!(moved, SignedDuration::from_mins(length));
    }

    #[test]
    fn a_pause_moves_a_working_term_by_its_working_time(
        start in any_start(), after in 0..600_i64, length in 0..5_000_i64
    ) {
        let calendar = moscow();
        let from = start + SignedDuration::from_mins(after);
        let to = from + SignedDuration::from_mins(length);
        let term = Term::WorkingMinutes(960);
        let plain = due(term, start, &[], &calendar);
        prop_assume!(from < plain);
        let paused = due(term, start, &[(from, Some(to))], &calendar);
        let moved = worked_minutes(&calendar, plain, paused);
        prop_assert_eq!(moved, worked_minutes(&calendar, from, to));
    }

    #[test]
    fn spans_go_from_start_to_due_without_a_hole(
        start in any_start(), term in any_term(), after in 0..3_000_i64, length in 1..3_000_i64,
        zone in any_zone()
    ) {
        let calendar = calendar(zone);
        let from = start + SignedDuration::from_mins(after);
        let pause = (from, Some(from + SignedDuration::from_mins(length)));
        let deadline = deadline(ClockKind::Take, term, start, &[pause], &calendar);
        let mut at = start;
        for span in &deadline.spans {
            prop_assert_eq!(span.from, at);
            prop_assert!(span.to > span.from);
            at = span.to;
        }
        prop_assert_eq!(at, deadline.due_at);
        let counted: i64 = deadline.spans.iter().map(|span| span.counted_secs).sum();
        if let Term::ElapsedSecs(secs) = term {
            prop_assert_eq!(counted, secs);
        }
        if let Term::WorkingMinutes(minutes) = term {
            prop_assert_eq!(counted, minutes * 60);
        }
    }
}
