//! Names as they stand in texts: inflected, in parts, with or without capital
//! letters. Finds which entries of a list a text names; knows nothing of what
//! the entries are.

use crate::rules::text::stem::{FixedMap, StemId, StemMemo};
use crate::rules::text::tokens::{self, Token};

/// Many names, found by the stems of their first two words.
#[derive(Default)]
pub struct Names {
    entries: Vec<Entry>,
    by_first: FixedMap<StemId, Alike>,
}

/// Names that begin alike.
#[derive(Default)]
struct Alike {
    of_one_word: Vec<usize>,
    by_second: FixedMap<StemId, Vec<usize>>,
}

struct Entry {
    /// Whose name it is: the caller's number.
    owner: usize,
    /// As the list has it.
    name: String,
    /// Each word as the stems that its forms have.
    words: Vec<Vec<StemId>>,
    /// The normal form as the list has it, for exact comparison.
    normal: Vec<String>,
    lower: bool,
    is_short: bool,
}

/// A name found at tokens `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub owner: usize,
    pub start: usize,
    pub end: usize,
    /// Spelt as in the list, not inflected.
    pub exact: bool,
    /// The list itself has it without a capital letter.
    pub lower: bool,
    /// What people say for the name rather than the name itself.
    pub is_short: bool,
    entry: usize,
}

impl Names {
    pub fn add(&mut self, memo: &mut StemMemo, owner: usize, name: &str) {
        self.enter(memo, owner, name, false);
    }

    /// What people say for a name: «К. Маркса», «Маркса».
    pub fn add_short(&mut self, memo: &mut StemMemo, owner: usize, name: &str) {
        self.enter(memo, owner, name, true);
    }

    fn enter(&mut self, memo: &mut StemMemo, owner: usize, name: &str, is_short: bool) {
        let normal: Vec<String> = tokens::tokenise(name)
            .iter()
            .filter(|token| token.is_readable())
            .map(|token| token.normal.to_string())
            .collect();
        let words: Vec<Vec<StemId>> = normal.iter().map(|word| form_stems(memo, word)).collect();
        let Some(first) = words.first() else { return };
        let number = self.entries.len();
        for &stem in first {
            let alike = self.by_first.entry(stem).or_default();
            match words.get(1) {
                None => alike.of_one_word.push(number),
                Some(second) => second
                    .iter()
                    .for_each(|&stem| alike.by_second.entry(stem).or_default().push(number)),
            }
        }
        let lower = !name.contains(char::is_uppercase);
        self.entries.push(Entry { owner, name: name.to_owned(), words, normal, lower, is_short });
    }

    /// Whether any name begins with a word of this stem.
    pub fn may_begin(&self, stem: StemId) -> bool {
        self.by_first.contains_key(&stem)
    }

    /// Names that begin at token `start`, longest first.
    pub fn at(&self, start: usize, tokens: &[Token], stems: &[StemId]) -> Vec<Named> {
        let Some(alike) = self.by_first.get(&stems[start]) else { return Vec::new() };
        let longer = stems.get(start + 1).and_then(|second| alike.by_second.get(second));
        let mut found: Vec<Named> = longer
            .into_iter()
            .flatten()
            .chain(&alike.of_one_word)
            .filter_map(|&entry| self.entries[entry].at(entry, start, tokens, stems))
            .collect();
        if found.len() < 2 {
            return found;
        }
        found.sort_by_key(|named| {
            (usize::MAX - named.end, named.is_short, !named.exact, named.owner)
        });
        found
    }

    /// The words of the name in the list's case, each in its normal form.
    pub fn words(&self, named: &Named) -> &[String] {
        &self.entries[named.entry].normal
    }

    /// The name, as the list has it, by which something was found.
    pub fn name(&self, named: &Named) -> &str {
        &self.entries[named.entry].name
    }
}

impl Entry {
    fn at(&self, entry: usize, start: usize, tokens: &[Token], stems: &[StemId]) -> Option<Named> {
        let end = start + self.words.len();
        let stands = end <= tokens.len()
            // The stems of the first two words are what the entry was found by.
            && (2..self.words.len()).all(|at| self.words[at].contains(&stems[start + at]));
        let exact = || {
            let written = tokens[start..end].iter();
            self.normal.iter().zip(written).all(|(word, token)| token.normal == **word)
        };
        stands.then(|| Named {
            owner: self.owner,
            start,
            end,
            exact: exact(),
            lower: self.lower,
            is_short: self.is_short,
            entry,
        })
    }
}

/// Endings with a vowel that other cases lose, which no stemmer knows:
/// Череповец, в Череповце; Городок, в Городке.
const FLEETING: [(&str, &str); 5] =
    [("ец", "ца"), ("ок", "ка"), ("ек", "ька"), ("ень", "ня"), ("ел", "ла")];

/// Names whose end a stemmer takes for an ending, but only in the nominative:
/// Кириллов, в Кириллове.
const LIKE_ENDINGS: [(&str, &str); 4] =
    [("ов", "ова"), ("ев", "ева"), ("ин", "ина"), ("ын", "ына")];

fn form_stems(memo: &mut StemMemo, word: &str) -> Vec<StemId> {
    let mut stems = vec![memo.stem(word)];
    for (ending, other) in FLEETING.into_iter().chain(LIKE_ENDINGS) {
        if let Some(base) = word.strip_suffix(ending).filter(|base| base.len() > 4) {
            stems.push(memo.stem(&format!("{base}{other}")));
        }
    }
    stems.dedup();
    stems
}
