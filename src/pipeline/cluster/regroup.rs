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
        let mut after = before.clone();
        after.state = next(before.state, Event::Join).map_err(|refusal| refusal.key())?;
        after.joined_into = Some(target.id);
        let (id, into_id) = (before.id, target.id);
        let body = before.body.clone();
        let was_handed_over = before.state != State::New;
        self.put(after, cause);
        self.hold_together([into_id, id], cause);
        self.window.merge(into_id, id);
        self.house(into_id);
        let posts = self.move_members(id, into_id, AssignmentKind::PersonJoined, cause);
        self.stop_clocks(id, cause.at);
        if was_handed_over && body != target.body {
            self.withdraw(id, &body, cause.position, cause.at);
        }
        self.count_members(into_id, cause.position);
        self.changes.settled.push((into_id, id, true));
        self.refresh_forbidden(cause.position);
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
        self.crowds.left(from);
        let posts: Vec<Position> = members.keys().copied().collect();
        for (post, fact) in members {
            self.changes.membership.push(Membership::Ended { post, by: cause.position });
            self.put_member(to, *fact, cause.position, by_person(kind));
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

    fn forbid(&mut self, one: Position, other: Position, cause: Cause<'_>) {
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
