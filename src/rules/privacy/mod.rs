//! Personal data in what people write: phones, e-mails, papers, cards, number
//! plates, flats, names of private persons. Finds them with the bytes they
//! stand on and can hide them; who may see them is decided elsewhere.
//!
//! One pass over the tokens and one over the digits: a megabyte of digits
//! costs what any other megabyte costs.

mod names;
mod numbers;
mod plates;

use crate::model::text::Span;

use super::text::tokens::{self, Token, TokenKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrivateKind {
    Phone,
    Email,
    Passport,
    Snils,
    Card,
    Plate,
    Flat,
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Private {
    pub kind: PrivateKind,
    pub span: Span,
}

/// The personal data of a text, in its order, none inside another.
pub fn find(text: &str) -> Vec<Private> {
    let tokens = tokens::tokenise(text);
    let mut found = numbers::numbers(text);
    found.extend(plates::plates(text));
    found.extend(emails(&tokens));
    found.extend(flats(text, &tokens));
    found.extend(names::names(text, &tokens));
    found.sort_by_key(|one| (one.span.start, std::cmp::Reverse(one.span.end)));
    let mut reached = 0;
    found.retain(|one| {
        let is_apart = reached <= one.span.start;
        if is_apart {
            reached = one.span.end;
        }
        is_apart
    });
    found
}

/// The text with every letter and digit of personal data hidden. It stays as
/// many bytes long, so that spans of the original lie on the same words.
pub fn masked(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut at = 0;
    for Private { span, .. } in find(text) {
        hidden.push_str(&text[at..span.start as usize]);
        span.of(text).chars().for_each(|sign| hide(sign, &mut hidden));
        at = span.end as usize;
    }
    hidden.push_str(&text[at..]);
    hidden
}

/// The text with every letter and digit hidden, as long as it was.
pub fn hidden(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    text.chars().for_each(|sign| hide(sign, &mut hidden));
    hidden
}

/// A sign of the same length instead of a letter or a digit.
fn hide(sign: char, hidden: &mut String) {
    match (sign.is_alphanumeric(), sign.len_utf8()) {
        (false, _) => hidden.push(sign),
        (true, 1) => hidden.push('*'),
        (true, 2) => hidden.push('×'),
        (true, 3) => hidden.push('•'),
        (true, _) => hidden.push_str("*•"),
    }
}

fn emails(tokens: &[Token]) -> impl Iterator<Item = Private> {
    let emails = tokens.iter().filter(|token| token.kind == TokenKind::Email);
    emails.map(|token| Private { kind: PrivateKind::Email, span: token.span })
}

/// «кв. 15», «квартира № 15»: the number alone, the house is for everybody.
fn flats<'t>(text: &'t str, tokens: &'t [Token]) -> impl Iterator<Item = Private> + 't {
    let is_flat = |token: &Token| {
        &*token.normal == "кв" || token.normal.starts_with("квартир") && token.normal.len() <= 20
    };
    tokens.windows(2).filter_map(move |pair| {
        let [word, number] = pair else { return None };
        let between = text.get(word.span.end as usize..number.span.start as usize)?;
        let is_near = between.chars().all(|sign| matches!(sign, ' ' | '.' | '№' | ':' | '\u{a0}'));
        let is_flat = is_flat(word) && number.kind == TokenKind::Number && is_near;
        is_flat.then_some(Private { kind: PrivateKind::Flat, span: number.span })
    })
}

#[cfg(test)]
mod tests;
