//! Posts of open incidents are looked at again by their names, where the
//! network lets us: an edit becomes a revision, and a post that twice in a row
//! is not there is taken for deleted. Comments are looked at with their threads.
//!
//! If we stop during a look, nothing of it is stored and it is due still.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::threads::{Sense, sense};
use super::times::Times;
use super::{IngestStage, Inner};
use crate::adapters::connector::budget::Lesser;
use crate::adapters::connector::definition::{PollKind, Replies};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::keys::Choice;
use crate::adapters::connector::paging::{About, target_under};
use crate::adapters::connector::poll::{PollRequest, PollResult, Read, read};
use crate::adapters::store::commands::{Command, Ingest, Rechecked, Threaded};
use crate::adapters::store::read::Watched;
use crate::model::position::Position;
use crate::model::post::Post;
use crate::model::source::{Cursor, Rejected, Source, SourceId};
use crate::model::time::{Timestamp, later};
use crate::pipeline::stage::{StageError, caught_in, supervise};
use crate::rules::ruleset::Ruleset;

/// Between two searches for posts that joined an open incident.
const SWEEP_SECS: i64 = 60;
/// Posts that one search finds; the next one finds the others.
const SWEEP_MAX: usize = 500;
/// Sources that are looked at at the same time; each waits for its network.
const TURNS_MAX: usize = 8;
/// After a refusal that is soon over and does not say when, and before another
/// credential is asked.
const PAUSE_SECS: i64 = 60;
const WITH_ANOTHER_KEY_SECS: i64 = 5;
/// A post that is not there is gone if it is not there once more.
pub(super) const MISSED_MAX: u32 = 2;

/// Sources whose posts are being looked at, and when what comes next.
#[derive(Default)]
pub(super) struct Rechecks {
    under_way: Mutex<BTreeSet<SourceId>>,
    swept_at: Mutex<Option<Timestamp>>,
    paused: Mutex<BTreeMap<SourceId, Timestamp>>,
}

impl IngestStage {
    /// Begins a look at the due posts of every source that has some.
    pub(super) async fn begin_rechecks(
        &self,
        ruleset: &Ruleset,
        times: &Times,
        now: Timestamp,
    ) -> Result<(), StageError> {
        self.sweep(ruleset, times, now).await?;
        let store = &self.inner.store;
        let waiting = store.read_async(move |reader| reader.sources_of_due_rechecks(now)).await?;
        let busy = self.inner.rechecks.busy(now);
        let sources: HashMap<&SourceId, &Source> =
            ruleset.region.sources.iter().map(|source| (&source.id, source)).collect();
        let free = waiting.iter().filter(|id| !busy.contains(id));
        let asked = free.filter_map(|id| sources.get(id).copied());
        for source in asked.filter(|source| !times.is_stopped(source)) {
            if TURNS_MAX <= self.inner.rechecks.under_way() {
                break;
            }
            let Some((name, kind)) = recheckable(&self.inner, source) else { continue };
            let source = Source { kind: name.to_owned(), ..source.clone() };
            let kind = kind.clone();
            let id = source.id.clone();
            // One request may as well name what is due soon.
            let until = later(now, secs(kind.interval_secs) / 4);
            let most = kind.posts_max;
            let due =
                self.inner.store.read_async(move |reader| reader.due_rechecks(&id, until, most));
            let due = due.await?;
            if due.first().is_some_and(|first| first.next_at <= now)
                && let Some(turn) = RecheckTurn::begin(self.inner.clone(), &source)
            {
                // The handle may go: the turn ends by itself and is in no queue.
                drop(supervise(async move { turn.run(source, kind, due).await }));
            }
        }
        Ok(())
    }

    /// Now and then: posts that joined an open incident are watched from now on.
    async fn sweep(
        &self,
        ruleset: &Ruleset,
        times: &Times,
        now: Timestamp,
    ) -> Result<(), StageError> {
        if !self.inner.rechecks.is_sweep_due(now) {
            return Ok(());
        }
        let sources = ruleset.region.sources.iter().filter(|source| !times.is_stopped(source));
        let kinds: BTreeMap<&SourceId, &PollKind> = sources
            .filter_map(|source| Some((&source.id, recheckable(&self.inner, source)?.1)))
            .collect();
        let posts: Vec<SourceId> = kinds.keys().map(|id| (*id).clone()).collect();
        let has_named = |kind: &PollKind| kind.replies == Replies::Ask;
        let replies = kinds.iter().filter(|(_, kind)| has_named(kind));
        let replies: Vec<SourceId> = replies.map(|(id, _)| (*id).clone()).collect();
        let found = self
            .inner
            .store
            .read_async(move |reader| reader.unwatched_members(&posts, &replies, SWEEP_MAX));
        let watched = |(post, source): (Position, SourceId)| {
            let next_at = Some(later(now, secs(kinds.get(&source)?.interval_secs)));
            Some(Rechecked { post, next_at, missed: 0 })
        };
        let rechecked: Vec<Rechecked> = found.await?.into_iter().filter_map(watched).collect();
        if !rechecked.is_empty() {
            self.inner.store.write_async(stored(Vec::new(), Vec::new(), rechecked, now)).await?;
        }
        Ok(())
    }
}

/// The kind that looks at posts of a source again, with its name.
fn recheckable<'i>(inner: &'i Inner, source: &Source) -> Option<(&'i str, &'i PollKind)> {
    let definition = inner.connectors.get(&source.network)?;
    let name = definition.recheck_of(&source.kind)?;
    let kind = definition.file.poll.get(name)?;
    inner.may_ask(source, definition, name).then_some((name, kind))
}

impl Rechecks {
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.lock().is_ok_and(|sources| sources.is_empty())
    }

    fn under_way(&self) -> usize {
        self.under_way.lock().map_or(TURNS_MAX, |sources| sources.len())
    }

    fn busy(&self, now: Timestamp) -> BTreeSet<SourceId> {
        let under_way = self.under_way.lock().map(|sources| sources.clone());
        let mut busy = under_way.unwrap_or_default();
        if let Ok(paused) = self.paused.lock() {
            let still = paused.iter().filter(|(_, until)| now < **until);
            busy.extend(still.map(|(source, _)| source.clone()));
        }
        busy
    }

    fn is_sweep_due(&self, now: Timestamp) -> bool {
        let Ok(mut swept_at) = self.swept_at.lock() else { return false };
        let is_due = swept_at.is_none_or(|at| later(at, SWEEP_SECS) <= now);
        if is_due {
            *swept_at = Some(now);
        }
        is_due
    }
}

/// One look at posts of one source; ends its claim on it when dropped.
struct RecheckTurn {
    inner: Arc<Inner>,
    source: SourceId,
}

impl RecheckTurn {
    fn begin(inner: Arc<Inner>, source: &Source) -> Option<RecheckTurn> {
        let begun = {
            let mut under_way = inner.rechecks.under_way.lock().ok()?;
            under_way.insert(source.id.clone())
        };
        begun.then(|| {
            inner.count_turn();
            RecheckTurn { inner, source: source.id.clone() }
        })
    }

    async fn run(self, source: Source, kind: PollKind, due: Vec<Watched>) {
        let now = self.inner.clock.now();
        let (open, closed): (Vec<Watched>, Vec<Watched>) =
            due.into_iter().partition(|watched| watched.is_open);
        let mut found = Found::default();
        // Nobody needs to know more about a case that is closed.
        found.rechecked.extend(closed.iter().map(|watched| Rechecked {
            post: watched.post.position,
            next_at: None,
            missed: 0,
        }));
        let (open, nameless): (Vec<Watched>, Vec<Watched>) =
            open.into_iter().partition(|watched| asked_as(&kind, &source, watched).is_some());
        found.rechecked.extend(nameless.iter().map(|watched| later_again(watched, &kind, now)));
        let look = self.look(&source, &kind, &open, &mut found, now);
        if let Err(text) = caught_in(look).await {
            tracing::error!(source = %source.id, "a second look broke off: {text}");
            let is_told = |watched: &&Watched| {
                found.rechecked.iter().any(|one| one.post == watched.post.position)
            };
            let untold: Vec<&Watched> = open.iter().filter(|one| !is_told(one)).collect();
            let again = untold.into_iter().map(|watched| later_again(watched, &kind, now));
            found.rechecked.extend(again.collect::<Vec<_>>());
        }
        if found.rechecked.is_empty() {
            return;
        }
        let command = stored(found.posts, found.rejected, found.rechecked, now);
        if let Err(error) = self.inner.store.write_async(command).await {
            tracing::error!(source = %source.id, "what a second look saw was not stored: {error}");
        }
    }
}

impl RecheckTurn {
    /// Looks at posts together or, where the network says of all of them at
    /// once that something is gone, at each by itself.
    async fn look(
        &self,
        source: &Source,
        kind: &PollKind,
        open: &[Watched],
        found: &mut Found,
        now: Timestamp,
    ) {
        if open.is_empty() {
            return;
        }
        let read = self.inner.look_again(source, kind, open, now).await;
        let parts = if says_gone(&read) { 1 } else { open.len() };
        if parts == open.len() {
            return self.taken(found.take(open, read, kind, now));
        }
        for one in open.chunks(parts) {
            let read = self.inner.look_again(source, kind, one, now).await;
            let seen = found.take(one, read, kind, now);
            let is_over = matches!(seen, Seen::LeaveAlone(_));
            self.taken(seen);
            if is_over {
                return;
            }
        }
    }

    fn taken(&self, seen: Seen) {
        if let Seen::LeaveAlone(until) = seen
            && let Ok(mut paused) = self.inner.rechecks.paused.lock()
        {
            paused.insert(self.source.clone(), until);
        }
    }
}

fn says_gone(looked: &Looked) -> bool {
    let Looked::Read(read) = looked else { return false };
    matches!(&read.result, PollResult::Refused { error, .. } if error.class == ErrorClass::Gone)
}

/// What came of asking.
enum Looked {
    Read(Box<Read>),
    /// There is nobody to ask with until then.
    NotBefore(Timestamp),
}

/// What a look means for the next one at the same source.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    GoOn,
    LeaveAlone(Timestamp),
}

/// The target of the request for a post, if the network has a name for it.
fn asked_as(kind: &PollKind, source: &Source, watched: &Watched) -> Option<String> {
    let post = &watched.post.post;
    let id = Some(post.key.native_id.as_str()).filter(|id| kind.askable.holds(id))?;
    target_under(kind, id, post.url.as_deref(), &source.target)
}

fn later_again(watched: &Watched, kind: &PollKind, now: Timestamp) -> Rechecked {
    let next_at = Some(later(now, secs(kind.interval_secs)));
    Rechecked { post: watched.post.position, next_at, missed: watched.missed }
}

impl Drop for RecheckTurn {
    fn drop(&mut self) {
        if let Ok(mut under_way) = self.inner.rechecks.under_way.lock() {
            under_way.remove(&self.source);
        }
    }
}

impl Inner {
    async fn look_again(
        &self,
        source: &Source,
        kind: &PollKind,
        open: &[Watched],
        now: Timestamp,
    ) -> Looked {
        let target = open.first().and_then(|first| asked_as(kind, source, first));
        let Some((definition, target)) = self.connectors.get(&source.network).zip(target) else {
            return Looked::NotBefore(later(now, secs(kind.interval_secs)));
        };
        let source = &Source { target, ..source.clone() };
        let ids: Vec<&str> =
            open.iter().map(|watched| watched.post.post.key.native_id.as_str()).collect();
        let joined = ids.join(",");
        let secret = match self.key(source, definition, Some(Lesser::Threads), now) {
            Choice::None => None,
            Choice::Key(key) => Some(key),
            Choice::AllSetAside(error) => {
                let at_last = later(now, secs(kind.interval_secs));
                return Looked::NotBefore(error.retry_at.unwrap_or(at_last));
            }
        };
        let request = PollRequest {
            definition,
            base: self.options.bases.get(&source.network),
            source,
            cursor: &Cursor::default(),
            secret,
            limits: definition.file.limits,
        };
        let alone = ids.first().copied().filter(|_| kind.posts_max == 1);
        let about = About { post: alone, branch: None, posts: Some(&joined) };
        let read = read(&request, about, &self.client, &self.budget, now).await;
        let lesser = Some(Lesser::Threads);
        let is_the_keys_fault = self.is_the_keys_fault(source, lesser, &read.result, secret, now);
        if let Err(error) = self.keep_spent(source, now).await {
            tracing::error!(source = %source.id, "what a look cost was not stored: {error}");
        }
        if is_the_keys_fault && read.told.is_empty() {
            return Looked::NotBefore(later(now, WITH_ANOTHER_KEY_SECS));
        }
        Looked::Read(Box::new(read))
    }
}

/// What a look saw.
#[derive(Default)]
struct Found {
    posts: Vec<Post>,
    rejected: Vec<Rejected>,
    rechecked: Vec<Rechecked>,
}

impl Found {
    /// What was not looked at since everything has to wait is due still.
    fn take(&mut self, open: &[Watched], looked: Looked, kind: &PollKind, now: Timestamp) -> Seen {
        let read = match looked {
            Looked::Read(read) => *read,
            Looked::NotBefore(until) => return Seen::LeaveAlone(until),
        };
        let seen: BTreeSet<&str> = read.told.iter().map(|told| told.native_id.as_str()).collect();
        let (error, posts) = match read.result {
            PollResult::New { posts, rejected, interrupted, .. } => {
                self.rejected.extend(rejected);
                (interrupted, posts)
            }
            PollResult::NothingNew { .. } => (None, Vec::new()),
            PollResult::Refused { error, .. } => (Some(error), Vec::new()),
            PollResult::Failed { error, rejected } => {
                self.rejected.extend(rejected);
                (Some(error), Vec::new())
            }
        };
        let is_ours = |post: &Post| open.iter().any(|one| one.post.post.key == post.key);
        self.posts.extend(posts.into_iter().filter(is_ours));
        // A list leaves out what is gone; who is asked for one post says so.
        let is_proof = match &error {
            Some(error) => error.class == ErrorClass::Gone && open.len() == 1,
            None => 1 < kind.posts_max && read.is_whole && self.rejected.is_empty(),
        };
        let pausing = error.as_ref().filter(|error| sense(error) == Sense::Pause);
        for watched in open {
            let is_there = seen.contains(watched.post.post.key.native_id.as_str());
            if pausing.is_some() && !is_there {
                continue;
            }
            let missed = match (is_there, is_proof) {
                (true, _) => 0,
                (false, true) => watched.missed + 1,
                (false, false) => watched.missed,
            };
            if missed == MISSED_MAX && !watched.is_deleted {
                self.posts.push(gone(&watched.post.post));
            }
            // Before it is said of a post that it is gone, it is asked for soon again.
            let soon = if missed == 1 { 4 } else { 1 };
            let next_at = Some(later(now, secs(kind.interval_secs) / soon));
            let missed = missed.min(MISSED_MAX);
            self.rechecked.push(Rechecked { post: watched.post.position, next_at, missed });
        }
        pausing.map_or(Seen::GoOn, |error| Seen::LeaveAlone(until(error, kind, now)))
    }
}

/// How long nothing of a source is asked for after a refusal.
fn until(error: &PollError, kind: &PollKind, now: Timestamp) -> Timestamp {
    error.retry_at.unwrap_or_else(|| match error.class {
        ErrorClass::RateLimited => later(now, PAUSE_SECS),
        ErrorClass::Quota
        | ErrorClass::Unauthorised
        | ErrorClass::Captcha
        | ErrorClass::Forbidden
        | ErrorClass::Gone
        | ErrorClass::Config
        | ErrorClass::Unavailable
        | ErrorClass::Malformed => later(now, secs(kind.interval_secs)),
    })
}

/// The post as the network would show it now: not at all. Its last words stay
/// where they are.
pub(super) fn gone(post: &Post) -> Post {
    Post { text: String::new(), deleted: true, ..post.clone() }
}

fn stored(
    posts: Vec<Post>,
    rejected: Vec<Rejected>,
    rechecked: Vec<Rechecked>,
    now: Timestamp,
) -> Command {
    let ingest = Ingest { seen_at: now, posts, rejected, gap: None, poll: None };
    Command::Threaded(Box::new(Threaded {
        ingest,
        news: Vec::new(),
        read: None,
        rechecked,
        missed: Vec::new(),
    }))
}

fn secs(interval: u64) -> i64 {
    i64::try_from(interval).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::adapters::connector::poll::Told;
    use crate::model::post::{Network, PostKey, StoredPost};

    const NOON: &str = "2026-11-20T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn watched(position: u64) -> Watched {
        let key = PostKey { network: Network("vk".to_owned()), native_id: position.to_string() };
        let post = Post::of_text(key, "яма".to_owned(), at("2026-11-20T08:00:00Z"));
        Watched {
            post: StoredPost { position: Position(position), post, first_seen_at: at(NOON) },
            is_deleted: false,
            missed: 1,
            next_at: at(NOON),
            is_open: true,
        }
    }

    fn kind() -> PollKind {
        let connectors = Connectors::shipped().unwrap();
        let vk = connectors.get(&Network("vk".to_owned())).unwrap();
        vk.file.poll["by_id"].clone()
    }

    fn look(result: PollResult, there: &[u64]) -> (Seen, Vec<(u64, u32)>) {
        let told = there.iter().map(|id| Told {
            native_id: id.to_string(),
            parent_id: None,
            thread_id: None,
            published_at: at("2026-11-20T08:00:00Z"),
            comments: None,
            deleted: false,
        });
        let read = Read { result, told: told.collect(), is_whole: true };
        let mut found = Found::default();
        let open = [watched(1), watched(2)];
        let seen = found.take(&open, Looked::Read(Box::new(read)), &kind(), at(NOON));
        let rechecked = found.rechecked.iter().map(|one| (one.post.0, one.missed)).collect();
        (seen, rechecked)
    }

    fn refused(error: PollError) -> PollResult {
        PollResult::Refused { error, stop: false }
    }

    #[test]
    fn what_our_own_limit_refuses_is_due_still() {
        let soon = at("2026-11-20T12:00:20Z");
        let error = PollError::own(ErrorClass::RateLimited, "our own limit for t.me");
        let told = error.clone().with_retry_at(Some(soon));
        assert_eq!(look(refused(told), &[]), (Seen::LeaveAlone(soon), Vec::new()));
        let in_a_minute = Seen::LeaveAlone(at("2026-11-20T12:01:00Z"));
        assert_eq!(look(refused(error), &[]), (in_a_minute, Vec::new()));
    }

    #[test]
    fn what_was_seen_before_a_refusal_is_kept() {
        let interrupted = PollError::new(ErrorClass::Quota, "no");
        let result = PollResult::New {
            posts: Vec::new(),
            rejected: Vec::new(),
            cursor: Cursor::default(),
            gap: None,
            interrupted: Some(interrupted),
        };
        let (seen, rechecked) = look(result, &[2]);
        assert!(matches!(seen, Seen::LeaveAlone(_)));
        assert_eq!(rechecked, [(2, 0)]);
    }

    #[test]
    fn a_failure_of_one_look_stops_no_other() {
        let error = PollError::new(ErrorClass::Config, "a wrong request");
        assert_eq!(look(refused(error), &[]), (Seen::GoOn, vec![(1, 1), (2, 1)]));
        let nothing = PollResult::NothingNew { cursor: Cursor::default() };
        assert_eq!(look(nothing, &[1]), (Seen::GoOn, vec![(1, 0), (2, 2)]));
    }
}
