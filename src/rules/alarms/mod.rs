//! What is wrong with a source, from what is known of its reading: quiet is
//! judged by the source's own rhythm. And which alarms that raises and ends.

#[cfg(test)]
mod tests;

use crate::model::alarm::Alarm;
use crate::model::alarm::AlarmKind;
use crate::model::alarm::Subject;
use crate::model::source::SourceState;
use crate::model::time::Timestamp;
use crate::rules::rhythm::Rhythm;

/// A silence that is less probable is an alarm. A thousand sources judged
/// every hour would still be wrong now and then: hence so small.
pub const SILENCE_IMPROBABLE: f64 = 0.001;
/// However lively a source: people sleep, and a network is slow.
const SILENCE_LEAST_SECS: i64 = 3 * 3_600;
/// Polls in a row that show nothing at all.
const EMPTY_POLLS: u32 = 3;
/// Failures in a row, each waited for longer than the one before.
const FAILURES: u32 = 4;
const UNREADABLE_IN_ROW: u32 = 3;
/// Items of a day that could not be read: how many, which share, and how many
/// times the usual share.
const REJECTED_LEAST: u64 = 5;
const REJECTED_SHARE: f64 = 0.2;
const REJECTED_JUMP: f64 = 4.0;
/// Lateness of polls that begins an alarm, and that ends it.
const LATE_SECS: i64 = 30 * 60;
const IN_TIME_SECS: i64 = 10 * 60;

/// Alarms for which somebody has to let us in again, and those that may be
/// over by themselves.
const SHUT: [AlarmKind; 2] = [AlarmKind::Login, AlarmKind::Closed];
const BROKEN: [AlarmKind; 2] = [AlarmKind::Layout, AlarmKind::Unreachable];

/// How the last poll ended, by what it means for the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Read,
    /// The network, or our own budget, asks for patience.
    Waits,
    Unreadable,
    Unreachable,
    NotLetIn,
    Closed,
    /// A person has paused it.
    Paused,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    pub state: &'f SourceState,
    pub reading: Reading,
    /// Learnt up to its last new post, so that the silence is not learnt.
    pub rhythm: &'f Rhythm,
    /// Polls in a row that showed nothing, though posts were shown before.
    pub empty_polls: u32,
    /// Of the last day.
    pub rejected: u64,
    pub read: u64,
}

/// What holds now, in English figures; at most one cause a source.
pub fn of_source(facts: &Facts<'_>, open: &[&Alarm]) -> Option<(AlarmKind, String)> {
    let goes_on = |alarm: &&Alarm| (alarm.kind, alarm.detail.clone());
    let open_one = |kinds: &[AlarmKind]| open.iter().find(|alarm| kinds.contains(&alarm.kind));
    let shut = open_one(&SHUT);
    match facts.reading {
        Reading::Paused => None,
        // Once raised it stands until the source is read again: one that fails
        // now in this way, now in that, is told of once.
        Reading::NotLetIn | Reading::Closed => shut.map(goes_on).or_else(|| failing(facts)),
        Reading::Unreadable | Reading::Unreachable | Reading::Waits => {
            let stands = shut.or_else(|| open_one(&BROKEN)).map(goes_on);
            // Not long enough to begin an alarm is no sign that one is over.
            stands.or_else(|| failing(facts)).or_else(|| open.first().map(goes_on))
        }
        Reading::Read if EMPTY_POLLS <= facts.empty_polls => {
            let polls = facts.empty_polls;
            Some((AlarmKind::Empty, format!("{polls} polls in a row show no post at all")))
        }
        Reading::Read => rejecting(facts).or_else(|| silent(facts, open)),
    }
}

/// What the failures of a source come to by themselves.
fn failing(facts: &Facts<'_>) -> Option<(AlarmKind, String)> {
    let failures = facts.state.failures_in_row;
    let kind = match facts.reading {
        Reading::NotLetIn => AlarmKind::Login,
        Reading::Closed => AlarmKind::Closed,
        Reading::Unreadable if UNREADABLE_IN_ROW <= failures => AlarmKind::Layout,
        Reading::Unreachable if FAILURES <= failures => AlarmKind::Unreachable,
        Reading::Unreadable
        | Reading::Unreachable
        | Reading::Waits
        | Reading::Read
        | Reading::Paused => return None,
    };
    Some((kind, facts.state.last_error.clone().unwrap_or_default()))
}

/// Whether far more items than usual cannot be read.
fn rejecting(facts: &Facts<'_>) -> Option<(AlarmKind, String)> {
    let share = |rejected: u64, read: u64| rejected as f64 / (rejected + read).max(1) as f64;
    let today = share(facts.rejected, facts.read);
    let before_rejected = facts.state.rejected.saturating_sub(facts.rejected);
    let before_read = facts.state.posts.saturating_sub(facts.read);
    let usual = share(before_rejected, before_read);
    let jumps = REJECTED_LEAST <= facts.rejected
        && REJECTED_SHARE <= today
        && usual * REJECTED_JUMP <= today;
    let all = facts.rejected + facts.read;
    let detail = || format!("{} of {all} items of a day could not be read", facts.rejected);
    jumps.then(|| (AlarmKind::Layout, detail()))
}

fn silent(facts: &Facts<'_>, open: &[&Alarm]) -> Option<(AlarmKind, String)> {
    let spoke_at = facts.state.last_new_at?;
    let asked_at = facts.state.last_poll_at?;
    // Once raised it stands until the source speaks: a later look at the
    // rhythm must not end it.
    let raised = open.iter().find(|alarm| alarm.kind == AlarmKind::Silent);
    if let Some(raised) = raised.filter(|raised| spoke_at <= raised.raised_at) {
        return Some((AlarmKind::Silent, raised.detail.clone()));
    }
    let is_long = SILENCE_LEAST_SECS <= asked_at.duration_since(spoke_at).as_secs();
    if !is_long || SILENCE_IMPROBABLE <= facts.rhythm.silence(spoke_at, asked_at) {
        return None;
    }
    let expected = facts.rhythm.expected(spoke_at, asked_at);
    Some((AlarmKind::Silent, format!("nothing new since {spoke_at}, {expected:.0} posts expected")))
}

/// Whether a network's sources wait too long: the lateness of all its polls
/// that are due, in seconds, and whether it was late before.
pub fn of_network(mut late_secs: Vec<i64>, was_late: bool) -> Option<(AlarmKind, String)> {
    late_secs.sort_unstable();
    let rank = (late_secs.len() * 95).div_ceil(100).max(1);
    let late = late_secs.get(rank - 1).copied().unwrap_or(0);
    let most = if was_late { IN_TIME_SECS } else { LATE_SECS };
    let minutes = late / 60;
    let detail = || format!("one poll in twenty is {minutes} minutes late or more");
    (most < late).then(|| (AlarmKind::Lag, detail()))
}

/// What holds now beside what was raised before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    pub raised: Vec<(Subject, AlarmKind, String)>,
    pub ended: Vec<i64>,
}

/// Alarms to raise, ordered so that what is told together stands together,
/// and alarms whose cause is gone.
pub fn changes(open: &[Alarm], holding: Vec<(Subject, AlarmKind, String)>) -> Changes {
    let holds = |alarm: &Alarm| {
        holding.iter().any(|(subject, kind, _)| *subject == alarm.subject && *kind == alarm.kind)
    };
    let ended = open.iter().filter(|alarm| !holds(alarm)).map(|alarm| alarm.id).collect();
    let is_open = |subject: &Subject, kind: AlarmKind| {
        open.iter().any(|alarm| alarm.subject == *subject && alarm.kind == kind)
    };
    let mut raised: Vec<_> =
        holding.into_iter().filter(|(subject, kind, _)| !is_open(subject, *kind)).collect();
    raised.sort_by(|one, other| (one.1, &one.0).cmp(&(other.1, &other.0)));
    Changes { raised, ended }
}

/// How long the poll that was planned for that instant is overdue; 0 where it
/// is not, or none is planned.
pub fn late_secs(next_poll_at: Option<Timestamp>, now: Timestamp) -> i64 {
    next_poll_at.map_or(0, |due| now.duration_since(due).as_secs().max(0))
}
