//! What communities of VKontakte tell us by themselves (Callback API): who
//! calls is checked, the event is read by the connector, and it is stored
//! before anybody is told that it was taken. Knows neither addresses nor
//! headers.
//!
//! If we stop before the commit, nothing was taken and the network repeats; if
//! we stop after it, the network repeats what is known by its id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::extract::{Page, extract};
use crate::adapters::connector::stream::frame::News;
use crate::adapters::store::commands::{Command, EventKey, Ingest, Received};
use crate::adapters::store::{Store, StoreError};
use crate::model::post::{Network, Post, PostKey};
use crate::model::source::{REJECTED_PAYLOAD_MAX_BYTES, Rejected, Source, SourceId};
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::sift::{Arrived, sift};
use crate::rules::ruleset::Ruleset;

/// The network whose events these are.
pub const NETWORK: &str = "vk";
/// The extraction that reads them.
const EVENTS: &str = "events";
/// Events of one community: a lively one sends a few a second.
const EVENTS_PER_SEC: i64 = 100;
/// Calls with a wrong secret that are told so; more are sent away unread.
const REFUSALS_PER_MIN: i64 = 60;
/// Words of events that are told by name; more are counted together.
const WORDS_MAX: usize = 100;

/// A community that is configured to call us.
#[derive(Debug, Clone)]
pub struct Community {
    pub group_id: u64,
    pub secret: Secret,
    /// What the network wants to hear before it sends anything.
    pub confirmation: String,
    /// Of which source its posts are, where that is not its wall.
    pub source: Option<SourceId>,
}

/// Who may call, and how what they send is read.
#[derive(Debug, Clone, Default)]
pub struct CallbackOptions {
    pub definition: Option<Definition>,
    pub communities: BTreeMap<String, Community>,
}

pub struct Callbacks {
    store: Store,
    clock: Arc<dyn Clock>,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    definition: Option<Definition>,
    lines: BTreeMap<String, Line>,
}

struct Line {
    community: Community,
    state: Mutex<LineState>,
    /// Events are stored one after the other: each is compared with what is known.
    storing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct LineState {
    tally: Tally,
    words: BTreeSet<String>,
    events: Allowance,
    refusals: Allowance,
    is_refusal_told: bool,
}

/// What came by one line since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that are stored, repeated ones included.
    pub taken: u64,
    /// Those that could not be read and are kept aside.
    pub unreadable: u64,
    /// Those that are about no post.
    pub others: u64,
    /// Calls that were sent away: a wrong secret, another community, no event.
    pub refused: u64,
    pub last_at: Option<Timestamp>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Confirmation(String),
    /// It is stored, or there is nothing to store.
    Taken,
}

/// Why a call was not taken.
#[derive(Debug)]
pub enum Refusal {
    UnknownName,
    WrongSecret,
    NoEvent,
    TooMany,
    NotStored(StoreError),
}

impl Callbacks {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        options: CallbackOptions,
    ) -> Callbacks {
        let line = |community| Line {
            community,
            state: Mutex::default(),
            storing: tokio::sync::Mutex::default(),
        };
        let line = |(name, community)| (name, line(community));
        let lines = options.communities.into_iter().map(line).collect();
        Callbacks { store, clock, ruleset, definition: options.definition, lines }
    }

    /// What came by each line, by name.
    pub fn tallies(&self) -> Vec<(String, Tally)> {
        let tally = |(name, line): (&String, &Line)| (name.clone(), line.lock().tally.clone());
        self.lines.iter().map(tally).collect()
    }

    /// Takes one call. `Ok` is said only of what cannot be lost any more.
    pub async fn receive(&self, name: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let (Some(line), Some(definition)) = (self.lines.get(name), &self.definition) else {
            return Err(Refusal::UnknownName);
        };
        let now = self.clock.now();
        let Ok(Value::Object(mut event)) = serde_json::from_slice(body) else {
            return Err(line.refuse(name, now, Refusal::NoEvent));
        };
        let secret = event.remove("secret");
        let word = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !line.community.is_caller(&event, &word, secret.as_ref()) {
            return Err(line.refuse(name, now, Refusal::WrongSecret));
        }
        if word == "confirmation" {
            return Ok(Reply::Confirmation(line.community.confirmation.clone()));
        }
        if !line.lock().events.take(now, EVENTS_PER_SEC, 1_000) {
            return Err(Refusal::TooMany);
        }
        let event = Value::Object(event);
        let (mut ingest, others) = self.read(definition, &line.community, &event, now);
        let is_unreadable = !ingest.rejected.is_empty();
        if !ingest.posts.is_empty() || is_unreadable {
            let _turn = line.storing.lock().await;
            let posts = std::mem::take(&mut ingest.posts);
            let news = news(definition, &event);
            ingest.posts = self.news_alone(posts, news).await.map_err(Refusal::NotStored)?;
            let received = Received { ingest, event: line.community.key_of(&event) };
            let stored = self.store.write_async(Command::Received(Box::new(received))).await;
            stored.map_err(Refusal::NotStored)?;
        }
        line.count(name, now, &others, is_unreadable);
        Ok(Reply::Taken)
    }

    /// An event that comes again after it was not taken may be older than what
    /// is known. Even what is gone and was never here is kept: what comes late
    /// may be its words.
    async fn news_alone(&self, posts: Vec<Post>, news: News) -> Result<Vec<Post>, StoreError> {
        let keys: Vec<PostKey> = posts.iter().map(|post| post.key.clone()).collect();
        let known = self.store.read_async(move |reader| reader.versions(keys.iter())).await?;
        let arrived = posts.into_iter().map(|post| Arrived { post, news }).collect();
        let (posts, _none) = sift(arrived, known, |_| true);
        Ok(posts)
    }

    /// The posts of an event, and what it calls itself where it is about none.
    fn read(
        &self,
        definition: &Definition,
        community: &Community,
        event: &Value,
        now: Timestamp,
    ) -> (Ingest, Vec<String>) {
        let source = self.source(community);
        let payload = event.to_string().into_bytes();
        let page = extract(definition, EVENTS, &payload, None, now).unwrap_or_else(|error| {
            let payload = payload.into_iter().take(REJECTED_PAYLOAD_MAX_BYTES).collect();
            let rejected = Rejected { source: None, error: error.to_string(), payload };
            Page { rejected: vec![rejected], ..Page::default() }
        });
        let Page { mut posts, mut rejected, others, .. } = page;
        posts.iter_mut().for_each(|post| post.source.clone_from(&source));
        rejected.iter_mut().for_each(|rejected| rejected.source.clone_from(&source));
        (Ingest { seen_at: now, posts, rejected, gap: None, poll: None }, others)
    }

    /// The source that stands for the community: the one that is named, or the
    /// one that is polled by the community's number.
    fn source(&self, community: &Community) -> Option<SourceId> {
        let ruleset = self.ruleset.borrow();
        let wall = format!("-{}", community.group_id);
        let is_its_wall = |source: &&Source| source.network.0 == NETWORK && source.target == wall;
        let polled = || ruleset.region.sources.iter().find(is_its_wall).map(|one| one.id.clone());
        community.source.clone().or_else(polled)
    }
}

/// What an event says of its posts: the same as if it had come by a stream.
fn news(definition: &Definition, event: &Value) -> News {
    let kind = definition.file.stream.values().find(|kind| kind.extract == EVENTS);
    kind.map_or(News::Return, |kind| News::of(kind, event))
}

impl Community {
    fn key_of(&self, event: &Value) -> Option<EventKey> {
        let id = event.get("event_id").and_then(Value::as_str).filter(|id| !id.is_empty())?;
        Some(EventKey {
            network: Network(NETWORK.to_owned()),
            account: self.group_id.to_string(),
            id: id.to_owned(),
        })
    }

    /// The question for the confirmation may come before the network was told
    /// the secret.
    fn is_caller(
        &self,
        event: &serde_json::Map<String, Value>,
        word: &str,
        secret: Option<&Value>,
    ) -> bool {
        let is_of_group = event.get("group_id").and_then(Value::as_u64) == Some(self.group_id);
        let is_secret = match secret.and_then(Value::as_str) {
            Some(given) => self.secret.is(given),
            None => word == "confirmation" && secret.is_none(),
        };
        is_of_group && is_secret
    }
}

impl Line {
    fn lock(&self) -> std::sync::MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that is sent away; the first is told, a flood is not read
    /// to its end.
    fn refuse(&self, name: &str, now: Timestamp, why: Refusal) -> Refusal {
        let mut state = self.lock();
        state.tally.refused += 1;
        if !std::mem::replace(&mut state.is_refusal_told, true) {
            tracing::warn!(callback = name, "a call was refused: {}", why.as_str());
        }
        let is_flood = !state.refusals.take(now, REFUSALS_PER_MIN, 60_000);
        if is_flood { Refusal::TooMany } else { why }
    }

    fn count(&self, name: &str, now: Timestamp, others: &[String], is_unreadable: bool) {
        let mut state = self.lock();
        state.tally.last_at = Some(now);
        // Whoever calls rightly now may be refused later, and that is news.
        state.is_refusal_told = false;
        match (others.is_empty(), is_unreadable) {
            (_, true) => state.tally.unreadable += 1,
            (false, false) => state.tally.others += 1,
            (true, false) => state.tally.taken += 1,
        }
        for word in others {
            if state.words.len() < WORDS_MAX && state.words.insert(word.clone()) {
                tracing::info!(callback = name, event = %word, "events of this kind are no posts");
            }
        }
    }
}

impl Refusal {
    fn as_str(&self) -> &'static str {
        match self {
            Refusal::UnknownName => "nobody of that name",
            Refusal::WrongSecret => "a wrong secret or another community",
            Refusal::NoEvent => "no event",
            Refusal::TooMany => "too many",
            Refusal::NotStored(_) => "not stored",
        }
    }
}

/// So many in so long; the next stretch begins with the first one after it.
#[derive(Default)]
struct Allowance {
    since_ms: i64,
    used: i64,
}

impl Allowance {
    fn take(&mut self, now: Timestamp, most: i64, within_ms: i64) -> bool {
        let now = now.as_millisecond();
        if !(self.since_ms..self.since_ms + within_ms).contains(&now) {
            *self = Allowance { since_ms: now, used: 0 };
        }
        self.used += 1;
        self.used <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_begins_anew() {
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
        let mut allowance = Allowance::default();
        let mut take = |ms: i64| allowance.take(at(ms), 2, 1_000);
        let taken: Vec<bool> = [10_005, 10_006, 10_900, 11_004, 11_005, 11_006, 10_003]
            .into_iter()
            .map(&mut take)
            .collect();
        assert_eq!(taken, [true, true, false, false, true, true, true]);
    }

    #[test]
    fn only_the_community_itself_is_believed() {
        let community = Community {
            group_id: 5,
            secret: Secret::new("тайна"),
            confirmation: "c0de".to_owned(),
            source: None,
        };
        let check = |event: &str, expected: bool| {
            let Value::Object(mut event) = serde_json::from_str(event).unwrap() else { panic!() };
            let secret = event.remove("secret");
            let word = event["type"].as_str().unwrap().to_owned();
            let got = community.is_caller(&event, &word, secret.as_ref());
            assert_eq!(got, expected, "{event:?} {secret:?}");
        };
        check(r#"{"type":"wall_post_new","group_id":5,"secret":"тайна"}"#, true);
        check(r#"{"type":"wall_post_new","group_id":5,"secret":"тайн"}"#, false);
        check(r#"{"type":"wall_post_new","group_id":5,"secret":7}"#, false);
        check(r#"{"type":"wall_post_new","group_id":5}"#, false);
        check(r#"{"type":"wall_post_new","group_id":6,"secret":"тайна"}"#, false);
        check(r#"{"type":"wall_post_new","secret":"тайна"}"#, false);
        check(r#"{"type":"confirmation","group_id":5}"#, true);
        check(r#"{"type":"confirmation","group_id":5,"secret":""}"#, false);
        check(r#"{"type":"confirmation","group_id":6}"#, false);
    }
}
