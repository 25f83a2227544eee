//! Systemic problems out of the stored incidents. Nothing of them is stored:
//! they follow from the conclusions as these stand. Shown to people only;
//! nothing is decided by them.

use std::collections::{BTreeMap, VecDeque};

use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::{Incident, IncidentId};
use crate::model::systemic::SystemicProblem;
use crate::rules::ruleset::SystemicWeights;
use crate::rules::systemic;

/// Incidents of a chain that are looked at from one card.
const CHAIN_MAX: usize = 1000;

/// Every systemic problem, the one that happened last first.
pub fn all(reader: &Reader, weights: &SystemicWeights) -> Result<Vec<SystemicProblem>, StoreError> {
    let (repeats, joined) = (reader.repeats()?, reader.joined()?);
    let mut incidents = Vec::new();
    for id in systemic::candidates(&repeats, &joined, weights).into_iter().flatten() {
        incidents.extend(reader.incident(id)?);
    }
    Ok(systemic::problems(incidents, weights))
}

/// The systemic problem that an incident is a part of.
pub fn of(
    reader: &Reader,
    weights: &SystemicWeights,
    id: IncidentId,
) -> Result<Option<SystemicProblem>, StoreError> {
    let mut found = systemic::problems(chain(reader, id)?, weights);
    found.retain(|problem| problem.incidents.iter().any(|incident| incident.id == id));
    Ok(found.pop())
}

/// Everything that an incident is linked to, itself included.
fn chain(reader: &Reader, id: IncidentId) -> Result<Vec<Incident>, StoreError> {
    let mut found: BTreeMap<IncidentId, Incident> = BTreeMap::new();
    // The nearest first: beyond the limit it is the far end that is left out.
    let mut ahead = VecDeque::from([id]);
    while let Some(id) = ahead.pop_front() {
        if found.contains_key(&id) || CHAIN_MAX <= found.len() {
            continue;
        }
        let Some(incident) = reader.incident(id)? else { continue };
        ahead.extend(incident.repeat_of.into_iter().chain(incident.joined_into));
        ahead.extend(reader.linked_to(id)?);
        found.insert(id, incident);
    }
    Ok(found.into_values().collect())
}
