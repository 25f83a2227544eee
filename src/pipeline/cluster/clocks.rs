//! What a changed incident means for its clocks: deadlines, ladders, stops.

use super::fold::Fold;
use crate::model::clock::{ClockKind, Deadline, Term};
use crate::model::incident::IncidentId;
use crate::model::time::Timestamp;
use crate::rules::deadline::{deadline, ladder};

impl Fold {
    /// Starts the first clock, or starts it again at an earlier opening.
    pub(super) fn start_first_clock(&mut self, id: IncidentId) {
        let Some(incident) = self.incidents.get(&id) else { return };
        let due = self.due(ClockKind::FirstAnswer, incident.terms.first_answer, incident.opened_at);
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        incident.first_answer_due_at = due.due_at;
        if incident.answered_at.is_none() && incident.state.is_open() {
            self.plan(id, &[due]);
        }
    }

    /// The clock of an incident that is opened again: people who have had an
    /// answer once wait for the final one.
    pub(super) fn start_answer_clock(&mut self, id: IncidentId, from: Timestamp) {
        match self.incidents.get(&id).map(|incident| incident.answered_at.is_some()) {
            Some(true) => self.start_final_clock(id, from, None),
            Some(false) => self.start_first_clock(id),
            None => {}
        }
    }

    /// The clock until the body takes the incident into work.
    pub(super) fn start_take_clock(&mut self, id: IncidentId, from: Timestamp) {
        let Some(incident) = self.incidents.get(&id) else { return };
        let due = self.due(ClockKind::Take, incident.terms.take, from);
        if let Some(incident) = self.incidents.get_mut(&id) {
            incident.take_due_at = Some(due.due_at);
        }
        self.plan(id, &[due]);
    }

    /// After an interim answer: the promised day, or the region's term.
    pub(super) fn start_final_clock(
        &mut self,
        id: IncidentId,
        from: Timestamp,
        promised: Option<Timestamp>,
    ) {
        let Some(incident) = self.incidents.get(&id) else { return };
        let mut due = self.due(ClockKind::FinalAnswer, incident.terms.final_answer, from);
        if let Some(promised) = promised {
            due.due_at = promised;
        }
        if let Some(incident) = self.incidents.get_mut(&id) {
            incident.final_answer_due_at = Some(due.due_at);
        }
        self.plan(id, &[due]);
    }

    pub(super) fn stop_clock(&mut self, id: IncidentId, clock: ClockKind, at: Timestamp) {
        self.changes.stopped.push((id, clock, at));
    }

    pub(super) fn stop_clocks(&mut self, id: IncidentId, at: Timestamp) {
        for clock in ClockKind::ALL {
            self.stop_clock(id, clock, at);
        }
    }

    /// Plans the clocks that the incident's present state calls for; used
    /// where a decision is taken back.
    pub(super) fn replan(&mut self, id: IncidentId, at: Timestamp) {
        self.stop_clocks(id, at);
        let Some(incident) = self.incidents.get(&id) else { return };
        if !incident.state.is_open() {
            return;
        }
        if let Some(due_at) = incident.taking_due_at() {
            let (term, from) = (incident.terms.take, incident.accepted_at.unwrap_or(at));
            self.plan(id, &[Deadline { due_at, ..self.due(ClockKind::Take, term, from) }]);
        }
        let Some(incident) = self.incidents.get(&id) else { return };
        let final_due = incident.final_answer_due_at;
        let answered = incident.answered_at;
        match (answered, final_due) {
            (None, _) => self.start_first_clock(id),
            (Some(from), Some(due)) => self.start_final_clock(id, from, Some(due)),
            (Some(_), None) => {}
        }
    }

    /// An incident that was opened again walks its ladder from the bottom.
    fn plan(&mut self, id: IncidentId, deadlines: &[Deadline]) {
        let round = self.incidents.get(&id).map_or(0, |incident| incident.reopened);
        let mut steps = ladder(&self.ruleset.region.ladder, deadlines);
        steps.iter_mut().for_each(|step| step.round = round);
        // A batch's plans are written before its stops: a stop that came before
        // this plan would settle what is planned here.
        let runs = |clock| steps.iter().any(|step| step.clock == clock);
        self.changes.stopped.retain(|(of, clock, _)| *of != id || !runs(*clock));
        if !steps.is_empty() {
            self.changes.ladders.push((id, steps));
        }
    }

    fn due(&self, clock: ClockKind, term: Term, from: Timestamp) -> Deadline {
        deadline(clock, term, from, &[], &self.ruleset.region.calendar)
    }
}
