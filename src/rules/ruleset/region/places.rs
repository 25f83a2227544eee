//! Territories, settlements, streets and objects of a pack, with their
//! references to each other.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::model::post::Geo;
use crate::model::region::{Landmark, Name, Settlement, Street, Territory, TerritoryId};
use crate::model::ruleset::Problem;

use super::file::{PackFile, Row, aliases};
use super::pack::Pack;

/// Columns that lists of streets and of objects may have or leave out.
const COORDINATES: [&str; 2] = ["lat", "lon"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TerritoriesFile {
    territory: Vec<Spanned<TerritoryEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TerritoryEntry {
    id: TerritoryId,
    name: Name,
    kind: String,
    centre: String,
    lat: f64,
    lon: f64,
    population: u64,
    #[serde(default)]
    aliases: Vec<String>,
}

pub(super) fn territories(pack: &mut Pack<'_, '_>) -> Option<Vec<Territory>> {
    let file = pack.require("territories.toml")?;
    let entries: TerritoriesFile = file.toml(pack.problems)?;
    let mut territories: Vec<Territory> = Vec::new();
    for entry in entries.territory {
        let line = file.line(&entry.span());
        let entry = entry.into_inner();
        pack.remember(&file, "territory", &entry.id.0, line);
        if !matches!(entry.kind.as_str(), "city" | "okrug" | "district") {
            pack.problems.push(file.error(line, "kind", "expected city, okrug or district"));
        }
        let geo = Geo { lat: entry.lat, lon: entry.lon };
        if !on_earth(geo) {
            pack.problems.push(file.error(line, "lat, lon", "not on Earth"));
        }
        territories.push(Territory {
            id: entry.id,
            name: entry.name,
            kind: entry.kind,
            centre: entry.centre,
            geo,
            population: entry.population,
            aliases: entry.aliases,
        });
    }
    Some(territories)
}

pub(super) fn settlements(pack: &mut Pack<'_, '_>, territories: &[Territory]) -> Vec<Settlement> {
    let Some(file) = pack.find("settlements.csv") else { return Vec::new() };
    let columns = ["name", "kind", "territory", "lat", "lon", "population", "aliases"];
    let known: BTreeSet<&str> = territories.iter().map(|one| one.id.0.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut settlements = Vec::new();
    for row in file.rows(&columns, pack.problems) {
        let [name, kind, territory, lat, lon, population, other] = row.cells.as_slice() else {
            continue;
        };
        if name.is_empty() {
            pack.problems.push(file.error(row.line, "name", "empty"));
        }
        if !known.contains(territory.as_str()) {
            pack.problems.push(unknown(&file, &row, "territory", territory));
        }
        if !seen.insert((name.clone(), kind.clone(), territory.clone())) {
            pack.problems.push(file.error(row.line, "name", &format!("«{name}» is listed twice")));
        }
        let population = number(&file, &row, "population", population, pack.problems);
        settlements.push(Settlement {
            name: name.clone(),
            kind: kind.clone(),
            territory: TerritoryId(territory.clone()),
            geo: geo(&file, &row, lat, lon, pack.problems),
            population,
            aliases: aliases(other),
        });
    }
    settlements
}

pub(super) fn streets(pack: &mut Pack<'_, '_>, settlements: &[Settlement]) -> Vec<Street> {
    let Some(file) = pack.find("streets.csv") else { return Vec::new() };
    let known: BTreeSet<&str> = settlements.iter().map(|one| one.name.as_str()).collect();
    let mut streets = Vec::new();
    let columns = ["settlement", "type", "name"];
    for row in file.rows_with(&columns, &COORDINATES, pack.problems) {
        let [settlement, kind, name, lat, lon] = row.cells.as_slice() else { continue };
        if !known.contains(settlement.as_str()) {
            pack.problems.push(unknown(&file, &row, "settlement", settlement));
        }
        if name.is_empty() || kind.is_empty() {
            pack.problems.push(file.error(row.line, "name", "a street has a type and a name"));
        }
        streets.push(Street {
            settlement: settlement.clone(),
            kind: kind.clone(),
            name: name.clone(),
            geo: geo(&file, &row, lat, lon, pack.problems),
        });
    }
    streets
}

pub(super) fn landmarks(pack: &mut Pack<'_, '_>, settlements: &[Settlement]) -> Vec<Landmark> {
    let Some(file) = pack.find("objects.csv") else { return Vec::new() };
    let known: BTreeSet<&str> = settlements.iter().map(|one| one.name.as_str()).collect();
    let mut landmarks = Vec::new();
    let columns = ["settlement", "kind", "name", "aliases"];
    for row in file.rows_with(&columns, &COORDINATES, pack.problems) {
        let [settlement, kind, name, other, lat, lon] = row.cells.as_slice() else { continue };
        if !known.contains(settlement.as_str()) {
            pack.problems.push(unknown(&file, &row, "settlement", settlement));
        }
        if name.is_empty() {
            pack.problems.push(file.error(row.line, "name", "empty"));
        }
        landmarks.push(Landmark {
            settlement: settlement.clone(),
            kind: kind.clone(),
            name: name.clone(),
            geo: geo(&file, &row, lat, lon, pack.problems),
            aliases: aliases(other),
        });
    }
    landmarks
}

fn unknown(file: &PackFile<'_>, row: &Row, field: &str, name: &str) -> Problem {
    file.error(row.line, field, &format!("there is no {field} «{name}»"))
}

/// An empty cell is «not known», which is not nought.
fn number<T: std::str::FromStr>(
    file: &PackFile<'_>,
    row: &Row,
    field: &str,
    cell: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    if cell.is_empty() {
        return None;
    }
    let number = cell.parse().ok();
    if number.is_none() {
        problems.push(file.error(row.line, field, &format!("«{cell}» is not a number")));
    }
    number
}

fn geo(
    file: &PackFile<'_>,
    row: &Row,
    lat: &str,
    lon: &str,
    problems: &mut Vec<Problem>,
) -> Option<Geo> {
    if lat.is_empty() != lon.is_empty() {
        problems.push(file.error(row.line, "lat, lon", "one without the other"));
    }
    let lat = number(file, row, "lat", lat, problems)?;
    let lon = number(file, row, "lon", lon, problems)?;
    let geo = Geo { lat, lon };
    if !on_earth(geo) {
        problems.push(file.error(row.line, "lat, lon", "not on Earth"));
    }
    Some(geo)
}

fn on_earth(geo: Geo) -> bool {
    geo.lat.abs() <= 90.0 && geo.lon.abs() <= 180.0
}
