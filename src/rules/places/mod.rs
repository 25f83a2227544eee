//! Where a text's matter is: settlements, streets with houses, objects, with
//! how sure that is and why. Knows the region pack's names and the habits of
//! Russian addresses; knows nothing of topics or bodies.
//!
//! What cannot be told apart stays several candidates of low certainty. A
//! wrong town is worse than none.

mod bare_localities;
mod bare_streets;
mod beside;
mod classes;
mod coordinates;
mod declension;
mod highways;
mod houses;
mod kinds;
mod localities;
mod names;
mod nominative;
mod objects;
mod reading;
mod resolve;
mod said;
mod settlements;
mod streets;
mod titled;
mod titles;
mod town_forms;
mod unknown_streets;
mod vocabulary;

use crate::model::place::Place;
use crate::model::region::{
    Geography, Landmark, Region, Settlement, Street, Territory, TerritoryId,
};

use super::text::stem::{StemId, StemMemo};
use super::text::tokens::{Token, tokenise};

use self::coordinates::Atlas;
use self::objects::Objects;
use self::reading::Reading;
use self::resolve::{Found, Resolver};
use self::settlements::Settlements;
use self::streets::Streets;

pub use self::classes::Classes;
pub use self::objects::is_quarter;
pub use self::said::Said;

/// More places than this in one post are a list, not a complaint.
const PLACES_MAX: usize = 12;
/// Addresses stand near the beginning; a longer text is read this far.
const TOKENS_MAX: usize = 4000;

/// Why a place is where it is, when no word of the text says so: the source's
/// own territory, or what the post above names.
pub const FROM_SOURCE: &str = "source_territory";
pub const FROM_ABOVE: &str = "post_above";
pub const HOME_ADDRESS: &str = "home_address";

/// How sure the source's own territory is: a guess, below any word of the text.
const SOURCE_TERRITORY: f64 = 0.2;

/// The names of a region, ready to be found. Without any the grammar reads alone.
pub struct Gazetteer {
    settlements: Settlements,
    streets: Streets,
    objects: Objects,
    atlas: Atlas,
}

impl Gazetteer {
    pub fn new(region: &Region) -> Gazetteer {
        let Region { territories, settlements, streets, landmarks, .. } = region;
        Gazetteer::of_lists(territories, settlements, streets, landmarks)
    }

    /// Without any list the grammar alone reads.
    pub fn of(geography: &Geography) -> Gazetteer {
        let Geography { territories, settlements, streets, landmarks } = geography;
        Gazetteer::of_lists(territories, settlements, streets, landmarks)
    }

    fn of_lists(
        territories: &[Territory],
        settlements: &[Settlement],
        streets: &[Street],
        landmarks: &[Landmark],
    ) -> Gazetteer {
        let mut memo = StemMemo::new();
        Gazetteer {
            settlements: Settlements::new(&mut memo, settlements, territories),
            streets: Streets::new(&mut memo, streets),
            objects: Objects::new(&mut memo, landmarks),
            atlas: Atlas::new(settlements, streets, landmarks),
        }
    }

    /// What a text says itself of where its matter is, with no other hint.
    pub fn said(&self, memo: &mut StemMemo, text: &str) -> Said {
        let tokens = tokenise(text);
        let tokens = &tokens[..tokens.len().min(TOKENS_MAX)];
        let (stems, classes) = self.known(memo, tokens);
        self.said_of(text, tokens, (&stems, &classes))
    }

    fn said_of(
        &self,
        text: &str,
        tokens: &[Token],
        (stems, classes): (&[StemId], &[Classes]),
    ) -> Said {
        let reading = Reading::new(text, tokens, stems, classes);
        let found = self.found(&reading, None);
        let resolver =
            Resolver { reading: &reading, known: &self.settlements, source: None, found: &found };
        said::said(&resolver)
    }

    /// The places that a text names, best first. The source's territory chooses
    /// between namesakes, and stands alone only where the text says nothing.
    pub fn places(
        &self,
        memo: &mut StemMemo,
        text: &str,
        tokens: &[Token],
        source_territory: Option<&TerritoryId>,
    ) -> Vec<Place> {
        let tokens = &tokens[..tokens.len().min(TOKENS_MAX)];
        let (stems, classes) = self.known(memo, tokens);
        self.places_of(text, tokens, (&stems, &classes), source_territory)
    }

    /// The same for a caller who knows the words already.
    pub(super) fn places_of(
        &self,
        text: &str,
        tokens: &[Token],
        (stems, classes): (&[StemId], &[Classes]),
        source_territory: Option<&TerritoryId>,
    ) -> Vec<Place> {
        let count = tokens.len().min(TOKENS_MAX);
        let reading = Reading::new(text, &tokens[..count], &stems[..count], &classes[..count]);
        let found = self.found(&reading, source_territory);
        let resolver = Resolver {
            reading: &reading,
            known: &self.settlements,
            source: source_territory,
            found: &found,
        };
        let mut places = resolver.places();
        if let (true, Some(territory)) = (places.is_empty(), source_territory) {
            places.push(of_source(territory));
        }
        places.sort_by(|one, other| other.certainty.total_cmp(&one.certainty));
        self.atlas.locate(&mut places, PLACES_MAX);
        places.truncate(PLACES_MAX);
        places
    }

    /// What a word may be to the finders, with the names of the region.
    pub(super) fn classes(&self, word: &str, stem: StemId) -> Classes {
        Classes::of(word)
            | self.settlements.classes(stem)
            | self.streets.classes(stem)
            | self.objects.classes(stem)
    }

    fn known(&self, memo: &mut StemMemo, tokens: &[Token]) -> (Vec<StemId>, Vec<Classes>) {
        let known = |token: &Token| {
            let stem = memo.stem(&token.normal);
            (stem, self.classes(&token.normal, stem))
        };
        tokens.iter().map(known).unzip()
    }

    /// What is named, with words that serve one thing taken from the others: an
    /// object's name may hold a street's, a street's a town's.
    fn found(&self, reading: &Reading<'_>, source: Option<&TerritoryId>) -> Found {
        let mut streets = self.streets.mentions(reading);
        let mut objects = self.objects.mentions(reading);
        streets.retain(|street| {
            street.written.is_some()
                || !objects
                    .iter()
                    .any(|object| overlap((street.start, street.end), (object.start, object.end)))
        });
        objects.retain(|object| {
            object.because == "stop_named"
                || !streets
                    .iter()
                    .any(|street| overlap((street.start, street.end), (object.start, object.end)))
        });
        streets.retain(|street| {
            !objects
                .iter()
                .any(|object| overlap((street.start, street.end), (object.start, object.end)))
        });
        let mut settlements = self.settlements.mentions(reading, source);
        settlements.retain(|town| {
            let range = (town.start, town.end);
            let takes = |object: &objects::Mention| {
                overlap(range, (object.start, object.end))
                    && !object.town.is_some_and(|at| (town.start..town.end).contains(&at))
            };
            !streets.iter().any(|street| overlap(range, (street.start, street.end)))
                && !objects.iter().any(takes)
        });
        // What is told of an address elsewhere is told of elsewhere.
        settlements.retain(|town| {
            !self.settlements.is_elsewhere(reading, town)
                || streets.iter().any(|street| reading.is_together(street.start, town.start))
        });
        for town in objects.iter().filter_map(|object| object.town) {
            let is_found = settlements.iter().any(|one| (one.start..one.end).contains(&town));
            let locality = bare_localities::at_object(reading, town).filter(|_| !is_found);
            settlements.extend(locality.map(|one| settlements::unknown(reading, one)));
        }
        for street in &streets {
            let is_taken = |settlements: &[settlements::Mention], range| {
                settlements.iter().any(|one| overlap(range, (one.start, one.end)))
                    || streets.iter().any(|one| overlap(range, (one.start, one.end)))
                    || objects.iter().any(|one| overlap(range, (one.start, one.end)))
            };
            // Most often the town before a street is found already.
            if is_taken(&settlements, (street.start.saturating_sub(1), street.start)) {
                continue;
            }
            let Some(town) = bare_localities::heading(reading, street.start) else { continue };
            if !is_taken(&settlements, (town.start, town.end)) {
                settlements.push(settlements::unknown(reading, town));
            }
        }
        settlements.sort_by_key(|one| one.start);
        Found { settlements, streets, objects }
    }
}

fn overlap(one: (usize, usize), other: (usize, usize)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

fn of_source(territory: &TerritoryId) -> Place {
    Place {
        territory: Some(territory.clone()),
        certainty: SOURCE_TERRITORY,
        because: FROM_SOURCE.into(),
        ..Place::default()
    }
}

#[cfg(test)]
mod forms;
#[cfg(test)]
pub(crate) mod tests;
