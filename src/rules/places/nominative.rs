//! How a name is called by itself: in the nominative, with its capital letters.
//! Streets here, settlements in their own file. Endings alone decide; no list
//! of names is asked.

use std::borrow::Cow;

use super::kinds::{Gender, Kind};
use super::vocabulary;

/// Adjectives that come before another word of a name: «Старая Слобода».
const BEFORE_OTHERS: [&str; 12] = [
    "больш",
    "мал",
    "нов",
    "стар",
    "верхн",
    "нижн",
    "средн",
    "дальн",
    "ближн",
    "красн",
    "бел",
    "перв",
];

/// Adjectives that are «-ой» with «он»: «в Полевом переулке».
const STRESSED: [&str; 24] = [
    "берегов",
    "больш",
    "глух",
    "городск",
    "донск",
    "дорогов",
    "заводск",
    "ключев",
    "кольцев",
    "крут",
    "лесн",
    "лугов",
    "морск",
    "мостов",
    "полев",
    "полевск",
    "прям",
    "речн",
    "сенн",
    "степн",
    "тверск",
    "трудов",
    "хуторск",
    "ямск",
];

/// Letters that stay capitals: they are read one by one.
const INITIALS: [&str; 10] =
    ["влксм", "ссср", "мопр", "мгу", "вднх", "апз", "рти", "гэс", "тэц", "нпз"];

/// The name of a street beside its kind word.
pub(super) fn street(written: &str, kind: Kind) -> String {
    let titled = titled(written);
    match titled.split_once(' ') {
        None => adjective(&titled, kind),
        Some((first, rest)) if is_before_others(first) && !is_genitive_phrase(rest) => {
            let rest: Vec<String> = rest.split(' ').map(|word| with_first(word, kind)).collect();
            format!("{} {}", adjective(first, kind), rest.join(" "))
        }
        Some(_) => titled,
    }
}

/// «Большой Морской»: the second word goes with the first where it is an
/// adjective; «Малой Гагарина» keeps its surname.
fn with_first(word: &str, kind: Kind) -> String {
    if kind.gender == Gender::She { adjective(word, kind) } else { word.to_owned() }
}

pub(super) fn is_before_others(word: &str) -> bool {
    let word = small(word);
    let starts = |start: &&str| {
        word.strip_prefix(*start).is_some_and(|ending| {
            ["ая", "яя", "ой", "ей", "ый", "ий", "ую", "юю", "ом", "ем", "ое", "ее", "ого", "ому"]
                .contains(&ending)
        })
    };
    BEFORE_OTHERS.iter().any(starts)
}

/// «Красной Армии», «Новой Жизни»: both words are in the genitive.
fn is_genitive_phrase(rest: &str) -> bool {
    ["ии", "зни", "сти", "армии", "гвардии", "звезды"].iter().any(|end| rest.ends_with(end))
}

/// The nominative of a name that agrees with the kind word after it, where
/// even «-ого» is an adjective's ending: «Советского проспекта».
pub(super) fn street_before(written: &str, kind: Kind) -> String {
    let hard = written.strip_suffix("ого").map(|base| format!("{base}ому"));
    let dative = hard.or(written.strip_suffix("него").map(|base| format!("{base}нему")));
    street(dative.as_deref().unwrap_or(written), kind)
}

/// An adjective takes the kind's gender; a genitive («Гоголя») is the name already.
fn adjective(written: &str, kind: Kind) -> String {
    if vocabulary::is_her_surname(&small(written)) {
        return written.to_owned();
    }
    if let Some(base) = her_noun(written).filter(|_| kind.gender == Gender::She) {
        return format!("{base}а");
    }
    let Some(base) = adjective_base(written) else { return written.to_owned() };
    if kind.gender == Gender::He && written.ends_with("ой") {
        return written.to_owned();
    }

    let soft = base.ends_with('н')
        && ["ей", "юю", "яя", "его", "ему", "ем"].iter().any(|end| written.ends_with(end));
    format!("{base}{}", ending(base, soft, kind.gender))
}

/// «на улице Пучковке», «за улицей Коноплянкой»: a noun of «она».
fn her_noun(written: &str) -> Option<&str> {
    let base = ["ке", "ку", "кой"].iter().find_map(|end| written.strip_suffix(end))?;
    let is_noun = base.ends_with(['в', 'н', 'ч', 'ш', 'й']) && base.chars().count() > 3;
    is_noun.then(|| &written[..base.len() + 'к'.len_utf8()])
}

/// The ending of the nominative after an adjective's base.
pub(super) fn ending(base: &str, soft: bool, gender: Gender) -> &'static str {
    let hard_i = base.ends_with(['г', 'к', 'х', 'ж', 'ч', 'ш', 'щ']);
    if gender == Gender::He && STRESSED.contains(&&*small(base)) {
        return "ой";
    }
    match (gender, soft, hard_i) {
        (Gender::She, true, _) => "яя",
        (Gender::She, false, _) => "ая",
        (Gender::It, true, _) => "ее",
        (Gender::It, false, _) => "ое",
        (Gender::He, true, _) | (Gender::He, false, true) => "ий",
        (Gender::He, false, false) => "ый",
    }
}

/// «Садовой» without its ending; `None` for a noun. Surnames in the genitive
/// («Толстого») look alike and stay as they are: only endings that a genitive
/// noun cannot have are taken off, and «-ого» never.
pub(super) fn adjective_base(written: &str) -> Option<&str> {
    let is_one_word = !written.contains(' ');
    let base =
        ["ая", "яя", "ую", "юю", "ой", "ей", "ый", "ий", "ому", "ему", "ом", "ем", "ым", "им"]
            .iter()
            .find_map(|ending| written.strip_suffix(ending))?;
    let is_adjective =
        ["н", "ск", "цк", "ов", "ев", "к", "ш", "т", "р", "л", "п", "м", "х", "г", "ч"]
            .iter()
            .any(|end| base.ends_with(end));
    // «Строителей» are many, «Дальней» is one.
    let is_many = written.ends_with("ей") && !base.ends_with(['н', 'ш', 'щ', 'ч', 'ж']);
    (is_one_word && is_adjective && !is_many && base.chars().count() >= 3).then_some(base)
}

/// Capital letters as a name has them, whatever the text's habit: «ЛЕНИНА» and
/// «ленина» are «Ленина».
pub(super) fn titled(written: &str) -> String {
    let mut titled = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(end) = rest.find([' ', '-']) {
        push_titled(&rest[..end], &mut titled);
        titled.push_str(&rest[end..=end]);
        rest = &rest[end + 1..];
    }
    push_titled(rest, &mut titled);
    titled
}

/// A part of a name that has neither spaces nor hyphens.
fn push_titled(part: &str, titled: &mut String) {
    let lower = small(part);
    let stays_small = matches!(
        &*lower,
        "лет"
            | "летия"
            | "летие"
            | "на"
            | "года"
            | "и"
            | "де"
            | "ла"
            | "й"
            | "я"
            | "е"
            | "го"
    );
    if stays_small {
        return titled.push_str(&lower);
    }
    if INITIALS.contains(&&*lower) {
        return titled.push_str(&part.to_uppercase());
    }
    let is_mixed = part.chars().any(char::is_uppercase) && part.chars().any(char::is_lowercase);
    let mut letters = if is_mixed { part.chars() } else { lower.chars() };
    if let Some(first) = letters.next() {
        titled.extend(first.to_uppercase());
        titled.push_str(letters.as_str());
    }
}

/// In small letters. Most words have everyday letters alone, about which the
/// tables of Unicode need not be asked.
pub(super) fn small(word: &str) -> Cow<'_, str> {
    let is_small = |letter: char| {
        matches!(letter, 'а'..='я' | 'ё') || (letter.is_ascii() && !letter.is_ascii_uppercase())
    };
    match word.chars().all(is_small) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(everyday_small(word).unwrap_or_else(|| word.to_lowercase())),
    }
}

/// `None` where a letter is no everyday one.
fn everyday_small(word: &str) -> Option<String> {
    let mut small = String::with_capacity(word.len());
    for letter in word.chars() {
        small.push(match letter {
            'а'..='я' | 'ё' => letter,
            // The upper half of the block stands exactly 32 below the lower one.
            'А'..='Я' => char::from_u32(letter as u32 + 0x20)?,
            'Ё' => 'ё',
            _ if letter.is_ascii() => letter.to_ascii_lowercase(),
            _ => return None,
        });
    }
    Some(small)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::places::kinds::named;

    #[test]
    fn names_beside_their_kind() {
        for (kind, written, expected) in [
            ("улица", "Харьковской", "Харьковская"),
            ("улица", "Дальней", "Дальняя"),
            ("улица", "Ленина", "Ленина"),
            ("улица", "Кати Зеленко", "Кати Зеленко"),
            ("улица", "ТОЛСТОГО", "Толстого"),
            ("улица", "Крупской", "Крупской"),
            ("улица", "малой Гагарина", "Малая Гагарина"),
            ("улица", "Большой Морской", "Большая Морская"),
            ("улица", "Красной Армии", "Красной Армии"),
            ("улица", "старая слобода", "Старая Слобода"),
            ("улица", "50 ЛЕТ ВЛКСМ", "50 лет ВЛКСМ"),
            ("улица", "римского-корсакова", "Римского-Корсакова"),
            ("проспект", "Московском", "Московский"),
            ("переулок", "Тихому", "Тихий"),
            ("переулок", "Полевой", "Полевой"),
            ("шоссе", "Таллинском", "Таллинское"),
            ("проспект", "Дружбы", "Дружбы"),
            ("набережная", "Северной Двины", "Северной Двины"),
        ] {
            assert_eq!(street(written, named(kind)), expected, "{kind} {written}");
        }
        assert_eq!(street_before("Советского", named("проспект")), "Советский");
    }

    proptest! {
        #[test]
        fn small_letters_are_those_of_unicode(word in "[а-яА-ЯёЁa-zA-Z0-9 .İΣǅ]{0,8}|\\PC{0,6}") {
            prop_assert_eq!(small(&word), word.to_lowercase());
        }
    }

    #[test]
    fn a_nominative_stays_as_it_is() {
        for written in ["Садовая", "Верхняя Луговая", "Карла Маркса", "8 Марта", "1-я Прогонная"]
        {
            let once = street(written, named("улица"));
            assert_eq!(once, written);
            assert_eq!(street(&once, named("улица")), once);
        }
    }
}
