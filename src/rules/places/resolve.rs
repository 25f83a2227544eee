//! Puts what was found in a text together: which house is of which street,
//! which street of which town, and how sure that is.

use crate::model::place::Place;
use crate::model::region::TerritoryId;

use super::houses::{self, House};
use super::reading::Reading;
use super::settlements::{self, NAMED_AMBIGUOUS, Settlements};
use super::{objects, streets};

/// A named thing whose town the text names too, and the pack agrees.
const IN_NAMED_TOWN: f64 = 0.9;
/// The text names the town, the pack does not know the thing there.
const UNKNOWN_IN_NAMED_TOWN: f64 = 0.65;
/// The source's territory has one such thing.
const IN_SOURCE_TERRITORY: f64 = 0.8;
/// The only such thing of the region, without any other hint.
const ONLY_ONE: f64 = 0.6;
/// One of several namesakes.
const ONE_OF_MANY: f64 = 0.3;
/// Not in the pack; the source's territory is all there is.
const UNKNOWN_IN_SOURCE: f64 = 0.5;
const UNKNOWN_ANYWHERE: f64 = 0.4;
/// A house number makes an address surer, a street without its kind less sure.
const WITH_HOUSE: f64 = 0.05;
const WITHOUT_KIND: f64 = 0.05;
/// A house without a street.
const LONE_HOUSE: f64 = 0.3;
const HOUSE_ALONE: &str = "house_alone";
/// A town beside a concrete place that is elsewhere.
const ASIDE: f64 = 0.6;
/// Words before the author's own address, and how far before it they and a
/// signature stand, in tokens. «Проживающим» speaks of others.
const LIVING: [&str; 16] = [
    "живу",
    "живем",
    "проживаю",
    "проживаем",
    "зарегистрирован",
    "зарегистрирована",
    "прописан",
    "прописана",
    "проживающий",
    "проживающая",
    "зарегистрированный",
    "зарегистрированная",
    "прописанный",
    "прописанная",
    "живущий",
    "живущая",
];
/// Beginnings of words for somebody else, of whom such a participle speaks.
const OTHERS: [&str; 9] = [
    "сосед",
    "жилец",
    "жительниц",
    "граждан",
    "мужчин",
    "женщин",
    "хозяин",
    "хозяйк",
    "собственни",
];
const HOME_WITHIN: usize = 8;
const SIGNED_WITHIN: usize = 12;
const OTHERS_WITHIN: usize = 3;
/// Namesakes kept as candidates.
const NAMESAKES_MAX: usize = 4;

pub(super) struct Found {
    pub settlements: Vec<settlements::Mention>,
    pub streets: Vec<streets::Mention>,
    pub objects: Vec<objects::Mention>,
}

pub(super) struct Resolver<'r> {
    pub reading: &'r Reading<'r>,
    pub known: &'r Settlements,
    pub source: Option<&'r TerritoryId>,
    pub found: &'r Found,
}

/// A place that is being put together, with the tokens that it came from.
struct Draft {
    places: Vec<Place>,
    start: usize,
    end: usize,
    takes_house: bool,
    takes_object: bool,
}

/// A town that a thing may be in.
struct Town<'r> {
    settlement: Option<&'r String>,
    territory: Option<&'r TerritoryId>,
    certainty: f64,
}

/// A street as the town has it that the text speaks of.
struct Chosen<'r> {
    kind: Option<&'r String>,
    name: &'r String,
    settlements: &'r [String],
}

impl<'r> Resolver<'r> {
    pub fn places(&self) -> Vec<Place> {
        let mut drafts: Vec<Draft> =
            self.found.streets.iter().flat_map(|one| self.street(one)).collect();
        let (quarters, others): (Vec<&objects::Mention>, Vec<&objects::Mention>) =
            self.found.objects.iter().partition(|object| objects::is_quarter(&object.name));
        drafts.extend(quarters.iter().flat_map(|quarter| self.houses_of_quarter(quarter)));
        for houses in self.lone_houses(&drafts) {
            self.add_houses(&mut drafts, &houses);
        }
        for quarter in quarters {
            self.add_quarter(&mut drafts, quarter);
        }
        for object in others {
            self.add_object(&mut drafts, object);
        }
        self.set_homes_aside(&mut drafts);
        let mut places = Vec::with_capacity(drafts.len());
        drafts.into_iter().for_each(|draft| places.extend(draft.places));
        self.add_towns(&mut places);
        merged(places)
    }

    /// Where the author lives is the place of the matter only where the text has
    /// no other.
    fn set_homes_aside(&self, drafts: &mut [Draft]) {
        let homes: Vec<bool> = drafts.iter().map(|draft| self.is_home(draft)).collect();
        if homes.iter().all(|is_home| *is_home) {
            return;
        }
        for (draft, _) in drafts.iter_mut().zip(homes).filter(|(_, is_home)| *is_home) {
            for place in &mut draft.places {
                place.certainty = round(place.certainty * ASIDE);
                place.because = "home_address".into();
            }
        }
    }

    /// «проживаю по адресу: ул. Мира, 5», «С уважением, А. Иванова, ул. Мира, 5».
    fn is_home(&self, draft: &Draft) -> bool {
        let from = draft.start.saturating_sub(HOME_WITHIN);
        let lives = |at: usize| {
            self.reading.is_together(at, draft.start)
                && LIVING.contains(&self.reading.word(at))
                && !self.is_of_others(at)
        };
        let signs = |at: usize| self.reading.starts_any(at, &["уважени"]);
        let signed_from = draft.start.saturating_sub(SIGNED_WITHIN);
        (from..draft.start).any(lives) || (signed_from..draft.start).any(signs)
    }

    /// «сосед, проживающий по адресу …»
    fn is_of_others(&self, lives: usize) -> bool {
        let before = (0..lives).rev().take(OTHERS_WITHIN);
        before
            .into_iter()
            .any(|at| self.reading.is_together(at, lives) && self.reading.starts_any(at, &OTHERS))
    }

    /// Of streets that are named alike, the one that the town spoken of has.
    fn chosen(&self, street: &'r streets::Mention) -> Chosen<'r> {
        let is_there = |settlements: &[String]| {
            self.towns(settlements, street.start)
                .iter()
                .any(|town| town.settlement.is_some_and(|name| settlements.contains(name)))
        };
        if !street.others.is_empty()
            && !is_there(&street.settlements)
            && let Some(other) = street.others.iter().find(|other| is_there(&other.settlements))
        {
            let (kind, name) = (Some(&other.kind), &other.name);
            return Chosen { kind, name, settlements: &other.settlements };
        }
        let (kind, name) = (street.kind.as_ref(), &street.name);
        Chosen { kind, name, settlements: &street.settlements }
    }

    fn street(&self, street: &'r streets::Mention) -> Vec<Draft> {
        let chosen = self.chosen(street);
        let houses = houses::all(self.reading, street.end);
        let towns = self.towns(chosen.settlements, street.start);
        let place = |town: &Town, house: Option<&House>| {
            let end = house.map_or(street.end, |house| house.end);
            let with_house = if house.is_some() { WITH_HOUSE } else { 0.0 };
            let without_kind = if street.written.is_some() { 0.0 } else { WITHOUT_KIND };
            Place {
                territory: town.territory.cloned(),
                settlement: town.settlement.cloned(),
                street_kind: chosen.kind.cloned(),
                street: Some(chosen.name.clone()),
                house: house.map(|house| house.number.clone()),
                object: None,
                coordinates: None,
                certainty: round(town.certainty + with_house - without_kind),
                spans: vec![self.reading.span(street.start, end)],
                because: street_reason(&chosen, street, house.is_some()).into(),
            }
        };
        let houses: Vec<Option<&House>> =
            if houses.is_empty() { vec![None] } else { houses.iter().map(Some).collect() };
        let draft = |house: Option<&House>| Draft {
            places: towns.iter().map(|town| place(town, house)).collect(),
            start: street.start,
            end: house.map_or(street.end, |house| house.end),
            takes_house: house.is_none(),
            takes_object: true,
        };
        houses.into_iter().map(draft).collect()
    }

    /// Where a thing is that the pack has in `settlements`.
    fn towns(&self, settlements: &[String], at: usize) -> Vec<Town<'r>> {
        match self.context(at) {
            Some(context) => self.towns_in_context(settlements, context),
            None => self.towns_by_source(settlements),
        }
    }

    /// The settlement that the text speaks of: one of the same sentence before
    /// others, the last one before the thing, else the first after it.
    fn context(&self, at: usize) -> Option<&'r settlements::Mention> {
        let meant = || self.found.settlements.iter().filter(|one| self.is_context(one, at));
        let mut mentions: Vec<&'r settlements::Mention> = meant().collect();
        // What is only named aside is better than nothing.
        if mentions.is_empty() {
            mentions = self.found.settlements.iter().filter(|one| one.name.is_none()).collect();
        }
        let is_near = |mention: &&settlements::Mention| self.reading.is_together(mention.start, at);
        let before = || mentions.iter().copied().rev().filter(|mention| mention.start < at);
        before()
            .find(is_near)
            .or_else(|| mentions.iter().copied().find(is_near))
            .or_else(|| before().next())
            .or_else(|| mentions.first().copied())
    }

    /// What no list knows is spoken of only where it stands near, or where its
    /// word («деревня») introduced it.
    fn is_context(&self, mention: &settlements::Mention, at: usize) -> bool {
        let is_near = || mention.start < at || self.reading.is_together(mention.start, at);
        mention.is_told_of && (mention.name.is_none() || is_near())
    }

    fn towns_in_context(
        &self,
        settlements: &[String],
        context: &'r settlements::Mention,
    ) -> Vec<Town<'r>> {
        if let Some(name) = &context.name {
            let (settlement, territory) = (Some(name), self.source);
            return vec![Town { settlement, territory, certainty: UNKNOWN_ANYWHERE }];
        }
        let known = || context.candidates.iter().map(|&one| self.known.known(one));
        let has =
            |name: &Option<String>| name.as_ref().is_some_and(|name| settlements.contains(name));
        let mut towns: Vec<Town<'r>> = known()
            .filter(|known| has(&known.settlement))
            .map(|known| town(known, IN_NAMED_TOWN))
            .collect();
        // «Череповецкий округ, ул. Ленина»: towns of that municipality.
        let is_whole = |known: &&settlements::Known| known.settlement.is_none();
        if towns.is_empty() && known().any(|known| is_whole(&known)) {
            let inside = |town: &&settlements::Known| {
                known().filter(is_whole).any(|whole| whole.territory == town.territory)
            };
            towns = (settlements.iter().flat_map(|name| self.known.named(name)))
                .filter(inside)
                .map(|known| town(known, IN_NAMED_TOWN))
                .collect();
        }
        if towns.is_empty() {
            let certainty = UNKNOWN_IN_NAMED_TOWN.min(context.certainty);
            let clear = context.certainty > NAMED_AMBIGUOUS;
            let count = if clear { 1 } else { NAMESAKES_MAX };
            towns = known().take(count).map(|known| town(known, certainty)).collect();
        }
        spread(towns)
    }

    fn towns_by_source(&self, settlements: &[String]) -> Vec<Town<'r>> {
        let mut all: Vec<&'r settlements::Known> =
            settlements.iter().flat_map(|name| self.known.named(name)).collect();
        all.sort_by_key(|known| u64::MAX - known.population);
        if let Some(source) = self.source {
            let own: Vec<Town> = all
                .iter()
                .filter(|known| known.territory == *source)
                .map(|known| town(known, IN_SOURCE_TERRITORY))
                .collect();
            if !own.is_empty() {
                return spread(own);
            }
            let territory = Some(source);
            return vec![Town { settlement: None, territory, certainty: UNKNOWN_IN_SOURCE }];
        }
        let certainty = if all.len() == 1 { ONLY_ONE } else { ONE_OF_MANY };
        let towns: Vec<Town> =
            all.iter().take(NAMESAKES_MAX).map(|known| town(known, certainty)).collect();
        match towns.is_empty() {
            true => vec![Town { settlement: None, territory: None, certainty: UNKNOWN_ANYWHERE }],
            false => towns,
        }
    }

    /// Houses named by their word that no street has taken yet, each with those
    /// of the same enumeration.
    fn lone_houses(&self, drafts: &[Draft]) -> Vec<Vec<House>> {
        let mut groups: Vec<Vec<House>> = Vec::new();
        let mut at = 0;
        while at < self.reading.tokens.len() {
            if let Some(draft) = drafts.iter().find(|draft| (draft.start..draft.end).contains(&at))
            {
                at = draft.end;
                continue;
            }
            if !houses::may_be_at(self.reading, at) {
                at += 1;
                continue;
            }
            let beside =
                || houses::beside(self.reading, at).filter(|_| self.is_of_a_street(drafts, at));
            let Some(house) = houses::by_word(self.reading, at).or_else(beside) else {
                at += 1;
                continue;
            };
            let group = houses::with_further(self.reading, house);
            at = group.last().map_or(at + 1, |house| house.end);
            groups.push(group);
        }
        groups
    }

    /// Whether the sentence names a street whose house is still to be told.
    fn is_of_a_street(&self, drafts: &[Draft], at: usize) -> bool {
        drafts.iter().any(|draft| draft.takes_house && self.reading.is_together(draft.start, at))
    }

    /// «дом 7А по Садовой»: the nearest street of the sentence that has no
    /// house yet, else the only such street of the text.
    fn add_houses(&self, drafts: &mut Vec<Draft>, houses: &[House]) {
        let [first, further @ ..] = houses else { return };
        let is_only = drafts.iter().filter(|draft| draft.takes_house).count() == 1;
        let near = (0..drafts.len())
            .filter(|&number| drafts[number].takes_house)
            .filter(|&number| {
                is_only || self.reading.is_together(drafts[number].start, first.start)
            })
            .min_by_key(|&number| drafts[number].start.abs_diff(first.start));
        let Some(near) = near else {
            return drafts.extend(houses.iter().map(|house| self.lone_house(house)));
        };
        drafts[near].takes_house = false;
        for house in further {
            let mut places = drafts[near].places.clone();
            places.iter_mut().for_each(|place| self.set_house(place, house));
            let (start, end) = (house.start, house.end);
            drafts.push(Draft { places, start, end, takes_house: false, takes_object: true });
        }
        drafts[near].places.iter_mut().for_each(|place| self.set_house(place, first));
    }

    fn set_house(&self, place: &mut Place, house: &House) {
        place.house = Some(house.number.clone());
        place.spans.push(self.reading.span(house.start, house.end));
        place.spans.sort_unstable();
        place.certainty = round(place.certainty + WITH_HOUSE);
        if place.because != "unknown_street" {
            place.because = "street_with_house".into();
        }
    }

    fn lone_house(&self, house: &House) -> Draft {
        let towns = self.towns(&[], house.start);
        self.draft(house.start, house.end, &towns, |place| {
            place.house = Some(house.number.clone());
            place.certainty = place.certainty.min(LONE_HOUSE);
            place.because = HOUSE_ALONE.into();
        })
    }

    /// «мкр Северный, 12», «2-й микрорайон, дома 5 и 7».
    fn houses_of_quarter(&self, quarter: &objects::Mention) -> Vec<Draft> {
        // «в микрорайонах 5, 12 и 14»
        let word = self.reading.word(quarter.start);
        if ["ы", "ов", "ах", "ам", "ами"].iter().any(|many| word.ends_with(many)) {
            return Vec::new();
        }
        let towns = self.towns(&quarter.settlements, quarter.start);
        let of_house = |house: House| {
            self.draft(quarter.start, house.end, &towns, |place| {
                place.object = Some(self.object_name(quarter, place.settlement.as_ref()));
                place.house = Some(house.number.clone());
                place.certainty = round(place.certainty + WITH_HOUSE);
                place.because = quarter.because.into();
            })
        };
        houses::all(self.reading, quarter.end).into_iter().map(of_house).collect()
    }

    /// «дом 12 микрорайона Северный»: a house that no street has taken.
    fn add_quarter(&self, drafts: &mut Vec<Draft>, quarter: &objects::Mention) {
        if drafts.iter().any(|draft| (draft.start..draft.end).contains(&quarter.start)) {
            return;
        }
        let is_house = |draft: &&mut Draft| {
            draft.places.iter().all(|place| place.because == HOUSE_ALONE && place.object.is_none())
                && self.reading.is_together(draft.start, quarter.start)
        };
        let houses: Vec<&mut Draft> = drafts.iter_mut().filter(is_house).collect();
        if houses.is_empty() {
            return self.add_object(drafts, quarter);
        }
        let span = self.reading.span(quarter.start, quarter.end);
        for place in houses.into_iter().flat_map(|house| &mut house.places) {
            place.object = Some(self.object_name(quarter, place.settlement.as_ref()));
            place.because = quarter.because.into();
            place.spans.push(span);
            place.spans.sort_unstable();
        }
    }

    fn add_object(&self, drafts: &mut Vec<Draft>, object: &objects::Mention) {
        let near = drafts
            .iter_mut()
            .filter(|draft| draft.takes_object)
            .filter(|draft| self.reading.is_together(draft.start, object.start))
            .min_by_key(|draft| draft.start.abs_diff(object.start));
        if let Some(draft) = near {
            let span = self.reading.span(object.start, object.end);
            for place in &mut draft.places {
                place.object = Some(self.object_name(object, place.settlement.as_ref()));
                place.spans.push(span);
                place.spans.sort_unstable();
            }
            draft.takes_object = false;
            return;
        }
        let towns = self.towns(&object.settlements, object.start);
        drafts.push(self.draft(object.start, object.end, &towns, |place| {
            place.object = Some(self.object_name(object, place.settlement.as_ref()));
            place.because = object.because.into();
        }));
    }

    /// «детская поликлиника» has another full name in every town, and none that
    /// is known in a town that the pack has no such object for.
    fn object_name(&self, object: &objects::Mention, town: Option<&String>) -> String {
        let at = town.and_then(|town| object.settlements.iter().position(|one| one == town));
        match at {
            Some(at) => object.local_names.get(at).unwrap_or(&object.name).clone(),
            None if object.local_names.is_empty() => object.name.clone(),
            None => self.reading.written(object.start, object.end),
        }
    }

    fn draft(&self, start: usize, end: usize, towns: &[Town], fill: impl Fn(&mut Place)) -> Draft {
        let place = |town: &Town| {
            let mut place = Place {
                territory: town.territory.cloned(),
                settlement: town.settlement.cloned(),
                certainty: town.certainty,
                spans: vec![self.reading.span(start, end)],
                ..Place::default()
            };
            fill(&mut place);
            place
        };
        let places = towns.iter().map(place).collect();
        Draft { places, start, end, takes_house: false, takes_object: false }
    }

    fn add_unknown_town(
        &self,
        places: &mut Vec<Place>,
        mention: &settlements::Mention,
        name: &str,
        has_concrete: bool,
    ) {
        if places.iter().any(|place| place.settlement.as_deref() == Some(name)) {
            return;
        }
        let factor = if has_concrete { ASIDE } else { 1.0 };
        places.push(Place {
            territory: self.source.cloned().filter(|_| mention.is_told_of),
            settlement: Some(name.to_owned()),
            certainty: round(mention.certainty * factor),
            spans: vec![mention.span],
            because: "unknown_settlement".into(),
            ..Place::default()
        });
    }

    /// Towns that no concrete place has used.
    fn add_towns(&self, places: &mut Vec<Place>) {
        let has_concrete = places.iter().any(Place::is_concrete);
        for mention in &self.found.settlements {
            if let Some(name) = &mention.name {
                self.add_unknown_town(places, mention, name, has_concrete);
            }
            let clear = mention.certainty > NAMED_AMBIGUOUS;
            let count = if clear { 1 } else { NAMESAKES_MAX };
            for &candidate in mention.candidates.iter().take(count) {
                let known = self.known.known(candidate);
                let used = places.iter().find(|place| {
                    place.settlement == known.settlement
                        && place.territory.as_ref() == Some(&known.territory)
                });
                if used.is_some() {
                    continue;
                }
                let factor = if has_concrete { ASIDE } else { 1.0 };
                let because = match known.settlement {
                    Some(_) => "settlement_named",
                    None => "territory_named",
                };
                places.push(Place {
                    territory: Some(known.territory.clone()),
                    settlement: known.settlement.clone(),
                    certainty: round(mention.certainty * factor),
                    spans: vec![mention.span],
                    because: because.into(),
                    ..Place::default()
                });
            }
        }
    }
}

fn town(known: &settlements::Known, certainty: f64) -> Town<'_> {
    let (settlement, territory) = (known.settlement.as_ref(), Some(&known.territory));
    Town { settlement, territory, certainty }
}

/// Several towns are none for sure.
fn spread(mut towns: Vec<Town<'_>>) -> Vec<Town<'_>> {
    if towns.len() > 1 {
        for town in &mut towns {
            town.certainty = town.certainty.min(ONE_OF_MANY);
        }
        towns.truncate(NAMESAKES_MAX);
    }
    towns
}

fn street_reason(chosen: &Chosen, street: &streets::Mention, has_house: bool) -> &'static str {
    match (chosen.settlements.is_empty(), has_house, street.written.is_some()) {
        (true, _, _) => "unknown_street",
        (false, true, _) => "street_with_house",
        (false, false, true) => "street_with_kind",
        (false, false, false) => "street_named",
    }
}

/// Two decimals are all that a guess deserves.
fn round(certainty: f64) -> f64 {
    (certainty.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

/// One place however often it was named.
fn merged(places: Vec<Place>) -> Vec<Place> {
    let mut merged: Vec<Place> = Vec::with_capacity(places.len());
    for place in places {
        let same = merged.iter_mut().find(|other| {
            (&other.territory, &other.settlement, &other.street, &other.house, &other.object)
                == (&place.territory, &place.settlement, &place.street, &place.house, &place.object)
                && other.street_kind == place.street_kind
        });
        match same {
            Some(other) => {
                other.spans.extend(&place.spans);
                other.certainty = other.certainty.max(place.certainty);
            }
            None => merged.push(place),
        }
    }
    // Once for all: one name may stand a thousand times.
    for place in &mut merged {
        place.spans.sort_unstable();
        place.spans.dedup();
    }
    merged
}
