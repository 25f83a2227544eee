//! Sources and the journal.

use axum::Json;
use axum::extract::Request;
use serde_json::{Value, json};

use crate::adapters::store::read::StoredGap;
use crate::model::alarm::Alarm;
use crate::model::source::SourceState;
use crate::model::stream::StreamState;
use crate::model::thread::ThreadTotals;
use crate::server::completeness;
use crate::server::failure::Failure;
use crate::server::journal::filter;
use crate::server::pages::query_of;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

/// Of the gaps that are shown, open ones come first.
const GAPS_MAX: usize = 200;

pub async fn sources(visitor: Visitor) -> Result<Json<Value>, Failure> {
    visitor.need(Permission::SeeSources)?;
    let (ruleset, partial) = (visitor.ruleset.clone(), completeness::partial(&visitor.state));
    let (streams, now) = (visitor.state.board.streams(), visitor.now);
    let (states, threads, open, gaps, whole) = visitor
        .state
        .store
        .read_async(move |reader| {
            let whole = completeness::read(reader, &ruleset.region.sources, partial, now)?;
            let (states, threads) = (reader.source_states()?, reader.thread_totals()?);
            Ok((states, threads, reader.open_alarms()?, reader.gaps(GAPS_MAX)?, whole))
        })
        .await?;
    let configured = &visitor.ruleset.region.sources;
    let mut sources: Vec<Value> = configured
        .iter()
        .map(|source| {
            let state = states.iter().find(|state| state.id == source.id);
            source_view(&source.id.0, &source.name, &source.network.0, state)
        })
        .collect();
    let others = states.iter().filter(|state| configured.iter().all(|one| one.id != state.id));
    sources.extend(others.map(|state| {
        let network = state.id.0.split(':').next().unwrap_or("");
        source_view(&state.id.0, &state.id.0, network, Some(state))
    }));
    for source in &mut sources {
        let of_it = |totals: &&ThreadTotals| source["id"] == totals.source.0.as_str();
        let totals = threads.iter().find(of_it);
        source["threads"] = totals.map_or(0, |totals| totals.watched).into();
        source["comments"] = totals.map_or(0, |totals| totals.comments).into();
        source["threads_read_at"] = json!(totals.and_then(|totals| totals.last_read_at));
        source["stream"] =
            source["id"].as_str().and_then(|id| streams.get(id)).map(stream_view).into();
    }
    let alarms: Vec<Value> = open.iter().map(alarm_view).collect();
    let gaps: Vec<Value> = gaps.iter().map(gap_view).collect();
    Ok(Json(json!({
        "sources": sources,
        "total": sources.len(),
        "alarms": alarms,
        "gaps": gaps,
        "completeness": completeness::view(&whole),
    })))
}

fn stream_view(stream: &StreamState) -> Value {
    json!({
        "connected_since": stream.connected_since,
        "heard_at": stream.heard_at,
        "last_event_at": stream.last_event_at,
        "reconnections": stream.reconnections,
        "passed_over": stream.passed_over,
        "share_percent": stream.share_percent,
        "rules": stream.rules.as_ref().map(|rules| json!({
            "in_force": rules.in_force,
            "left_out": rules.left_out,
            "refused": rules.refused,
        })),
        "notes": stream.notes,
    })
}

fn alarm_view(alarm: &Alarm) -> Value {
    json!({
        "id": alarm.id,
        "subject": alarm.subject.to_string(),
        "kind": alarm.kind.as_str(),
        "raised_at": alarm.raised_at,
        "detail": alarm.detail,
    })
}

fn gap_view(gap: &StoredGap) -> Value {
    json!({
        "id": gap.id,
        "source": gap.gap.source,
        "from": gap.gap.from,
        "to": gap.gap.to,
        "open_to": gap.open_to,
        "state": gap.state.as_str(),
        "reason": gap.gap.reason,
        "lack": gap.lack.map(|lack| lack.as_str()),
        "noticed_at": gap.noticed_at,
        "found": gap.found,
        "tries": gap.tries,
        "next_try_at": gap.next_try_at,
        "error": gap.last_error,
        "filled_at": gap.filled_at,
        "lost_at": gap.lost_at,
    })
}

fn source_view(id: &str, name: &str, network: &str, state: Option<&SourceState>) -> Value {
    json!({
        "id": id,
        "name": name,
        "network": network,
        "outcome": state.and_then(|state| state.last_outcome).map(|outcome| outcome.as_str()),
        "error": state.and_then(|state| state.last_error.clone()),
        "stopped": state.is_some_and(|state| state.stopped),
        "last_poll_at": state.and_then(|state| state.last_poll_at),
        "last_new_at": state.and_then(|state| state.last_new_at),
        "next_poll_at": state.and_then(|state| state.next_poll_at),
        "failures_in_row": state.map_or(0, |state| state.failures_in_row),
        "polls": state.map_or(0, |state| state.polls),
        "posts": state.map_or(0, |state| state.posts),
        "rejected": state.map_or(0, |state| state.rejected),
        "gaps": state.map_or(0, |state| state.gaps),
    })
}

pub async fn journal(visitor: Visitor, request: Request) -> Result<Json<Value>, Failure> {
    let filter = filter(&visitor, &query_of(&request))?;
    let entries = visitor.state.store.read_async(move |reader| reader.journal(&filter)).await?;
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let told = &entry.entry;
            json!({
                "seq": entry.seq,
                "at": told.at,
                "actor": told.actor,
                "action": told.action,
                "subject": told.subject,
                "before": told.before,
                "after": told.after,
                "why": told.why,
                "origin": told.origin,
                "hash": entry.hash,
            })
        })
        .collect();
    Ok(Json(json!({ "entries": entries })))
}
