//! What people's decisions do. Each either happens wholly or is refused with a
//! reason, and leaves behind what is needed to take it back exactly. Grouping is
//! `regroup.rs`, answers are `answers.rs`.

use serde::{Deserialize, Serialize};

use super::fold::Fold;
use crate::adapters::store::commands::AppliedRow;
use crate::adapters::store::read::AppliedAction;
use crate::model::action::{Actor, Applied, Changes, Decision, StoredAction};
use crate::model::answer::Answer;
use crate::model::body::BodyId;
use crate::model::clock::ClockKind;
use crate::model::incident::{Incident, IncidentId, Outcome, State};
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::rules::lifecycle::{Event, next};

/// How to take a decision back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "inverse", rename_all = "snake_case")]
pub(super) enum Inverse {
    /// Nothing happened that could be taken back.
    Nothing,
    /// The incident as it was.
    Restore { before: Box<Incident> },
    /// The incident and the answer as they were (`None`: there was none).
    RestoreAnswer { before: Box<Incident>, answer: Position, was: Option<Box<Answer>> },
    /// The joined incident as it was, and the posts that went over.
    Unjoin { before: Box<Incident>, into: IncidentId, posts: Vec<Position> },
    /// The same for what the program merged, and then these posts are of two
    /// incidents: whoever takes it back says that they are not the same.
    Unmerge {
        before: Box<Incident>,
        into: IncidentId,
        posts: Vec<Position>,
        apart: (Position, Position),
    },
    /// The incident that was split off goes back. `reopened`: the other one as it
    /// stood before it was closed again for want of the posts that had opened it.
    Unsplit {
        split_off: IncidentId,
        from: IncidentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reopened: Option<Box<Incident>>,
    },
    /// The pair said to be different by this action.
    Allow,
    /// The posts said to belong together by this action.
    LetPart,
}

/// Carried out on which incident, and how to take it back.
pub(super) struct Outcomes {
    pub incident: IncidentId,
    pub inverse: Inverse,
}

/// Why not: a key of the wording files.
pub(super) type Refused = &'static str;

/// Where and when a decision was made.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    pub at: Timestamp,
    pub position: Position,
    pub actor: &'a Actor,
}

impl Fold {
    pub(super) fn action(&mut self, stored: &StoredAction) {
        let cause =
            Cause { at: stored.action.at, position: stored.position, actor: &stored.action.actor };
        let done = self.decide(&stored.action.decision, cause);
        let (incident, result, inverse) = match done {
            Ok(done) => (Some(done.incident), Applied::Done, done.inverse),
            Err(why) => (
                self.incident_named_by(&stored.action.decision),
                Applied::Refused { why: why.to_owned() },
                Inverse::Nothing,
            ),
        };
        // The types here always serialise; an empty text would be refused by undo.
        let inverse = serde_json::to_string(&inverse).unwrap_or_default();
        self.applied(AppliedRow { action: stored.position, incident, result, inverse });
    }

    pub(super) fn applied(&mut self, row: AppliedRow) {
        self.applied.insert(
            row.action,
            AppliedAction {
                action: row.action,
                incident: row.incident,
                result: row.result.clone(),
                inverse: row.inverse.clone(),
                undone_by: None,
            },
        );
        self.changes.applied.push(row);
    }

    fn decide(&mut self, decision: &Decision, cause: Cause<'_>) -> Result<Outcomes, Refused> {
        match decision {
            Decision::Accept { post, changes } => self.accept(*post, changes, cause),
            Decision::Assign { post, body, official } => {
                self.assign(*post, body, official.as_deref(), cause)
            }
            Decision::NotMine { post, suggested, .. } => {
                self.not_mine(*post, suggested.as_ref(), cause)
            }
            Decision::Take { post, official } => self.take(*post, official.as_deref(), cause),
            Decision::Correct { post, changes } => self.correct(*post, changes, cause),
            Decision::Join { into, from } => self.join(*into, *from, cause),
            Decision::Split { posts } => self.split(posts, cause),
            Decision::NotSame { one, other } => self.not_same(*one, *other, cause),
            Decision::KeepTogether { posts } => self.keep(posts, cause),
            Decision::Drop { post, reason } => {
                self.close(*post, Event::Drop, Outcome::Rejected, reason, cause)
            }
            Decision::Draft { post, kind, text, deferred_until } => {
                self.draft(*post, *kind, text, *deferred_until, cause)
            }
            Decision::Approve { post, answer } => self.approve(*post, *answer, cause),
            Decision::Publish { post, answer, url } => {
                self.publish(*post, *answer, url.as_deref(), cause)
            }
            Decision::Adopt { post, seen, kind, deferred_until } => {
                self.adopt(*post, *seen, (*kind, *deferred_until), cause)
            }
            Decision::Close { post, outcome, reason } => {
                self.close(*post, Event::Close(*outcome), *outcome, reason, cause)
            }
            Decision::Reopen { post, .. } => self.reopen(*post, cause),
            Decision::Undo { action } => self.undo(*action, cause),
        }
    }

    fn incident_named_by(&self, decision: &Decision) -> Option<IncidentId> {
        match decision {
            Decision::Undo { action } => self.applied.get(action)?.incident,
            other => self.incident_of(*other.posts().first()?),
        }
    }

    /// The incident that holds a post now.
    pub(super) fn named(&self, post: Position) -> Result<Incident, Refused> {
        let id = self.incident_of(post).ok_or("refusal-no-such-incident")?;
        self.incidents.get(&id).map(|held| Incident::clone(held)).ok_or("refusal-no-such-incident")
    }

    /// The incident that holds a post as it is, and in the state after an event.
    fn moved(&self, post: Position, event: Event) -> Result<(Incident, Incident), Refused> {
        let before = self.named(post)?;
        let mut after = before.clone();
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        Ok((before, after))
    }

    pub(super) fn put(&mut self, incident: Incident, cause: Cause<'_>) {
        self.changes.touched.insert(incident.id, cause.position);
        self.incidents.insert(incident.id, Box::new(incident));
    }

    fn accept(
        &mut self,
        post: Position,
        changes: &Changes,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = self.changed(&before, changes)?;
        after.state = next(before.state, Event::Accept).map_err(|refusal| refusal.key())?;
        after.accepted_at = Some(cause.at);
        let id = before.id;
        self.put(after, cause);
        self.hand_over(id, cause.position, cause.at);
        Ok(restored_by(before))
    }

    fn correct(
        &mut self,
        post: Position,
        changes: &Changes,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = self.changed(&before, changes)?;
        after.state = next(before.state, Event::Correct).map_err(|refusal| refusal.key())?;
        let id = before.id;
        let moved = after.body != before.body && before.state != State::New;
        self.put(after, cause);
        if moved {
            self.withdraw(id, &before.body, cause.position, cause.at);
            self.hand_over(id, cause.position, cause.at);
        }
        Ok(restored_by(before))
    }

    /// The incident with a person's corrections; the route follows them, unless
    /// the person named the body too.
    fn changed(&self, before: &Incident, changes: &Changes) -> Result<Incident, Refused> {
        let mut after = before.clone();
        if let Some(title) = &changes.title {
            after.title = title.clone();
        }
        if let Some(topic) = &changes.topic {
            after.topic_group = self.group_of(topic).ok_or("refusal-no-such-topic")?;
            after.topic = topic.clone();
        }
        if let Some(territory) = &changes.territory {
            let known = &self.ruleset.region.territories;
            if known.iter().all(|one| one.id != *territory) {
                return Err("refusal-no-such-territory");
            }
            after.place.territory = Some(territory.clone());
        }
        after.scale = changes.scale.unwrap_or(after.scale);
        let routed =
            changes.topic.is_some() || changes.territory.is_some() || changes.scale.is_some();
        if routed {
            let territory = after.place.territory.as_ref();
            after.route = self.route(&after.topic, &after.topic_group, territory, after.scale);
            after.body = after.route.body.clone();
        }
        if let Some(body) = &changes.body {
            after.body = self.known_body(body)?;
        }
        Ok(after)
    }

    fn known_body(&self, body: &BodyId) -> Result<BodyId, Refused> {
        let bodies = &self.ruleset.region.bodies;
        let known = bodies.iter().any(|one| one.id == *body && one.accepts);
        if known { Ok(body.clone()) } else { Err("refusal-no-such-body") }
    }

    fn assign(
        &mut self,
        post: Position,
        body: &BodyId,
        official: Option<&str>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let body = self.known_body(body)?;
        let same_body = body == before.body && before.state != State::New;
        let mut after = before.clone();
        // A new official in the same body is not a new body.
        let event = if same_body { Event::Correct } else { Event::Assign };
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        after.body = body;
        after.official = official.map(str::to_owned);
        after.accepted_at = after.accepted_at.or(Some(cause.at));
        let id = before.id;
        self.put(after, cause);
        if !same_body {
            if before.state != State::New {
                self.withdraw(id, &before.body, cause.position, cause.at);
            }
            self.hand_over(id, cause.position, cause.at);
        }
        Ok(restored_by(before))
    }

    fn not_mine(
        &mut self,
        post: Position,
        suggested: Option<&BodyId>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let (before, mut after) = self.moved(post, Event::NotMine)?;
        after.returned += 1;
        after.official = None;
        after.taken_at = None;
        if let Some(body) = suggested {
            after.body = self.known_body(body)?;
        }
        let id = before.id;
        self.put(after, cause);
        self.stop_clock(id, ClockKind::Take, cause.at);
        Ok(restored_by(before))
    }

    fn take(
        &mut self,
        post: Position,
        official: Option<&str>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let (before, mut after) = self.moved(post, Event::Take)?;
        after.taken_at = Some(cause.at);
        after.official = official.map(str::to_owned).or(after.official);
        let id = before.id;
        self.put(after, cause);
        self.stop_clock(id, ClockKind::Take, cause.at);
        Ok(restored_by(before))
    }

    fn close(
        &mut self,
        post: Position,
        event: Event,
        outcome: Outcome,
        reason: &str,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let (before, mut after) = self.moved(post, event)?;
        if before.answered_at.is_none() && reason.trim().is_empty() {
            return Err("refusal-close-needs-a-reason");
        }
        after.closed_at = Some(cause.at);
        after.outcome = Some(outcome);
        after.outcome_reason = reason.to_owned();
        after.reopening = None;
        let id = before.id;
        self.put(after, cause);
        self.stop_clocks(id, cause.at);
        self.house(id);
        Ok(restored_by(before))
    }

    fn reopen(&mut self, post: Position, cause: Cause<'_>) -> Result<Outcomes, Refused> {
        let (before, mut after) = self.moved(post, Event::Reopen)?;
        after.closed_at = None;
        after.outcome = None;
        after.outcome_reason = String::new();
        after.reopened += 1;
        let id = before.id;
        self.put(after, cause);
        self.house(id);
        self.start_answer_clock(id, cause.at);
        Ok(restored_by(before))
    }

    /// Whether the incident takes posts follows from its state.
    pub(super) fn house(&mut self, id: IncidentId) {
        self.look_at_hints_of(id);
        self.partings.look_again(id);
        match self.incidents.get(&id).map(|incident| incident.state.is_open()) {
            Some(true) => self.window.bring_back(id),
            Some(false) => self.window.shelve(id),
            None => {}
        }
    }
}

/// Taken back by putting the incident there again as it was.
fn restored_by(before: Incident) -> Outcomes {
    Outcomes { incident: before.id, inverse: Inverse::Restore { before: Box::new(before) } }
}
