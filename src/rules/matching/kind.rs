//! What kind of post it is, from the signals and marks that decided whether it
//! is taken. Weighs nothing anew: the numbers are those of the ruleset.

use crate::model::finding::{MarkMatch, PostKind, SignalMatch};
use crate::model::topic::SignalKind;

use super::marks::{COMMENT, QUESTION, TOPIC_NAMED};

/// What a topic's phrase weighs against the question beside it: «Когда дадут
/// отопление?» asks, «Отопления нет, когда дадут?» complains more than it asks.
const PHRASE_COMPLAINS: f64 = 0.5;

/// A question mark alone makes a question of a post that says nothing else.
const QUESTION_MARK_ASKS: f64 = 0.4;

/// The kind of a post with these signals and marks.
pub(super) fn of(signals: &[SignalMatch], marks: &[MarkMatch], is_concrete: bool) -> PostKind {
    let sums = Sums { signals, marks };
    if is_concrete { sums.of_concrete() } else { sums.of_the_rest() }
}

struct Sums<'s> {
    signals: &'s [SignalMatch],
    marks: &'s [MarkMatch],
}

impl Sums<'_> {
    fn of_concrete(&self) -> PostKind {
        let named = if self.has(TOPIC_NAMED) { PHRASE_COMPLAINS } else { 0.0 };
        let complains = self.said(SignalKind::Complaint) + named;
        if complains < self.asks() { PostKind::Question } else { PostKind::Complaint }
    }

    /// The loudest kind; of equals the first. A complaint that nothing can be
    /// done about is an opinion, and so is what people say among themselves.
    fn of_the_rest(&self) -> PostKind {
        let said = |kind| self.said(kind);
        let among_people = said(SignalKind::Manner) + self.weight_of(COMMENT);
        let asks = self.asks();
        let candidates = [
            (PostKind::Gratitude, said(SignalKind::Gratitude)),
            (
                PostKind::Announcement,
                said(SignalKind::Advert) + said(SignalKind::News) + self.published(),
            ),
            (PostKind::Question, if 0.0 < asks { asks + among_people } else { 0.0 }),
            (
                PostKind::Opinion,
                said(SignalKind::Opinion) + said(SignalKind::Complaint) + among_people,
            ),
            (PostKind::Other, said(SignalKind::Talk) + said(SignalKind::Greeting)),
        ];
        let loudest = candidates.iter().map(|(_, sum)| *sum).fold(0.0, f64::max);
        let first = candidates.iter().find(|(_, sum)| 0.0 < *sum && *sum == loudest);
        first.map_or(PostKind::Other, |(kind, _)| *kind)
    }

    fn said(&self, kind: SignalKind) -> f64 {
        self.signals.iter().filter(|signal| signal.kind == kind).map(|signal| signal.weight).sum()
    }

    fn asks(&self) -> f64 {
        let sign = if self.has(QUESTION) { QUESTION_MARK_ASKS } else { 0.0 };
        self.said(SignalKind::Question) + sign
    }

    fn weight_of(&self, mark: &str) -> f64 {
        self.marks.iter().filter(|one| one.mark == mark).map(|one| one.weight).sum()
    }

    fn has(&self, mark: &str) -> bool {
        self.marks.iter().any(|one| one.mark == mark)
    }

    /// What speaks of somebody who publishes rather than lives here.
    fn published(&self) -> f64 {
        self.marks.iter().map(|mark| (-mark.weight).max(0.0)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(kind: SignalKind, weight: f64) -> SignalMatch {
        SignalMatch { signal: String::new(), kind, weight, spans: Vec::new() }
    }

    fn mark(mark: &str, weight: f64) -> MarkMatch {
        MarkMatch { mark: mark.to_owned().into(), weight, spans: Vec::new() }
    }

    #[test]
    fn what_is_taken_complains_or_asks() {
        let complaint = signal(SignalKind::Complaint, 1.0);
        let question = signal(SignalKind::Question, 0.8);
        let sign = mark(QUESTION, 0.6);
        for (signals, marks, expected) in [
            (vec![complaint.clone()], vec![], PostKind::Complaint),
            (vec![question.clone()], vec![sign.clone()], PostKind::Question),
            (vec![question.clone()], vec![mark(TOPIC_NAMED, 3.8)], PostKind::Question),
            (vec![complaint.clone(), question.clone()], vec![], PostKind::Complaint),
            (vec![], vec![sign, mark(TOPIC_NAMED, 3.8)], PostKind::Complaint),
            (vec![], vec![], PostKind::Complaint),
        ] {
            assert_eq!(of(&signals, &marks, true), expected, "{signals:?} {marks:?}");
        }
    }

    #[test]
    fn the_loudest_names_the_rest() {
        for (signals, marks, expected) in [
            (vec![], vec![], PostKind::Other),
            (vec![signal(SignalKind::Gratitude, 3.0)], vec![], PostKind::Gratitude),
            (vec![signal(SignalKind::News, 1.0)], vec![], PostKind::Announcement),
            (vec![], vec![mark("link", -1.5)], PostKind::Announcement),
            (vec![signal(SignalKind::Complaint, 0.3)], vec![], PostKind::Opinion),
            (vec![signal(SignalKind::Manner, 0.4)], vec![], PostKind::Opinion),
            (vec![], vec![mark(COMMENT, 0.5)], PostKind::Opinion),
            (vec![], vec![mark(COMMENT, 0.5), mark(QUESTION, 0.6)], PostKind::Question),
            (vec![signal(SignalKind::Talk, 1.0)], vec![], PostKind::Other),
            (vec![signal(SignalKind::Opinion, 1.5)], vec![mark(QUESTION, 0.6)], PostKind::Opinion),
        ] {
            assert_eq!(of(&signals, &marks, false), expected, "{signals:?} {marks:?}");
        }
    }
}
