//! How much of what a post tells an incident as a whole has told before: of two
//! neighbours one may name the street and the other the matter. Knows no members
//! and no weights.

use crate::rules::clustering::features::{PostFeatures, WORDS_MAX};

/// The weight of a post's words, of all and of names.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Told {
    all: f64,
    names: f64,
}

impl Told {
    /// Of those words that are wanted; `rarity` runs parallel to them.
    pub fn of(post: &PostFeatures, rarity: &[f64], is_wanted: impl Fn(usize) -> bool) -> Told {
        let mut told = Told::default();
        for (at, (word, rare)) in post.words.iter().zip(rarity).enumerate() {
            if is_wanted(at) {
                told.all += rare * rare;
                told.names += if word.is_name { rare * rare } else { 0.0 };
            }
        }
        told
    }

    /// Which shares of `whole` these are: of all words and of names.
    pub fn shares(self, whole: Told) -> (f64, f64) {
        let share = |part: f64, whole: f64| if part > 0.0 { part / whole } else { 0.0 };
        (share(self.all, whole.all), share(self.names, whole.names))
    }
}

/// Which of a post's words occur elsewhere too, a bit for each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shared([u64; WORDS_MAX.div_ceil(64)]);

impl Shared {
    pub fn add(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub fn add_all(&mut self, other: &Shared) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_shared_like_the_first() {
        let (mut one, mut all) = (Shared::default(), Shared::default());
        one.add(0);
        all.add(WORDS_MAX - 1);
        all.add_all(&one);
        let shared: Vec<usize> = (0..WORDS_MAX).filter(|at| all.has(*at)).collect();
        assert_eq!(shared, [0, WORDS_MAX - 1]);
    }

    #[test]
    fn what_a_post_does_not_have_is_no_share() {
        let whole = Told { all: 4.0, names: 0.0 };
        assert_eq!(Told { all: 1.0, names: 0.0 }.shares(whole), (0.25, 0.0));
    }
}
