//! All phrases of a ruleset compiled for one pass over a text: a token asks
//! once by its stem, once by its spelling and along its letters for prefixes,
//! and gets the few tests that it passes, each of which knows the slots that it
//! fills. Knows phrases by number, not what they are for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::rules::places::Classes;
use crate::rules::text::forms::{Kinds, forms, is_known, kinds};
use crate::rules::text::language::Signs;
use crate::rules::text::layout;
use crate::rules::text::normalise::cyrillic_twin;
use crate::rules::text::stem::{FixedMap, StemId, StemMemo, extend_hash, fixed_hash};
use crate::rules::text::tokens::{self, Token};

use super::memo::{Begun, Passings, Word, WordMemo};
use super::phrase::{Phrase, Test};
use super::slips::Slips;

/// A test that words pass or fail, the same for all phrases.
pub type TestId = u32;
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
    slips: Slips,
    /// By test: whether it bears a slip of the finger.
    bears_slips: Vec<bool>,
    /// Whose words a memo holds.
    identity: Arc<()>,
    /// By test: what a word that passes it does.
    uses: Vec<Use>,
    /// What words fill by themselves, test by test.
    solo: Vec<Fill>,
    /// Alternatives of more than one word, by the test of their rarest word.
    longer: Vec<Longer>,
}

/// A slot of a phrase that an alternative fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fill {
    pub phrase: PhraseId,
    pub slot: u8,
    /// All slots of the phrase, one bit each.
    pub full: u8,
    /// Of the phrase's slots it has the rarest words: where it is empty, nothing
    /// else of the phrase need be looked for.
    pub begins: bool,
}

impl Fill {
    /// It is the only slot of its phrase.
    pub fn is_alone(&self) -> bool {
        self.full == 1
    }
}

/// Words side by side, with the slots that they fill.
struct Longer {
    tests: Box<[TestId]>,
    /// Which of them is the rarest.
    rarest: usize,
    fills: Box<[Fill]>,
}

impl Longer {
    /// As a text is asked for it: whether the word beside the rarest stands there.
    fn begun(&self, number: u32) -> Begun {
        let is_after = self.rarest == 0;
        let beside = if is_after { 1 } else { self.rarest - 1 };
        Begun { longer: number, is_after, test: self.tests[beside] }
    }
}

/// Where the fills of a test stand in the index.
struct Use {
    solo: Range<u32>,
    longer: Range<u32>,
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
    /// The alternatives of all slots, and what each fills.
    tied: BTreeMap<Box<[TestId]>, Vec<Fill>>,
    /// Spellings with their tests, as they come.
    spelt: Vec<(u64, TestId)>,
    /// Spellings that may be missed by a letter.
    long: BTreeSet<String>,
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
        IndexBuilder {
            index: Index::default(),
            memo,
            forms,
            tests: HashMap::new(),
            tied: BTreeMap::new(),
            spelt: Vec::new(),
            long: BTreeSet::new(),
        }
    }

    pub fn add(&mut self, phrase: &Phrase, distance: usize) -> PhraseId {
        let id = self.index.phrases.len() as PhraseId;
        for (slot, alternatives) in phrase.slots.iter().enumerate() {
            let full = ((1u16 << phrase.slots.len()) - 1) as u8;
            let fill = Fill { phrase: id, slot: slot as u8, full, begins: false };
            for tied in alternatives {
                let tests: Box<[TestId]> = tied.iter().map(|test| self.test(test)).collect();
                self.tied.entry(tests).or_default().push(fill);
            }
        }
        self.index.phrases.push(Compiled { slots: phrase.slots.len(), distance });
        id
    }

    pub fn finish(mut self) -> Index {
        let uses = self.uses();
        self.set_beginnings(&uses);
        let mut solo: Vec<Vec<Fill>> = vec![Vec::new(); uses.len()];
        let mut longer: Vec<Vec<Longer>> = uses.iter().map(|_| Vec::new()).collect();
        for (tests, fills) in std::mem::take(&mut self.tied) {
            let rarest = rarest(&tests, &uses);
            let test = tests[rarest] as usize;
            match tests.len() {
                1 => solo[test] = fills,
                _ => longer[test].push(Longer { tests, rarest, fills: fills.into() }),
            }
        }
        for (solo, longer) in solo.into_iter().zip(longer) {
            let (from, longer_from) = (self.index.solo.len(), self.index.longer.len());
            self.index.solo.extend(solo);
            self.index.longer.extend(longer);
            let solo = from as u32..self.index.solo.len() as u32;
            let longer = longer_from as u32..self.index.longer.len() as u32;
            self.index.uses.push(Use { solo, longer });
        }
        let slips = Slips::of(self.long.iter().map(String::as_str));
        Index { by_spelling: Spellings::of(self.spelt), slips, ..self.index }
    }

    /// By test: in how many slots it is. What is in many («не», «дом») is in
    /// many texts.
    fn uses(&self) -> Vec<u64> {
        let mut uses = vec![0; self.tests.len()];
        for (tests, fills) in &self.tied {
            tests.iter().for_each(|test| uses[*test as usize] += fills.len() as u64);
        }
        uses
    }

    /// A search begins with the slot whose words are in the fewest.
    fn set_beginnings(&mut self, uses: &[u64]) {
        let mut costs: BTreeMap<(PhraseId, u8), u64> = BTreeMap::new();
        for (tests, fills) in &self.tied {
            let cost = uses[tests[rarest(tests, uses)] as usize];
            for fill in fills {
                *costs.entry((fill.phrase, fill.slot)).or_default() += cost;
            }
        }
        let beginning = |(phrase, compiled): (PhraseId, &Compiled)| {
            let cost = |slot: &u8| costs.get(&(phrase, *slot)).copied();
            (0..compiled.slots as u8).min_by_key(cost).unwrap_or(0)
        };
        let beginnings: Vec<u8> = (0..).zip(&self.index.phrases).map(beginning).collect();
        for fill in self.tied.values_mut().flatten() {
            fill.begins = beginnings[fill.phrase as usize] == fill.slot;
        }
    }

    fn test(&mut self, test: &Test) -> TestId {
        if let Some(&known) = self.tests.get(test) {
            return known;
        }
        let id = self.tests.len() as TestId;
        self.index.bears_slips.push(matches!(test, Test::Word(_)));
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
        self.spelt.push((fixed_hash(word), id));
        if is_abbreviation(word) {
            return;
        }
        let forms = forms(word);
        let spellings = forms.iter().map(String::as_str).chain([word]);
        self.spelt.extend(spellings.clone().map(|form| (fixed_hash(form), id)));
        self.long.extend(spellings.map(str::to_owned));
        let stem = self.memo.stem(word);
        let stemmed = Stemmed { test: id, kinds: kinds(word) };
        push(&mut self.index.by_stem, stem.0, stemmed);
        if word.ends_with(PAST_CONSONANTS) && may_be_past(word) {
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

/// Of words side by side, the one that is in the fewest slots.
fn rarest(tests: &[TestId], uses: &[u64]) -> usize {
    (0..tests.len()).min_by_key(|at| uses[tests[*at] as usize]).unwrap_or(0)
}

/// Words of fewer letters are too often others.
const RETYPED_MIN_LETTERS: usize = 4;
const LOOK_ALIKE_MIN_LETTERS: usize = 3;

/// «djlf», typed for «вода».
fn retyped(word: &str) -> Option<String> {
    let is_long = RETYPED_MIN_LETTERS <= word.len();
    is_long.then(|| layout::retyped(word))?
}

/// «HET», in Latin capitals.
fn look_alike(word: &str) -> Option<String> {
    let is_long = LOOK_ALIKE_MIN_LETTERS <= word.len();
    is_long.then(|| word.chars().map(cyrillic_twin).collect())?
}

const NOT: &str = "не";

/// Whether the token was written in one with a «не» before it.
fn is_denied(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    before.is_some_and(|one| one.span.end == tokens[at].span.start && *one.normal == *NOT)
}

/// «УК», «ДК», «ТКО»: nothing but themselves. One that people decline, «ФАП»,
/// has a vowel inside; «ук» is a letter's old name to the dictionary.
fn is_abbreviation(word: &str) -> bool {
    const KNOWN: [&str; 4] = ["ук", "мо", "жк", "то"];
    let letters = word.chars().count();
    let is_unknown = || kinds(word).is_unknown() && (letters < 3 || !word.contains(VOWELS));
    KNOWN.contains(&word) || (letters <= 3 && is_unknown())
}

const VOWELS: [char; 9] = ['а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я'];

/// Short words that no dictionary has are no verbs.
fn may_be_past(word: &str) -> bool {
    const SHORT_BYTES: usize = 8;
    SHORT_BYTES < word.len() || kinds(word).may_be_denied()
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

/// The tests that each token of a text passes, and the slots that it fills by
/// itself.
#[derive(Clone, Copy)]
pub struct Passed<'m> {
    pub words: &'m [Word],
    pub all: &'m Passings,
}

impl<'m> Passed<'m> {
    fn tests(self, token: usize) -> &'m [TestId] {
        let (start, end) = self.words[token].tests;
        &self.all.tests[start as usize..end as usize]
    }

    /// The slots that a search begins with.
    pub fn beginnings(self, token: usize) -> &'m [Fill] {
        let Word { fills: (start, _), beginning, .. } = self.words[token];
        &self.all.fills[start as usize..beginning as usize]
    }

    /// The other slots, by phrase.
    pub fn others(self, token: usize) -> &'m [Fill] {
        let Word { fills: (_, end), beginning, .. } = self.words[token];
        &self.all.fills[beginning as usize..end as usize]
    }

    /// The alternatives of several words whose rarest it is.
    fn longer(self, token: usize) -> &'m [Begun] {
        let (start, end) = self.words[token].longer;
        &self.all.longer[start as usize..end as usize]
    }
}

impl Index {
    /// What each token is, one a token; a memo that was another index's begins
    /// anew. `classes` is asked for words that the memo does not hold.
    pub fn words(
        &self,
        memo: &mut WordMemo,
        tokens: &[Token],
        classes: impl Fn(&str, StemId) -> Classes,
    ) -> Vec<Word> {
        memo.begin(&self.identity);
        let new = |word: &str, stem, passed: &mut Passings| {
            let (classes, signs) = (classes(word, stem), Signs::of(word));
            Word { classes, signs, ..self.word(word, stem, passed, "") }
        };
        let word = |(at, token): (usize, &Token)| {
            if !token.is_readable() {
                return Word::default();
            }
            let word = memo.word(&token.normal, new);
            if is_denied(tokens, at) { self.denied(memo, &token.normal, word) } else { word }
        };
        tokens.iter().enumerate().map(word).collect()
    }

    /// «горит» of «негорит»: what it is by itself, and what begins as both do
    /// together (`негор*`). Remembered apart from the word that stands alone.
    fn denied(&self, memo: &mut WordMemo, word: &str, plain: Word) -> Word {
        let Word { stem, classes, signs, .. } = plain;
        let both = tokens::Word::from(format!("{NOT} {word}").as_str());
        memo.word(&both, |_, _, passed| Word {
            classes,
            signs,
            ..self.word(word, stem, passed, NOT)
        })
    }

    /// A word that the memo does not hold, with what it passes and fills; `before`
    /// is what it was written in one with.
    fn word(&self, word: &str, stem: StemId, passed: &mut Passings, before: &str) -> Word {
        let Passings { tests, fills, longer } = passed;
        let (first_test, first_fill, first_longer) = (tests.len(), fills.len(), longer.len());
        self.pass(word, stem, tests);
        if !before.is_empty() {
            self.pass_prefixes(&format!("{before}{word}"), tests);
        }
        for test in &tests[first_test..] {
            let Use { solo, longer: around } = &self.uses[*test as usize];
            fills.extend(&self.solo[solo.start as usize..solo.end as usize]);
            longer.extend(around.clone().map(|number| self.longer[number as usize].begun(number)));
        }
        let own = &mut fills[first_fill..];
        own.sort_unstable_by_key(|fill| (!fill.begins, *fill));
        let beginning = first_fill + own.partition_point(|fill| fill.begins);
        Word {
            stem,
            tests: (first_test as u32, tests.len() as u32),
            fills: (first_fill as u32, fills.len() as u32),
            beginning: beginning as u32,
            longer: (first_longer as u32, longer.len() as u32),
            ..Word::default()
        }
    }

    /// Alternatives of several words whose rarest word stands at a token, in a
    /// sentence: what each fills, and its tokens.
    pub fn longer<'i>(
        &'i self,
        at: usize,
        sentence: Range<usize>,
        passed: Passed<'i>,
    ) -> impl Iterator<Item = (&'i [Fill], Range<usize>)> {
        let tests = |beside: usize| match sentence.contains(&beside) {
            true => passed.tests(beside),
            false => &[],
        };
        let (before, after) = (at.checked_sub(1).map_or(&[][..], tests), tests(at + 1));
        let is_begun = move |begun: &&Begun| {
            let beside = if begun.is_after { after } else { before };
            beside.contains(&begun.test)
        };
        passed.longer(at).iter().filter(is_begun).filter_map(move |begun| {
            let longer = &self.longer[begun.longer as usize];
            let start = at.checked_sub(longer.rarest)?;
            let stands = start..start + longer.tests.len();
            let is_inside = sentence.start <= stands.start && stands.end <= sentence.end;
            let mut words = stands.clone().zip(&longer.tests);
            let is_said = is_inside && words.all(|(at, test)| passed.tests(at).contains(test));
            is_said.then_some((&*longer.fills, stands))
        })
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
        let hash = self.pass_prefixes(word, tests);
        self.pass_spelling(hash, tests, first);
        self.pass_meant(word, tests, first);
    }

    /// The tests for beginnings of the word, which is hashed on the way.
    fn pass_prefixes(&self, word: &str, tests: &mut Vec<TestId>) -> u64 {
        let mut hash = fixed_hash("");
        for (at, byte) in word.bytes().enumerate() {
            hash = extend_hash(hash, byte);
            if at < self.prefix_max_bytes && word.is_char_boundary(at + 1) {
                tests.extend(self.by_prefix.get(&hash).into_iter().flatten());
            }
        }
        hash
    }

    fn pass_spelling(&self, hash: u64, tests: &mut Vec<TestId>, first: usize) {
        for &test in self.by_spelling.get(hash) {
            if !tests[first..].contains(&test) {
                tests.push(test);
            }
        }
    }

    /// A word that no dictionary has, by what it was meant to be: in another
    /// layout, in letters that look alike, with a slip of the finger. Whatever
    /// else it passes: a keyword more takes no match from others.
    fn pass_meant(&self, word: &str, tests: &mut Vec<TestId>, first: usize) {
        if word.is_ascii() {
            let retyped = retyped(word).filter(|word| is_known(word));
            for word in retyped.iter().chain(&look_alike(word)) {
                self.pass_spelling(fixed_hash(word), tests, first);
            }
        } else if !is_known(word) {
            let is_spelling = |hash| !self.by_spelling.get(hash).is_empty();
            for near in self.slips.near(word, is_spelling) {
                let bearing = self.by_spelling.get(near).iter();
                let bearing = bearing.filter(|test| self.bears_slips[**test as usize]);
                let new: Vec<TestId> =
                    bearing.copied().filter(|test| !tests[first..].contains(test)).collect();
                tests.extend(new);
            }
        }
    }
}
