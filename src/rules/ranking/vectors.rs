//! Messages as sparse vectors: rare features count more, each block has
//! length one times its share. Knows features by number.

use std::collections::BTreeMap;

use super::features::{Block, Reading, Seen};

/// A feature that one message alone has teaches nothing about the others.
const MESSAGES_MIN: usize = 2;

/// Added to every rarity of a word: common ones still count a little.
const RARITY_BASE: f64 = 1.0;
/// The same for what the dictionaries heard, which is never mere filling.
const HEARD_BASE: f64 = 0.2;

/// A feature that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    pub number: u32,
    pub rarity: f64,
}

/// A message's features by number, sorted, with their values.
pub type Sparse = Vec<(u32, f64)>;

/// The features that training examples (and names of labels) have.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub features: BTreeMap<(Block, u64), Known>,
    /// Rarity of a feature that nobody has seen often enough.
    pub rare: f64,
}

impl Vocabulary {
    /// Features of at least two examples, and all those of `names`.
    pub fn new(examples: &[&Reading], names: &[Reading]) -> Vocabulary {
        let mut messages: BTreeMap<(Block, u64), usize> = BTreeMap::new();
        for reading in examples {
            for same in runs(&reading.seen) {
                *messages.entry((same[0].block, same[0].key)).or_default() += 1;
            }
        }
        let total = examples.len() as f64 + 1.0;
        let rare = (total / MESSAGES_MIN as f64).ln().max(0.0) + RARITY_BASE;
        let mut kept: BTreeMap<(Block, u64), usize> =
            messages.iter().filter(|one| *one.1 >= MESSAGES_MIN).map(|(k, n)| (*k, *n)).collect();
        for seen in names.iter().flat_map(|name| &name.seen) {
            let key = (seen.block, seen.key);
            kept.entry(key).or_insert_with(|| messages.get(&key).copied().unwrap_or(0));
        }
        let features = kept.into_iter().zip(0..).map(|(((block, key), count), number)| {
            let rarity = match block {
                Block::Matters => 1.0,
                Block::Heard => (total / (count + 1) as f64).ln().max(0.0) + HEARD_BASE,
                Block::Stems | Block::Pairs | Block::Letters | Block::Places => {
                    (total / (count + 1) as f64).ln().max(0.0) + RARITY_BASE
                }
            };
            ((block, key), Known { number, rarity })
        });
        Vocabulary { features: features.collect(), rare }
    }

    fn known(&self, seen: &Seen) -> Option<Known> {
        self.features.get(&(seen.block, seen.key)).copied()
    }

    /// Each block has length one. `only` leaves the other blocks out.
    pub fn vector(&self, reading: &Reading, only: impl Fn(Block) -> bool) -> Sparse {
        let mut vector = Vec::new();
        for block in reading.seen.chunk_by(|one, other| one.block == other.block) {
            if only(block[0].block) {
                let (from, mut squares) = (vector.len(), 0.0);
                for same in runs(block) {
                    let known = self.known(&same[0]);
                    let value = strength(same) * known.map_or(self.rare, |one| one.rarity);
                    squares += value * value;
                    vector.extend(known.map(|one| (one.number, value)));
                }
                scale(&mut vector[from..], squares);
            }
        }
        vector.sort_unstable_by_key(|one| one.0);
        vector
    }
}

/// Appearances of one feature together.
pub fn runs(seen: &[Seen]) -> impl Iterator<Item = &[Seen]> {
    seen.chunk_by(|one, other| (one.block, one.key) == (other.block, other.key))
}

/// How strong a feature is in a message: repetition counts by its root, what
/// comes with a strength of its own by that.
pub fn strength(same: &[Seen]) -> f64 {
    let times = same.iter().map(|seen| seen.times);
    match same[0].block {
        Block::Heard | Block::Places => times.fold(0.0, f64::max),
        Block::Matters => times.sum(),
        Block::Stems | Block::Pairs | Block::Letters => times.sum::<f64>().sqrt(),
    }
}

fn scale(values: &mut [(u32, f64)], squares: f64) {
    if squares > 0.0 {
        let length = squares.sqrt();
        values.iter_mut().for_each(|one| one.1 /= length);
    }
}

pub fn dot(one: &[(u32, f64)], other: &[(u32, f64)]) -> f64 {
    let (mut left, mut right, mut sum) = (0, 0, 0.0);
    while left < one.len() && right < other.len() {
        match one[left].0.cmp(&other[right].0) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                sum += one[left].1 * other[right].1;
                left += 1;
                right += 1;
            }
        }
    }
    sum
}
