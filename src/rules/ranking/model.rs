//! A trained ranker: for each feature its rarity and its weights for labels.
//! Scores a message, and says which of its words did it.

use std::collections::BTreeMap;

use crate::model::text::Span;
use crate::rules::text::stem::FixedMap;

use super::blend::likelihoods;
use super::features::{Block, Reading, Seen};
use super::vectors::{runs, strength};

/// A label of the model: a topic's id, or whatever the examples were judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub id: String,
    /// How many examples taught it.
    pub examples: usize,
}

/// What the model knows of a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    pub rarity: f64,
    /// Label and weight, by label.
    pub weights: Box<[(u16, f32)]>,
}

/// A model as it is learned and kept: features in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    pub labels: Vec<Label>,
    /// Rarity of what the examples did not have.
    pub rare: f64,
    pub features: Vec<(Block, u64, Feature)>,
}

/// A model ready to be asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranker {
    pub labels: Vec<Label>,
    rare: f64,
    features: FixedMap<u64, Feature>,
}

/// The scores of a message, one a label; higher is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores(pub Vec<f64>);

/// A word of the message with what it added to a label's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Heavy {
    pub spans: Vec<Span>,
    pub weight: f64,
}

impl Scores {
    /// Labels, best first; equal ones in the model's order.
    pub fn ranked(&self) -> Vec<usize> {
        let mut labels: Vec<usize> = (0..self.0.len()).collect();
        labels.sort_by(|one, other| self.0[*other].total_cmp(&self.0[*one]).then(one.cmp(other)));
        labels
    }

    /// How sure each label is, all together one.
    pub fn shares(&self) -> Vec<f64> {
        likelihoods(&self.0)
    }
}

impl Ranker {
    pub fn new(model: &Model) -> Ranker {
        let feature =
            |(block, key, feature): &(Block, u64, Feature)| (slot(*block, *key), feature.clone());
        let features = model.features.iter().map(feature).collect();
        Ranker { labels: model.labels.clone(), rare: model.rare, features }
    }

    pub fn label(&self, id: &str) -> Option<usize> {
        self.labels.iter().position(|label| label.id == id)
    }

    pub fn scores(&self, reading: &Reading) -> Scores {
        let mut scores = vec![0.0; self.labels.len()];
        self.each(reading, |_, value, feature| {
            for &(label, weight) in &feature.weights {
                scores[usize::from(label)] += value * f64::from(weight);
            }
        });
        Scores(scores)
    }

    /// What each word of the message adds to a label's score, heaviest first.
    /// The weights sum up to the score.
    pub fn reasons(&self, reading: &Reading, label: usize) -> Vec<Heavy> {
        let mut by_stem: BTreeMap<u64, Heavy> = BTreeMap::new();
        for (stem, span) in reading.stems.iter().zip(&reading.words) {
            let word = by_stem.entry(*stem).or_insert(Heavy { spans: Vec::new(), weight: 0.0 });
            word.spans.push(*span);
        }
        self.each(reading, |seen, value, feature| {
            let found = feature.weights.iter().find(|one| usize::from(one.0) == label);
            let Some(&(_, weight)) = found else { return };
            let share = value * f64::from(weight) / seen.len() as f64;
            for one in seen {
                let stem = reading.stems.get(one.word as usize);
                if let Some(word) = stem.and_then(|stem| by_stem.get_mut(stem)) {
                    word.weight += share;
                }
            }
        });
        let mut words: Vec<Heavy> = by_stem.into_values().collect();
        words.sort_by(|one, other| {
            let heavier = other.weight.abs().total_cmp(&one.weight.abs());
            heavier.then_with(|| one.spans.cmp(&other.spans))
        });
        words
    }

    /// Every known feature of the message with its value, blocks of length one.
    fn each<'r>(&self, reading: &'r Reading, mut found: impl FnMut(&'r [Seen], f64, &Feature)) {
        let mut known: Vec<(&[Seen], f64, &Feature)> = Vec::new();
        for block in reading.seen.chunk_by(|one, other| one.block == other.block) {
            known.clear();
            let mut squares = 0.0;
            for same in runs(block) {
                let feature = self.features.get(&slot(same[0].block, same[0].key));
                let value = strength(same) * feature.map_or(self.rare, |one| one.rarity);
                squares += value * value;
                known.extend(feature.map(|feature| (same, value, feature)));
            }
            let length = if squares > 0.0 { squares.sqrt() } else { 1.0 };
            for &(same, value, feature) in &known {
                found(same, value / length, feature);
            }
        }
    }
}

/// Keys of different blocks must not meet.
fn slot(block: Block, key: u64) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    key ^ (block as u64 + 1).wrapping_mul(SPREAD)
}
