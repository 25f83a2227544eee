//! Incidents in memory with all their posts, and the way to those that a post
//! may belong to. Knows no scores and not whether its incidents are open.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::model::incident::IncidentId;
use crate::rules::clustering::compare::Weighed;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::members::Members;
use crate::rules::clustering::postings::Postings;
use crate::rules::similarity::ByKey;

/// Rarest words by which candidates are looked up.
const LOOKUP_WORDS: usize = 24;
/// A word of more incidents than this finds nothing.
const POSTING_MAX: usize = 600;
/// Entries of postings looked at for one post.
const POSTINGS_VISITED: usize = 1_800;
/// Incidents that get votes in an ordinary lookup.
const VOTED_USUAL: usize = 512;
/// Beyond the first few, a candidate with less than this share of the best
/// one's votes is not compared.
const ALWAYS_COMPARED: usize = 16;
const LEAST_VOTES: f64 = 0.4;

#[derive(Debug, Default)]
pub struct Held {
    incidents: HashMap<IncidentId, Members, ByKey>,
    postings: Postings,
    by_last_post: BTreeSet<(i64, IncidentId)>,
}

impl Held {
    pub fn len(&self) -> usize {
        self.incidents.len()
    }

    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
    }

    pub fn contains(&self, id: IncidentId) -> bool {
        self.incidents.contains_key(&id)
    }

    pub fn get(&self, id: IncidentId) -> Option<&Members> {
        self.incidents.get(&id)
    }

    /// Lowest first.
    pub fn ids(&self) -> Vec<IncidentId> {
        let mut ids: Vec<IncidentId> = self.incidents.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Incidents with a post under a key, lowest first.
    pub fn holding(&self, key: u64) -> &[IncidentId] {
        self.postings.get(key)
    }

    /// The incident whose last post is the oldest, with that post's instant.
    pub fn longest_silent(&self) -> Option<(i64, IncidentId)> {
        self.by_last_post.first().copied()
    }

    /// Incidents whose last post was written in `from..until`.
    pub fn silent_since(&self, from: i64, until: i64) -> impl Iterator<Item = IncidentId> {
        let range = (from, IncidentId(0))..(until.max(from), IncidentId(0));
        self.by_last_post.range(range).map(|(_, id)| *id)
    }

    pub fn add(&mut self, id: IncidentId, post: PostFeatures) {
        for key in lookup_keys(&post) {
            self.postings.insert(key, id);
        }
        match self.incidents.entry(id) {
            Entry::Vacant(vacant) => {
                let members = vacant.insert(Members::of(post));
                self.by_last_post.insert((members.last_written_ms(), id));
            }
            Entry::Occupied(held) => {
                let members = held.into_mut();
                let before = members.last_written_ms();
                members.insert(post);
                if members.last_written_ms() != before {
                    self.by_last_post.remove(&(before, id));
                    self.by_last_post.insert((members.last_written_ms(), id));
                }
            }
        }
    }

    pub fn take(&mut self, id: IncidentId) -> Option<Members> {
        let members = self.incidents.remove(&id)?;
        self.by_last_post.remove(&(members.last_written_ms(), id));
        for post in members.posts() {
            for key in lookup_keys(post) {
                self.postings.remove(key, id);
            }
        }
        Some(members)
    }

    /// Incidents worth a full comparison: those that share a place, a thread,
    /// an author, a copy's run or the post's rarest words. Looks at a bounded
    /// number of postings, the most telling first, so that a busy day costs no
    /// more than a quiet one.
    pub fn candidates(
        &self,
        post: &Weighed<'_>,
        wanted: usize,
        is_asked: impl Fn(IncidentId) -> bool,
    ) -> Vec<IncidentId> {
        let mut votes = Votes::with_capacity_and_hasher(VOTED_USUAL, ByKey::default());
        let mut left = POSTINGS_VISITED;
        let anchors = anchors(post.post).into_iter();
        let anchors = anchors.map(|(key, weight)| (weight, self.postings.get(key)));
        for (weight, incidents) in anchors.chain(self.rarest_held(post)) {
            if incidents.len() <= POSTING_MAX.min(left) {
                left -= incidents.len();
                for id in incidents {
                    *votes.entry(*id).or_insert(0.0) += weight;
                }
            }
        }
        let best =
            |a: &(f64, IncidentId), b: &(f64, IncidentId)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let mut ranked: Vec<(f64, IncidentId)> = votes
            .into_iter()
            .filter(|(id, _)| is_asked(*id))
            .map(|(id, weight)| (weight, id))
            .collect();
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

    /// The rarest words that any incident has, each with its vote; among equals
    /// the lower key. A long message is full of words that nobody else wrote:
    /// they are the rarest of all and lead nowhere.
    fn rarest_held(&self, post: &Weighed<'_>) -> impl Iterator<Item = (f64, &[IncidentId])> {
        let keys = post.post.word_keys.iter().copied();
        let mut words: Vec<(u64, f64, &[IncidentId])> = keys
            .zip(post.rarity.iter().map(|rare| rare * rare))
            .map(|(key, weight)| (key, weight, self.postings.get(key)))
            .filter(|(_, _, incidents)| !incidents.is_empty())
            .collect();
        let rarer = |a: &(u64, f64, _), b: &(u64, f64, _)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if words.len() > LOOKUP_WORDS {
            words.select_nth_unstable_by(LOOKUP_WORDS, rarer);
            words.truncate(LOOKUP_WORDS);
        }
        words.sort_by(rarer);
        words.into_iter().map(|(_, weight, incidents)| (weight, incidents))
    }
}

type Votes = HashMap<IncidentId, f64, ByKey>;

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
        .chain(post.ties.address)
        .chain(post.ties.appeals.iter().copied())
        .chain(post.ties.attachments.iter().copied())
        .chain(post.area_key())
}

/// Keys that find candidates whatever the words, with their votes.
fn anchors(post: &PostFeatures) -> Vec<(u64, f64)> {
    let mut anchors: Vec<(u64, f64)> = Vec::new();
    anchors.extend(post.ties.parent.map(|key| (key, 100.0)));
    anchors.extend(post.ties.repost.map(|key| (key, 100.0)));
    anchors.extend(post.ties.links.iter().map(|key| (*key, 100.0)));
    anchors.extend(post.ties.appeals.iter().map(|key| (*key, 10.0)));
    anchors.extend(post.ties.attachments.iter().map(|key| (*key, 3.0)));
    anchors.extend(post.ties.thread.map(|key| (key, 3.0)));
    anchors.extend(post.ties.author.map(|key| (key, 2.0)));
    anchors.extend(post.sketch.finders().iter().map(|key| (*key, 2.0)));
    anchors.extend(
        post.marks.iter().filter(|mark| mark.kind.is_concrete()).map(|mark| (mark.key, 2.0)),
    );
    anchors
}
