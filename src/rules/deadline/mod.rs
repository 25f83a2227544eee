//! When something is due, and why then: a pure function of the term, the
//! start, the pauses and the calendar. Never asks what time it is and never
//! decides what happens when the instant comes.
//!
//! A deadline is found by walking from the start through stretches of time
//! (working hours, nights, pauses …) until the stretches that count have used
//! up the term. The stretches on the way are the explanation.

#[cfg(test)]
mod tests;
mod working_time;

use jiff::SignedDuration;

use crate::model::clock::{
    Calendar, ClockKind, Deadline, ExplainedSpan, LadderStep, PlannedStep, StepAt, Term, Terms,
};
use crate::model::time::Timestamp;

use self::working_time::WorkingTime;

/// A pause: from when, and until when if it is over.
pub type Pause = (Timestamp, Option<Timestamp>);

/// The instant at which a term runs out, with the spans that explain it.
///
/// A pause that is not over yet is taken as over at once, so the instant is
/// the earliest that is possible; the caller lets nothing fall due meanwhile.
pub fn deadline(
    clock: ClockKind,
    term: Term,
    started_at: Timestamp,
    pauses: &[Pause],
    calendar: &Calendar,
) -> Deadline {
    let pauses = in_order(pauses);
    let working = WorkingTime::new(calendar);
    let mut walk = Walk { pauses: &pauses, spans: Vec::new(), at: started_at };
    match term {
        Term::ElapsedSecs(secs) => walk
            .until_used_up(SignedDuration::from_secs(secs), std::iter::once(forever(started_at))),
        Term::WorkingMinutes(minutes) => {
            let need = SignedDuration::from_secs(minutes.saturating_mul(60));
            walk.until_used_up(need, working.stretches_from(started_at));
        }
        Term::WorkingDays(days) => {
            let first = working.next_midnight(started_at);
            let need = working.length_of_days(first, days);
            let start_day = Stretch::idle(started_at, first, "start_day");
            let rest = working.stretches_from(first);
            walk.until_used_up(need, std::iter::once(start_day).chain(rest));
        }
    }
    Deadline { clock, term, started_at, due_at: walk.at, spans: walk.spans }
}

/// The terms that hold for an importance; the first that name it win.
pub fn terms_for(importance: u8, terms: &[Terms]) -> Option<&Terms> {
    terms.iter().find(|terms| terms.importance.contains(&importance))
}

/// The steps of a ladder as instants, in order of time.
pub fn ladder(steps: &[LadderStep], deadlines: &[Deadline]) -> Vec<PlannedStep> {
    let mut planned: Vec<PlannedStep> = steps
        .iter()
        .filter_map(|step| {
            let deadline = deadlines.iter().find(|deadline| deadline.clock == step.clock)?;
            Some(PlannedStep {
                step: step.id.clone(),
                clock: step.clock,
                due_at: due_at(step.at, deadline),
                notify: step.notify,
                round: 0,
            })
        })
        .collect();
    planned.sort_by(|one, other| (one.due_at, &one.step).cmp(&(other.due_at, &other.step)));
    planned
}

fn due_at(at: StepAt, deadline: &Deadline) -> Timestamp {
    match at {
        StepAt::Percent(percent) => {
            let length_ms = deadline.due_at.duration_since(deadline.started_at).as_millis();
            let share_ms = length_ms * i128::from(percent) / 100;
            let share = SignedDuration::from_millis(i64::try_from(share_ms).unwrap_or(i64::MAX));
            later(deadline.started_at, share)
        }
        StepAt::OffsetSecs(secs) => later(deadline.due_at, SignedDuration::from_secs(secs)),
    }
}

/// A piece of time that either uses up a term or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    kind: &'static str,
    counts: bool,
}

impl Stretch {
    fn counting(from: Timestamp, to: Timestamp, kind: &'static str) -> Stretch {
        Stretch { from, to, kind, counts: true }
    }

    fn idle(from: Timestamp, to: Timestamp, kind: &'static str) -> Stretch {
        Stretch { from, to, kind, counts: false }
    }

    fn length(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    /// The stretch without its pauses, and the pauses in it.
    fn split(self, pauses: &[(Timestamp, Timestamp)]) -> Vec<Stretch> {
        let mut pieces = Vec::new();
        let mut at = self.from;
        for &(from, to) in pauses.iter().filter(|(from, to)| *from < self.to && *to >= self.from) {
            let (from, to) = (from.max(at), to.min(self.to));
            if from > at {
                pieces.push(Stretch { from: at, to: from, ..self });
            }
            if to >= from {
                pieces.push(Stretch::idle(from, to, "paused"));
                at = to;
            }
        }
        if at < self.to {
            pieces.push(Stretch { from: at, ..self });
        }
        pieces
    }
}

fn forever(from: Timestamp) -> Stretch {
    Stretch::counting(from, Timestamp::MAX, "elapsed")
}

#[derive(Debug)]
struct Walk<'p> {
    pauses: &'p [(Timestamp, Timestamp)],
    spans: Vec<ExplainedSpan>,
    at: Timestamp,
}

impl Walk<'_> {
    fn until_used_up(&mut self, need: SignedDuration, stretches: impl Iterator<Item = Stretch>) {
        let mut left = need;
        for piece in stretches.flat_map(|stretch| stretch.split(self.pauses)) {
            if piece.counts && left <= piece.length() {
                self.at = later(piece.from, left);
                explain(&mut self.spans, Stretch { to: self.at, ..piece });
                return;
            }
            if piece.counts {
                left -= piece.length();
            }
            self.at = piece.to;
            explain(&mut self.spans, piece);
        }
    }
}

fn explain(spans: &mut Vec<ExplainedSpan>, piece: Stretch) {
    let counted_secs = if piece.counts { piece.length().as_secs() } else { 0 };
    match spans.last_mut() {
        Some(last) if last.kind == piece.kind && last.to == piece.from => {
            last.to = piece.to;
            last.counted_secs += counted_secs;
        }
        Some(_) | None => spans.push(ExplainedSpan {
            from: piece.from,
            to: piece.to,
            counted_secs,
            kind: piece.kind.to_owned(),
        }),
    }
}

/// Pauses in order and apart from each other; an open one has no length.
fn in_order(pauses: &[Pause]) -> Vec<(Timestamp, Timestamp)> {
    let mut sorted: Vec<(Timestamp, Timestamp)> =
        pauses.iter().map(|&(from, to)| (from, to.unwrap_or(from).max(from))).collect();
    sorted.sort();
    let mut apart: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in sorted {
        match apart.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            Some(_) | None => apart.push((from, to)),
        }
    }
    apart
}

/// Stays inside the calendar: a term of a million years ends with it.
fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    instant.checked_add(by).unwrap_or(end)
}
