//! One connection of one stream, from the first request to its end: frames are
//! gathered and committed, rules are kept in step, and the way it ended decides
//! when the next one begins. While the store is slow nothing is read.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::batch::Batch;
use super::{Inner, Past, Unasked, rules, waits};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::{Definition, Protocol, StreamKind};
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::stream::jetstream::{Wanted, wanted};
use crate::adapters::connector::stream::place::Place;
use crate::adapters::connector::stream::{After, Ask, Heard, Live, after};
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::{Command, Ingest, PollProgress, ThreadNews, Threaded};
use crate::model::post::{Post, PostKey};
use crate::model::source::{Cursor, Gap, Outcome, Source};
use crate::model::stream::{RulesState, StreamState};
use crate::model::time::{Timestamp, later};
use crate::pipeline::sift::sift;
use crate::rules::ruleset::Ruleset;
use crate::rules::stream_interest::Interest;
use crate::rules::stream_rules::{VK_LIMITS, compile};

/// A connection that lived so long without being refused is one.
const PROVEN: Duration = Duration::from_secs(10);
/// After the store could not write.
const STORE_RETRY: Duration = Duration::from_secs(1);
/// After the store refused.
const STORE_LATER: Duration = Duration::from_secs(5);
/// After the rules could not be brought into step.
const RULES_RETRY: Duration = Duration::from_secs(60);
/// After a credential was set aside.
const WITH_ANOTHER_KEY_SECS: i64 = 5;
/// A source that nobody can help by waiting is tried again this often.
const REFUSED_WAIT_SECS: i64 = 3_600;

pub(super) struct Turn {
    inner: Arc<Inner>,
    source: Source,
    cancelled: watch::Receiver<bool>,
    /// What is stored of the source now.
    cursor: Cursor,
    /// What was missed before this connection, until it is stored.
    missed: Option<(Timestamp, Timestamp)>,
    /// When this connection is one, if it lives so long …
    proven_at: Instant,
    /// … and whether it did.
    is_proven: bool,
    /// What posts of the whole network are kept for.
    interest: Option<Interest>,
}

/// How a connection ended.
enum End {
    /// Somebody wants it to.
    Cancelled,
    Broke(PollError),
    /// It was not opened at all, and the credential is to blame.
    KeyRefused(PollError),
    Store(StoreError),
}

type Syncing<'s> = Pin<Box<dyn Future<Output = Result<RulesState, PollError>> + Send + 's>>;

impl Turn {
    pub(super) fn new(inner: Arc<Inner>, source: Source, cancelled: watch::Receiver<bool>) -> Turn {
        let (cursor, proven_at) = (Cursor::default(), Instant::now() + PROVEN);
        let (missed, is_proven, interest) = (None, false, None);
        Turn { inner, source, cancelled, cursor, missed, proven_at, is_proven, interest }
    }

    pub(super) async fn run(mut self) {
        let (inner, source) = (self.inner.clone(), self.source.clone());
        let Some((definition, kind)) = inner.stream_of(&source) else { return };
        let end = self.connect_and_listen(definition, kind).await;
        self.change_board(|state| state.connected_since = None);
        let settled = match end {
            End::Cancelled => Ok(()),
            End::Store(error) => Err(error),
            End::Broke(error) => self.broke(kind, error).await,
            End::KeyRefused(error) => self.key_refused(error).await,
        };
        if let Err(error) = settled {
            tracing::error!(source = %self.source.id, "a stream was not stored: {error}");
            tokio::select! {
                () = cancelled(&mut self.cancelled, &inner) => {}
                () = tokio::time::sleep(STORE_LATER) => {}
            }
        }
    }

    async fn connect_and_listen(&mut self, definition: &Definition, kind: &StreamKind) -> End {
        let inner = self.inner.clone();
        let id = self.source.id.clone();
        let state = match inner.store.read_async(move |one| one.source_state(&id)).await {
            Ok(state) => state,
            Err(error) => return End::Store(error),
        };
        self.cursor = state.map(|state| state.cursor).unwrap_or_default();
        let place = Place::of(&self.cursor);
        let source = self.source.clone();
        let secret = match inner.secret(&source, kind, inner.clock.now()) {
            Ok(secret) => secret,
            Err(Unasked::Config(error)) => return End::Broke(error),
            Err(Unasked::SetAside(error)) => return End::KeyRefused(error),
        };
        let base = inner.bases.get(&source.network);
        let ask = Ask { definition, kind, source: &source, base, secret, place: &place };
        let opened = tokio::select! {
            biased;
            () = cancelled(&mut self.cancelled, &inner) => return End::Cancelled,
            opened = inner.streams.connect(ask) => opened,
        };
        let mut live = match opened {
            Ok(live) => live,
            Err(error) => return self.not_opened(kind, secret, error),
        };
        let now = inner.clock.now();
        self.missed = place.missed(kind, now);
        self.opened(&live, ask, now);
        let at = live.place_at("").or(place.at.clone());
        self.proven_at = Instant::now() + PROVEN;
        // Who goes on from a place has first to tell what was written meanwhile.
        let heard = place.heard.filter(|_| kind.protocol.resumes()).unwrap_or(now);
        let mut batch = Batch::new(Place { heard: Some(heard), at }, now, PROVEN);
        let end = self.listen(&mut live, ask, &mut batch).await;
        // What was read before the end is not thrown away.
        if batch.has_news()
            && let Err(error) = self.commit(&mut batch).await
        {
            return End::Store(error);
        }
        let asked = live.wait_asked().and_then(|wait| jiff::SignedDuration::try_from(wait).ok());
        match (end, asked.and_then(|wait| inner.clock.now().checked_add(wait).ok())) {
            (End::Broke(error), asked) => End::Broke(error.with_retry_at(asked)),
            (end, _) => end,
        }
    }

    /// The credential is set aside where the «no» was meant for it.
    fn not_opened(&self, kind: &StreamKind, secret: Option<&Secret>, error: PollError) -> End {
        let of_network = self.inner.keys.of(&self.source.network);
        let is_for_key = after(kind, &error) == After::Patience;
        let key = secret.filter(|key| is_for_key && of_network.contains(key));
        let now = self.inner.clock.now();
        match key {
            Some(key) if self.inner.keys.blame(key, &self.source.kind, &error, now) => {
                End::KeyRefused(error)
            }
            Some(_) | None => End::Broke(error),
        }
    }

    fn opened(&self, live: &Live<'_>, ask: Ask<'_>, now: Timestamp) {
        let of_network = self.inner.keys.of(&self.source.network);
        if let Some(key) = ask.secret.filter(|key| of_network.contains(key)) {
            self.inner.keys.worked(key, &self.source.kind);
        }
        let kind = ask.kind;
        let past = self.inner.past(&self.source.id);
        let past = Past { connections: past.connections + 1, ..past };
        self.inner.remember(&self.source.id, past);
        let (notes, share_percent) =
            (live.notes.clone(), self.inner.share_percent(&self.source, kind));
        self.change_board(|state| {
            state.connected_since = Some(now);
            state.heard_at = Some(now);
            state.reconnections = past.connections.saturating_sub(1);
            state.share_percent = share_percent;
            state.notes = notes;
        });
        tracing::info!(source = %self.source.id, "a stream is connected");
    }

    /// Hears what comes until the connection ends.
    async fn listen(&mut self, live: &mut Live<'_>, ask: Ask<'_>, batch: &mut Batch) -> End {
        let inner = self.inner.clone();
        let mut ruleset = inner.ruleset.clone();
        let server = live.rules.clone();
        let in_step = |ruleset: &watch::Receiver<Arc<Ruleset>>, wait| {
            let (streams, ruleset) = (&inner.streams, ruleset.borrow().clone());
            let server = server.clone()?;
            let syncing: Syncing<'_> = Box::pin(async move {
                tokio::time::sleep(wait).await;
                rules::synchronise(streams, ask, server, compile(&ruleset, VK_LIMITS)).await
            });
            Some(syncing)
        };
        ruleset.borrow_and_update();
        self.interest = interest(ask, &ruleset.borrow());
        let mut syncing = in_step(&ruleset, Duration::ZERO);
        loop {
            let mut next = Box::pin(live.next());
            let heard = loop {
                tokio::select! {
                    biased;
                    () = cancelled(&mut self.cancelled, &inner) => return End::Cancelled,
                    heard = &mut next => break heard,
                    () = tokio::time::sleep_until(batch.due()) => {
                        if let Err(error) = self.commit(batch).await {
                            return End::Store(error);
                        }
                    }
                    () = tokio::time::sleep_until(self.proven_at), if !self.is_proven => {
                        self.prove();
                        if let Err(error) = self.commit(batch).await {
                            return End::Store(error);
                        }
                    }
                    synced = result_of(&mut syncing) => {
                        let is_over = self.synced(synced);
                        syncing = if is_over { None } else { in_step(&ruleset, RULES_RETRY) };
                    }
                    changed = ruleset.changed() => {
                        if changed.is_err() {
                            return End::Cancelled;
                        }
                        self.interest = interest(ask, &ruleset.borrow());
                        syncing = in_step(&ruleset, Duration::ZERO);
                    }
                }
            };
            drop(next);
            let taken = heard.and_then(|heard| self.take(live, heard, batch));
            // A frame before the «no» is not lost: the caller commits it.
            if let Err(error) = taken {
                return End::Broke(error);
            }
            if batch.is_full()
                && let Err(error) = self.commit(batch).await
            {
                return End::Store(error);
            }
        }
    }

    fn take(&self, live: &Live<'_>, heard: Heard, batch: &mut Batch) -> Result<(), PollError> {
        let now = self.inner.clock.now();
        batch.heard_at = now;
        if let Some(until) = live.whole_until(&heard, batch.framed_at, now) {
            batch.place.heard = batch.place.heard.max(Some(until));
        }
        let frames = match heard {
            Heard::Frames(frames) => frames,
            Heard::Alive => Vec::new(),
            Heard::Lost => {
                batch.lose(now);
                Vec::new()
            }
        };
        for text in &frames {
            batch.take(live.read(text)?, text.len(), now);
        }
        let last = frames.last().map_or("", String::as_str);
        if let Some(at) = live.place_at(last) {
            batch.place.at = Some(at);
        }
        Ok(())
    }

    /// Notes which rules are in force; false where that must be tried again.
    fn synced(&self, synced: Result<RulesState, PollError>) -> bool {
        let is_over = synced.is_ok();
        self.change_board(|state| match synced {
            Ok(rules) => {
                state.rules = Some(rules);
                state.notes.clear();
            }
            Err(error) => {
                tracing::warn!(source = %self.source.id, "rules are not in step: {error}");
                state.notes = vec![format!("rules: {error}")];
            }
        });
        is_over
    }

    /// Stores what has come, with the place; the next batch begins.
    async fn commit(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        let next = batch.next();
        let batch = std::mem::replace(batch, next);
        let now = self.inner.clock.now();
        let keys: Vec<PostKey> = batch.posts.iter().map(|one| one.post.key.clone()).collect();
        let known = self.inner.store.read_async(move |reader| reader.versions(keys.iter())).await?;
        let is_known: BTreeSet<PostKey> = known.keys().cloned().collect();
        let interest = &mut self.interest;
        // What is gone and was never here is nobody's business.
        let is_wanted =
            |post: &Post| !post.deleted && interest.as_mut().is_none_or(|one| one.wants(post));
        let (posts, passed_over) = sift(batch.posts, known, is_wanted);
        // One that breaks off again and again has one gap, which ends when
        // another one stands; until then nothing is said to be whole.
        let settles = self.is_proven || batch.lost_at.is_some();
        let gap = if settles { self.gap(batch.lost_at) } else { None };
        let has_news = !posts.is_empty() || !batch.rejected.is_empty() || gap.is_some();
        let whole_until = Place::of(&self.cursor).heard.filter(|_| !settles);
        let heard = whole_until.or(batch.place.heard);
        let after = Place { heard, ..batch.place }.to_cursor();
        let threads = self.inner.ingest.threads_under(&self.source, fresh(&posts, &is_known), now);
        let progress = || PollProgress {
            source: self.source.id.clone(),
            cursor_before: self.cursor.clone(),
            cursor_after: after.clone(),
            outcome: if has_news { Outcome::New } else { Outcome::NothingNew },
            error: None,
            // Should this connection end without a word, another one is due.
            next_poll_at: now,
            stop: false,
            ends_failures: self.is_proven,
        };
        let ingest = || Ingest {
            seen_at: now,
            posts: posts.clone(),
            rejected: batch.rejected.clone(),
            gap: gap.clone(),
            poll: Some(progress()),
        };
        self.write(|| with_threads(ingest(), &threads)).await?;
        self.cursor = after;
        if settles {
            self.missed = None;
        }
        self.change_board(|state| {
            state.heard_at = Some(batch.heard_at);
            state.last_event_at = batch.last_event_at.or(state.last_event_at);
            state.passed_over += passed_over + batch.others;
        });
        Ok(())
    }

    /// Tries until the store can write: meanwhile nothing is read.
    async fn write(&self, command: impl Fn() -> Command) -> Result<(), StoreError> {
        loop {
            match self.inner.store.write_async(command()).await {
                Ok(_) => return Ok(()),
                Err(error @ StoreError::Conflict { .. }) => return Err(error),
                Err(error) if error.is_temporary() && !*self.inner.stop.borrow() => {
                    tracing::warn!(source = %self.source.id, "a stream waits to be stored: {error}");
                    tokio::time::sleep(STORE_RETRY).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What is missing before the posts of a batch.
    fn gap(&self, lost_at: Option<Timestamp>) -> Option<Gap> {
        let heard = Place::of(&self.cursor).heard;
        let (from, to, reason) = match (self.missed, lost_at) {
            (None, None) => return None,
            (Some((from, to)), None) => (Some(from), to, "the stream was not connected"),
            (Some((from, _)), Some(to)) => (Some(from), to, "the stream has forgotten a part"),
            (None, Some(to)) => (heard, to, "the stream has forgotten a part"),
        };
        Some(Gap { source: self.source.id.clone(), from, to, reason: reason.to_owned() })
    }

    fn prove(&mut self) {
        self.is_proven = true;
        let past = self.inner.past(&self.source.id);
        let past = Past { failures: 0, is_renewing: false, ..past };
        self.inner.remember(&self.source.id, past);
    }

    async fn broke(&self, kind: &StreamKind, error: PollError) -> Result<(), StoreError> {
        let past = self.inner.past(&self.source.id);
        match after(kind, &error) {
            // Whoever says so again and again is no better than who says nothing.
            After::AtOnce if self.is_proven => return Ok(()),
            After::AnotherKey if !past.is_renewing => {
                self.inner.remember(&self.source.id, Past { is_renewing: true, ..past });
                return Ok(());
            }
            After::AtOnce | After::AnotherKey | After::Patience => {}
        }
        let failures = past.failures.saturating_add(1);
        self.inner.remember(&self.source.id, Past { failures, ..past });
        if failures == 1 {
            let class = error.class.as_str();
            tracing::warn!(source = %self.source.id, class, "a stream ended: {error}");
        }
        let now = self.inner.clock.now();
        let stop = error.class.stops();
        let next = match stop {
            true => later(now, REFUSED_WAIT_SECS),
            false => waits::again_at(&self.source.id.0, failures, error.retry_at, now),
        };
        self.keep(&error, next, stop).await
    }

    /// Another credential may do, now or when one of them is tried again.
    async fn key_refused(&self, error: PollError) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let at_last = later(now, REFUSED_WAIT_SECS);
        let soon = later(now, WITH_ANOTHER_KEY_SECS);
        let next = error.retry_at.map_or(soon, |at| at.clamp(soon, at_last));
        self.keep(&error, next, false).await
    }

    /// Stores why there is no connection, and when the next one is due.
    async fn keep(&self, error: &PollError, next: Timestamp, stop: bool) -> Result<(), StoreError> {
        let outcome = if error.class.is_refusal() { Outcome::Refused } else { Outcome::Failed };
        let now = self.inner.clock.now();
        let progress = || PollProgress {
            source: self.source.id.clone(),
            cursor_before: self.cursor.clone(),
            cursor_after: self.cursor.clone(),
            outcome,
            error: Some(error.to_string()),
            next_poll_at: next,
            stop,
            ends_failures: false,
        };
        let ingest = || Ingest {
            seen_at: now,
            posts: Vec::new(),
            rejected: Vec::new(),
            gap: None,
            poll: Some(progress()),
        };
        self.write(|| Command::Ingest(ingest())).await
    }

    fn change_board(&self, change: impl FnOnce(&mut StreamState)) {
        self.inner.board.stream(&self.source.id.0, change);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.change_board(|state| state.connected_since = None);
        self.inner.turns.send_modify(|turns| {
            turns.remove(&self.source.id);
        });
    }
}

/// Posts that nobody has seen before.
fn fresh<'p>(
    posts: &'p [Post],
    known: &'p BTreeSet<PostKey>,
) -> impl Iterator<Item = &'p Post> + 'p {
    posts.iter().filter(|post| !known.contains(&post.key))
}

fn with_threads(ingest: Ingest, news: &[ThreadNews]) -> Command {
    if news.is_empty() {
        return Command::Ingest(ingest);
    }
    let news = news.to_vec();
    let (rechecked, missed) = (Vec::new(), Vec::new());
    Command::Threaded(Box::new(Threaded { ingest, news, read: None, rechecked, missed }))
}

/// What a stream of the whole network is looked through for.
fn interest(ask: Ask<'_>, ruleset: &Ruleset) -> Option<Interest> {
    if ask.kind.protocol != Protocol::Jetstream {
        return None;
    }
    match wanted(&ask.source.target)? {
        Wanted::Language(lang) => Some(Interest::new(&ruleset.region, lang)),
        Wanted::Accounts(_) => None,
    }
}

async fn result_of(syncing: &mut Option<Syncing<'_>>) -> Result<RulesState, PollError> {
    match syncing {
        Some(syncing) => syncing.as_mut().await,
        None => std::future::pending().await,
    }
}

async fn cancelled(cancelled: &mut watch::Receiver<bool>, inner: &Inner) {
    let mut stop = inner.stop.clone();
    let by_stage = async { drop(cancelled.wait_for(|cancelled| *cancelled).await) };
    let by_end = async { drop(stop.wait_for(|stop| *stop).await) };
    tokio::select! {
        () = by_stage => {}
        () = by_end => {}
    }
}
