//! Words typed while the keyboard stood in the Latin layout: «ghbdtn» is
//! «привет». Knows which key bears which letters; whether a text was typed so
//! is told by small words that no other language has, and by the dictionary.

use crate::model::text::Span;

use super::forms::is_known;
use super::tokens::{Token, TokenKind, tokenise};

/// The keys of a Russian keyboard in both layouts.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюе";

/// Russian small words as they come out. None is a word of a language that is
/// written in Latin letters.
#[rustfmt::skip]
const SMALL_WORDS: [&str; 29] = [
    "ytn", "djn", "xnj", "rfr", "gjxtve", "rjulf", "ult", "yfc", "dfc", "yfv", "dfv", "ghb", "tckb", "nfv", "nen",
    "bkb", "jxtym", "cdtn", "djls", "djlf", "djle", "lyz", "ltym", "dct", "gjrf", "lfqnt", "ghjie", "yfxfkf", "dpznm",
];

/// One word in so many must be such a small word.
const WORDS_A_SIGN: usize = 6;

/// The letter on the key that gave this one; `None` for keys without a letter.
fn retyped_letter(sign: char) -> Option<char> {
    let key = LATIN.chars().position(|one| one == sign.to_ascii_lowercase())?;
    RUSSIAN.chars().nth(key)
}

/// A word of Latin letters as it was meant, if every key has a Russian letter.
pub fn retyped(word: &str) -> Option<String> {
    word.chars().map(retyped_letter).collect()
}

/// The tokens of a text that was typed in the wrong layout as a whole, with
/// the bytes of what was typed; `None` where it was not.
pub fn meant(text: &str, tokens: &[Token]) -> Option<Vec<Token>> {
    let words = || tokens.iter().filter(|token| token.kind == TokenKind::Word);
    if !words().all(|word| word.normal.is_ascii()) {
        return None;
    }
    let signs = words().filter(|word| SMALL_WORDS.contains(&&*word.normal)).count();
    if signs == 0 || signs * WORDS_A_SIGN < words().count() {
        return None;
    }
    let (russian, borders) = retype(text);
    let mut meant = tokenise(&russian);
    let known = |token: &&Token| token.kind != TokenKind::Word || is_known(&token.normal);
    if meant.iter().filter(known).count() * 2 <= meant.len() || meant.len() < 2 {
        return None;
    }
    for token in &mut meant {
        let border = |at: u32| borders[at as usize];
        token.span = Span { start: border(token.span.start), end: border(token.span.end) };
    }
    Some(meant)
}

/// The text as it was meant, and for each of its bytes the byte of the text
/// where the letter begins. Between words a comma and a point stay what they are.
fn retype(text: &str) -> (String, Vec<u32>) {
    let mut russian = String::with_capacity(text.len() * 2);
    let mut borders = Vec::with_capacity(text.len() * 2 + 1);
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let is_inside = signs.peek().is_some_and(|(_, next)| next.is_ascii_alphabetic());
        let is_mark = matches!(sign, ',' | '.' | ';' | '\'' | '`' | '[' | ']') && !is_inside;
        let letter = if is_mark { sign } else { retyped_letter(sign).unwrap_or(sign) };
        russian.push(letter);
        borders.resize(russian.len(), at as u32);
    }
    borders.push(text.len() as u32);
    (russian, borders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let meant = meant(text, &tokenise(text)).unwrap_or_default();
        let meant: Vec<(&str, &str)> =
            meant.iter().map(|token| (token.span.of(text), &*token.normal)).collect();
        assert_eq!(meant, expected, "{text}");
    }

    #[test]
    fn a_text_in_the_wrong_layout_is_read_where_it_stands() {
        check("Djls ytn!", &[("Djls", "воды"), ("ytn", "нет")]);
        check(
            "Ytn jnjgktybz, 5 ltym",
            &[("Ytn", "нет"), ("jnjgktybz", "отопления"), ("5", "5"), ("ltym", "день")],
        );
        check("rjulf ,eltn djlf", &[("rjulf", "когда"), (",eltn", "будет"), ("djlf", "вода")]);
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "",
            "Water is off",
            "YTN news today at six",
            "Нет воды ytn",
            "ytn",
            "vk.com djn zzz qqq",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_word() {
        assert_eq!(retyped("ghbdtn").as_deref(), Some("привет"));
        assert_eq!(retyped("a1"), None);
    }
}
