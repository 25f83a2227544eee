//! Words that were read before, with their stems, the tests that they pass and
//! what they may be of a place: most words of a stream are the same few thousand.
//! Knows what tests are as numbers only, and nothing of what classes mean.

use std::collections::HashMap;
use std::sync::Arc;

use crate::rules::places::Classes;
use crate::rules::text::mend::Mender;
use crate::rules::text::stem::{StemId, Stemmers, WORD_MAX_BYTES, WORDS_MAX};

use super::index::TestId;
use super::search::Scratch;

/// Tests remembered before the memory starts anew.
const TESTS_MAX: usize = 1 << 22;

/// What a matcher found out about words. For one thread; whichever matcher uses
/// it first after another begins anew.
#[derive(Default)]
pub struct WordMemo {
    pub mender: Mender,
    stemmers: Stemmers,
    seen: HashMap<Box<str>, Word>,
    tests: Vec<TestId>,
    identity: Arc<()>,
    scratch: Scratch,
}

/// A word: its stem, what it may be of a place, and where its tests stand in
/// the memo.
#[derive(Debug, Clone, Copy, Default)]
pub struct Word {
    pub stem: StemId,
    pub classes: Classes,
    pub start: u32,
    pub end: u32,
}

impl WordMemo {
    /// Before each text: what was remembered stays while there is room, and
    /// while it is the same index that asks.
    pub fn begin(&mut self, identity: &Arc<()>) {
        let is_full = WORDS_MAX <= self.seen.len() || TESTS_MAX <= self.tests.len();
        if is_full || !Arc::ptr_eq(&self.identity, identity) {
            self.seen.clear();
            self.tests.clear();
            self.identity = identity.clone();
        }
    }

    /// A word in normal form; `pass` gives the tests and the classes of one that
    /// is new.
    pub fn word(
        &mut self,
        word: &str,
        pass: impl FnOnce(&str, StemId, &mut Vec<TestId>) -> Classes,
    ) -> Word {
        if let Some(&known) = self.seen.get(word) {
            return known;
        }
        let (stem, start) = (self.stemmers.stem(word), self.tests.len() as u32);
        let classes = pass(word, stem, &mut self.tests);
        let known = Word { stem, classes, start, end: self.tests.len() as u32 };
        if word.len() <= WORD_MAX_BYTES {
            self.seen.insert(word.into(), known);
        }
        known
    }

    /// Where the words' tests stand, and what a search writes on.
    pub(super) fn parts(&mut self) -> (&[TestId], &mut Scratch) {
        (&self.tests, &mut self.scratch)
    }
}
