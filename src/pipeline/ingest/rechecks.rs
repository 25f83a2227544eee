//! Posts of open incidents are looked at again by their names, where the
//! network lets us: an edit becomes a revision, and a post that twice in a row
//! is not there is taken for deleted. Comments are looked at with their threads.
//!
//! If we stop during a look, nothing of it is stored and it is due still.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::threads::{Sense, later, sense};
use super::times::Times;
use super::{IngestStage, Inner};
use crate::adapters::connector::definition::PollKind;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::keys::Choice;
use crate::adapters::connector::paging::{About, target_under};
use crate::adapters::connector::poll::{PollRequest, PollResult, Read, read};
use crate::adapters::store::commands::{Command, Ingest, Rechecked, Threaded};
use crate::adapters::store::read::Watched;
use crate::model::position::Position;
use crate::model::post::Post;
use crate::model::source::{Cursor, Rejected, Source, SourceId};
use crate::model::time::Timestamp;
use crate::pipeline::stage::{StageError, supervise};
use crate::rules::ruleset::Ruleset;

/// Between two searches for posts that joined an open incident.
const SWEEP_SECS: i64 = 60;
/// Posts that one search finds; the next one finds the others.
const SWEEP_MAX: usize = 500;
/// A post that is not there is gone if it is not there once more.
const MISSED_MAX: u32 = 2;

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
        let is_asked = |source: &&Source| {
            waiting.contains(&source.id) && !busy.contains(&source.id) && !times.is_stopped(source)
        };
        for source in ruleset.region.sources.iter().filter(is_asked) {
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
        let intervals: BTreeMap<&SourceId, i64> = sources
            .filter_map(|source| Some((&source.id, recheckable(&self.inner, source)?.1)))
            .map(|(id, kind)| (id, secs(kind.interval_secs)))
            .collect();
        let found = self.inner.store.read_async(|reader| reader.unwatched_members(SWEEP_MAX));
        let watched = |(post, source): (Position, SourceId)| {
            let next_at = Some(later(now, *intervals.get(&source)?));
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
        begun.then(|| RecheckTurn { inner, source: source.id.clone() })
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
        self.look(&source, &kind, &open, &mut found, now).await;
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
        if open.len() == 1 || !read.as_ref().is_some_and(says_gone) {
            return found.take(self, open, read, kind, now);
        }
        for one in open.chunks(1) {
            let read = self.inner.look_again(source, kind, one, now).await;
            found.take(self, one, read, kind, now);
        }
    }
}

fn says_gone(read: &Read) -> bool {
    matches!(&read.result, PollResult::Refused { error, .. } if error.class == ErrorClass::Gone)
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
    ) -> Option<Read> {
        let definition = self.connectors.get(&source.network)?;
        let target = open.first().and_then(|first| asked_as(kind, source, first))?;
        let source = &Source { target, ..source.clone() };
        let ids: Vec<&str> =
            open.iter().map(|watched| watched.post.post.key.native_id.as_str()).collect();
        let joined = ids.join(",");
        let secret = match self.key(source, definition, now) {
            Choice::None => None,
            Choice::Key(key) => Some(key),
            Choice::AllSetAside(_) => return None,
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
        self.is_the_keys_fault(source, &read.result, secret, now);
        if let Err(error) = self.keep_spent(source, now).await {
            tracing::error!(source = %source.id, "what a look cost was not stored: {error}");
        }
        Some(read)
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
    fn take(
        &mut self,
        turn: &RecheckTurn,
        open: &[Watched],
        read: Option<Read>,
        kind: &PollKind,
        now: Timestamp,
    ) {
        let Some(read) = read else {
            turn.pause(None, kind, now);
            return;
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
        if let Some(error) = error.as_ref().filter(|error| matches!(sense(error), Sense::Pause)) {
            turn.pause(error.retry_at, kind, now);
        }
        for watched in open {
            let is_there = seen.contains(watched.post.post.key.native_id.as_str());
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
    }
}

impl RecheckTurn {
    fn pause(&self, until: Option<Timestamp>, kind: &PollKind, now: Timestamp) {
        let until = until.unwrap_or_else(|| later(now, secs(kind.interval_secs)));
        if let Ok(mut paused) = self.inner.rechecks.paused.lock() {
            paused.insert(self.source.clone(), until);
        }
    }
}

/// The post as the network would show it now: not at all. Its last words stay
/// where they are.
fn gone(post: &Post) -> Post {
    Post { text: String::new(), deleted: true, ..post.clone() }
}

fn stored(
    posts: Vec<Post>,
    rejected: Vec<Rejected>,
    rechecked: Vec<Rechecked>,
    now: Timestamp,
) -> Command {
    let ingest = Ingest { seen_at: now, posts, rejected, gap: None, poll: None };
    Command::Threaded(Box::new(Threaded { ingest, news: Vec::new(), read: None, rechecked }))
}

fn secs(interval: u64) -> i64 {
    i64::try_from(interval).unwrap_or(i64::MAX)
}
