//! Least squares with a penalty, in closed form, with the exact answer for
//! every example left out. Knows numbers only.
//!
//! Rows are worked through as wholes, so that the inner loops are sums of rows.

/// A square or oblong table, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<f64>,
}

impl Table {
    pub fn zeros(rows: usize, columns: usize) -> Table {
        Table { rows, columns, values: vec![0.0; rows * columns] }
    }

    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.columns + column] = value;
    }

    /// Adds `factor` times an earlier or later row, from a column on.
    fn add_row(&mut self, to: usize, from: usize, factor: f64, column: usize) {
        let width = self.columns;
        let (low, high) = (to.min(from), to.max(from));
        let (head, tail) = self.values.split_at_mut(high * width);
        let (low, high) = (&mut head[low * width..(low + 1) * width], &mut tail[..width]);
        let (target, source) = if to < from { (low, high) } else { (high, low) };
        for (one, other) in target[column..].iter_mut().zip(&source[column..]) {
            *one += factor * *other;
        }
    }
}

/// What was learned, and how it does on examples that it has not seen.
#[derive(Debug)]
pub struct Solved {
    /// Weight of each example for each label.
    pub weights: Table,
    /// Each example's scores by a model trained on all the others.
    pub left_out: Table,
}

/// Solves `(alike + penalty) · weights = wanted`. `alike` holds the products of
/// all pairs of examples; `wanted` one column a label.
pub fn solve(mut alike: Table, penalty: f64, wanted: &Table) -> Solved {
    let count = alike.rows;
    for row in 0..count {
        let diagonal = alike.at(row, row) + penalty;
        alike.set(row, row, diagonal);
    }
    factor(&mut alike);
    let mut weights = wanted.clone();
    forward(&alike, &mut weights);
    backward(&alike, &mut weights);
    let diagonal = inverse_diagonal(&alike);
    let mut left_out = wanted.clone();
    for (row, inverse) in diagonal.iter().enumerate() {
        let weights = weights.row(row);
        for (score, weight) in left_out.row_mut(row).iter_mut().zip(weights) {
            *score -= weight / inverse;
        }
    }
    Solved { weights, left_out }
}

/// Cholesky: leaves the upper factor above the diagonal.
fn factor(table: &mut Table) {
    for pivot in 0..table.rows {
        let root = table.at(pivot, pivot).max(f64::MIN_POSITIVE).sqrt();
        table.row_mut(pivot)[pivot..].iter_mut().for_each(|value| *value /= root);
        for row in pivot + 1..table.rows {
            let share = table.at(pivot, row);
            if share != 0.0 {
                table.add_row(row, pivot, -share, row);
            }
        }
    }
}

/// Divides by the transposed upper factor.
fn forward(upper: &Table, right: &mut Table) {
    for row in 0..upper.rows {
        let pivot = upper.at(row, row);
        right.row_mut(row).iter_mut().for_each(|value| *value /= pivot);
        for below in row + 1..upper.rows {
            right.add_row(below, row, -upper.at(row, below), 0);
        }
    }
}

/// Divides by the upper factor.
fn backward(upper: &Table, right: &mut Table) {
    for row in (0..upper.rows).rev() {
        for below in row + 1..upper.rows {
            right.add_row(row, below, -upper.at(row, below), 0);
        }
        let pivot = upper.at(row, row);
        right.row_mut(row).iter_mut().for_each(|value| *value /= pivot);
    }
}

/// The diagonal of the inverse: squares of the rows of the inverse factor.
fn inverse_diagonal(upper: &Table) -> Vec<f64> {
    let mut inverse = Table::zeros(upper.rows, upper.rows);
    for row in (0..upper.rows).rev() {
        for below in row + 1..upper.rows {
            let share = upper.at(row, below);
            if share != 0.0 {
                inverse.add_row(row, below, -share, below);
            }
        }
        let pivot = upper.at(row, row);
        inverse.row_mut(row)[row..].iter_mut().for_each(|value| *value /= pivot);
        inverse.set(row, row, 1.0 / pivot);
    }
    (0..upper.rows).map(|row| inverse.row(row)[row..].iter().map(|one| one * one).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[f64]]) -> Table {
        let values = rows.concat();
        Table { rows: rows.len(), columns: rows[0].len(), values }
    }

    fn alike() -> Table {
        table(&[&[1.0, 0.5, 0.1], &[0.5, 1.0, 0.2], &[0.1, 0.2, 1.0]])
    }

    #[test]
    fn the_solution_solves() {
        let wanted = table(&[&[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]]);
        let solved = solve(alike(), 0.3, &wanted);
        for row in 0..3 {
            for column in 0..2 {
                let sum: f64 = (0..3)
                    .map(|k| {
                        let penalty = if k == row { 0.3 } else { 0.0 };
                        (alike().at(row, k) + penalty) * solved.weights.at(k, column)
                    })
                    .sum();
                assert!((sum - wanted.at(row, column)).abs() < 1e-12, "{sum}");
            }
        }
    }

    #[test]
    fn left_out_scores_are_those_of_a_model_without_the_example() {
        let wanted = table(&[&[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]]);
        let whole = solve(alike(), 0.3, &wanted);
        for without in 0..3 {
            let kept: Vec<usize> = (0..3).filter(|row| *row != without).collect();
            let rows: Vec<Vec<f64>> =
                kept.iter().map(|&i| kept.iter().map(|&j| alike().at(i, j)).collect()).collect();
            let targets: Vec<&[f64]> = kept.iter().map(|&i| wanted.row(i)).collect();
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let part = solve(table(&rows), 0.3, &table(&targets));
            for label in 0..2 {
                let score: f64 = (kept.iter().zip(0..))
                    .map(|(&k, place)| alike().at(without, k) * part.weights.at(place, label))
                    .sum();
                assert!((score - whole.left_out.at(without, label)).abs() < 1e-12);
            }
        }
    }
}
