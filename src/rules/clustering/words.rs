//! Stand-in reading of words.

use std::collections::HashMap;

use crate::rules::similarity::{KeyKind, key};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StemId(pub u64);

pub struct StemMemo {
    stemmer: rust_stemmers::Stemmer,
    known: HashMap<Box<str>, StemId>,
}

impl Default for StemMemo {
    fn default() -> Self {
        StemMemo {
            stemmer: rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::Russian),
            known: HashMap::new(),
        }
    }
}

impl StemMemo {
    pub fn stem(&mut self, word: &str) -> StemId {
        if let Some(stem) = self.known.get(word) {
            return *stem;
        }
        let stem = StemId(key(KeyKind::Word, &[&self.stemmer.stem(word)]));
        self.known.insert(word.into(), stem);
        stem
    }
}

#[derive(Debug)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub norm: String,
}

pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = None;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (i, (at, c)) in chars.iter().enumerate() {
        let joins = *c == '/'
            && i > 0
            && chars[i - 1].1.is_ascii_digit()
            && chars.get(i + 1).is_some_and(|(_, n)| n.is_ascii_digit());
        if c.is_alphanumeric() || joins {
            start.get_or_insert(*at);
        } else if let Some(from) = start.take() {
            push(text, from, *at, &mut out);
        }
    }
    if let Some(from) = start {
        push(text, from, text.len(), &mut out);
    }
    out
}

fn push(text: &str, start: usize, end: usize, out: &mut Vec<Token>) {
    let norm = text[start..end].to_lowercase().replace('ё', "е");
    out.push(Token { start, end, norm });
}
