//! Kinds of streets: how they are written and shortened, and what they tell
//! about the name beside them.

use super::classes::Classes;
use super::reading::Reading;

/// A kind word in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// As packs write it out.
    pub name: &'static str,
    pub gender: Gender,
    /// Tokens that it takes: «пр-кт» is two.
    pub tokens: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    He,
    She,
    It,
}

/// Kind, gender, the beginning that all its forms share, its longest form's
/// letters, and shortenings (two words stand for a hyphen).
type Row = (&'static str, Gender, &'static str, usize, &'static [&'static [&'static str]]);

#[rustfmt::skip]
const KINDS: [Row; 13] = [
    ("улица", Gender::She, "улиц", 7, &[&["ул"], &["улиц"]]),
    ("проспект", Gender::He, "проспект", 10, &[&["пр"], &["просп"], &["пр", "т"], &["пр", "кт"], &["пр", "к"], &["пр", "ту"], &["пр", "те"], &["пр", "та"], &["пр", "кту"], &["пр", "кте"], &["пр", "кта"], &["прт"], &["пркт"], &["пр", "спект"]]),
    ("переулок", Gender::He, "переул", 10, &[&["пер"], &["п", "к"], &["пер", "к"], &["пер", "ке"], &["пер", "ку"]]),
    ("площадь", Gender::She, "площад", 9, &[&["пл"], &["пл", "дь"]]),
    ("набережная", Gender::She, "набережн", 11, &[&["наб"]]),
    ("бульвар", Gender::He, "бульвар", 9, &[&["бул"], &["бульв"], &["б", "р"], &["б", "ру"], &["б", "ре"], &["б", "ра"]]),
    ("шоссе", Gender::It, "шоссе", 5, &[&["ш"]]),
    ("проезд", Gender::He, "проезд", 8, &[&["пр", "д"], &["пр", "ду"], &["пр", "де"], &["пр", "да"]]),
    ("тракт", Gender::He, "тракт", 7, &[]),
    ("тупик", Gender::He, "тупик", 7, &[&["туп"]]),
    ("аллея", Gender::She, "алле", 7, &[]),
    ("линия", Gender::She, "лини", 7, &[]),
    ("спуск", Gender::He, "спуск", 7, &[]),
];

/// Whether a word begins as a kind does, or is one shortened.
pub(super) fn may_be_kind(word: &str) -> bool {
    KINDS.iter().any(|(_, _, start, _, short)| {
        word.starts_with(start) || short.iter().any(|short| short.first() == Some(&word))
    })
}

/// The kind word at token `at`, if there is one.
pub(super) fn street_kind(reading: &Reading<'_>, at: usize) -> Option<Kind> {
    if !reading.may_be(at, Classes::STREET_KIND) {
        return None;
    }
    let word = reading.word(at);
    if HYPHENED.contains(&word) && reading.is_hyphen(at, at + 1) {
        let next = reading.word(at + 1);
        let hyphened = KINDS.iter().find(|row| row.4.contains(&&[word, next][..]));
        if let Some(&(name, gender, ..)) = hyphened {
            return Some(Kind { name, gender, tokens: 2 });
        }
    }
    KINDS.iter().find_map(|&(name, gender, start, longest, short)| {
        let is_full = word.starts_with(start) && word.chars().count() <= longest && is_noun(word);
        let is_short = short.iter().any(|short| matches!(short, [one] if *one == word));
        // A lone letter is a kind only with its point: «ш. Пулковское».
        let is_clear = || word.chars().count() > 1 || reading.is_point_after(at);
        (is_full || (is_short && is_clear())).then_some(Kind { name, gender, tokens: 1 })
    })
}

/// First parts of shortenings with a hyphen.
const HYPHENED: [&str; 5] = ["пр", "п", "пл", "б", "пер"];

/// Whether an adjective as written can belong to a kind: «на Советском» is a
/// проспект, never an улица.
pub(super) fn agrees(written: &str, kind: &str) -> bool {
    let gender = KINDS.iter().find(|row| row.0 == kind).map(|row| row.1);
    let ends = |endings: &[&str]| endings.iter().any(|end| written.ends_with(end));
    match gender {
        Some(Gender::She) => ends(&["ая", "яя", "ую", "юю", "ой", "ей"]),
        Some(Gender::He) => {
            ends(&["ый", "ий", "ой", "ого", "его", "ому", "ему", "ом", "ем", "ым", "им"])
        }
        Some(Gender::It) => ends(&["ое", "ее", "ого", "его", "ому", "ему", "ом", "ем", "ым", "им"]),
        None => true,
    }
}

/// The kind of this name.
#[cfg(test)]
pub(super) fn named(name: &str) -> Kind {
    let row = KINDS.iter().find(|row| row.0 == name);
    row.map_or(STREET, |&(name, gender, ..)| Kind { name, gender, tokens: 1 })
}

/// What a street is called when nothing else is said.
pub(super) const STREET: Kind = Kind { name: "улица", gender: Gender::She, tokens: 0 };

/// «4-й » before a name of this gender.
pub(super) fn ordinal(number: &str, kind: Kind) -> String {
    let ending = match kind.gender {
        Gender::He => "й",
        Gender::She => "я",
        Gender::It => "е",
    };
    format!("{number}-{ending} ")
}

/// Adjectives and verbs that begin as a kind does.
fn is_noun(word: &str) -> bool {
    const OTHERS: [&str; 7] =
        ["уличный", "уличное", "уличная", "уличные", "уличного", "проездной", "проездом"];
    !OTHERS.contains(&word)
        && !word.starts_with("площадк")
        && word != "площадок"
        && word != "набережные"
}

/// «переулок», «шоссе»: no adjective in it is taken for a street's.
pub(super) fn is_his(kind: &str) -> bool {
    KINDS.iter().any(|row| row.0 == kind && row.1 != Gender::She)
}

/// «набережная» in its cases: a kind, and the name of many a street.
pub(super) fn is_shore(word: &str) -> bool {
    ["ая", "ой", "ую", "ый", "ом"].iter().any(|end| word.strip_suffix(end) == Some("набережн"))
}

/// Written out, not shortened.
pub(super) fn is_full_kind(word: &str) -> bool {
    KINDS.iter().any(|(_, _, start, _, _)| word.starts_with(start))
}

/// Words of an address that end a street's name.
pub(super) fn is_address_word(word: &str) -> bool {
    [
        "д",
        "дом",
        "дома",
        "доме",
        "домом",
        "домов",
        "кв",
        "квартира",
        "корп",
        "корпус",
        "к",
        "стр",
        "строение",
        "подъезд",
        "под",
        "этаж",
        "г",
        "город",
        "район",
        "область",
        "обл",
        "рядом",
        "около",
        "возле",
        "напротив",
        "просим",
        "прошу",
        "когда",
        "почему",
        "нет",
        "не",
        "здравствуйте",
        "в",
        "на",
        "и",
        "по",
        "от",
        "до",
        "между",
        "остановка",
    ]
    .contains(&word)
        || KINDS.iter().any(|(_, _, start, _, short)| {
            word.starts_with(start)
                || short.iter().any(|short| short.len() == 1 && short[0] == word)
        })
}

const ADJECTIVE_ENDINGS: [&str; 15] =
    ["ая", "яя", "ый", "ий", "ой", "ое", "ую", "ого", "его", "ому", "ом", "ей", "юю", "ым", "им"];

/// Whether a name in the nominative is an adjective («Садовая», «Советский»).
pub(super) fn is_adjective(name: &str) -> bool {
    let last = name.split_whitespace().next_back().unwrap_or(name);
    ["ая", "яя", "ый", "ий", "ой", "ое", "ее"].iter().any(|ending| last.ends_with(ending))
}

pub(super) fn is_adjective_form(word: &str) -> bool {
    word.chars().count() > 4 && ADJECTIVE_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Adjectives that name many a street, but in small letters before «улица» say
/// what it is like.
pub(super) fn is_describing(word: &str) -> bool {
    ["центральн", "главн", "нов", "стар", "больш", "широк", "узк", "тих", "зелен"].iter().any(
        |start| word.strip_prefix(start).is_some_and(|ending| ADJECTIVE_ENDINGS.contains(&ending)),
    )
}

/// Adjectives that describe a street instead of naming it.
pub(super) fn is_common_adjective(word: &str) -> bool {
    const STARTS: [&str; 24] = [
        "наш",
        "ваш",
        "эт",
        "котор",
        "вс",
        "цел",
        "друг",
        "сам",
        "данн",
        "главн",
        "так",
        "как",
        "любо",
        "кажд",
        "соседн",
        "дальн",
        "ближн",
        "разбит",
        "темн",
        "грязн",
        "остальн",
        "одн",
        "улич",
        "сво",
    ];
    STARTS.iter().any(|start| word.starts_with(start))
}
