//! What people's decisions do. Each either happens wholly or is refused with a
//! reason, and leaves behind what is needed to take it back exactly.

use serde::{Deserialize, Serialize};

use super::fold::Fold;
use crate::adapters::store::commands::{AppliedRow, Membership};
use crate::adapters::store::read::AppliedAction;
use crate::model::action::{Actor, Applied, Changes, Decision, StoredAction};
use crate::model::answer::{Answer, AnswerKind};
use crate::model::body::BodyId;
use crate::model::clock::ClockKind;
use crate::model::incident::{AssignmentKind, Incident, IncidentId, Outcome, Reason, State};
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
    /// The incident that was split off goes back.
    Unsplit { split_off: IncidentId, from: IncidentId },
    /// The pair said to be different by this action.
    Allow,
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
        let row = AppliedRow { action: stored.position, incident, result, inverse };
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
            Decision::Accept { post, .. }
            | Decision::Assign { post, .. }
            | Decision::NotMine { post, .. }
            | Decision::Take { post, .. }
            | Decision::Correct { post, .. }
            | Decision::Drop { post, .. }
            | Decision::Draft { post, .. }
            | Decision::Approve { post, .. }
            | Decision::Publish { post, .. }
            | Decision::Adopt { post, .. }
            | Decision::Close { post, .. }
            | Decision::Reopen { post, .. } => self.incident_of(*post),
            Decision::Join { into, .. } => self.incident_of(*into),
            Decision::Split { posts } => self.incident_of(*posts.first()?),
            Decision::NotSame { one, .. } => self.incident_of(*one),
            Decision::Undo { action } => self.applied.get(action)?.incident,
        }
    }

    /// The incident that holds a post now.
    pub(super) fn named(&self, post: Position) -> Result<Incident, Refused> {
        let id = self.incident_of(post).ok_or("refusal-no-such-incident")?;
        self.incidents.get(&id).cloned().ok_or("refusal-no-such-incident")
    }

    pub(super) fn put(&mut self, incident: Incident, cause: Cause<'_>) {
        self.changes.touched.insert(incident.id, cause.position);
        self.incidents.insert(incident.id, incident);
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
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
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
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
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
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
    }

    fn not_mine(
        &mut self,
        post: Position,
        suggested: Option<&BodyId>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = before.clone();
        after.state = next(before.state, Event::NotMine).map_err(|refusal| refusal.key())?;
        after.returned += 1;
        after.official = None;
        after.taken_at = None;
        if let Some(body) = suggested {
            after.body = self.known_body(body)?;
        }
        let id = before.id;
        self.put(after, cause);
        self.stop_clock(id, ClockKind::Take, cause.at);
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
    }

    fn take(
        &mut self,
        post: Position,
        official: Option<&str>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = before.clone();
        after.state = next(before.state, Event::Take).map_err(|refusal| refusal.key())?;
        after.taken_at = Some(cause.at);
        after.official = official.map(str::to_owned).or(after.official);
        let id = before.id;
        self.put(after, cause);
        self.stop_clock(id, ClockKind::Take, cause.at);
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
    }

    fn draft(
        &mut self,
        post: Position,
        kind: AnswerKind,
        text: &str,
        deferred_until: Option<Timestamp>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        next(before.state, Event::Draft).map_err(|refusal| refusal.key())?;
        if text.trim().is_empty() {
            return Err("refusal-empty-answer");
        }
        if kind == AnswerKind::Interim && deferred_until.is_none_or(|until| until <= cause.at) {
            return Err("refusal-interim-needs-a-date");
        }
        let answer = Answer {
            id: cause.position,
            incident: before.id,
            kind,
            text: text.to_owned(),
            deferred_until,
            drafted_by: cause.actor.to_string(),
            drafted_at: cause.at,
            approved_by: None,
            approved_at: None,
            published_at: None,
            url: None,
            seen: None,
        };
        let incident = before.id;
        self.put_answer(answer);
        self.changes.touched.insert(incident, cause.position);
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer: cause.position, was: None };
        Ok(Outcomes { incident, inverse })
    }

    pub(super) fn put_answer(&mut self, answer: Answer) {
        self.changes.touched_answers.insert(answer.id);
        self.answers.insert(answer.id, answer);
    }

    fn answer_of(&self, incident: IncidentId, id: Position) -> Result<Answer, Refused> {
        let answer = self.answers.get(&id).filter(|answer| answer.incident == incident);
        answer.cloned().ok_or("refusal-no-such-answer")
    }

    /// Two persons: who drafted an answer cannot approve it.
    fn approve(
        &mut self,
        post: Position,
        answer: Position,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let was = self.answer_of(before.id, answer)?;
        if was.approved_at.is_some() {
            return Err("refusal-already-approved");
        }
        if was.drafted_by == cause.actor.to_string() {
            return Err("refusal-own-draft");
        }
        let mut approved = was.clone();
        approved.approved_by = Some(cause.actor.to_string());
        approved.approved_at = Some(cause.at);
        let incident = before.id;
        self.put_answer(approved);
        self.changes.touched.insert(incident, cause.position);
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer, was: Some(Box::new(was)) };
        Ok(Outcomes { incident, inverse })
    }

    /// The answer is publicly visible: this, and nothing else, stops the clock.
    fn publish(
        &mut self,
        post: Position,
        answer: Position,
        url: Option<&str>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let was = self.answer_of(before.id, answer)?;
        if was.approved_at.is_none() {
            return Err("refusal-not-approved");
        }
        if was.published_at.is_some() {
            return Err("refusal-already-published");
        }
        let event = match was.kind {
            AnswerKind::Interim => Event::PublishInterim,
            AnswerKind::Final => Event::PublishFinal,
        };
        let mut after = before.clone();
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        after.answered_at = after.answered_at.or(Some(cause.at));
        let mut published = was.clone();
        published.published_at = Some(cause.at);
        published.url = url.map(str::to_owned);
        let (id, promised) = (before.id, published.deferred_until);
        self.put(after, cause);
        self.put_answer(published);
        self.stop_clocks(id, cause.at);
        if was.kind == AnswerKind::Interim {
            self.start_final_clock(id, cause.at, promised);
        }
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer, was: Some(Box::new(was)) };
        Ok(Outcomes { incident: id, inverse })
    }

    fn close(
        &mut self,
        post: Position,
        event: Event,
        outcome: Outcome,
        reason: &str,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = before.clone();
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        if before.answered_at.is_none() && reason.trim().is_empty() {
            return Err("refusal-close-needs-a-reason");
        }
        after.closed_at = Some(cause.at);
        after.outcome = Some(outcome);
        after.outcome_reason = reason.to_owned();
        let id = before.id;
        self.put(after, cause);
        self.stop_clocks(id, cause.at);
        self.house(id);
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
    }

    fn reopen(&mut self, post: Position, cause: Cause<'_>) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let mut after = before.clone();
        after.state = next(before.state, Event::Reopen).map_err(|refusal| refusal.key())?;
        after.closed_at = None;
        after.outcome = None;
        after.outcome_reason = String::new();
        after.reopened += 1;
        let (id, answered) = (before.id, before.answered_at.is_some());
        self.put(after, cause);
        self.house(id);
        if answered {
            self.start_final_clock(id, cause.at, None);
        } else {
            self.start_first_clock(id);
        }
        Ok(Outcomes { incident: id, inverse: Inverse::Restore { before: Box::new(before) } })
    }

    fn join(
        &mut self,
        into: Position,
        from: Position,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let target = self.named(into)?;
        let before = self.named(from)?;
        if target.id == before.id {
            return Err("refusal-same-incident");
        }
        next(target.state, Event::Regroup).map_err(|refusal| refusal.key())?;
        let mut after = before.clone();
        after.state = next(before.state, Event::Join).map_err(|refusal| refusal.key())?;
        after.joined_into = Some(target.id);
        let (id, into_id) = (before.id, target.id);
        let body = before.body.clone();
        let was_handed_over = before.state != State::New;
        self.put(after, cause);
        self.window.merge(into_id, id);
        self.house(into_id);
        let posts = self.move_members(id, into_id, AssignmentKind::PersonJoined, cause);
        self.stop_clocks(id, cause.at);
        if was_handed_over && body != target.body {
            self.withdraw(id, &body, cause.position, cause.at);
        }
        self.count_members(into_id, cause.position);
        self.changes.settled.push((into_id, id, true));
        self.refresh_forbidden();
        let inverse = Inverse::Unjoin { before: Box::new(before), into: into_id, posts };
        Ok(Outcomes { incident: id, inverse })
    }

    /// All members of one incident go to another; returns which.
    pub(super) fn move_members(
        &mut self,
        from: IncidentId,
        to: IncidentId,
        kind: AssignmentKind,
        cause: Cause<'_>,
    ) -> Vec<Position> {
        let members = self.members.remove(&from).unwrap_or_default();
        let posts: Vec<Position> = members.keys().copied().collect();
        for (post, fact) in members {
            self.changes.membership.push(Membership::Ended { post, by: cause.position });
            self.put_member(to, fact, cause.position, by_person(kind));
        }
        posts
    }

    fn split(&mut self, posts: &[Position], cause: Cause<'_>) -> Result<Outcomes, Refused> {
        let first = posts.iter().min().ok_or("refusal-no-posts")?;
        let source = self.named(*first)?;
        next(source.state, Event::Regroup).map_err(|refusal| refusal.key())?;
        let members = self.members.get(&source.id).cloned().unwrap_or_default();
        if posts.iter().any(|post| !members.contains_key(post)) {
            return Err("refusal-posts-of-another");
        }
        let rest = members.keys().find(|post| !posts.contains(post)).copied();
        let rest = rest.ok_or("refusal-nothing-would-stay")?;
        self.last_id += 1;
        let id = IncidentId(self.last_id);
        let created = Incident {
            id,
            founding_post: *first,
            state: State::New,
            accepted_at: None,
            taken_at: None,
            official: None,
            answered_at: None,
            final_answer_due_at: None,
            returned: 0,
            reopened: 0,
            repeat_of: None,
            ..source.clone()
        };
        self.put(created, cause);
        self.move_some(posts, source.id, id, AssignmentKind::PersonSplit, cause);
        self.start_first_clock(id);
        self.forbid(*first, rest, cause);
        Ok(Outcomes {
            incident: source.id,
            inverse: Inverse::Unsplit { split_off: id, from: source.id },
        })
    }

    /// Some members of one incident go to another, in memory and in rows.
    pub(super) fn move_some(
        &mut self,
        posts: &[Position],
        from: IncidentId,
        to: IncidentId,
        kind: AssignmentKind,
        cause: Cause<'_>,
    ) {
        for features in self.window.take_out(from, posts) {
            self.window.add(to, features);
        }
        self.house(to);
        for post in posts {
            let fact = self.members.get_mut(&from).and_then(|members| members.remove(post));
            if let Some(fact) = fact {
                self.changes.membership.push(Membership::Ended { post: *post, by: cause.position });
                self.put_member(to, fact, cause.position, by_person(kind));
            }
        }
        self.count_members(from, cause.position);
        self.count_members(to, cause.position);
    }

    fn not_same(
        &mut self,
        one: Position,
        other: Position,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let incident = self.named(one)?.id;
        let candidate = self.named(other)?.id;
        if incident == candidate {
            return Err("refusal-same-incident");
        }
        self.forbid(one, other, cause);
        self.changes.settled.push((incident, candidate, true));
        self.changes.touched.insert(incident, cause.position);
        Ok(Outcomes { incident, inverse: Inverse::Allow })
    }

    fn forbid(&mut self, one: Position, other: Position, cause: Cause<'_>) {
        self.forbidden.entry(cause.position).or_default().push((one, other));
        self.changes.forbidden.push((one, other, cause.position));
        self.refresh_forbidden();
    }

    /// Whether the incident takes posts follows from its state.
    pub(super) fn house(&mut self, id: IncidentId) {
        match self.incidents.get(&id).map(|incident| incident.state.is_open()) {
            Some(true) => self.window.bring_back(id),
            Some(false) => self.window.shelve(id),
            None => {}
        }
    }
}

fn by_person(kind: AssignmentKind) -> Reason {
    Reason {
        kind,
        score: 1.0,
        parts: Vec::new(),
        nearest: None,
        considered: Vec::new(),
        repeat: None,
    }
}
