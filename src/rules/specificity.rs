//! How much of a concrete matter a text holds by itself, 0..=1. «Убрали бы
//! снег» could be anywhere; «Снег у подъезда 2, Ленина 5» can be acted upon.
//!
//! The sum of: house 0.30, street 0.15 or object 0.20 (both 0.30), settlement
//! 0.05; numbers 0.05 each up to 0.10; rare content words 0.03 each up to 0.15;
//! length 0.15, reached at 40 words. Everything found adds, nothing subtracts.

use crate::model::place::Place;

use super::text::tokens::{Token, TokenKind, Word};

const HOUSE: f64 = 0.30;
const STREET: f64 = 0.15;
const OBJECT: f64 = 0.20;
const STREET_AND_OBJECT_MAX: f64 = 0.30;
const SETTLEMENT: f64 = 0.05;
const NUMBER: f64 = 0.05;
const NUMBERS_MAX: f64 = 0.10;
const RARE_WORD: f64 = 0.03;
const RARE_WORDS_MAX: f64 = 0.15;
/// More of them add nothing.
const RARE_WORDS_COUNTED: usize = 6;
const LENGTH_MAX: f64 = 0.15;
/// Words at which a text is as long as it needs to be.
const LENGTH_FULL_WORDS: f64 = 40.0;
/// Words this long carry content; small words and everyday verbs are shorter.
const RARE_WORD_MIN_LETTERS: usize = 8;

/// The specificity of a text with these tokens and places.
pub fn of(tokens: &[Token], places: &[Place]) -> f64 {
    let sum = of_places(places) + of_words(tokens);
    (sum.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}

fn of_places(places: &[Place]) -> f64 {
    // A place that only the source suggests is not in the text.
    let said = || places.iter().filter(|place| !place.spans.is_empty());
    let add = |found: bool, weight: f64| if found { weight } else { 0.0 };
    let street = add(said().any(|place| place.street.is_some()), STREET);
    let object = add(said().any(|place| place.object.is_some()), OBJECT);
    add(said().any(|place| place.house.is_some()), HOUSE)
        + (street + object).min(STREET_AND_OBJECT_MAX)
        + add(said().any(|place| place.settlement.is_some()), SETTLEMENT)
}

fn of_words(tokens: &[Token]) -> f64 {
    let count = |kind| tokens.iter().filter(|token| token.kind == kind).count();
    let length = count(TokenKind::Word) as f64 / LENGTH_FULL_WORDS;
    (count(TokenKind::Number) as f64 * NUMBER).min(NUMBERS_MAX)
        + (rare_words(tokens) as f64 * RARE_WORD).min(RARE_WORDS_MAX)
        + length.min(1.0) * LENGTH_MAX
}

/// Different long words, as many as count.
fn rare_words(tokens: &[Token]) -> usize {
    let is_long = |token: &&Token| {
        token.kind == TokenKind::Word
            // Nearly every letter has two bytes: most words need not be counted.
            && RARE_WORD_MIN_LETTERS <= token.normal.len()
            && RARE_WORD_MIN_LETTERS <= token.normal.chars().count()
    };
    let mut rare: Vec<&Word> = Vec::with_capacity(RARE_WORDS_COUNTED);
    for token in tokens.iter().filter(is_long) {
        if !rare.contains(&&token.normal) {
            rare.push(&token.normal);
        }
        if rare.len() == RARE_WORDS_COUNTED {
            break;
        }
    }
    rare.len()
}

#[cfg(test)]
mod tests {
    use crate::model::text::Span;
    use crate::rules::text::tokens::tokenise;

    use super::*;

    #[test]
    fn the_more_is_said_the_higher() {
        let place = |house: Option<&str>| Place {
            street: Some("Ленина".to_owned()),
            house: house.map(str::to_owned),
            spans: vec![Span { start: 0, end: 1 }],
            ..Place::default()
        };
        let bare = of(&tokenise("Уберите снег"), &[]);
        let street = of(&tokenise("Уберите снег на Ленина"), &[place(None)]);
        let house = of(&tokenise("Уберите снег на Ленина 5"), &[place(Some("5"))]);
        assert!(bare < 0.1 && bare < street && street < house, "{bare} {street} {house}");
    }

    #[test]
    fn it_ends_at_one_and_the_source_adds_nothing() {
        let everything = "неисправность ".repeat(500) + "1 2 3 4 5";
        assert!(of(&tokenise(&everything), &[]) <= 1.0);
        let guessed = Place { settlement: Some("Вологда".to_owned()), ..Place::default() };
        assert_eq!(of(&[], &[guessed]), 0.0);
    }
}
