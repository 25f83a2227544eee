//! From letters to terms: words in one spelling, and their stems. The index,
//! the query and the highlighter all read through here, so that they agree.
//! Knows nothing of topics; the matcher has its own, stricter reading.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

use crate::model::text::Span;

/// Longer runs of letters are no words; what is beyond is not looked at.
const WORD_MAX_BYTES: usize = 120;
/// Words remembered with their stems before the memory starts anew; about 10 MB.
const STEMS_MAX: usize = 1 << 16;

/// A text's words in order, each in its one spelling.
pub struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    pub fn of(text: &'t str) -> Words<'t> {
        Words { text, at: 0 }
    }

    /// Writes the next word's spelling into `word` and tells where it stands.
    pub fn next_into(&mut self, word: &mut String) -> Option<(usize, usize)> {
        loop {
            let start = self.at + self.text[self.at..].find(is_of_word)?;
            let rest = &self.text[start..];
            let length = rest.find(|letter| !continues(letter)).unwrap_or(rest.len());
            self.at = start + length;
            word.clear();
            spell(&rest[..length], word);
            if !word.is_empty() {
                return Some((start, self.at));
            }
        }
    }
}

/// All words of a short text.
pub fn words(text: &str) -> Vec<String> {
    let mut reading = Words::of(text);
    let mut word = String::new();
    let mut found = Vec::new();
    while reading.next_into(&mut word).is_some() {
        found.push(word.clone());
    }
    found
}

pub fn span((start, end): (usize, usize)) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// A letter or digit; the alphabets of nearly all posts are told at once.
fn is_of_word(letter: char) -> bool {
    match letter {
        'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => true,
        _ if letter.is_ascii() => letter.is_ascii_alphanumeric(),
        _ => letter.is_alphanumeric(),
    }
}

fn continues(letter: char) -> bool {
    is_of_word(letter) || is_mark(letter) || is_invisible(letter)
}

/// Stress marks, the two dots of a decomposed ё, and the like.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// Soft hyphens, zero widths: in the word, and not to be seen.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Lower case, ё as е, marks and invisible characters away.
fn spell(written: &str, out: &mut String) {
    for letter in written.chars() {
        match letter {
            'а'..='я' | '0'..='9' | 'a'..='z' => out.push(letter),
            'A'..='Z' => out.push(letter.to_ascii_lowercase()),
            // Small letters stand exactly 32 behind the capital ones.
            'А'..='Я' => out.extend(char::from_u32(u32::from(letter) + 0x20)),
            'ё' | 'Ё' => out.push('е'),
            _ => {
                out.clear();
                spell_slowly(written, out);
                break;
            }
        }
    }
    cut(out);
}

fn spell_slowly(written: &str, out: &mut String) {
    let letters = written.nfkc().flat_map(char::to_lowercase);
    for letter in letters.filter(|letter| letter.is_alphanumeric()) {
        out.push(if letter == 'ё' { 'е' } else { letter });
    }
}

fn cut(word: &mut String) {
    if word.len() > WORD_MAX_BYTES {
        word.truncate(word.floor_char_boundary(WORD_MAX_BYTES));
    }
}

/// Stems words that come in their one spelling.
pub struct Stems {
    russian: Stemmer,
    english: Stemmer,
    seen: HashMap<Box<str>, Box<str>>,
}

impl Default for Stems {
    fn default() -> Stems {
        Stems {
            russian: Stemmer::create(Algorithm::Russian),
            english: Stemmer::create(Algorithm::English),
            seen: HashMap::new(),
        }
    }
}

impl Stems {
    pub fn stem(&mut self, word: &str) -> String {
        let mut stem = word.to_owned();
        self.replace(&mut stem);
        stem
    }

    /// Puts the stem in the place of the word.
    fn replace(&mut self, word: &mut String) {
        if let Some(known) = self.seen.get(word.as_str()) {
            word.clear();
            word.push_str(known);
            return;
        }
        if self.seen.len() >= STEMS_MAX {
            self.seen.clear();
        }
        let stemmer = if word.is_ascii() { &self.english } else { &self.russian };
        let stem = stemmer.stem(word).into_owned();
        self.seen.insert(word.as_str().into(), stem.as_str().into());
        *word = stem;
    }
}

/// Gives the index a text's words as they are spelled.
#[derive(Clone, Default)]
pub struct ExactTokenizer;

/// Gives the index the stems of a text's words.
#[derive(Default)]
pub struct StemTokenizer(Stems);

impl Clone for StemTokenizer {
    fn clone(&self) -> StemTokenizer {
        // The memory is a speed-up only; each copy fills its own.
        StemTokenizer::default()
    }
}

impl Tokenizer for ExactTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream { words: Words::of(text), stems: None, token: Token::default() }
    }
}

impl Tokenizer for StemTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream { words: Words::of(text), stems: Some(&mut self.0), token: Token::default() }
    }
}

pub struct Stream<'a> {
    words: Words<'a>,
    stems: Option<&'a mut Stems>,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some((from, to)) = self.words.next_into(&mut self.token.text) else {
            return false;
        };
        if let Some(stems) = &mut self.stems {
            stems.replace(&mut self.token.text);
        }
        self.token.offset_from = from;
        self.token.offset_to = to;
        // Before the first word the position is the largest number: it starts at 0.
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text), expected, "{text:?}");
    }

    #[test]
    fn words_have_one_spelling() {
        check("Ёлка, ёлка и ЕЛКА!", &["елка", "елка", "и", "елка"]);
        check("е\u{308}лка и\u{306}од", &["елка", "йод"]);
        check("за\u{301}мок во\u{ad}да", &["замок", "вода"]);
        check("ул.Мира-12/3 №5", &["ул", "мира", "12", "3", "5"]);
        check("Wi-Fi ＤＯＭ", &["wi", "fi", "dom"]);
        check("\u{300} … !!! 🚒", &[]);
    }

    #[test]
    fn a_word_without_end_is_cut_on_a_letter() {
        let word = words(&"ы".repeat(10_000)).remove(0);
        assert_eq!(word.len(), WORD_MAX_BYTES);
    }

    #[test]
    fn spans_lie_on_the_words() {
        let text = "Снег, СНЕ\u{301}Г";
        let mut reading = Words::of(text);
        let mut word = String::new();
        let mut found = Vec::new();
        while let Some(place) = reading.next_into(&mut word) {
            found.push((span(place).of(text).to_owned(), word.clone()));
        }
        assert_eq!(found[0], ("Снег".to_owned(), "снег".to_owned()));
        assert_eq!(found[1], ("СНЕ\u{301}Г".to_owned(), "снег".to_owned()));
    }

    #[test]
    fn forms_meet_in_their_stem_and_strangers_do_not() {
        let mut stems = Stems::default();
        let mut same = |one: &str, other: &str| stems.stem(one) == stems.stem(other);
        for (one, other) in [
            ("дорога", "дорогами"),
            ("яма", "ямы"),
            ("фонарь", "фонарей"),
            ("подъезд", "подъезде"),
            ("отопление", "отопления"),
            ("мусорный", "мусорного"),
            ("lamp", "lamps"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("снег", "снегирь"),
            ("мост", "мостовая"),
            ("дом", "домофон"),
            ("вода", "водитель"),
            ("свет", "светофор"),
            ("япония", "японский"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
