//! A text as the place finders look at it: tokens with their stems, and what
//! stands between them.

use crate::model::text::Span;
use crate::rules::text::normalise::{is_capital, is_small};
use crate::rules::text::stem::StemId;
use crate::rules::text::tokens::{Token, TokenKind};

use super::classes::Classes;

pub(super) struct Reading<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
    pub stems: &'t [StemId],
    /// What each token may be to the finders.
    classes: &'t [Classes],
    /// Normal forms of the tokens: asked for many times each.
    words: Vec<&'t str>,
}

impl<'t> Reading<'t> {
    pub fn new(
        text: &'t str,
        tokens: &'t [Token],
        stems: &'t [StemId],
        classes: &'t [Classes],
    ) -> Reading<'t> {
        let words = tokens.iter().map(|token| &*token.normal).collect();
        Reading { text, tokens, stems, classes, words }
    }

    /// Normal form of a token; empty beyond the end.
    pub fn word(&self, at: usize) -> &'t str {
        self.words.get(at).copied().unwrap_or("")
    }

    /// Whether a finder of one of these classes has to look at a token.
    pub fn may_be(&self, at: usize, classes: Classes) -> bool {
        self.classes.get(at).is_some_and(|own| own.any(classes))
    }

    /// What begins a sentence or goes on with one, rather than names a thing.
    pub fn is_no_name(&self, at: usize) -> bool {
        self.may_be(at, Classes::NO_NAME)
    }

    /// A word of addresses that ends a name.
    pub fn is_address_word(&self, at: usize) -> bool {
        self.may_be(at, Classes::ADDRESS_WORD)
    }

    /// Whom streets are called after in every town.
    pub fn is_honoured(&self, at: usize) -> bool {
        self.may_be(at, Classes::HONOURED)
    }

    /// «маршала», «академика».
    pub fn is_rank(&self, at: usize) -> bool {
        self.may_be(at, Classes::RANK)
    }

    pub fn is_capitalised(&self, at: usize) -> bool {
        self.raw(at).chars().next().is_some_and(is_capital)
    }

    /// «НЕ ГОРЯТ»: capitals that say nothing about names.
    pub fn is_shouted(&self, at: usize) -> bool {
        let raw = self.raw(at);
        !raw.chars().any(is_small) && raw.chars().count() > 3
    }

    /// «УЛ. ЛЕНИНА ДОМ»: capitals all around, which say as little as small letters.
    pub fn is_loud(&self, at: usize) -> bool {
        let has_no_small = |at: usize| {
            let raw = self.raw(at);
            // The second letter of nearly any word is a small one.
            !raw.chars().any(is_small) && raw.chars().count() > 2 && self.is_word(at)
        };
        has_no_small(at)
            && ((1..3).any(|back| back <= at && has_no_small(at - back))
                || (1..3).any(|ahead| has_no_small(at + ahead)))
    }

    /// A word whose capital letter says that it is a name.
    pub fn is_capital(&self, at: usize) -> bool {
        self.is_name_like(at) && !self.is_loud(at)
    }

    pub fn is_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Number)
    }

    pub fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word)
    }

    /// A capitalised word.
    pub fn is_name_like(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word)
            && self.is_capitalised(at)
    }

    pub fn is_lower_word(&self, at: usize) -> bool {
        at < self.tokens.len()
            && self.tokens[at].kind == TokenKind::Word
            && !self.is_capitalised(at)
            && self.word(at).chars().count() > 3
    }

    pub fn is_sentence_start(&self, at: usize) -> bool {
        at == 0 || self.tokens[at - 1].sentence != self.tokens[at].sentence
    }

    /// The token as it was written.
    pub fn raw(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.span.of(self.text))
    }

    /// Tokens `start..end` as they were written, with what stands between them.
    pub fn written(&self, start: usize, end: usize) -> String {
        let span = self.span(start, end).of(self.text);
        let mut written = String::with_capacity(span.len());
        for word in span.split_whitespace() {
            let gap = if written.is_empty() { "" } else { " " };
            written.extend([gap, word]);
        }
        written
    }

    pub fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.tokens[start].span.start, end: self.tokens[end - 1].span.end }
    }

    /// What stands between two tokens.
    pub fn between(&self, one: usize, other: usize) -> &'t str {
        match (self.tokens.get(one), self.tokens.get(other)) {
            (Some(one), Some(other)) => {
                Span { start: one.span.end, end: other.span.start }.of(self.text)
            }
            _ => "",
        }
    }

    pub fn after(&self, at: usize) -> &'t str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.end as usize..)).unwrap_or("")
    }

    /// Whether two neighbours belong to one address: nothing but spaces, a
    /// comma, a point, a number sign or quotation marks between them.
    pub fn is_close(&self, one: usize, other: usize) -> bool {
        let is_joint = |sign: char| {
            matches!(sign, ' ' | '\u{a0}' | ',' | '.' | '№' | '-' | '–' | ':' | '#')
                || is_quote(sign)
        };
        let gap = self.between(one, other);
        other < self.tokens.len() && gap.chars().count() <= 4 && gap.chars().all(is_joint)
    }

    /// The same sentence, so far as there are both.
    pub fn is_together(&self, one: usize, other: usize) -> bool {
        let sentence = |at: usize| self.tokens.get(at).map(|token| token.sentence);
        sentence(one).is_some() && sentence(one) == sentence(other)
    }

    /// Nothing but spaces between.
    pub fn is_adjoining(&self, one: usize, other: usize) -> bool {
        other < self.tokens.len()
            && self.between(one, other).chars().all(|sign| sign.is_whitespace() || sign == '-')
    }

    pub fn is_hyphen(&self, one: usize, other: usize) -> bool {
        matches!(self.between(one, other), "-" | "–" | "/" | "." | ". ")
    }

    pub fn is_point_after(&self, at: usize) -> bool {
        self.after(at).starts_with('.')
    }

    /// Whether the text pauses or ends after the token.
    pub fn is_phrase_end(&self, at: usize) -> bool {
        match self.after(at).chars().next() {
            None => true,
            Some(sign) => matches!(sign, ',' | '.' | '!' | '?' | ';' | ')' | '\n' | '"' | '»'),
        }
    }

    /// «5-й»: a number with the ending of an ordinal.
    pub fn is_ordinal_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.kind == TokenKind::Number
                && token.normal.bytes().all(|byte| byte.is_ascii_digit())
                && token.span.of(self.text).chars().any(char::is_alphabetic)
        })
    }

    pub fn starts_any(&self, at: usize, starts: &[&str]) -> bool {
        let word = self.word(at);
        starts.iter().any(|start| word.starts_with(start))
    }
}

pub(super) fn is_quote(sign: char) -> bool {
    matches!(sign, '«' | '»' | '"' | '\'' | '`' | '“' | '”' | '„')
}
