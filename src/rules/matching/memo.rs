//! Words that were read before, with their stems, the tests that they pass, the
//! slots that they fill, what they may be of a place and say of the language: most
//! words of a stream are the same few thousand. Knows nothing of what all that means.

use std::collections::HashMap;
use std::sync::Arc;

use crate::rules::places::Classes;
use crate::rules::text::language::Signs;
use crate::rules::text::mend::Mender;
use crate::rules::text::stem::{StemId, Stemmers, WORD_MAX_BYTES, WORDS_MAX};
use crate::rules::text::tokens;

use super::index::{Fill, TestId};
use super::search::Scratch;

/// Tests and slots remembered before the memory starts anew; about 30 MB when full.
const TESTS_MAX: usize = 1 << 21;
const FILLS_MAX: usize = 1 << 21;

/// What a matcher found out about words. For one thread; whichever matcher uses
/// it first after another begins anew.
#[derive(Default)]
pub struct WordMemo {
    pub mender: Mender,
    stemmers: Stemmers,
    seen: HashMap<tokens::Word, Word>,
    passed: Passings,
    identity: Arc<()>,
    scratch: Scratch,
}

/// What words pass and fill, word by word.
#[derive(Default)]
pub struct Passings {
    pub tests: Vec<TestId>,
    pub fills: Vec<Fill>,
    pub longer: Vec<Begun>,
}

/// An alternative of several words, begun by the rarest of them.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    /// Where the index keeps it.
    pub longer: u32,
    /// On which side of it the word stands that is looked for first, and its test.
    pub is_after: bool,
    pub test: TestId,
}

/// A word: its stem, what it may be of a place, what it says of the language, and
/// where its tests and slots stand in the memo.
#[derive(Debug, Clone, Copy, Default)]
pub struct Word {
    pub stem: StemId,
    pub classes: Classes,
    pub signs: Signs,
    pub tests: (u32, u32),
    /// The slots that it fills by itself, and where those end that a search
    /// begins with.
    pub fills: (u32, u32),
    pub beginning: u32,
    /// The alternatives of several words whose rarest it is.
    pub longer: (u32, u32),
}

impl WordMemo {
    /// Before each text: what was remembered stays while there is room, and
    /// while it is the same index that asks.
    pub fn begin(&mut self, identity: &Arc<()>) {
        let is_full = WORDS_MAX <= self.seen.len()
            || TESTS_MAX <= self.passed.tests.len()
            || FILLS_MAX <= self.passed.fills.len() + self.passed.longer.len();
        if is_full || !Arc::ptr_eq(&self.identity, identity) {
            self.seen.clear();
            self.passed = Passings::default();
            self.identity = identity.clone();
        }
    }

    /// A word in normal form; `pass` tells what one is that is new.
    pub fn word(
        &mut self,
        word: &tokens::Word,
        pass: impl FnOnce(&str, StemId, &mut Passings) -> Word,
    ) -> Word {
        if let Some(&known) = self.seen.get(word) {
            return known;
        }
        let known = pass(word, self.stemmers.stem(word), &mut self.passed);
        if word.len() <= WORD_MAX_BYTES {
            self.seen.insert(word.clone(), known);
        }
        known
    }

    /// Where the words' tests and slots stand, and what a search writes on.
    pub(super) fn parts(&mut self) -> (&Passings, &mut Scratch) {
        (&self.passed, &mut self.scratch)
    }
}
