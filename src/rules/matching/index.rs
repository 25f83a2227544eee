//! All phrases of a ruleset compiled for one pass over a text: a token asks
//! once by its stem, once by its spelling and along its letters for prefixes,
//! and gets the few tests that it passes. Knows phrases by number, not what
//! they are for.

use std::collections::{BTreeMap, HashMap};

use crate::rules::text::stem::{FixedMap, StemId, StemMemo, extend_hash, fixed_hash};
use crate::rules::text::tokens::Token;

use super::phrase::{Phrase, Test, Tied};

/// A test that words pass or fail, the same for all phrases.
pub type TestId = u32;
/// Words that stand side by side: an alternative of some slots.
pub type TiedId = u32;
pub type PhraseId = u32;

/// A phrase as the matcher keeps it.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub slots: usize,
    pub distance: usize,
}

/// Further forms of words, both ways: a word in `_forms.toml` brings its line.
pub type Forms = BTreeMap<String, Vec<String>>;

#[derive(Default)]
pub struct Index {
    pub phrases: Vec<Compiled>,
    by_stem: FixedMap<u64, Vec<TestId>>,
    by_spelling: FixedMap<u64, Vec<TestId>>,
    by_prefix: FixedMap<u64, Vec<TestId>>,
    prefix_max_bytes: usize,
    /// By its first test: the alternatives that begin so.
    starts: Vec<Vec<TiedId>>,
    tied: Vec<Box<[TestId]>>,
    /// By alternative: the slots that it fills.
    fills: Vec<Vec<(PhraseId, u8)>>,
}

/// A past tense without its own ending («погас», «замёрз») has another stem
/// than its other forms («погасла»); nothing else is spelt like those.
const PAST_CONSONANTS: [char; 8] = ['с', 'з', 'б', 'к', 'г', 'х', 'р', 'п'];

/// Collects phrases; `finish` gives the index.
pub struct IndexBuilder<'f> {
    index: Index,
    memo: StemMemo,
    forms: Vec<FormLine<'f>>,
    tests: HashMap<Test, TestId>,
    tied: HashMap<Box<[TestId]>, TiedId>,
}

struct FormLine<'f> {
    stem: StemId,
    spellings: Vec<String>,
    word: &'f str,
}

impl<'f> IndexBuilder<'f> {
    pub fn new(forms: &'f Forms) -> IndexBuilder<'f> {
        let mut memo = StemMemo::new();
        let lines = forms.iter().map(|(word, forms)| FormLine {
            stem: memo.stem(&normal(word)),
            spellings: std::iter::once(word).chain(forms).map(|form| normal(form)).collect(),
            word,
        });
        let forms = lines.collect();
        let (tests, tied) = (HashMap::new(), HashMap::new());
        IndexBuilder { index: Index::default(), memo, forms, tests, tied }
    }

    pub fn add(&mut self, phrase: &Phrase, distance: usize) -> PhraseId {
        let id = self.index.phrases.len() as PhraseId;
        for (slot, alternatives) in phrase.slots.iter().enumerate() {
            for tied in alternatives {
                let tied = self.tied(tied);
                self.index.fills[tied as usize].push((id, slot as u8));
            }
        }
        self.index.phrases.push(Compiled { slots: phrase.slots.len(), distance });
        id
    }

    pub fn finish(self) -> Index {
        self.index
    }

    fn tied(&mut self, tied: &Tied) -> TiedId {
        let tests: Box<[TestId]> = tied.iter().map(|test| self.test(test)).collect();
        if let Some(&known) = self.tied.get(&tests) {
            return known;
        }
        let id = self.index.tied.len() as TiedId;
        self.index.starts[tests[0] as usize].push(id);
        self.index.fills.push(Vec::new());
        self.index.tied.push(tests.clone());
        self.tied.insert(tests, id);
        id
    }

    fn test(&mut self, test: &Test) -> TestId {
        if let Some(&known) = self.tests.get(test) {
            return known;
        }
        let id = self.index.starts.len() as TestId;
        self.index.starts.push(Vec::new());
        self.tests.insert(test.clone(), id);
        match test {
            Test::Word(word) => self.add_word(word, id),
            Test::Exact(word) => push(&mut self.index.by_spelling, fixed_hash(word), id),
            Test::Prefix(word) => {
                self.index.prefix_max_bytes = self.index.prefix_max_bytes.max(word.len());
                push(&mut self.index.by_prefix, fixed_hash(word), id);
            }
        }
        id
    }

    /// A word is found by its stem, and by the spellings of its form lines:
    /// by spelling, because the stem of a torn form is often another word's.
    fn add_word(&mut self, word: &str, id: TestId) {
        let stem = self.memo.stem(word);
        push(&mut self.index.by_stem, stem.0, id);
        if word.ends_with(PAST_CONSONANTS) {
            let past = self.memo.stem(&format!("{word}ла"));
            push(&mut self.index.by_stem, past.0, id);
        }
        for line in &self.forms {
            let is_line = line.stem == stem || line.spellings.iter().any(|form| form == word);
            if is_line {
                push(&mut self.index.by_stem, self.memo.stem(&normal(line.word)).0, id);
                for form in &line.spellings {
                    push(&mut self.index.by_spelling, fixed_hash(form), id);
                }
            }
        }
    }
}

fn normal(word: &str) -> String {
    crate::rules::text::normalise::word(word)
}

fn push(map: &mut FixedMap<u64, Vec<TestId>>, key: u64, id: TestId) {
    let tests = map.entry(key).or_default();
    if !tests.contains(&id) {
        tests.push(id);
    }
}

/// An alternative found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    pub tied: TiedId,
    /// Index of the first token.
    pub start: u32,
    /// Index after the last token.
    pub end: u32,
}

/// The tests that each token of a text passes.
struct Passed {
    tests: Vec<TestId>,
    ends: Vec<u32>,
}

impl Passed {
    fn of(&self, token: usize) -> &[TestId] {
        let start = if token == 0 { 0 } else { self.ends[token - 1] as usize };
        &self.tests[start..self.ends[token] as usize]
    }
}

impl Index {
    /// Every alternative that stands in the text, in its order. `stems` has one
    /// stem a token.
    pub fn occurrences(&self, tokens: &[Token], stems: &[StemId]) -> Vec<Occurrence> {
        let passed = self.passed(tokens, stems);
        let mut found = Vec::new();
        for start in 0..tokens.len() {
            for &test in passed.of(start) {
                for &tied in &self.starts[test as usize] {
                    if let Some(end) = self.tied_end(tied, start, tokens, &passed) {
                        found.push(Occurrence { tied, start: start as u32, end });
                    }
                }
            }
        }
        found
    }

    /// The phrases and slots that an alternative fills.
    pub fn fills(&self, tied: TiedId) -> &[(PhraseId, u8)] {
        &self.fills[tied as usize]
    }

    fn tied_end(
        &self,
        tied: TiedId,
        start: usize,
        tokens: &[Token],
        passed: &Passed,
    ) -> Option<u32> {
        let tests = &self.tied[tied as usize];
        let end = start + tests.len();
        let stands = end <= tokens.len()
            && tokens[end - 1].sentence == tokens[start].sentence
            && (start + 1..end).zip(&tests[1..]).all(|(at, test)| passed.of(at).contains(test));
        stands.then_some(end as u32)
    }

    fn passed(&self, tokens: &[Token], stems: &[StemId]) -> Passed {
        let mut passed = Passed { tests: Vec::new(), ends: Vec::with_capacity(tokens.len()) };
        for (token, stem) in tokens.iter().zip(stems) {
            if token.is_readable() {
                self.pass(&token.normal, *stem, &mut passed.tests);
            }
            passed.ends.push(passed.tests.len() as u32);
        }
        passed
    }

    fn pass(&self, word: &str, stem: StemId, tests: &mut Vec<TestId>) {
        let first = tests.len();
        tests.extend(self.by_stem.get(&stem.0).into_iter().flatten());
        let mut hash = fixed_hash("");
        for (at, byte) in word.bytes().enumerate() {
            hash = extend_hash(hash, byte);
            if at < self.prefix_max_bytes && word.is_char_boundary(at + 1) {
                tests.extend(self.by_prefix.get(&hash).into_iter().flatten());
            }
        }
        for &test in self.by_spelling.get(&hash).into_iter().flatten() {
            if !tests[first..].contains(&test) {
                tests.push(test);
            }
        }
    }
}
