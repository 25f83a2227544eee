//! Slips of the finger in long keywords: one letter wrong, missing, too many, or
//! two in the wrong order («отаплени», «каммунальные»). Knows the spellings of
//! keywords by hash; asked for words that no dictionary has, once for each.

use crate::rules::text::stem::{extend_hash, fixed_hash};

/// Keywords of fewer letters have too many neighbours that are other words.
pub const LETTERS_MIN: usize = 7;
/// Longer words are not looked for.
const LETTERS_MAX: usize = 24;

/// A keyword's spelling without one of its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    hash: u64,
    /// The letter that is missing, and its place.
    letter: char,
    place: u8,
    spelling: u32,
}

/// Bits of the sieve for each gap: of sixteen words that are none, one is searched for.
const SIEVE_BITS_A_GAP: usize = 16;

#[derive(Default)]
pub struct Slips {
    gaps: Vec<Gap>,
    /// A bit for every hash of `gaps`: nearly all words are near none of them, and
    /// a bit tells so without a search.
    sieve: Vec<u64>,
    /// Hashes of the spellings.
    spellings: Vec<u64>,
}

impl Slips {
    /// For words in normal form; those that are short are left out.
    pub fn of<'w>(words: impl Iterator<Item = &'w str>) -> Slips {
        let mut slips = Slips::default();
        for word in words.filter(|word| is_long(word)) {
            let spelling = slips.spellings.len() as u32;
            slips.spellings.push(fixed_hash(word));
            for (place, letter) in word.chars().enumerate() {
                let hash = hash_without(word, place);
                slips.gaps.push(Gap { hash, letter, place: place as u8, spelling });
            }
        }
        slips.spellings.shrink_to_fit();
        slips.gaps.sort_unstable();
        slips.gaps.shrink_to_fit();
        let bits = (slips.gaps.len() * SIEVE_BITS_A_GAP).next_power_of_two().max(64);
        slips.sieve = vec![0; bits / 64];
        for gap in &slips.gaps {
            let (word, bit) = sieve_bit(gap.hash, slips.sieve.len());
            slips.sieve[word] |= bit;
        }
        slips
    }

    /// Hashes of the spellings that are one slip away; `is_spelling` knows a
    /// spelling by its hash.
    pub fn near(&self, word: &str, is_spelling: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut near = Vec::new();
        if !is_long(word) {
            return near;
        }
        // A letter is missing.
        near.extend(self.gaps(fixed_hash(word)).map(|gap| self.spellings[gap.spelling as usize]));
        let letters = word.chars().count();
        // Of what stands before the letter that is left out.
        let mut before = fixed_hash("");
        for (place, (at, letter)) in word.char_indices().enumerate() {
            let (own, rest) = word[at..].split_at(letter.len_utf8());
            let hash = rest.bytes().fold(before, extend_hash);
            before = own.bytes().fold(before, extend_hash);
            // A letter too many.
            if LETTERS_MIN < letters && is_spelling(hash) {
                near.push(hash);
            }
            // Another letter, or two in the wrong order.
            let is_slip = |gap: &&Gap| {
                let gap_place = usize::from(gap.place);
                gap_place == place || (gap_place == place + 1 && gap.letter == letter)
            };
            let slips = self.gaps(hash).filter(is_slip);
            near.extend(slips.map(|gap| self.spellings[gap.spelling as usize]));
        }
        near.sort_unstable();
        near.dedup();
        near
    }

    fn gaps(&self, hash: u64) -> impl Iterator<Item = &Gap> {
        let (word, bit) = sieve_bit(hash, self.sieve.len());
        let may_be = self.sieve.get(word).is_some_and(|bits| bits & bit != 0);
        let first = match may_be {
            true => self.gaps.partition_point(|gap| gap.hash < hash),
            false => self.gaps.len(),
        };
        self.gaps[first..].iter().take_while(move |gap| gap.hash == hash)
    }
}

/// FNV leaves its high bits poor: both ends are brought together. `words` is a
/// power of two, or 0 where there is no sieve.
fn sieve_bit(hash: u64, words: usize) -> (usize, u64) {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (mixed >> 32) as usize & words.saturating_sub(1);
    (word, 1 << (mixed >> 58))
}

fn is_long(word: &str) -> bool {
    // Two bytes a letter; what is written in others is no keyword of ours.
    (2 * LETTERS_MIN..=2 * LETTERS_MAX).contains(&word.len())
        && word.chars().all(|letter| matches!(letter, 'а'..='я'))
}

fn hash_without(word: &str, place: usize) -> u64 {
    let start = fixed_hash("");
    let letters = word.char_indices().enumerate().filter(|(at, _)| *at != place);
    letters.fold(start, |hash, (_, (at, letter))| {
        word.as_bytes()[at..at + letter.len_utf8()].iter().fold(hash, |h, &b| extend_hash(h, b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_borne_in_long_words() {
        let words = ["отопление", "коммунальные", "вода", "фонари"];
        let hashes: Vec<u64> = words.iter().map(|word| fixed_hash(word)).collect();
        let slips = Slips::of(words.into_iter());
        for (written, expected) in [
            ("атопление", Some("отопление")),
            ("отапление", Some("отопление")),
            ("отоплени", Some("отопление")),
            ("отоплление", Some("отопление")),
            ("отолпение", Some("отопление")),
            ("каммунальные", Some("коммунальные")),
            ("комунальные", Some("коммунальные")),
            ("аталпение", None),
            ("отоплен", None),
            ("ваода", None),
            ("фонарии", None),
            ("отодление", Some("отопление")),
            ("ление", None),
            ("пеленоито", None),
        ] {
            let near = slips.near(written, |hash| hashes.contains(&hash));
            let expected: Vec<u64> = expected.map(fixed_hash).into_iter().collect();
            assert_eq!(near, expected, "{written}");
        }
    }
}
