//! Personal data written in digits: phones, cards, passports, SNILS. Numbers
//! with check digits are told by them; the others by their shape and by the
//! word before them.

use super::{Private, PrivateKind};
use crate::model::text::Span;

/// No number that means a person is longer.
const DIGITS_MAX: usize = 19;
/// Signs between two groups of digits of one number: «8 (921) 123-45-67».
const GAP_MAX: usize = 3;
/// How far before a number the word that names it may stand, in bytes.
const NAMED_WITHIN: usize = 48;

/// A run of digits in the text.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

pub(super) fn numbers(text: &str) -> Vec<Private> {
    let groups = groups(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let count = match longest(text, &groups[at..]) {
            Some((kind, count)) => {
                let start = with_plus(text, groups[at].start);
                found.push(Private { kind, span: span(start, groups[at + count - 1].end) });
                count
            }
            None => 1,
        };
        at += count;
    }
    found
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match groups.last_mut() {
            _ if !byte.is_ascii_digit() => {}
            Some(group) if group.end == at => group.end += 1,
            Some(_) | None => groups.push(Group { start: at, end: at + 1 }),
        }
    }
    groups
}

fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

fn with_plus(text: &str, start: usize) -> usize {
    if text[..start].ends_with('+') { start - 1 } else { start }
}

/// What the first groups are together, and how many of them.
fn longest(text: &str, groups: &[Group]) -> Option<(PrivateKind, usize)> {
    let mut digits = Vec::with_capacity(DIGITS_MAX);
    let mut lengths = Vec::new();
    let mut best = None;
    for (count, group) in (1..).zip(groups) {
        let previous = groups[..count - 1].last();
        let is_one = previous.is_none_or(|one| is_gap(&text[one.end..group.start]));
        if !is_one || DIGITS_MAX < digits.len() + group.end - group.start {
            break;
        }
        digits.extend(text[group.start..group.end].bytes().map(|byte| byte - b'0'));
        lengths.push(group.end - group.start);
        let written = Written { text, start: groups[0].start, digits: &digits, lengths: &lengths };
        // A longer number that begins the same begins with this one's digits.
        let goes_on = text[group.end..].starts_with(|sign: char| sign.is_alphanumeric());
        if let Some(kind) = written.kind().filter(|_| !goes_on) {
            best = Some((kind, count));
        }
    }
    best
}

fn is_gap(between: &str) -> bool {
    let is_gap_sign = |sign| matches!(sign, ' ' | '-' | '(' | ')' | '.' | '\u{a0}' | '–' | '‑');
    between.chars().count() <= GAP_MAX && between.chars().all(is_gap_sign)
}

struct Written<'t> {
    text: &'t str,
    start: usize,
    digits: &'t [u8],
    lengths: &'t [usize],
}

impl Written<'_> {
    fn kind(&self) -> Option<PrivateKind> {
        if self.is_inside_a_word() {
            return None;
        }
        if self.is_snils() {
            Some(PrivateKind::Snils)
        } else if self.is_card() {
            Some(PrivateKind::Card)
        } else if self.is_passport() {
            Some(PrivateKind::Passport)
        } else if self.is_phone() {
            Some(PrivateKind::Phone)
        } else {
            None
        }
    }

    fn is_inside_a_word(&self) -> bool {
        self.text[..self.start].ends_with(|sign: char| sign.is_alphanumeric())
    }

    /// Eleven digits, the last two of which check the others.
    fn is_snils(&self) -> bool {
        let is_written = self.lengths == [3, 3, 3, 2] || self.is_named(&["снилс"]);
        self.digits.len() == 11 && is_written && snils_holds(self.digits)
    }

    /// In fours or in one piece, with Luhn's check digit.
    fn is_card(&self) -> bool {
        let is_written = self.lengths.len() == 1 || self.lengths.iter().all(|&one| one == 4);
        self.digits.len() == 16 && is_written && luhn_holds(self.digits)
    }

    /// Series and number, where a word says so.
    fn is_passport(&self) -> bool {
        self.digits.len() == 10
            && matches!(self.lengths, [4, 6] | [2, 2, 6] | [10])
            && self.is_named(&["паспорт", "серия", "серии"])
    }

    fn is_phone(&self) -> bool {
        let (count, first) = (self.digits.len(), self.digits[0]);
        let has_plus = self.text[..self.start].ends_with('+');
        let says_so =
            || self.is_named(&["тел", "звон", "номер", "whatsapp", "viber", "моб", "ватсап"]);
        match count {
            10..=15 if has_plus => true,
            11 => matches!(first, 7 | 8) && matches!(self.digits[1], 3 | 4 | 8 | 9),
            10 => first == 9 && (self.lengths.len() > 1 || says_so()),
            5..=7 => {
                let is_local = matches!(self.lengths, [2, 2, 2] | [3, 2, 2] | [1, 2, 2]);
                is_local && self.is_named(&["тел", "звон"])
            }
            _ => false,
        }
    }

    /// Whether one of these beginnings of words stands shortly before.
    fn is_named(&self, words: &[&str]) -> bool {
        let mut from = self.start.saturating_sub(NAMED_WITHIN);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let before = self.text[from..self.start].to_lowercase();
        words.iter().any(|word| {
            before.match_indices(word).any(|(at, _)| !before[..at].ends_with(char::is_alphabetic))
        })
    }
}

fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &digit)| {
            let doubled = u32::from(digit) * if at % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

fn snils_holds(digits: &[u8]) -> bool {
    let sum: u32 =
        digits[..9].iter().zip((1..=9).rev()).map(|(&one, by)| u32::from(one) * by).sum();
    let check = u32::from(digits[9]) * 10 + u32::from(digits[10]);
    // 100 and 101 are written as 00.
    sum > 0 && sum % 101 % 100 == check
}
