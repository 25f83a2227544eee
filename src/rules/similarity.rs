//! Arithmetic on sets of words: stable keys, shared weight, cosine. Knows
//! neither posts nor incidents.
//!
//! Keys are hashes that are the same on every machine and after every restart,
//! so that nothing decided here can depend on the order in which words came.

use std::hash::{BuildHasherDefault, Hasher};

/// What a key names; two kinds never share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    Word = 1,
    Pair,
    Shingle,
    Street,
    House,
    Object,
    ObjectKind,
    Settlement,
    Author,
    Thread,
    Post,
    Address,
    Appeal,
    Area,
}

/// A stable 64-bit key of some parts of text.
pub fn key(kind: KeyKind, parts: &[&str]) -> u64 {
    let mut hash = mix(0xcbf2_9ce4_8422_2325, &[kind as u8]);
    for part in parts {
        hash = mix(hash, part.as_bytes());
        hash = mix(hash, &[0xff]);
    }
    finish(hash)
}

/// A stable key of other keys, in their order.
pub fn key_of_keys(kind: KeyKind, keys: &[u64]) -> u64 {
    let mut hash = mix(0xcbf2_9ce4_8422_2325, &[kind as u8]);
    for key in keys {
        hash = mix(hash, &key.to_le_bytes());
    }
    finish(hash)
}

fn mix(mut hash: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        hash ^= u64::from(*byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

/// FNV leaves its high bits poor; tables and sketches want all of them.
fn finish(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

/// Keys are hashes already, and ids are dense: one multiplication is enough.
#[derive(Debug, Default, Clone, Copy)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = finish(mix(self.0, bytes));
    }

    /// Spreads small numbers too; a key that is a hash already loses nothing.
    fn write_u64(&mut self, key: u64) {
        self.0 = (key ^ (key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

pub type ByKey = BuildHasherDefault<KeyHasher>;

/// Calls `visit(i, j)` for every key that both sorted lists hold.
pub fn each_shared(a: &[u64], b: &[u64], visit: impl FnMut(usize, usize)) {
    each_shared_by(a, b, |key| *key, visit);
}

/// The same for lists sorted by a key of their items.
pub fn each_shared_by<T>(
    a: &[T],
    b: &[T],
    key: impl Fn(&T) -> u64,
    mut visit: impl FnMut(usize, usize),
) {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let (left, right) = (key(&a[i]), key(&b[j]));
        if left == right {
            visit(i, j);
        }
        // Steps without a branch: which list is behind cannot be foreseen.
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
}

/// A sorted list of keys that many others are held against. Most keys of the
/// others are not in it: a bit tells so without a search.
#[derive(Debug)]
pub struct Sieve<'k> {
    keys: &'k [u64],
    bits: [u64; SIEVE_WORDS],
}

/// Eight bits for each key of the longest list; for an ordinary one a hundred.
const SIEVE_WORDS: usize = 32;

impl<'k> Sieve<'k> {
    pub fn new(keys: &'k [u64]) -> Sieve<'k> {
        let mut bits = [0; SIEVE_WORDS];
        for key in keys {
            let (word, bit) = sieve_bit(*key);
            bits[word] |= bit;
        }
        Sieve { keys, bits }
    }

    /// What `each_shared` of the two lists would visit, in the same order.
    pub fn each_shared(&self, others: &[u64], mut visit: impl FnMut(usize, usize)) {
        for (at, other) in others.iter().enumerate() {
            let (word, bit) = sieve_bit(*other);
            if self.bits[word] & bit == 0 {
                continue;
            }
            if let Ok(own) = self.keys.binary_search(other) {
                visit(own, at);
            }
        }
    }

    /// How many keys the two lists share.
    pub fn shared(&self, others: &[u64]) -> usize {
        let mut count = 0;
        self.each_shared(others, |_, _| count += 1);
        count
    }
}

/// Keys are hashes: any of their bits will do, the high ones are the best mixed.
fn sieve_bit(key: u64) -> (usize, u64) {
    const INDEX_BITS: u32 = SIEVE_WORDS.ilog2();
    let word = key >> (u64::BITS - INDEX_BITS);
    let bit = (key >> (u64::BITS - INDEX_BITS - 6)) & 63;
    (word as usize, 1 << bit)
}

/// How many keys two sorted lists share.
pub fn shared(a: &[u64], b: &[u64]) -> usize {
    let mut count = 0;
    each_shared(a, b, |_, _| count += 1);
    count
}

/// Shared weight over the geometric mean of the whole weights: 0 for nothing
/// in common, 1 for the same words.
pub fn cosine(common: f64, whole_a: f64, whole_b: f64) -> f64 {
    if common <= 0.0 || whole_a <= 0.0 || whole_b <= 0.0 {
        return 0.0;
    }
    (common / (whole_a * whole_b).sqrt()).min(1.0)
}

pub fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_kinds_and_parts_apart() {
        assert_ne!(key(KeyKind::Word, &["яма"]), key(KeyKind::Street, &["яма"]));
        assert_ne!(key(KeyKind::House, &["мира", "12"]), key(KeyKind::House, &["мира1", "2"]));
        assert_eq!(key(KeyKind::Word, &["яма"]), key(KeyKind::Word, &["яма"]));
    }

    #[test]
    fn shared_counts_common_keys_of_sorted_lists() {
        assert_eq!(shared(&[1, 3, 5, 9], &[2, 3, 9, 11]), 2);
        assert_eq!(shared(&[], &[1]), 0);
    }

    #[test]
    fn a_sieve_lets_through_what_is_shared() {
        let of = |step: u64| -> Vec<u64> {
            let mut keys: Vec<u64> =
                (0..240).map(|n| key_of_keys(KeyKind::Word, &[n * step])).collect();
            keys.sort_unstable();
            keys
        };
        let (mine, theirs) = (of(2), of(3));
        let (mut merged, mut sieved) = (Vec::new(), Vec::new());
        each_shared(&mine, &theirs, |i, j| merged.push((i, j)));
        Sieve::new(&mine).each_shared(&theirs, |i, j| sieved.push((i, j)));
        assert_eq!((merged.len(), &merged), (80, &sieved), "every third of one, every second");
        assert_eq!(Sieve::new(&mine).shared(&theirs), 80);
        assert_eq!(Sieve::new(&[]).shared(&theirs), 0);
    }

    #[test]
    fn cosine_is_a_share() {
        assert_eq!(cosine(2.0, 2.0, 2.0), 1.0);
        assert_eq!(cosine(0.0, 2.0, 2.0), 0.0);
        assert_eq!(cosine(1.0, 2.0, 2.0), 0.5);
    }
}
