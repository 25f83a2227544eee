//! How much each kind of score counts, the same for every label: the weights
//! under which the right labels of examples left out are most likely. So thin
//! labels profit from what the thick ones taught.

use super::ridge::Table;

/// Keeps weights small where the examples say little.
const PENALTY: f64 = 1e-3;
/// The likelihood has one summit; Newton's steps are on it long before.
const STEPS_MAX: usize = 30;
const STEP_SMALL: f64 = 1e-9;

/// A step that does not lead uphill is halved at most so often.
const HALVINGS_MAX: usize = 20;

/// One weight a column. Every column has a row an example, a value a label.
pub fn weights(columns: &[&Table], right: &[usize]) -> Vec<f64> {
    let spreads: Vec<f64> = columns.iter().map(|column| spread(column)).collect();
    let mut scaled = vec![0.5; columns.len()];
    let mut height = height(columns, &spreads, right, &scaled);
    for _ in 0..STEPS_MAX {
        let step = Slope::at(columns, &spreads, right, &scaled).step();
        if step.iter().all(|change| change.abs() < STEP_SMALL) {
            break;
        }
        let Some(higher) = uphill(columns, &spreads, right, (&scaled, height), &step) else {
            break;
        };
        (scaled, height) = higher;
    }
    scaled.iter().zip(&spreads).map(|(weight, spread)| weight / spread).collect()
}

/// The weights after a step, and how high they stand. Kinds of scores that say
/// nearly the same make whole steps overshoot.
fn uphill(
    columns: &[&Table],
    spreads: &[f64],
    right: &[usize],
    (from, height_before): (&[f64], f64),
    step: &[f64],
) -> Option<(Vec<f64>, f64)> {
    (0..HALVINGS_MAX as i32).find_map(|halvings| {
        let share = 0.5f64.powi(halvings);
        let to: Vec<f64> = from.iter().zip(step).map(|(one, by)| one + share * by).collect();
        let reached = height(columns, spreads, right, &to);
        (height_before < reached).then_some((to, reached))
    })
}

/// What is made as great as can be: the mean log-likelihood less the penalty.
fn height(columns: &[&Table], spreads: &[f64], right: &[usize], weights: &[f64]) -> f64 {
    let share = 1.0 / right.len().max(1) as f64;
    let labels = columns.first().map_or(0, |column| column.columns);
    let mut sum = 0.0;
    for (row, &label) in right.iter().enumerate() {
        let mut scores = vec![0.0; labels];
        for ((column, spread), weight) in columns.iter().zip(spreads).zip(weights) {
            for (score, value) in scores.iter_mut().zip(column.row(row)) {
                *score += weight / spread * value;
            }
        }
        sum += share * likelihoods(&scores)[label].max(f64::MIN_POSITIVE).ln();
    }
    sum - PENALTY * weights.iter().map(|weight| weight * weight).sum::<f64>()
}

/// The standard deviation of all values, or one where there is none.
fn spread(column: &Table) -> f64 {
    let count = column.values.len().max(1) as f64;
    let mean = column.values.iter().sum::<f64>() / count;
    let square = column.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    let spread = (square / count).sqrt();
    if spread > 1e-12 { spread } else { 1.0 }
}

/// Slope and curvature of the mean log-likelihood.
struct Slope {
    first: Vec<f64>,
    second: Vec<Vec<f64>>,
}

impl Slope {
    fn at(columns: &[&Table], spreads: &[f64], right: &[usize], weights: &[f64]) -> Slope {
        let kinds = columns.len();
        let mut slope = Slope { first: vec![0.0; kinds], second: vec![vec![0.0; kinds]; kinds] };
        let share = 1.0 / right.len().max(1) as f64;
        for (row, &label) in right.iter().enumerate() {
            let value = |kind: usize, label: usize| columns[kind].at(row, label) / spreads[kind];
            let labels = columns.first().map_or(0, |column| column.columns);
            let scores: Vec<f64> = (0..labels)
                .map(|label| (0..kinds).map(|kind| weights[kind] * value(kind, label)).sum())
                .collect();
            let likely = likelihoods(&scores);
            let mean: Vec<f64> = (0..kinds)
                .map(|kind| (0..labels).map(|label| likely[label] * value(kind, label)).sum())
                .collect();
            for one in 0..kinds {
                slope.first[one] += share * (value(one, label) - mean[one]);
                for other in 0..=one {
                    let both: f64 = (0..labels)
                        .map(|label| likely[label] * value(one, label) * value(other, label))
                        .sum();
                    slope.second[one][other] += share * (both - mean[one] * mean[other]);
                }
            }
        }
        for (one, weight) in weights.iter().enumerate() {
            slope.first[one] -= 2.0 * PENALTY * weight;
            slope.second[one][one] += 2.0 * PENALTY;
            for other in 0..one {
                slope.second[other][one] = slope.second[one][other];
            }
        }
        slope
    }

    /// Newton's step: the slope divided by the curvature.
    fn step(self) -> Vec<f64> {
        let Slope { mut first, mut second } = self;
        let kinds = first.len();
        for pivot in 0..kinds {
            let top = second[pivot].clone();
            for row in (0..kinds).filter(|row| *row != pivot) {
                let share = second[row][pivot] / top[pivot];
                for (value, above) in second[row].iter_mut().zip(&top) {
                    *value -= share * above;
                }
                first[row] -= share * first[pivot];
            }
        }
        (0..kinds).map(|kind| first[kind] / second[kind][kind]).collect()
    }
}

/// Scores as shares of one.
pub fn likelihoods(scores: &[f64]) -> Vec<f64> {
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = scores.iter().map(|score| (score - best).exp()).collect();
    let sum: f64 = raised.iter().sum();
    raised.into_iter().map(|value| value / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_the_right_label_counts_and_noise_does_not() {
        let (mut telling, mut noise) = (Table::zeros(40, 2), Table::zeros(40, 2));
        let right: Vec<usize> = (0..40).map(|row| row % 2).collect();
        for (row, &label) in right.iter().enumerate() {
            // Four in forty are told wrong, or the weight would have no end.
            let told = if row < 4 { 1 - label } else { label };
            telling.set(row, told, 1.0);
            noise.set(row, usize::from(row % 4 < 2), 1.0);
        }
        let weights = weights(&[&telling, &noise], &right);
        assert!(weights[0] > 1.5, "{weights:?}");
        assert!(weights[1].abs() < 0.3, "{weights:?}");
    }

    #[test]
    fn kinds_that_say_nearly_the_same_still_reach_the_summit() {
        let (labels, rows) = (30, 200);
        let (mut one, mut other) = (Table::zeros(rows, labels), Table::zeros(rows, labels));
        let right: Vec<usize> = (0..rows).map(|row| row * row % labels).collect();
        for (row, &label) in right.iter().enumerate() {
            let told = if row % 3 == 0 { (label + 1) % labels } else { label };
            one.set(row, told, 1.0);
            other.set(row, told, 0.9 + 0.1 * (row % 2) as f64);
        }
        let columns = [&one, &other];
        let spreads = columns.map(spread);
        let found = weights(&columns, &right);
        let scaled: Vec<f64> = found.iter().zip(&spreads).map(|(one, by)| one * by).collect();
        let slope = Slope::at(&columns, &spreads, &right, &scaled);
        assert!(slope.first.iter().all(|one| one.abs() < 1e-6), "{:?} at {found:?}", slope.first);
    }

    #[test]
    fn likelihoods_are_shares() {
        let shares = likelihoods(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(shares, [0.5, 0.5, 0.0]);
    }
}
