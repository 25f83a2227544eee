//! Which posts have a topic that a person decided: what the order of topics is
//! learned from. Reads only.
//!
//! What counts is careful rather than much: the incident was accepted, or its
//! topic corrected, by a person (not by a rule); the decision was carried out
//! and not undone; the incident was not rejected since. Its present topic then
//! is the answer for the post that the decision names and for the post that
//! opened it, where both are still in it. Other members were joined by the
//! machine, and copies would count one decision many times.

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::store::{Reader, StoreError};
use crate::model::action::{Actor, Applied, Decision, NewAction};
use crate::model::incident::{Incident, IncidentId, Outcome};
use crate::model::position::Position;
use crate::rules::learning::Judged;

/// Messages with decided topics, in the order of the decisions.
pub fn decided(reader: &Reader) -> Result<Vec<Judged>, StoreError> {
    let standing = standing(reader)?;
    let incidents: BTreeMap<IncidentId, Incident> =
        reader.live_incidents()?.into_iter().map(|one| (one.id, one)).collect();
    let holding: BTreeMap<Position, IncidentId> =
        reader.assignments()?.into_iter().map(|one| (one.post, one.incident)).collect();
    let mut seen = BTreeSet::new();
    let mut judged = Vec::new();
    for stored in reader.actions_between(Position(0), reader.last_position()?)? {
        let named =
            topic_decided_for(&stored.action).filter(|_| standing.contains(&stored.position));
        let incident = named.and_then(|post| incidents.get(holding.get(&post)?));
        let (Some(named), Some(incident)) = (named, incident) else { continue };
        if incident.outcome == Some(Outcome::Rejected) {
            continue;
        }
        for post in [incident.founding_post, named] {
            if holding.get(&post) == Some(&incident.id) && seen.insert(post) {
                let text = reader.post(post)?.map(|stored| stored.post.text);
                judged.extend(text.map(|text| Judged { text, topic: incident.topic.clone() }));
            }
        }
    }
    Ok(judged)
}

/// Decisions that were carried out and not undone, by where they are stored.
pub fn standing(reader: &Reader) -> Result<BTreeSet<Position>, StoreError> {
    let applied = reader.applied_all()?.into_iter();
    let stands = applied.filter(|one| one.result == Applied::Done && one.undone_by.is_none());
    Ok(stands.map(|one| one.action).collect())
}

/// The post whose incident's topic a person took or gave.
fn topic_decided_for(action: &NewAction) -> Option<Position> {
    match (&action.actor, &action.decision) {
        (Actor::Rule { .. }, _) => None,
        (Actor::Person { .. }, Decision::Accept { post, .. }) => Some(*post),
        (Actor::Person { .. }, Decision::Correct { post, changes }) => {
            changes.topic.is_some().then_some(*post)
        }
        (
            Actor::Person { .. },
            Decision::Assign { .. }
            | Decision::NotMine { .. }
            | Decision::Take { .. }
            | Decision::Join { .. }
            | Decision::Split { .. }
            | Decision::KeepTogether { .. }
            | Decision::NotSame { .. }
            | Decision::Drop { .. }
            | Decision::Draft { .. }
            | Decision::Approve { .. }
            | Decision::Publish { .. }
            | Decision::Adopt { .. }
            | Decision::Close { .. }
            | Decision::Reopen { .. }
            | Decision::Undo { .. },
        ) => None,
    }
}
