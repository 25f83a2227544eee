//! Which posts people grouped: what the weights of grouping are learned from.
//! Reads only.
//!
//! An incident counts when a person decided something about it and left it
//! standing: whoever accepts, joins, splits or answers has seen the posts that
//! are in it. Its present members are one problem then. Posts of other incidents
//! are only there to be compared with; they teach nothing about themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::store::{Reader, StoreError};
use crate::model::action::{Actor, Applied, Decision};
use crate::model::incident::IncidentId;
use crate::model::position::Position;
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
    let standing: BTreeSet<Position> = reader
        .applied_all()?
        .into_iter()
        .filter(|one| one.result == Applied::Done && one.undone_by.is_none())
        .map(|one| one.action)
        .collect();
    let mut seen = BTreeSet::new();
    for stored in reader.actions_between(Position(0), reader.last_position()?)? {
        let is_person = matches!(stored.action.actor, Actor::Person { .. });
        if is_person && standing.contains(&stored.position) {
            let posts = posts_named(&stored.action.decision);
            seen.extend(posts.iter().filter_map(|post| holding.get(post)));
        }
    }
    Ok(seen)
}

/// Posts by which a decision names its incidents.
fn posts_named(decision: &Decision) -> Vec<Position> {
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
        | Decision::Reopen { post, .. } => vec![*post],
        Decision::Join { into, from } => vec![*into, *from],
        Decision::Split { posts } => posts.clone(),
        Decision::NotSame { one, other } => vec![*one, *other],
        Decision::Undo { .. } => Vec::new(),
    }
}
