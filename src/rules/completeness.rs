//! How complete what people see is: one value, made here and nowhere else,
//! that stands beside every figure.

use crate::model::alarm::Alarm;
use crate::model::alarm::AlarmKind;
use crate::model::alarm::Subject;
use crate::model::gap::GapCounts;
use crate::model::source::Outcome;
use crate::model::source::Source;
use crate::model::source::Standing;

/// What the figures speak of: a stretch that is missing from the time before
/// makes none of them wrong.
pub const PERIOD_DAYS: i64 = 30;

/// Every planned source is in exactly one of polled, refused, failed, paused
/// and waiting. The blind are counted among them once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Completeness {
    pub planned: u64,
    /// The last poll read it.
    pub polled: u64,
    /// The network said no.
    pub refused: u64,
    /// It could not be read.
    pub failed: u64,
    /// A person has stopped it.
    pub paused: u64,
    /// Not asked yet.
    pub waiting: u64,
    /// Nothing is seen of it, whatever the polls say: silent beyond its
    /// rhythm, empty, unreadable, closed or out of reach.
    pub blind: u64,
    /// Streams that show a part of what they are asked for, counted among the
    /// others too.
    pub partial: u64,
    /// Of planned sources and the period that the figures speak of.
    pub gaps: GapCounts,
}

impl Completeness {
    pub fn is_whole(&self) -> bool {
        let GapCounts { open, filling, filled: _, lost } = self.gaps;
        self.planned == self.polled
            && self.blind == 0
            && self.partial == 0
            && open + filling + lost == 0
    }
}

/// Counts every planned source once; `partial` is how many streams show a part.
pub fn completeness(
    planned: &[Source],
    states: &[Standing],
    open: &[Alarm],
    gaps: GapCounts,
    partial: u64,
) -> Completeness {
    let planned_count = planned.len() as u64;
    let mut count =
        Completeness { planned: planned_count, partial, gaps, ..Completeness::default() };
    let by_id: std::collections::BTreeMap<&str, &Standing> =
        states.iter().map(|state| (state.id.0.as_str(), state)).collect();
    let blind: std::collections::BTreeSet<&str> = open.iter().filter_map(blinded).collect();
    for source in planned {
        let state = by_id.get(source.id.0.as_str());
        let one = match state.and_then(|state| state.last_outcome) {
            outcome if state.is_some_and(|state| is_paused(state.stopped, outcome)) => {
                &mut count.paused
            }
            Some(Outcome::New | Outcome::NothingNew) => &mut count.polled,
            Some(Outcome::Refused) => &mut count.refused,
            Some(Outcome::Failed) => &mut count.failed,
            None => &mut count.waiting,
        };
        *one += 1;
        count.blind += u64::from(blind.contains(source.id.0.as_str()));
    }
    count
}

/// Stopped by a person, not by the network's answer.
pub fn is_paused(stopped: bool, outcome: Option<Outcome>) -> bool {
    stopped && outcome != Some(Outcome::Refused)
}

fn blinded(alarm: &Alarm) -> Option<&str> {
    let Subject::Source(id) = &alarm.subject else { return None };
    match alarm.kind {
        AlarmKind::Silent
        | AlarmKind::Empty
        | AlarmKind::Layout
        | AlarmKind::Closed
        | AlarmKind::Login
        | AlarmKind::Unreachable => Some(id),
        AlarmKind::Lag => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::SourceId;

    #[test]
    fn every_source_is_counted_once() {
        let outcomes = [
            ("a", Some(Outcome::New), false),
            ("b", Some(Outcome::NothingNew), false),
            ("c", Some(Outcome::Refused), true),
            ("d", Some(Outcome::Failed), false),
            ("e", Some(Outcome::New), true),
            ("f", None, false),
        ];
        let states: Vec<Standing> = outcomes
            .iter()
            .map(|(id, last_outcome, stopped)| Standing {
                id: SourceId((*id).to_owned()),
                next_poll_at: None,
                last_outcome: *last_outcome,
                stopped: *stopped,
            })
            .collect();
        let planned: Vec<Source> = ["a", "b", "c", "d", "e", "f", "g"].map(source).into();
        let alarm = |id: &str, kind| Alarm {
            id: 1,
            subject: Subject::Source(id.to_owned()),
            kind,
            raised_at: crate::model::time::Timestamp::UNIX_EPOCH,
            ended_at: None,
            detail: String::new(),
        };
        let open = [
            alarm("b", AlarmKind::Silent),
            alarm("c", AlarmKind::Closed),
            alarm("gone", AlarmKind::Silent),
        ];
        let gaps = GapCounts { open: 1, filling: 2, filled: 3, lost: 4 };
        let whole = completeness(&planned, &states, &open, gaps, 1);
        let expected = Completeness {
            planned: 7,
            polled: 2,
            refused: 1,
            failed: 1,
            paused: 1,
            waiting: 2,
            blind: 2,
            partial: 1,
            gaps,
        };
        assert_eq!(whole, expected);
        assert!(!whole.is_whole());
        let is_whole = |gaps| completeness(&planned[..1], &states, &[], gaps, 0).is_whole();
        assert!(is_whole(GapCounts { filled: 5, ..GapCounts::default() }));
        assert!(!is_whole(GapCounts { filling: 1, ..GapCounts::default() }));
        let none = GapCounts::default();
        assert!(!completeness(&planned[..1], &states, &[], none, 1).is_whole());
        assert!(!is_whole(GapCounts { lost: 1, ..GapCounts::default() }));
        let parts = whole.polled + whole.refused + whole.failed + whole.paused + whole.waiting;
        assert_eq!(parts, whole.planned);
    }

    fn source(id: &str) -> Source {
        Source { id: SourceId(id.to_owned()), name: id.to_owned(), ..Source::of("vk", "wall", id) }
    }
}
