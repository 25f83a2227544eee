//! Streets that no list knows beside their kind word: «ул. Харьковской», «4-й
//! Косиновский переулок», «улиц Луговая и Новая».

use std::sync::Arc;

use crate::rules::text::months::MONTHS;
use crate::rules::text::tokens::TokenKind;

use super::houses;
use super::kinds::{self, Kind};
use super::nominative;
use super::reading::Reading;
use super::streets::Mention;
use super::town_forms;
use super::vocabulary as words;

/// A name after its kind word that goes on past another: what it is called need
/// not be worked out where the list has all of it.
pub(super) fn after_kind(
    reading: &Reading<'_>,
    at: usize,
    start: usize,
    kind: Kind,
    past: usize,
) -> Option<Mention> {
    // «бульвар. Там темно» ends a sentence, «бул. Мира» does not.
    let is_over = kinds::is_full_kind(reading.word(at)) && reading.is_point_after(at);
    let is_near = start > at
        && !is_over
        && reading.is_close(start - 1, start)
        && !reading.between(start - 1, start).contains(',');
    if !is_near || kind.name == "линия" {
        return None;
    }
    // «улица Мирный проезд»: the word before it only says that it is an address.
    let truer = before_kind(reading, start)
        .filter(|one| kind.name == kinds::STREET.name && one.written.is_some_and(kinds::is_his));
    if truer.is_some() {
        return truer.filter(|one| past < one.end);
    }
    let end = name_end(reading, start, Led::by_kind(reading, at, kind))?;
    if end <= past {
        return None;
    }
    let is_of_town = matches!(reading.word(at), "улицы" | "улицам" | "улицах")
        && town_forms::is_town(reading.word(end - 1));
    let is_of_many = matches!(reading.word(at), "улицам" | "улицах" | "улицами")
        && reading.word(end) != "и"
        && !reading.after(end - 1).trim_start().starts_with(',');
    (!is_of_town && !is_of_many).then(|| unknown(reading, start, end, kind))
}

/// A name that goes on after «и» or a comma where several were announced.
pub(super) fn further(reading: &Reading<'_>, start: usize, kind: Kind) -> Option<Mention> {
    name_end(reading, start, Led::Loosely).map(|end| unknown(reading, start, end, kind))
}

/// Whether what stands at `end` leaves the name before it alone.
pub(super) fn ends_apart(reading: &Reading<'_>, end: usize) -> bool {
    reading.is_phrase_end(end - 1)
        || words::is_apart(reading.word(end))
        || houses::follows(reading, end).is_some()
}

/// «…, Цветочная и Садовая», «… — Советская»: another name of the same make.
pub(super) fn alike(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_hers = word.chars().count() > 5
        && (word.ends_with("ая") || word.ends_with("ой"))
        && !kinds::is_common_adjective(word);
    let is_name = reading.is_capital(at)
        && !reading.is_no_name(at)
        && (is_hers || reading.is_honoured(at) || words::is_surname(word))
        && kinds::street_kind(reading, at + 1).is_none();
    is_name.then(|| Mention { written: None, ..unknown(reading, at, at + 1, kinds::STREET) })
}

/// How much the words before a name promise that it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Led {
    /// «ул.», «пр-т», «по улице»: a name must follow.
    Surely,
    /// «улица», «на улице»: may be about any street.
    Loosely,
    /// «проезд», «площадь», «спуск»: ordinary words; only a capital letter tells.
    Hardly,
}

impl Led {
    fn by_kind(reading: &Reading<'_>, at: usize, kind: Kind) -> Led {
        let before = if at > 0 { reading.word(at - 1) } else { "" };
        let is_short = !kinds::is_full_kind(reading.word(at)) || kind.tokens > 1;
        let is_along = before == "по" || before == "адресу" || before == "адрес";
        let is_ordinary =
            ["проезд", "площадь", "спуск", "тупик", "аллея", "тракт"].contains(&kind.name);
        if is_ordinary && !is_short {
            return Led::Hardly;
        }
        if is_short || is_along { Led::Surely } else { Led::Loosely }
    }
}

/// Where the street's name ends that begins at `start`.
fn name_end(reading: &Reading<'_>, start: usize, led: Led) -> Option<usize> {
    let end = match reading.tokens.get(start)?.kind {
        TokenKind::Number => numbered_end(reading, start),
        TokenKind::Word => worded_end(reading, start, led),
        TokenKind::Mention | TokenKind::Link | TokenKind::Hashtag | TokenKind::Email => None,
    }?;
    reading.is_together(start, end - 1).then_some(end)
}

/// A number that is the first part of a name, and where the name goes on.
pub(super) struct Counted<'t> {
    pub number: &'t str,
    pub name: usize,
    /// Written as an ordinal, so that it is no house and no amount.
    pub is_sure: bool,
}

/// «1-я Прогонная», «1-Степной», «2 Выгонный», «3 я Песковская», «3м Весеннем».
pub(super) fn counted<'t>(reading: &Reading<'t>, at: usize) -> Option<Counted<'t>> {
    if !reading.is_number(at) {
        return None;
    }
    let number = reading.word(at).trim_end_matches(['м', 'е', 'ю']);
    let is_plain = number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_apart = matches!(reading.word(at + 1), "я" | "й" | "ая" | "ой" | "ый" | "го")
        && reading.between(at, at + 1).len() <= 1;
    let name = at + 1 + usize::from(is_apart);
    let word = reading.word(name);
    let is_name = reading.is_word(name)
        && reading.is_adjoining(name - 1, name)
        && kinds::is_adjective_form(word)
        && !kinds::is_common_adjective(word);
    if !is_plain || number.is_empty() || !is_name {
        return None;
    }
    let is_ordinal = reading.is_ordinal_number(at) || number.len() < reading.word(at).len();
    let is_glued = reading.between(at, at + 1) == "-";
    let is_sure = is_ordinal || is_apart || is_glued;
    (is_sure || (number.len() <= 2 && (reading.is_capital(name) || is_proper(word))))
        .then_some(Counted { number, name, is_sure })
}

/// «1-я Прогонная», «8 марта», «50 лет Октября», «40-летия Победы».
fn numbered_end(reading: &Reading<'_>, start: usize) -> Option<usize> {
    if let Some(counted) = counted(reading, start).filter(|one| one.name > start + 1) {
        return Some(counted.name + 1);
    }
    let number = reading.word(start);
    if !number.bytes().all(|byte| byte.is_ascii_digit()) || number.len() > 4 {
        return None;
    }
    let next = start + 1;
    let word = reading.word(next);
    if !reading.is_word(next) || !reading.is_close(start, next) || reading.is_phrase_end(start) {
        return None;
    }
    if word == "лет" || word == "летия" {
        let name = next + 1;
        let is_name = reading.is_capital(name)
            || ["октября", "победы", "комсомола", "влксм", "ссср"].contains(&reading.word(name));
        let is_two = is_name
            && reading.is_capital(name + 1)
            && reading.is_adjoining(name, name + 1)
            && kinds::is_adjective_form(reading.word(name));
        return is_name.then_some(name + 1 + usize::from(is_two));
    }
    let is_date = MONTHS.contains(&word) || (word == "года" && number.len() == 4);
    let is_name = reading.is_capital(next)
        || is_date
        || (reading.is_ordinal_number(start) && kinds::is_adjective_form(word));
    (is_name && !reading.is_address_word(next) && !reading.is_no_name(next)).then_some(next + 1)
}

fn worded_end(reading: &Reading<'_>, start: usize, led: Led) -> Option<usize> {
    let word = reading.word(start);
    let is_initial = word.chars().count() == 1;
    if is_initial || (words::is_short_rank(word) && reading.is_point_after(start)) {
        return initials_end(reading, start);
    }
    if matches!(word, "реки" | "канала") && reading.is_capital(start + 1) {
        return Some(start + 2);
    }
    // «улица Набережная»: a kind that is as often a name.
    if start > 0 && kinds::is_shore(word) && !kinds::is_shore(reading.word(start - 1)) {
        return Some(start + 1);
    }
    if reading.is_address_word(start) || reading.is_no_name(start) {
        return None;
    }
    match reading.is_capital(start) {
        true => Some(capital_end(reading, start)),
        false => lower_end(reading, start, led),
    }
}

/// «К. Маркса», «В.И. Ленина».
pub(super) fn initials_end(reading: &Reading<'_>, start: usize) -> Option<usize> {
    let mut end = start;
    while end < start + 2
        && (reading.word(end).chars().count() == 1 || words::is_short_rank(reading.word(end)))
        && reading.is_name_like(end)
        && reading.is_point_after(end)
    {
        end += 1;
    }
    let is_name = end > start
        && reading.is_name_like(end)
        && reading.word(end).chars().count() > 2
        && reading.is_close(end - 1, end);
    is_name.then_some(end + 1)
}

/// How far capital letters go on as one name.
pub(super) fn capital_end(reading: &Reading<'_>, start: usize) -> usize {
    let mut end = hyphened_end(reading, start);
    let goes_on = |end: usize| {
        let word = reading.word(end);
        reading.is_capital(end)
            && reading.is_adjoining(end - 1, end)
            && word.chars().count() > 2
            && !reading.is_address_word(end)
            && !reading.is_no_name(end)
    };
    if reading.is_rank(start) && is_service(reading, end) {
        return end + 2;
    }
    if nominative::is_before_others(reading.word(start)) && is_place_noun(reading, end) {
        return end + 1;
    }
    if is_owned_place(reading, start, end) || is_water(reading, end) {
        return end + 1;
    }
    let is_pair = PAIRS.iter().any(|(one, other)| {
        reading.word(start) == *one && reading.word(end) == "и" && reading.word(end + 1) == *other
    });
    if is_pair {
        return end + 2;
    }
    // «Бойцов 9-й Дивизии», «Партизан 2 бригады».
    if reading.is_number(end)
        && UNITS.contains(&reading.word(end + 1))
        && reading.is_adjoining(end - 1, end)
        && reading.is_adjoining(end, end + 1)
    {
        return end + 2;
    }
    if !goes_on(end) || end > start + 1 {
        return end;
    }
    let (first, second) = (reading.word(start), reading.word(end));
    let is_adjective = kinds::is_adjective_form(first);
    // «Ленинского Комсомола», «Красной Армии», «Старая Слобода».
    let is_phrase = is_adjective
        && (nominative::is_before_others(first)
            || (["ого", "его", "ой", "ей", "ых", "их"].iter().any(|end| first.ends_with(end))
                && second.ends_with(['а', 'я', 'ы', 'и'])));
    let is_of_many = ["ых", "их"].iter().any(|end| first.ends_with(end))
        && ["ов", "ев", "ей"].iter().any(|end| second.ends_with(end));
    let is_person = !is_adjective
        && (reading.is_rank(start)
            || words::is_given(first)
            || (first.ends_with(['а', 'я', 'ы', 'и'])
                && !words::is_surname(first)
                && !reading.is_honoured(start)));
    if is_phrase || is_of_many || is_person {
        end = hyphened_end(reading, end);
    }
    let is_ranked = reading.is_rank(start) && !words::is_surname(second) && goes_on(end);
    end + usize::from(is_ranked)
}

/// «Полковника милиции Курочкина».
fn is_service(reading: &Reading<'_>, at: usize) -> bool {
    ["милиции", "полиции", "авиации", "армии", "флота"].contains(&reading.word(at))
        && reading.is_word(at + 1)
        && reading.is_adjoining(at, at + 1)
}

/// Two who have one street.
const PAIRS: [(&str, &str); 4] = [
    ("сакко", "ванцетти"),
    ("минина", "пожарского"),
    ("кирилла", "мефодия"),
    ("петра", "февронии"),
];
/// Bodies of men that a street is called after by their number.
const UNITS: [&str; 7] = ["дивизии", "армии", "бригады", "роты", "батальона", "полка", "пятилетки"];

/// «Нижняя Набережная», «Красная линия»: kinds that are part of a name.
fn is_place_noun(reading: &Reading<'_>, at: usize) -> bool {
    let word = reading.word(at);
    let is_plain = ["линия", "слобода", "горка", "поляна", "заря", "звезда"].contains(&word);
    let is_kind = ["набережная", "набережной", "площадь", "аллея", "дорога"].contains(&word);
    let is_apart = || reading.is_phrase_end(at) || words::is_apart(reading.word(at + 1));
    reading.is_adjoining(at.max(1) - 1, at)
        && ((is_plain || is_kind) && reading.is_capital(at) || (is_plain && is_apart()))
}

/// «Обводного канала», «Северного моря».
fn is_water(reading: &Reading<'_>, at: usize) -> bool {
    reading.is_adjoining(at - 1, at)
        && ["канала", "моря", "озера", "залива"].contains(&reading.word(at))
        && kinds::is_adjective_form(reading.word(at - 1))
}

/// «Евграфов Бугор», «Попов Лог».
fn is_owned_place(reading: &Reading<'_>, start: usize, at: usize) -> bool {
    let is_owner = ["ов", "ев", "ин", "ын"].iter().any(|end| reading.word(start).ends_with(end));
    is_owner
        && reading.is_capital(at)
        && reading.is_adjoining(at - 1, at)
        && ["бугор", "лог", "яр", "вал", "верх", "ряд", "овраг", "луг", "конец", "угол", "брод"]
            .contains(&reading.word(at))
}

fn hyphened_end(reading: &Reading<'_>, start: usize) -> usize {
    let mut end = start + 1;
    while end < start + 3
        && reading.is_word(end)
        && reading.is_capital(end)
        && reading.between(end - 1, end) == "-"
        && !reading.is_honoured(end - 1)
        // «Ново-Садовая» is one, «Кирова-Советская» two.
        && (!reading.word(end).ends_with("ая") || reading.word(end - 1).ends_with(['о', 'е']))
        // «Мыльникова-Майскому бульвару» are two.
        && !(kinds::is_adjective_form(reading.word(end))
            && kinds::street_kind(reading, end + 1).is_some())
    {
        end += 1;
    }
    end
}

/// A name in small letters, or all in capitals.
fn lower_end(reading: &Reading<'_>, start: usize, led: Led) -> Option<usize> {
    let word = reading.word(start);
    if led == Led::Hardly && !reading.is_loud(start) {
        return None;
    }
    let has_next = reading.is_word(start + 1) && reading.is_adjoining(start, start + 1);
    let next = if has_next { reading.word(start + 1) } else { "" };
    if has_next && (reading.is_rank(start) || words::is_given(word)) && next.chars().count() > 3 {
        return Some(start + 2 + usize::from(is_service(reading, start + 1)));
    }
    if has_next && nominative::is_before_others(word) && reading.is_capital(start + 1) {
        return Some(start + 2);
    }
    let is_two = has_next
        && nominative::is_before_others(word)
        && !words::is_apart(next)
        && !reading.is_address_word(start + 1)
        && reading.is_phrase_end(start + 1)
        && led == Led::Loosely;
    if is_two {
        return Some(start + 2);
    }
    let has_house = || houses::follows(reading, start + 1).is_some();
    let is_common = kinds::is_common_adjective(word);
    let is_named = reading.is_honoured(start)
        || words::is_surname(word)
        || (is_proper(word) && word.ends_with("ая") && ends_apart(reading, start + 1))
        || (nominative::adjective_base(word).is_some()
            && !is_common
            && is_in_case(reading, start, led))
        || (reading.is_lower_word(start) || reading.is_loud(start)) && has_house();
    let is_promised =
        led == Led::Surely && word.chars().count() > 3 && !words::is_apart(word) && !is_common;
    (is_named || is_promised).then_some(start + 1)
}

/// «по улице республиканская», «на улице республиканской»: an adjective after
/// the kind; «улица грязная» says what it is like.
fn is_in_case(reading: &Reading<'_>, start: usize, led: Led) -> bool {
    let kind = if start > 0 { reading.word(start - 1) } else { "" };
    let word = reading.word(start);
    let is_oblique = matches!(kind, "улице" | "улицы") && word.ends_with("ой");
    // «до улицы запольная»: no grammar, so a name.
    let is_itself = matches!(kind, "улице" | "улицы" | "улицу") && word.ends_with("ая");
    let is_itself = is_itself && ends_apart(reading, start + 1);
    led == Led::Surely || is_oblique || is_itself || houses::follows(reading, start + 1).is_some()
}

/// «Казанская улица», «4-й Косиновский переулок» where the pack has none such.
pub(super) fn before_kind(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let counted = counted(reading, at).filter(|one| one.is_sure || !follows_street(reading, at));
    let has_number = counted.is_some();
    let adjective = counted.as_ref().map_or(at, |counted| counted.name);
    let kind = kinds::street_kind(reading, adjective + 1)?;
    let word = reading.word(adjective);
    let after = adjective + 1 + kind.tokens;
    // «Старый проспект Мира» is another street.
    let goes_on = reading.is_capital(after) && reading.is_adjoining(after - 1, after);
    let is_full = kinds::is_full_kind(reading.word(adjective + 1));
    // «Невский пр., 22»; what follows «пер. » with a capital is its own name.
    let is_short = || {
        kinds::agrees(word, kind.name)
            && reading.is_capital(adjective)
            && !town_forms::is_town(word)
            && (!reading.is_capital(after) || reading.is_address_word(after))
    };
    let is_name = reading.is_word(adjective)
        && reading.is_together(at, adjective + 1)
        && reading.is_adjoining(adjective, adjective + 1)
        && (is_full && kinds::agrees(word, kind.name) || is_short())
        && kinds::is_adjective_form(word)
        && !kinds::is_common_adjective(word)
        && (reading.is_capital(adjective) || has_number || is_proper(word))
        && !goes_on;
    is_name.then(|| {
        let end = adjective + 1 + kind.tokens;
        let name = nominative::street_before(&reading.written(adjective, adjective + 1), kind);
        let number = counted.map(|counted| kinds::ordinal(counted.number, kind));
        let name = format!("{}{name}", number.unwrap_or_default());
        Mention { start: at, end, name, ..bare(kind) }
    })
}

/// «Мира 5 Садовый переулок»: the number is the house of the street before it.
fn follows_street(reading: &Reading<'_>, at: usize) -> bool {
    at > 0
        && kinds::street_kind(reading, at - 1).is_none()
        && (reading.is_capital(at - 1)
            || reading.is_number(at - 1)
            || reading.is_address_word(at - 1)
                && !matches!(reading.word(at - 1), "на" | "по" | "в" | "и" | "от" | "до"))
}

/// «московской улице»: an adjective of a town or a person needs no capital letter.
fn is_proper(word: &str) -> bool {
    const OTHERS: [&str; 8] =
        ["городск", "сельск", "деревенск", "соседск", "поселковск", "людск", "адск", "детск"];
    ["ская", "ской", "скую", "ский", "ском", "ского", "скому"].iter().any(|end| word.ends_with(end))
        && !OTHERS.iter().any(|other| word.starts_with(other))
}

pub(super) fn unknown(reading: &Reading<'_>, start: usize, end: usize, kind: Kind) -> Mention {
    // «1-го Мая» is a day, «1-я Прогонная» the first of several.
    let is_day = MONTHS.contains(&reading.word(start + 1));
    let counted = counted(reading, start).filter(|one| end > one.name && !is_day);
    let (number, first) = match counted {
        Some(counted) => (kinds::ordinal(counted.number, kind), counted.name),
        // «1ая Коноплянка»; «3-го Интернационала» counts no streets.
        None if reading.is_ordinal_number(start)
            && !reading.raw(start).ends_with('о')
            && end > start + 1
            && !is_day =>
        {
            (kinds::ordinal(reading.word(start), kind), start + 1)
        }
        None => (String::new(), start),
    };
    let written = spaced(&reading.written(first, end));
    let name = with_unit(&nominative::street(&written, kind));
    Mention { start, end, name: format!("{number}{name}"), ..bare(kind) }
}

/// «Бойцов 9 Дивизии» and «Бойцов 9-Дивизии» are «Бойцов 9-й Дивизии».
fn with_unit(name: &str) -> String {
    let words: Vec<&str> = name.split([' ', '-']).collect();
    match words.as_slice() {
        [men, number, rest @ .., unit]
            if number.bytes().all(|byte| byte.is_ascii_digit())
                && matches!(rest, [] | ["й" | "го" | "ой"])
                && UNITS.contains(&unit.to_lowercase().as_str()) =>
        {
            let ending = if unit.ends_with('и') || unit.ends_with('ы') { "й" } else { "го" };
            format!("{men} {number}-{ending} {unit}")
        }
        _ => name.to_owned(),
    }
}

/// «К.Маркса» is «К. Маркса», «50лет» is «50 лет».
pub(super) fn spaced(written: &str) -> String {
    let mut spaced = String::with_capacity(written.len() + 1);
    let mut letters = written.chars().peekable();
    while let Some(letter) = letters.next() {
        spaced.push(letter);
        let next = letters.peek().copied().unwrap_or(' ');
        let is_glued = (letter == '.' && next.is_alphanumeric())
            || (letter.is_ascii_digit() && next.is_alphabetic());
        if is_glued {
            spaced.push(' ');
        }
    }
    spaced
}

pub(super) fn bare(kind: Kind) -> Mention {
    Mention {
        start: 0,
        end: 0,
        kind: Some(kind.name.to_owned()),
        name: String::new(),
        said: None,
        settlements: Arc::default(),
        written: Some(kind.name),
        others: Vec::new(),
    }
}
