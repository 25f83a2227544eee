//! Stems: what is left of a word when its endings are gone, as a number that
//! stays the same between runs, machines and versions of the program. Words
//! come in normal form; knows nothing of keywords.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rust_stemmers::{Algorithm, Stemmer};

/// A stem's fixed 64-bit hash. May be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StemId(pub u64);

/// Words remembered before the memory starts anew; about 40 MB when full.
pub const WORDS_MAX: usize = 1 << 18;

/// No word of a language is longer; anything longer is its own stem.
pub const WORD_MAX_BYTES: usize = 96;

/// The stemmers of both languages.
pub struct Stemmers {
    russian: Stemmer,
    english: Stemmer,
}

impl Default for Stemmers {
    fn default() -> Self {
        Stemmers {
            russian: Stemmer::create(Algorithm::Russian),
            english: Stemmer::create(Algorithm::English),
        }
    }
}

impl Stemmers {
    /// The stem of a word in normal form.
    pub fn stem(&self, normal_word: &str) -> StemId {
        if WORD_MAX_BYTES < normal_word.len() {
            return StemId(fixed_hash(normal_word));
        }
        let stemmer = if normal_word.is_ascii() { &self.english } else { &self.russian };
        StemId(fixed_hash(&stemmer.stem(normal_word)))
    }
}

/// Stems words, remembering those already seen. One for each thread.
#[derive(Default)]
pub struct StemMemo {
    stemmers: Stemmers,
    seen: HashMap<Box<str>, StemId>,
}

impl StemMemo {
    pub fn new() -> StemMemo {
        StemMemo::default()
    }

    /// The stem of a word in normal form. What was asked before never changes
    /// the answer, only its speed.
    pub fn stem(&mut self, normal_word: &str) -> StemId {
        if normal_word.len() > WORD_MAX_BYTES {
            return StemId(fixed_hash(normal_word));
        }
        if let Some(&known) = self.seen.get(normal_word) {
            return known;
        }
        let stem = self.stemmers.stem(normal_word);
        if self.seen.len() >= WORDS_MAX {
            self.seen.clear();
        }
        self.seen.insert(normal_word.into(), stem);
        stem
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a: simple enough to be the same for ever.
pub fn fixed_hash(text: &str) -> u64 {
    text.bytes().fold(FNV_OFFSET, extend_hash)
}

/// The hash of a text that is one byte longer; lets a caller have the hashes
/// of all prefixes of a word in one pass, from `fixed_hash("")` on.
pub fn extend_hash(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
}

/// A map whose keys are fixed hashes already, so that hashing them again would
/// be waste. For keys that come from rule files, never from posts: what people
/// write must not be able to choose where entries land.
pub type FixedMap<K, T> = HashMap<K, T, BuildHasherDefault<Already>>;

/// Takes a key for its own hash.
#[derive(Default, Clone)]
pub struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| extend_hash(hash, byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        let mut memo = StemMemo::new();
        for (one, other) in [("фонарь", "фонари"), ("дороги", "дорогах"), ("lamps", "lamp")]
        {
            assert_eq!(memo.stem(one), memo.stem(other), "{one} {other}");
        }
        assert_ne!(memo.stem("фонарь"), memo.stem("фонтан"));
    }

    #[test]
    fn hashes_are_the_published_ones() {
        assert_eq!(fixed_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fixed_hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fixed_hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn memory_stays_bounded_and_answers_do_not_change() {
        let mut memo = StemMemo::new();
        let first = memo.stem("дороги");
        for number in 0..WORDS_MAX + 10 {
            memo.stem(&format!("w{number}"));
        }
        assert!(memo.seen.len() <= WORDS_MAX);
        assert_eq!(memo.stem("дороги"), first);
    }
}
