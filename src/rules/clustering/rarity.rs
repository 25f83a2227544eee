//! How rare a word is in this region's history, as a share that means the same
//! in a small and in a large one. Knows nothing of incidents.
//!
//! Counts are exact; the table that decides is *frozen*: it is renewed only
//! when the number of observed posts reaches the next step, so that a stored
//! score can be computed again. The steps depend on that number alone. To
//! restore after a restart: `Rarity::from_bytes` of any earlier `to_bytes`,
//! then `observe` every post since, in order.

use std::collections::HashMap;

use crate::rules::similarity::ByKey;

/// The table is renewed when this share of posts is new …
const STEP_SHARE: u64 = 16;
/// … and at the latest after so many.
const STEP_MAX: u64 = 4096;
/// Posts that are thought to have come before the first: keeps the first days
/// from calling every second word common.
const PRIOR_POSTS: f64 = 50.0;
/// Words kept; beyond it those seen once are forgotten at the next step.
const WORDS_MAX: usize = 2_000_000;

/// Counts whose rarity is kept; nearly all words of a language are as rare.
const SCALED_COUNTS: u32 = 512;

type Counts = HashMap<u64, u32, ByKey>;

/// In how many of the observed posts each word and pair of words occurs.
#[derive(Debug, Clone, PartialEq)]
pub struct Rarity {
    frozen: Counts,
    frozen_posts: u64,
    scale: Scale,
    pending: Counts,
    pending_posts: u64,
}

impl Default for Rarity {
    fn default() -> Rarity {
        Rarity {
            frozen: Counts::default(),
            frozen_posts: 0,
            scale: Scale::new(0),
            pending: Counts::default(),
            pending_posts: 0,
        }
    }
}

impl Rarity {
    /// 0 for a word of every post, 1 for one never seen.
    pub fn of(&self, word: u64) -> f64 {
        self.scale.rarity(self.frozen.get(&word).copied().unwrap_or(0))
    }

    /// Changes whenever the frozen table does.
    pub fn epoch(&self) -> u64 {
        self.frozen_posts
    }

    pub fn observed(&self) -> u64 {
        self.frozen_posts + self.pending_posts
    }

    /// Counts a post; `words` holds each of its words once.
    pub fn observe(&mut self, words: impl Iterator<Item = u64>) {
        for word in words {
            let count = self.pending.entry(word).or_insert(0);
            *count = count.saturating_add(1);
        }
        self.pending_posts += 1;
        if self.pending_posts >= step_after(self.frozen_posts) {
            self.freeze();
        }
    }

    fn freeze(&mut self) {
        for (word, seen) in self.pending.drain() {
            let count = self.frozen.entry(word).or_insert(0);
            *count = count.saturating_add(seen);
        }
        self.frozen_posts += self.pending_posts;
        self.pending_posts = 0;
        self.scale = Scale::new(self.frozen_posts);
        if self.frozen.len() > WORDS_MAX {
            self.frozen.retain(|_, count| *count > 1);
        }
    }

    /// Everything, pending counts too; the same history gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + 12 * (self.frozen.len() + self.pending.len()));
        for (counts, posts) in
            [(&self.frozen, self.frozen_posts), (&self.pending, self.pending_posts)]
        {
            bytes.extend_from_slice(&posts.to_le_bytes());
            bytes.extend_from_slice(&(counts.len() as u64).to_le_bytes());
            let mut sorted: Vec<(u64, u32)> = counts.iter().map(|(word, n)| (*word, *n)).collect();
            sorted.sort_unstable();
            for (word, count) in sorted {
                bytes.extend_from_slice(&word.to_le_bytes());
                bytes.extend_from_slice(&count.to_le_bytes());
            }
        }
        bytes
    }

    /// `None` where the bytes are not what `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Rarity> {
        let (frozen, frozen_posts, rest) = counts_from(bytes)?;
        let (pending, pending_posts, rest) = counts_from(rest)?;
        let scale = Scale::new(frozen_posts);
        rest.is_empty().then_some(Rarity { frozen, frozen_posts, scale, pending, pending_posts })
    }
}

fn counts_from(bytes: &[u8]) -> Option<(Counts, u64, &[u8])> {
    let (posts, rest) = bytes.split_first_chunk::<8>()?;
    let (len, mut rest) = rest.split_first_chunk::<8>()?;
    let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
    if rest.len() / 12 < len {
        return None;
    }
    let mut counts = Counts::with_capacity_and_hasher(len, ByKey::default());
    for _ in 0..len {
        let (word, after) = rest.split_first_chunk::<8>()?;
        let (count, after) = after.split_first_chunk::<4>()?;
        counts.insert(u64::from_le_bytes(*word), u32::from_le_bytes(*count));
        rest = after;
    }
    Some((counts, u64::from_le_bytes(*posts), rest))
}

fn step_after(posts: u64) -> u64 {
    (posts / STEP_SHARE).clamp(1, STEP_MAX)
}

/// From a word's count to its rarity, for one number of posts. Every word of
/// every post compared is asked for: a logarithm each would be felt.
#[derive(Debug, Clone, PartialEq)]
struct Scale {
    posts: f64,
    posts_ln: f64,
    /// By count, the low ones.
    kept: Box<[f64]>,
}

impl Scale {
    fn new(posts: u64) -> Scale {
        let posts = posts as f64 + PRIOR_POSTS;
        let bare = Scale { posts, posts_ln: posts.ln(), kept: Box::default() };
        let kept = (0..SCALED_COUNTS).map(|count| bare.computed(count)).collect();
        Scale { kept, ..bare }
    }

    fn rarity(&self, count: u32) -> f64 {
        self.kept.get(count as usize).copied().unwrap_or_else(|| self.computed(count))
    }

    fn computed(&self, count: u32) -> f64 {
        let with_word = f64::from(count) + 1.0;
        ((self.posts / with_word).ln() / self.posts_ln).clamp(0.0, 1.0)
    }
}
