//! Threads: what people write under posts, read again while it is alive. A
//! poll of a source opens threads and hears how many comments there are; each
//! due thread has a turn of its own. When and in which order is decided by
//! `rules::rereading`; posts come first, comments take what is left.
//!
//! If we stop during a read, nothing of it is stored and the thread is due
//! still.

mod missing;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::broken::broken;
use super::times::Times;
use super::{IngestStage, Inner, Polled};
use crate::adapters::connector::budget::Lesser;
use crate::adapters::connector::definition::{Auth, Definition, PollKind, Protocol, UnderReplies};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::keys::Choice;
use crate::adapters::connector::paging::{About, target_under};
use crate::adapters::connector::poll::{PollRequest, Told, read};
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::{Command, ThreadNews, Threaded};
use crate::model::post::PostKey;
use crate::model::source::{Cursor, Source, SourceId};
use crate::model::thread::{Rereading, ThreadKey, ThreadState};
use crate::model::time::{Timestamp, later};
use crate::pipeline::stage::{StageError, caught_in, supervise};
use crate::rules::rereading;
use crate::rules::rereading::{Incident, first_read};
use crate::rules::ruleset::Ruleset;

pub(super) use self::outcome::{Sense, sense};

use self::missing::{Judged, is_cut, judged};
use self::outcome::{Brought, branch_news, incident, threaded, told_of};

/// Threads read at the same time; each waits for its network.
const READS_MAX: usize = 8;
/// Due threads of one source that are looked through: those under way among them.
const DUE_MAX: usize = 2 * READS_MAX;

/// Reads under way, and hosts that want to be left alone for a while.
#[derive(Default)]
pub(super) struct Threads {
    under_way: Mutex<BTreeMap<ThreadKey, SourceId>>,
    /// By host and poll kind.
    paused: Mutex<BTreeMap<(String, String), Timestamp>>,
}

/// What reading a thread came to, before it is stored.
pub struct ThreadPolled {
    pub key: ThreadKey,
    /// Nothing where the network, or our own budget, wants us to wait: the
    /// thread stays as it is.
    pub threaded: Option<Threaded>,
    pub error: Option<PollError>,
}

impl Polled {
    /// What storing the poll takes.
    pub fn command(self) -> Command {
        if self.news.is_empty() {
            return Command::Ingest(self.ingest);
        }
        Command::Threaded(Box::new(Threaded {
            ingest: self.ingest,
            news: self.news,
            read: None,
            rechecked: Vec::new(),
            missed: Vec::new(),
        }))
    }
}

impl IngestStage {
    /// Begins a read of due threads, as many as there is room for.
    pub(super) async fn begin_threads(
        &self,
        ruleset: &Ruleset,
        times: &Times,
        now: Timestamp,
    ) -> Result<(), StageError> {
        // Taken before the cursors are read, as with sources.
        let under_way = self.inner.threads.under_way();
        let room = READS_MAX.saturating_sub(under_way.len());
        if room == 0 {
            return Ok(());
        }
        let store = &self.inner.store;
        let waiting = store.read_async(move |reader| reader.sources_of_due_threads(now)).await?;
        // A poll of the source tells which of its threads need no read; a stream
        // tells nothing of them.
        let polled = self.inner.polled_now();
        let is_to_wait = |source: &Source| {
            let is_polled = polled.contains(&source.id.0) || times.is_due(source, now);
            let is_stream = self.inner.stream_of(source).is_some();
            (is_polled && !is_stream) || times.is_stopped(source)
        };
        let sources: BTreeMap<SourceId, Source> = ruleset
            .region
            .sources
            .iter()
            .filter(|source| waiting.contains(&source.id) && !is_to_wait(source))
            .filter(|source| self.inner.comments_kind(source).is_some())
            .map(|source| (source.id.clone(), source.clone()))
            .collect();
        if sources.is_empty() {
            return Ok(());
        }
        let paused = |source: &Source| self.inner.threads.paused(&self.inner.asked_at(source), now);
        let asked: Vec<_> =
            sources.iter().map(|(id, source)| (id.clone(), paused(source))).collect();
        let due = self
            .inner
            .store
            .read_async(move |reader| {
                let mut due = Vec::new();
                for (source, paused) in &asked {
                    due.extend(reader.due_threads(source, now, paused, DUE_MAX)?);
                }
                Ok(due)
            })
            .await?;
        let mut due: BTreeMap<ThreadKey, ThreadState> = due
            .into_iter()
            .filter(|thread| !under_way.contains_key(&thread.key))
            .map(|thread| (thread.key.clone(), thread))
            .collect();
        for key in chosen(&due, &under_way, room) {
            let Some(thread) = due.remove(&key) else { continue };
            let Some(source) = sources.get(&thread.source) else { continue };
            if let Some(turn) = ThreadTurn::begin(self.inner.clone(), &thread) {
                let source = source.clone();
                // The handle may go: the turn ends by itself and is in no queue.
                drop(supervise(async move { turn.run(source, thread).await }));
            }
        }
        Ok(())
    }

    /// Reads the due threads of one source now, at most so many; stores nothing.
    pub async fn look_at_threads(
        &self,
        source: &Source,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<ThreadPolled>, StoreError> {
        let id = source.id.clone();
        let due =
            self.inner.store.read_async(move |reader| reader.due_threads(&id, now, &[], limit));
        let mut polled = Vec::new();
        for thread in due.await? {
            polled.push(self.inner.read_thread(source, &thread, now).await?);
        }
        Ok(polled)
    }

    /// Reads what stands under posts of a poll that is not stored.
    pub async fn look_under(
        &self,
        source: &Source,
        polled: &Polled,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<ThreadPolled>, StoreError> {
        let opened = polled.news.iter().filter_map(|news| opened(news, now)).take(limit);
        let mut polled = Vec::new();
        for thread in opened {
            polled.push(self.inner.read_thread(source, &thread, now).await?);
        }
        Ok(polled)
    }
}

/// By urgency within a source, and every source in turn.
fn chosen(
    due: &BTreeMap<ThreadKey, ThreadState>,
    under_way: &BTreeMap<ThreadKey, SourceId>,
    room: usize,
) -> Vec<ThreadKey> {
    let mut by_urgency: Vec<&ThreadState> = due.values().collect();
    by_urgency.sort_by_key(|thread| (thread.next_read_at, &thread.key));
    let pairs: Vec<_> =
        by_urgency.into_iter().map(|thread| (thread.source.clone(), thread.key.clone())).collect();
    let mut counts = BTreeMap::new();
    for source in under_way.values() {
        *counts.entry(source.clone()).or_insert(0) += 1;
    }
    rereading::fair(&pairs, &counts, room)
}

/// Comments whose replies are read by themselves.
fn apart<'a>(parts: &'a [ThreadState], news: &'a [ThreadNews]) -> BTreeSet<&'a str> {
    let keys = news.iter().map(|one| match one {
        ThreadNews::Open { key, .. } | ThreadNews::Told { key, .. } => key,
    });
    let keys = keys.chain(parts.iter().map(|part| &part.key));
    keys.filter_map(|key| key.branch.as_deref()).collect()
}

/// A thread as it would be stored, if it is due at once.
fn opened(news: &ThreadNews, now: Timestamp) -> Option<ThreadState> {
    let ThreadNews::Open { key, source, kind, opened_at, next_read_at, told } = news else {
        return None;
    };
    (*next_read_at <= now).then(|| ThreadState {
        key: key.clone(),
        source: source.clone(),
        kind: kind.clone(),
        cursor: Cursor::default(),
        opened_at: *opened_at,
        next_read_at: *next_read_at,
        last_read_at: None,
        last_comment_at: None,
        told: *told,
        told_read: None,
        brought: 0,
        failures_in_row: 0,
        last_error: None,
        reads: 0,
        comments: 0,
    })
}

impl Threads {
    pub(super) fn is_idle(&self) -> bool {
        self.under_way().is_empty()
    }

    fn under_way(&self) -> BTreeMap<ThreadKey, SourceId> {
        self.under_way.lock().map(|threads| threads.clone()).unwrap_or_default()
    }

    /// Kinds that a host is not asked for now.
    fn paused(&self, host: &str, now: Timestamp) -> Vec<String> {
        let Ok(paused) = self.paused.lock() else { return Vec::new() };
        let still = paused.iter().filter(|((of, _), until)| of == host && now < **until);
        still.map(|((_, kind), _)| kind.clone()).collect()
    }

    fn pause(&self, host: &str, kind: &str, until: Timestamp) {
        if let Ok(mut paused) = self.paused.lock() {
            paused.insert((host.to_owned(), kind.to_owned()), until);
        }
    }
}

/// One read of one thread; ends its claim on it when dropped.
struct ThreadTurn {
    inner: Arc<Inner>,
    key: ThreadKey,
}

impl ThreadTurn {
    fn begin(inner: Arc<Inner>, thread: &ThreadState) -> Option<ThreadTurn> {
        let begun = {
            let mut under_way = inner.threads.under_way.lock().ok()?;
            under_way.insert(thread.key.clone(), thread.source.clone()).is_none()
        };
        begun.then(|| {
            inner.count_turn();
            ThreadTurn { inner, key: thread.key.clone() }
        })
    }

    async fn run(self, source: Source, thread: ThreadState) {
        let now = self.inner.clock.now();
        let read = caught_in(self.inner.read_thread(&source, &thread, now)).await;
        let read =
            read.unwrap_or_else(|text| Ok(self.inner.broken_thread(&source, &thread, &text, now)));
        let stored = match read {
            Ok(ThreadPolled { threaded: Some(threaded), .. }) => {
                let command = Command::Threaded(Box::new(threaded));
                self.inner.store.write_async(command).await.map(|_| ())
            }
            Ok(ThreadPolled { threaded: None, .. }) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            tracing::error!(thread = %self.key, "what a read brought was not stored: {error}");
        }
    }
}

impl Drop for ThreadTurn {
    fn drop(&mut self) {
        if let Ok(mut under_way) = self.inner.threads.under_way.lock() {
            under_way.remove(&self.key);
        }
    }
}

impl Inner {
    /// Sources that are being polled.
    pub(super) fn polled_now(&self) -> BTreeSet<String> {
        self.polling.lock().map(|polling| polling.keys().cloned().collect()).unwrap_or_default()
    }

    /// The name of the kind that reads the comments of a source's posts.
    pub(super) fn comments_kind(&self, source: &Source) -> Option<&str> {
        let definition = self.connectors.get(&source.network)?;
        let kind = definition.comments_of(&source.kind)?;
        self.may_ask(source, definition, kind).then_some(kind)
    }

    /// A source that is read without a credential, or with one that is good
    /// for nothing else, may have none for the rest.
    pub(super) fn may_ask(&self, source: &Source, definition: &Definition, kind: &str) -> bool {
        let stream = definition.file.stream.get(&source.kind);
        let has_own = stream.is_some_and(|stream| stream.protocol == Protocol::VkLongPoll);
        (!has_own && *definition.auth(&source.kind) != Auth::None)
            || *definition.auth(kind) == Auth::None
            || !self.keys.of(&source.network).is_empty()
    }

    /// How often the threads of a source are read again.
    pub(super) fn numbers(
        &self,
        source: &Source,
        definition: &Definition,
        now: Timestamp,
    ) -> Rereading {
        let kind = self.comments_kind(source).and_then(|name| definition.file.poll.get(name));
        let numbers = kind.map(|kind| kind.rereading).unwrap_or_default();
        let Some(pace) = self.options.pace else { return numbers };
        let pace = i64::try_from(pace.interval_secs(now)).unwrap_or(numbers.shortest_secs);
        Rereading { shortest_secs: numbers.shortest_secs.min(pace), ..numbers }
    }

    /// What a poll of a source means for the threads under its posts, `until`
    /// the next poll.
    pub(super) async fn told_threads(
        &self,
        source: &Source,
        definition: &Definition,
        told: Vec<Told>,
        now: Timestamp,
        until: Timestamp,
    ) -> Vec<ThreadNews> {
        let Some(kind) = self.comments_kind(source).map(str::to_owned) else { return Vec::new() };
        let numbers = self.numbers(source, definition, now);
        let asked = definition.file.poll.get(&kind);
        let under_replies = asked.map(|kind| kind.under_replies).unwrap_or_default();
        let askable = asked.map(|kind| kind.askable).unwrap_or_default();
        let source = source.clone();
        let news = self.store.read_async(move |reader| {
            let known = reader.threads_of(&source.id)?;
            let known: BTreeMap<&str, &ThreadState> = known
                .iter()
                .filter(|thread| thread.key.branch.is_none())
                .map(|thread| (thread.key.post.as_str(), thread))
                .collect();
            let mut news = Vec::new();
            let has_thread = |post: &&Told| {
                !post.deleted
                    && askable.holds(&post.native_id)
                    && (under_replies == UnderReplies::Read || !post.is_reply())
            };
            for post in told.iter().filter(has_thread) {
                let key = ThreadKey {
                    network: source.network.clone(),
                    post: post.native_id.clone(),
                    branch: None,
                };
                news.extend(match known.get(post.native_id.as_str()) {
                    Some(thread) => told_of(reader, thread, post.comments, &numbers, now, until)?,
                    None => first_read(post.published_at, post.comments, &numbers, now).map(
                        |next_read_at| ThreadNews::Open {
                            key,
                            source: source.id.clone(),
                            kind: kind.clone(),
                            opened_at: post.published_at,
                            next_read_at,
                            told: post.comments,
                        },
                    ),
                });
            }
            Ok(news)
        });
        news.await.unwrap_or_else(|error| {
            // The next poll sees the same posts and opens what was missed.
            tracing::error!("threads cannot be opened: {error}");
            Vec::new()
        })
    }

    /// What the network is asked by: the post's id, or parts of its address.
    async fn target_of(
        &self,
        source: &Source,
        thread: &ThreadState,
        definition: &Definition,
    ) -> Result<Option<String>, StoreError> {
        let Some(kind) = definition.file.poll.get(&thread.kind) else { return Ok(None) };
        let key =
            PostKey { network: thread.key.network.clone(), native_id: thread.key.post.clone() };
        let post = self.store.read_async(move |reader| reader.post_by_key(&key)).await?;
        let url = post.and_then(|post| post.post.url);
        Ok(target_under(kind, &thread.key.post, url.as_deref(), &source.target))
    }

    /// Reads a thread once; stores nothing.
    async fn read_thread(
        &self,
        source: &Source,
        thread: &ThreadState,
        now: Timestamp,
    ) -> Result<ThreadPolled, StoreError> {
        let Some(definition) = self.connectors.get(&source.network) else {
            let error = PollError::new(ErrorClass::Config, "no connector reads this thread");
            return Ok(ThreadPolled {
                key: thread.key.clone(),
                threaded: None,
                error: Some(error),
            });
        };
        let Some(target) = self.target_of(source, thread, definition).await? else {
            let error = PollError::new(ErrorClass::Gone, "the post does not say where to ask");
            let brought = Brought::failed(error, &thread.cursor);
            let numbers = self.numbers(source, definition, now);
            let judged = Judged::default();
            return Ok(threaded(
                thread,
                brought,
                Vec::new(),
                judged,
                Incident::None,
                &numbers,
                now,
            ));
        };
        let asked = Source { kind: thread.kind.clone(), target, ..source.clone() };
        let numbers = self.numbers(source, definition, now);
        let secret = match self.key(&asked, definition, Some(Lesser::Threads), now) {
            Choice::None => None,
            Choice::Key(key) => Some(key),
            Choice::AllSetAside(error) => {
                let brought = Brought { error: Some(error), ..Brought::default() };
                self.is_to_wait(source, thread, &brought, &numbers, now);
                let (key, error) = (thread.key.clone(), brought.error);
                return Ok(ThreadPolled { key, threaded: None, error });
            }
        };
        let request = PollRequest {
            definition,
            base: self.options.bases.get(&source.network),
            source: &asked,
            cursor: &thread.cursor,
            secret,
            limits: definition.file.limits,
        };
        let about = About {
            post: Some(&thread.key.post),
            branch: thread.key.branch.as_deref(),
            posts: None,
        };
        let read = read(&request, about, &self.client, &self.budget, now).await;
        self.keep_spent(&asked, now).await?;
        // Where the «no» was meant for a credential another one is asked next.
        let lesser = Some(Lesser::Threads);
        let is_the_keys_fault = self.is_the_keys_fault(&asked, lesser, &read.result, secret, now);
        let brought = Brought::of(read.result, &thread.cursor);
        let is_empty = brought.posts.is_empty();
        if (is_the_keys_fault && is_empty)
            || (!is_the_keys_fault && self.is_to_wait(source, thread, &brought, &numbers, now))
        {
            let (key, error) = (thread.key.clone(), brought.error);
            return Ok(ThreadPolled { key, threaded: None, error });
        }
        let kind = definition.file.poll.get(&thread.kind);
        let branches = kind.and_then(|kind: &PollKind| kind.branches.clone());
        let key = thread.key.clone();
        let (parts, members, incident) = self
            .store
            .read_async(move |reader| {
                let (parts, members) = (reader.thread_parts(&key)?, reader.thread_members(&key)?);
                Ok((parts, members, incident(reader, &key)?))
            })
            .await?;
        let news = match branches.filter(|_| thread.key.branch.is_none()) {
            Some(kind) => branch_news(thread, &parts, &kind, &read.told, &numbers, now),
            None => Vec::new(),
        };
        // A first read may be told to end early, and some ask for what is new alone.
        let shows_all = read.is_whole
            && thread.last_read_at.is_some()
            && kind.is_some_and(|kind| !kind.asks_since() && !is_cut(kind, thread, &read.told));
        let judged = match brought.error {
            None if shows_all => judged(&thread.key, &members, &read.told, &apart(&parts, &news)),
            None | Some(_) => Judged::default(),
        };
        Ok(threaded(thread, brought, news, judged, incident, &numbers, now))
    }

    /// The host that comments of a source are asked at: sites that speak the
    /// same protocol have nothing else in common.
    pub(super) fn asked_at(&self, source: &Source) -> String {
        let kind = self.comments_kind(source).unwrap_or(&source.kind).to_owned();
        self.surroundings().host_of(&Source { kind, ..source.clone() })
    }

    fn broken_thread(
        &self,
        source: &Source,
        thread: &ThreadState,
        text: &str,
        now: Timestamp,
    ) -> ThreadPolled {
        let error = broken(text);
        tracing::error!(thread = %thread.key, "{error}");
        let brought = Brought::failed(error, &thread.cursor);
        let numbers = self.connectors.get(&source.network);
        let numbers = numbers.map(|definition| self.numbers(source, definition, now));
        // Whether its incident is closed is asked when it can be read again.
        let (incident, numbers) = (Incident::Open, numbers.unwrap_or_default());
        threaded(thread, brought, Vec::new(), Judged::default(), incident, &numbers, now)
    }

    /// Whether the host, or our budget, wants everything of the kind to wait;
    /// then it does.
    fn is_to_wait(
        &self,
        source: &Source,
        thread: &ThreadState,
        brought: &Brought,
        numbers: &Rereading,
        now: Timestamp,
    ) -> bool {
        let Some(error) = &brought.error else { return false };
        if !matches!(sense(error), Sense::Pause) {
            return false;
        }
        let until = error.retry_at.unwrap_or_else(|| {
            let is_soon_over = error.class == ErrorClass::RateLimited;
            later(now, if is_soon_over { numbers.shortest_secs } else { numbers.longest_secs })
        });
        let class = error.class.as_str();
        tracing::info!(source = %thread.source, class, %until, "threads wait: {error}");
        self.threads.pause(&self.asked_at(source), &thread.kind, until);
        brought.posts.is_empty()
    }
}
