//! What people lately did, and what they did with the most similar message.
//! Practice changes: who got everything last month gets nothing now. Looks
//! back only, at what came before a message, never at what came after.

use super::ridge::Table;
use super::vectors::{Sparse, dot};

/// A decision this many messages ago counts a third as much as one just now.
const FADES_AFTER: f64 = 60.0;
/// Decisions that the whole of all examples stands for beside the recent ones.
const WHOLE_TIMES: f64 = 4.0;

/// The examples, kept to be looked back at.
#[derive(Debug)]
pub struct Practice {
    vectors: Vec<Sparse>,
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
        vectors: Vec<Sparse>,
        labels: Vec<usize>,
        label_count: usize,
        arrived: Option<Vec<u64>>,
    ) -> Practice {
        let mut whole = vec![0.1; label_count];
        labels.iter().for_each(|label| whole[*label] += 1.0);
        let sum: f64 = whole.iter().sum();
        whole.iter_mut().for_each(|share| *share /= sum);
        Practice { vectors, labels, arrived, whole }
    }

    /// By label: how like the message the nearest example is.
    pub fn nearest(&self, asked: Asked<'_>) -> Vec<f64> {
        let mut nearest = vec![0.0f64; self.whole.len()];
        for (number, (vector, &label)) in self.vectors.iter().zip(&self.labels).enumerate() {
            if asked.example != Some(number) {
                nearest[label] = nearest[label].max(dot(asked.vector, vector));
            }
        }
        nearest
    }

    /// By label: the logarithm of its share among the decisions before the
    /// message, the recent ones counting most.
    pub fn recent(&self, asked: Asked<'_>) -> Vec<f64> {
        let mut counts: Vec<f64> = self.whole.iter().map(|share| share * WHOLE_TIMES).collect();
        if let (Some(arrived), Some(now)) = (&self.arrived, asked.arrived) {
            for (&then, &label) in arrived.iter().zip(&self.labels).filter(|one| *one.0 < now) {
                counts[label] += (-((now - then) as f64) / FADES_AFTER).exp();
            }
        }
        let sum: f64 = counts.iter().sum();
        counts.into_iter().map(|count| (count / sum).ln()).collect()
    }

    /// Both for all examples, each as if it were not among them.
    pub fn left_out(&self) -> [Table; 2] {
        let (count, labels) = (self.vectors.len(), self.whole.len());
        let mut tables = [Table::zeros(count, labels), Table::zeros(count, labels)];
        for number in 0..count {
            let arrived = self.arrived.as_ref().map(|all| all[number]);
            let vector = &self.vectors[number];
            let asked = Asked { vector, arrived, example: Some(number) };
            tables[0].row_mut(number).copy_from_slice(&self.nearest(asked));
            tables[1].row_mut(number).copy_from_slice(&self.recent(asked));
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
        let practice = Practice::new(vectors, vec![0, 1, 1], 2, Some(vec![10, 20, 30]));
        let at = |arrived| {
            let asked = Asked { vector: &[(1, 1.0)], arrived: Some(arrived), example: None };
            practice.recent(asked)
        };
        assert!(at(15)[0] > at(5)[0], "the first decision was made before 15");
        assert!(at(25)[1] > at(15)[1]);
        assert_eq!(at(5), at(0), "nothing was decided before either");
        let asked = Asked { vector: &[(1, 1.0)], arrived: None, example: Some(1) };
        assert_eq!(practice.nearest(asked), [0.0, 0.5]);
    }
}
