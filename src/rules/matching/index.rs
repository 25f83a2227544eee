//! All phrases of a ruleset compiled for one pass over a text: a token asks
//! once by its stem, once by its spelling and along its letters for prefixes,
//! and gets the few tests that it passes. Knows phrases by number, not what
//! they are for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::rules::text::forms::{Kinds, forms, kinds};
use crate::rules::text::stem::{FixedMap, StemId, StemMemo, extend_hash, fixed_hash};
use crate::rules::text::tokens::Token;

use super::memo::{Word, WordMemo};
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

/// A test for the words of a stem, with what kind of word was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stemmed {
    test: TestId,
    kinds: Kinds,
}

/// Further forms of words, both ways: a word in `_forms.toml` brings its line.
pub type Forms = BTreeMap<String, Vec<String>>;

#[derive(Default)]
pub struct Index {
    pub phrases: Vec<Compiled>,
    by_stem: FixedMap<u64, Vec<Stemmed>>,
    by_spelling: Spellings,
    by_prefix: FixedMap<u64, Vec<TestId>>,
    prefix_max_bytes: usize,
    /// Whose words a memo holds.
    identity: Arc<()>,
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
    /// Spellings with their tests, as they come.
    spelt: Vec<(u64, TestId)>,
}

/// Tests by the hash of a spelling. Every form of every keyword is here, so
/// they lie side by side.
#[derive(Default)]
struct Spellings {
    ranges: FixedMap<u64, (u32, u32)>,
    tests: Vec<TestId>,
}

impl Spellings {
    fn of(mut spelt: Vec<(u64, TestId)>) -> Spellings {
        spelt.sort_unstable();
        spelt.dedup();
        let mut ranges = FixedMap::default();
        for (start, (hash, _)) in spelt.iter().enumerate() {
            let start = start as u32;
            ranges.entry(*hash).or_insert((start, start)).1 = start + 1;
        }
        Spellings { ranges, tests: spelt.into_iter().map(|(_, test)| test).collect() }
    }

    fn get(&self, hash: u64) -> &[TestId] {
        let range = self.ranges.get(&hash);
        range.map_or(&[], |&(start, end)| &self.tests[start as usize..end as usize])
    }
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
        IndexBuilder { index: Index::default(), memo, forms, tests, tied, spelt: Vec::new() }
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
        Index { by_spelling: Spellings::of(self.spelt), ..self.index }
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
            Test::Exact(word) => self.spelt.push((fixed_hash(word), id)),
            Test::Prefix(word) => {
                self.index.prefix_max_bytes = self.index.prefix_max_bytes.max(word.len());
                push(&mut self.index.by_prefix, fixed_hash(word), id);
            }
        }
        id
    }

    /// A word is found by the spellings of all its forms, and by its stem where
    /// the dictionary does not know better.
    fn add_word(&mut self, word: &str, id: TestId) {
        self.spelt.extend(forms(word).iter().map(|form| (fixed_hash(form), id)));
        self.spelt.push((fixed_hash(word), id));
        let stem = self.memo.stem(word);
        let stemmed = Stemmed { test: id, kinds: kinds(word) };
        push(&mut self.index.by_stem, stem.0, stemmed);
        if word.ends_with(PAST_CONSONANTS) {
            let past = self.memo.stem(&format!("{word}ла"));
            push(&mut self.index.by_stem, past.0, stemmed);
        }
        for line in &self.forms {
            let is_line = line.stem == stem || line.spellings.iter().any(|form| form == word);
            if is_line {
                push(&mut self.index.by_stem, self.memo.stem(&normal(line.word)).0, stemmed);
                for form in &line.spellings {
                    self.spelt.push((fixed_hash(form), id));
                }
            }
        }
    }
}

fn normal(word: &str) -> String {
    crate::rules::text::normalise::word(word)
}

fn push<T: PartialEq>(map: &mut FixedMap<u64, Vec<T>>, key: u64, one: T) {
    let all = map.entry(key).or_default();
    if !all.contains(&one) {
        all.push(one);
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
struct Passed<'m> {
    words: &'m [Word],
    tests: &'m [TestId],
}

impl Passed<'_> {
    fn of(&self, token: usize) -> &[TestId] {
        let word = self.words[token];
        &self.tests[word.start as usize..word.end as usize]
    }
}

impl Index {
    /// What each token is, one a token; a memo that was another index's begins
    /// anew.
    pub fn words(&self, memo: &mut WordMemo, tokens: &[Token]) -> Vec<Word> {
        memo.begin(&self.identity);
        let word = |token: &Token| match token.is_readable() {
            true => memo.word(&token.normal, |word, stem, tests| self.pass(word, stem, tests)),
            false => Word::default(),
        };
        tokens.iter().map(word).collect()
    }

    /// Every alternative that stands in the text, in its order. `words` are
    /// those of the tokens, by the same memo.
    pub fn occurrences(
        &self,
        memo: &WordMemo,
        tokens: &[Token],
        words: &[Word],
    ) -> Vec<Occurrence> {
        let passed = Passed { words, tests: memo.tests() };
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
        passed: &Passed<'_>,
    ) -> Option<u32> {
        let tests = &self.tied[tied as usize];
        let end = start + tests.len();
        let stands = end <= tokens.len()
            && tokens[end - 1].sentence == tokens[start].sentence
            && (start + 1..end).zip(&tests[1..]).all(|(at, test)| passed.of(at).contains(test));
        stands.then_some(end as u32)
    }

    /// The tests that a word passes: of those for its stem the ones that were
    /// written for its kin.
    fn pass(&self, word: &str, stem: StemId, tests: &mut Vec<TestId>) {
        let first = tests.len();
        if let Some(stemmed) = self.by_stem.get(&stem.0) {
            let own = kinds(word);
            let kin = stemmed.iter().filter(|one| own.may_be_kin(one.kinds));
            tests.extend(kin.map(|one| one.test));
        }
        let mut hash = fixed_hash("");
        for (at, byte) in word.bytes().enumerate() {
            hash = extend_hash(hash, byte);
            if at < self.prefix_max_bytes && word.is_char_boundary(at + 1) {
                tests.extend(self.by_prefix.get(&hash).into_iter().flatten());
            }
        }
        for &test in self.by_spelling.get(hash) {
            if !tests[first..].contains(&test) {
                tests.push(test);
            }
        }
    }
}
