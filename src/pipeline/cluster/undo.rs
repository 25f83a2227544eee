//! Taking decisions back: exact inverses. An incident's decisions form a
//! stack, so the last one that stands can be taken back, then the one before
//! it, for ever; what members follow from is counted again, not restored.

use super::actions::{Cause, Inverse, Outcomes, Refused};
use super::fold::Fold;
use crate::model::action::Applied;
use crate::model::answer::Answer;
use crate::model::incident::{AssignmentKind, Incident, IncidentId, State};
use crate::model::position::Position;

impl Fold {
    pub(super) fn undo(&mut self, action: Position, cause: Cause<'_>) -> Result<Outcomes, Refused> {
        let applied = self.applied.get(&action).cloned().ok_or("refusal-no-such-action")?;
        if applied.result != Applied::Done || applied.undone_by.is_some() {
            return Err("refusal-nothing-to-undo");
        }
        let incident = applied.incident.ok_or("refusal-nothing-to-undo")?;
        let inverse: Inverse =
            serde_json::from_str(&applied.inverse).map_err(|_| "refusal-nothing-to-undo")?;
        if self.last_standing(&inverse, incident) != Some(action) {
            return Err("refusal-later-actions-first");
        }
        self.invert(inverse, action, incident, cause)?;
        if let Some(applied) = self.applied.get_mut(&action) {
            applied.undone_by = Some(cause.position);
        }
        self.changes.undone.push((action, cause.position));
        self.changes.touched.insert(incident, cause.position);
        Ok(Outcomes { incident, inverse: Inverse::Nothing })
    }

    /// The newest decision that changed any of the incidents concerned and
    /// was not taken back.
    fn last_standing(&self, inverse: &Inverse, incident: IncidentId) -> Option<Position> {
        let other = match inverse {
            Inverse::Unsplit { split_off, .. } => Some(*split_off),
            Inverse::Nothing | Inverse::Allow | Inverse::LetPart => None,
            Inverse::Restore { .. }
            | Inverse::RestoreAnswer { .. }
            | Inverse::Unjoin { .. }
            | Inverse::Unmerge { .. } => None,
        };
        let concerned =
            |id: Option<IncidentId>| id == Some(incident) || (id.is_some() && id == other);
        self.applied
            .values()
            .rev()
            .find(|applied| {
                concerned(applied.incident)
                    && applied.result == Applied::Done
                    && applied.undone_by.is_none()
                    && applied.inverse != NOTHING
            })
            .map(|applied| applied.action)
    }

    fn invert(
        &mut self,
        inverse: Inverse,
        action: Position,
        incident: IncidentId,
        cause: Cause<'_>,
    ) -> Result<(), Refused> {
        match inverse {
            Inverse::Nothing => return Err("refusal-nothing-to-undo"),
            Inverse::Restore { before } => self.restore(*before, cause),
            Inverse::RestoreAnswer { before, answer, was } => {
                self.restore_answer(answer, was.map(|was| *was), incident);
                self.restore(*before, cause);
            }
            Inverse::Unjoin { before, into, posts } => {
                self.unjoin(*before, into, &posts, cause);
                self.let_part(action);
            }
            Inverse::Unmerge { before, into, posts, apart } => {
                self.unjoin(*before, into, &posts, cause);
                self.changes.settled.push((into, incident, true));
                self.forbid(apart.0, apart.1, cause);
            }
            Inverse::Unsplit { split_off, from, reopened } => {
                self.unsplit(split_off, from, action, cause);
                if let Some(open) = reopened {
                    self.put_back(*open, cause);
                }
            }
            Inverse::Allow => {
                self.ask_again(action);
                self.allow(action, cause);
            }
            Inverse::LetPart => self.let_part(action),
        }
        Ok(())
    }

    /// Puts back everything that people decide; what follows from the members
    /// is counted anew, since posts may have come meanwhile.
    fn restore(&mut self, before: Incident, cause: Cause<'_>) {
        let id = before.id;
        let now_handed = self.incidents.get(&id).map(|now| (now.state, now.body.clone()));
        let (state, body) = (before.state, before.body.clone());
        self.stand_again(before, cause);
        self.tell_of_return(id, now_handed, (state, body), cause);
        // Last: whoever loses it stops the clock that this starts.
        self.replan(id, cause.at);
    }

    /// The same, where the body keeps what it has.
    pub(super) fn put_back(&mut self, before: Incident, cause: Cause<'_>) {
        let id = before.id;
        self.stand_again(before, cause);
        self.replan(id, cause.at);
    }

    fn stand_again(&mut self, before: Incident, cause: Cause<'_>) {
        let id = before.id;
        let before = self.with_present_repeat(before);
        self.incidents.insert(id, Box::new(before));
        self.house(id);
        self.count_members(id, cause.position);
    }

    /// Bodies learn of an undo as of any other change of hands.
    fn tell_of_return(
        &mut self,
        id: IncidentId,
        was: Option<(State, crate::model::body::BodyId)>,
        is: (State, crate::model::body::BodyId),
        cause: Cause<'_>,
    ) {
        let Some(was) = was else { return };
        let held = |state: State| state.is_open() && state != State::New;
        let changed = was.1 != is.1 || held(was.0) != held(is.0);
        if changed && held(was.0) {
            self.withdraw(id, &was.1, cause.position, cause.at);
        }
        if changed && held(is.0) {
            self.tell_of_assignment(id, cause.position, cause.at);
        }
    }

    fn restore_answer(&mut self, id: Position, was: Option<Answer>, incident: IncidentId) {
        match was {
            Some(answer) => {
                self.answers.insert(id, answer);
            }
            // The draft was stored by the action itself: it stays as a row,
            // marked as withdrawn by belonging to nobody.
            None => {
                if let Some(answer) = self.answers.get_mut(&id) {
                    debug_assert_eq!(answer.incident, incident);
                    answer.incident = IncidentId(0);
                }
            }
        }
        self.changes.touched_answers.insert(id);
    }

    fn unjoin(&mut self, before: Incident, into: IncidentId, posts: &[Position], cause: Cause<'_>) {
        let id = before.id;
        // Posts that a later split took elsewhere stay there.
        let still: Vec<Position> =
            posts.iter().copied().filter(|post| self.incident_of(*post) == Some(into)).collect();
        let before = self.with_present_repeat(before);
        self.incidents.insert(id, Box::new(before));
        self.changes.settled.push((into, id, false));
        self.move_some(&still, into, id, AssignmentKind::PersonSplit, cause);
        self.replan(id, cause.at);
        self.refresh_forbidden(cause.position);
    }

    fn unsplit(
        &mut self,
        split_off: IncidentId,
        from: IncidentId,
        action: Position,
        cause: Cause<'_>,
    ) {
        let posts: Vec<Position> = self
            .members
            .get(&split_off)
            .map(|members| members.keys().copied().collect())
            .unwrap_or_default();
        self.move_some(&posts, split_off, from, AssignmentKind::PersonJoined, cause);
        if let Some(incident) = self.incidents.get_mut(&split_off) {
            incident.state = State::Joined;
            incident.joined_into = Some(from);
        }
        self.changes.touched.insert(split_off, cause.position);
        self.stop_clocks(split_off, cause.at);
        self.allow(action, cause);
    }

    /// What was told apart by the action may be the same after all.
    fn ask_again(&mut self, action: Position) {
        let told_apart = self.forbidden.get(&action).cloned().unwrap_or_default();
        for (one, other) in told_apart {
            if let (Some(one), Some(other)) = (self.incident_of(one), self.incident_of(other)) {
                self.changes.settled.push((one, other, false));
            }
        }
    }

    fn allow(&mut self, action: Position, cause: Cause<'_>) {
        self.forbidden.remove(&action);
        self.changes.allowed.push(action);
        self.refresh_forbidden(cause.position);
    }
}

/// How `Inverse::Nothing` is stored.
pub(super) const NOTHING: &str = r#"{"inverse":"nothing"}"#;
