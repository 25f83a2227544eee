//! Numbers as people write them: house numbers with letters and fractions,
//! dates and times, ordinals with their endings.

use super::{is_digit, is_letter};
use crate::rules::text::normalise::cyrillic_twin;

/// A number that is being read.
struct Number<'n> {
    length: usize,
    normal: &'n mut String,
}

/// Endings of ordinals and of counted nouns («5-го», «12-ти», «90-х»).
const ORDINAL_ENDINGS: [&str; 18] = [
    "й", "я", "го", "му", "ми", "ти", "ый", "ий", "ой", "ая", "ое", "ые", "ых", "ым", "ом", "ого",
    "ему", "ому",
];
/// Single letters that are endings after a hyphen but house letters without it.
const HYPHENED_ENDINGS: [&str; 4] = ["е", "х", "м", "ю"];

/// Reads the number at the start of `text`, which begins with a digit, and
/// appends its normal form; says how many bytes it has.
pub(super) fn read(text: &str, normal: &mut String) -> usize {
    let mut number = Number { length: 0, normal };
    number.take_digits(text);
    while let Some(separator) = number.separator(text) {
        number.normal.push(separator);
        number.length += 1;
        number.take_digits(text);
    }
    number.take_letters(text);
    number.take_fraction(text);
    number.length
}

impl Number<'_> {
    fn take_digits(&mut self, text: &str) {
        for letter in text[self.length..].chars().take_while(|&letter| is_digit(letter)) {
            let plain = if letter.is_ascii() { Some(letter) } else { fullwidth_digit(letter) };
            self.normal.extend(plain);
            self.length += letter.len_utf8();
        }
    }

    /// A separator counts only between digits.
    fn separator(&self, text: &str) -> Option<char> {
        let mut next = text[self.length..].chars();
        let separator = next.next().filter(|sign| matches!(sign, '/' | '.' | ':'))?;
        next.next().filter(|&digit| is_digit(digit)).map(|_| separator)
    }

    /// A letter of a house number, or the ending of an ordinal.
    fn take_letters(&mut self, text: &str) {
        let rest = &text[self.length..];
        let hyphen = usize::from(rest.starts_with('-'));
        let Some(ending) = letters(&rest[hyphen..]) else { return };
        let is_hyphened_ending = hyphen > 0 && HYPHENED_ENDINGS.contains(&ending.as_str());
        if ORDINAL_ENDINGS.contains(&ending.as_str()) || is_hyphened_ending {
            self.length += hyphen + ending.len();
        } else if let Some(letter) = single(&ending) {
            self.normal.push(letter);
            self.length += hyphen + raw_len(&rest[hyphen..]);
        }
    }

    /// `12а/3`, `12/б`.
    fn take_fraction(&mut self, text: &str) {
        let rest = &text[self.length..];
        let Some(after) = rest.strip_prefix('/') else { return };
        if after.chars().next().is_some_and(is_digit) {
            self.normal.push('/');
            self.length += 1;
            self.take_digits(text);
        } else if let Some(letter) = letters(after).as_deref().and_then(single) {
            self.normal.extend(['/', letter]);
            self.length += 1 + raw_len(after);
        }
    }
}

fn fullwidth_digit(letter: char) -> Option<char> {
    char::from_digit((letter as u32).wrapping_sub('０' as u32), 10)
}

fn raw_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// The whole run of letters in lower case, if it has one to three of them.
fn letters(text: &str) -> Option<String> {
    let run: String = text.chars().take_while(|&letter| is_letter(letter)).take(4).collect();
    let count = run.chars().count();
    (1..=3).contains(&count).then(|| run.to_lowercase())
}

/// A single letter, Latin look-alikes read as Cyrillic.
fn single(letters: &str) -> Option<char> {
    let mut all = letters.chars();
    let letter = all.next()?;
    all.next().is_none().then(|| cyrillic_twin(letter).unwrap_or(letter))
}
