//! The streams stage: one task a source whose posts come by themselves. Looks
//! which of them should be connected and are not, which should not be and are;
//! everything else happens in a turn, which is one connection. What comes is
//! committed like a poll's, posts and place together.
//!
//! If we stop here, what was not committed comes again where the protocol goes
//! on from a place, and is covered by a gap where it does not.

mod batch;
mod rules;
mod turn;
mod waits;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::adapters::connector::Connectors;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::{Definition, Protocol, StreamKind};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::ClientOptions;
use crate::adapters::connector::keys::{Choice, Keys};
use crate::adapters::connector::stream::Streams;
use crate::adapters::store::Store;
use crate::model::position::Position;
use crate::model::post::Network;
use crate::model::source::{Source, SourceId};
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::ingest::IngestStage;
use crate::pipeline::stage::{Board, Progress, StageError, Surroundings, supervise};
use crate::rules::ruleset::Ruleset;

use self::turn::Turn;

/// Between two looks at all sources: every commit asks for one.
const REST: Duration = Duration::from_millis(50);

/// How streams are reached.
#[derive(Default)]
pub struct StreamOptions {
    /// Instead of the connectors' own addresses.
    pub bases: BTreeMap<Network, Url>,
    /// Tokens of single communities, by the target of the source.
    pub communities: BTreeMap<Network, BTreeMap<String, Secret>>,
    /// Instead of the connectors' own shares.
    pub shares: BTreeMap<Network, u32>,
    pub client: ClientOptions,
}

/// The stage; cheap to clone, all clones are one.
#[derive(Clone)]
pub struct StreamStage {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    board: Arc<Board>,
    stop: watch::Receiver<bool>,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    connectors: Connectors,
    streams: Streams,
    keys: Arc<Keys>,
    bases: BTreeMap<Network, Url>,
    communities: BTreeMap<Network, BTreeMap<String, Secret>>,
    shares: BTreeMap<Network, u32>,
    /// Opens threads under what comes.
    ingest: IngestStage,
    looked_at: Mutex<Option<Instant>>,
    turns: watch::Sender<BTreeMap<SourceId, Going>>,
    pasts: Mutex<BTreeMap<SourceId, Past>>,
}

/// A turn that goes on.
struct Going {
    source: Source,
    cancel: watch::Sender<bool>,
}

/// Why nobody was asked.
enum Unasked {
    /// A person must act.
    Config(PollError),
    /// No credential can be used for the moment.
    SetAside(PollError),
}

/// What is remembered of a source's connections while the program runs.
#[derive(Debug, Clone, Copy, Default)]
struct Past {
    connections: u64,
    /// In a row, connections that soon broke among them.
    failures: u32,
    /// The last key that was given was refused.
    is_renewing: bool,
}

impl StreamStage {
    /// Shares requests and credentials with the stage that polls.
    pub fn new(
        surroundings: Surroundings,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        connectors: Connectors,
        ingest: &IngestStage,
        options: StreamOptions,
    ) -> Result<StreamStage, PollError> {
        let Surroundings { store, clock, board, stop } = surroundings;
        let (budget, keys) = ingest.shared();
        let streams = Streams::new(&options.client, clock.clone(), budget)?;
        let StreamOptions { bases, communities, shares, client: _ } = options;
        let (turns, _) = watch::channel(BTreeMap::new());
        let pasts = Mutex::default();
        let inner = Inner {
            store,
            clock,
            board,
            stop,
            ruleset,
            connectors,
            streams,
            keys,
            bases,
            communities,
            shares,
            ingest: ingest.clone(),
            looked_at: Mutex::default(),
            turns,
            pasts,
        };
        Ok(StreamStage { inner: Arc::new(inner) })
    }

    /// Begins and ends connections.
    pub async fn step(self, now: Timestamp) -> Result<Progress, StageError> {
        let ruleset = self.inner.ruleset.borrow().clone();
        let wanted: Vec<&Source> = ruleset
            .region
            .sources
            .iter()
            .filter(|source| self.inner.stream_of(source).is_some())
            .collect();
        // Every commit asks, and most programs have no streams.
        if wanted.is_empty() && self.inner.turns.borrow().is_empty() {
            return Ok(Progress::Idle(Position::default()));
        }
        self.inner.rest().await;
        let times = self.inner.store.read_async(|reader| reader.standings()).await?;
        let stopped = |id: &SourceId| times.iter().any(|time| time.id == *id && time.stopped);
        for (id, going) in self.inner.turns.borrow().iter() {
            let is_wanted = wanted.iter().any(|source| **source == going.source);
            if !is_wanted || stopped(id) {
                going.cancel.send_replace(true);
            }
        }
        let due_at = |id: &SourceId| {
            times.iter().find(|time| time.id == *id).and_then(|time| time.next_poll_at)
        };
        for source in wanted {
            let is_due = due_at(&source.id).is_none_or(|due| due <= now);
            if is_due && !stopped(&source.id) && !*self.inner.stop.borrow() {
                self.begin(source);
            }
        }
        Ok(Progress::Idle(Position::default()))
    }

    fn begin(&self, source: &Source) {
        let (cancel, cancelled) = watch::channel(false);
        let going = Going { source: source.clone(), cancel };
        let is_new = self.inner.turns.send_if_modified(|turns| {
            let is_free = !turns.contains_key(&source.id);
            if is_free {
                turns.insert(source.id.clone(), going);
            }
            is_free
        });
        if is_new {
            let turn = Turn::new(self.inner.clone(), source.clone(), cancelled);
            // The handle may go: the turn ends by itself and is in no queue.
            drop(supervise(turn.run()));
        }
    }

    /// Waits for the end, and then for all turns to commit what they hold.
    pub async fn ended(self) {
        let mut stop = self.inner.stop.clone();
        // Whoever could say so is gone as well.
        let _ = stop.wait_for(|stop| *stop).await;
        let mut turns = self.inner.turns.subscribe();
        let _ = turns.wait_for(BTreeMap::is_empty).await;
    }
}

impl Inner {
    /// Lets some time pass since the last look.
    async fn rest(&self) {
        let last = self.looked_at.lock().ok().and_then(|mut at| at.replace(Instant::now() + REST));
        if let Some(until) = last {
            tokio::time::sleep_until(until).await;
        }
    }

    fn stream_of(&self, source: &Source) -> Option<(&Definition, &StreamKind)> {
        let definition = self.connectors.get(&source.network)?;
        Some((definition, definition.file.stream.get(&source.kind)?))
    }

    /// Of the posts that are asked for, how many come.
    fn share_percent(&self, source: &Source, kind: &StreamKind) -> u32 {
        match kind.protocol {
            Protocol::VkStreaming => {
                self.shares.get(&source.network).copied().unwrap_or(kind.share_percent)
            }
            Protocol::VkLongPoll | Protocol::Jetstream | Protocol::ServerSentEvents => {
                kind.share_percent
            }
        }
    }

    /// As whom a stream is asked for: the community's own token where it is
    /// about a community, one of the network's otherwise.
    fn secret(
        &self,
        source: &Source,
        kind: &StreamKind,
        now: Timestamp,
    ) -> Result<Option<&Secret>, Unasked> {
        if kind.protocol == Protocol::VkLongPoll {
            let own = self.communities.get(&source.network);
            let own = own.and_then(|tokens| tokens.get(&source.target));
            let missing = || {
                let detail = format!("the community {} has no token", source.target);
                Unasked::Config(PollError::new(ErrorClass::Config, detail))
            };
            return own.map(Some).ok_or_else(missing);
        }
        match self.keys.choose(&source.network, &source.kind, |_| 0, now) {
            Choice::None => Ok(None),
            Choice::Key(key) => Ok(Some(key)),
            Choice::AllSetAside(error) => Err(Unasked::SetAside(error)),
        }
    }

    fn past(&self, id: &SourceId) -> Past {
        self.pasts.lock().ok().and_then(|pasts| pasts.get(id).copied()).unwrap_or_default()
    }

    fn remember(&self, id: &SourceId, past: Past) {
        if let Ok(mut pasts) = self.pasts.lock() {
            pasts.insert(id.clone(), past);
        }
    }
}
