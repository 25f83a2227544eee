//! Settlements that no list knows and no word announces: told by a preposition and
//! an ending («в Глебово», «до Нижней Ивановки»), by the object they stand with
//! («вокзал Курск»), or by the address that follows («Рыльск, ул. Ленина»).

use super::declension::{self, Stand};
use super::kinds::{self, Gender};
use super::localities::{Locality, is_first_part};
use super::reading::Reading;
use super::town_forms::{
    is_he, is_known_form, is_of_one_village, is_of_towns, is_of_villages, is_town, plural_base,
};
use super::vocabulary;

/// Prepositions before a town that is named without a word for it.
const INTO: [&str; 10] = ["в", "во", "из", "до", "под", "около", "возле", "близ", "через", "от"];

/// Plurals after «в» that are no towns.
const NOT_PLURALS: [&str; 9] =
    ["услуг", "одноклассник", "новост", "сет", "вайбер", "стро", "комментари", "контакт", "служб"];

/// «в Глебово», «из Курска»: no word for it, but an ending of towns.
pub(super) fn bare(reading: &Reading<'_>, at: usize) -> Option<Locality> {
    if !reading.is_capital(at) || reading.is_shouted(at) {
        return None;
    }
    let word = reading.word(at);
    if let Some(two_words) = bare_of_two(reading, at) {
        return Some(two_words);
    }
    let is_led = is_led_into(reading, at);
    let is_pair = reading.between(at, at + 1) == "-"
        || (at > 0 && reading.between(at - 1, at) == "-")
        || (reading.is_capital(at + 1) && reading.is_adjoining(at, at + 1));
    if is_pair || !is_led {
        return None;
    }
    let written = reading.written(at, at + 1);
    let is_centre = vocabulary::is_centre(word);
    let is_name =
        is_of_villages(word) || is_of_towns(word) || is_plural_town(reading, at) || is_centre;
    if !is_name {
        return None;
    }
    let is_town = is_he(word) || is_centre;
    let gender = if is_town { Gender::He } else { Gender::It };
    let name = declension::settlement(&written, gender, Stand::Oblique);
    let is_in = matches!(reading.word(at - 1), "в" | "во");
    Some(Locality { name, start: at, end: at + 1, is_told_of: is_in })
}

fn is_led_into(reading: &Reading<'_>, at: usize) -> bool {
    at > 0
        && INTO.contains(&reading.word(at - 1))
        && reading.is_together(at - 1, at)
        && reading.is_adjoining(at - 1, at)
}

/// «в Верхнем Сурково», «до Малых Горок»: one of two that share a name.
fn bare_of_two(reading: &Reading<'_>, at: usize) -> Option<Locality> {
    let start = at.checked_sub(1)?;
    let is_two = reading.is_capital(start)
        && reading.is_adjoining(start, at)
        && reading.starts_any(start, &HALVES)
        && is_first_part(reading.word(start))
        && (is_of_villages(reading.word(at)) || is_of_one_village(reading.word(at)))
        && !(reading.is_capital(at + 1) && reading.is_adjoining(at, at + 1));
    if !is_two || !is_led_into(reading, start) {
        return None;
    }
    let name = declension::settlement(&reading.written(start, at + 1), Gender::It, Stand::Oblique);
    let is_told_of = matches!(reading.word(start - 1), "в" | "во");
    Some(Locality { name, start, end: at + 1, is_told_of })
}

/// Beginnings of the adjectives by which two villages of one name are told apart.
const HALVES: [&str; 14] = [
    "больш",
    "верхн",
    "втор",
    "дальн",
    "ближн",
    "кругл",
    "мал",
    "нижн",
    "нов",
    "перв",
    "средн",
    "стар",
    "красн",
    "бел",
];

/// The town after «вокзал» or «станция», where its form tells it.
pub(super) fn at_object(reading: &Reading<'_>, at: usize) -> Option<Locality> {
    let written = reading.written(at, at + 1);
    is_known_form(reading.word(at)).then(|| Locality {
        name: declension::settlement(&written, Gender::He, Stand::Unknown),
        start: at,
        end: at + 1,
        is_told_of: true,
    })
}

/// The town before an address: «Рыльск, ул. Ленина», «Казань, Чистопольская 20».
pub(super) fn heading(reading: &Reading<'_>, street: usize) -> Option<Locality> {
    let last = street.checked_sub(1)?;
    let gap = reading.between(last, street);
    let is_joined = gap.len() <= 3 && gap.chars().all(|sign| matches!(sign, ' ' | ',' | '.'));
    let word = reading.word(last);
    // «Льгова, ул. Мира»: no heading bends, but women's surnames end so.
    let is_name = || {
        is_town(word)
            || declension::is_he_town(word)
            || is_of_villages(word)
            || vocabulary::is_centre(word)
            || matches!(word, "москва" | "дону")
    };
    if !is_joined
        || !reading.is_name_like(last)
        || !is_name()
        || is_signature(reading, last)
        || reading.is_address_word(last)
    {
        return None;
    }
    let mut start = last;
    while start > 0 && start + 2 > last && reading.between(start - 1, start) == "-" {
        start -= 1;
    }
    let name = declension::settlement(&reading.written(start, street), Gender::He, Stand::Itself);
    Some(Locality { name, start, end: street, is_told_of: true })
}

/// «Иван Козлов, ул. Мира», «И. Козлов, ул. Мира», «С уважением, Козлов».
fn is_signature(reading: &Reading<'_>, at: usize) -> bool {
    let word = reading.word(at);
    let is_like_surname = ["ов", "ев", "ин", "ын"].iter().any(|end| word.ends_with(end));
    let Some(before) = at.checked_sub(1).filter(|_| is_like_surname) else { return false };
    let said = reading.word(before);
    let is_initial = said.chars().count() == 1 && reading.is_point_after(before);
    let is_given = reading.is_adjoining(before, at)
        && !kinds::is_adjective_form(said)
        && !reading.is_address_word(before)
        && !["россия", "рф", "область"].contains(&said);
    (reading.is_name_like(before) && (is_initial || is_given)) || said.starts_with("уважени")
}

/// «в Щиграх».
fn is_plural_town(reading: &Reading<'_>, at: usize) -> bool {
    matches!(reading.word(at - 1), "в" | "во")
        && plural_base(reading.word(at)).is_some_and(|base| {
            base.chars().count() > 3 && !NOT_PLURALS.iter().any(|other| base.ends_with(other))
        })
}
