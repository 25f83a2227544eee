//! Coordinates of the places that a text names, as the pack has them. Knows the
//! pack's lists; guesses nothing, and is silent where namesakes are left.

use std::collections::HashMap;

use crate::model::place::{Coordinates, Place, PlacePart};
use crate::model::post::Geo;
use crate::model::region::{Landmark, Settlement, Street};

/// By what a place calls them, and where they lie. `None` where the pack has
/// several by one name.
type Named = HashMap<String, Option<Geo>>;

#[derive(Default)]
pub(super) struct Atlas {
    /// By territory.
    settlements: HashMap<String, Named>,
    /// By settlement and kind.
    streets: HashMap<String, HashMap<String, Named>>,
    /// By settlement.
    objects: HashMap<String, Named>,
}

impl Atlas {
    pub fn new(settlements: &[Settlement], streets: &[Street], landmarks: &[Landmark]) -> Atlas {
        let mut atlas = Atlas::default();
        for one in settlements {
            let named = atlas.settlements.entry(one.territory.0.clone()).or_default();
            enter(named, &one.name, one.geo);
        }
        for one in streets {
            let kinds = atlas.streets.entry(one.settlement.clone()).or_default();
            enter(kinds.entry(one.kind.clone()).or_default(), &one.name, one.geo);
        }
        for one in landmarks {
            let named = atlas.objects.entry(one.settlement.clone()).or_default();
            enter(named, &one.name, one.geo);
        }
        atlas
    }

    /// Fills in the first `count` places; the others may be their namesakes.
    pub fn locate(&self, places: &mut [Place], count: usize) {
        let found: Vec<Option<Coordinates>> = places
            .iter()
            .take(count)
            .map(|place| self.of(place).filter(|_| is_only_candidate(place, places)))
            .collect();
        for (place, coordinates) in places.iter_mut().zip(found) {
            place.coordinates = coordinates;
        }
    }

    /// Of the most exact part that the pack has coordinates of.
    fn of(&self, place: &Place) -> Option<Coordinates> {
        let settlement = place.settlement.as_ref()?;
        let town = self.settlements.get(&place.territory.as_ref()?.0)?.get(settlement)?;
        let object = || {
            let name = place.object.as_ref()?;
            let geo = self.objects.get(settlement)?.get(name).copied().flatten()?;
            Some(Coordinates::new(geo, PlacePart::Object))
        };
        let street = || {
            let (kind, name) = (place.street_kind.as_ref()?, place.street.as_ref()?);
            let kinds = self.streets.get(settlement)?;
            let geo = kinds.get(kind)?.get(name).copied().flatten()?;
            Some(Coordinates::new(geo, PlacePart::Street))
        };
        let town = || town.map(|geo| Coordinates::new(geo, PlacePart::Settlement));
        object().or_else(street).or_else(town)
    }
}

fn enter(named: &mut Named, name: &str, geo: Option<Geo>) {
    named.entry(name.to_owned()).and_modify(|known| *known = None).or_insert(geo);
}

/// Whether the same words name no other town: then several towns are candidates
/// and none is meant for sure.
fn is_only_candidate(place: &Place, places: &[Place]) -> bool {
    let town = (&place.territory, &place.settlement);
    let is_namesake = |other: &&Place| {
        (&other.territory, &other.settlement) != town
            && other.spans.iter().any(|span| place.spans.contains(span))
    };
    !places.iter().any(|other| is_namesake(&other))
}

#[cfg(test)]
mod tests {
    use crate::model::region::{Geography, Name, Territory, TerritoryId};
    use crate::rules::places::Gazetteer;
    use crate::rules::text::stem::StemMemo;
    use crate::rules::text::tokens::tokenise;

    use super::*;

    fn geo(lat: f64) -> Option<Geo> {
        Some(Geo { lat, lon: 30.0 })
    }

    fn settlement(name: &str, territory: &str, geo: Option<Geo>) -> Settlement {
        Settlement {
            name: name.to_owned(),
            kind: "село".to_owned(),
            territory: TerritoryId(territory.to_owned()),
            geo,
            population: Some(5000),
            aliases: Vec::new(),
        }
    }

    fn street(settlement: &str, name: &str, geo: Option<Geo>) -> Street {
        let (settlement, name) = (settlement.to_owned(), name.to_owned());
        Street { settlement, kind: "улица".to_owned(), name, geo }
    }

    fn landmark(settlement: &str, name: &str, geo: Option<Geo>) -> Landmark {
        Landmark {
            settlement: settlement.to_owned(),
            kind: "market".to_owned(),
            name: name.to_owned(),
            geo,
            aliases: Vec::new(),
        }
    }

    fn territory(id: &str) -> Territory {
        Territory {
            id: TerritoryId(id.to_owned()),
            name: Name { ru: format!("{id} район"), en: id.to_owned() },
            kind: "district".to_owned(),
            centre: String::new(),
            geo: Geo { lat: 0.0, lon: 0.0 },
            population: 1000,
            aliases: Vec::new(),
        }
    }

    fn geography() -> Geography {
        Geography {
            territories: vec![territory("north"), territory("south")],
            settlements: vec![
                settlement("Заречье", "north", geo(51.0)),
                settlement("Дубровка", "north", geo(52.0)),
                settlement("Дубровка", "south", geo(53.0)),
                settlement("Ключи", "south", None),
            ],
            streets: vec![
                street("Заречье", "Мира", geo(51.1)),
                street("Заречье", "Садовая", None),
                street("Ключи", "Лесная", None),
            ],
            landmarks: vec![
                landmark("Заречье", "Сенной рынок", geo(51.2)),
                landmark("Заречье", "Речной вокзал", None),
            ],
        }
    }

    fn found(text: &str, source: Option<&str>) -> Vec<Option<(f64, PlacePart)>> {
        let gazetteer = Gazetteer::of(&geography());
        let source = source.map(|id| TerritoryId(id.to_owned()));
        let mut memo = StemMemo::new();
        let places = gazetteer.places(&mut memo, text, &tokenise(text), source.as_ref());
        places.iter().map(|one| one.coordinates.map(|one| (one.lat, one.of))).collect()
    }

    #[test]
    fn the_most_exact_part_that_the_pack_has() {
        let first = |text| found(text, None)[0];
        assert_eq!(first("в селе Заречье нет воды"), Some((51.0, PlacePart::Settlement)));
        assert_eq!(first("с. Заречье, ул. Мира, 5"), Some((51.1, PlacePart::Street)));
        assert_eq!(first("с. Заречье, ул. Садовая, 5"), Some((51.0, PlacePart::Settlement)));
        assert_eq!(first("с. Заречье, ул. Лунная, 5"), Some((51.0, PlacePart::Settlement)));
        let market = "с. Заречье, ул. Мира, у Сенного рынка яма";
        assert_eq!(first(market), Some((51.2, PlacePart::Object)));
        let station = "с. Заречье, ул. Мира, у Речного вокзала яма";
        assert_eq!(first(station), Some((51.1, PlacePart::Street)));
    }

    #[test]
    fn namesakes_have_none_until_one_is_chosen() {
        assert_eq!(found("в селе Дубровка нет воды", None), [None, None]);
        let chosen = found("в селе Дубровка нет воды", Some("south"));
        assert_eq!(chosen[0], Some((53.0, PlacePart::Settlement)), "{chosen:?}");
    }

    #[test]
    fn what_the_pack_does_not_know_has_none() {
        assert_eq!(found("с. Ключи, ул. Лесная, 3", None), [None]);
        assert_eq!(found("нет воды на ул. Лунной, 3", None), [None]);
        assert_eq!(found("нет воды", Some("north")), [None], "a territory is no point");
        assert_eq!(found("в деревне Ивушкино нет воды", Some("north")), [None]);
    }
}
