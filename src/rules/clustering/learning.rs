//! Learns the weights of grouping from messages that people grouped: a logistic
//! model of «this candidate is the right one», drawn towards the weights from
//! which it begins, so that few decisions change little. A part keeps its sign:
//! however odd the examples, another street never speaks for one problem.
//! Knows no files and no people; the same examples give the same weights.

use crate::model::incident::IncidentId;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::rarity::Rarity;
use crate::rules::clustering::window::Window;
use crate::rules::ruleset::grouping::{LearnedGrouping, Sign};
use crate::rules::ruleset::{GroupingWeights, Part, PartWeights};
use crate::rules::similarity::logistic;

/// Fewer messages with a partner teach nothing that the shipped weights do not
/// know better.
pub const PARTNERS_MIN: usize = 20;

/// How strongly weights are drawn to where they begin: as much as one example
/// that a weight one off gets wrong.
const PULL: f64 = 1.0;
/// The balance of all is free to move.
const BASE_PULL: f64 = 0.001;
/// Rounds over all weights, and the change below which no more is needed.
const ROUNDS_MAX: usize = 200;
const CHANGE_MIN: f64 = 1e-4;

/// A message as people grouped it.
#[derive(Debug, Clone)]
pub struct Judged {
    pub post: PostFeatures,
    /// The incident that people say it belongs to.
    pub incident: IncidentId,
    /// Whether people looked at it; others are only there to be compared with.
    pub counts: bool,
}

/// A candidate of a judged message: what was measured, and whether it is right.
#[derive(Debug, Clone)]
struct Example {
    values: [f64; Part::COUNT],
    is_right: bool,
}

/// All candidates of one message.
type Choice = Vec<Example>;

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Course<'w> {
    /// With these candidates are compared.
    pub weights: &'w GroupingWeights,
    /// To these the learned ones are drawn.
    pub begin: &'w PartWeights,
    /// The share of automatic joins that should be right, 0..=1.
    pub precision: f64,
}

/// Weights learned from judged messages, each world's in order of arrival;
/// `None` where too few of them have a partner.
pub fn learn(worlds: &[Vec<Judged>], course: Course<'_>) -> Option<LearnedGrouping> {
    let choices: Vec<Choice> =
        worlds.iter().flat_map(|judged| choices(judged, course.weights)).collect();
    let has_right = |choice: &&Choice| choice.iter().any(|example| example.is_right);
    let with_partner = choices.iter().filter(has_right).count();
    if with_partner < PARTNERS_MIN {
        return None;
    }
    let examples: Vec<&Example> = choices.iter().flatten().collect();
    let parts = fit(&examples, course.begin);
    let best = choices.iter().filter_map(|choice| best_score(choice, &parts)).collect();
    Some(LearnedGrouping {
        version: LearnedGrouping::VERSION,
        judged: choices.len(),
        with_partner,
        join: threshold(best, course.precision),
        parts,
    })
}

/// What the window offers for each judged message, were all before it grouped
/// as people grouped them.
fn choices(judged: &[Judged], weights: &GroupingWeights) -> Vec<Choice> {
    let mut window = Window::new(weights, Rarity::default());
    let mut choices = Vec::new();
    for one in judged {
        window.advance(one.post.written_at);
        if one.counts {
            let measured = window.measured(&one.post).into_iter();
            let example =
                |(incident, values)| Example { values, is_right: incident == one.incident };
            choices.push(measured.map(example).collect());
        }
        window.observe(&one.post);
        window.add(one.incident, one.post.clone());
    }
    choices
}

/// Coordinate by coordinate, each with Newton's step inside its sign.
fn fit(examples: &[&Example], begin: &PartWeights) -> PartWeights {
    let mut weights = begin.clone();
    let mut sums: Vec<f64> = examples.iter().map(|example| sum(example, begin)).collect();
    let columns: Vec<Column> =
        Part::ALL.into_iter().filter_map(|part| Column::of(part, examples)).collect();
    for _ in 0..ROUNDS_MAX {
        let mut largest: f64 = 0.0;
        for column in &columns {
            let step = column.step(examples, &sums, &weights, begin);
            for (at, value) in &column.values {
                sums[*at] += step * value;
            }
            weights.set(column.part, weights.of(column.part) + step);
            largest = largest.max(step.abs());
        }
        if largest < CHANGE_MIN {
            break;
        }
    }
    weights
}

fn sum(example: &Example, weights: &PartWeights) -> f64 {
    Part::ALL.into_iter().map(|part| example.values[part as usize] * weights.of(part)).sum()
}

/// A part that is learned, with the examples in which it is not 0.
struct Column {
    part: Part,
    sign: Sign,
    values: Vec<(usize, f64)>,
}

impl Column {
    fn of(part: Part, examples: &[&Example]) -> Option<Column> {
        let sign = part.learned_as()?;
        let value = |example: &&Example| example.values[part as usize];
        let values: Vec<(usize, f64)> =
            examples.iter().map(value).enumerate().filter(|(_, value)| *value != 0.0).collect();
        (!values.is_empty()).then_some(Column { part, sign, values })
    }

    fn step(
        &self,
        examples: &[&Example],
        sums: &[f64],
        weights: &PartWeights,
        begin: &PartWeights,
    ) -> f64 {
        let now = weights.of(self.part);
        let pull = if self.part == Part::Base { BASE_PULL } else { PULL };
        let mut slope = pull * (now - begin.of(self.part));
        let mut bend = pull;
        for (at, value) in &self.values {
            let chance = logistic(sums[*at]);
            slope += (chance - f64::from(u8::from(examples[*at].is_right))) * value;
            // The bend is bounded from above, so that no step goes too far.
            bend += (chance * (1.0 - chance)).max(0.01) * value * value;
        }
        let wanted = now - slope / bend;
        let allowed = match self.sign {
            Sign::For => wanted.max(0.0),
            Sign::Against => wanted.min(0.0),
            Sign::Either => wanted,
        };
        allowed - now
    }
}

fn best_score(choice: &Choice, parts: &PartWeights) -> Option<f64> {
    choice.iter().map(|example| logistic(sum(example, parts))).max_by(f64::total_cmp)
}

/// The lowest score from which on joins are right often enough. A score is a
/// probability: the mean of those above is the share to be expected, and it
/// hangs on all examples instead of the few at the edge.
fn threshold(mut best: Vec<f64>, precision: f64) -> f64 {
    best.sort_by(|a, b| b.total_cmp(a));
    let (mut whole, mut lowest) = (0.0, 1.0);
    for (count, score) in (1..).zip(best) {
        whole += score;
        if whole / f64::from(count) < precision {
            break;
        }
        lowest = score;
    }
    lowest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(parts: &[(Part, f64)], is_right: bool) -> Example {
        let mut values = [0.0; Part::COUNT];
        values[Part::Base as usize] = 1.0;
        for (part, value) in parts {
            values[*part as usize] = *value;
        }
        Example { values, is_right }
    }

    /// The same house is mostly right, another street mostly wrong.
    fn examples() -> Vec<Example> {
        let mut all = Vec::new();
        for number in 0..40 {
            let odd = number % 10 == 0;
            all.push(example(&[(Part::SameHouse, 1.0)], !odd));
            all.push(example(&[(Part::OtherStreet, 1.0)], odd));
            all.push(example(&[(Part::SameTopic, 1.0)], number % 4 == 0));
        }
        all
    }

    fn fitted(examples: &[Example], begin: &PartWeights) -> PartWeights {
        fit(&examples.iter().collect::<Vec<_>>(), begin)
    }

    #[test]
    fn what_is_mostly_right_gets_weight_and_scores_are_shares() {
        let weights = fitted(&examples(), &PartWeights::NONE);
        assert!(weights.of(Part::SameHouse) > 1.0, "{weights:?}");
        assert!(weights.of(Part::OtherStreet) < -0.5, "{weights:?}");
        let share = logistic(sum(&example(&[(Part::SameHouse, 1.0)], true), &weights));
        assert!((share - 0.9).abs() < 0.08, "{share}");
    }

    #[test]
    fn a_part_keeps_its_sign_whatever_the_examples() {
        let odd: Vec<Example> =
            (0..60).map(|at| example(&[(Part::OtherStreet, 1.0)], at % 3 != 0)).collect();
        let weights = fitted(&odd, &PartWeights::NONE);
        assert_eq!(weights.of(Part::OtherStreet), 0.0);
    }

    #[test]
    fn few_examples_change_little() {
        let mut begin = PartWeights::NONE;
        begin.set(Part::Base, -5.0);
        begin.set(Part::SameHouse, 1.0);
        let few = fitted(&examples()[..3], &begin);
        let many = fitted(&examples(), &begin);
        let moved = |weights: &PartWeights| (weights.of(Part::SameHouse) - 1.0).abs();
        assert!(moved(&few) < moved(&many), "{few:?} {many:?}");
        assert!(moved(&few) < 1.0);
    }

    #[test]
    fn examples_stay_in_their_order_without_changing_the_result() {
        let forth = fitted(&examples(), &PartWeights::NONE);
        assert_eq!(forth, fitted(&examples(), &PartWeights::NONE));
    }

    #[test]
    fn the_threshold_keeps_the_asked_share() {
        let best = vec![0.1, 0.95, 0.9, 0.5, 0.85];
        assert_eq!(threshold(best.clone(), 0.9), 0.85);
        assert_eq!(threshold(best.clone(), 0.8), 0.5);
        assert_eq!(threshold(best, 0.99), 1.0, "nothing is joined");
    }
}
