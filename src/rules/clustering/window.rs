//! The open incidents of the time window, in memory, and the decision where a
//! post belongs. Rebuilt at start by `open` and `add` of the stored members in
//! order of position; holds nothing that cannot be rebuilt.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::incident::{AssignmentKind, Considered, IncidentId, Reason};
use crate::model::position::Position;
use crate::model::time::{Timestamp, to_ms};
use crate::rules::clustering::compare::{Comparison, Weighed, compare};
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::members::Members;
use crate::rules::clustering::postings::Postings;
use crate::rules::clustering::rarity::Rarity;
use crate::rules::ruleset::GroupingWeights;
use crate::rules::similarity::{ByKey, logistic};

/// Suggestions and runners-up kept of a decision.
const CONSIDERED_MAX: usize = 5;
/// Rarest words by which candidates are looked up.
const LOOKUP_WORDS: usize = 16;
/// A word of more open incidents than this finds nothing.
const POSTING_MAX: usize = 600;
/// Entries of postings looked at for one post.
const POSTINGS_VISITED: usize = 1_800;
/// Incidents that get votes in an ordinary lookup.
const VOTED_USUAL: usize = 512;
/// Beyond the first few, a candidate with less than this share of the best
/// one's votes is not compared.
const ALWAYS_COMPARED: usize = 6;
const LEAST_VOTES: f64 = 0.4;
const HOUR_MS: i64 = 3_600_000;

/// Where a post goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    Join { incident: IncidentId, reason: Reason },
    New { reason: Reason, suggestions: Vec<Considered> },
}

/// Open incidents and what is needed to find the right one.
#[derive(Debug)]
pub struct Window {
    weights: GroupingWeights,
    rarity: Rarity,
    incidents: BTreeMap<IncidentId, Members>,
    postings: Postings,
    by_last_post: BTreeSet<(i64, IncidentId)>,
    forbidden: BTreeSet<(IncidentId, IncidentId)>,
    newest_ms: i64,
}

impl Window {
    pub fn new(weights: &GroupingWeights, rarity: Rarity) -> Window {
        Window {
            weights: weights.clone(),
            rarity,
            incidents: BTreeMap::new(),
            postings: Postings::default(),
            by_last_post: BTreeSet::new(),
            forbidden: BTreeSet::new(),
            newest_ms: i64::MIN,
        }
    }

    /// Other numbers from now on; what is open stays open.
    pub fn set_weights(&mut self, weights: &GroupingWeights) {
        self.weights = weights.clone();
    }

    pub fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    pub fn len(&self) -> usize {
        self.incidents.len()
    }

    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
    }

    pub fn contains(&self, id: IncidentId) -> bool {
        self.incidents.contains_key(&id)
    }

    /// Counts a post's words, after its own decision.
    pub fn observe(&mut self, post: &PostFeatures) {
        self.rarity.observe(post.word_keys.iter().copied());
    }
}

/// Changes.
impl Window {
    /// An incident and its founding post.
    pub fn open(&mut self, id: IncidentId, post: PostFeatures) {
        self.add(id, post);
    }

    /// A further post. An incident that has left the window must be brought
    /// back with all its posts, else the rebuilt window would differ.
    pub fn add(&mut self, id: IncidentId, post: PostFeatures) {
        for key in lookup_keys(&post) {
            self.postings.insert(key, id);
        }
        let members = match self.incidents.remove(&id) {
            None => Members::of(post),
            Some(mut members) => {
                self.by_last_post.remove(&(members.last_written_ms(), id));
                members.insert(post);
                members
            }
        };
        self.by_last_post.insert((members.last_written_ms(), id));
        self.incidents.insert(id, members);
    }

    /// All posts of `from` go to `into`.
    pub fn merge(&mut self, into: IncidentId, from: IncidentId) {
        let Some(members) = self.forget_members(from) else { return };
        for post in members.into_posts() {
            self.add(into, post);
        }
    }

    /// Takes posts out of an incident, for a split or an undo.
    pub fn take_out(&mut self, id: IncidentId, posts: &[Position]) -> Vec<PostFeatures> {
        let Some(mut members) = self.forget_members(id) else { return Vec::new() };
        let taken = members.take(posts);
        for post in members.into_posts() {
            self.add(id, post);
        }
        taken
    }

    /// The incident is closed: it takes no more posts.
    pub fn forget(&mut self, id: IncidentId) {
        self.forget_members(id);
    }

    fn forget_members(&mut self, id: IncidentId) -> Option<Members> {
        let members = self.incidents.remove(&id)?;
        self.by_last_post.remove(&(members.last_written_ms(), id));
        for post in members.posts() {
            for key in lookup_keys(post) {
                self.postings.remove(key, id);
            }
        }
        Some(members)
    }

    /// «Not the same»: which pairs are never suggested beside each other. The
    /// caller keeps what people said and hands over what it means now.
    pub fn set_forbidden(&mut self, pairs: impl Iterator<Item = (IncidentId, IncidentId)>) {
        self.forbidden = pairs.filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b))).collect();
    }

    fn is_forbidden(&self, a: IncidentId, b: IncidentId) -> bool {
        self.forbidden.contains(&(a.min(b), a.max(b)))
    }

    /// Drops the incidents whose last post is older than the window, then the
    /// oldest beyond the number that may be open at once; returns them.
    pub fn advance(&mut self, now_written: Timestamp) -> Vec<IncidentId> {
        self.newest_ms = self.newest_ms.max(to_ms(now_written));
        let limit =
            self.newest_ms.saturating_sub(self.weights.window_hours.saturating_mul(HOUR_MS));
        let mut gone = Vec::new();
        while let Some((last, id)) = self.by_last_post.first().copied() {
            if last >= limit && self.incidents.len() <= self.weights.incidents_max {
                break;
            }
            self.forget(id);
            gone.push(id);
        }
        gone
    }
}

/// Decisions.
impl Window {
    /// Where a post belongs. Changes nothing.
    pub fn place(&self, post: &PostFeatures) -> Placement {
        let ranked = self.compared(post);
        let considered = |without: Option<IncidentId>| self.considered(post, &ranked, without);
        let Some(best) = ranked.first() else { return founded(Vec::new()) };
        let family = ranked.iter().find(|one| self.is_family(post, one));
        let threaded = ranked.iter().find(|one| self.is_reply(post, one));
        let (chosen, kind) = match (family, threaded) {
            (Some(copy), _) => (copy, AssignmentKind::Family),
            (None, Some(reply)) => (reply, AssignmentKind::Thread),
            (None, None) if self.joins(post, &ranked) => (best, AssignmentKind::Joined),
            (None, None) => return founded(considered(None)),
        };
        let mut runners_up = considered(Some(chosen.incident));
        // «Why here and not there» is asked of the next best one.
        runners_up.iter_mut().skip(1).for_each(|other| other.parts = Vec::new());
        let reason = Reason {
            kind,
            score: chosen.score,
            parts: chosen.comparison.relation.parts(&self.weights.parts, post),
            nearest: Some(chosen.comparison.nearest),
            considered: runners_up,
        };
        Placement::Join { incident: chosen.incident, reason }
    }

    /// All that was compared, best first: what `explain` shows.
    pub fn consider(&self, post: &PostFeatures) -> Vec<Considered> {
        self.compared(post).iter().map(|one| one.considered(&self.weights, post)).collect()
    }

    fn compared(&self, post: &PostFeatures) -> Vec<Scored> {
        let weighed = Weighed::new(post, &self.rarity);
        let mut scored: Vec<Scored> = self
            .candidates(&weighed)
            .into_iter()
            .filter_map(|id| {
                let members = self.incidents.get(&id)?;
                let comparison = compare(&weighed, members, &self.rarity, &self.weights.parts);
                Some(Scored::new(id, comparison, &self.weights))
            })
            .collect();
        scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.incident.cmp(&b.incident)));
        scored
    }

    /// Whether the best is good enough, says enough, is not in another place, and
    /// is clearly better than the second.
    fn joins(&self, post: &PostFeatures, ranked: &[Scored]) -> bool {
        let Some(best) = ranked.first() else { return false };
        let speaks = !self.is_vague(post) || best.comparison.is_personal();
        best.score >= self.weights.join
            && speaks
            && !best.comparison.is_elsewhere
            && !self.has_rival(ranked)
    }

    /// A short text without place, name or object could be about anything, even
    /// where another says the very same.
    fn is_vague(&self, post: &PostFeatures) -> bool {
        (post.length as usize) < self.weights.vague_words && !post.has_place() && !post.has_name()
    }

    /// Two different incidents that fit alike are both doubtful. Two that would
    /// fit each other are one told twice: then the better one is right.
    fn has_rival(&self, ranked: &[Scored]) -> bool {
        let [best, second, ..] = ranked else { return false };
        if best.score - second.score >= self.weights.clear_lead {
            return false;
        }
        if self.is_forbidden(best.incident, second.incident) {
            return true;
        }
        let of = |one: &Scored| self.incidents.get(&one.incident);
        let (Some(members), Some(rival)) = (of(best), of(second)) else { return false };
        rival.compared().next().is_none_or(|founding| {
            let weighed = Weighed::new(founding.post(), &self.rarity);
            let between = compare(&weighed, members, &self.rarity, &self.weights.parts);
            logistic(between.relation.sum(&self.weights.parts)) < self.weights.join
        })
    }

    fn considered(
        &self,
        post: &PostFeatures,
        ranked: &[Scored],
        chosen: Option<IncidentId>,
    ) -> Vec<Considered> {
        ranked
            .iter()
            .filter(|one| one.score >= self.weights.suggest)
            .filter(|one| chosen != Some(one.incident))
            .filter(|one| chosen.is_none_or(|id| !self.is_forbidden(id, one.incident)))
            .take(CONSIDERED_MAX)
            .map(|one| one.considered(&self.weights, post))
            .collect()
    }

    /// A copy of a text without a place may be about anything: it must be long
    /// enough to be about something.
    fn is_family(&self, post: &PostFeatures, one: &Scored) -> bool {
        let is_repost =
            post.ties.repost.is_some_and(|key| self.postings.get(key).contains(&one.incident));
        let is_copy = one.comparison.copy_share >= self.weights.family
            && (post.has_place() || post.length as usize >= self.weights.family_words);
        is_repost || (is_copy && !one.comparison.is_elsewhere)
    }

    fn is_reply(&self, post: &PostFeatures, one: &Scored) -> bool {
        let answers =
            post.ties.parent.is_some_and(|key| self.postings.get(key).contains(&one.incident));
        answers && !one.comparison.is_elsewhere
    }

    /// Incidents worth a full comparison: those that share a place, a thread,
    /// an author, a copy's run or the post's rarest words. Looks at a bounded
    /// number of postings, the most telling first, so that a busy day costs no
    /// more than a quiet one.
    fn candidates(&self, post: &Weighed<'_>) -> Vec<IncidentId> {
        let mut votes = Votes::with_capacity_and_hasher(VOTED_USUAL, ByKey::default());
        let mut left = POSTINGS_VISITED;
        for (key, weight) in anchors(post.post).into_iter().chain(rarest(post)) {
            let incidents = self.postings.get(key);
            if incidents.len() <= POSTING_MAX.min(left) {
                left -= incidents.len();
                for id in incidents {
                    *votes.entry(*id).or_insert(0.0) += weight;
                }
            }
        }
        let best =
            |a: &(f64, IncidentId), b: &(f64, IncidentId)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let mut ranked: Vec<(f64, IncidentId)> =
            votes.into_iter().map(|(id, weight)| (weight, id)).collect();
        let wanted = self.weights.candidates_max;
        if wanted < ranked.len() {
            ranked.select_nth_unstable_by(wanted, best);
            ranked.truncate(wanted);
        }
        ranked.sort_by(best);
        let least = ranked.first().map_or(0.0, |(votes, _)| votes * LEAST_VOTES);
        let hopeful = ranked.iter().enumerate();
        hopeful
            .take_while(|(rank, (votes, _))| *rank < ALWAYS_COMPARED || *votes >= least)
            .map(|(_, (_, id))| *id)
            .collect()
    }
}

type Votes = HashMap<IncidentId, f64, ByKey>;

struct Scored {
    incident: IncidentId,
    score: f64,
    comparison: Comparison,
}

impl Scored {
    fn new(incident: IncidentId, comparison: Comparison, weights: &GroupingWeights) -> Scored {
        let score = logistic(comparison.relation.sum(&weights.parts));
        Scored { incident, score, comparison }
    }

    fn considered(&self, weights: &GroupingWeights, post: &PostFeatures) -> Considered {
        Considered {
            incident: self.incident,
            score: self.score,
            parts: self.comparison.relation.parts(&weights.parts, post),
        }
    }
}

/// The parts stand in the suggestions; the reason only names them.
fn founded(suggestions: Vec<Considered>) -> Placement {
    let named = |one: &Considered| Considered {
        incident: one.incident,
        score: one.score,
        parts: Vec::new(),
    };
    let reason = Reason {
        kind: AssignmentKind::Founded,
        score: 0.0,
        parts: Vec::new(),
        nearest: None,
        considered: suggestions.iter().map(named).collect(),
    };
    Placement::New { reason, suggestions }
}

/// Everything under which a post can be found.
fn lookup_keys(post: &PostFeatures) -> impl Iterator<Item = u64> {
    post.word_keys
        .iter()
        .copied()
        .chain(post.marks.iter().map(|mark| mark.key))
        .chain(post.sketch.finders().iter().copied())
        .chain([post.ties.own, post.ties.opened_thread])
        .chain(post.ties.thread)
        .chain(post.ties.author)
}

/// Keys that find candidates whatever the words, with their votes.
fn anchors(post: &PostFeatures) -> Vec<(u64, f64)> {
    let mut anchors: Vec<(u64, f64)> = Vec::new();
    anchors.extend(post.ties.parent.map(|key| (key, 100.0)));
    anchors.extend(post.ties.repost.map(|key| (key, 100.0)));
    anchors.extend(post.ties.thread.map(|key| (key, 3.0)));
    anchors.extend(post.ties.author.map(|key| (key, 2.0)));
    anchors.extend(post.sketch.finders().iter().map(|key| (*key, 2.0)));
    anchors.extend(
        post.marks.iter().filter(|mark| mark.kind.is_concrete()).map(|mark| (mark.key, 2.0)),
    );
    anchors
}

/// The rarest words first, each with its vote; among equals the lower key.
fn rarest(post: &Weighed<'_>) -> Vec<(u64, f64)> {
    let mut words: Vec<(u64, f64)> = post
        .post
        .word_keys
        .iter()
        .copied()
        .zip(post.rarity.iter().map(|rare| rare * rare))
        .collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    words.truncate(LOOKUP_WORDS);
    words
}
