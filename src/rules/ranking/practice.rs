//! What people lately did, and what they did with the most similar message.
//! Practice changes: who got everything last month gets nothing now. Looks
//! back only, at what came before a message, never at what came after.

use std::collections::BTreeMap;

use super::ridge::Table;
use super::vectors::Sparse;

/// A decision so many messages ago counts a third as much as one just now: the
/// last hours, the last days, the last weeks. What lies between them tells a
/// habit of the day from a custom.
const FADES_AFTER: [f64; 3] = [10.0, 60.0, 300.0];
/// Decisions that the whole of all examples stands for beside the recent ones.
const WHOLE_TIMES: f64 = 4.0;
/// Decisions that a label counts for of which there is no example.
const NEVER_SEEN: f64 = 1e-3;

/// Kinds of scores that practice gives: the nearest, and one a fading.
pub const KINDS: usize = 1 + FADES_AFTER.len();

/// The examples, kept to be looked back at.
#[derive(Debug)]
pub struct Practice {
    /// By feature: the examples that have it, with its value there.
    holders: BTreeMap<u32, Vec<(u32, f64)>>,
    labels: Vec<usize>,
    /// Place in the order of arrival, where it is known of all.
    arrived: Option<Vec<u64>>,
    /// Share of each label among all examples.
    whole: Vec<f64>,
}

/// A message that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'m> {
    pub vector: &'m [(u32, f64)],
    pub arrived: Option<u64>,
    /// The example that it is, when examples are asked about themselves.
    pub example: Option<usize>,
}

impl Practice {
    pub fn new(
        vectors: &[Sparse],
        labels: Vec<usize>,
        label_count: usize,
        arrived: Option<Vec<u64>>,
    ) -> Practice {
        let mut whole = vec![0.1; label_count];
        labels.iter().for_each(|label| whole[*label] += 1.0);
        let sum: f64 = whole.iter().sum();
        whole.iter_mut().for_each(|share| *share /= sum);
        let mut holders: BTreeMap<u32, Vec<(u32, f64)>> = BTreeMap::new();
        for (vector, number) in vectors.iter().zip(0..) {
            for &(feature, value) in vector {
                holders.entry(feature).or_default().push((number, value));
            }
        }
        Practice { holders, labels, arrived, whole }
    }

    /// One row of scores a kind, by label.
    pub fn scores(&self, asked: Asked<'_>) -> [Vec<f64>; KINDS] {
        std::array::from_fn(|kind| match kind {
            0 => self.nearest(asked),
            _ => self.recent(asked, FADES_AFTER[kind - 1]),
        })
    }

    /// How like the message the nearest example of each label is.
    fn nearest(&self, asked: Asked<'_>) -> Vec<f64> {
        let mut alike = vec![0.0f64; self.labels.len()];
        for (feature, value) in asked.vector {
            for &(number, with) in self.holders.get(feature).map_or(&[][..], Vec::as_slice) {
                alike[number as usize] += value * with;
            }
        }
        let mut nearest = vec![0.0f64; self.whole.len()];
        for (number, (&alike, &label)) in alike.iter().zip(&self.labels).enumerate() {
            if asked.example != Some(number) {
                nearest[label] = nearest[label].max(alike);
            }
        }
        nearest
    }

    /// The logarithm of each label's share among the decisions before the
    /// message, the recent ones counting most.
    fn recent(&self, asked: Asked<'_>, fades_after: f64) -> Vec<f64> {
        // A label of which no example is left has a finite logarithm all the same.
        let whole = |share: &f64| (share * WHOLE_TIMES).max(NEVER_SEEN);
        let mut counts: Vec<f64> = self.whole.iter().map(whole).collect();
        if let (Some(arrived), Some(now)) = (&self.arrived, asked.arrived) {
            for (&then, &label) in arrived.iter().zip(&self.labels).filter(|one| *one.0 < now) {
                counts[label] += (-((now - then) as f64) / fades_after).exp();
            }
        }
        let sum: f64 = counts.iter().sum();
        counts.into_iter().map(|count| (count / sum).ln()).collect()
    }

    /// All kinds for all examples, each as if it were not among them.
    pub fn left_out(&self, vectors: &[Sparse]) -> [Table; KINDS] {
        let (count, labels) = (self.labels.len(), self.whole.len());
        let mut tables: [Table; KINDS] = std::array::from_fn(|_| Table::zeros(count, labels));
        for (number, vector) in vectors.iter().enumerate() {
            let arrived = self.arrived.as_ref().map(|all| all[number]);
            let scores = self.scores(Asked { vector, arrived, example: Some(number) });
            for (table, scores) in tables.iter_mut().zip(scores) {
                table.row_mut(number).copy_from_slice(&scores);
            }
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_before_is_looked_at() {
        let vectors = vec![vec![(0, 1.0)], vec![(1, 1.0)], vec![(1, 0.5)]];
        let practice = Practice::new(&vectors, vec![0, 1, 1], 2, Some(vec![10, 20, 30]));
        let at = |arrived| {
            let asked = Asked { vector: &[(1, 1.0)], arrived: Some(arrived), example: None };
            practice.recent(asked, 60.0)
        };
        assert!(at(15)[0] > at(5)[0], "the first decision was made before 15");
        assert!(at(25)[1] > at(15)[1]);
        assert_eq!(at(5), at(0), "nothing was decided before either");
        let asked = Asked { vector: &[(1, 1.0)], arrived: None, example: Some(1) };
        assert_eq!(practice.nearest(asked), [0.0, 0.5]);
    }
}
