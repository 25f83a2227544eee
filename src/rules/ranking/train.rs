//! Learns a model from examples. Least squares find what words say of labels;
//! the names of the labels and the dictionaries speak for labels with few
//! examples; how much each of these counts follows from examples left out.

use std::collections::BTreeMap;

use super::blend;
use super::features::{Block, Reading};
use super::model::{Feature, Label, Model};
use super::practice::{self, Asked, Practice};
use super::ridge::{Solved, Table, solve};
use super::vectors::{Sparse, Vocabulary, dot};

/// A message that somebody judged.
#[derive(Debug, Clone)]
pub struct Example {
    pub reading: Reading,
    /// Index into the labels.
    pub label: usize,
    /// Place in the order of arrival.
    pub arrived: Option<u64>,
}

/// What else counts beside the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habits {
    /// Nothing: a model for any message at any time.
    Words,
    /// What was done lately, and with the most similar message.
    Practice,
}

/// Examples beyond these are left out, the oldest first: the work grows with
/// their cube, and practice changes.
pub const EXAMPLES_MAX: usize = 4_000;

/// Weights kept, heaviest first; more do not make a better model.
const WEIGHTS_MAX: usize = 300_000;
/// Weights are kept to this part of one, so that a model reads back as written.
const WEIGHT_STEP: f64 = 1e-4;

/// Penalty on words in general, and on matters alone.
const PENALTY: f64 = 0.7;
const PENALTY_MATTERS: f64 = 0.1;

/// What training came to.
#[derive(Debug)]
pub struct Trained {
    pub model: Model,
    /// Each example's scores by a model that has not seen it.
    pub left_out: Table,
    practice: Option<Kept>,
}

/// What asking about practice needs.
#[derive(Debug)]
struct Kept {
    practice: Practice,
    vocabulary: Vocabulary,
    counts: [f64; practice::KINDS],
}

impl Trained {
    /// What practice adds to the model's scores of a message.
    pub fn practice(&self, reading: &Reading, arrived: Option<u64>) -> Vec<f64> {
        let Some(kept) = &self.practice else { return vec![0.0; self.model.labels.len()] };
        let vector = scaled(&kept.vocabulary, reading, &blocks(&kept.vocabulary));
        let asked = Asked { vector: &vector, arrived, example: None };
        let mut sum = vec![0.0; self.model.labels.len()];
        for (scores, &count) in kept.practice.scores(asked).iter().zip(&kept.counts) {
            add(&mut sum, scores, count);
        }
        sum
    }
}

/// Trains on at least one example. `names` are the readings of the labels' own
/// names; an empty reading for a label without one.
pub fn train(
    examples: &[Example],
    labels: &[String],
    names: &[Reading],
    habits: Habits,
) -> Trained {
    let examples = &examples[examples.len().saturating_sub(EXAMPLES_MAX)..];
    let readings: Vec<&Reading> = examples.iter().map(|one| &one.reading).collect();
    let vocabulary = Vocabulary::new(&readings, names);
    let right: Vec<usize> = examples.iter().map(|one| one.label).collect();
    let taught = taught(&right, labels.len());
    let space = Space::new(&vocabulary, &readings, names);
    let wanted = wanted(&right, labels.len());
    let words = solve(products(&space.examples), PENALTY, &wanted);
    let matters = solve(products(&space.matters), PENALTY_MATTERS, &wanted);
    let raised = raised(&words.left_out, &right, &taught);
    let named: Vec<Table> = NAMED.iter().map(|block| space.named(*block)).collect();
    let practice = match habits {
        Habits::Words => None,
        Habits::Practice => Some(remembered(examples, &space, &right, labels.len())),
    };
    let seen_by_practice = practice.as_ref().map(|one| one.left_out(&space.examples));
    let mut columns = vec![&words.left_out, &raised, &matters.left_out];
    columns.extend(&named);
    columns.extend(seen_by_practice.iter().flatten());
    let counts = blend::weights(&columns, &right);
    let left_out = blended(&columns, &counts);
    let counts = Counts::of(&counts);
    let features = space.features(&vocabulary, &words, &matters, &taught, &counts);
    let labels = labels.iter().zip(taught);
    let labels = labels.map(|(id, examples)| Label { id: id.clone(), examples }).collect();
    let rare = vocabulary.rare;
    let practice = practice.map(|practice| Kept { practice, vocabulary, counts: counts.practice });
    Trained { model: Model { labels, rare, features }, left_out, practice }
}

/// How much each kind of score counts, in the order of the columns.
struct Counts {
    words: f64,
    raised: f64,
    matters: f64,
    named: [f64; NAMED.len()],
    practice: [f64; practice::KINDS],
}

impl Counts {
    /// Nothing for practice where it was not asked.
    fn of(columns: &[f64]) -> Counts {
        let at = |column: usize| columns.get(column).copied().unwrap_or(0.0);
        Counts {
            words: at(0),
            raised: at(1),
            matters: at(2),
            named: std::array::from_fn(|kind| at(3 + kind)),
            practice: std::array::from_fn(|kind| at(3 + NAMED.len() + kind)),
        }
    }
}

/// Examples by label.
fn taught(right: &[usize], labels: usize) -> Vec<usize> {
    let mut taught = vec![0; labels];
    right.iter().for_each(|label| taught[*label] += 1);
    taught
}

/// Least squares hold a label with few examples near nothing, however clear its
/// words are; times this they stand level.
fn lift(taught: usize) -> f64 {
    1.0 / (1.0 + taught as f64).sqrt()
}

/// Scores with thin labels lifted, each example's own not counted.
fn raised(left_out: &Table, right: &[usize], taught: &[usize]) -> Table {
    let mut raised = left_out.clone();
    for (row, &own) in right.iter().enumerate() {
        for (label, (score, &taught)) in raised.row_mut(row).iter_mut().zip(taught).enumerate() {
            *score *= lift(taught - usize::from(label == own));
        }
    }
    raised
}

/// Blocks in which a message is compared with the names of labels.
const NAMED: [Block; 3] = [Block::Stems, Block::Letters, Block::Matters];

fn remembered(examples: &[Example], space: &Space, right: &[usize], labels: usize) -> Practice {
    let arrived: Option<Vec<u64>> = examples.iter().map(|one| one.arrived).collect();
    Practice::new(&space.examples, right.to_vec(), labels, arrived)
}

fn wanted(right: &[usize], labels: usize) -> Table {
    let mut wanted = Table::zeros(right.len(), labels);
    right.iter().enumerate().for_each(|(row, &label)| wanted.set(row, label, 1.0));
    wanted
}

fn blended(columns: &[&Table], counts: &[f64]) -> Table {
    let mut sum = Table::zeros(columns[0].rows, columns[0].columns);
    for (column, count) in columns.iter().zip(counts) {
        for (value, part) in sum.values.iter_mut().zip(&column.values) {
            *value += count * part;
        }
    }
    sum
}

/// Products of all pairs of vectors.
fn products(vectors: &[Sparse]) -> Table {
    let mut holders: BTreeMap<u32, Vec<(usize, f64)>> = BTreeMap::new();
    for (row, vector) in vectors.iter().enumerate() {
        for &(number, value) in vector {
            holders.entry(number).or_default().push((row, value));
        }
    }
    let mut table = Table::zeros(vectors.len(), vectors.len());
    for holders in holders.values() {
        for &(row, value) in holders {
            let row = table.row_mut(row);
            holders.iter().for_each(|&(other, with)| row[other] += value * with);
        }
    }
    table
}

/// The block of each feature, by number.
fn blocks(vocabulary: &Vocabulary) -> Vec<Block> {
    vocabulary.features.keys().map(|(block, _)| *block).collect()
}

/// A message with each block at its share, all together of length one.
fn scaled(vocabulary: &Vocabulary, reading: &Reading, blocks: &[Block]) -> Sparse {
    let mut vector = vocabulary.vector(reading, |_| true);
    for one in &mut vector {
        one.1 *= root_share(blocks[one.0 as usize]);
    }
    vector
}

fn root_share(block: Block) -> f64 {
    let total: f64 = Block::ALL.iter().map(|block| block.share()).sum();
    (block.share() / total).sqrt()
}

/// Examples and names as vectors.
struct Space {
    blocks: Vec<Block>,
    /// With each block at its share.
    examples: Vec<Sparse>,
    /// The block of matters alone, of length one.
    matters: Vec<Sparse>,
    /// By label: its name, each block of length one, rare words of names more.
    names: Vec<Sparse>,
}

impl Space {
    fn new(vocabulary: &Vocabulary, readings: &[&Reading], names: &[Reading]) -> Space {
        let blocks = blocks(vocabulary);
        let scaled = |reading: &&Reading| scaled(vocabulary, reading, &blocks);
        let matters =
            |reading: &&Reading| vocabulary.vector(reading, |block| block == Block::Matters);
        Space {
            examples: readings.iter().map(scaled).collect(),
            matters: readings.iter().map(matters).collect(),
            names: name_vectors(vocabulary, names, &blocks),
            blocks,
        }
    }

    /// How like each example is to each label's name, in one block.
    fn named(&self, block: Block) -> Table {
        let share = root_share(block);
        let names: Vec<Sparse> = self
            .names
            .iter()
            .map(|name| {
                let is_of = |one: &&(u32, f64)| self.blocks[one.0 as usize] == block;
                name.iter().filter(is_of).map(|one| (one.0, one.1 / share)).collect()
            })
            .collect();
        let mut table = Table::zeros(self.examples.len(), names.len());
        for (row, example) in self.examples.iter().enumerate() {
            for (label, name) in names.iter().enumerate() {
                table.set(row, label, dot(example, name));
            }
        }
        table
    }

    /// All parts as one weight a feature and label.
    fn features(
        &self,
        vocabulary: &Vocabulary,
        words: &Solved,
        matters: &Solved,
        taught: &[usize],
        counts: &Counts,
    ) -> Vec<(Block, u64, Feature)> {
        let labels = self.names.len();
        let mut weights = Table::zeros(self.blocks.len(), labels);
        let lifts: Vec<f64> =
            taught.iter().map(|&taught| counts.words + counts.raised * lift(taught)).collect();
        let mut lifted = vec![0.0; labels];
        for (row, example) in self.examples.iter().enumerate() {
            for (value, (weight, lift)) in
                lifted.iter_mut().zip(words.weights.row(row).iter().zip(&lifts))
            {
                *value = weight * lift;
            }
            for &(number, value) in example {
                let factor = value * root_share(self.blocks[number as usize]);
                add(weights.row_mut(number as usize), &lifted, factor);
            }
            for &(number, value) in &self.matters[row] {
                let factor = counts.matters * value;
                add(weights.row_mut(number as usize), matters.weights.row(row), factor);
            }
        }
        for (label, name) in self.names.iter().enumerate() {
            for &(number, value) in name {
                let number = number as usize;
                let kind = NAMED.iter().position(|block| *block == self.blocks[number]);
                if let Some(kind) = kind {
                    weights.row_mut(number)[label] += counts.named[kind] * value;
                }
            }
        }
        kept(vocabulary, &weights)
    }
}

fn add(target: &mut [f64], source: &[f64], factor: f64) {
    target.iter_mut().zip(source).for_each(|(value, part)| *value += factor * part);
}

/// Names of labels differ by few words; those that many share count less.
fn name_vectors(vocabulary: &Vocabulary, names: &[Reading], blocks: &[Block]) -> Vec<Sparse> {
    let plain: Vec<Sparse> =
        names.iter().map(|name| vocabulary.vector(name, |block| NAMED.contains(&block))).collect();
    let mut shared_by = vec![0usize; blocks.len()];
    for one in plain.iter().flatten() {
        shared_by[one.0 as usize] += 1;
    }
    let total = names.len() as f64 + 1.0;
    let rare = |number: u32| match blocks[number as usize] {
        Block::Matters => 1.0,
        Block::Stems | Block::Pairs | Block::Letters | Block::Heard | Block::Places => {
            (total / (shared_by[number as usize] + 1) as f64).ln() + 0.3
        }
    };
    let weigh = |vector: Sparse| {
        let mut squares: BTreeMap<Block, f64> = BTreeMap::new();
        let mut weighed: Sparse =
            vector.into_iter().map(|one| (one.0, one.1 * rare(one.0))).collect();
        for one in &weighed {
            *squares.entry(blocks[one.0 as usize]).or_default() += one.1 * one.1;
        }
        for one in &mut weighed {
            let length = squares[&blocks[one.0 as usize]].sqrt();
            one.1 /= if length > 0.0 { length } else { 1.0 };
        }
        weighed
    };
    plain.into_iter().map(weigh).collect()
}

/// The heaviest weights, rounded; a feature without any is still kept for its
/// rarity, which is part of every message's length.
fn kept(vocabulary: &Vocabulary, weights: &Table) -> Vec<(Block, u64, Feature)> {
    let mut sizes: Vec<f32> = weights.values.iter().map(|one| one.abs() as f32).collect();
    let threshold = match sizes.len().checked_sub(WEIGHTS_MAX) {
        None | Some(0) => 0.0,
        Some(dropped) => *sizes.select_nth_unstable_by(dropped, f32::total_cmp).1,
    };
    let feature = |((block, key), known): (&(Block, u64), &super::vectors::Known)| {
        let row = weights.row(known.number as usize).iter().zip(0u16..);
        let heavy =
            row.filter(|one| one.0.abs() as f32 >= threshold).filter_map(|(value, label)| {
                let steps = (value / WEIGHT_STEP).round();
                (steps != 0.0).then_some((label, (steps * WEIGHT_STEP) as f32))
            });
        let rarity = (known.rarity / WEIGHT_STEP).round() * WEIGHT_STEP;
        (*block, *key, Feature { rarity, weights: heavy.collect() })
    };
    vocabulary.features.iter().map(feature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thinner_a_label_the_higher_and_an_example_is_not_its_own_witness() {
        let even = Table { rows: 2, columns: 3, values: vec![1.0; 6] };
        let raised = raised(&even, &[0, 1], &[4, 1, 3]);
        assert_eq!(raised.row(0), [lift(3), lift(1), lift(3)]);
        assert_eq!(raised.row(1), [lift(4), lift(0), lift(3)]);
        assert!(lift(9) < lift(1) && lift(1) < lift(0), "{} {} {}", lift(9), lift(1), lift(0));
    }
}
