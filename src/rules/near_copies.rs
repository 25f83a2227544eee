//! Near-copies: the same text with small changes. A text is the set of its
//! runs of three words; two texts are a family when most runs are common.
//! Knows nothing of places, topics or incidents.

use crate::rules::similarity::{KeyKind, key_of_keys, shared};

/// Words in a run. Two make everyday phrases look like copies, four let one
/// changed word break too much of a short text.
const RUN_WORDS: usize = 3;

/// Runs kept of a text: those with the lowest keys. Below this number the
/// comparison is exact, above it a fair sample.
const RUNS_MAX: usize = 192;

/// Lowest keys by which copies find each other. Two texts with four fifths of
/// their runs in common miss each other on all of them once in many thousands.
const FINDERS: usize = 6;

/// A text's runs of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// Sorted, without repetition, the lowest `RUNS_MAX`.
    runs: Box<[u64]>,
}

impl Sketch {
    /// From the keys of a text's words in their order.
    pub fn of(words: &[u64]) -> Sketch {
        let mut runs: Vec<u64> = if words.len() < RUN_WORDS {
            (!words.is_empty()).then(|| key_of_keys(KeyKind::Shingle, words)).into_iter().collect()
        } else {
            words.windows(RUN_WORDS).map(|run| key_of_keys(KeyKind::Shingle, run)).collect()
        };
        runs.sort_unstable();
        runs.dedup();
        runs.truncate(RUNS_MAX);
        Sketch { runs: runs.into_boxed_slice() }
    }

    /// The keys under which near-copies of this text can be looked up.
    pub fn finders(&self) -> &[u64] {
        &self.runs[..self.runs.len().min(FINDERS)]
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

/// Share of common runs, 0..=1 (Jaccard; of a sample where a text is long).
pub fn common_share(a: &Sketch, b: &Sketch) -> f64 {
    let (a_runs, b_runs) = comparable(&a.runs, &b.runs);
    let common = shared(a_runs, b_runs);
    let union = a_runs.len() + b_runs.len() - common;
    if union == 0 { 0.0 } else { common as f64 / union as f64 }
}

/// A truncated list only speaks for keys up to its last one: both lists are
/// cut there, else the longer text's further runs would count as differences.
fn comparable<'a>(a: &'a [u64], b: &'a [u64]) -> (&'a [u64], &'a [u64]) {
    let limit =
        [a, b].into_iter().filter(|runs| runs.len() == RUNS_MAX).filter_map(|r| r.last()).min();
    match limit {
        Some(limit) => (up_to(a, *limit), up_to(b, *limit)),
        None => (a, b),
    }
}

fn up_to(runs: &[u64], limit: u64) -> &[u64] {
    &runs[..runs.partition_point(|run| *run <= limit)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::similarity::key;

    fn sketch(text: &str) -> Sketch {
        let words: Vec<u64> =
            text.split_whitespace().map(|word| key(KeyKind::Word, &[word])).collect();
        Sketch::of(&words)
    }

    fn check(a: &str, b: &str, least: f64, most: f64) {
        let share = common_share(&sketch(a), &sketch(b));
        assert!((least..=most).contains(&share), "{share} for «{a}» and «{b}»");
    }

    #[test]
    fn copies_with_small_changes_are_close() {
        let text = "во дворе нашего дома третий день не вывозят мусор контейнеры полны ветер носит \
                    пакеты по детской площадке";
        check(text, text, 1.0, 1.0);
        check(text, &format!("{text} помогите"), 0.9, 0.99);
        check(text, &text.replace("третий", "четвёртый"), 0.6, 0.8);
        check(text, "во дворе нашего дома спилили старое дерево и бросили ветки", 0.0, 0.2);
        check("", "", 0.0, 0.0);
        check("яма", "яма", 1.0, 1.0);
    }

    #[test]
    fn copies_of_long_texts_stay_copies() {
        let long: Vec<String> = (0..900).map(|n| format!("слово{n}")).collect();
        let text = long.join(" ");
        check(&text, &format!("{text} и ещё немного слов в конце"), 0.9, 1.0);
        check(&text, &long[..450].join(" "), 0.35, 0.65);
    }

    #[test]
    fn finders_of_copies_meet() {
        let a = sketch("один два три четыре пять шесть семь восемь девять десять");
        let b = sketch("один два три четыре пять шесть семь восемь девять десять одиннадцать");
        assert!(shared(a.finders(), b.finders()) > 0);
    }
}
