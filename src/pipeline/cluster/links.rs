//! Which incident repeats which, as people leave it: «not the same» breaks the link
//! between two, and taking that back mends it. Follows from the links as they were
//! found and from what people said, so it needs no inverse of its own.

use std::collections::BTreeSet;

use super::fold::Fold;
use crate::model::incident::{Incident, IncidentId, State};
use crate::model::position::Position;

/// The smaller one first.
type Pair = (IncidentId, IncidentId);

impl Fold {
    /// Brings up to date what people's «not the same» means now, for the window
    /// and for repetitions.
    pub(super) fn refresh_forbidden(&mut self, at: Position) {
        let pairs = self.forbidden.values().flatten().filter_map(|(one, other)| {
            Some(pair(*self.incident_of.get(one)?, *self.incident_of.get(other)?))
        });
        let apart: BTreeSet<Pair> = pairs.filter(|(one, other)| one != other).collect();
        self.refresh_repeats(&apart, at);
        for (one, _) in self.window.set_forbidden(apart) {
            self.look_at_hints_of(one);
        }
    }

    fn refresh_repeats(&mut self, apart: &BTreeSet<Pair>, at: Position) {
        if apart.is_empty() && self.told_apart.is_empty() {
            return;
        }
        let is_apart = |(again, before): (&IncidentId, &IncidentId)| {
            let pair = pair(self.standing(*again), self.standing(*before));
            apart.contains(&pair).then_some(*again)
        };
        let told_apart: BTreeSet<IncidentId> = self.repeats.iter().filter_map(is_apart).collect();
        for changed in self.told_apart.symmetric_difference(&told_apart) {
            let (of, incident) = (self.repeats.get(changed), self.incidents.get_mut(changed));
            if let (Some(of), Some(incident)) = (of, incident) {
                let is_apart = told_apart.contains(changed);
                incident.repeat_of = (!is_apart).then_some(*of);
                incident.told_apart = is_apart.then_some(*of);
                self.changes.touched.insert(*changed, at);
            }
        }
        self.told_apart = told_apart;
    }

    /// What an incident was joined into, whatever that was joined into.
    fn standing(&self, mut id: IncidentId) -> IncidentId {
        for _ in 0..self.incidents.len() {
            let incident = self.incidents.get(&id);
            let into = incident.filter(|incident| incident.state == State::Joined);
            match into.and_then(|incident| incident.joined_into) {
                Some(into) => id = into,
                None => break,
            }
        }
        id
    }

    /// Remembers what an incident was found to repeat.
    pub(super) fn note_repeat(&mut self, incident: &Incident) {
        if let Some(of) = incident.repeat_of.or(incident.told_apart) {
            self.repeats.insert(incident.id, of);
        }
        if incident.told_apart.is_some() {
            self.told_apart.insert(incident.id);
        }
    }

    /// An incident as it was, but for its repetition: what people said of that
    /// since still holds.
    pub(super) fn with_present_repeat(&self, before: Incident) -> Incident {
        match self.incidents.get(&before.id) {
            Some(now) => {
                Incident { repeat_of: now.repeat_of, told_apart: now.told_apart, ..before }
            }
            None => before,
        }
    }
}

fn pair(one: IncidentId, other: IncidentId) -> Pair {
    (one.min(other), one.max(other))
}
