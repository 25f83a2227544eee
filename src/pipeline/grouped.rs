//! Which posts people grouped: what the weights of grouping are learned from.
//! Reads only.
//!
//! An incident counts when a person decided something about it and left it
//! standing: whoever accepts, joins, splits or answers has seen the posts that
//! are in it. Its present members are one problem then. Posts of other incidents
//! are only there to be compared with; they teach nothing about themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::store::{Reader, StoreError};
use crate::model::action::Actor;
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::pipeline::decided::standing;
use crate::pipeline::matcher::PostReader;
use crate::rules::clustering::features;
use crate::rules::clustering::learning::Judged;
use crate::rules::ruleset::Ruleset;
use crate::rules::text::stem::StemMemo;

/// Posts that are in an incident, in the order of their positions.
pub fn grouped(reader: &Reader, ruleset: &Ruleset) -> Result<Vec<Judged>, StoreError> {
    let holding: BTreeMap<Position, IncidentId> =
        reader.assignments()?.into_iter().map(|one| (one.post, one.incident)).collect();
    let seen = seen_by_people(reader, &holding)?;
    let mut posts = PostReader::new(ruleset);
    let mut memo = StemMemo::default();
    let mut judged = Vec::with_capacity(holding.len());
    for (position, incident) in holding {
        let Some(stored) = reader.post(position)? else { continue };
        let finding = posts.read_stored(reader, &stored)?;
        let post = features(&mut memo, &stored, &finding);
        judged.push(Judged { post, incident, counts: seen.contains(&incident) });
    }
    Ok(judged)
}

/// Incidents about which a person decided something that stands.
fn seen_by_people(
    reader: &Reader,
    holding: &BTreeMap<Position, IncidentId>,
) -> Result<BTreeSet<IncidentId>, StoreError> {
    let standing = standing(reader)?;
    let mut seen = BTreeSet::new();
    for stored in reader.actions_between(Position(0), reader.last_position()?)? {
        let is_person = matches!(stored.action.actor, Actor::Person { .. });
        if is_person && standing.contains(&stored.position) {
            let posts = stored.action.decision.posts();
            seen.extend(posts.iter().filter_map(|post| holding.get(post)));
        }
    }
    Ok(seen)
}
