//! Marks of place that two texts can share or contradict each other in:
//! streets, houses, numbered and named objects, settlements. Comes from the
//! places that reading found, and from a crude grammar for numbered kinds and
//! blocks. Knows nothing of incidents.

use crate::model::place::Place;
use crate::model::text::Span;
use crate::rules::clustering::reading::{Reading, Seen, word_key};
use crate::rules::places::{FROM_SOURCE, HOME_ADDRESS, is_quarter};
use crate::rules::similarity::{KeyKind, key, key_of_keys};
use crate::rules::text::stem::StemMemo;
use crate::rules::text::tokens::tokenise;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    House,
    Street,
    Object,
    Settlement,
}

impl MarkKind {
    pub fn is_concrete(self) -> bool {
        match self {
            MarkKind::House | MarkKind::Street | MarkKind::Object => true,
            MarkKind::Settlement => false,
        }
    }
}

/// A mark; `base` is what a different mark contradicts it in: the street of a
/// house, the kind of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub key: u64,
    pub base: u64,
    pub kind: MarkKind,
    /// Of a street, house or object the town that was said with it; 0 for none.
    pub town: u64,
    /// Of a house; 0 for anything else.
    pub number: u16,
    pub span: Span,
}

impl Mark {
    /// One name in two towns: every town has a Lenin street with a house 30.
    pub fn is_namesake_of(&self, other: &Mark) -> bool {
        self.town != 0 && other.town != 0 && self.town != other.town
    }
}

/// Marks kept of a post: a list of forty houses is about none of them.
const MARKS_MAX: usize = 24;

/// Beginnings of words for objects that people tell apart by number, and the
/// kind they belong to: «лицей 5» and «школа 5» may be one.
const NUMBERED: [(&str, &str); 18] = [
    ("школ", "школа"),
    ("лице", "школа"),
    ("гимнази", "школа"),
    ("сош", "школа"),
    ("садик", "сад"),
    ("сад", "сад"),
    ("детсад", "сад"),
    ("маршрут", "маршрут"),
    ("автобус", "маршрут"),
    ("троллейбус", "маршрут"),
    ("трамва", "трамвай"),
    ("поликлиник", "больница"),
    ("больниц", "больница"),
    ("роддом", "больница"),
    ("котельн", "котельная"),
    ("микрорайон", QUARTER),
    ("мкр", QUARTER),
    ("квартал", QUARTER),
];
const QUARTER: &str = "микрорайон";

pub fn marks(memo: &mut StemMemo, reading: &Reading, places: &[Place]) -> Box<[Mark]> {
    let mut found = Vec::new();
    for place in places.iter().filter(|place| is_of_matter(place, places)) {
        of_place(memo, place, is_town_sure(place, places), &mut found);
    }
    numbered(&reading.words, &mut found);
    found.sort_unstable();
    found.dedup_by(|later, first| {
        let is_same = later.key == first.key;
        // Named twice, once with its town.
        if is_same && first.town == 0 {
            first.town = later.town;
        }
        is_same
    });
    found.truncate(MARKS_MAX);
    found.into_boxed_slice()
}

/// Where somebody lives is the matter's place only where no other is named; what
/// the source's territory suggests was said by nobody.
fn is_of_matter(place: &Place, places: &[Place]) -> bool {
    let is_home = |place: &Place| place.because == HOME_ADDRESS;
    place.because != FROM_SOURCE
        && (!is_home(place) || places.iter().all(|other| is_home(other) || !other.is_concrete()))
}

/// A street that stands in eleven towns names none of them.
fn is_town_sure(place: &Place, places: &[Place]) -> bool {
    let same_words = |other: &&Place| other.spans.first() == place.spans.first();
    places.iter().filter(same_words).all(|other| other.settlement == place.settlement)
}

fn of_place(memo: &mut StemMemo, place: &Place, is_town_sure: bool, found: &mut Vec<Mark>) {
    let span = place.spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
    let mut town = 0;
    if let Some(name) = place.settlement.as_ref().filter(|_| is_town_sure) {
        town = key_of_keys(KeyKind::Settlement, &[last_stem(memo, name)]);
        found.push(Mark {
            key: town,
            base: 0,
            kind: MarkKind::Settlement,
            town: 0,
            number: 0,
            span,
        });
    }
    if let Some(street) = &place.street {
        let stem = last_stem(memo, street);
        found.push(Mark { town, ..street_mark(stem, span) });
        for house in place.house.iter().flat_map(|houses| houses.split('|')) {
            found.push(Mark { town, ..house_mark(stem, &house.to_lowercase(), span) });
        }
    }
    let Some(object) = &place.object else { return };
    found.push(Mark { town, ..object_mark(memo, object, span) });
    if is_quarter(object) && place.street.is_none() {
        let stem = quarter_stem(memo, object);
        for house in place.house.iter().flat_map(|houses| houses.split('|')) {
            found.push(Mark { town, ..house_mark(stem, &house.to_lowercase(), span) });
        }
    }
}

/// «В» of «микрорайон В», whose houses are written «В-52» too; «5» of the fifth.
fn quarter_stem(memo: &mut StemMemo, quarter: &str) -> u64 {
    let words = tokenise(quarter);
    word_key(memo, words.last().map_or(quarter, |word| &*word.normal))
}

/// Streets are told apart by their last word: people leave out «Карла» of
/// «Карла Маркса», not the other way round.
fn last_stem(memo: &mut StemMemo, name: &str) -> u64 {
    let words = tokenise(name);
    let last = words.iter().rev().find(|word| word.normal.chars().any(char::is_alphabetic));
    word_key(memo, last.map_or(name, |word| &*word.normal))
}

fn street_mark(stem: u64, span: Span) -> Mark {
    Mark {
        key: key_of_keys(KeyKind::Street, &[stem]),
        base: 0,
        kind: MarkKind::Street,
        town: 0,
        number: 0,
        span,
    }
}

fn house_mark(stem: u64, number: &str, span: Span) -> Mark {
    let base = key_of_keys(KeyKind::Street, &[stem]);
    let house = key_of_keys(KeyKind::House, &[base, key(KeyKind::House, &[number])]);
    // «14а» and «14 корпус 2» stand where 14 stands.
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let number = number[..digits].parse().unwrap_or(0);
    Mark { key: house, base, kind: MarkKind::House, town: 0, number, span }
}

fn object_mark(memo: &mut StemMemo, object: &str, span: Span) -> Mark {
    let words = tokenise(object);
    let mut parts: Vec<u64> = Vec::with_capacity(words.len());
    for word in &words {
        parts.push(match kind_of(&word.normal) {
            Some(kind) => key(KeyKind::ObjectKind, &[kind]),
            None => word_key(memo, &word.normal),
        });
    }
    let base = parts.first().copied().unwrap_or(0);
    let kind = if is_quarter(object) { MarkKind::Street } else { MarkKind::Object };
    Mark { key: key_of_keys(KeyKind::Object, &parts), base, kind, town: 0, number: 0, span }
}

fn kind_of(word: &str) -> Option<&'static str> {
    NUMBERED.iter().find(|(start, _)| word.starts_with(start)).map(|(_, kind)| *kind)
}

/// «школа № 5», «В-52».
fn numbered(words: &[Seen], found: &mut Vec<Mark>) {
    for (at, number) in words.iter().enumerate().filter(|(_, word)| word.is_number) {
        let Some(before) = named_before(words, at) else { continue };
        let span = Span { start: before.span.start, end: number.span.end };
        if let Some(kind) = kind_of(&before.norm) {
            let base = key(KeyKind::ObjectKind, &[kind]);
            let object = key_of_keys(KeyKind::Object, &[base, number.key]);
            // A quarter has houses: it is as wide as a street.
            let kind = if kind == QUARTER { MarkKind::Street } else { MarkKind::Object };
            found.push(Mark { key: object, base, kind, town: 0, number: 0, span });
        } else if number.after_hyphen && is_block(before) && is_house_number(&number.norm) {
            found.push(house_mark(before.key, &number.norm, span));
        }
    }
}

/// «В-52»: towns that name blocks by a letter write houses so.
fn is_block(word: &Seen) -> bool {
    word.is_high && word.norm.chars().nth(1).is_none()
}

fn is_house_number(number: &str) -> bool {
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    let rest: Vec<char> = number.chars().skip(digits).collect();
    (1..=3).contains(&digits) && rest.len() <= 1 && rest.iter().all(|c| c.is_alphabetic())
}

/// The word that a number belongs to: the one before, beyond «д.», «дом», «№».
fn named_before(words: &[Seen], at: usize) -> Option<&Seen> {
    let mut at = at;
    while at > 0 && words[at].follows {
        at -= 1;
        let word = &words[at];
        if word.is_number {
            continue;
        }
        if !matches!(
            word.norm.as_str(),
            "д" | "дом" | "дома" | "доме" | "дому" | "n" | "номер" | "корп" | "стр"
        ) {
            return Some(word);
        }
    }
    None
}
