//! The ingest stage: polls the sources whose time has come and commits what
//! came of each poll, posts and cursor together. Every source has a turn of
//! its own, so a slow one delays nobody else.
//!
//! If we stop during a poll, nothing of it is stored and the source is polled
//! again from the stored cursor.

mod backfill;
mod broken;
mod rechecks;
mod spending;
mod streamed;
#[cfg(test)]
mod tests;
pub mod threads;
mod times;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::adapters::connector::Connectors;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::definition::{Definition, Protocol, StreamKind};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::{Client, ClientOptions};
use crate::adapters::connector::keys::{Choice, KeyState, Keys};
use crate::adapters::connector::paging::About;
use crate::adapters::connector::poll::{PollRequest, PollResult, read};
use crate::adapters::store::commands::{Ingest, Ingested, PollProgress, ThreadNews};
use crate::adapters::store::{Store, StoreError};
use crate::model::position::Position;
use crate::model::post::{Network, Post};
use crate::model::source::{Cursor, Gap, Outcome, Rejected, Source, SourceState};
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::ingest::backfill::Backfill;
use crate::pipeline::ingest::rechecks::Rechecks;
use crate::pipeline::ingest::threads::Threads;
use crate::pipeline::ingest::times::Times;
use crate::pipeline::planner::{Planner, Surroundings};
use crate::pipeline::stage::{Progress, StageError, supervise};
use crate::rules::ruleset::Ruleset;

/// Polls at the same time; each waits for its network.
const POLLS_MAX: usize = 32;
/// Between two looks at all sources: every commit asks for one.
const REST: Duration = Duration::from_millis(50);
/// A source that keeps failing is polled at least this often.
const FAILING_WAIT_MAX_SECS: i64 = 3_600;
/// After a credential was set aside.
const WITH_ANOTHER_KEY: SignedDuration = SignedDuration::from_secs(5);
/// Failures after which the wait grows no more.
const DOUBLINGS_MAX: u32 = 6;

/// How networks are reached.
#[derive(Default)]
pub struct IngestOptions {
    /// Instead of the connectors' own addresses.
    pub bases: BTreeMap<Network, Url>,
    pub secrets: BTreeMap<Network, Vec<Secret>>,
    /// Instead of the connectors' own intervals.
    pub pace: Option<Pace>,
    /// Who asks, and by which way.
    pub client: ClientOptions,
}

/// How often every source is polled, whatever its connector says: in a hurry
/// while somebody waits for posts, calmly after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub hurried_until: Timestamp,
    pub hurried_secs: u64,
    pub calm_secs: u64,
}

impl Pace {
    pub fn interval_secs(&self, now: Timestamp) -> u64 {
        if now < self.hurried_until { self.hurried_secs } else { self.calm_secs }
    }
}

/// The stage; cheap to clone, all clones are one.
#[derive(Clone)]
pub struct IngestStage {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    connectors: Connectors,
    client: Client,
    budget: Arc<Budget>,
    options: IngestOptions,
    keys: Arc<Keys>,
    planner: Planner,
    /// Sources that are being polled, with the host that each is polled at.
    polling: Mutex<BTreeMap<String, String>>,
    is_restored: Mutex<Restored>,
    looked_at: Mutex<Option<Instant>>,
    /// Turns begun since the start: polls, threads, second looks, gaps.
    turns: AtomicU64,
    threads: Threads,
    rechecks: Rechecks,
    backfill: Backfill,
}

/// Whether what earlier runs have spent of the day is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Restored {
    #[default]
    NotYet,
    Done,
}

/// What a poll would store, for `source poll --dry-run`.
pub struct Polled {
    pub ingest: Ingest,
    pub error: Option<PollError>,
    /// What it means for the threads under the posts.
    pub news: Vec<ThreadNews>,
}

impl IngestStage {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        connectors: Connectors,
        mut options: IngestOptions,
    ) -> Result<IngestStage, PollError> {
        let inner = Inner {
            store,
            clock,
            ruleset,
            connectors,
            client: Client::with(&options.client)?,
            budget: Arc::default(),
            keys: Arc::new(Keys::new(std::mem::take(&mut options.secrets))),
            options,
            planner: Planner::default(),
            polling: Mutex::default(),
            is_restored: Mutex::default(),
            looked_at: Mutex::default(),
            turns: AtomicU64::new(0),
            threads: Threads::default(),
            rechecks: Rechecks::default(),
            backfill: Backfill::default(),
        };
        Ok(IngestStage { inner: Arc::new(inner) })
    }

    /// Begins a poll of every due source that is not being polled, those that
    /// have waited longest first: nobody is passed over for ever.
    pub async fn step(self, now: Timestamp) -> Result<Progress, StageError> {
        self.inner.rest().await;
        let ruleset = self.inner.ruleset.borrow().clone();
        self.inner.restore().await?;
        let surroundings = self.inner.surroundings();
        self.inner.planner.refresh(&surroundings, &ruleset.region.sources, now).await?;
        let standings = self.inner.store.read_async(|reader| reader.standings()).await?;
        let times = Times::of(standings);
        let due = times.due(&ruleset.region.sources, now);
        // Posts of streams come by themselves.
        for source in due.into_iter().filter(|source| self.inner.stream_of(source).is_none()) {
            let (host, width) = (surroundings.host_of(source), surroundings.lane_width(source));
            if let Some(turn) = Turn::begin(self.inner.clone(), source, host, width) {
                let source = source.clone();
                // The handle may go: the turn ends by itself and is in no queue.
                drop(supervise(async move { turn.run(source).await }));
            }
        }
        // Posts first: threads take the turns and requests that are left, and
        // gaps what is left of those.
        self.begin_threads(&ruleset, &times, now).await?;
        self.begin_rechecks(&ruleset, &times, now).await?;
        self.begin_backfill(&ruleset, &times, now).await?;
        Ok(Progress::Idle(Position::default()))
    }

    /// Whether no turn is under way, for whoever steps by hand.
    pub fn is_idle(&self) -> bool {
        self.inner.polled_now().is_empty()
            && self.inner.threads.is_idle()
            && self.inner.rechecks.is_idle()
            && self.inner.backfill.is_idle()
    }

    /// How many turns were begun since the start: one that is over before its
    /// step returns is in no queue any more.
    pub fn turns_begun(&self) -> u64 {
        self.inner.turns.load(Ordering::Relaxed)
    }

    /// Whether a source is asked for with credentials of its network, of which
    /// alarms of their own tell.
    pub fn asks_with_keys(&self, source: &Source) -> bool {
        let stream = self.inner.stream_of(source);
        let has_own = stream.is_some_and(|kind| kind.protocol == Protocol::VkLongPoll);
        !has_own && !self.inner.keys.of(&source.network).is_empty()
    }

    /// Whether a source's posts come by themselves.
    pub fn is_stream(&self, source: &Source) -> bool {
        self.inner.stream_of(source).is_some()
    }

    /// What other stages that ask networks share with this one.
    pub fn shared(&self) -> (Arc<Budget>, Arc<Keys>) {
        (self.inner.budget.clone(), self.inner.keys.clone())
    }

    /// How the credentials stand.
    pub fn keys(&self) -> Vec<KeyState> {
        self.inner.keys.states()
    }

    /// Polls one source now, whatever its time; stores nothing.
    pub async fn look(&self, source: &Source, cursor: &Cursor, now: Timestamp) -> Polled {
        let before = Before { cursor: cursor.clone(), ..Before::default() };
        self.inner.poll(source, &before, now).await
    }
}

/// What is stored of a source before a poll.
#[derive(Debug, Clone, Default)]
struct Before {
    cursor: Cursor,
    failures: u32,
    polled_at: Option<Timestamp>,
}

impl Before {
    fn of(state: Option<SourceState>) -> Before {
        state.map_or_else(Before::default, |state| Before {
            cursor: state.cursor,
            failures: state.failures_in_row,
            polled_at: state.last_poll_at,
        })
    }
}

fn is_due(next_poll_at: Option<Timestamp>, stopped: bool, now: Timestamp) -> bool {
    !stopped && next_poll_at.is_none_or(|due| due <= now)
}

/// One poll of one source; ends its claim on the source when dropped.
struct Turn {
    inner: Arc<Inner>,
    source: String,
}

impl Turn {
    /// Claims a source, unless its host is busy with as many as it stands.
    fn begin(inner: Arc<Inner>, source: &Source, host: String, width: usize) -> Option<Turn> {
        {
            let mut polling = inner.polling.lock().ok()?;
            let at_host = polling.values().filter(|one| **one == host).count();
            let is_free = polling.len() < POLLS_MAX && at_host < width;
            if !is_free || polling.contains_key(&source.id.0) {
                return None;
            }
            polling.insert(source.id.0.clone(), host);
        }
        inner.count_turn();
        Some(Turn { inner, source: source.id.0.clone() })
    }

    async fn run(self, source: Source) {
        let now = self.inner.clock.now();
        let id = source.id.clone();
        // Read after the claim: another poll may have moved the cursor since
        // the step looked.
        let state = match self.inner.store.read_async(move |one| one.source_state(&id)).await {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(source = %source.id, "a cursor could not be read: {error}");
                return;
            }
        };
        if state.as_ref().is_some_and(|one| !is_due(one.next_poll_at, one.stopped, now)) {
            return;
        }
        let before = Before::of(state);
        let poll = self.inner.poll(&source, &before, now);
        let polled = self.inner.unbroken(&source, &before, now, poll).await;
        report(&source, before.failures, &polled);
        if let Err(error) = self.inner.keep(polled).await {
            tracing::error!(source = %source.id, "what a poll brought was not stored: {error}");
        }
        if let Err(error) = self.inner.keep_spent(&source, now).await {
            tracing::error!(source = %source.id, "what a poll cost was not stored: {error}");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut polling) = self.inner.polling.lock() {
            polling.remove(&self.source);
        }
    }
}

/// Said once, when a source begins to fail; the page shows the rest.
fn report(source: &Source, failures: u32, polled: &Polled) {
    if let Some(error) = &polled.error
        && failures == 0
    {
        let class = error.class.as_str();
        tracing::warn!(source = %source.id, class, "a source cannot be read: {error}");
    }
}

impl Inner {
    fn count_turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            store: &self.store,
            connectors: &self.connectors,
            bases: &self.options.bases,
            keys: &self.keys,
            budget: &self.budget,
        }
    }

    /// Lets some time pass since the last look.
    async fn rest(&self) {
        let last = self.looked_at.lock().ok().and_then(|mut at| at.replace(Instant::now() + REST));
        if let Some(until) = last {
            tokio::time::sleep_until(until).await;
        }
    }

    fn stream_of(&self, source: &Source) -> Option<&StreamKind> {
        self.connectors.get(&source.network)?.file.stream.get(&source.kind)
    }

    async fn keep(&self, polled: Polled) -> Result<Ingested, StoreError> {
        Ok(self.store.write_async(polled.command()).await?.ingested())
    }

    async fn poll(&self, source: &Source, before: &Before, now: Timestamp) -> Polled {
        let Some(definition) = self.connectors.get(&source.network) else {
            let error = PollError::new(
                ErrorClass::Config,
                format!("no connector speaks to «{}»", source.network),
            );
            return self.refused(source, &before.cursor, now, error, Asks::Stop);
        };
        let secret = match self.key(source, definition, None, now) {
            Choice::None => None,
            Choice::Key(key) => Some(key),
            Choice::AllSetAside(error) => {
                return self.refused(source, &before.cursor, now, error, Asks::GoOn);
            }
        };
        let request = PollRequest {
            definition,
            base: self.options.bases.get(&source.network),
            source,
            cursor: &before.cursor,
            secret,
            limits: definition.file.limits,
        };
        let read = read(&request, About::default(), &self.client, &self.budget, now).await;
        if self.is_the_keys_fault(source, None, &read.result, secret, now) {
            return self.polled_again(source, before, now, read.result);
        }
        let polled = self.polled(source, before, now, definition, read.result);
        let until = polled.ingest.poll.as_ref().map_or(now, |poll| poll.next_poll_at);
        let news = self.told_threads(source, definition, read.told, now, until).await;
        Polled { news, ..polled }
    }

    fn polled_again(
        &self,
        source: &Source,
        before: &Before,
        now: Timestamp,
        result: PollResult,
    ) -> Polled {
        let next = now.checked_add(WITH_ANOTHER_KEY).unwrap_or(now);
        let outcome = result.outcome();
        let (after, brought, error) = match result {
            PollResult::New { posts, rejected, cursor, gap, interrupted } => {
                (cursor, Brought { posts, rejected, gap }, interrupted)
            }
            PollResult::Refused { error, .. } | PollResult::Failed { error, .. } => {
                (before.cursor.clone(), Brought::default(), Some(error))
            }
            PollResult::NothingNew { cursor } => (cursor, Brought::default(), None),
        };
        let progress = Kept { after, outcome, next, error, stop: Asks::GoOn };
        self.kept(source, &before.cursor, now, progress, brought)
    }

    fn polled(
        &self,
        source: &Source,
        before: &Before,
        now: Timestamp,
        definition: &Definition,
        result: PollResult,
    ) -> Polled {
        let found = match &result {
            PollResult::New { posts, .. } => posts.len(),
            PollResult::NothingNew { .. } => 0,
            PollResult::Refused { .. } | PollResult::Failed { .. } => 0,
        };
        let Before { cursor, failures, .. } = before;
        let interval = self.interval_secs(source, definition, found, before.polled_at, now);
        let outcome = result.outcome();
        match result {
            PollResult::New { posts, rejected, cursor: after, gap, interrupted } => {
                let next = next_poll(now, interval, 0, interrupted.as_ref());
                let progress = Kept { after, outcome, next, error: interrupted, stop: Asks::GoOn };
                self.kept(source, cursor, now, progress, Brought { posts, rejected, gap })
            }
            PollResult::NothingNew { cursor: after } => {
                let next = next_poll(now, interval, 0, None);
                let progress = Kept { after, outcome, next, error: None, stop: Asks::GoOn };
                self.kept(source, cursor, now, progress, Brought::default())
            }
            PollResult::Refused { error, stop } => {
                let next = next_poll(now, interval, failures.saturating_add(1), Some(&error));
                let stop = if stop { Asks::Stop } else { Asks::GoOn };
                let progress =
                    Kept { after: cursor.clone(), outcome, next, error: Some(error), stop };
                self.kept(source, cursor, now, progress, Brought::default())
            }
            PollResult::Failed { error, rejected } => {
                let next = next_poll(now, interval, failures.saturating_add(1), Some(&error));
                let after = cursor.clone();
                let brought =
                    Brought { rejected: rejected.into_iter().collect(), ..Brought::default() };
                let error = Some(error);
                let progress = Kept { after, outcome, next, error, stop: Asks::GoOn };
                self.kept(source, cursor, now, progress, brought)
            }
        }
    }

    fn refused(
        &self,
        source: &Source,
        cursor: &Cursor,
        now: Timestamp,
        error: PollError,
        stop: Asks,
    ) -> Polled {
        let at_last = next_poll(now, FAILING_WAIT_MAX_SECS, 0, None);
        let next = error.retry_at.map_or(at_last, |at| at.clamp(now, at_last));
        let outcome = Outcome::Refused;
        let progress = Kept { after: cursor.clone(), outcome, next, error: Some(error), stop };
        self.kept(source, cursor, now, progress, Brought::default())
    }

    fn kept(
        &self,
        source: &Source,
        before: &Cursor,
        now: Timestamp,
        kept: Kept,
        brought: Brought,
    ) -> Polled {
        let poll = PollProgress {
            ends_failures: true,
            source: source.id.clone(),
            cursor_before: before.clone(),
            cursor_after: kept.after,
            outcome: kept.outcome,
            error: kept.error.as_ref().map(ToString::to_string),
            next_poll_at: kept.next,
            stop: kept.stop == Asks::Stop,
        };
        let ingest = Ingest {
            seen_at: now,
            posts: brought.posts,
            rejected: brought.rejected,
            gap: brought.gap,
            poll: Some(poll),
        };
        Polled { ingest, error: kept.error, news: Vec::new() }
    }

    /// Seconds to the next poll: by the schedule, or as somebody in a hurry says.
    fn interval_secs(
        &self,
        source: &Source,
        definition: &Definition,
        found: usize,
        polled_at: Option<Timestamp>,
        now: Timestamp,
    ) -> i64 {
        let is_known = definition.file.poll.contains_key(&source.kind);
        let secs = match self.options.pace.map(|pace| pace.interval_secs(now)) {
            Some(secs) => i64::try_from(secs).unwrap_or(FAILING_WAIT_MAX_SECS),
            None if !is_known => FAILING_WAIT_MAX_SECS,
            None => {
                let surroundings = self.surroundings();
                let next = self.planner.next_poll(&surroundings, source, found, polled_at, now);
                next.duration_since(now).as_secs()
            }
        };
        secs.max(1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    GoOn,
    Stop,
}

/// The progress of a poll.
struct Kept {
    after: Cursor,
    outcome: Outcome,
    next: Timestamp,
    error: Option<PollError>,
    stop: Asks,
}

/// What a poll brought.
#[derive(Default)]
struct Brought {
    posts: Vec<Post>,
    rejected: Vec<Rejected>,
    gap: Option<Gap>,
}

/// The interval, doubled with every failure in a row, and never before the
/// network said that we may come again.
fn next_poll(
    now: Timestamp,
    interval_secs: i64,
    failures: u32,
    error: Option<&PollError>,
) -> Timestamp {
    let doubled = interval_secs.saturating_mul(1 << failures.min(DOUBLINGS_MAX));
    let wait = doubled.min(FAILING_WAIT_MAX_SECS.max(interval_secs));
    let next = now.checked_add(SignedDuration::from_secs(wait)).unwrap_or(now);
    error.and_then(|error| error.retry_at).map_or(next, |asked| next.max(asked))
}
