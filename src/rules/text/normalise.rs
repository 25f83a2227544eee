//! The normal form of a word: one spelling for everything that people type the
//! same word as. Knows letters only; sentences, languages and stems are others'.
//!
//! In order: compatibility forms (NFKC), lower case, stress marks and invisible
//! characters away, ё as е, Latin and Greek look-alikes inside Cyrillic words
//! repaired, stretched letters shortened. A normal form's normal form is itself.

use unicode_normalization::UnicodeNormalization;

/// A run of one Cyrillic letter this long is a cry («нееет»), not spelling.
const STRETCH_MIN: usize = 3;

/// A pathological sequence of marks settles within this many passes.
const SETTLE_PASSES_MAX: usize = 4;

/// The normal form of a word.
pub fn word(word: &str) -> String {
    let mut normal = String::with_capacity(word.len());
    append(word, &mut normal);
    normal
}

/// Appends the normal form of `word` to `out`.
pub fn append(word: &str, out: &mut String) {
    let start = out.len();
    match append_common(word, out) {
        Some(Letters { cyrillic: true, latin: true, .. }) => repair(start, out),
        Some(Letters { repeats: false, .. }) => return,
        Some(_) => {}
        None => {
            out.truncate(start);
            out.push_str(&settled(word));
        }
    }
    shorten_stretches(start, out);
}

/// What letters a word has.
#[derive(Clone, Copy, Default)]
struct Letters {
    cyrillic: bool,
    latin: bool,
    /// Some letter stands beside its like.
    repeats: bool,
}

/// Appends the normal forms of the Russian letters at the start of a text, as far
/// as no two of a kind stand side by side; says how many bytes they have.
pub fn append_letters(text: &str, out: &mut String) -> usize {
    let (mut length, mut previous) = (0, '\0');
    for letter in text.chars() {
        let Some((lower, true)) = common_lower(letter).filter(|(lower, _)| *lower != previous)
        else {
            break;
        };
        out.push(lower);
        length += letter.len_utf8();
        previous = lower;
    }
    length
}

/// The fast way for ASCII and everyday Cyrillic; `None` where a word needs the
/// slow one.
fn append_common(word: &str, out: &mut String) -> Option<Letters> {
    let (mut letters, mut previous) = (Letters::default(), '\0');
    for letter in word.chars() {
        let (lower, is_cyrillic) = common_lower(letter)?;
        letters.cyrillic |= is_cyrillic;
        letters.latin |= lower.is_ascii_lowercase();
        if lower != '\'' {
            out.push(lower);
            letters.repeats |= lower == previous;
            previous = lower;
        }
    }
    Some(letters)
}

/// Whether a sign is a letter or a digit. As below, the tables of Unicode are asked
/// about rare ones alone.
pub fn is_of_word(sign: char) -> bool {
    match sign {
        'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => true,
        _ if sign.is_ascii() => sign.is_ascii_alphanumeric(),
        _ => sign.is_alphanumeric(),
    }
}

/// Whether a letter is a capital one. The tables of Unicode are asked about rare
/// letters alone.
pub fn is_capital(letter: char) -> bool {
    match letter {
        'А'..='Я' | 'Ё' => true,
        'а'..='я' | 'ё' => false,
        _ => letter.is_uppercase(),
    }
}

/// Whether it is a small one; the same of the tables.
pub fn is_small(letter: char) -> bool {
    match letter {
        'а'..='я' | 'ё' => true,
        'А'..='Я' | 'Ё' => false,
        _ => letter.is_lowercase(),
    }
}

fn common_lower(letter: char) -> Option<(char, bool)> {
    Some(match letter {
        'ё' | 'Ё' => ('е', true),
        'а'..='я' => (letter, true),
        // The upper half of the block stands exactly 32 below the lower one.
        'А'..='Я' => (char::from_u32(letter as u32 + 0x20)?, true),
        'і' | 'ї' | 'є' | 'ґ' | 'ў' => (letter, true),
        'І' => ('і', true),
        'Ї' => ('ї', true),
        'Є' => ('є', true),
        'Ў' => ('ў', true),
        _ if letter.is_ascii() => (letter.to_ascii_lowercase(), false),
        _ => return None,
    })
}

/// The slow way, repeated until nothing changes.
fn settled(word: &str) -> String {
    let mut current = one_pass(word);
    for _ in 0..SETTLE_PASSES_MAX {
        let next = one_pass(&current);
        if next == current {
            break;
        }
        current = next;
    }
    current
}

fn one_pass(word: &str) -> String {
    let mut out: String = word
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|&letter| !is_ignored(letter) && !is_mark(letter))
        .map(plain)
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    if out.chars().any(is_foreign) && out.chars().any(is_cyrillic) {
        repair(0, &mut out);
    }
    out
}

/// The letter without the marks that composition has put onto it: stress by a
/// grave accent makes letters of its own.
fn plain(letter: char) -> char {
    match letter {
        'ё' | 'ѐ' => 'е',
        'ѝ' => 'и',
        other => other,
    }
}

/// Letters that a Cyrillic word holds by mistake alone.
fn is_foreign(letter: char) -> bool {
    letter.is_ascii_lowercase() || odd_twin(letter).is_some()
}

/// Characters that are there without being seen: zero widths, direction marks,
/// soft hyphens, variation selectors.
pub fn is_ignored(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Combining marks: after composition only stress marks and decoration remain.
pub fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{20d0}'..='\u{20f0}')
}

pub fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}')
}

/// Rewrites a word of two scripts in one, when its minority letters all look
/// like letters of the other: «дoрoга» with Latin o is a Cyrillic word.
fn repair(start: usize, out: &mut String) {
    let word = &out[start..];
    let mapped: Option<String> = word
        .chars()
        .map(|letter| match letter.is_ascii_lowercase() {
            true => cyrillic_twin(letter),
            false => Some(odd_twin(letter).unwrap_or(letter)),
        })
        .collect();
    let mapped = mapped.or_else(|| {
        word.chars()
            .map(|letter| if is_cyrillic(letter) { latin_twin(letter) } else { Some(letter) })
            .collect()
    });
    if let Some(mapped) = mapped {
        out.replace_range(start.., &mapped);
    }
}

/// Pairs that look alike in at least one case.
const TWINS: [(char, char); 13] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('i', 'і'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
];

/// Letters of other alphabets that stand for Cyrillic ones: «ещë» with a Latin
/// ë, «дорóга» with a Latin ó, Greek. The Latin letters of Chuvash (ă, ĕ, ç, ÿ)
/// are spelling and stay.
#[rustfmt::skip]
const ODD_TWINS: [(char, char); 21] = [
    ('ë', 'е'), ('é', 'е'), ('è', 'е'), ('á', 'а'), ('à', 'а'), ('ó', 'о'), ('ò', 'о'), ('ö', 'о'), ('ý', 'у'),
    ('α', 'а'), ('β', 'в'), ('ε', 'е'), ('η', 'н'), ('κ', 'к'), ('μ', 'м'), ('ο', 'о'), ('ρ', 'р'), ('τ', 'т'),
    ('υ', 'у'), ('χ', 'х'), ('ϲ', 'с'),
];

fn odd_twin(letter: char) -> Option<char> {
    ODD_TWINS.iter().find(|(one, _)| *one == letter).map(|&(_, other)| other)
}

pub fn cyrillic_twin(latin: char) -> Option<char> {
    TWINS.iter().find(|(one, _)| *one == latin).map(|&(_, other)| other)
}

fn latin_twin(cyrillic: char) -> Option<char> {
    TWINS.iter().find(|(_, one)| *one == cyrillic).map(|&(other, _)| other)
}

/// «нееет» becomes «нет». Latin runs stay: `www`, `III` are spelling.
fn shorten_stretches(start: usize, out: &mut String) {
    if !has_stretch(&out[start..]) {
        return;
    }
    let word: Vec<char> = out[start..].chars().collect();
    out.truncate(start);
    for run in word.chunk_by(|one, other| one == other) {
        let keep = if is_stretch(run[0], run.len()) { 1 } else { run.len() };
        out.extend(&run[..keep]);
    }
}

fn has_stretch(word: &str) -> bool {
    let (mut previous, mut length) = ('\0', 0);
    for letter in word.chars() {
        length = if letter == previous { length + 1 } else { 1 };
        if is_stretch(letter, length) {
            return true;
        }
        previous = letter;
    }
    false
}

fn is_stretch(letter: char, length: usize) -> bool {
    length >= STRETCH_MIN && is_cyrillic(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(written: &str, expected: &str) {
        assert_eq!(word(written), expected, "{written:?}");
    }

    #[test]
    fn one_spelling_for_one_word() {
        check("Дорога", "дорога");
        check("ЁЛКА", "елка");
        check("е\u{308}лка", "елка");
        check("дoрoгa", "дорога");
        check("BОДА", "вода");
        check("до\u{301}ма", "дома");
        check("во\u{200b}да", "вода");
        check("нееееет", "нет");
        check("нее", "нее");
        check("ванна", "ванна");
        check("www", "www");
        check("III", "iii");
        check("sсala", "sсala".replace('с', "c").as_str());
        check("ｆｕｌｌ", "full");
        check("и\u{306}", "й");
        check("е\u{300}", "е");
        check("бо\u{301}льшая", "большая");
        check("ещë", "еще");
        check("дорóга", "дорога");
        check("дοрοга", "дорога");
        check("кoт", "кот");
        check("вооооды", "воды");
        check("аааа", "а");
        check("çук", "çук");
        check("сафé", "сафе");
    }

    #[test]
    fn what_has_no_cyrillic_letter_is_left_alone() {
        check("café", "café");
        check("αβγ", "αβγ");
        check("Ömer", "ömer");
        check("COVID", "covid");
    }

    proptest! {
        #[test]
        fn a_capital_is_what_unicode_says(letter in proptest::char::any()) {
            prop_assert_eq!(is_capital(letter), letter.is_uppercase());
            prop_assert_eq!(is_of_word(letter), letter.is_alphanumeric());
        }

        #[test]
        fn a_normal_form_is_its_own(text in "\\PC{0,20}") {
            let once = word(&text);
            prop_assert_eq!(word(&once), once);
        }

        #[test]
        fn mixed_letters_settle(text in "[a-zа-яA-ZА-ЯёЁіëóαρa\u{300}\u{301}\u{306}\u{308}İǅ]{0,12}") {
            let once = word(&text);
            prop_assert_eq!(word(&once), once);
        }
    }
}
