use super::*;
use crate::model::source::Cursor;
use crate::model::source::HourCount;
use crate::model::source::Outcome;
use crate::model::source::SourceId;
use crate::rules::rhythm::hour_of;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Read at noon with nothing new since `last_new`.
fn state(last_new: &str, failures: u32) -> SourceState {
    SourceState {
        id: SourceId("vk:wall:-1".to_owned()),
        cursor: Cursor::default(),
        next_poll_at: Some(at("2026-11-18T12:10:00Z")),
        last_poll_at: Some(at("2026-11-18T12:00:00Z")),
        last_outcome: Some(Outcome::NothingNew),
        last_error: Some("class: what it said".to_owned()),
        last_new_at: Some(at(last_new)),
        failures_in_row: failures,
        stopped: false,
        polls: 9_000,
        posts: 5_000,
        rejected: 10,
        gaps: 0,
    }
}

/// Two posts in every hour of the last month.
fn lively() -> Rhythm {
    let until = hour_of(at("2026-11-18T00:00:00Z"));
    let counts: Vec<HourCount> =
        (until - 30 * 24..until).map(|hour| HourCount { hour, posts: 2 }).collect();
    Rhythm::learn(&counts, until)
}

/// One post on each of some mornings.
fn sleepy() -> Rhythm {
    let until = hour_of(at("2026-11-18T00:00:00Z"));
    let counts: Vec<HourCount> =
        (1..=10).map(|day| HourCount { hour: until - day * 72, posts: 1 }).collect();
    Rhythm::learn(&counts, until)
}

#[test]
fn every_way_to_fall_quiet_has_its_alarm() {
    use AlarmKind::{Closed, Empty, Layout, Login, Silent, Unreachable};
    use Reading::{NotLetIn, Paused, Read, Unreadable, Waits};
    let rhythms = [lively(), sleepy()];
    let recent = "2026-11-18T11:30:00Z";
    let yesterday = "2026-11-17T12:00:00Z";
    let check = |name: &str, facts: Facts<'_>, expected: Option<AlarmKind>| {
        assert_eq!(of_source(&facts, &[]).map(|(kind, _)| kind), expected, "{name}");
    };
    let facts = |state| Facts {
        state,
        reading: Read,
        rhythm: &rhythms[0],
        empty_polls: 0,
        rejected: 0,
        read: 40,
    };
    let fine = state(recent, 0);
    let quiet = state(yesterday, 0);
    let failing = state(recent, 4);
    let once = state(recent, 1);
    check("read and lively", facts(&fine), None);
    check("a day of silence", facts(&quiet), Some(Silent));
    check("the same of a sleepy one", Facts { rhythm: &rhythms[1], ..facts(&quiet) }, None);
    check("paused by a person", Facts { reading: Paused, ..facts(&quiet) }, None);
    check("empty once", Facts { empty_polls: 1, ..facts(&fine) }, None);
    check("200 with nothing", Facts { empty_polls: 3, ..facts(&fine) }, Some(Empty));
    check("unreadable once", Facts { reading: Unreadable, ..facts(&once) }, None);
    check("a new layout", Facts { reading: Unreadable, ..facts(&failing) }, Some(Layout));
    check("half unreadable", Facts { rejected: 20, read: 20, ..facts(&fine) }, Some(Layout));
    check("a few as usual", Facts { rejected: 4, read: 2, ..facts(&fine) }, None);
    let always = SourceState { rejected: 5_000, ..fine.clone() };
    check("half as ever", Facts { rejected: 20, read: 20, ..facts(&always) }, None);
    check("login refused", Facts { reading: NotLetIn, ..facts(&once) }, Some(Login));
    check("closed", Facts { reading: Reading::Closed, ..facts(&once) }, Some(Closed));
    let out = Facts { reading: Reading::Unreachable, ..facts(&failing) };
    check("out of reach", out, Some(Unreachable));
    check("out of reach once", Facts { state: &once, ..out }, None);
    check("waiting for the quota", Facts { reading: Waits, ..facts(&quiet) }, None);
    let never = SourceState { last_new_at: None, ..quiet.clone() };
    check("never spoke", facts(&never), None);
}

fn alarm(id: i64, kind: AlarmKind, raised_at: &str) -> Alarm {
    Alarm {
        id,
        subject: Subject::Source("vk:wall:-1".to_owned()),
        kind,
        raised_at: at(raised_at),
        ended_at: None,
        detail: "as it was".to_owned(),
    }
}

#[test]
fn an_alarm_stands_until_the_source_speaks() {
    let (lively, sleepy) = (lively(), sleepy());
    let raised = alarm(1, AlarmKind::Silent, "2026-11-18T06:00:00Z");
    let kind = |last_new: &str, rhythm, reading| {
        let state = state(last_new, 1);
        let facts = Facts { state: &state, reading, rhythm, empty_polls: 0, rejected: 0, read: 0 };
        of_source(&facts, &[&raised]).map(|(kind, _)| kind)
    };
    let (before, after) = ("2026-11-17T12:00:00Z", "2026-11-18T11:00:00Z");
    assert_eq!(kind(before, &lively, Reading::Read), Some(AlarmKind::Silent));
    assert_eq!(kind(before, &sleepy, Reading::Read), Some(AlarmKind::Silent), "another rhythm");
    assert_eq!(kind(before, &lively, Reading::Waits), Some(AlarmKind::Silent), "not asked");
    assert_eq!(kind(after, &lively, Reading::Read), None, "it spoke");
}

#[test]
fn a_source_that_fails_in_turns_is_told_of_once() {
    use AlarmKind::{Closed, Layout, Login, Silent, Unreachable};
    use Reading::{NotLetIn, Read, Unreadable, Waits};
    let rhythm = lively();
    let failing = state("2026-11-18T11:30:00Z", 9);
    let check = |open: AlarmKind, reading, expected: Option<AlarmKind>| {
        let open = alarm(1, open, "2026-11-18T06:00:00Z");
        let state = &failing;
        let facts = Facts { state, reading, rhythm: &rhythm, empty_polls: 0, rejected: 0, read: 0 };
        let kind = of_source(&facts, &[&open]).map(|(kind, _)| kind);
        assert_eq!(kind, expected, "{open:?} {reading:?}");
    };
    // A site that answers with an error and with garbage in turn.
    check(Unreachable, Unreadable, Some(Unreachable));
    check(Layout, Reading::Unreachable, Some(Layout));
    check(Layout, Waits, Some(Layout));
    // Now somebody has to act; from then on nothing else is told.
    check(Unreachable, NotLetIn, Some(Login));
    check(Login, Reading::Unreachable, Some(Login));
    check(Login, Reading::Closed, Some(Login));
    check(Closed, NotLetIn, Some(Closed));
    // What it kept silent about has a cause by now.
    check(Silent, Reading::Unreachable, Some(Unreachable));
    for open in [Layout, Unreachable, Login, Closed] {
        check(open, Read, None);
    }
}

#[test]
fn lateness_has_a_threshold_either_way() {
    fn check(late_minutes: &[i64], was_late: bool, is_late: bool) {
        let late = late_minutes.iter().map(|minutes| minutes * 60).collect();
        assert_eq!(of_network(late, was_late).is_some(), is_late, "{late_minutes:?} {was_late}");
    }
    check(&[], false, false);
    check(&[0, 0, 1], false, false);
    check(&[31], false, true);
    check(&[20], false, false);
    check(&[20], true, true);
    check(&[9], true, false);
    let mut one_of_many = vec![0; 99];
    one_of_many.push(600);
    check(&one_of_many, false, false);
}

#[test]
fn each_alarm_is_raised_once_and_ended_once() {
    let subject = || Subject::Source("vk:wall:-1".to_owned());
    let other = || Subject::Source("vk:wall:-2".to_owned());
    let open = [alarm(3, AlarmKind::Silent, "2026-11-18T06:00:00Z")];
    let holds = |subject, kind| (subject, kind, "now".to_owned());
    let same = changes(&open, vec![holds(subject(), AlarmKind::Silent)]);
    assert_eq!(same, Changes::default());
    assert_eq!(changes(&open, Vec::new()).ended, [3]);
    let holding = vec![holds(subject(), AlarmKind::Empty), holds(other(), AlarmKind::Silent)];
    let changed = changes(&open, holding);
    assert_eq!(changed.ended, [3]);
    assert_eq!(changed.raised.len(), 2);
    assert_eq!(changed.raised[0].1, AlarmKind::Silent, "ordered by kind");
}
