//! Objects that a text names: «школа №55», «34-й автобус», «остановка Рынок»,
//! the well-known objects of the pack.

use crate::model::region::Region;
use crate::rules::text::stem::StemMemo;
use crate::rules::text::tokens::TokenKind;

use super::houses;
use super::kinds;
use super::names::{Named, Names};
use super::reading::{Reading, is_quote};

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
    pub because: &'static str,
}

/// Kinds of objects that have numbers: normal form, beginnings of the word, and
/// whether it is a line of transport.
const NUMBERED: [(&str, &[&str]); 8] = [
    ("школа", &["школ", "сош", "мбоу"]),
    ("гимназия", &["гимнази"]),
    ("лицей", &["лице"]),
    ("детский сад", &["садик", "детсад", "детсадик"]),
    ("поликлиника", &["поликлиник"]),
    ("больница", &["больниц", "горбольниц"]),
    ("роддом", &["роддом"]),
    ("маршрут", &["маршрут", "автобус", "троллейбус", "трамва", "маршрутк"]),
];
/// Beginnings of words that begin as a kind does.
const NOT_KINDS: [&str; 6] = ["школьн", "школяр", "автобусн", "лицензи", "лицемер", "больничн"];
/// Longest form of a kind word: «маршруточками» is as long as it gets.
const KIND_LETTERS_MAX: usize = 14;
/// Numbers of one enumeration («маршруты 34, 35 и 36»).
const NUMBERS_MAX: usize = 6;
/// Words of a stop's name.
const STOP_WORDS_MAX: usize = 3;
const STOP_WORDS_QUOTED_MAX: usize = 5;

#[derive(Default)]
pub(super) struct Objects {
    names: Names,
    list: Vec<Known>,
}

struct Known {
    name: String,
    settlement: String,
}

impl Objects {
    pub fn new(memo: &mut StemMemo, region: &Region) -> Objects {
        let mut objects = Objects::default();
        for landmark in &region.landmarks {
            let owner = objects.list.len();
            objects.names.add(memo, owner, &landmark.name);
            for alias in &landmark.aliases {
                objects.names.add(memo, owner, alias);
            }
            let (name, settlement) = (landmark.name.clone(), landmark.settlement.clone());
            objects.list.push(Known { name, settlement });
        }
        objects
    }

    /// Every object that the text names, in its order.
    pub fn mentions(&self, reading: &Reading<'_>) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let of_transport = speaks_of_transport(reading);
        let mut at = 0;
        while at < reading.tokens.len() {
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
        if let Some(stop) = stop(reading, at) {
            return vec![stop];
        }
        if let Some(line) = bare_line(reading, at).filter(|_| of_transport) {
            return vec![line];
        }
        if let Some(titled) = titled(reading, at) {
            return vec![self.located(reading, titled)];
        }
        self.landmark(reading, at).into_iter().collect()
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
        let named = self.names.at(at, reading.tokens, reading.stems);
        let best = named.iter().find(|named| {
            let is_long = named.end - named.start > 1;
            let word = reading.word(at);
            is_long
                || (reading.is_name_like(at) && !reading.is_sentence_start(at))
                || (named.lower && !kinds::is_adjective_form(word))
        })?;
        let alike = || named.iter().filter(|other| other.end == best.end);
        let known = |named: &Named| &self.list[named.owner];
        Some(Mention {
            start: at,
            end: best.end,
            name: known(best).name.clone(),
            settlements: alike().map(|one| known(one).settlement.clone()).collect(),
            local_names: alike().map(|one| known(one).name.clone()).collect(),
            because: "object_named",
        })
    }
}

/// A kind word at token `at`, and the tokens that it takes.
fn kind_word(reading: &Reading<'_>, at: usize) -> Option<(&'static str, usize)> {
    let word = reading.word(at);
    let is_garden = word.starts_with("детск") && reading.starts_any(at + 1, &["сад"]);
    let is_short_garden =
        word == "д" && reading.word(at + 1) == "с" && reading.between(at, at + 1) == "/";
    if is_garden || is_short_garden {
        return Some(("детский сад", 2));
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
        return numbers_after(reading, at, kind, at + length);
    }
    if let Some(number) = houses::compound_ordinal(reading, at) {
        let kind = kind_word(reading, at + 2);
        let line = kind.map(|(kind, more)| mention(kind, &number.to_string(), at, at + 2 + more));
        return line.into_iter().collect();
    }
    let Some((kind, length)) = kind_word(reading, at + 1) else { return Vec::new() };
    if !reading.is_adjoining(at, at + 1) {
        return Vec::new();
    }
    let number = match houses::ordinal(reading.word(at)) {
        Some(number) => number.to_string(),
        None if is_label(reading, at) && is_one_of_its_kind(reading, at) => {
            reading.word(at).to_owned()
        }
        None => return Vec::new(),
    };
    vec![mention(kind, &number, at, at + 1 + length)]
}

/// Whether the text is about buses and trams at all.
fn speaks_of_transport(reading: &Reading<'_>) -> bool {
    let is_of_it = |at: usize| {
        let starts = ["автобус", "маршрут", "троллейбус", "трамва", "рейс", "кондуктор"];
        reading.starts_any(at, &starts)
    };
    (0..reading.tokens.len()).any(is_of_it)
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
    let is_line = || {
        let opens = at == 0
            || reading.is_sentence_start(at)
            || reading.between(at - 1, at).contains([':', ',', ';', '—', '('])
            || BEFORE_LINES.contains(&before);
        opens && reading.starts_any(at + 1, &AFTER_LINES) && reading.is_adjoining(at, at + 1)
    };
    let is_said = stands && (reading.is_ordinal_number(at) || is_line());
    is_said.then(|| mention("маршрут", reading.word(at), at, at + 1))
}

/// Beginnings of what is counted by ordinals besides lines.
const NOT_OF_LINES: [&str; 10] =
    ["дом", "кварт", "микрорайон", "мкр", "год", "числ", "мест", "корпус", "отделен", "участк"];
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

/// Objects that have names: their normal form and the beginnings of the word.
const TITLED: [(&str, &[&str]); 7] = [
    ("детский сад", &["садик", "детсад", "детсадик"]),
    ("санаторий", &["санатори"]),
    ("кинотеатр", &["кинотеатр"]),
    ("стадион", &["стадион"]),
    ("торговый центр", &["тц", "трц"]),
    ("дом культуры", &["дк"]),
    ("магазин", &["магазин"]),
];
/// Words of a title.
const TITLE_WORDS_MAX: usize = 3;

/// «садик Рябинка», «в детсаду «Золотой ключик»».
fn titled(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let known = TITLED.iter().find(|(_, starts)| {
        starts.iter().any(|start| match start.chars().count() {
            0..=3 => word == *start,
            _ => word.starts_with(start),
        })
    });
    let (kind, length) = match known {
        Some((kind, _)) => (*kind, 1),
        None => kind_word(reading, at).filter(|(kind, _)| *kind == "детский сад")?,
    };
    let start = at + length;
    let is_quoted = reading.between(start - 1, start).contains(is_quote);
    let max = if is_quoted { TITLE_WORDS_MAX } else { 1 };
    let mut end = start;
    while end < reading.tokens.len() && end - start < max {
        let goes_on = match end == start {
            true => reading.is_name_like(end) && reading.is_close(end - 1, end),
            false => is_inside(reading, end),
        };
        if !goes_on || !reading.is_together(at, end) {
            break;
        }
        end += 1;
    }
    let name = || format!("{kind} {}", reading.written(start, end));
    (end > start && word.chars().count() <= KIND_LETTERS_MAX).then(|| Mention {
        start: at,
        end,
        name: name(),
        settlements: Vec::new(),
        local_names: Vec::new(),
        because: "object_named",
    })
}

fn mention(kind: &str, number: &str, start: usize, end: usize) -> Mention {
    let name = format!("{kind} {number}");
    Mention {
        start,
        end,
        name,
        settlements: Vec::new(),
        local_names: Vec::new(),
        because: "numbered_object",
    }
}

fn numbers_after(reading: &Reading<'_>, start: usize, kind: &str, from: usize) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut at = from;
    while mentions.len() < NUMBERS_MAX {
        let joint = ["номер", "no", "n", "и"].contains(&reading.word(at));
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

/// A number that can be a name: up to four digits, perhaps with a letter.
fn is_label(reading: &Reading<'_>, at: usize) -> bool {
    let Some(token) = reading.tokens.get(at) else { return false };
    let digits = token.normal.bytes().take_while(u8::is_ascii_digit).count();
    token.kind == TokenKind::Number
        && (1..=4).contains(&digits)
        && token.normal.len() <= digits + 2
        && !token.normal.contains(['.', ':', '/'])
        && !token.normal.starts_with('0')
}

/// «34 автобус» is a line, «3 автобуса» and «5 автобусов» are a number of them.
fn is_one_of_its_kind(reading: &Reading<'_>, at: usize) -> bool {
    if reading.is_ordinal_number(at) {
        return true;
    }
    let word = reading.word(at + 1);
    let number: u32 = reading.word(at).parse().unwrap_or(u32::MAX);
    let is_plural = ["ов", "ев", "ек", "иц", "ник", "ы", "и", "ам", "ах"]
        .iter()
        .any(|ending| word.ends_with(ending))
        || word == "школ";
    let is_counted = number <= 4 && word.ends_with('а') && !word.ends_with("ка") && word != "школа";
    !is_plural && !is_counted
}

/// «остановка Рынок», «ост. «Площадь Победы»».
fn stop(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_stop = word.starts_with("остановк") || (word == "ост" && reading.is_point_after(at));
    if !is_stop || word.chars().count() > 11 {
        return None;
    }
    let start =
        at + 1 + usize::from(reading.starts_any(at + 1, &["автобус", "общественн", "транспорт"]));
    let quoted = reading.between(start.max(1) - 1, start).contains(is_quote);
    let max = if quoted { STOP_WORDS_QUOTED_MAX } else { STOP_WORDS_MAX };
    let mut end = start;
    while end < reading.tokens.len() && end - start < max {
        let is_part = if quoted {
            end == start || is_inside(reading, end)
        } else {
            is_stop_word(reading, start, end)
        };
        if !is_part {
            break;
        }
        end += 1;
    }
    (end > start).then(|| Mention {
        start: at,
        end,
        name: format!("остановка {}", reading.written(start, end)),
        settlements: Vec::new(),
        local_names: Vec::new(),
        because: "stop_named",
    })
}

fn is_inside(reading: &Reading<'_>, at: usize) -> bool {
    !reading.between(at - 1, at).contains(is_quote)
}

fn is_stop_word(reading: &Reading<'_>, start: usize, at: usize) -> bool {
    let is_first = at == start;
    let is_glued = reading.is_adjoining(at - 1, at) || (is_first && reading.is_close(at - 1, at));
    let is_kind = is_first && kinds::street_kind(reading, at).is_some();
    let is_number = !is_first && reading.tokens[at].kind == TokenKind::Number;
    is_glued && (reading.is_name_like(at) || is_kind || is_number)
}
