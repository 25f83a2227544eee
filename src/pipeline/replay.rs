//! History again: the stored facts folded in memory, by the rulesets that were
//! in force or by another one. Has no way to write: it holds a reader only, so
//! a replay can never reach the outbox.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::adapters::store::commands::{Advance, Made, Membership};
use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::{Assignment, Incident, IncidentId};
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::ruleset::{RulesetFiles, RulesetHash};
use crate::pipeline::cluster::{Fold, Input};
use crate::pipeline::matcher::{PostReader, goes_on};
use crate::rules::clustering::Rarity;
use crate::rules::ruleset::{Ruleset, parse};

/// Posts read at once.
const BATCH_POSTS: usize = 1_000;

/// What a replay came to.
#[derive(Debug, Default)]
pub struct Replayed {
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Present memberships with their reasons.
    pub assignments: BTreeMap<Position, Assignment>,
}

/// Which incidents two runs over the same posts disagree on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Same posts in both.
    pub same: usize,
    /// Incidents of the one whose posts the other holds in fewer incidents.
    pub joined: usize,
    /// … in more incidents.
    pub split: usize,
    /// All posts of which only the other run has in incidents.
    pub new: usize,
    /// All posts of which only this run has.
    pub gone: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("stored ruleset {0} cannot be read any more: {1}")]
    Ruleset(RulesetHash, String),
}

/// Replays with the rulesets that were in force when each fact was folded.
pub fn as_it_was(reader: &Reader) -> Result<Replayed, ReplayError> {
    let rulesets = stored_rulesets(reader)?;
    let mut stretches = Vec::new();
    for (hash, matcher_from, cluster_from) in reader.runs()? {
        let ruleset = rulesets.get(&hash).cloned();
        let missing = || ReplayError::Ruleset(hash.clone(), "it is not stored".to_owned());
        stretches.push(Stretch {
            ruleset: ruleset.ok_or_else(missing)?,
            matcher_from,
            cluster_from,
        });
    }
    replay(reader, &stretches)
}

/// Replays everything with one ruleset.
pub fn with_ruleset(reader: &Reader, ruleset: Arc<Ruleset>) -> Result<Replayed, ReplayError> {
    let whole = Stretch { ruleset, matcher_from: Position(0), cluster_from: Position(0) };
    replay(reader, &[whole])
}

/// The live conclusions in the same form.
pub fn live(reader: &Reader) -> Result<Replayed, StoreError> {
    let incidents = reader.live_incidents()?;
    Ok(Replayed {
        incidents: incidents.into_iter().map(|incident| (incident.id, incident)).collect(),
        assignments: reader
            .assignments()?
            .into_iter()
            .map(|assignment| (assignment.post, assignment))
            .collect(),
    })
}

/// A stretch of facts under one ruleset, from each stage's position on.
struct Stretch {
    ruleset: Arc<Ruleset>,
    matcher_from: Position,
    cluster_from: Position,
}

fn stored_rulesets(reader: &Reader) -> Result<BTreeMap<RulesetHash, Arc<Ruleset>>, ReplayError> {
    let mut rulesets = BTreeMap::new();
    for (_, hash, files) in reader.rulesets()? {
        let ruleset = parsed(&hash, &files)?;
        rulesets.insert(hash, Arc::new(ruleset));
    }
    Ok(rulesets)
}

fn parsed(hash: &RulesetHash, files: &RulesetFiles) -> Result<Ruleset, ReplayError> {
    parse(files, hash.clone()).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        ReplayError::Ruleset(hash.clone(), first)
    })
}

fn replay(reader: &Reader, stretches: &[Stretch]) -> Result<Replayed, ReplayError> {
    let Some(first) = stretches.first() else { return Ok(Replayed::default()) };
    let mut replay = Replay {
        stretches,
        matching: 0,
        clustering: 0,
        posts: PostReader::new(&first.ruleset),
        fold: Fold::new(first.ruleset.clone(), Rarity::default()),
        assignments: BTreeMap::new(),
    };
    let last = reader.last_position()?;
    let mut from = Position(0);
    loop {
        let posts = reader.posts_between(from, last, BATCH_POSTS)?;
        let to = match posts.last() {
            Some(post) if posts.len() == BATCH_POSTS => post.position,
            Some(_) | None => last,
        };
        let mut inputs: Vec<Input> = Vec::new();
        for post in posts {
            inputs.extend(replay.read(reader, post)?);
        }
        let actions = reader.actions_between(from, to)?;
        inputs.extend(actions.into_iter().map(|action| Input::Action(Box::new(action))));
        inputs.sort_by_key(Input::position);
        replay.fold(inputs, Advance { from, to });
        if to == last {
            break;
        }
        from = to;
    }
    let incidents = replay.fold.incidents().iter();
    let incidents = incidents.map(|(id, one)| (*id, Incident::clone(one))).collect();
    Ok(Replayed { incidents, assignments: replay.assignments })
}

struct Replay<'a> {
    stretches: &'a [Stretch],
    /// The stretch whose ruleset reads posts, and the one that groups.
    matching: usize,
    clustering: usize,
    posts: PostReader,
    fold: Fold,
    assignments: BTreeMap<Position, Assignment>,
}

impl Replay<'_> {
    fn read(&mut self, reader: &Reader, post: StoredPost) -> Result<Option<Input>, StoreError> {
        let in_force = self.stretch_of(post.position, |stretch| stretch.matcher_from);
        if in_force != self.matching {
            self.matching = in_force;
            self.posts = PostReader::new(&self.stretches[in_force].ruleset);
        }
        let finding = self.posts.read_stored(reader, &post)?;
        let goes_on = goes_on(&post.post, &finding);
        Ok(goes_on.then(|| Input::Post(Box::new(post), Box::new(finding))))
    }

    fn fold(&mut self, inputs: Vec<Input>, advance: Advance) {
        for input in inputs {
            let in_force = self.stretch_of(input.position(), |stretch| stretch.cluster_from);
            if in_force != self.clustering {
                self.clustering = in_force;
                self.fold.take_ruleset(self.stretches[in_force].ruleset.clone());
            }
            self.fold.input(input);
        }
        let made = Made { run: 0, ruleset: RulesetHash(String::new()) };
        for membership in self.fold.take_changes(advance, made).membership {
            match membership {
                Membership::Made { assignment, .. } => {
                    self.assignments.insert(assignment.post, assignment);
                }
                Membership::Ended { post, .. } => {
                    self.assignments.remove(&post);
                }
            }
        }
    }

    /// The last stretch that begins before a position.
    fn stretch_of(&self, at: Position, from: impl Fn(&Stretch) -> Position) -> usize {
        self.stretches.iter().rposition(|stretch| from(stretch) < at).unwrap_or(0)
    }
}

/// Compares the incidents of two runs by the posts in them.
pub fn compare(one: &Replayed, other: &Replayed) -> Difference {
    let mut difference = Difference::default();
    let (ours, theirs) = (groups(one), groups(other));
    for posts in ours.values() {
        let there: std::collections::BTreeSet<Option<IncidentId>> = posts
            .iter()
            .map(|post| other.assignments.get(post).map(|assignment| assignment.incident))
            .collect();
        let known: Vec<IncidentId> = there.into_iter().flatten().collect();
        match known.as_slice() {
            [] => difference.gone += 1,
            [id] if theirs.get(id) == Some(posts) => difference.same += 1,
            [id] if theirs.get(id).is_some_and(|other| posts.len() < other.len()) => {
                difference.joined += 1;
            }
            [_, ..] => difference.split += 1,
        }
    }
    for posts in theirs.values() {
        if posts.iter().all(|post| !one.assignments.contains_key(post)) {
            difference.new += 1;
        }
    }
    difference
}

fn groups(run: &Replayed) -> BTreeMap<IncidentId, Vec<Position>> {
    let mut groups: BTreeMap<IncidentId, Vec<Position>> = BTreeMap::new();
    for (post, assignment) in &run.assignments {
        groups.entry(assignment.incident).or_default().push(*post);
    }
    groups
}
