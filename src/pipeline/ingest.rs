//! The ingest stage: polls the sources whose time has come and commits what
//! came of each poll, posts and cursor together. Every source has a turn of
//! its own, so a slow one delays nobody else.
//!
//! If we stop during a poll, nothing of it is stored and the source is polled
//! again from the stored cursor.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use tokio::sync::watch;
use url::Url;

use crate::adapters::connector::Connectors;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::poll::{PollRequest, PollResult, poll};
use crate::adapters::store::commands::{Command, Ingest, Ingested, PollProgress};
use crate::adapters::store::{Store, StoreError};
use crate::model::position::Position;
use crate::model::post::{Network, Post};
use crate::model::source::{Cursor, Gap, Outcome, Rejected, Source, SourceState};
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::stage::{Progress, StageError, supervise};
use crate::rules::ruleset::Ruleset;

/// Polls at the same time; each waits for its network.
const POLLS_MAX: usize = 32;
/// A source that keeps failing is polled at least this often.
const FAILING_WAIT_MAX_SECS: i64 = 3_600;
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
    budget: Budget,
    options: IngestOptions,
    polling: Mutex<BTreeSet<String>>,
}

/// What a poll would store, for `source poll --dry-run`.
pub struct Polled {
    pub ingest: Ingest,
    pub error: Option<PollError>,
}

impl IngestStage {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        connectors: Connectors,
        options: IngestOptions,
    ) -> Result<IngestStage, PollError> {
        let inner = Inner {
            store,
            clock,
            ruleset,
            connectors,
            client: Client::new()?,
            budget: Budget::default(),
            options,
            polling: Mutex::default(),
        };
        Ok(IngestStage { inner: Arc::new(inner) })
    }

    /// Begins a poll of every due source that is not being polled.
    pub async fn step(self, now: Timestamp) -> Result<Progress, StageError> {
        // Taken before the cursors are read: a poll that ends in between has
        // moved a cursor that we read before it did.
        let polled_before = self.inner.polled_now();
        let states = self.inner.store.read_async(|reader| reader.source_states()).await?;
        let states: BTreeMap<String, SourceState> =
            states.into_iter().map(|state| (state.id.0.clone(), state)).collect();
        let ruleset = self.inner.ruleset.borrow().clone();
        for source in &ruleset.region.sources {
            let state = states.get(&source.id.0);
            if is_due(state, now)
                && !polled_before.contains(&source.id.0)
                && let Some(turn) = Turn::begin(self.inner.clone(), source)
            {
                let (source, cursor, failures) = (
                    source.clone(),
                    state.map(|state| state.cursor.clone()).unwrap_or_default(),
                    state.map_or(0, |state| state.failures_in_row),
                );
                // The handle may go: the turn ends by itself and is in no queue.
                drop(supervise(async move { turn.run(source, cursor, failures).await }));
            }
        }
        Ok(Progress::Idle(Position::default()))
    }

    /// Polls one source now, whatever its time; stores nothing.
    pub async fn look(&self, source: &Source, cursor: &Cursor, now: Timestamp) -> Polled {
        self.inner.poll(source, cursor, 0, now).await
    }
}

fn is_due(state: Option<&SourceState>, now: Timestamp) -> bool {
    let Some(state) = state else { return true };
    !state.stopped && state.next_poll_at.is_none_or(|due| due <= now)
}

/// One poll of one source; ends its claim on the source when dropped.
struct Turn {
    inner: Arc<Inner>,
    source: String,
}

impl Turn {
    fn begin(inner: Arc<Inner>, source: &Source) -> Option<Turn> {
        let begun = {
            let mut polling = inner.polling.lock().ok()?;
            polling.len() < POLLS_MAX && polling.insert(source.id.0.clone())
        };
        begun.then(|| Turn { inner, source: source.id.0.clone() })
    }

    async fn run(self, source: Source, cursor: Cursor, failures: u32) {
        let now = self.inner.clock.now();
        let polled = self.inner.poll(&source, &cursor, failures, now).await;
        report(&source, failures, &polled);
        if let Err(error) = self.inner.keep(polled.ingest).await {
            tracing::error!(source = %source.id, "what a poll brought was not stored: {error}");
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
    /// Sources that are being polled.
    fn polled_now(&self) -> BTreeSet<String> {
        self.polling.lock().map(|polling| polling.clone()).unwrap_or_default()
    }

    async fn keep(&self, ingest: Ingest) -> Result<Ingested, StoreError> {
        Ok(self.store.write_async(Command::Ingest(ingest)).await?.ingested())
    }

    async fn poll(
        &self,
        source: &Source,
        cursor: &Cursor,
        failures: u32,
        now: Timestamp,
    ) -> Polled {
        let Some(definition) = self.connectors.get(&source.network) else {
            let error = PollError::new(
                crate::adapters::connector::error::ErrorClass::Config,
                format!("no connector speaks to «{}»", source.network),
            );
            return self.refused(source, cursor, now, error, Asks::Stop);
        };
        let request = PollRequest {
            definition,
            base: self.options.bases.get(&source.network),
            source,
            cursor,
            secret: self.secret(source),
            limits: definition.file.limits,
        };
        let result = poll(&request, &self.client, &self.budget, now).await;
        self.polled(source, cursor, failures, now, definition, result)
    }

    /// Sources of a network share its credentials evenly and keep to theirs,
    /// so that one key's trouble stops only its own sources.
    fn secret(&self, source: &Source) -> Option<&Secret> {
        let secrets = self.options.secrets.get(&source.network)?;
        let sum: usize = source.id.0.bytes().map(usize::from).sum();
        secrets.get(sum % secrets.len().max(1))
    }

    fn polled(
        &self,
        source: &Source,
        cursor: &Cursor,
        failures: u32,
        now: Timestamp,
        definition: &Definition,
        result: PollResult,
    ) -> Polled {
        let interval = self.interval_secs(source, definition, now);
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
                let next = next_poll(now, interval, failures + 1, Some(&error));
                let stop = if stop { Asks::Stop } else { Asks::GoOn };
                let progress =
                    Kept { after: cursor.clone(), outcome, next, error: Some(error), stop };
                self.kept(source, cursor, now, progress, Brought::default())
            }
            PollResult::Failed { error, rejected } => {
                let next = next_poll(now, interval, failures + 1, Some(&error));
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
        let next = next_poll(now, FAILING_WAIT_MAX_SECS, 0, None);
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
        Polled { ingest, error: kept.error }
    }

    fn interval_secs(&self, source: &Source, definition: &Definition, now: Timestamp) -> i64 {
        let of_kind = definition.file.poll.get(&source.kind).map(|kind| kind.interval_secs);
        let of_pace = self.options.pace.map(|pace| pace.interval_secs(now));
        let secs = of_pace.or(source.poll_interval_secs).or(of_kind);
        i64::try_from(secs.unwrap_or(300)).unwrap_or(FAILING_WAIT_MAX_SECS)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_source_is_polled_more_and_more_rarely() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let wait = |failures| next_poll(now, 300, failures, None).duration_since(now).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 40].map(wait), [300, 600, 1_200, 2_400, 3_600, 3_600]);
    }

    #[test]
    fn nobody_comes_before_the_network_allows_it() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let asked: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
        let class = crate::adapters::connector::error::ErrorClass::Quota;
        let mut error = PollError::new(class, "used up");
        error.retry_at = Some(asked);
        assert_eq!(next_poll(now, 300, 1, Some(&error)), asked);
    }
}
