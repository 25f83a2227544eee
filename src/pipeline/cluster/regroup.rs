//! What people say about which posts belong together: join, split, «not the
//! same». Knows nothing of answers, bodies and states beyond whether grouping
//! is still allowed.

use super::actions::{Cause, Inverse, Outcomes, Refused};
use super::fold::Fold;
use crate::adapters::store::commands::Membership;
use crate::model::incident::{AssignmentKind, Incident, IncidentId, Reason, State};
use crate::model::position::Position;
use crate::rules::lifecycle::{Event, next};

impl Fold {
    pub(super) fn join(
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
        next(before.state, Event::Join).map_err(|refusal| refusal.key())?;
        self.hold_together([target.id, before.id], cause);
        let reason = by_person(AssignmentKind::PersonJoined);
        let posts = self.unite(&before, target.id, &reason, cause);
        if before.state != State::New && before.body != target.body {
            self.withdraw(before.id, &before.body, cause.position, cause.at);
        }
        let incident = before.id;
        let inverse = Inverse::Unjoin { before: Box::new(before), into: target.id, posts };
        Ok(Outcomes { incident, inverse })
    }

    /// One incident becomes a part of another; which posts go over.
    pub(super) fn unite(
        &mut self,
        before: &Incident,
        into: IncidentId,
        reason: &Reason,
        cause: Cause<'_>,
    ) -> Vec<Position> {
        let joined = Incident { state: State::Joined, joined_into: Some(into), ..before.clone() };
        self.put(joined, cause);
        self.window.merge(into, before.id);
        self.house(into);
        let posts = self.move_members(before.id, into, reason, cause);
        self.stop_clocks(before.id, cause.at);
        self.count_members(into, cause.position);
        self.changes.settled.push((into, before.id, true));
        self.refresh_forbidden(cause.position);
        posts
    }

    /// All members of one incident go to another; returns which.
    fn move_members(
        &mut self,
        from: IncidentId,
        to: IncidentId,
        reason: &Reason,
        cause: Cause<'_>,
    ) -> Vec<Position> {
        let members = self.members.remove(&from).unwrap_or_default();
        self.crowds.left(from);
        let posts: Vec<Position> = members.keys().copied().collect();
        for (post, fact) in members {
            self.changes.membership.push(Membership::Ended { post, by: cause.position });
            self.put_member(to, *fact, cause.position, reason.clone());
        }
        posts
    }

    pub(super) fn split(
        &mut self,
        posts: &[Position],
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let first = posts.iter().min().ok_or("refusal-no-posts")?;
        let source = self.named(*first)?;
        next(source.state, Event::Regroup).map_err(|refusal| refusal.key())?;
        let members = self.members.get(&source.id).cloned().unwrap_or_default();
        if posts.iter().any(|post| !members.contains_key(post)) {
            return Err("refusal-posts-of-another");
        }
        let rest = members.keys().find(|post| !posts.contains(post)).copied();
        let rest = rest.ok_or("refusal-nothing-would-stay")?;
        let closed = self.closed_without(&source, posts);
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
            told_apart: None,
            reopening: None,
            ..source.clone()
        };
        self.put(created, cause);
        self.move_some(posts, source.id, id, AssignmentKind::PersonSplit, cause);
        self.start_first_clock(id);
        self.forbid(*first, rest, cause);
        let (from, mut reopened) = (source.id, None);
        if let Some(closed) = closed {
            self.put_back(closed, cause);
            reopened = Some(Box::new(source));
        }
        let inverse = Inverse::Unsplit { split_off: id, from, reopened };
        Ok(Outcomes { incident: from, inverse })
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
        self.crowds.left(from);
        for post in posts {
            let fact = self.members.get_mut(&from).and_then(|members| members.remove(post));
            if let Some(fact) = fact {
                self.changes.membership.push(Membership::Ended { post: *post, by: cause.position });
                self.put_member(to, *fact, cause.position, by_person(kind));
            }
        }
        self.count_members(from, cause.position);
        self.count_members(to, cause.position);
    }

    pub(super) fn not_same(
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

    pub(super) fn forbid(&mut self, one: Position, other: Position, cause: Cause<'_>) {
        self.forbidden.entry(cause.position).or_default().push((one, other));
        self.changes.forbidden.push((one, other, cause.position));
        self.refresh_forbidden(cause.position);
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
        reopens: None,
        apart: None,
    }
}
