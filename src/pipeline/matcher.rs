//! The matcher stage: reads posts after its position, lets the rules read
//! them, commits findings. If we stop here, the posts after the position are
//! read again; nothing else depends on this memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::adapters::search::IndexedPost;
use crate::adapters::store::commands::{Advance, Command, Findings, Made};
use crate::adapters::store::{Reader, Store, StoreError};
use crate::model::finding::{Finding, Verdict};
use crate::model::position::Position;
use crate::model::post::{Post, StoredPost};
use crate::model::source::{Source, SourceId};
use crate::pipeline::recent::{Recent, Stretch};
use crate::pipeline::stage::{Progress, StageError};
use crate::rules::matching::{Matcher, WordMemo};
use crate::rules::ruleset::Ruleset;

/// Posts in one commit: large enough for the disk, small enough to be quick.
const BATCH_POSTS: usize = 2_000;

/// Reads posts by a ruleset. Also used by `explain` and by replay.
pub struct PostReader {
    matcher: Matcher,
    sources: BTreeMap<SourceId, Source>,
    memo: WordMemo,
}

impl PostReader {
    pub fn new(ruleset: &Ruleset) -> PostReader {
        let sources = &ruleset.region.sources;
        PostReader {
            matcher: Matcher::new(ruleset),
            sources: sources.iter().map(|one| (one.id.clone(), one.clone())).collect(),
            memo: WordMemo::default(),
        }
    }

    pub fn read(&mut self, post: &Post) -> Finding {
        let source = post.source.as_ref().and_then(|id| self.sources.get(id));
        self.matcher.read(&mut self.memo, post, source)
    }

    /// A stored post, with what the post above it says where its own words leave
    /// the matter open.
    pub fn read_stored(
        &mut self,
        reader: &Reader,
        stored: &StoredPost,
    ) -> Result<Finding, StoreError> {
        let finding = self.read(&stored.post);
        self.completed(reader, stored, finding)
    }

    /// The finding of a post below another one.
    pub fn below(&mut self, finding: Finding, above: &Post) -> Finding {
        let above = self.read(above);
        self.matcher.below(finding, &above)
    }

    /// A post above that came later is not asked: reading again must not come
    /// to another conclusion.
    fn completed(
        &mut self,
        reader: &Reader,
        stored: &StoredPost,
        finding: Finding,
    ) -> Result<Finding, StoreError> {
        if !Matcher::asks_above(&finding) {
            return Ok(finding);
        }
        let Some(key) = stored.post.above() else { return Ok(finding) };
        let above = reader.post_by_key(&key)?;
        Ok(match above.filter(|above| above.position < stored.position) {
            Some(above) => self.below(finding, &above.post),
            None => finding,
        })
    }

    /// The finding of a post that goes on to grouping; quicker than reading
    /// every post in full.
    pub fn read_matched(&mut self, post: &Post) -> Option<Finding> {
        let source = post.source.as_ref().and_then(|id| self.sources.get(id));
        self.matcher.read_matched(&mut self.memo, post, source)
    }
}

/// Whether a post goes on to grouping: complaints, and what bodies reply.
pub fn goes_on(post: &Post, finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Matched => true,
        Verdict::OwnAccount => post.is_comment(),
        Verdict::NoTopic | Verdict::NotAComplaint | Verdict::Empty => false,
    }
}

pub struct MatcherStage {
    store: Store,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    made: Made,
    reader: PostReader,
    recent: Recent,
}

impl MatcherStage {
    /// The ruleset must have been activated in the store.
    pub fn new(
        store: Store,
        mut ruleset: watch::Receiver<Arc<Ruleset>>,
    ) -> Result<MatcherStage, StageError> {
        let current = ruleset.borrow_and_update().clone();
        let made = made(&store, &current)?;
        let (reader, recent) = (PostReader::new(&current), Recent::default());
        Ok(MatcherStage { store, ruleset, made, reader, recent })
    }

    /// Shows what is read to the stages that come after this one.
    pub fn showing(self, recent: Recent) -> MatcherStage {
        MatcherStage { recent, ..self }
    }

    /// One batch.
    pub fn step(&mut self) -> Result<Progress, StageError> {
        self.take_new_ruleset()?;
        let (from, last) = self.store.read(|r| Ok((r.stage("matcher")?, r.last_position()?)))?;
        if last <= from {
            return Ok(Progress::Idle(from));
        }
        let posts = self.store.read(|r| r.posts_between(from, last, BATCH_POSTS))?;
        let to = match posts.last() {
            Some(post) if posts.len() == BATCH_POSTS => post.position,
            Some(_) | None => last,
        };
        let posts = self.store.read(|reader| read_all(&mut self.reader, reader, posts))?;
        let found = |one: &IndexedPost| Some((one.post.position, one.finding.clone()?));
        let rows = posts.iter().filter_map(found).collect();
        self.recent.keep(Stretch { after: from, until: to, posts });
        self.commit(Advance { from, to }, rows)?;
        Ok(if to < last { Progress::More(to) } else { Progress::Idle(to) })
    }

    fn commit(&self, advance: Advance, rows: Vec<(Position, Finding)>) -> Result<(), StageError> {
        let findings = Findings { advance, made: self.made.clone(), rows };
        let written = self.store.write(Command::Findings(findings));
        if written.is_err() {
            self.recent.forget();
        }
        Ok(written.map(drop)?)
    }

    fn take_new_ruleset(&mut self) -> Result<(), StageError> {
        if self.ruleset.has_changed().unwrap_or(false) {
            let current = self.ruleset.borrow_and_update().clone();
            self.made = made(&self.store, &current)?;
            self.reader = PostReader::new(&current);
        }
        Ok(())
    }
}

fn read_all(
    posts: &mut PostReader,
    reader: &Reader,
    batch: Vec<StoredPost>,
) -> Result<Vec<IndexedPost>, StoreError> {
    let read = |post: StoredPost| {
        let finding = posts.read_matched(&post.post);
        let finding = finding.map(|finding| posts.completed(reader, &post, finding)).transpose()?;
        Ok(IndexedPost { post, finding })
    };
    batch.into_iter().map(read).collect()
}

/// Run and ruleset for the conclusions of a live stage.
pub fn made(store: &Store, ruleset: &Ruleset) -> Result<Made, StageError> {
    let run = store.read(|reader| reader.current_run())?;
    let (run, _) =
        run.filter(|(_, hash)| *hash == ruleset.hash).ok_or_else(|| StageError::Other {
            message: format!("ruleset {} is not activated", ruleset.hash),
            retry: crate::pipeline::stage::Retry::Soon,
        })?;
    Ok(Made { run, ruleset: ruleset.hash.clone() })
}
