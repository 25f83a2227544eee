//! Streets as people write them: «ул. Ленина, 5», «на Ленина», «Садовая
//! улица», «по Гоголя 12/3». Known streets come out in the pack's spelling,
//! unknown ones beside a kind word as nearly nominative as can be told.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::region::Street;
use crate::rules::text::stem::{StemId, StemMemo};

use super::classes::Classes;
use super::houses;
use super::kinds::{self, Kind};
use super::names::{Named, Names};
use super::reading::Reading;
use super::{bare_streets, nominative, unknown_streets};

/// Prepositions that lead to a street.
const STREET_PREPOSITIONS: [&str; 13] = [
    "на",
    "по",
    "с",
    "со",
    "у",
    "вдоль",
    "перекресток",
    "перекрестке",
    "угол",
    "углу",
    "через",
    "до",
    "от",
];
/// Beginnings of words that announce two streets.
pub(super) const CROSSING_WORDS: [&str; 4] = ["перекрест", "пересечен", "угл", "угол"];
/// Nouns that make an adjective before them something else than a street.
pub(super) const OTHER_NOUNS: [&str; 14] = [
    "област",
    "район",
    "кра",
    "округ",
    "школ",
    "больниц",
    "церк",
    "епарх",
    "республик",
    "администрац",
    "поликлиник",
    "остановк",
    "мост",
    "парк",
];

/// Kinds that nobody says for another: a list without such a street lacks it.
const APART: [&str; 7] = ["переулок", "проезд", "тупик", "шоссе", "тракт", "площадь", "набережная"];
/// Tokens between «улицах» and the colon that their names follow.
const ANNOUNCED_WITHIN: usize = 5;

pub(super) struct Streets {
    names: Names,
    /// What people say instead: «Ленинградка». Common words among them, so that
    /// only an address makes streets of these.
    spoken: Names,
    list: Vec<Known>,
}

struct Known {
    kind: String,
    name: String,
    is_adjective: bool,
    /// Settlements that have this street, by name.
    settlements: Arc<[String]>,
}

/// A street's mention in a text.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub start: usize,
    pub end: usize,
    pub kind: Option<String>,
    pub name: String,
    /// What the text itself calls it: «Маркса» of Карла Маркса.
    pub said: Option<String>,
    /// Settlements of the pack that have such a street; empty for an unknown one.
    pub settlements: Arc<[String]>,
    /// The kind as the text has it; `None` where it is only guessed.
    pub written: Option<&'static str>,
    /// Streets of other kinds that the same words may mean, when no kind is
    /// written: улица Победы and проспект Победы.
    pub others: Vec<Other>,
}

/// A kind and name, and the settlements that have it.
#[derive(Debug, Clone)]
pub(super) struct Other {
    pub kind: String,
    pub name: String,
    pub settlements: Arc<[String]>,
}

impl Streets {
    pub fn new(memo: &mut StemMemo, listed: &[Street]) -> Streets {
        let mut streets =
            Streets { names: Names::default(), spoken: Names::default(), list: Vec::new() };
        // By kind and name: the street's number, and the settlements that have it.
        let mut numbers: HashMap<(&str, &str), usize> = HashMap::new();
        let mut settlements: Vec<Vec<String>> = Vec::new();
        for street in listed {
            let number = *numbers.entry((&street.kind, &street.name)).or_insert_with(|| {
                settlements.push(Vec::new());
                streets.add(memo, street)
            });
            settlements[number].push(street.settlement.clone());
        }
        for (known, settlements) in streets.list.iter_mut().zip(settlements) {
            known.settlements = settlements.into();
        }
        streets
    }

    fn add(&mut self, memo: &mut StemMemo, street: &Street) -> usize {
        let number = self.list.len();
        self.names.add(memo, number, &street.name);
        for short in short_names(&street.name) {
            self.names.add_short(memo, number, &short);
        }
        if let Some(spoken) = spoken_name(&street.name) {
            self.spoken.add_short(memo, number, &spoken);
        }
        self.list.push(Known {
            kind: street.kind.clone(),
            name: street.name.clone(),
            is_adjective: kinds::is_adjective(&street.name),
            settlements: Arc::default(),
        });
        number
    }

    pub fn classes(&self, stem: StemId) -> Classes {
        let is_name = self.names.may_begin(stem) || self.spoken.may_begin(stem);
        Classes::STREET_NAME.only_if(is_name)
    }

    /// Every street that the text names, in its order.
    pub fn mentions(&self, reading: &Reading<'_>) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < reading.tokens.len() {
            if !may_begin(reading, at) {
                at += 1;
                continue;
            }
            let announced = self.announced(reading, at);
            if let Some(last) = announced.last() {
                at = last.end;
                mentions.extend(announced);
                continue;
            }
            let mention = self.mention(reading, at);
            at = mention.as_ref().map_or(at + 1, |mention| mention.end);
            let several = mention.as_ref().and_then(|mention| several(reading, mention));
            let crossing = mention.as_ref().and_then(|one| self.crossing(reading, one.end));
            let written = mention.as_ref().and_then(|mention| mention.written);
            mentions.extend(mention);
            if let Some(other) = crossing {
                at = other.end;
                mentions.push(other);
                continue;
            }
            while let Some(further) = several.and_then(|kind| self.further(reading, at, kind)) {
                at = further.end;
                mentions.push(Mention { written, ..further });
            }
            // «ул. Зелёная, Цветочная и Садовая»: one kind for all.
            while let Some(next) = written.and_then(|_| self.listed(reading, at)) {
                at = next.end;
                mentions.push(Mention { written, ..next });
            }
        }
        mentions
    }

    fn mention(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        // «Аллея Славы» is a place to walk, unless houses stand on it.
        self.named_at(reading, at).filter(|mention| {
            mention.written != Some("аллея") || houses::follows(reading, mention.end).is_some()
        })
    }

    fn named_at(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        if let Some(kind) = kinds::street_kind(reading, at) {
            return self.after_kind(reading, at, kind);
        }
        let named = self.names.at(at, reading.tokens, reading.stems);
        self.before_kind(reading, at, &named)
            .or_else(|| self.without_kind(reading, at, &named))
            .or_else(|| self.spoken(reading, at))
            .or_else(|| bare_streets::alone(reading, at))
    }

    /// «улица Ленина», «ул. им. Гоголя», «пр-кт Победы».
    fn after_kind(&self, reading: &Reading<'_>, at: usize, kind: Kind) -> Option<Mention> {
        let mut start = at + kind.tokens;
        while ["им", "имени"].contains(&reading.word(start)) {
            start += 1;
        }
        if !reading.is_together(at, start) {
            return None;
        }
        let known = self.known(reading, start, Some(kind));
        // «Надежды Плевицкой» is no улица Надежды.
        let past = known.as_ref().map_or(start, |known| known.end);
        let mention = unknown_streets::after_kind(reading, at, start, kind, past).or(known);
        mention.map(|mention| {
            let written = mention.written.or(Some(kind.name));
            Mention { start: at, written, ..mention }
        })
    }

    /// «на трёх улицах посёлка: Ленина, Кирова и Садовая».
    fn announced(&self, reading: &Reading<'_>, at: usize) -> Vec<Mention> {
        let word = reading.word(at);
        if !(word == "улицы" || word == "улицах" || word == "улицам") {
            return Vec::new();
        }
        let colon = (at..at + ANNOUNCED_WITHIN).find(|&one| reading.after(one).starts_with(':'));
        let mut mentions: Vec<Mention> = Vec::new();
        let mut next = colon.map_or(usize::MAX, |colon| colon + 1);
        while let Some(mention) = self.named_in_list(reading, next) {
            let end = mention.end;
            mentions.push(Mention { written: Some(kinds::STREET.name), ..mention });
            let is_comma = reading.between(end - 1, end).trim() == ",";
            let is_and = reading.word(end) == "и";
            if !is_comma && !is_and {
                break;
            }
            next = end + usize::from(is_and);
        }
        mentions
    }

    fn named_in_list(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        if at >= reading.tokens.len() {
            return None;
        }
        self.known(reading, at, Some(kinds::STREET)).or_else(|| unknown_streets::alike(reading, at))
    }

    /// «… и Береговая», «…, Ильинская, Глинская» after several streets were announced.
    fn further(&self, reading: &Reading<'_>, at: usize, kind: Kind) -> Option<Mention> {
        let start = at + usize::from(reading.word(at) == "и");
        let is_joined = start > at || reading.between(at - 1, at).contains(',');
        // «… и Заречного проезда» has a kind of its own.
        if kinds::street_kind(reading, start + 1).is_some() {
            return None;
        }
        let follows_case = reading.is_name_like(start)
            || reading.is_ordinal_number(start)
            || !reading.is_capitalised(at - 1);
        if !is_joined || !reading.is_together(at - 1, start) || !follows_case {
            return None;
        }
        self.known(reading, start, Some(kind))
            .or_else(|| unknown_streets::further(reading, start, kind))
    }

    /// A further street of the same kind in a list that nothing announced.
    fn listed(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        let has_and = reading.word(at) == "и";
        let start = at + usize::from(has_and);
        let is_joined = has_and || reading.between(at.max(1) - 1, at).trim() == ",";
        if at == 0 || !is_joined || !reading.is_together(at - 1, start) {
            return None;
        }
        let alike = unknown_streets::alike(reading, start)
            .filter(|alike| unknown_streets::ends_apart(reading, alike.end))?;
        self.known(reading, start, Some(kinds::STREET)).or(Some(alike))
    }

    /// «Гоголя — Мира», «на Гоголя/Мира»: the other street of a crossing.
    fn crossing(&self, reading: &Reading<'_>, end: usize) -> Option<Mention> {
        let gap = reading.between(end - 1, end).trim();
        let is_joined = matches!(gap, "-" | "–" | "—" | "/") && reading.is_together(end - 1, end);
        let starts_alike = reading.is_capitalised(end) || !reading.is_capitalised(end - 1);
        if !is_joined || !starts_alike {
            return None;
        }
        let all = self.names.at(end, reading.tokens, reading.stems);
        let named = all.first();
        let known = named.filter(|named| named.exact || self.list[named.owner].is_adjective);
        known
            .and_then(|named| self.best(reading, &all, named.end, None))
            .or_else(|| unknown_streets::alike(reading, end))
    }

    /// «перекрёсток гоголя и мира», «Гоголя — Мира»: two names that would be
    /// ordinary words apart.
    fn is_crossing(&self, reading: &Reading<'_>, at: usize, named: Named) -> bool {
        let after_word = at > 0 && reading.starts_any(at - 1, &CROSSING_WORDS);
        let has_other = || self.crossing(reading, named.end).is_some();
        named.exact && (after_word || (reading.is_capitalised(at) && has_other()))
    }

    /// «на ленинградке», «Ленинградка, 12».
    fn spoken(&self, reading: &Reading<'_>, at: usize) -> Option<Mention> {
        let named = *self.spoken.at(at, reading.tokens, reading.stems).first()?;
        let is_led = at > 0 && ["на", "по"].contains(&reading.word(at - 1));
        let is_address = is_led || houses::follows(reading, named.end).is_some();
        let known = &self.list[named.owner];
        is_address.then(|| Mention {
            start: at,
            end: named.end,
            kind: Some(known.kind.clone()),
            name: known.name.clone(),
            said: None,
            settlements: known.settlements.clone(),
            written: None,
            others: Vec::new(),
        })
    }

    /// «Садовая улица», «Советского проспекта».
    fn before_kind(&self, reading: &Reading<'_>, at: usize, all: &[Named]) -> Option<Mention> {
        for named in all {
            let Some(kind) = kinds::street_kind(reading, named.end) else { continue };
            // «г. Курск, ул. Мира» is no Курская улица.
            if !reading.is_adjoining(named.end - 1, named.end) {
                continue;
            }
            let is_adjective = self.list[named.owner].is_adjective;
            let is_told = kinds::is_describing(reading.word(at));
            let fits = reading.is_capitalised(at) || (is_adjective && !is_told);
            // «на Мира улица перекрыта» is rare; «улица Мира» after a name is not.
            if !fits || self.known(reading, named.end + kind.tokens, Some(kind)).is_some() {
                continue;
            }
            let Some(mention) = self.best(reading, all, named.end, Some(kind)) else { continue };
            return Some(Mention {
                end: named.end + kind.tokens,
                written: Some(kind.name),
                ..mention
            });
        }
        unknown_streets::before_kind(reading, at)
    }

    /// «на Ленина», «Ленина 5».
    fn without_kind(&self, reading: &Reading<'_>, at: usize, all: &[Named]) -> Option<Mention> {
        let named = *all.first()?;
        let known = &self.list[named.owner];
        let has_house =
            houses::follows(reading, named.end).is_some() || houses::is_near(reading, named.end);
        let after_preposition = at > 0 && STREET_PREPOSITIONS.contains(&reading.word(at - 1));
        let is_capitalised = reading.is_capitalised(at);
        let goes_on = reading.starts_any(named.end, &OTHER_NOUNS);
        // A genitive after «на» or «по» («на ленина») is no grammar but a street.
        let is_genitive_after = named.exact
            && !known.is_adjective
            && at > 0
            && ["на", "по"].contains(&reading.word(at - 1));
        let is_meant = match (is_capitalised, known.is_adjective) {
            (true, false) => named.exact && (after_preposition || has_house),
            (true, true) => (after_preposition || has_house) && !goes_on,
            (false, false) => is_genitive_after || (named.exact && has_house && named.end > at),
            (false, true) => has_house && (after_preposition || is_address_like(reading, at)),
        };
        let is_meant = is_meant || self.is_crossing(reading, at, named);
        is_meant.then(|| self.best(reading, all, named.end, None)).flatten()
    }

    fn known(&self, reading: &Reading<'_>, start: usize, kind: Option<Kind>) -> Option<Mention> {
        if start >= reading.tokens.len() {
            return None;
        }
        let named = self.names.at(start, reading.tokens, reading.stems);
        let end = named.iter().find(|named| self.fits(named, kind)).or(named.first())?.end;
        self.best(reading, &named, end, kind)
    }

    fn is_adjective(&self, named: &Named) -> bool {
        self.list[named.owner].is_adjective
    }

    fn other(&self, named: &Named) -> Other {
        let known = &self.list[named.owner];
        let (kind, name) = (known.kind.clone(), known.name.clone());
        Other { kind, name, settlements: known.settlements.clone() }
    }

    fn fits(&self, named: &Named, kind: Option<Kind>) -> bool {
        kind.is_none_or(|kind| self.list[named.owner].kind == kind.name)
    }

    /// Of the streets named at one place those that end at `end`, and of these
    /// those of the kind that is written; of several kinds without one, a street
    /// proper before the rest.
    fn best(
        &self,
        reading: &Reading<'_>,
        all: &[Named],
        end: usize,
        kind: Option<Kind>,
    ) -> Option<Mention> {
        let start = all.first()?.start;
        let mut named: Vec<Named> = all.iter().filter(|one| one.end == end).copied().collect();
        // «Школьный проезд» and «на Школьном» are no Школьная улица.
        let written = reading.word(end - 1);
        let agrees = |named: &Named| kinds::agrees(written, &self.list[named.owner].kind);
        named.retain(|named| !self.is_adjective(named) || agrees(named));
        // «проезд Мира» is not the улица of that name.
        if kind.is_some_and(|kind| APART.contains(&kind.name)) {
            named.retain(|named| self.fits(named, kind));
        }
        let exact_first = |named: &&Named| !named.exact;
        let chosen = match kind {
            Some(_) => named.iter().filter(|named| self.fits(named, kind)).min_by_key(exact_first),
            None => named
                .iter()
                .min_by_key(|named| (!named.exact, self.list[named.owner].kind != "улица")),
        };
        // The kind as written wins over the pack: people do call a проспект an улица,
        // but a pack may also lack the street of that kind.
        let chosen = chosen.or_else(|| named.first())?;
        let known = &self.list[chosen.owner];
        let is_other = |named: &&Named| kind.is_none() && named.owner != chosen.owner;
        let others = named.iter().filter(is_other).map(|named| self.other(named)).collect();
        Some(Mention {
            start,
            end,
            kind: Some(known.kind.clone()),
            name: known.name.clone(),
            settlements: known.settlements.clone(),
            said: (chosen.is_short && end == start + 1)
                .then(|| nominative::titled(&reading.written(start, end))),
            written: kind.map(|kind| kind.name),
            others,
        })
    }
}

/// Nearly every token is none at which a street's name or kind begins.
fn may_begin(reading: &Reading<'_>, at: usize) -> bool {
    let word = Classes::STREET_KIND | Classes::STREET_NAME | Classes::STREET_SMALL;
    reading.may_be(at, word)
        || reading.may_be(at + 1, Classes::STREET_KIND)
        || reading.is_number(at)
        || (reading.may_be(at, Classes::STREET_CAPITAL) && reading.is_name_like(at))
}

/// «советский 140», «во дворе заречной 6»: where an address in small letters
/// stands. An adjective of a town or a river is hardly anything else.
fn is_address_like(reading: &Reading<'_>, at: usize) -> bool {
    let is_of_town = reading.word(at).contains("ск") && reading.is_sentence_start(at);
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    is_of_town || ["дворе", "двор", "доме", "подъезде", "адресу", "адрес"].contains(&before)
}

/// «К. Маркса» and «Маркса» for «Карла Маркса». Only names of people: what has
/// an adjective («Парижской Коммуны») or a number is not said so.
fn short_names(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let &[first, last] = words.as_slice() else { return Vec::new() };
    let is_given_name = first.chars().all(char::is_alphabetic)
        && first.chars().count() > 3
        && !["ой", "ей", "ого", "его", "ых", "их"].iter().any(|end| first.ends_with(end))
        && !kinds::is_adjective(first)
        && !kinds::is_adjective(last)
        && last.chars().count() > 3;
    let Some(initial) = first.chars().next().filter(|_| is_given_name) else { return Vec::new() };
    vec![format!("{initial} {last}"), last.to_owned()]
}

/// «Ленинградка» for «Ленинградская» and «Ленинградское шоссе».
fn spoken_name(name: &str) -> Option<String> {
    let base = ["ская", "ский", "ское", "ской"].iter().find_map(|end| name.strip_suffix(end))?;
    let is_long = base.chars().count() > 4 && !base.contains(char::is_whitespace);
    is_long.then(|| format!("{}ка", base.to_lowercase()))
}

/// Kind words that several names follow.
#[rustfmt::skip]
const PLURALS: [&str; 16] = [
    "улиц", "улицам", "улицами", "улицах", "переулки", "переулков", "переулках", "переулками",
    "переулкам", "проспекты", "проспектов", "проспектах", "проезды", "проездов", "проездах",
    "проездам",
];

/// «улиц Сосновская и Береговая», «на перекрёстке ул. Сумской и Дейнеки»: the
/// kind that holds for the names that follow too.
fn several(reading: &Reading<'_>, mention: &Mention) -> Option<Kind> {
    let is_crossing = mention.start > 0 && reading.starts_any(mention.start - 1, &CROSSING_WORDS);
    let kind = match kinds::street_kind(reading, mention.start) {
        None if is_crossing => kinds::STREET,
        kind => kind?,
    };
    let is_plural = PLURALS.contains(&reading.word(mention.start));
    (is_plural || is_crossing).then_some(kind)
}
