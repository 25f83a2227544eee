//! Tells the language of a text. Posts of a region are short, in Cyrillic and
//! mostly Russian: letters that Russian lacks, small words and endings decide
//! there, for the languages of the country's peoples and of its neighbours. For
//! other scripts and for long texts letter statistics are asked. Says `und`
//! rather than guess.
//!
//! Statistics alone take «Яма во дворе» for Bulgarian; a short text of Russian
//! letters in which nothing speaks for another language is Russian here.

mod signs;
mod words;

use super::tokens::{Token, TokenKind};

use self::signs::{Languages, RU, Script};
use self::words::{CYRILLIC, ENGLISH, LANGUAGES_MAX};

pub use self::signs::Signs;

/// What is said where nothing can be said.
pub const UNKNOWN: &str = "und";
/// Cyrillic, but neither Russian nor one of the languages that are told by name.
pub const OTHER_CYRILLIC: &str = "und-Cyrl";

/// Fewer letters than this are no language.
const LETTERS_MIN: usize = 3;
/// Letter statistics are trusted from here on.
const STATISTICS_LETTERS_MIN: usize = 40;
/// Statistics look at no more than this; they do not get better.
const STATISTICS_MAX_BYTES: usize = 600;
/// Words looked at; the rest of a long text says the same.
const WORDS_MAX: usize = 60;
/// Up to so many words nothing has to speak for Russian: headlines, shouts.
const SHORT_WORDS: usize = 5;
/// In longer texts one word in so many.
const WORDS_A_SIGN: usize = 12;

/// What a word says for a language: a letter that Russian lacks and this language
/// has, more where no other has it.
const OWN_LETTERS: i32 = 2;
const OWN_ALONE: i32 = 3;
/// A letter that the language does not have.
const STRANGE_LETTER: i32 = -3;
const LACKED_LETTER: i32 = -2;
/// One strange word among so many is a name.
const WORDS_A_NAME: usize = 6;

/// The codes of the languages that are told without letter statistics.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let named = CYRILLIC.iter().map(|language| language.code);
    ["ru", "en", OTHER_CYRILLIC, UNKNOWN].into_iter().chain(named)
}

/// Code of the text's language: ISO 639 (two letters where there are two),
/// `und-Cyrl`, or `und`.
pub fn detect(text: &str, tokens: &[Token]) -> &'static str {
    told(text, tokens, |at| Signs::of(&tokens[at].normal))
}

/// The same for a caller who knows the words already: their signs, by token.
pub fn told(text: &str, tokens: &[Token], signs: impl Fn(usize) -> Signs) -> &'static str {
    let mut seen = Seen::default();
    words(tokens).for_each(|at| seen.word(&signs(at)));
    let total = seen.cyrillic + seen.latin + seen.other;
    if total < LETTERS_MIN {
        return UNKNOWN;
    }
    // Names of shops and of things are Latin; a text has words of its own.
    if seen.latin + seen.other <= seen.cyrillic * 2 {
        return seen.cyrillic_language(text);
    }
    if is_english(tokens) {
        return "en";
    }
    if STATISTICS_LETTERS_MIN <= total { by_statistics(text) } else { UNKNOWN }
}

/// The tokens that are looked at.
fn words(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let is_word = |at: &usize| matches!(tokens[*at].kind, TokenKind::Word | TokenKind::Hashtag);
    (0..tokens.len()).filter(is_word).take(WORDS_MAX)
}

/// What the words of a text show.
#[derive(Default)]
struct Seen {
    /// Letters by script.
    cyrillic: usize,
    latin: usize,
    other: usize,
    /// Cyrillic words, and those of them with letters that Russian lacks.
    words: usize,
    strange: usize,
    /// Words that speak for Russian.
    russian: usize,
    /// By bit of `Languages`: what small words, endings and lacked letters say.
    points: [i32; LANGUAGES_MAX],
    /// The same of letters that Russian lacks.
    strange_points: [i32; LANGUAGES_MAX],
}

impl Seen {
    fn word(&mut self, word: &Signs) {
        let letters = word.letters as usize;
        match word.script {
            Script::Latin => self.latin += letters,
            Script::Other => self.other += letters,
            Script::Cyrillic => {
                self.cyrillic += letters;
                self.words += 1;
                self.russian += usize::from(word.says & RU != 0);
                self.add(word.lacking, LACKED_LETTER);
                self.add(word.says, word.adds);
                if let Some(explained) = word.strange {
                    self.strange_word(explained);
                }
            }
        }
    }

    /// A word with letters that Russian lacks, and the languages that have all
    /// of them.
    fn strange_word(&mut self, explained: Languages) {
        self.strange += 1;
        let adds = if explained.count_ones() == 1 { OWN_ALONE } else { OWN_LETTERS };
        for (at, points) in self.strange_points.iter_mut().enumerate() {
            *points += if explained & (1 << at) == 0 { STRANGE_LETTER } else { adds };
        }
    }

    fn add(&mut self, languages: Languages, adds: i32) {
        let mut left = languages;
        while left != 0 {
            if let Some(points) = self.points.get_mut(left.trailing_zeros() as usize) {
                *points += adds;
            }
            left &= left - 1;
        }
    }

    fn cyrillic_language(mut self, text: &str) -> &'static str {
        let is_strange = self.words <= self.strange * WORDS_A_NAME;
        if is_strange {
            let points = self.points.iter_mut().zip(self.strange_points);
            points.for_each(|(points, strange)| *points += strange);
        }
        let points = self.points.iter().take(CYRILLIC.len() + 1).copied();
        let most = points.clone().max().unwrap_or_default();
        let mut best = points.enumerate().filter(|(_, points)| *points == most).map(|one| one.0);
        let (first, is_tie) = (best.next().unwrap_or_default(), best.next().is_some());
        match first.checked_sub(1).map(|at| &CYRILLIC[at]) {
            None if !is_strange => self.russian_or_not(text),
            Some(other) if 0 < most && (!is_tie || other.wins_ties) => other.code,
            None | Some(_) if is_strange => OTHER_CYRILLIC,
            None | Some(_) => self.long_or(text, UNKNOWN),
        }
    }

    /// Nothing speaks for another language more than for Russian.
    fn russian_or_not(&self, text: &str) -> &'static str {
        if self.is_enough() { "ru" } else { self.long_or(text, UNKNOWN) }
    }

    fn is_enough(&self) -> bool {
        self.words <= SHORT_WORDS || self.words <= self.russian * WORDS_A_SIGN
    }

    fn long_or(&self, text: &str, otherwise: &'static str) -> &'static str {
        match self.cyrillic < STATISTICS_LETTERS_MIN {
            true => otherwise,
            false => by_statistics(text),
        }
    }
}

/// Short texts may have one small word, if it is a third of them.
fn is_english(tokens: &[Token]) -> bool {
    const SHORT: usize = 6;
    let count = words(tokens).count();
    let small = words(tokens).filter(|at| ENGLISH.contains(&&*tokens[*at].normal)).count();
    match count <= SHORT {
        true => count <= small * 3 && 0 < small,
        false => 2 <= small && count <= small * 4,
    }
}

fn by_statistics(text: &str) -> &'static str {
    let end = (0..=STATISTICS_MAX_BYTES.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    match whatlang::detect(&text[..end]) {
        Some(info) if info.is_reliable() => iso_639_1(info.lang()),
        _ => UNKNOWN,
    }
}
/// Two-letter codes of the languages that posts here are really written in.
fn iso_639_1(language: whatlang::Lang) -> &'static str {
    use whatlang::Lang;
    match language {
        Lang::Rus => "ru",
        Lang::Eng => "en",
        Lang::Ukr => "uk",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Pol => "pl",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Tur => "tr",
        Lang::Aze => "az",
        Lang::Uzb => "uz",
        Lang::Hye => "hy",
        Lang::Kat => "ka",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Vie => "vi",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rules::text::tokens::tokenise;

    fn check(text: &str, expected: &str) {
        assert_eq!(detect(text, &tokenise(text)), expected, "{text}");
    }

    /// Of a hundred sentences of a language so many are told at least; nothing
    /// that is no language is called one.
    const TOLD_PERCENT_MIN: usize = 90;
    /// Sentences of each language that is told by name.
    const SENTENCES_MIN: usize = 8;

    #[test]
    fn languages_of_short_posts() {
        let file = include_str!("../../../fixtures/languages/sentences.csv");
        let mut told: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut wrong = Vec::new();
        for row in csv::Reader::from_reader(file.as_bytes()).records() {
            let row = row.unwrap();
            let (expected, text) = (&row[0], &row[1]);
            let found = detect(text, &tokenise(text));
            let is_right = match expected {
                "other" => {
                    !["ru", "uk", "be", "kk", "tt", "ba", "cv", "sah", "en"].contains(&found)
                }
                expected => found == expected,
            };
            let (right, all) = told.entry(expected.to_owned()).or_default();
            (*right, *all) = (*right + usize::from(is_right), *all + 1);
            if !is_right {
                wrong.push(format!("{found}, not {expected}: {text}"));
            }
        }
        let named = ["ru", "uk", "be", "kk", "tt", "ba", "cv", "sah", "en"];
        assert!(named.iter().all(|code| SENTENCES_MIN <= told[*code].1));
        for (code, (right, all)) in told {
            let floor = if code == "ru" || code == "und" { 100 } else { TOLD_PERCENT_MIN };
            assert!(all * floor <= right * 100, "{code}: {right} of {all}: {wrong:#?}");
        }
    }

    #[test]
    fn long_texts_and_other_scripts() {
        check("Вече трети ден няма ток и никой не знае кога ще се оправи това", "bg");
        check("Already for the third day nobody knows when the water will be back", "en");
        check(
            "Heute ist in unserer Straße schon wieder der Strom ausgefallen, und niemand hilft",
            "de",
        );
        check(
            "我们街上的路灯已经三天不亮了，没有人来修理，请帮助我们解决这个问题谢谢大家的支持和帮助我们非常感谢你们",
            "zh",
        );
        check(&"Не горят фонари на улице Гоголя, просим починить. ".repeat(100), "ru");
        check(&"щщщщ ъъъъ ".repeat(200), "und");
    }

    #[test]
    fn a_foreign_name_does_not_make_a_russian_text_foreign() {
        check("Открыли Магнит на Қабанбай батыра, а дорогу к нему не сделали", "ru");
        check("Закрыли IKEA и McDonald's, а дорогу не сделали", "ru");
        check("Встреча с артистами театра Әкият прошла в нашем дворе", "ru");
    }
}
