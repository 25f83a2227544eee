//! The indexer stage: brings posts that the matcher has read into the search
//! index. Writes nothing into the database; how far it is stands in the
//! index's own commit. If we stop here, what was not committed is added again.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::adapters::search::{Index, IndexedPost, Mark, SearchError};
use crate::adapters::store::Store;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::pipeline::recent::Recent;
use crate::pipeline::stage::{Progress, Retry, StageError};

/// Posts in one step.
const BATCH_POSTS: usize = 1_000;
/// A commit costs tens of milliseconds whatever it holds, and its small segment
/// is merged again and again; with few of them a bulk load takes half the work.
const COMMIT_POSTS_MAX: u64 = 100_000;
/// People find a post this much later than it was read, at most …
const COMMIT_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// … but for a bulk load: where so many come at once, nobody waits for one.
const BULK_POSTS: u64 = 3_000;
const COMMIT_IN_BULK: SignedDuration = SignedDuration::from_secs(10);
/// When nothing new came, the last posts need not wait for their second, nor
/// need the few of a quiet day.
const COMMIT_WHEN_QUIET: SignedDuration = SignedDuration::from_millis(200);
const FEW_POSTS: u64 = 200;

pub struct IndexerStage {
    store: Store,
    index: Arc<Index>,
    /// How far posts were added.
    added: Mark,
    /// Posts added since the last commit.
    waiting: u64,
    added_at: Timestamp,
    committed: Position,
    committed_at: Timestamp,
    recent: Recent,
}

/// Whether the matcher has read more than is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Yes,
    No,
}

impl IndexerStage {
    /// An index that does not belong to this database, as after a restored
    /// backup, is emptied first.
    pub fn new(store: Store, index: Arc<Index>) -> Result<IndexerStage, StageError> {
        let mark = index.mark().map_err(failed)?;
        let added = if belongs(&store, &mark)? {
            mark
        } else {
            tracing::warn!("search index is of another database, it fills again");
            index.clear().map_err(failed)?;
            Mark::default()
        };
        let committed = added.position;
        let (added_at, committed_at) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let recent = Recent::default();
        let waiting = 0;
        Ok(IndexerStage { store, index, added, waiting, added_at, committed, committed_at, recent })
    }

    /// Takes posts from those that the matcher has just read, where they are there.
    pub fn taking_from(self, recent: Recent) -> IndexerStage {
        IndexerStage { recent, ..self }
    }

    /// One batch, or the commit that is due.
    pub fn step(&mut self, now: Timestamp) -> Result<Progress, StageError> {
        let result = self.work(now);
        if result.is_err() {
            self.go_back()?;
        }
        result
    }

    /// After a failure (a full disk) the next step starts from the last commit.
    fn go_back(&mut self) -> Result<(), StageError> {
        self.index.roll_back().map_err(failed)?;
        self.added = self.index.mark().map_err(failed)?;
        self.waiting = 0;
        Ok(())
    }

    fn work(&mut self, now: Timestamp) -> Result<Progress, StageError> {
        let from = self.added.position;
        let until = self.store.read(|reader| reader.stage("matcher"))?;
        if until <= from {
            self.commit_if_due(now, Behind::No)?;
            return Ok(Progress::Idle(self.committed));
        }
        let more = self.add(from, until)?;
        self.added_at = now;
        self.commit_if_due(now, Behind::Yes)?;
        Ok(if more { Progress::More(self.committed) } else { Progress::Idle(self.committed) })
    }

    /// Adds and commits everything that the matcher has read.
    pub fn finish(&mut self, now: Timestamp) -> Result<Position, StageError> {
        while let Progress::More(_) = self.step(now)? {}
        self.commit(now)?;
        Ok(self.committed)
    }

    /// Adds a batch; true where more may be waiting.
    fn add(&mut self, from: Position, until: Position) -> Result<bool, StageError> {
        if let Some(stretch) = self.recent.after(from, until) {
            self.add_posts(stretch.between(from, stretch.until), stretch.until)?;
            return Ok(stretch.until < until);
        }
        let rows = self.store.read(|reader| reader.read_posts_between(from, until, BATCH_POSTS))?;
        let posts: Vec<IndexedPost> =
            rows.into_iter().map(|(post, finding)| IndexedPost { post, finding }).collect();
        let more = posts.len() == BATCH_POSTS;
        let reached = posts.last().filter(|_| more).map_or(until, |last| last.post.position);
        self.add_posts(&posts, reached)?;
        Ok(more)
    }

    /// All posts that are not yet added up to a position.
    fn add_posts(&mut self, posts: &[IndexedPost], until: Position) -> Result<(), StageError> {
        self.index.add(posts).map_err(failed)?;
        self.waiting += posts.len() as u64;
        if let Some(last) = posts.last() {
            self.added.last_post = Some((last.post.position, last.post.post.key.clone()));
        }
        self.added.position = until;
        Ok(())
    }

    fn commit_if_due(&mut self, now: Timestamp, behind: Behind) -> Result<(), StageError> {
        // A clock that was set back or stands still must not hold the commit up.
        let passed = |since: Timestamp, wait: SignedDuration| {
            let passed = now.duration_since(since).abs();
            passed >= wait || passed.is_zero()
        };
        let is_quiet = behind == Behind::No && passed(self.added_at, COMMIT_WHEN_QUIET);
        let is_due = passed(self.committed_at, self.wait(behind));
        if self.waiting >= COMMIT_POSTS_MAX || is_quiet || is_due {
            self.commit(now)
        } else {
            Ok(())
        }
    }

    /// How long after the last commit the next one follows.
    fn wait(&self, behind: Behind) -> SignedDuration {
        match behind {
            Behind::No if self.waiting < FEW_POSTS => COMMIT_WHEN_QUIET,
            Behind::No | Behind::Yes if self.waiting < BULK_POSTS => COMMIT_EVERY,
            Behind::No | Behind::Yes => COMMIT_IN_BULK,
        }
    }

    /// Facts that are no posts move the position too: who waits for a fact to be
    /// searchable must not wait for the next post.
    fn commit(&mut self, now: Timestamp) -> Result<(), StageError> {
        if self.added.position > self.committed {
            self.index.commit(&self.added).map_err(failed)?;
        }
        self.committed = self.added.position;
        self.committed_at = now;
        self.waiting = 0;
        Ok(())
    }
}

/// Whether the posts of the index are those of the database.
fn belongs(store: &Store, mark: &Mark) -> Result<bool, StageError> {
    let (read, last_post) = store.read(|reader| {
        let last_post = match &mark.last_post {
            Some((position, _)) => reader.post(*position)?,
            None => None,
        };
        Ok((reader.stage("matcher")?, last_post))
    })?;
    let same_post = match (&mark.last_post, last_post) {
        (None, _) => true,
        (Some((_, key)), Some(stored)) => *key == stored.post.key,
        (Some(_), None) => false,
    };
    Ok(mark.position <= read && same_post)
}

fn failed(error: SearchError) -> StageError {
    let retry = if error.is_temporary() { Retry::Soon } else { Retry::Later };
    StageError::Other { message: error.to_string(), retry }
}
