//! What a text itself says of its places, field by field and in normal form:
//! for judging the reading, and for showing what was read.

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
    for town in &resolver.found.settlements {
        let is_town = |&one: &usize| resolver.known.known(one).settlement.is_some();
        let is_meant = town.is_told_of && town.candidates.first().is_some_and(is_town);
        let listed = town.named_as.as_ref().filter(|_| is_meant);
        if let Some(name) = town.name.as_ref().or(listed) {
            push(&mut said.settlements, name.clone());
        }
    }
    for street in &resolver.found.streets {
        let kind = street.written.map(str::to_owned);
        let said_as = street.said.as_ref().unwrap_or(&street.name);
        match said.streets.iter_mut().find(|(_, name)| is_alike(name, said_as)) {
            Some((known, _)) => *known = known.take().or(kind),
            None => said.streets.push((kind, said_as.clone())),
        }
    }
    drop_initials(&mut said.streets);
    let mut places = resolver.places();
    places.sort_by_key(|place| place.spans.last().map_or(0, |span| span.start));
    for place in &places {
        if let Some(house) = &place.house {
            push(&mut said.houses, house_as_written(house));
        }
    }
    let is_line_said = |number: &str| {
        let said = resolver.found.objects.iter().filter_map(|one| one.said.as_deref());
        let mut lines = said.filter(|said| said.ends_with(&format!(" №{number}")));
        lines.any(|said| LINES.iter().any(|line| said.starts_with(line)))
    };
    for object in &resolver.found.objects {
        // «маршрут 4» beside «автобус №4» is the same line.
        if object.name.strip_prefix("маршрут ").is_some_and(is_line_said)
            && object.said.as_deref().is_none_or(|said| said.starts_with("маршрут "))
        {
            continue;
        }
        match object.said.as_deref() {
            Some("") => {}
            Some(name) => push(&mut said.objects, name.to_owned()),
            None => push(&mut said.objects, object_as_written(&object.name)),
        }
    }
    said
}

/// «школа 55» is «школа №55»; a line of transport has its number alone.
fn object_as_written(name: &str) -> String {
    let Some((kind, number)) = name.rsplit_once(' ') else { return name.to_owned() };
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && !number.contains(' ')
        && (kind.chars().all(|letter| letter.is_lowercase() || letter == ' ')
            || kind.chars().all(char::is_uppercase));
    match is_number && kind != "маршрут" {
        true => format!("{kind} №{number}"),
        false => name.to_owned(),
    }
}

/// «Н. Плевицкой» or «Плевицкой» beside «Надежды Плевицкой» is the same street.
fn drop_initials(streets: &mut Vec<(Option<String>, String)>) {
    let names: Vec<String> = streets.iter().map(|(_, name)| name.clone()).collect();
    streets.retain(|(_, name)| {
        let (initial, surname) = name.split_once(". ").unwrap_or(("", name.as_str()));
        let is_same = |other: &String| {
            other.split_once(' ').is_some_and(|(first, last)| {
                let is_person = vocabulary::is_given(&first.to_lowercase());
                last == surname && first.starts_with(initial) && other != name && is_person
            })
        };
        !names.iter().any(is_same)
    });
}

/// «Серегина» and «Серёгина» are spelling, not two streets.
fn is_alike(one: &str, other: &str) -> bool {
    one == other || one.replace('ё', "е") == other.replace('ё', "е")
}

fn push(values: &mut Vec<String>, value: String) {
    if !values.iter().any(|known| is_alike(known, &value)) {
        values.push(value);
    }
}

/// «12 к2» is «12к2», «7а» is «7А».
fn house_as_written(house: &str) -> String {
    let (number, parts) = house.split_once(' ').unwrap_or((house, ""));
    format!("{}{}", number.to_uppercase(), parts.replace(' ', ""))
}
