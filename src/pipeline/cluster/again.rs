//! What a post that would found an incident does to a closed one: it opens it
//! again, or is called its repetition. And the way back: what a post opened is
//! closed as it was when a person takes the post out again.

use std::ops::Bound;

use super::fold::Fold;
use super::undo::NOTHING;
use crate::model::action::Applied;
use crate::model::finding::Finding;
use crate::model::incident::{
    AssignmentKind, Considered, Incident, IncidentId, Outcome, Reason, Reopening, Reopens, State,
};
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::time::Timestamp;
use crate::rules::clustering::{Again, Asked, PostFeatures, Tie};
use crate::rules::lifecycle::{Event, next};

/// What becomes of a closed incident that is told again.
pub(super) enum ToldAgain {
    /// None is.
    No,
    /// The post founds an incident that repeats this one.
    Repeats(Considered),
    /// The post joins it, and it is open again.
    Opens { incident: IncidentId, how: Reopens, reason: Box<Reason> },
}

impl Fold {
    /// `beside` are the open incidents that the post is a little like: kept with
    /// its reason.
    pub(super) fn told_again(
        &self,
        post: &StoredPost,
        features: &PostFeatures,
        finding: &Finding,
        beside: &[Considered],
    ) -> ToldAgain {
        let said_at = post.said_at();
        let found = self.window.told_again(features, |id| self.asked(id, finding, said_at));
        let may_open =
            |one: &&Again| one.tie != Tie::Repost && self.reopens(one.incident, said_at).is_some();
        let opened = found.iter().find(may_open).and_then(|one| {
            let mut others = found.iter().filter(may_open);
            let is_doubtful = others.any(|other| self.window.are_rivals(one, other));
            let how = self.reopens(one.incident, said_at).filter(|_| !is_doubtful)?;
            Some(opening(one.clone(), how, beside))
        });
        opened.unwrap_or_else(|| match found.into_iter().next() {
            Some(best) => ToldAgain::Repeats(best.considered()),
            None => ToldAgain::No,
        })
    }

    /// Closed incidents of the same topic group and territory may be told again,
    /// but none that was no problem at all.
    fn asked(&self, id: IncidentId, finding: &Finding, said_at: Timestamp) -> Asked {
        let (Some(main), Some(closed)) = (finding.main_topic(), self.incidents.get(&id)) else {
            return Asked::No;
        };
        let territory = finding.place().and_then(|place| place.territory.as_ref());
        let elsewhere =
            territory.zip(closed.territory()).is_some_and(|(here, there)| here != there);
        let is_asked = closed.state == State::Closed
            && closed.outcome != Some(Outcome::Rejected)
            && closed.topic_group == main.group
            && !elsewhere;
        match (is_asked, self.reopens(id, said_at)) {
            (false, _) => Asked::No,
            (true, Some(_)) => Asked::Always,
            (true, None) => Asked::WhileRecent,
        }
    }

    /// How something said stands to the closing of an incident, where it was said
    /// after it and no later than its topic allows. What was said before says
    /// nothing of what was done since.
    fn reopens(&self, id: IncidentId, said_at: Timestamp) -> Option<Reopens> {
        let closed = self.incidents.get(&id)?;
        let (closed_at, outcome) = (closed.closed_at?, closed.outcome?);
        let within_hours = self.reopen_hours(closed)?;
        let after = said_at.duration_since(closed_at);
        let within = jiff::SignedDuration::from_hours(i64::from(within_hours));
        let is_within = jiff::SignedDuration::ZERO <= after && after <= within;
        let topic = closed.topic.clone();
        let after_secs = after.as_secs();
        is_within.then_some(Reopens { closed_at, outcome, after_secs, topic, within_hours })
    }

    /// As the topic says that the incident has now; 0 is never.
    fn reopen_hours(&self, incident: &Incident) -> Option<u32> {
        let own = self.topics.get(&incident.topic).and_then(|topic| topic.reopen_hours);
        let default = || self.ruleset.weights.grouping.reopen.map(|reopen| reopen.hours());
        own.or_else(default).filter(|hours| 0 < *hours)
    }

    /// Opens a closed incident as a person's decision does, from the moment at
    /// which the post was seen; its body is told. The post is not in it yet.
    pub(super) fn open_again(&mut self, id: IncidentId, how: Reopens, by: &StoredPost) {
        let at = by.first_seen_at;
        let Some(was) = self.incidents.get(&id).cloned() else { return };
        let Ok(state) = next(was.state, Event::ToldAgain) else { return };
        let mut opened = Incident { state, reopened: was.reopened + 1, ..(*was).clone() };
        opened.closed_at = None;
        opened.outcome = None;
        opened.outcome_reason = String::new();
        opened.reopening = Some(Box::new(Reopening { post: by.position, at, how, was: *was }));
        self.changes.touched.insert(id, by.position);
        self.incidents.insert(id, Box::new(opened));
        self.house(id);
        self.start_answer_clock(id, at);
        self.tell_reopened(id, by.position, at);
    }

    /// The closed incident to which one returns without these posts: they alone
    /// opened it again, and nobody has decided anything about it since.
    pub(super) fn closed_without(
        &self,
        incident: &Incident,
        posts: &[Position],
    ) -> Option<Incident> {
        let reopening = incident.reopening.as_ref()?;
        let members = self.members.get(&incident.id)?;
        let rest: Vec<&Position> = members.keys().filter(|post| !posts.contains(post)).collect();
        let is_as_before = rest.len() == reopening.was.posts as usize
            && rest.iter().all(|post| **post < reopening.post);
        let since = (Bound::Excluded(reopening.post), Bound::Unbounded);
        let is_decided = self.applied.range(since).any(|(_, applied)| {
            applied.incident == Some(incident.id)
                && applied.result == Applied::Done
                && applied.undone_by.is_none()
                && applied.inverse != NOTHING
        });
        (is_as_before && !is_decided).then(|| reopening.was.clone())
    }
}

fn opening(again: Again, how: Reopens, beside: &[Considered]) -> ToldAgain {
    let kind = match again.tie {
        Tie::Words => AssignmentKind::Joined,
        Tie::Reply => AssignmentKind::Thread,
        Tie::Copy | Tie::Repost => AssignmentKind::Family,
    };
    let mut considered = beside.to_vec();
    // «Why here and not there» is asked of the next best one.
    considered.iter_mut().skip(1).for_each(|other| other.parts = Vec::new());
    let reason = Reason {
        kind,
        score: again.score,
        parts: again.parts,
        nearest: Some(again.nearest),
        considered,
        repeat: None,
        reopens: Some(how.clone()),
        apart: None,
    };
    ToldAgain::Opens { incident: again.incident, how, reason: Box::new(reason) }
}
