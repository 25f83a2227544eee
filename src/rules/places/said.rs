//! What a text itself says of its places, field by field and in normal form:
//! for judging the reading, and for showing what was read.

use std::collections::{HashMap, HashSet};

use super::resolve::Resolver;
use super::vocabulary;

/// What runs on a line of transport.
const LINES: [&str; 4] = ["автобус", "троллейбус", "трамвай", "маршрутка"];

/// Everything named, each once, in the text's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    pub settlements: Vec<String>,
    /// Kind, where the text has it, and name.
    pub streets: Vec<(Option<String>, String)>,
    pub houses: Vec<String>,
    pub objects: Vec<String>,
}

pub(super) fn said(resolver: &Resolver<'_>) -> Said {
    let mut said = Said::default();
    let mut settlements = Distinct::default();
    for town in &resolver.found.settlements {
        let is_town = |&one: &usize| resolver.known.known(one).settlement.is_some();
        let is_meant = town.is_told_of && town.candidates.first().is_some_and(is_town);
        let listed = town.named_as.as_ref().filter(|_| is_meant);
        if let Some(name) = town.name.as_ref().or(listed) {
            settlements.push(name.clone());
        }
    }
    said.streets = streets(resolver);
    let mut places = resolver.places();
    places.sort_by_key(|place| place.spans.last().map_or(0, |span| span.start));
    let mut houses = Distinct::default();
    for house in places.iter().filter_map(|place| place.house.as_deref()) {
        houses.push(house_as_written(house));
    }
    Said {
        settlements: settlements.values,
        houses: houses.values,
        objects: objects(resolver),
        ..said
    }
}

fn streets(resolver: &Resolver<'_>) -> Vec<(Option<String>, String)> {
    let mut streets: Vec<(Option<String>, String)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for street in &resolver.found.streets {
        let kind = street.written.map(str::to_owned);
        let said_as = street.said.as_ref().unwrap_or(&street.name);
        match known.get(&folded(said_as)) {
            Some(&at) => streets[at].0 = streets[at].0.take().or(kind),
            None => {
                known.insert(folded(said_as), streets.len());
                streets.push((kind, said_as.clone()));
            }
        }
    }
    drop_initials(&mut streets);
    streets
}

fn objects(resolver: &Resolver<'_>) -> Vec<String> {
    let lines: HashSet<&str> = resolver
        .found
        .objects
        .iter()
        .filter_map(|object| object.said.as_deref()?.split_once(" №"))
        .filter(|(kind, _)| LINES.contains(kind))
        .map(|(_, number)| number)
        .collect();
    let mut objects = Distinct::default();
    for object in &resolver.found.objects {
        let said = object.said.as_deref();
        // «маршрут 4» beside «автобус №4» is the same line.
        let is_line = said.unwrap_or(&object.name).starts_with("маршрут ");
        let number = object.name.strip_prefix("маршрут ").unwrap_or_default();
        match said {
            _ if is_line && lines.contains(number) => {}
            Some("") => {}
            Some(name) => objects.push(name.to_owned()),
            None => objects.push(object_as_written(&object.name)),
        }
    }
    objects.values
}

/// «школа 55» is «школа №55»; a line of transport has its number alone.
fn object_as_written(name: &str) -> String {
    let Some((kind, number)) = name.rsplit_once(' ') else { return name.to_owned() };
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && !number.contains(' ')
        && (kind.chars().all(|letter| letter.is_lowercase() || matches!(letter, ' ' | '-'))
            || kind.chars().all(char::is_uppercase));
    match is_number && kind != "маршрут" {
        true => format!("{kind} №{number}"),
        false => name.to_owned(),
    }
}

/// «Н. Плевицкой» or «Плевицкой» beside «Надежды Плевицкой» is the same street.
fn drop_initials(streets: &mut Vec<(Option<String>, String)>) {
    // Of two Ivanovs each has his own initial, and either may be without one.
    let persons: HashSet<(String, Option<char>)> = streets
        .iter()
        .filter_map(|(_, name)| Some((name.split_once(' ')?.0, name.rsplit_once(' ')?.1)))
        .map(|(first, last)| (first.to_lowercase(), last))
        .filter(|(first, _)| vocabulary::is_given(first) || vocabulary::is_rank(first))
        .flat_map(|(first, last)| [None, first.chars().next()].map(|one| (last.to_owned(), one)))
        .collect();
    streets.retain(|(_, name)| {
        let (initial, surname) = name.split_once(". ").unwrap_or(("", name.as_str()));
        let initial = initial.chars().flat_map(char::to_lowercase).next();
        !persons.contains(&(surname.to_owned(), initial))
    });
}

/// Values in their order, each once.
#[derive(Default)]
struct Distinct {
    values: Vec<String>,
    seen: HashSet<String>,
}

impl Distinct {
    fn push(&mut self, value: String) {
        if self.seen.insert(folded(&value)) {
            self.values.push(value);
        }
    }
}

/// «Серегина» and «Серёгина» are spelling, not two streets.
fn folded(name: &str) -> String {
    name.to_lowercase().replace('ё', "е")
}

/// «12 к2» is «12к2», «7а» is «7А».
fn house_as_written(house: &str) -> String {
    let (number, parts) = house.split_once(' ').unwrap_or((house, ""));
    format!("{}{}", number.to_uppercase(), parts.replace(' ', ""))
}
