//! An open incident as grouping sees it: all its posts, of which a bounded
//! number is compared. Which ones follows from the posts alone, never from the
//! way in which they came together, so that a rebuilt window decides alike.

use std::cell::Cell;

use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::time::to_ms;
use crate::rules::clustering::compare::Totals;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::rarity::Rarity;

/// What stands nearer to each other comes from memory together.
const KEYS_APART: usize = 16;
const WORDS_APART: usize = 8;
const MARKS_APART: usize = 3;

/// The first posts tell the matter …
const FIRST_COMPARED: usize = 3;
/// … the latest how people speak of it now.
const LAST_COMPARED: usize = 4;

/// A post of an incident, and the weight of its words as last computed.
#[derive(Debug)]
pub struct Member {
    post: PostFeatures,
    /// With the epoch of rarity in which it holds.
    totals: Cell<Option<(u64, Totals)>>,
}

impl Member {
    fn new(post: PostFeatures) -> Member {
        Member { post, totals: Cell::new(None) }
    }

    pub fn post(&self) -> &PostFeatures {
        &self.post
    }

    /// Looking up every word of every member again would be most of the work.
    pub fn totals(&self, rarity: &Rarity) -> Totals {
        match self.totals.get() {
            Some((epoch, totals)) if epoch == rarity.epoch() => totals,
            Some(_) | None => {
                let totals = Totals::of(&self.post, rarity);
                self.totals.set(Some((rarity.epoch(), totals)));
                totals
            }
        }
    }
}

#[derive(Debug)]
pub struct Members {
    /// By position; never empty while the incident is in the window.
    posts: Vec<Member>,
    /// Of the post that was written last.
    last_written_ms: i64,
}

impl Members {
    pub fn of(post: PostFeatures) -> Members {
        let last_written_ms = to_ms(post.written_at);
        Members { posts: vec![Member::new(post)], last_written_ms }
    }

    /// Adds a post at its place; the same post again changes nothing.
    pub fn insert(&mut self, post: PostFeatures) {
        if let Err(at) =
            self.posts.binary_search_by_key(&post.position, |member| member.post.position)
        {
            self.last_written_ms = self.last_written_ms.max(to_ms(post.written_at));
            self.posts.insert(at, Member::new(post));
        }
    }

    pub fn take(&mut self, positions: &[Position]) -> Vec<PostFeatures> {
        let (taken, kept): (Vec<Member>, Vec<Member>) = std::mem::take(&mut self.posts)
            .into_iter()
            .partition(|member| positions.contains(&member.post.position));
        self.posts = kept;
        self.last_written_ms =
            self.posts().map(|post| to_ms(post.written_at)).max().unwrap_or(i64::MIN);
        taken.into_iter().map(|member| member.post).collect()
    }

    pub fn into_posts(self) -> impl Iterator<Item = PostFeatures> {
        self.posts.into_iter().map(|member| member.post)
    }

    pub fn all(&self) -> impl Iterator<Item = &Member> {
        self.posts.iter()
    }

    pub fn posts(&self) -> impl Iterator<Item = &PostFeatures> {
        self.posts.iter().map(Member::post)
    }

    pub fn count(&self) -> usize {
        self.posts.len()
    }

    /// The posts that stand for the incident, by position.
    pub fn compared(&self) -> impl Iterator<Item = &Member> {
        let first = self.posts.len().min(FIRST_COMPARED);
        let last = (self.posts.len() - first).min(LAST_COMPARED);
        self.posts[..first].iter().chain(&self.posts[self.posts.len() - last..])
    }

    pub fn last_written_ms(&self) -> i64 {
        self.last_written_ms
    }
}

/// Reads a little of everything that comparing with these is going to look at. The
/// posts of incidents lie all over memory, and waiting for them one by one would
/// take longer than comparing: reads of which none needs another's result are
/// waited for together. Changes nothing and no result.
pub fn fetch(incidents: &[(IncidentId, &Members)]) {
    let posts = || incidents.iter().flat_map(|(_, members)| members.compared());
    let heads: usize = posts().map(|member| lists_of(&member.post)).sum();
    let lists: u64 = posts().map(|member| parts_of(&member.post)).fold(0, u64::wrapping_add);
    std::hint::black_box((heads, lists));
}

/// From the post itself: where its lists stand.
fn lists_of(post: &PostFeatures) -> usize {
    post.word_keys.len() + post.words.len() + post.pairs.len() + post.marks.len()
}

/// From its lists, one of each few items.
fn parts_of(post: &PostFeatures) -> u64 {
    let keys = post.word_keys.iter().step_by(KEYS_APART);
    let pairs = post.pairs.iter().step_by(KEYS_APART);
    let marks = post.marks.iter().step_by(MARKS_APART).map(|mark| &mark.key);
    let runs = post.sketch.finders().first();
    let words = post.words.iter().step_by(WORDS_APART).map(|word| u64::from(word.times));
    let names = [&post.topic.0, &post.group].into_iter().flat_map(|name| name.bytes().next());
    let keys = keys.chain(pairs).chain(marks).chain(runs).copied();
    keys.chain(words).chain(names.map(u64::from)).fold(0, u64::wrapping_add)
}
