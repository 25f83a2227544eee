//! Back-fill: stretches of sources that polls could not read are read in spare
//! time, while no post of their host waits, with a share of the requests, a
//! few pages a turn, one gap of a source at a time. What follows a turn is
//! decided by `rules::backfill`; as what a source is asked, by `ways`.
//!
//! If we stop during a turn, nothing of it is stored and the gap is due still:
//! posts and how far the gap is filled are one commit.

mod outcome;
mod streams;
mod ways;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use self::outcome::{gap_read, in_vain, is_to_wait, lost, without};
use self::streams::{asked_for_gaps, ways_of_stream};
use self::ways::ways;
use super::broken::broken;
use super::times::Times;
use super::{IngestStage, Inner};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::Lesser;
use crate::adapters::connector::definition::{Auth, Definition};
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::keys::Choice;
use crate::adapters::connector::poll::PollRequest;
use crate::adapters::connector::poll::stretch::{
    Asked, Reached, Stretch, StretchRead, read_stretch,
};
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::{Command, GapFate, GapRead};
use crate::model::gap::{Filling, Lack, OpenGap};
use crate::model::source::{Cursor, Source, SourceId};
use crate::model::time::{Timestamp, later};
use crate::pipeline::stage::{StageError, caught_in, supervise};
use crate::rules::backfill::spare;
use crate::rules::ruleset::Ruleset;
use crate::rules::stream_rules::{VK_LIMITS, compile};

/// Gaps that are read at the same time; each waits for its network.
const TURNS_MAX: usize = 4;
/// Pages of one turn: more than of a poll, and few enough that others get on.
const PAGES_MAX: usize = 25;
/// Where a host wants to be left alone and does not say how long.
const PAUSE_SECS: i64 = 600;
/// After a credential was set aside.
const WITH_ANOTHER_KEY_SECS: i64 = 5;
const DAY_SECS: f64 = 86_400.0;

/// Turns under way with their hosts, and hosts that want to be left alone.
#[derive(Default)]
pub(super) struct Backfill {
    under_way: Mutex<BTreeMap<SourceId, String>>,
    paused: Mutex<BTreeMap<String, Timestamp>>,
}

impl IngestStage {
    /// Begins a turn at gaps whose sources and hosts have nothing else to do.
    pub(super) async fn begin_backfill(
        &self,
        ruleset: &Ruleset,
        times: &Times,
        now: Timestamp,
    ) -> Result<(), StageError> {
        // Taken before the gaps are read, as with sources.
        let under_way = self.inner.backfill.under_way();
        let room = TURNS_MAX.saturating_sub(under_way.len());
        if room == 0 {
            return Ok(());
        }
        let gaps = self.inner.store.read_async(move |reader| reader.gaps_due(now)).await?;
        if gaps.is_empty() {
            return Ok(());
        }
        let surroundings = self.inner.surroundings();
        let polled = self.inner.polled_now();
        let waiting: Vec<&Source> = times
            .due(&ruleset.region.sources, now)
            .into_iter()
            .filter(|source| !polled.contains(&source.id.0))
            // A stream asks nobody while it is connected.
            .filter(|source| self.inner.stream_of(source).is_none())
            .collect();
        let mut busy = self.inner.backfill.paused(now);
        busy.extend(under_way.values().cloned());
        busy.extend(waiting.into_iter().map(|source| surroundings.host_of(source)));
        let sources: HashMap<&SourceId, &Source> =
            ruleset.region.sources.iter().map(|source| (&source.id, source)).collect();
        let mut begun = 0;
        for gap in gaps {
            let Some(source) = sources.get(&gap.gap.source).copied() else {
                // A turn that is under way ends by itself.
                if !under_way.contains_key(&gap.gap.source) {
                    let ended = Command::GapRead(Box::new(lost(&gap, Lack::Removed, now)));
                    self.inner.store.write_async(ended).await?;
                }
                continue;
            };
            let stream = self.inner.stream_of(source);
            let host = surroundings.host_of(&asked_for_gaps(stream, source));
            // What cannot be read now is not asked for what it showed before.
            let is_free = !polled.contains(&source.id.0) && times.is_read(source);
            if room <= begun || !is_free || busy.contains(&host) {
                continue;
            }
            // One gap of a host at a time.
            busy.insert(host.clone());
            if let Some(turn) = GapTurn::begin(self.inner.clone(), source, host) {
                begun += 1;
                let source = source.clone();
                // The handle may go: the turn ends by itself and is in no queue.
                drop(supervise(async move { turn.run(source, gap).await }));
            }
        }
        Ok(())
    }
}

impl Backfill {
    pub(super) fn is_idle(&self) -> bool {
        self.under_way().is_empty()
    }

    fn under_way(&self) -> BTreeMap<SourceId, String> {
        self.under_way.lock().map(|turns| turns.clone()).unwrap_or_default()
    }

    fn paused(&self, now: Timestamp) -> BTreeSet<String> {
        let Ok(paused) = self.paused.lock() else { return BTreeSet::new() };
        let still = paused.iter().filter(|(_, until)| now < **until);
        still.map(|(host, _)| host.clone()).collect()
    }

    fn pause(&self, host: &str, until: Timestamp) {
        if let Ok(mut paused) = self.paused.lock() {
            paused.insert(host.to_owned(), until);
        }
    }
}

/// One turn at one gap; ends its claim on the source when dropped.
struct GapTurn {
    inner: Arc<Inner>,
    source: SourceId,
    host: String,
}

impl GapTurn {
    fn begin(inner: Arc<Inner>, source: &Source, host: String) -> Option<GapTurn> {
        let begun = {
            let mut under_way = inner.backfill.under_way.lock().ok()?;
            under_way.insert(source.id.clone(), host.clone()).is_none()
        };
        begun.then(|| {
            inner.count_turn();
            GapTurn { inner, source: source.id.clone(), host }
        })
    }

    async fn run(self, source: Source, gap: OpenGap) {
        let now = self.inner.clock.now();
        let read = caught_in(self.read(&source, &gap, now)).await;
        let read = read.unwrap_or_else(|text| Ok(Some(in_vain(&gap, &broken(&text), now))));
        let stored = match read {
            Ok(Some(read)) => {
                report(&source, &gap, &read);
                let command = Command::GapRead(Box::new(read));
                self.inner.store.write_async(command).await.map(|_| ())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            tracing::error!(source = %source.id, "what a gap brought was not stored: {error}");
        }
    }

    /// Reads a part of a gap; stores nothing. Nothing comes back where there
    /// is nothing to store and the host is left alone for a while.
    async fn read(
        &self,
        source: &Source,
        gap: &OpenGap,
        now: Timestamp,
    ) -> Result<Option<GapRead>, StoreError> {
        let inner = &self.inner;
        let Some(definition) = inner.connectors.get(&source.network) else { return Ok(None) };
        let Some(from) = gap.gap.from else { return Ok(Some(lost(gap, Lack::NoBeginning, now))) };
        let (ways, asked_as) = match inner.stream_of(source) {
            Some(kind) => {
                let ruleset = inner.ruleset.borrow().clone();
                let places = || compile(&ruleset, VK_LIMITS).places;
                (ways_of_stream(definition, kind, source, places), Asked::AsAnother)
            }
            None => (ways(definition, source), Asked::AsItself),
        };
        let under_way = ways.iter().position(|way| way.name() == gap.filling.way).unwrap_or(0);
        let Some(way) = ways.get(under_way) else {
            return Ok(Some(lost(gap, Lack::NoWay, now)));
        };
        let asked = way.of(source);
        let needs_key = way.kind != source.kind && *definition.auth(&way.kind) != Auth::None;
        let secret = match inner.key(&asked, definition, Some(Lesser::Gaps), now) {
            Choice::None if needs_key => return Ok(Some(lost(gap, Lack::NoWay, now))),
            Choice::None => None,
            Choice::Key(key) => Some(key),
            Choice::AllSetAside(error) => {
                let until = error.retry_at.unwrap_or_else(|| later(now, PAUSE_SECS));
                inner.backfill.pause(&self.host, until);
                return Ok(None);
            }
        };
        let pages_max = inner.spare_pages(&asked, definition, secret, now);
        if pages_max == 0 {
            inner.backfill.pause(&self.host, later(now, PAUSE_SECS));
            return Ok(None);
        }
        // Progress in a way that there is no more says nothing about another.
        let is_of_it = |filling: &&Filling| filling.way.is_empty() || filling.way == way.name();
        let filling = Some(&gap.filling).filter(is_of_it).cloned().unwrap_or_default();
        let to = filling.read_to.unwrap_or(gap.gap.to);
        let id = source.id.clone();
        let nearby = inner.store.read_async(move |reader| reader.nearby(&id, from, to)).await?;
        let stretch = Stretch {
            from,
            to,
            edge: nearby.edge.as_deref(),
            newer: nearby.newer,
            is_older_known: nearby.is_older_known,
            place: &filling.place,
            pages_max,
            asked: asked_as,
        };
        let read = inner.read_gap(&asked, definition, secret, &stretch, now).await?;
        if let Reached::Interrupted(error) = &read.reached
            && is_to_wait(error.class)
        {
            let until = error.retry_at.unwrap_or_else(|| later(now, PAUSE_SECS));
            tracing::info!(source = %source.id, %until, "gaps wait: {error}");
            inner.backfill.pause(&self.host, until);
        }
        let told = read.told.clone();
        let news = inner.told_threads(source, definition, told, now, now).await;
        let backfill = inner.stream_of(source).and_then(|kind| kind.backfill.as_ref());
        let lack = backfill.filter(|backfill| backfill.told_once).map(|_| Lack::ToldOnce);
        let read = gap_read(gap, &filling, (&ways, under_way), read, news, now);
        Ok(read.map(|read| without(read, lack)))
    }
}

impl Drop for GapTurn {
    fn drop(&mut self) {
        if let Ok(mut under_way) = self.inner.backfill.under_way.lock() {
            under_way.remove(&self.source);
        }
    }
}

fn report(source: &Source, gap: &OpenGap, read: &GapRead) {
    let reason = &gap.gap.reason;
    match read.fate {
        GapFate::GoesOn { .. } => {}
        GapFate::Filled => tracing::info!(source = %source.id, reason, "a gap is filled"),
        GapFate::Lost(lack) => {
            let lack = lack.as_str();
            tracing::warn!(source = %source.id, reason, lack, "a gap is not to be had");
        }
    }
}

impl Inner {
    async fn read_gap(
        &self,
        asked: &Source,
        definition: &Definition,
        secret: Option<&Secret>,
        stretch: &Stretch<'_>,
        now: Timestamp,
    ) -> Result<StretchRead, StoreError> {
        let request = PollRequest {
            definition,
            base: self.options.bases.get(&asked.network),
            source: asked,
            cursor: &Cursor::default(),
            secret,
            limits: definition.file.limits,
        };
        let read = read_stretch(&request, stretch, &self.client, &self.budget, now).await;
        self.keep_spent(asked, now).await?;
        let lesser = Some(Lesser::Gaps);
        let is_soon_asked = self.is_the_keys_fault(asked, lesser, &read.result(), secret, now);
        Ok(match read.reached {
            // Another credential is asked in the next turn.
            Reached::Interrupted(error) if is_soon_asked => {
                let retry_at = Some(later(now, WITH_ANOTHER_KEY_SECS));
                let reached = Reached::Interrupted(PollError { retry_at, ..error });
                StretchRead { reached, ..read }
            }
            _ => read,
        })
    }

    /// Pages of a turn, as far as the day's requests leave some for gaps.
    pub(super) fn spare_pages(
        &self,
        asked: &Source,
        definition: &Definition,
        secret: Option<&Secret>,
        now: Timestamp,
    ) -> usize {
        let rate = definition.file.rate;
        let kind = definition.file.poll.get(&asked.kind);
        let own = kind.and_then(|kind| kind.daily_max).map(|most| (asked.kind.as_str(), most));
        let is_shared = kind.is_some_and(|kind| 0 < kind.cost);
        let cost = kind.map_or(1, |kind| kind.cost.max(1));
        let shared = rate.daily_max.filter(|_| is_shared).map(|most| (budget::SHARED, most));
        let account = budget::account(&asked.network, secret);
        let left_secs = budget::next_day(rate.day, now).duration_since(now).as_secs() as f64;
        let day_gone = 1.0 - left_secs / DAY_SECS;
        let shares = own.map(|own| (own, 1)).into_iter().chain(shared.map(|all| (all, cost)));
        let left = shares.map(|((name, most), cost)| {
            let used = self.budget.used_today(&account, name, rate.day, now);
            (spare(used, most, day_gone, rate.spare_percent) / cost) as usize
        });
        // Of the units that all kinds share gaps have a part and no more.
        let of_gaps = rate.daily_max.filter(|_| is_shared).map(|most| {
            let used = self.budget.used_today(&account, budget::SHARED_BY_GAPS, rate.day, now);
            (budget::part(most, rate.spare_percent).saturating_sub(used) / cost) as usize
        });
        left.chain(of_gaps).min().map_or(PAGES_MAX, |left| left.min(PAGES_MAX))
    }
}
