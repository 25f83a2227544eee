//! What a word by itself says of the language of its text: its letters, whether
//! it is a small word, how it ends. The same wherever the word stands, so that it
//! may be worked out once for each distinct word; weighs no text.

use std::sync::LazyLock;

use crate::rules::text::normalise::is_cyrillic;
use crate::rules::text::stem::{FixedMap, fixed_hash};

use super::words::{CYRILLIC, RUSSIAN, RUSSIAN_ENDINGS};

/// What a small word says for its language.
const SMALL_WORD: i32 = 2;
/// A small word of several languages, an ending.
const SHARED: i32 = 1;

/// Letters of a word with an ending that says Russian.
const ENDED_MIN_BYTES: usize = 10;
/// The longest of the small words.
const SMALL_WORD_MAX_BYTES: usize = 20;

/// A set of languages: bit 0 is Russian, bit `n + 1` the `n`th of `CYRILLIC`.
pub(super) type Languages = u32;
pub(super) const RU: Languages = 1;

static SMALL_WORDS: LazyLock<FixedMap<u64, Languages>> = LazyLock::new(|| {
    let mut all: FixedMap<u64, Languages> = FixedMap::default();
    for word in RUSSIAN.split_whitespace() {
        *all.entry(fixed_hash(word)).or_default() |= RU;
    }
    for (at, language) in CYRILLIC.iter().enumerate() {
        for word in language.words.split_whitespace() {
            *all.entry(fixed_hash(word)).or_default() |= 2 << at;
        }
    }
    all
});

static LETTERS: LazyLock<FixedMap<u64, Languages>> = LazyLock::new(|| {
    let mut all: FixedMap<u64, Languages> = FixedMap::default();
    for (at, language) in CYRILLIC.iter().enumerate() {
        for letter in language.letters.chars() {
            *all.entry(u64::from(u32::from(letter))).or_default() |= 2 << at;
        }
    }
    all
});

/// By Russian letter: the languages that do without it.
static LACKED: LazyLock<[Languages; RUSSIAN_LETTERS]> = LazyLock::new(|| {
    let mut all = [0; RUSSIAN_LETTERS];
    for (at, language) in CYRILLIC.iter().enumerate() {
        for place in language.lacks.chars().filter_map(russian_place) {
            all[place] |= 2 << at;
        }
    }
    all
});

/// By the last letter, which is a Russian one in all: endings, and the languages
/// whose words end so.
static ENDINGS: LazyLock<[Vec<(&str, Languages)>; RUSSIAN_LETTERS]> = LazyLock::new(|| {
    let mut all: [Vec<(&str, Languages)>; RUSSIAN_LETTERS] = Default::default();
    let russian = RUSSIAN_ENDINGS.iter().map(|ending| (*ending, RU));
    let others = CYRILLIC
        .iter()
        .enumerate()
        .flat_map(|(at, language)| language.endings.iter().map(move |ending| (*ending, 2 << at)));
    for (ending, of) in russian.chain(others) {
        if let Some(place) = ending.chars().next_back().and_then(russian_place) {
            all[place].push((ending, of));
        }
    }
    all
});

/// «а» to «я»; a normal form has no «ё».
const RUSSIAN_LETTERS: usize = 32;

fn russian_place(letter: char) -> Option<usize> {
    matches!(letter, 'а'..='я').then(|| (u32::from(letter) - u32::from('а')) as usize)
}

/// The letters of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Script {
    #[default]
    Latin,
    Cyrillic,
    Other,
}

/// What a word shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    pub(super) letters: u32,
    pub(super) script: Script,
    /// Languages that do without one of its letters.
    pub(super) lacking: Languages,
    /// Where it has letters that Russian lacks: the languages that have them all.
    pub(super) strange: Option<Languages>,
    /// Languages of which it is a small word or has an ending, and what that
    /// says for them.
    pub(super) says: Languages,
    pub(super) adds: i32,
}

impl Signs {
    /// Of a word in normal form.
    pub fn of(word: &str) -> Signs {
        if word.is_ascii() {
            return Signs { letters: word.len() as u32, ..Signs::default() };
        }
        let lacked = &*LACKED;
        let (mut letters, mut cyrillic, mut is_strange) = (0, 0, false);
        let (mut explained, mut lacking) = (Languages::MAX, 0);
        for letter in word.chars() {
            letters += 1;
            if let Some(place) = russian_place(letter) {
                cyrillic += 1;
                lacking |= lacked[place];
            } else if letter.is_alphabetic() && !letter.is_ascii() {
                cyrillic += usize::from(is_cyrillic(letter));
                is_strange = true;
                let of = LETTERS.get(&u64::from(u32::from(letter)));
                explained &= of.copied().unwrap_or_default();
            }
        }
        if cyrillic == 0 {
            return Signs { letters, script: Script::Other, ..Signs::default() };
        }
        let (says, adds) = said(word, is_strange);
        let strange = is_strange.then_some(explained);
        Signs { letters, script: Script::Cyrillic, lacking, strange, says, adds }
    }
}

/// For which languages a small word or an ending speaks, and how much.
fn said(word: &str, is_strange: bool) -> (Languages, i32) {
    let of = match word.len() <= SMALL_WORD_MAX_BYTES {
        true => SMALL_WORDS.get(&fixed_hash(word)).copied().unwrap_or_default(),
        false => 0,
    };
    match of.count_ones() {
        0 => (ended(word, is_strange), SHARED),
        1 => (of, SMALL_WORD),
        _ => (of, SHARED),
    }
}

/// The languages whose words end so; Russian alone where nothing is strange.
fn ended(word: &str, is_strange: bool) -> Languages {
    if word.len() < ENDED_MIN_BYTES {
        return 0;
    }
    let Some(place) = word.chars().next_back().and_then(russian_place) else { return 0 };
    let of = ENDINGS[place].iter().filter(|(ending, _)| word.ends_with(ending));
    let of = of.fold(0, |all, (_, of)| all | of);
    if !is_strange && of & RU != 0 { RU } else { of & !RU }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ending_is_lost_by_its_last_letter() {
        let listed = CYRILLIC.iter().map(|language| language.endings.len()).sum::<usize>();
        let kept = ENDINGS.iter().map(Vec::len).sum::<usize>();
        assert_eq!(kept, RUSSIAN_ENDINGS.len() + listed);
    }
}
