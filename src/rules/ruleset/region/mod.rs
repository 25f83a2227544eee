//! Reads a region pack (`regions/README.md` describes it) and says what is
//! wrong with it. `parse_region` is about files: strict, with references that
//! resolve. `check` is about meaning, once the topics are known. Reads no
//! files and no clock itself.

mod bodies;
mod check;
mod durations;
mod file;
mod pack;
mod places;
mod terms;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use toml::Spanned;

use crate::model::region::{Geography, Name, Region};
use crate::model::ruleset::{Problem, RulesetFiles};

use self::pack::Pack;

pub use self::check::check;

const FILES: [&str; 10] = [
    "region.toml",
    "territories.toml",
    "settlements.csv",
    "streets.csv",
    "objects.csv",
    "bodies.toml",
    "routes.toml",
    "terms.toml",
    "calendar.toml",
    "sources.toml",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionFile {
    id: String,
    name: Name,
    zone: Spanned<String>,
    #[serde(default)]
    notes: String,
}

/// The region pack of a ruleset, or nothing and the errors that prevent it.
/// Every file is read before giving up, so that one run names all mistakes.
pub fn parse_region(files: &RulesetFiles, problems: &mut Vec<Problem>) -> Option<Region> {
    let mut pack = Pack::new(files, problems);
    let errors_before = pack.errors();
    pack.refuse_other_files(&FILES);
    let region = region_file(&mut pack);
    let territories = places::territories(&mut pack).unwrap_or_default();
    let settlements = places::settlements(&mut pack, &territories);
    let streets = places::streets(&mut pack, &settlements);
    let landmarks = places::landmarks(&mut pack, &settlements);
    let bodies = bodies::bodies(&mut pack, &territories).unwrap_or_default();
    let routes = bodies::routes(&mut pack, &bodies, &territories);
    let sources = bodies::sources(&mut pack, &bodies, &territories);
    let terms = terms::terms(&mut pack);
    let calendar = terms::calendar(&mut pack);
    if pack.errors() > errors_before {
        return None;
    }
    let (region, terms) = (region?, terms?);
    let mut sources = sources;
    for source in &mut sources {
        source.zone.get_or_insert_with(|| region.zone.get_ref().clone());
    }
    Some(Region {
        id: region.id,
        name: region.name,
        zone: region.zone.into_inner(),
        territories,
        settlements,
        streets,
        landmarks,
        bodies,
        routes: routes?,
        terms: terms.terms,
        ladder: terms.ladder,
        accept_confidence: terms.accept_confidence,
        calendar: calendar?,
        sources,
        origins: pack.origins,
    })
}

/// The places alone of a pack, however little else it has: none where its folder
/// is empty, nothing where one of its lists is wrong.
pub fn parse_geography(files: &RulesetFiles, problems: &mut Vec<Problem>) -> Option<Geography> {
    let mut pack = Pack::new(files, problems);
    let errors_before = pack.errors();
    pack.refuse_other_files(&FILES);
    let is_listed = pack.find("territories.toml").is_some();
    let territories =
        if is_listed { places::territories(&mut pack).unwrap_or_default() } else { Vec::new() };
    let settlements = places::settlements(&mut pack, &territories);
    let streets = places::streets(&mut pack, &settlements);
    let landmarks = places::landmarks(&mut pack, &settlements);
    (pack.errors() == errors_before).then_some(Geography {
        territories,
        settlements,
        streets,
        landmarks,
    })
}

fn region_file(pack: &mut Pack<'_, '_>) -> Option<RegionFile> {
    let file = pack.require("region.toml")?;
    let region: RegionFile = file.toml(pack.problems)?;
    terms::refuse_unknown_zone(pack, &file, &region.zone);
    if region.notes.len() > NOTES_MAX_BYTES {
        pack.problems.push(file.error(1, "notes", "longer than a page"));
    }
    Some(region)
}

/// Notes are for editors of the pack; the program keeps none of them.
const NOTES_MAX_BYTES: usize = 16 * 1024;
