//! Who is told when an incident changes hands. Only says what is to be sent;
//! `dispatch` sends it.

use super::fold::Fold;
use crate::model::body::BodyId;
use crate::model::clock::ClockKind;
use crate::model::incident::IncidentId;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::position::Position;
use crate::model::time::Timestamp;

impl Fold {
    /// The incident is the body's now: tell it, and start the clock of taking.
    pub(super) fn hand_over(&mut self, id: IncidentId, cause: Position, at: Timestamp) {
        self.changes.touched.insert(id, cause);
        self.start_take_clock(id, at);
        self.tell_of_assignment(id, cause, at);
    }

    /// The incident is the body's again as it was: its clocks are what they were.
    pub(super) fn tell_of_assignment(&mut self, id: IncidentId, cause: Position, at: Timestamp) {
        let Some(incident) = self.incidents.get(&id) else { return };
        let body = incident.body.clone();
        self.tell(id, &body, NoticeKind::Assigned, cause, at);
    }

    /// The incident is no longer the body's.
    pub(super) fn withdraw(
        &mut self,
        id: IncidentId,
        body: &BodyId,
        cause: Position,
        at: Timestamp,
    ) {
        self.stop_clock(id, ClockKind::Take, at);
        self.tell(id, body, NoticeKind::Withdrawn, cause, at);
    }

    /// What the body had closed is open again without anybody's decision.
    pub(super) fn tell_reopened(&mut self, id: IncidentId, cause: Position, at: Timestamp) {
        let Some(incident) = self.incidents.get(&id) else { return };
        let body = incident.body.clone();
        self.tell(id, &body, NoticeKind::Reopened, cause, at);
    }

    /// One notice a channel; a body without channels is `check`'s complaint.
    fn tell(
        &mut self,
        id: IncidentId,
        body: &BodyId,
        kind: NoticeKind,
        cause: Position,
        at: Timestamp,
    ) {
        let channels = self
            .ruleset
            .region
            .bodies
            .iter()
            .find(|one| one.id == *body)
            .map(|one| one.channels.clone())
            .unwrap_or_default();
        for channel in channels {
            let notice = Notice {
                incident: id,
                recipient: format!("body:{body}"),
                channel,
                kind,
                version: cause.to_string(),
            };
            self.changes.outbox.push((at, notice));
        }
    }
}
