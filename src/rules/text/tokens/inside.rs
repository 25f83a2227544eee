//! What stands inside a word without being a letter of it: apostrophes, stars
//! that hide an oath, the hyphens of a cry («не-е-ет») and of a word that goes
//! on in the next line, a zero for an «о». Every look around has a bound.

use super::{is_digit, is_letter};
use crate::rules::text::normalise::{self, is_cyrillic};

/// Letters before the stars of an oath: «п*здец», «зае*ал». More would be two
/// words with a star between them, unless few letters follow.
const OATH_HEAD_MAX_LETTERS: usize = 3;
const OATH_TAIL_MAX_LETTERS: usize = 2;
/// Letters of an oath are counted up to this.
const OATH_LETTERS_MAX: usize = 8;
const STARS_MAX: usize = 5;

/// Spaces and line ends between the halves of a word torn at a line's end.
const LINE_END_MAX_BYTES: usize = 8;

/// After these a hyphen at the line's end is spelling: «кто-нибудь».
const PARTICLES: [&str; 7] = ["то", "либо", "нибудь", "ка", "таки", "за", "под"];

/// The extent of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub bytes: usize,
    /// There is more inside than letters.
    pub is_mixed: bool,
}

/// The extent of the word at the start of the text, which is a letter.
pub(super) fn extent(text: &str) -> Extent {
    let mut word = Extent { bytes: 0, is_mixed: false };
    loop {
        word.bytes += letters(&text[word.bytes..]);
        match between(&text[..word.bytes], &text[word.bytes..]) {
            0 => return word,
            length => {
                word.bytes += length;
                word.is_mixed = true;
            }
        }
    }
}

/// The letters of a word that has more inside, as they are to be read.
pub(super) fn spelt(word: &str) -> String {
    let letter = |sign: char| match sign {
        '0' | '０' => Some('о'),
        sign if counts(sign) => Some(sign),
        _ => None,
    };
    word.chars().filter_map(letter).collect()
}

fn counts(sign: char) -> bool {
    is_letter(sign) || normalise::is_mark(sign) || normalise::is_ignored(sign)
}

/// Bytes of letters with the invisible and combining characters among them.
fn letters(text: &str) -> usize {
    text.find(|sign| !counts(sign)).unwrap_or(text.len())
}

/// Bytes between the word so far and its next letters; 0 where it ends.
fn between(word: &str, rest: &str) -> usize {
    let Some(sign) = rest.chars().next() else { return 0 };
    match sign {
        '\'' | '’' | 'ʼ' if begins_with_letter(&rest[sign.len_utf8()..]) => sign.len_utf8(),
        '*' | '＊' | '∗' => stars(word, rest, sign),
        '-' => cry(word, rest).max(line_end(word, &rest[1..], 1)),
        '0' => zero(word, rest),
        '\r' | '\n' if word.ends_with('\u{ad}') => line_end(word, rest, 0),
        _ => 0,
    }
}

fn begins_with_letter(text: &str) -> bool {
    text.chars().next().is_some_and(is_letter)
}

/// Stars are part of a word where few letters stand on one of their sides.
fn stars(word: &str, rest: &str, star: char) -> usize {
    let count = rest.chars().take(STARS_MAX + 1).take_while(|&sign| sign == star).count();
    let bytes = count * star.len_utf8();
    let head = word.chars().take(OATH_LETTERS_MAX).filter(|&sign| is_letter(sign)).count();
    let tail = rest[bytes..].chars().take(OATH_LETTERS_MAX).take_while(|&sign| is_letter(sign));
    let tail = tail.count();
    let is_oath = count <= STARS_MAX
        && word.chars().next().is_some_and(is_cyrillic)
        && match tail {
            // «**жирный**» and a footnote's star are no oaths.
            0 => 2 <= count && head <= OATH_HEAD_MAX_LETTERS && word.chars().all(is_letter),
            _ => head <= OATH_HEAD_MAX_LETTERS || tail <= OATH_TAIL_MAX_LETTERS,
        };
    if is_oath { bytes } else { 0 }
}

/// «-е-е» of «не-е-ет»: the same vowel at least three times.
fn cry(word: &str, rest: &str) -> usize {
    let same = |one: char, other: char| one.to_lowercase().eq(other.to_lowercase());
    let Some(vowel) = word.chars().next_back().filter(|&sign| is_vowel(sign)) else { return 0 };
    let mut signs = rest.chars();
    let is_cry = [true, false, true, false].into_iter().all(|is_hyphen| {
        signs.next().is_some_and(|sign| if is_hyphen { sign == '-' } else { same(sign, vowel) })
    });
    // «е-е» before it; looking farther back would cost a long cry its square.
    let is_within = word.chars().rev().nth(1) == Some('-');
    let goes_on = is_within && rest.chars().nth(1).is_some_and(|sign| same(sign, vowel));
    usize::from(is_cry || goes_on)
}

fn is_vowel(sign: char) -> bool {
    "аеёиоуыэюяАЕЁИОУЫЭЮЯ".contains(sign)
}

/// A word torn at the end of a line: the rest begins with what stands behind the
/// hyphen, `before` bytes long.
fn line_end(word: &str, rest: &str, before: usize) -> usize {
    let blanks =
        rest.bytes().take(LINE_END_MAX_BYTES).take_while(|byte| byte.is_ascii_whitespace());
    let blanks = blanks.count();
    let tail = &rest[blanks..];
    let goes_on = rest[..blanks].contains('\n')
        && tail.chars().next().is_some_and(|sign| is_cyrillic(sign) && sign.is_lowercase())
        && word.chars().nth(1).is_some();
    if !goes_on {
        return 0;
    }
    let length = tail.find(|sign| !is_letter(sign)).unwrap_or(tail.len());
    let is_torn = !PARTICLES.contains(&&tail[..length]) && 2 < length;
    if is_torn { before + blanks } else { 0 }
}

/// A zero between two Cyrillic letters.
fn zero(word: &str, rest: &str) -> usize {
    let next = rest.chars().nth(1);
    let is_letter = word.chars().next_back().is_some_and(is_cyrillic)
        && next.is_some_and(|sign| is_cyrillic(sign) && !is_digit(sign));
    usize::from(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, word: &str, read: &str) {
        let extent = extent(text);
        assert_eq!(&text[..extent.bytes], word, "{text}");
        let spelt = if extent.is_mixed { spelt(word) } else { word.to_owned() };
        assert_eq!(normalise::word(&spelt), read, "{text}");
    }

    #[test]
    fn oaths_are_one_word_and_their_neighbours_others() {
        check("х*йня дорога", "х*йня", "хйня");
        check("п***ц, дорога", "п***ц", "пц");
        check("п*з*ец", "п*з*ец", "пзец");
        check("зае*али", "зае*али", "заеали");
        check("долбо*б", "долбо*б", "долбоб");
        check("х** дорога", "х**", "х");
        check("свет*вода*газ", "свет", "свет");
        check("Ямы* дороги", "Ямы", "ямы");
        check("жирный**", "жирный", "жирный");
        check("а******б", "а", "а");
        check("a*b", "a", "a");
    }

    #[test]
    fn cries_with_hyphens() {
        check("не-е-ет воды", "не-е-ет", "нет");
        check("да-а-а", "да-а-а", "да");
        check("О-о-очень", "О-о-очень", "очень");
        check("по-одному", "по", "по");
        check("кто-нибудь", "кто", "кто");
        check("а-а", "а", "а");
    }

    #[test]
    fn words_torn_at_the_end_of_a_line() {
        check("отоп-\nления нет", "отоп-\nления", "отопления");
        check("отоп-\r\n  ления", "отоп-\r\n  ления", "отопления");
        check("отоп\u{ad}\nления", "отоп\u{ad}\nления", "отопления");
        check("кто-\nнибудь", "кто", "кто");
        check("вода -\nнет", "вода", "вода");
        check("Список-\nВода", "Список", "список");
        check("я-\nпротив", "я", "я");
    }

    #[test]
    fn a_zero_among_letters_is_one() {
        check("д0рога", "д0рога", "дорога");
        check("к0", "к", "к");
        check("д10а", "д", "д");
    }
}
