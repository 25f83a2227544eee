//! The matcher stage: reads posts after its position, lets the rules read
//! them, commits findings. If we stop here, the posts after the position are
//! read again; nothing else depends on this memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::adapters::store::Store;
use crate::adapters::store::commands::{Advance, Command, Findings, Made};
use crate::model::finding::{Finding, Verdict};
use crate::model::position::Position;
use crate::model::post::{Post, StoredPost};
use crate::model::source::{Source, SourceId};
use crate::pipeline::stage::{Progress, StageError};
use crate::rules::matching::Matcher;
use crate::rules::ruleset::Ruleset;
use crate::rules::text::stem::StemMemo;

/// Posts in one commit: large enough for the disk, small enough to be quick.
const BATCH_POSTS: usize = 2_000;

/// Reads posts by a ruleset. Also used by `explain` and by replay.
pub struct PostReader {
    matcher: Matcher,
    sources: BTreeMap<SourceId, Source>,
    memo: StemMemo,
}

impl PostReader {
    pub fn new(ruleset: &Ruleset) -> PostReader {
        let sources = &ruleset.region.sources;
        PostReader {
            matcher: Matcher::new(ruleset),
            sources: sources.iter().map(|one| (one.id.clone(), one.clone())).collect(),
            memo: StemMemo::default(),
        }
    }

    pub fn read(&mut self, post: &Post) -> Finding {
        let source = post.source.as_ref().and_then(|id| self.sources.get(id));
        self.matcher.read(&mut self.memo, post, source)
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
}

impl MatcherStage {
    /// The ruleset must have been activated in the store.
    pub fn new(
        store: Store,
        mut ruleset: watch::Receiver<Arc<Ruleset>>,
    ) -> Result<MatcherStage, StageError> {
        let current = ruleset.borrow_and_update().clone();
        let made = made(&store, &current)?;
        Ok(MatcherStage { store, ruleset, made, reader: PostReader::new(&current) })
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
        let rows = self.read_all(&posts);
        let advance = Advance { from, to };
        self.store.write(Command::Findings(Findings { advance, made: self.made.clone(), rows }))?;
        Ok(if to < last { Progress::More(to) } else { Progress::Idle(to) })
    }

    fn read_all(&mut self, posts: &[StoredPost]) -> Vec<(Position, Finding)> {
        let mut rows = Vec::new();
        for stored in posts {
            if let Some(finding) = self.reader.read_matched(&stored.post) {
                rows.push((stored.position, finding));
            }
        }
        rows
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
