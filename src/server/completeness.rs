//! How complete what is shown is: read once, told the same way on every page
//! and in the API. What counts as complete is the rules' business.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::adapters::store::{Reader, StoreError};
use crate::model::source::Source;
use crate::model::time::Timestamp;
use crate::rules::completeness::{Completeness, PERIOD_DAYS, completeness};
use crate::server::State;
use crate::server::words::Words;

/// One line under a list of figures.
pub struct WholeLine {
    pub text: String,
    pub is_whole: bool,
}

pub fn read(
    reader: &Reader,
    planned: &[Source],
    partial: u64,
    now: Timestamp,
) -> Result<Completeness, StoreError> {
    let (standings, open) = (reader.standings()?, reader.open_alarms()?);
    let period = SignedDuration::from_hours(24 * PERIOD_DAYS);
    let since = now.checked_sub(period).unwrap_or(now);
    let gaps = reader.gap_counts(planned.iter().map(|source| &source.id), since)?;
    Ok(completeness(planned, &standings, &open, gaps, partial))
}

/// Streams of planned sources that show a part of what they are asked for.
pub fn partial(state: &State) -> u64 {
    let (streams, ruleset) = (state.board.streams(), state.ruleset.borrow().clone());
    let planned = ruleset.region.sources.iter();
    let streams = planned.filter_map(|source| streams.get(&source.id.0));
    streams.filter(|stream| stream.is_partial()).count() as u64
}

pub async fn now(state: &State) -> Result<Completeness, StoreError> {
    let (ruleset, partial) = (state.ruleset.borrow().clone(), partial(state));
    let now = state.clock.now();
    state.store.read_async(move |reader| read(reader, &ruleset.region.sources, partial, now)).await
}

pub fn line(words: &Words, whole: &Completeness) -> WholeLine {
    if whole.is_whole() {
        return WholeLine { text: words.n("whole-all", whole.planned), is_whole: true };
    }
    let figures = [
        ("whole-polled", whole.polled),
        ("whole-refused", whole.refused),
        ("whole-failed", whole.failed),
        ("whole-paused", whole.paused),
        ("whole-waiting", whole.waiting),
        ("whole-blind", whole.blind),
        ("whole-partial", whole.partial),
        ("whole-gaps", whole.gaps.open),
        ("whole-filling", whole.gaps.filling),
        ("whole-lost", whole.gaps.lost),
        ("whole-filled", whole.gaps.filled),
    ];
    let told = figures.iter().filter(|(_, count)| 0 < *count);
    let mut parts = vec![words.n("whole-planned", whole.planned)];
    parts.extend(told.map(|(key, count)| words.n(key, *count)));
    WholeLine { text: format!("{} {}.", words.t("whole-part"), parts.join(", ")), is_whole: false }
}

pub fn view(whole: &Completeness) -> Value {
    json!({
        "whole": whole.is_whole(),
        "planned": whole.planned,
        "polled": whole.polled,
        "refused": whole.refused,
        "failed": whole.failed,
        "paused": whole.paused,
        "waiting": whole.waiting,
        "blind": whole.blind,
        "partial": whole.partial,
        "gaps_open": whole.gaps.open,
        "gaps_filling": whole.gaps.filling,
        "gaps_filled": whole.gaps.filled,
        "gaps_lost": whole.gaps.lost,
    })
}
