//! How a name is called by itself: in the nominative, with its capital letters.
//! Streets here, settlements in their own file. Endings alone decide; no list
//! of names is asked.

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
    let words: Vec<&str> = titled.split(' ').collect();
    match words.as_slice() {
        [one] => adjective(one, kind),
        [first, rest @ ..] if is_before_others(first) && !is_genitive_phrase(rest) => {
            let rest: Vec<String> = rest.iter().map(|word| with_first(word, kind)).collect();
            format!("{} {}", adjective(first, kind), rest.join(" "))
        }
        _ => titled,
    }
}

/// «Большой Морской»: the second word goes with the first where it is an
/// adjective; «Малой Гагарина» keeps its surname.
fn with_first(word: &str, kind: Kind) -> String {
    if kind.gender == Gender::She { adjective(word, kind) } else { word.to_owned() }
}

pub(super) fn is_before_others(word: &str) -> bool {
    let word = word.to_lowercase();
    let starts = |start: &&str| {
        word.strip_prefix(*start).is_some_and(|ending| {
            ["ая", "яя", "ой", "ей", "ый", "ий", "ую", "юю", "ом", "ем", "ое", "ее", "ого", "ому"]
                .contains(&ending)
        })
    };
    BEFORE_OTHERS.iter().any(starts)
}

/// «Красной Армии», «Новой Жизни»: both words are in the genitive.
fn is_genitive_phrase(rest: &[&str]) -> bool {
    rest.last().is_some_and(|word| {
        ["ии", "зни", "сти", "армии", "гвардии", "звезды"].iter().any(|end| word.ends_with(end))
    })
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
    if vocabulary::is_her_surname(&written.to_lowercase()) {
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
    if gender == Gender::He && STRESSED.contains(&base.to_lowercase().as_str()) {
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
    let words: Vec<String> = written.split(' ').map(titled_word).collect();
    words.join(" ")
}

fn titled_word(word: &str) -> String {
    word.split('-').map(titled_part).collect::<Vec<_>>().join("-")
}

fn titled_part(part: &str) -> String {
    let lower = part.to_lowercase();
    if matches!(
        lower.as_str(),
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
    ) {
        return lower;
    }
    if INITIALS.contains(&lower.as_str()) {
        return part.to_uppercase();
    }
    let is_mixed = part.chars().any(char::is_uppercase) && part.chars().any(char::is_lowercase);
    let mut letters = if is_mixed { part.chars() } else { lower.chars() };
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
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
