//! Number plates of cars: letter, three digits, two letters, region. Only the
//! twelve letters that look alike in both alphabets are used. With spaces only
//! in capitals: «в 200 мм 50» is a measure.

use super::{Private, PrivateKind};
use crate::model::text::Span;
use crate::rules::text::normalise::is_of_word;

const LETTERS: &str = "АВЕКМНОРСТУХABEKMHOPCTYXавекмнорстухabekmhopctyx";

/// What each sign of a plate is.
const SHAPE: [Sign; 8] = [
    Sign::Letter,
    Sign::Digit,
    Sign::Digit,
    Sign::Digit,
    Sign::Letter,
    Sign::Letter,
    Sign::Digit,
    Sign::Digit,
];

#[derive(Clone, Copy)]
enum Sign {
    Letter,
    Digit,
}

pub(super) fn plates(text: &str) -> Vec<Private> {
    let mut found = Vec::new();
    let mut previous = ' ';
    for (at, sign) in text.char_indices() {
        if !is_of_word(previous)
            && LETTERS.contains(sign)
            && let Some(length) = plate(&text[at..])
        {
            let span = Span { start: at as u32, end: (at + length) as u32 };
            found.push(Private { kind: PrivateKind::Plate, span });
        }
        previous = sign;
    }
    found
}

/// The bytes of a plate at the start of a text.
fn plate(text: &str) -> Option<usize> {
    let mut signs = text.char_indices().peekable();
    let mut end = 0;
    let (mut has_gaps, mut has_small) = (false, false);
    for wanted in SHAPE {
        has_gaps |= end > 0 && signs.next_if(|(_, sign)| *sign == ' ').is_some();
        let (at, sign) = signs.next()?;
        let fits = match wanted {
            Sign::Letter => LETTERS.contains(sign),
            Sign::Digit => sign.is_ascii_digit(),
        };
        if !fits {
            return None;
        }
        has_small |= sign.is_lowercase();
        end = at + sign.len_utf8();
    }
    if has_gaps && has_small {
        return None;
    }
    // Regions have two digits or three.
    if let Some((at, sign)) = signs.next_if(|(_, sign)| sign.is_ascii_digit()) {
        end = at + sign.len_utf8();
    }
    let goes_on = signs.peek().is_some_and(|(_, sign)| sign.is_alphanumeric());
    (!goes_on).then_some(end)
}
