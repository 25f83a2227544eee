//! Words that people run together or tear apart, told by the dictionary:
//! «#ямыдороги», «негорит», «по-жалуйста». Only what is no word as it stands is
//! touched. What was looked up once is remembered; a text of nothing but such
//! words ends the looking soon.

use std::collections::HashMap;

use crate::model::text::Span;

use super::forms::{is_known, kinds};
use super::layout;
use super::normalise::is_cyrillic;
use super::stem::{WORD_MAX_BYTES, WORDS_MAX};
use super::tokens::{Token, TokenKind, Word, tokenise};

/// Words of one text that are looked up; nobody writes more hashtags.
const LOOKED_UP_MAX: usize = 60;

/// Hashtags of fewer or more letters are one word, or none.
const TAG_MIN_LETTERS: usize = 5;
const TAG_MAX_LETTERS: usize = 40;
/// Words of a hashtag, and letters of one of them.
const TAG_WORDS_MAX: u32 = 7;
const TAG_WORD_MAX_LETTERS: usize = 16;

/// What a word in a hashtag costs: the cheapest reading wins, so few and long
/// words do. Short spellings are nearly all somebody's abbreviation.
const LONG_WORD_COST: u32 = 10;
const SMALL_WORD_COST: u32 = 13;

/// Words of up to three letters that stand in hashtags. The dictionary knows
/// many more, and half of any name is one of them.
#[rustfmt::skip]
const SMALL_WORDS: [&str; 77] = [
    "в", "и", "с", "к", "у", "я", "о", "на", "не", "за", "из", "от", "до", "по", "мы", "вы", "ты", "он", "но", "со",
    "во", "об", "бы", "уж", "нет", "где", "как", "что", "кто", "для", "без", "при", "под", "над", "про", "нам", "нас",
    "вас", "вам", "мне", "мой", "моя", "мое", "мои", "наш", "ваш", "все", "это", "эта", "эти", "так", "тут",
    "там", "уже", "еще", "или", "они", "она", "его", "дом", "ямы", "яма", "газ", "лед", "лес", "год", "дни", "дня",
    "два", "три", "мэр", "жкх", "тко", "дтп", "црб", "тсж", "снт",
];

/// «Не» and a verb of at least four letters.
const DENIED_MIN_BYTES: usize = 12;
const NOT: &str = "не";

/// Remembers what was looked up. One for each thread.
#[derive(Default)]
pub struct Mender {
    /// By a hashtag: where its words end, in letters; empty where it is one.
    tags: HashMap<Box<str>, Box<[usize]>>,
    /// Words that begin with «не» and are that and another word.
    denied: HashMap<Box<str>, bool>,
    /// Halves beside a hyphen that make one word.
    torn: HashMap<(Box<str>, Box<str>), bool>,
}

impl Mender {
    /// The tokens of a text as its author meant them.
    pub fn tokens(&mut self, text: &str) -> Vec<Token> {
        let tokens = tokenise(text);
        match layout::meant(text, &tokens) {
            Some(meant) => meant,
            None => self.mended(text, tokens),
        }
    }

    fn mended(&mut self, text: &str, tokens: Vec<Token>) -> Vec<Token> {
        let is_plain = |at: usize| !is_suspect(text, &tokens, at);
        let Some(first) = (0..tokens.len()).find(|&at| !is_plain(at)) else { return tokens };
        if WORDS_MAX <= self.tags.len() + self.denied.len() + self.torn.len() {
            *self = Mender::default();
        }
        let mut mended: Vec<Token> = Vec::with_capacity(tokens.len() + 4);
        mended.extend_from_slice(&tokens[..first]);
        let (mut at, mut looked_up) = (first, 0);
        while at < tokens.len() {
            let token = &tokens[at];
            let may = looked_up < LOOKED_UP_MAX && is_suspect(text, &tokens, at);
            looked_up += usize::from(may);
            at += 1;
            if may && is_hyphened(text, &tokens, at - 1) && self.is_torn(token, &tokens[at]) {
                mended.push(joined(token, &tokens[at]));
                at += 1;
            } else if may && token.kind == TokenKind::Hashtag {
                let ends = self.tag(&token.normal);
                mended.extend(cut(text, token, ends));
            } else if may && self.is_denied(&token.normal) {
                mended.extend(cut(text, token, &[2]));
            } else {
                mended.push(token.clone());
            }
        }
        mended
    }

    fn tag(&mut self, tag: &str) -> &[usize] {
        self.tags.entry(tag.into()).or_insert_with(|| words_of_tag(tag).into())
    }

    fn is_denied(&mut self, word: &Word) -> bool {
        if !begins_denied(word) {
            return false;
        }
        let word: &str = word;
        let look = || {
            let rest = &word[NOT.len()..];
            !is_known(word) && kinds(rest).may_be_denied()
        };
        *self.denied.entry(word.into()).or_insert_with(look)
    }

    fn is_torn(&mut self, head: &Token, tail: &Token) -> bool {
        let look = || {
            let whole = format!("{}{}", &*head.normal, &*tail.normal);
            !is_known(&tail.normal) && is_known(&whole)
        };
        let key = ((*head.normal).into(), (*tail.normal).into());
        *self.torn.entry(key).or_insert_with(look)
    }
}

/// Whether a token may have to be mended; most are told by their length.
fn is_suspect(text: &str, tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    // What is remembered of words has to stay small.
    if WORD_MAX_BYTES < token.normal.len() {
        return false;
    }
    match token.kind {
        TokenKind::Hashtag => 2 * TAG_MIN_LETTERS <= token.normal.len(),
        TokenKind::Word => begins_denied(&token.normal) || is_hyphened(text, tokens, at),
        TokenKind::Number | TokenKind::Mention | TokenKind::Link | TokenKind::Email => false,
    }
}

fn begins_denied(word: &Word) -> bool {
    DENIED_MIN_BYTES <= word.len() && word.as_bytes().starts_with(NOT.as_bytes())
}

/// A hyphen alone stands between the token and the next, words of two letters
/// or more.
fn is_hyphened(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(next) = tokens.get(at + 1) else { return false };
    let (end, start) = (tokens[at].span.end as usize, next.span.start as usize);
    let is_word = |token: &Token| {
        let is_sized = (4..=WORD_MAX_BYTES).contains(&token.normal.len());
        token.kind == TokenKind::Word && is_sized && token.normal.starts_with(is_cyrillic)
    };
    start == end + 1 && text.as_bytes()[end] == b'-' && is_word(next) && is_word(&tokens[at])
}

fn joined(head: &Token, tail: &Token) -> Token {
    let normal = format!("{}{}", &*head.normal, &*tail.normal);
    let span = Span { end: tail.span.end, ..head.span };
    Token { span, normal: Word::from(normal.as_str()), ..head.clone() }
}

/// A token cut behind these letters; whole where its letters are not those of
/// its normal form, so that nothing says where they stand.
fn cut(text: &str, token: &Token, ends: &[usize]) -> Vec<Token> {
    let normal: Vec<(usize, char)> = token.normal.char_indices().collect();
    let written: Vec<usize> = token.span.of(text).char_indices().map(|(at, _)| at).collect();
    if ends.is_empty() || normal.len() != written.len() {
        return vec![token.clone()];
    }
    let byte = |letter: usize| written.get(letter).map(|at| token.span.start + *at as u32);
    let normal_byte = |letter: usize| normal.get(letter).map(|(at, _)| *at);
    let mut words = Vec::with_capacity(ends.len() + 1);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    for (start, end) in starts.zip(ends.iter().copied().chain([usize::MAX])) {
        let from = normal_byte(start).unwrap_or(token.normal.len());
        let to = normal_byte(end).unwrap_or(token.normal.len());
        let span = Span {
            start: byte(start).unwrap_or(token.span.end),
            end: byte(end).unwrap_or(token.span.end),
        };
        words.push(Token { span, normal: Word::from(&token.normal[from..to]), ..token.clone() });
    }
    words
}

/// Where the words of a hashtag end, but for the last; empty where it is one
/// word, or where no reading covers it.
fn words_of_tag(tag: &str) -> Vec<usize> {
    let letters: Vec<usize> =
        tag.char_indices().map(|(at, _)| at).chain(std::iter::once(tag.len())).collect();
    let count = letters.len() - 1;
    let is_one = !(TAG_MIN_LETTERS..=TAG_MAX_LETTERS).contains(&count)
        || !tag.chars().all(is_cyrillic)
        || is_known(tag);
    if is_one {
        return Vec::new();
    }
    // By the number of letters covered: the least cost, and where its last word begins.
    let mut best: Vec<Option<(u32, usize)>> = vec![None; count + 1];
    best[0] = Some((0, 0));
    for end in 1..=count {
        for start in end.saturating_sub(TAG_WORD_MAX_LETTERS)..end {
            let Some((before, _)) = best[start] else { continue };
            let Some(cost) = word_cost(&tag[letters[start]..letters[end]], end - start) else {
                continue;
            };
            if best[end].is_none_or(|(known, _)| before + cost < known) {
                best[end] = Some((before + cost, start));
            }
        }
    }
    ends_of(&best)
}

fn word_cost(word: &str, letters: usize) -> Option<u32> {
    match letters {
        1..=3 => SMALL_WORDS.contains(&word).then_some(SMALL_WORD_COST),
        _ => is_known(word).then_some(LONG_WORD_COST),
    }
}

fn ends_of(best: &[Option<(u32, usize)>]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = best.len() - 1;
    if best[at].is_none_or(|(cost, _)| TAG_WORDS_MAX * LONG_WORD_COST < cost) {
        return ends;
    }
    while let Some((_, start)) = best[at].filter(|(_, start)| 0 < *start) {
        ends.push(start);
        at = start;
    }
    ends.reverse();
    ends
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        let tokens = Mender::default().tokens(text);
        let written: Vec<&str> = tokens.iter().map(|token| token.span.of(text)).collect();
        assert_eq!(written.join("|"), expected, "{text}");
    }

    #[test]
    fn hashtags_are_taken_apart_by_the_dictionary() {
        check("#ямыдороги #НЕТВОДЫ", "ямы|дороги|НЕТ|ВОДЫ");
        check("#дайтетепло #нампоратепла", "дайте|тепло|нам|пора|тепла");
        check("#ёлкавнашемдворе", "ёлка|в|нашем|дворе");
        check("#НетВоды #дайте_тепло #жкх", "Нет|Воды|дайте|тепло|жкх");
        check("#отопление #дорогой", "отопление|дорогой");
        check("#ъыщжъфц #абвгдежзик", "ъыщжъфц|абвгдежзик");
        check("#hashtag #covidбюро #луминайне", "hashtag|covidбюро|луминайне");
    }

    #[test]
    fn a_denied_verb_stands_apart() {
        check("Фонари негорят, небыло воды", "Фонари|не|горят|не|было|воды");
        check("лифт неработает. Нехватает мест", "лифт|не|работает|Не|хватает|мест");
        check("невозможно, нельзя, ненависть", "невозможно|нельзя|ненависть");
        check("Неклюдово неисправный", "Неклюдово|неисправный");
    }

    #[test]
    fn a_torn_word_is_joined_where_its_half_is_none() {
        check("по-жалуйста, дайте отоп-ление", "по-жалуйста|дайте|отоп-ление");
        check("кто-нибудь из-за северо-западный", "кто|нибудь|из|за|северо|западный");
    }

    #[test]
    fn a_text_of_hashtags_ends_the_looking() {
        let text: String = (0..50_000).map(|at| format!("#ямыдороги{at}вода ")).collect();
        let tokens = Mender::default().tokens(&text);
        assert!(tokens.len() < 50_000 * 3 + 2 * LOOKED_UP_MAX);
    }

    proptest! {
        #[test]
        fn spans_stay_on_borders_in_order(
            text in "(#[а-яёА-Я]{1,12}|не(воды|горит|ё)|по-жалуйста|[а-яё\u{301}]{1,5}|[- ,.]){0,12}"
        ) {
            let mut last = 0;
            for token in Mender::default().tokens(&text) {
                prop_assert!(last <= token.span.start && token.span.start < token.span.end);
                prop_assert!(!token.span.of(&text).is_empty());
                prop_assert!(!token.normal.is_empty());
                last = token.span.end;
            }
        }
    }
}
