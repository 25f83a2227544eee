//! Objects that a text names: «школа №55», «34-й автобус», «остановка Рынок»,
//! the well-known objects of the pack.

use crate::model::region::Landmark;
use crate::rules::text::stem::{StemId, StemMemo};
use crate::rules::text::tokens::TokenKind;

use super::classes::Classes;
use super::declension;

use super::houses;
use super::kinds::{self, Gender, Kind};
use super::names::{Named, Names};
use super::nominative;
use super::reading::Reading;
use super::titled::{self, KIND_LETTERS_MAX};

/// An object's mention.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub start: usize,
    pub end: usize,
    /// `школа 55`, `маршрут 34`, `остановка Рынок`, or the pack's name.
    pub name: String,
    /// Settlements of the pack that have it; empty for an unknown one.
    pub settlements: Vec<String>,
    /// What the pack calls it there, one for each of the settlements; empty
    /// where all call it the same.
    pub local_names: Vec<String>,
    /// What the text itself calls it, where that is another name; empty where it
    /// is no object in its words but a part of the town.
    pub said: Option<String>,
    /// Where in it a town is named: «вокзал Курск», «станция Дьяконово».
    pub town: Option<usize>,
    pub because: &'static str,
}

/// Kinds of objects that have numbers: normal form, beginnings of the word, and
/// whether it is a line of transport.
const NUMBERED: [(&str, &[&str]); 12] = [
    ("школа", &["школ", "сош", "мбоу"]),
    ("гимназия", &["гимнази"]),
    ("лицей", &["лице"]),
    ("детский сад", &["садик", "детсад", "мбдоу", "мдоу", "доу"]),
    ("поликлиника", &["поликлиник"]),
    ("больница", &["больниц", "горбольниц"]),
    ("роддом", &["роддом"]),
    ("колледж", &["колледж"]),
    ("общежитие", &["общежити"]),
    ("аптека", &["аптек"]),
    ("ОПС", &["опс"]),
    ("маршрут", &["маршрут", "автобус", "троллейбус", "трамва", "маршрутк"]),
];
/// «детский сад», «дет. сад», «д/с» and their numbers' kin.
pub(super) const GARDENS: [&str; 7] = ["детск", "дет", "д", "садик", "мбдоу", "мдоу", "доу"];
/// What the text calls an object of a kind, where it has a word of its own.
const SAID: [(&str, &str); 9] = [
    ("маршрутк", "маршрутка"),
    ("маршрут", "маршрут"),
    ("автобус", "автобус"),
    ("троллейбус", "троллейбус"),
    ("трамва", "трамвай"),
    ("мбдоу", "МБДОУ"),
    ("мдоу", "МДОУ"),
    ("горбольниц", "горбольница"),
    ("садик", "детский сад"),
];
/// Beginnings of words that begin as a kind does.
const NOT_KINDS: [&str; 10] = [
    "школьн",
    "школяр",
    "автобусн",
    "лицензи",
    "лицемер",
    "больничн",
    "трамвайн",
    "троллейбусн",
    "маршрутн",
    "аптечк",
];
/// Numbers of one enumeration («маршруты 34, 35 и 36»).
const NUMBERS_MAX: usize = 6;
#[derive(Default)]
pub(super) struct Objects {
    names: Names,
    list: Vec<Known>,
}

struct Known {
    name: String,
    settlement: String,
    /// A part of the town: it says where, and is no object.
    is_district: bool,
}

impl Objects {
    pub fn classes(&self, stem: StemId) -> Classes {
        Classes::OBJECT_NAME.only_if(self.names.may_begin(stem))
    }

    pub fn new(memo: &mut StemMemo, landmarks: &[Landmark]) -> Objects {
        let mut objects = Objects::default();
        for landmark in landmarks {
            let owner = objects.list.len();
            objects.names.add(memo, owner, &landmark.name);
            for alias in &landmark.aliases {
                objects.names.add(memo, owner, alias);
            }
            let (name, settlement) = (landmark.name.clone(), landmark.settlement.clone());
            let is_district = landmark.kind == "district";
            objects.list.push(Known { name, settlement, is_district });
        }
        objects
    }

    /// Every object that the text names, in its order.
    pub fn mentions(&self, reading: &Reading<'_>) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let of_transport = speaks_of_transport(reading);
        let mut at = 0;
        while at < reading.tokens.len() {
            if !may_begin(reading, at) {
                at += 1;
                continue;
            }
            let found = self.at(reading, at, of_transport);
            at = found.last().map_or(at + 1, |mention| mention.end.max(at + 1));
            mentions.extend(found);
        }
        mentions
    }

    fn at(&self, reading: &Reading<'_>, at: usize, of_transport: bool) -> Vec<Mention> {
        let numbered = numbered(reading, at);
        if !numbered.is_empty() {
            return numbered.into_iter().map(|mention| self.located(reading, mention)).collect();
        }
        // «остановка Рынок» is a stop before it is a line or a market.
        if reading.word(at).starts_with("ост")
            && let Some(stop) = titled::at(reading, at)
        {
            return vec![stop];
        }
        if let Some(line) = of_transport.then(|| bare_line(reading, at)).flatten() {
            return vec![line];
        }
        let titled = titled::at(reading, at);
        let named = self.landmark(reading, at).or_else(|| numbered_quarter(reading, at));
        // «жд вокзал Курск» says more than the list's «жд вокзал».
        let is_longer = |named: &Mention| titled.as_ref().is_some_and(|one| one.end > named.end);
        if let Some(named) = named.filter(|named| !is_longer(named)) {
            return vec![named];
        }
        let all = titled.map(|one| titled::with_further(reading, at, one)).unwrap_or_default();
        all.into_iter().map(|one| self.located(reading, one)).collect()
    }

    /// A numbered object that the pack knows: where it is.
    fn located(&self, reading: &Reading<'_>, mention: Mention) -> Mention {
        let settlements: Vec<String> = self
            .names
            .at(mention.start, reading.tokens, reading.stems)
            .into_iter()
            .filter(|named| named.end == mention.end)
            .map(|named| self.list[named.owner].settlement.clone())
            .collect();
        Mention { settlements, ..mention }
    }

    fn landmark(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        // «рейс «рынок-жд вокзал»»: the end of a way.
        let is_end = at > 0 && matches!(reading.between(at - 1, at), "-" | "–");
        if is_end && !reading.is_capitalised(at) {
            return None;
        }
        let named = self.names.at(at, reading.tokens, reading.stems);
        // «на Пушкинской» is no «Пушкинский».
        let is_form = |named: &&Named| {
            let mut words = self.names.words(named).iter().zip(named.start..);
            named.exact || words.all(|(name, at)| declension::is_form(name, reading.word(at)))
        };
        let named: Vec<Named> = named.iter().filter(is_form).copied().collect();
        let best = named.iter().find(|named| {
            let is_long = named.end - named.start > 1;
            let word = reading.word(at);
            is_long
                || (reading.is_name_like(at) && !reading.is_sentence_start(at))
                || (named.lower && !kinds::is_adjective_form(word))
        })?;
        let is_district = self.list[best.owner].is_district;
        let said = if is_district { String::new() } else { self.names.name(best).to_owned() };
        let alike = || named.iter().filter(|other| other.end == best.end);
        let known = |named: &Named| &self.list[named.owner];
        Some(Mention {
            start: at,
            end: best.end,
            name: known(best).name.clone(),
            settlements: alike().map(|one| known(one).settlement.clone()).collect(),
            local_names: alike().map(|one| known(one).name.clone()).collect(),
            said: Some(said),
            town: None,
            because: "object_named",
        })
    }
}

/// Nearly every token is none at which an object is named.
fn may_begin(reading: &Reading<'_>, at: usize) -> bool {
    let word = Classes::NUMBERED | Classes::ORDINAL | Classes::QUARTER;
    reading.may_be(at, word | Classes::OBJECT_NAME) || titled::may_be_at(reading, at)
}

/// Whether a word begins as a kind that has numbers does.
pub(super) fn may_have_number(word: &str) -> bool {
    let mut starts = NUMBERED.iter().flat_map(|(_, starts)| starts.iter()).chain(&GARDENS);
    starts.any(|start| begins(word, start))
}

/// Whether a word begins so; a single letter is a word by itself.
pub(super) fn begins(word: &str, start: &str) -> bool {
    let is_letter = start.chars().nth(1).is_none();
    word == start || (!is_letter && word.starts_with(start))
}

/// A kind word at token `at`, and the tokens that it takes.
pub(super) fn kind_word(reading: &Reading<'_>, at: usize) -> Option<(&'static str, usize)> {
    if !reading.may_be(at, Classes::NUMBERED) {
        return None;
    }
    let word = reading.word(at);
    let is_garden = word.starts_with("детск") && reading.starts_any(at + 1, &["сад"]);
    let is_short_garden =
        word == "д" && reading.word(at + 1) == "с" && reading.between(at, at + 1) == "/";
    let is_dotted_garden = word == "дет" && reading.starts_any(at + 1, &["сад"]);
    if is_garden || is_short_garden || is_dotted_garden {
        return Some(("детский сад", 2));
    }
    if word.starts_with("школ") && reading.starts_any(at + 1, &["интернат"]) {
        return Some(("школа-интернат", 2));
    }
    if word.starts_with("маршрутн") && reading.word(at + 1) == "такси" {
        return Some(("маршрут", 2));
    }
    if word.starts_with("трамвайн") && reading.starts_any(at + 1, &["вагон"]) {
        return Some(("маршрут", 2));
    }
    if word.chars().count() > KIND_LETTERS_MAX || reading.starts_any(at, &NOT_KINDS) {
        return None;
    }
    let kind =
        NUMBERED.iter().find(|(_, starts)| starts.iter().any(|start| word.starts_with(start)));
    kind.map(|(kind, _)| (*kind, 1))
}

/// «школа №55», «маршруты 34 и 35», «55 школа», «пятая школа».
fn numbered(reading: &Reading<'_>, at: usize) -> Vec<Mention> {
    if let Some((kind, length)) = kind_word(reading, at) {
        let said = said_kind(reading, at, kind);
        let all = numbers_after(reading, at, kind, at + length).into_iter();
        return all.map(|one| said_as(one, said.as_deref())).collect();
    }
    if let Some(number) = houses::compound_ordinal(reading, at) {
        let kind = kind_word(reading, at + 2);
        let line = kind.map(|(kind, more)| {
            let line = mention(kind, &number.to_string(), at, at + 2 + more);
            said_as(line, said_kind(reading, at + 2, kind).as_deref())
        });
        return line.into_iter().collect();
    }
    if !reading.is_number(at) && !reading.may_be(at, Classes::ORDINAL) {
        return Vec::new();
    }
    // «третья городская больница»
    let described = (1..=DESCRIBING_MAX)
        .take_while(|ahead| is_describing(reading, at + ahead))
        .last()
        .unwrap_or(0);
    let place = at + 1 + described;
    let Some((kind, length)) = kind_word(reading, place) else { return Vec::new() };
    if !reading.is_adjoining(at, at + 1) {
        return Vec::new();
    }
    let number = match houses::ordinal(reading.word(at)) {
        Some(number) => number.to_string(),
        None if is_label(reading, at) && is_one_of_its_kind(reading, at, place) => {
            reading.word(at).to_owned()
        }
        None => return Vec::new(),
    };
    let said = said_kind(reading, place, kind);
    vec![said_as(mention(kind, &number, at, place + length), said.as_deref())]
}

/// What the text calls the kind: «трамвай» for a line, «детская поликлиника».
fn said_kind(reading: &Reading<'_>, at: usize, kind: &str) -> Option<String> {
    if reading.word(at).starts_with("трамвайн") {
        return Some("трамвайный вагон".to_owned());
    }
    if let Some((_, said)) = SAID.iter().find(|(start, _)| reading.word(at).starts_with(start)) {
        return Some((*said).to_owned());
    }
    let is_described = matches!(kind, "больница" | "поликлиника");
    let first = (1..=DESCRIBING_MAX)
        .take_while(|back| is_described && *back <= at && is_describing(reading, at - back))
        .last()?;
    let gender = Kind { name: "", gender: Gender::She, tokens: 0 };
    let adjectives = (at - first..at).map(|one| {
        let word = reading.written(one, one + 1);
        let nominative = nominative::street_before(&word, gender);
        if reading.is_capital(one) { nominative } else { nominative.to_lowercase() }
    });
    Some(adjectives.chain([kind.to_owned()]).collect::<Vec<_>>().join(" "))
}

/// Adjectives before an institution that belong to its name.
const DESCRIBING_MAX: usize = 3;

fn is_describing(reading: &Reading<'_>, at: usize) -> bool {
    let starts = [
        "детск",
        "городск",
        "областн",
        "районн",
        "центральн",
        "взросл",
        "стоматолог",
        "клиническ",
        "железнодорожн",
        "инфекционн",
        "женск",
    ];
    let word = reading.word(at);
    let is_of_town = reading.is_capital(at) && word.contains("ск");
    reading.is_adjoining(at, at + 1)
        && kinds::is_adjective_form(word)
        && (is_of_town || starts.iter().any(|start| word.starts_with(start)))
}

fn said_as(mention: Mention, kind: Option<&str>) -> Mention {
    let number = mention.name.rsplit(' ').next().unwrap_or_default();
    let said = kind.map(|kind| match kind {
        "маршрут" => format!("{kind} {number}"),
        _ => format!("{kind} №{number}"),
    });
    Mention { said, ..mention }
}

/// Whether the text is about buses and trams at all.
fn speaks_of_transport(reading: &Reading<'_>) -> bool {
    let is_of_it =
        |at: usize| reading.may_be(at, Classes::TRANSPORT) && is_of_transport(reading.word(at));
    (0..reading.tokens.len()).any(is_of_it)
}

pub(super) fn is_of_transport(word: &str) -> bool {
    const STARTS: [&str; 6] = ["автобус", "маршрут", "троллейбус", "трамва", "рейс", "кондуктор"];
    STARTS.iter().any(|start| word.starts_with(start))
}

/// «где 48», «48-й опять не пришёл», «сорок восьмого нет»: a line of transport
/// without the word, in a text that speaks of transport.
fn bare_line(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if let Some(number) = houses::compound_ordinal(reading, at) {
        let is_counted = houses::is_counted(reading, at + 1);
        return (!is_counted).then(|| mention("маршрут", &number.to_string(), at, at + 2));
    }
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let stands = is_label(reading, at)
        && !houses::is_counted(reading, at)
        && !reading.starts_any(at + 1, &NOT_OF_LINES)
        && !["у", "возле", "около", "напротив", "до", "дом", "дома", "д"].contains(&before);
    let opens = || {
        at == 0
            || reading.is_sentence_start(at)
            || reading.between(at - 1, at).contains([':', ',', ';', '—', '('])
            || BEFORE_LINES.contains(&before)
    };
    let goes = || reading.starts_any(at + 1, &AFTER_LINES) && reading.is_adjoining(at, at + 1);
    let is_said =
        stands && if reading.is_ordinal_number(at) { opens() || goes() } else { opens() && goes() };
    is_said.then(|| mention("маршрут", reading.word(at), at, at + 1))
}

/// Beginnings of what is counted by ordinals besides lines.
#[rustfmt::skip]
const NOT_OF_LINES: [&str; 17] = [
    "дом", "кварт", "микрорайон", "мкр", "год", "числ", "мест", "корпус", "отделен", "участк",
    "полос", "крайн", "ряд", "групп", "смен", "вагон", "суток",
];
const BEFORE_LINES: [&str; 12] =
    ["где", "опять", "снова", "на", "ждем", "жду", "и", "а", "этот", "наш", "номер", "почему"];
/// Beginnings of what a line does, or does not.
const AFTER_LINES: [&str; 16] = [
    "не",
    "нет",
    "опять",
    "снова",
    "уже",
    "так",
    "ход",
    "едет",
    "идет",
    "приш",
    "прие",
    "проп",
    "исчез",
    "отмен",
    "битком",
    "убрали",
];

/// «2-й микрорайон», «мкр. №1», «микрорайон 5», «15 квартал».
fn numbered_quarter(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if let Some(kind) = quarter(reading.word(at)) {
        if let Some(letter) = lettered_quarter(reading, at, kind) {
            return Some(letter);
        }
        let number = at + 1 + usize::from(matches!(reading.word(at + 1), "n" | "no" | "номер"));
        let stands = is_quarter_number(reading, number, kind)
            && reading.is_close(number - 1, number)
            && !houses::is_counted(reading, number)
            && !["ых", "их", "ов", "ев"].iter().any(|end| reading.word(number + 1).ends_with(end));
        return stands.then(|| mention(kind, reading.word(number), at, number + 1));
    }
    let kind = quarter(reading.word(at + 1)).filter(|_| reading.is_adjoining(at, at + 1))?;
    if let Some(number) = houses::ordinal(reading.word(at)).filter(|_| kind == "микрорайон")
    {
        return Some(mention(kind, &number.to_string(), at, at + 2));
    }
    // «дом 32 микрорайона Северный»
    let is_house = at > 0 && reading.starts_any(at - 1, &["дом", "д"])
        || reading.word(at + 1) == "микрорайона" && reading.is_capital(at + 2);
    let stands = is_quarter_number(reading, at, kind) && !is_house;
    stands.then(|| mention(kind, reading.word(at), at, at + 2))
}

/// «мкр В, 32», «микр. «Б» д. 7»: quarters that have letters for names.
fn lettered_quarter(reading: &Reading<'_>, at: usize, kind: &str) -> Option<Mention> {
    let letter = at + 1;
    let is_letter = kind == "микрорайон"
        && reading.is_name_like(letter)
        && reading.word(letter).chars().count() == 1
        // «микрорайон N 5»
        && reading.word(letter) != "n"
        && reading.is_close(at, letter)
        && !reading.between(at, letter).contains(',');
    let leads_on = reading.is_number(letter + 1) || houses::is_house_word(reading.word(letter + 1));
    let stands = is_letter && (reading.is_phrase_end(letter) || leads_on);
    stands.then(|| mention(kind, reading.raw(letter), at, letter + 1))
}

/// Whether an object's name is a quarter's: houses have its name for a street's.
pub fn is_quarter(name: &str) -> bool {
    ["микрорайон ", "квартал "].iter().any(|kind| name.starts_with(kind))
}

pub(super) fn quarter(word: &str) -> Option<&'static str> {
    match word {
        "мкр" | "мкрн" | "микр" => Some("микрорайон"),
        "квартал" | "квартала" | "квартале" => Some("квартал"),
        _ => word.starts_with("микрорайон").then_some("микрорайон"),
    }
}

/// A year has quarters too, but only four.
fn is_quarter_number(reading: &Reading<'_>, at: usize, kind: &str) -> bool {
    let number = || reading.word(at).parse::<u32>().unwrap_or(0);
    is_label(reading, at) && (kind != "квартал" || number() > 4)
}

fn mention(kind: &str, number: &str, start: usize, end: usize) -> Mention {
    let name = format!("{kind} {number}");
    Mention {
        start,
        end,
        name,
        settlements: Vec::new(),
        local_names: Vec::new(),
        said: None,
        town: None,
        because: "numbered_object",
    }
}

fn numbers_after(reading: &Reading<'_>, start: usize, kind: &str, from: usize) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut at = from;
    while mentions.len() < NUMBERS_MAX {
        // «под номером 087», «71-619К № 1287»
        at += usize::from(reading.word(at) == "под" && reading.word(at + 1) == "номером");
        at += model_tokens(reading, at);
        let joint = ["номер", "номером", "номера", "no", "n", "и"].contains(&reading.word(at));
        let is_joint = joint && (reading.word(at) != "и" || !mentions.is_empty());
        let number = at + usize::from(is_joint);
        let stands = is_label(reading, number)
            && (is_joint || reading.is_close(number - 1, number))
            && !houses::is_amount(reading, number);
        if !stands {
            break;
        }
        let start = if mentions.is_empty() { start } else { number };
        mentions.push(mention(kind, reading.word(number), start, number + 1));
        at = number + 1;
    }
    mentions
}

/// «71-619К» before another number is what the tram is built like.
fn model_tokens(reading: &Reading<'_>, at: usize) -> usize {
    let is_model = reading.is_number(at)
        && reading.is_number(at + 1)
        && reading.between(at, at + 1) == "-"
        && reading.between(at + 1, at + 2).contains('№');
    if is_model { 2 } else { 0 }
}

/// A number that can be a name: up to four digits, perhaps with a letter.
fn is_label(reading: &Reading<'_>, at: usize) -> bool {
    let Some(token) = reading.tokens.get(at) else { return false };
    let digits = token.normal.bytes().take_while(u8::is_ascii_digit).count();
    token.kind == TokenKind::Number
        && (1..=4).contains(&digits)
        && token.normal.len() <= digits + 2
        && !token.normal.contains(['.', ':', '/'])
        && (!token.normal.starts_with('0') || digits == 3)
}

/// Before a number they ask for a form that a number of things has not.
const OF_ONE: [&str; 16] = [
    "у",
    "от",
    "из",
    "до",
    "около",
    "возле",
    "напротив",
    "против",
    "вдоль",
    "мимо",
    "сторону",
    "районе",
    "здания",
    "территории",
    "рядом",
    "после",
];
/// What is hers has one form for «of one» and for two to four of them.
const HERS_OF_ONE: [&str; 5] = ["школы", "гимназии", "поликлиники", "больницы", "аптеки"];

const HERS: [&str; 5] = ["школа", "поликлиника", "больница", "аптека", "маршрутка"];

/// «34 автобус» is a line, «3 автобуса» and «5 автобусов» are a number of them.
fn is_one_of_its_kind(reading: &Reading<'_>, at: usize, place: usize) -> bool {
    if reading.is_ordinal_number(at) {
        return true;
    }
    let word = reading.word(place);
    let number: u32 = reading.word(at).parse().unwrap_or(u32::MAX);
    // «у 3 школ» would be three of them, «у 3 школы» is the third.
    let of_one = at > 0 && OF_ONE.contains(&reading.word(at - 1));
    if HERS_OF_ONE.contains(&word) {
        return of_one || !matches!((number % 100, number % 10), (0..=10 | 15.., 2..=4));
    }
    let is_plural = ["ов", "ев", "ек", "иц", "ник", "ы", "и", "ам", "ах"]
        .iter()
        .any(|ending| word.ends_with(ending))
        || word == "школ";
    let is_counted = !of_one && number <= 4 && word.ends_with('а') && !HERS.contains(&word);
    !is_plural && !is_counted
}
