//! Settlements that no list knows, told by the word before them: «деревня Поповка»,
//! «г. Льгова», «Полевской сельсовет».

use super::bare_localities::bare;
use super::classes::Classes;
use super::declension::{self, Stand};
use super::kinds::{self, Gender, Kind};
use super::nominative;
use super::reading::Reading;
use super::town_forms::{is_known_form, is_of_towns, is_of_villages, is_straight, is_town};
use super::vocabulary;

/// A settlement as the text names it, in the nominative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locality {
    pub name: String,
    pub start: usize,
    pub end: usize,
    /// Whether what is told near it may be told of it.
    pub is_told_of: bool,
}

/// Words that say «settlement», by gender of the name and what they show of its case.
const FULL: [(Gender, &[&str], &[&str]); 7] = [
    (Gender::He, &["город"], &["города", "городе", "городу", "городом"]),
    (Gender::It, &["село"], &["села", "селе", "селу", "селом", "селами", "селах"]),
    (
        Gender::She,
        &["деревня"],
        &["деревни", "деревне", "деревню", "деревней", "деревень", "деревнями", "деревнях"],
    ),
    (
        Gender::He,
        &["поселок"],
        &["поселка", "поселке", "поселку", "поселком", "поселков", "поселками", "поселках"],
    ),
    (Gender::He, &["хутор"], &["хутора", "хуторе", "хутору"]),
    (Gender::She, &["станица"], &["станицы", "станице", "станицу"]),
    (Gender::He, &["аул"], &["аула", "ауле"]),
];

/// «городской округ Троицк»: the name after it never bends.
const TOWN_DISTRICT: [&str; 4] = ["округ", "округа", "округе", "округу"];

/// Shortenings; those of one letter mean other things as well.
const SHORT: [(Gender, &[&str]); 4] = [
    (Gender::He, &["г", "гор", "п", "пос", "пгт", "рп", "х", "хут"]),
    (Gender::It, &["с"]),
    (Gender::She, &["д", "дер", "ст-ца", "ст"]),
    (Gender::It, &["сл"]),
];

/// Parts of a name with hyphens: «Комсомольск-на-Амуре» has three.
const PARTS_MAX: usize = 4;

/// Capitalised words after «города» that name no town.
const NOT_TOWNS: [&str; 19] = [
    "указа",
    "правил",
    "закона",
    "постановления",
    "договора",
    "приказа",
    "статьи",
    "россии",
    "рф",
    "сибири",
    "герой",
    "героя",
    "воинской",
    "мастеров",
    "детства",
    "солнца",
    "федерации",
    "земли",
    "мира",
];

/// Whether a word says «settlement», in full or shortened.
pub(super) fn may_be_kind(word: &str) -> bool {
    FULL.iter().any(|(_, itself, oblique)| itself.contains(&word) || oblique.contains(&word))
        || SHORT.iter().any(|(_, short)| short.contains(&word))
        || TOWN_DISTRICT.contains(&word)
}

/// «сельсовет»
pub(super) fn is_council(word: &str) -> bool {
    word.starts_with("сельсовет")
}

/// Whether a settlement that no list knows may be named at token `at`.
pub(super) fn may_be_at(reading: &Reading<'_>, at: usize) -> bool {
    reading.may_be(at, Classes::SETTLEMENT_KIND | Classes::SETTLEMENT_FORM)
        || reading.may_be(at + 1, Classes::COUNCIL)
}

/// The settlements named at token `at`: several where one word leads a list.
pub(super) fn at(reading: &Reading<'_>, at: usize) -> Vec<Locality> {
    if let Some((gender, stand)) = kind_word(reading, at) {
        return after_kind(reading, at, gender, stand);
    }
    council(reading, at).or_else(|| bare(reading, at)).into_iter().collect()
}

fn kind_word(reading: &Reading<'_>, at: usize) -> Option<(Gender, Stand)> {
    if !reading.may_be(at, Classes::SETTLEMENT_KIND) {
        return None;
    }
    let word = reading.word(at);
    if TOWN_DISTRICT.contains(&word) {
        let is_of_town = at > 0 && reading.starts_any(at - 1, &["городск"]);
        return (is_of_town && reading.is_capital(at + 1)).then_some((Gender::He, Stand::Itself));
    }
    let full = FULL.iter().find_map(|(gender, itself, oblique)| match word {
        _ if itself.contains(&word) => Some((*gender, Stand::Itself)),
        _ if oblique.contains(&word) => Some((*gender, Stand::Oblique)),
        _ => None,
    });
    full.or_else(|| {
        let (gender, _) = SHORT.iter().find(|(_, short)| short.contains(&word))?;
        is_short_kind(reading, at).then_some((*gender, Stand::Unknown))
    })
}

/// «г. Курск», «д Поповка»; not «2021 г.», «и т. д.», «С. В. Петров», «с Анной».
fn is_short_kind(reading: &Reading<'_>, at: usize) -> bool {
    let word = reading.word(at);
    let has_point = reading.is_point_after(at);
    let is_letter = word.chars().count() == 1;
    if word == "ст" {
        // «ст. Динская»; other names after it are stations as well.
        let name = reading.word(at + 1);
        let is_hers =
            ["ская", "ской", "скую", "цкая", "цкой"].iter().any(|end| name.ends_with(end));
        return has_point && reading.is_capital(at + 1) && is_hers;
    }
    if !is_letter {
        return has_point || reading.is_capital(at + 1) || matches!(word, "пгт" | "рп");
    }
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let after_number = before.ends_with(|last: char| last.is_ascii_digit());
    // «школа 36 г. Курска» is a town, «в 2021 г. Курская» a year.
    let is_year =
        after_number && !(reading.is_capital(at + 1) && is_known_form(reading.word(at + 1)));
    // «с Ивановка»: a preposition would bend the name.
    let is_clear =
        || has_point || (reading.is_capital(at + 1) && is_straight(reading.word(at + 1)));
    // «а.д. Курск — Орёл» is a road.
    let is_road = word == "д"
        && before == "а"
        && matches!(reading.between(at - 1, at), "." | "/" | "\\" | ". ");
    if is_year || is_road || before == "т" || (word == "с" && !is_clear()) {
        return false;
    }
    if reading.raw(at) != word && !reading.is_loud(at + 1) {
        let is_initial = reading.word(at + 1).chars().count() == 1
            || (at > 0 && reading.is_name_like(at - 1) && !reading.is_phrase_end(at - 1))
            || vocabulary::is_surname(reading.word(at + 1))
            || ["ов", "ев", "ин", "ын"].iter().any(|end| reading.word(at + 1).ends_with(end));
        let follows_initial = before.chars().count() == 1 || before == "им";
        if follows_initial || (is_initial && word != "г") {
            return false;
        }
    }
    has_point || reading.is_capital(at + 1)
}

fn after_kind(reading: &Reading<'_>, at: usize, gender: Gender, stand: Stand) -> Vec<Locality> {
    let mut start = at + 1;
    if reading.word(start).starts_with("городск") && reading.word(start + 1) == "типа" {
        start += 2;
    }
    if let Some(numbered) = numbered(reading, at, start, gender, stand) {
        return vec![numbered];
    }
    let is_named_after = ["им", "имени"].contains(&reading.word(start));
    // «посёлок имени Карла Либкнехта» bends no more.
    let stand = if is_named_after { Stand::Itself } else { stand };
    start += usize::from(is_named_after);
    let Some(end) = name_end(reading, at, start, stand) else { return Vec::new() };
    // «г. Петрова В.» is a gentleman.
    let is_person = reading.word(end).chars().count() == 1
        && reading.is_name_like(end)
        && reading.is_point_after(end)
        && reading.is_adjoining(end - 1, end)
        && kinds::street_kind(reading, end).is_none();
    if is_person {
        return Vec::new();
    }
    let mut found = vec![locality(reading, (at, start, end), gender, stand)];
    // «Муравлёво-Михайлово-Озёрки»: three are never one name.
    let is_many =
        end - start >= 3 && (start..end).all(|part| reading.word(part).chars().count() > 3);
    if is_many && (start + 1..end).all(|part| reading.between(part - 1, part) == "-") {
        found = (start..end)
            .map(|part| locality(reading, (part, part, part + 1), gender, stand))
            .collect();
    }
    while let Some(next) = listed(reading, found.last().map_or(end, |one| one.end), found.len()) {
        found.push(locality(reading, (next, next, next + 1), gender, stand));
    }
    found
}

/// «деревня 1-е Мальцево», «в деревне 2-я Воробжа»: one of several that share a name.
fn numbered(
    reading: &Reading<'_>,
    at: usize,
    start: usize,
    gender: Gender,
    stand: Stand,
) -> Option<Locality> {
    let number = reading.word(start);
    let is_first = reading.is_ordinal_number(start)
        && number.len() == 1
        && reading.is_close(start - 1, start)
        && reading.is_capital(start + 1)
        && reading.is_adjoining(start, start + 1)
        && !(kinds::street_kind(reading, start + 2).is_some()
            && reading.is_adjoining(start + 1, start + 2));
    if !is_first {
        return None;
    }
    let end = name_end(reading, start, start + 1, stand)?;
    let name = declension::settlement(&reading.written(start + 1, end), gender, stand);
    let ending = match name.chars().last() {
        Some('о' | 'е' | 'ы' | 'и') => "е",
        Some('а' | 'я') => "я",
        _ => "й",
    };
    let name = format!("{number}-{ending} {name}");
    Some(Locality { name, start: at, end, is_told_of: true })
}

pub(super) fn locality(
    reading: &Reading<'_>,
    (at, start, end): (usize, usize, usize),
    gender: Gender,
    stand: Stand,
) -> Locality {
    let name = declension::settlement(&reading.written(start, end), gender, stand);
    Locality { name, start: at, end, is_told_of: true }
}

/// «…, Михайлово, Ноздрёво и Еськово»: further names of villages.
fn listed(reading: &Reading<'_>, end: usize, before: usize) -> Option<usize> {
    let joined = usize::from(reading.word(end) == "и");
    let next = end + joined;
    let is_joined = joined == 1 || reading.between(end - 1, end).trim() == ",";
    let is_name = is_joined
        && reading.is_together(end - 1, next)
        && reading.is_capital(next)
        && (is_of_villages(reading.word(next))
            || (before > 2 && reading.word(next).ends_with('ь')));
    is_name.then_some(next)
}

/// Where the name after a settlement's word ends.
fn name_end(reading: &Reading<'_>, at: usize, start: usize, stand: Stand) -> Option<usize> {
    let word = reading.word(start);
    let is_joined = reading.is_together(at, start)
        && reading.is_close(start - 1, start)
        && !reading.between(start - 1, start).contains([',', ':', '#', '№'])
        && reading.is_word(start);
    // «город ДОРОГ», «г Льговчане».
    let is_other = (reading.word(at).starts_with("город")
        && !reading.is_shouted(at)
        && reading.is_shouted(start)
        && !is_town(word))
        || ["чане", "яне", "чанин", "чан"].iter().any(|end| word.ends_with(end));
    let is_name = word.chars().count() > 1
        && !is_other
        && (!reading.is_no_name(start) || word == "усть")
        && (!reading.is_address_word(start) || word == "набережные")
        && !NOT_TOWNS.contains(&word);
    if !is_joined || !is_name {
        return None;
    }
    if reading.is_capital(start) {
        let end = capital_end(reading, start);
        // «мэр города Игорь Терехов»: a person.
        let is_person = reading.word(at).starts_with("город")
            && end == start + 1
            && reading.is_capital(end)
            && reading.is_adjoining(start, end)
            && !is_of_towns(word)
            && !reading.starts_any(end + 1, &["район", "област"]);
        return (!is_person).then_some(end);
    }
    lower_end(reading, at, start, stand)
}

fn capital_end(reading: &Reading<'_>, start: usize) -> usize {
    let mut end = start + 1;
    let last = start + PARTS_MAX;
    while end < last && reading.is_word(end) && reading.between(end - 1, end) == "-" {
        end += 1;
    }
    // «посёлок Авиатор-2»
    if reading.is_number(end) && reading.between(end - 1, end) == "-" {
        return end + 1;
    }
    let (first, second) = (reading.word(start), reading.word(end));
    let is_plain = reading.is_word(end)
        && reading.is_adjoining(end - 1, end)
        && !reading.is_no_name(end)
        && !reading.is_address_word(end);
    // «Юбилейный Курского района»: the second is the district's.
    let is_of_district = reading
        .starts_any(end + 1, &["район", "округ", "област", "сельс", "муниципал", "края"])
        || (reading.word(end + 1) == "р"
            && ["н", "на", "не", "ну", "ном"].contains(&reading.word(end + 2)))
        || reading.word(end + 1) == "обл";
    let is_one = end > start + 1 || !is_plain || is_of_district;
    let is_adjective = is_first_part(first);
    let is_named_after = vocabulary::is_rank(first) || vocabulary::is_given(first);
    let goes_on =
        reading.is_capital(end) && (is_adjective || is_named_after || SECONDS.contains(&second));
    let is_small_noun = is_adjective
        && !reading.is_capital(end)
        && agrees(first, second)
        && reading.is_phrase_end(end);
    end + usize::from(!is_one && (goes_on || is_small_noun))
}

/// Nouns that make one name with whatever stands before them.
const SECONDS: [&str; 18] = [
    "бор",
    "брод",
    "бузец",
    "выселки",
    "гора",
    "городок",
    "губа",
    "ключ",
    "колодезь",
    "лог",
    "луг",
    "мыс",
    "наволок",
    "посад",
    "ручей",
    "сельга",
    "холм",
    "яр",
];

/// «Майская заря», «Красный дуб»: an adjective and a noun of one gender.
pub(super) fn agrees(adjective: &str, noun: &str) -> bool {
    let ends = |word: &str, endings: &[&str]| endings.iter().any(|end| word.ends_with(end));
    let is_long = noun.chars().count() > 2;
    is_long
        && ((ends(adjective, &["ая", "яя"]) && ends(noun, &["а", "я", "ь"]))
            || (ends(adjective, &["ое", "ее"]) && ends(noun, &["о", "е"]))
            || (ends(adjective, &["ые", "ие"]) && ends(noun, &["ы", "и"]))
            || (ends(adjective, &["ый", "ий"])
                && !noun.ends_with(['а', 'е', 'и', 'о', 'у', 'ы', 'я', 'ю'])))
}

/// «Большие …», «Старом …»: an adjective that another word may follow.
pub(super) fn is_first_part(word: &str) -> bool {
    [
        "ья", "ье", "ая", "яя", "ое", "ее", "ые", "ие", "ый", "ий", "ой", "ей", "ых", "их", "ом",
        "ем", "ого",
    ]
    .iter()
    .any(|end| word.ends_with(end))
}

/// Beginnings of what towns have and none is called by.
const OFFICES: [&str; 22] = [
    "администрац",
    "банк",
    "бан",
    "библиотек",
    "больниц",
    "дум",
    "клуб",
    "котельн",
    "кладбищ",
    "музе",
    "отдел",
    "парк",
    "пляж",
    "поликлиник",
    "рын",
    "совет",
    "стадион",
    "суд",
    "транспорт",
    "управлен",
    "центр",
    "школ",
];

/// A name in small letters (or all in capitals) is one where its ending, or the
/// address that goes on after it, says so.
fn lower_end(reading: &Reading<'_>, at: usize, start: usize, stand: Stand) -> Option<usize> {
    let word = reading.word(start);
    let leads_to_street =
        |end: usize| kinds::street_kind(reading, end).is_some() && reading.is_together(start, end);
    // «гор. больница», «пос. совет»: «городская», «поселковый».
    let is_shortened = matches!(reading.word(at), "гор" | "дер" | "пос");
    if is_shortened && reading.starts_any(start, &OFFICES) && !kinds::is_adjective_form(word) {
        return None;
    }
    if leads_to_street(start + 1) {
        return Some(start + 1);
    }
    if is_first_part(word) && reading.is_word(start + 1) && leads_to_street(start + 2) {
        return Some(start + 2);
    }
    // «г. курск» is a town; «д. такая» may be anything.
    let is_clear = stand == Stand::Unknown
        && reading.is_point_after(at)
        && (matches!(reading.word(at), "г" | "пгт") || reading.is_loud(start))
        && word.chars().count() > 3;
    let is_name = is_of_villages(word) || is_of_towns(word) || is_clear;
    is_name.then_some(start + 1)
}

/// «Полевской сельсовет».
fn council(reading: &Reading<'_>, at: usize) -> Option<Locality> {
    let is_council = is_council(reading.word(at + 1)) && reading.is_capital(at);
    let kind = Kind { name: "", gender: Gender::He, tokens: 0 };
    is_council.then(|| {
        let name = nominative::street_before(&reading.written(at, at + 1), kind);
        Locality {
            name: format!("{name} сельсовет"), start: at, end: at + 2, is_told_of: true
        }
    })
}
