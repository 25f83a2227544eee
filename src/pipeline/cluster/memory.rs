//! Building the fold's memory from the tables, so that a restart changes no
//! later decision.

use std::sync::Arc;

use super::fold::Fold;
use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::State;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::pipeline::cluster::BATCH_POSTS;
use crate::rules::clustering::{Rarity, features};
use crate::rules::ruleset::Ruleset;

pub(super) fn rebuild(reader: &Reader, ruleset: Arc<Ruleset>) -> Result<Fold, StoreError> {
    let window = jiff::SignedDuration::from_hours(ruleset.weights.grouping.window_hours);
    let (saved_at, rarity) = saved_rarity(reader)?;
    let mut fold = Fold::new(ruleset, rarity);
    observe_since(reader, &mut fold, saved_at)?;
    for incident in reader.live_incidents()? {
        fold.last_id = fold.last_id.max(incident.id.0);
        fold.incidents.insert(incident.id, incident);
    }
    for fact in reader.member_facts()? {
        fold.incident_of.insert(fact.post, fact.incident);
        fold.members.entry(fact.incident).or_default().insert(fact.post, fact);
    }
    for (one, other, action) in reader.forbidden()? {
        fold.forbidden.entry(action).or_default().push((one, other));
    }
    for answer in reader.answers_all()? {
        fold.answers.insert(answer.id, answer);
    }
    for applied in reader.applied_all()? {
        fold.applied.insert(applied.action, applied);
    }
    let newest = reader.newest_grouped()?;
    fill_window(reader, &mut fold, newest, window)?;
    fold.refresh_forbidden();
    Ok(fold)
}

/// Rarity as it was saved, and the position up to which it had counted.
fn saved_rarity(reader: &Reader) -> Result<(Position, Rarity), StoreError> {
    let Some((at, bytes)) = reader.rarity()? else {
        return Ok((Position(0), Rarity::default()));
    };
    let rarity = Rarity::from_bytes(&bytes)
        .ok_or_else(|| StoreError::Corrupt("the saved rarity cannot be read".to_owned()))?;
    Ok((at, rarity))
}

/// Counts the posts that were folded after the rarity was saved.
fn observe_since(reader: &Reader, fold: &mut Fold, saved_at: Position) -> Result<(), StoreError> {
    let folded = reader.stage("cluster")?;
    let mut from = saved_at;
    loop {
        let posts = reader.found_posts_between(from, folded, BATCH_POSTS)?;
        let Some((last, _)) = posts.last() else { return Ok(()) };
        from = last.position;
        for (post, finding) in &posts {
            let features = features(&mut fold.memo, post, finding);
            fold.window.observe(&features);
        }
    }
}

/// Brings back the incidents that still take posts, and on the shelf those
/// that were closed lately.
fn fill_window(
    reader: &Reader,
    fold: &mut Fold,
    newest: Option<Timestamp>,
    window: jiff::SignedDuration,
) -> Result<(), StoreError> {
    let Some(newest) = newest else { return Ok(()) };
    let since = newest.checked_sub(window).unwrap_or(Timestamp::MIN);
    for (id, post, finding) in reader.members_since(since)? {
        let Some(finding) = finding else { continue };
        let features = features(&mut fold.memo, &post, &finding);
        match fold.incidents.get(&id).map(|incident| incident.state) {
            Some(State::Closed) => fold.shelf.entry(id).or_default().push(features),
            Some(State::Joined) | None => {}
            Some(
                State::New
                | State::Assigned
                | State::InWork
                | State::AnsweredInterim
                | State::AnsweredFinal,
            ) => fold.window.add(id, features),
        }
    }
    for gone in fold.window.advance(newest) {
        fold.shelf.remove(&gone);
    }
    Ok(())
}
