//! Cuts a text into tokens with the bytes they came from. Decides what is a
//! word, a number, a link, and where a sentence ends; never what a word means.
//!
//! One pass, no pattern engine, no look-ahead without a bound: a megabyte
//! without spaces costs what any other megabyte costs.

mod inside;
mod links;
mod numbers;
mod sentences;
mod word;

use crate::model::text::Span;

use super::normalise;

pub use word::Word;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    Word,
    /// Digits, with the letter, fraction, date or time written onto them:
    /// `12`, `12а`, `12/3`, `18:00`, `01.02.2026`; `5-й` has the normal form `5`.
    Number,
    /// `@name`, `[id1|Имя]`.
    Mention,
    Link,
    /// A word of a hashtag; `#ЯмыНаДорогах` gives three.
    Hashtag,
    Email,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Bytes of the original text.
    pub span: Span,
    pub kind: TokenKind,
    /// Counted from 0 within the text.
    pub sentence: u32,
    /// Normal form; empty for mentions, links and e-mails.
    pub normal: Word,
}

impl Token {
    /// Whether the token's normal form takes part in matching.
    pub fn is_readable(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Number | TokenKind::Hashtag)
    }
}

/// Room for the normal form of nearly any word.
const NORMAL_BYTES: usize = 64;

/// The tokens of a text, in its order.
pub fn tokenise(text: &str) -> Vec<Token> {
    let mut scan = Scan {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 9 + 1),
        sentence: 0,
        sentence_ended: false,
        normal: String::with_capacity(NORMAL_BYTES),
    };
    scan.run();
    scan.tokens
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    sentence: u32,
    sentence_ended: bool,
    /// Reused for normal forms.
    normal: String,
}

impl Scan<'_> {
    fn run(&mut self) {
        while let Some(letter) = self.text[self.at..].chars().next() {
            match letter {
                '[' | '@' | '#' if self.special(letter) => {}
                _ if is_digit(letter) => self.number(),
                _ if letter.is_ascii_alphabetic() && self.link_or_email() => {}
                _ if is_letter(letter) => self.word(),
                _ => self.between(letter),
            }
        }
    }

    /// Mentions and hashtags; false where the sign stands for itself.
    fn special(&mut self, sign: char) -> bool {
        let rest = &self.text[self.at..];
        let length = match sign {
            '[' => links::bracket_mention(rest),
            '@' => links::at_mention(rest),
            _ => return self.hashtag(),
        };
        if length > 0 {
            self.push_opaque(TokenKind::Mention, self.at + length);
        }
        length > 0
    }

    fn hashtag(&mut self) -> bool {
        let body = self.at + 1;
        let length = links::hashtag_body(&self.text[body..]);
        for (start, end) in links::hashtag_parts(&self.text[body..body + length]) {
            // «#возрождения74»: the number is a house's like any other.
            let is_number = self.text[body + start..].starts_with(is_digit);
            let kind = if is_number { TokenKind::Number } else { TokenKind::Hashtag };
            self.push(kind, body + start, body + end);
        }
        self.at = body + length;
        length > 0 || {
            self.at = body - 1;
            false
        }
    }

    fn link_or_email(&mut self) -> bool {
        let Some((kind, length)) = links::link_or_email(&self.text[self.at..]) else {
            return false;
        };
        self.push_opaque(kind, self.at + length);
        true
    }

    fn number(&mut self) {
        self.normal.clear();
        let end = self.at + numbers::read(&self.text[self.at..], &mut self.normal);
        self.push_normal(TokenKind::Number, self.at, end);
        self.at = end;
    }

    fn word(&mut self) {
        if self.plain_word() {
            return;
        }
        let word = inside::extent(&self.text[self.at..]);
        let end = self.at + word.bytes;
        match word.is_mixed {
            true => self.push_mixed(end),
            false => self.push(TokenKind::Word, self.at, end),
        }
        self.at = end;
    }

    /// Most words are everyday letters before a space or a point: these are read
    /// in one go. False where there is more to a word.
    fn plain_word(&mut self) -> bool {
        self.normal.clear();
        let end = self.at + normalise::append_letters(&self.text[self.at..], &mut self.normal);
        let is_over = matches!(
            self.text.as_bytes().get(end),
            None | Some(b' ' | b',' | b'.' | b'!' | b'?' | b':' | b';' | b')' | b'"' | b'\n')
        );
        let is_word = is_over && self.at < end;
        if is_word {
            self.push_normal(TokenKind::Word, self.at, end);
            self.at = end;
        }
        is_word
    }

    fn between(&mut self, letter: char) {
        let after = &self.text[self.at + letter.len_utf8()..];
        self.sentence_ended |= sentences::ends(letter, self.tokens.last(), self.at, after);
        self.at += letter.len_utf8();
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.normal.clear();
        normalise::append(&self.text[start..end], &mut self.normal);
        if !self.normal.is_empty() {
            self.push_normal(kind, start, end);
        }
    }

    fn push_normal(&mut self, kind: TokenKind, start: usize, end: usize) {
        let (span, normal) = (self.span(start, end), Word::from(self.normal.as_str()));
        self.push_token(Token { span, kind, sentence: 0, normal });
    }

    /// A word with more inside than its letters.
    fn push_mixed(&mut self, end: usize) {
        let normal = normalise::word(&inside::spelt(&self.text[self.at..end]));
        if !normal.is_empty() {
            let (span, normal) = (self.span(self.at, end), Word::from(normal.as_str()));
            self.push_token(Token { span, kind: TokenKind::Word, sentence: 0, normal });
        }
    }

    fn push_opaque(&mut self, kind: TokenKind, end: usize) {
        let span = self.span(self.at, end);
        self.push_token(Token { span, kind, sentence: 0, normal: Word::default() });
        self.at = end;
    }

    fn push_token(&mut self, mut token: Token) {
        if self.sentence_ended && !self.tokens.is_empty() {
            self.sentence += 1;
        }
        self.sentence_ended = false;
        token.sentence = self.sentence;
        self.tokens.push(token);
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }
}

pub(super) fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, '０'..='９')
}

pub(super) fn is_letter(letter: char) -> bool {
    match letter {
        'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => true,
        _ if letter.is_ascii() => letter.is_ascii_alphabetic(),
        _ => letter.is_alphabetic(),
    }
}

#[cfg(test)]
mod tests;
