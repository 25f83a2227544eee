//! The cluster stage: folds matched posts and people's actions, in the one
//! order of all facts, into incidents. If we stop here, memory is built again
//! from the tables and the fold goes on from the stored position.
//!
//! `fold.rs` is what a post does, `again.rs` what it does to closed incidents,
//! `seen.rs` what a body's own reply does, `links.rs` what repeats what;
//! `actions.rs` is what a decision does, with `regroup.rs` and `answers.rs` for
//! their parts; `undo.rs` takes decisions back, `memory.rs` rebuilds, `clocks.rs`
//! and `notices.rs` say what follows from a changed incident, `hints.rs` which
//! incidents may be one, `partings.rs` which are two, `copies.rs` which posts repeat others.

mod actions;
mod again;
mod answers;
mod clocks;
mod copies;
mod crowds;
mod fold;
mod hints;
mod links;
mod memory;
mod merging;
mod notices;
mod partings;
mod regroup;
mod seen;
mod undo;

use std::sync::Arc;

use tokio::sync::watch;

pub use self::fold::{Fold, Input};

use crate::adapters::search::IndexedPost;
use crate::adapters::store::commands::{Advance, Command, Made};
use crate::adapters::store::{Pending, Reader, Store, StoreError};
use crate::model::finding::Finding;
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::pipeline::matcher::made;
use crate::pipeline::recent::{Recent, Stretch};
use crate::pipeline::stage::{Progress, StageError};
use crate::rules::ruleset::Ruleset;

/// Matched posts in one commit.
const BATCH_POSTS: usize = 500;

pub struct ClusterStage {
    store: Store,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    made: Made,
    fold: Fold,
    /// How far the memory has come; the tables follow when `pending` is done.
    at: Position,
    /// The batch before, on its way to the disk while this one is folded.
    pending: Option<Pending>,
    recent: Recent,
}

impl ClusterStage {
    /// The ruleset must have been activated in the store.
    pub fn new(
        store: Store,
        mut ruleset: watch::Receiver<Arc<Ruleset>>,
    ) -> Result<ClusterStage, StageError> {
        let current = ruleset.borrow_and_update().clone();
        let made = made(&store, &current)?;
        let fold = store.read(|reader| memory::rebuild(reader, current))?;
        let at = store.read(|reader| reader.stage("cluster"))?;
        let recent = Recent::default();
        Ok(ClusterStage { store, ruleset, made, fold, at, pending: None, recent })
    }

    /// Takes posts from those that the matcher has just read, where they are there.
    pub fn taking_from(self, recent: Recent) -> ClusterStage {
        ClusterStage { recent, ..self }
    }

    /// One batch of facts. After an error the memory may be ahead of the
    /// tables, so it is built anew.
    pub fn step(&mut self) -> Result<Progress, StageError> {
        if self.ruleset.has_changed().unwrap_or(false) {
            self.settle()?;
            self.start_over()?;
        }
        let result = self.try_step();
        if result.is_err() {
            self.start_over()?;
        }
        result
    }

    fn start_over(&mut self) -> Result<(), StageError> {
        // What is still on its way is refused or done before the next read.
        let _ = self.settle();
        let current = self.ruleset.borrow_and_update().clone();
        self.made = made(&self.store, &current)?;
        self.fold = self.store.read(|reader| memory::rebuild(reader, current))?;
        self.at = self.store.read(|reader| reader.stage("cluster"))?;
        Ok(())
    }

    /// Waits until the batch before is durable.
    fn settle(&mut self) -> Result<(), StageError> {
        match self.pending.take() {
            Some(pending) => Ok(pending.wait().map(drop)?),
            None => Ok(()),
        }
    }

    fn try_step(&mut self) -> Result<Progress, StageError> {
        let matched = self.store.read(|reader| reader.stage("matcher"))?;
        let from = self.at;
        if matched <= from {
            self.settle()?;
            return Ok(Progress::Idle(from));
        }
        let (inputs, to) = match self.recent.after(from, matched) {
            Some(stretch) => self.store.read(|reader| inputs_of(&stretch, reader, from))?,
            None => self.store.read(|reader| next_inputs(reader, from, matched))?,
        };
        for input in inputs {
            self.fold.input(input);
        }
        let changes = self.fold.take_changes(Advance { from, to }, self.made.clone());
        let submitted = self.store.submit(Command::Clustered(Box::new(changes)))?;
        self.at = to;
        // If the batch before fails, this one does not begin where the tables
        // stand and is refused too.
        let before = self.settle();
        self.pending = Some(submitted);
        before?;
        if to < matched {
            return Ok(Progress::More(to));
        }
        self.settle()?;
        Ok(Progress::Idle(to))
    }
}

/// The next facts for the fold, in order, and how far they reach.
pub fn next_inputs(
    reader: &Reader,
    from: Position,
    until: Position,
) -> Result<(Vec<Input>, Position), StoreError> {
    let posts = reader.found_posts_between(from, until, BATCH_POSTS)?;
    with_actions(reader, posts, from, until)
}

/// The same from what the matcher has just read.
fn inputs_of(
    stretch: &Stretch,
    reader: &Reader,
    from: Position,
) -> Result<(Vec<Input>, Position), StoreError> {
    let found = |one: &IndexedPost| Some((one.post.clone(), one.finding.clone()?));
    let posts = stretch.between(from, stretch.until).iter().filter_map(found);
    with_actions(reader, posts.take(BATCH_POSTS).collect(), from, stretch.until)
}

/// Puts people's actions between the posts; says how far both reach.
fn with_actions(
    reader: &Reader,
    posts: Vec<(StoredPost, Finding)>,
    from: Position,
    until: Position,
) -> Result<(Vec<Input>, Position), StoreError> {
    let to = match posts.last() {
        Some((post, _)) if posts.len() == BATCH_POSTS => post.position,
        Some(_) | None => until,
    };
    let actions = reader.actions_between(from, to)?;
    let mut inputs: Vec<Input> = posts
        .into_iter()
        .map(|(post, finding)| Input::Post(Box::new(post), Box::new(finding)))
        .chain(actions.into_iter().map(|action| Input::Action(Box::new(action))))
        .collect();
    inputs.sort_by_key(Input::position);
    Ok((inputs, to))
}
