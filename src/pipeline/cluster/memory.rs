//! Building the fold's memory from the tables, so that a restart changes no
//! later decision.

use std::sync::Arc;

use super::fold::Fold;
use crate::adapters::store::{Reader, StoreError};
use crate::model::finding::{Finding, Verdict};
use crate::model::incident::{IncidentId, State};
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::time::Timestamp;
use crate::pipeline::cluster::BATCH_POSTS;
use crate::rules::clustering::{PAST_DAYS, PAST_INCIDENTS, Rarity, features};
use crate::rules::ruleset::Ruleset;

pub(super) fn rebuild(reader: &Reader, ruleset: Arc<Ruleset>) -> Result<Fold, StoreError> {
    let window = jiff::SignedDuration::from_hours(ruleset.weights.grouping.window_hours);
    let (saved_at, rarity) = saved_rarity(reader)?;
    let mut fold = Fold::new(ruleset, rarity);
    observe_since(reader, &mut fold, saved_at)?;
    for incident in reader.live_incidents()? {
        fold.last_id = fold.last_id.max(incident.id.0);
        fold.note_repeat(&incident);
        fold.incidents.insert(incident.id, Box::new(incident));
    }
    for fact in reader.member_facts()? {
        fold.incident_of.insert(fact.post, fact.incident);
        fold.members.entry(fact.incident).or_default().insert(fact.post, Box::new(fact));
    }
    for (one, other, action) in reader.forbidden()? {
        fold.forbidden.entry(action).or_default().push((one, other));
    }
    for (hint, merge) in reader.hints()? {
        fold.hints.remember(&hint, merge);
    }
    for (id, parting) in reader.partings()? {
        fold.partings.remember(id, parting);
    }
    for (post, action) in reader.kept()? {
        fold.partings.keep(post, action);
    }
    for answer in reader.answers_all()? {
        fold.answers.insert(answer.id, answer);
    }
    for applied in reader.applied_all()? {
        fold.applied.insert(applied.action, applied);
    }
    for (post, key) in reader.member_keys()? {
        fold.note_key(post, &key);
    }
    for reply in reader.own_replies()? {
        fold.see(&reply);
    }
    let newest = reader.newest_grouped()?;
    fill_window(reader, &mut fold, newest, window)?;
    // Of an older program's incidents it may come to another answer: then they are
    // written with the next facts.
    fold.refresh_forbidden(reader.stage("cluster")?);
    fold.refresh_hints();
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
        for (post, finding) in posts.iter().filter(|(_, one)| one.verdict == Verdict::Matched) {
            let features = features(&mut fold.memo, post, finding);
            fold.window.observe(&features);
        }
    }
}

/// Brings back the incidents that still take posts, and of those that take
/// none any more the latest.
fn fill_window(
    reader: &Reader,
    fold: &mut Fold,
    newest: Option<Timestamp>,
    window: jiff::SignedDuration,
) -> Result<(), StoreError> {
    let Some(newest) = newest else { return Ok(()) };
    let before = |span: jiff::SignedDuration| newest.checked_sub(span).unwrap_or(Timestamp::MIN);
    let kept = window.max(jiff::SignedDuration::from_hours(24 * PAST_DAYS));
    let numbered = IncidentId(fold.last_id.saturating_sub(PAST_INCIDENTS));
    // The window is the same in whatever order its posts come.
    let bring_back = |id, post: StoredPost, finding: Option<Finding>| {
        let Some(finding) = finding else { return };
        let features = features(&mut fold.memo, &post, &finding);
        match fold.incidents.get(&id).map(|incident| incident.state) {
            Some(State::Closed) => fold.window.add_past(id, features),
            Some(State::Joined) | None => {}
            Some(
                State::New
                | State::Assigned
                | State::InWork
                | State::AnsweredInterim
                | State::AnsweredFinal,
            ) => fold.window.add(id, features),
        }
    };
    reader.each_member_since(before(window), before(kept), numbered, bring_back)?;
    fold.window.advance(newest);
    fold.window.bound_past(IncidentId(fold.last_id));
    Ok(())
}
