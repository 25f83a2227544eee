//! Settlements and municipalities named in a text.

use crate::model::place::Place;
use crate::model::region::{Region, TerritoryId};
use crate::model::text::Span;
use crate::rules::text::stem::StemMemo;

use super::Reading;
use super::names::{Named, Names};

/// Words before a name that say it is a settlement's.
const KIND_WORDS: [&str; 30] = [
    "г",
    "гор",
    "город",
    "города",
    "городе",
    "с",
    "село",
    "села",
    "селе",
    "д",
    "дер",
    "деревня",
    "деревни",
    "деревне",
    "деревню",
    "п",
    "пос",
    "поселок",
    "поселка",
    "поселке",
    "пгт",
    "рп",
    "станция",
    "станции",
    "ст",
    "хутор",
    "аул",
    "станица",
    "станице",
    "сельское",
];
/// Words before a name that make a place of it.
const PLACE_PREPOSITIONS: [&str; 9] = ["в", "во", "из", "до", "под", "около", "возле", "г", "близ"];

const NAMED_WITH_KIND: f64 = 0.75;
const NAMED: f64 = 0.6;
const NAMED_AMBIGUOUS: f64 = 0.3;
const TERRITORY_NAMED: f64 = 0.55;
/// Namesakes kept as candidates.
const NAMESAKES_MAX: usize = 4;

pub(super) struct Settlements {
    names: Names,
    list: Vec<Known>,
}

/// A settlement, or a municipality that is named as a whole.
struct Known {
    settlement: Option<String>,
    territory: TerritoryId,
    population: u64,
    /// A name that people also write without a capital letter and know as a place.
    is_city: bool,
    is_adjective: bool,
}

/// A settlement's mention, with all its namesakes, likeliest first.
pub(super) struct Mention {
    pub span: Span,
    pub start: usize,
    pub end: usize,
    pub candidates: Vec<usize>,
    pub certainty: f64,
}

impl Settlements {
    pub fn new(memo: &mut StemMemo, region: &Region) -> Settlements {
        let mut settlements = Settlements { names: Names::default(), list: Vec::new() };
        for settlement in &region.settlements {
            let known = Known {
                settlement: Some(settlement.name.clone()),
                territory: settlement.territory.clone(),
                population: settlement.population.unwrap_or(0),
                is_city: settlement.kind == "город",
                is_adjective: is_adjective(&settlement.name),
            };
            settlements.add(memo, known, &settlement.name, &settlement.aliases);
        }
        for territory in &region.territories {
            let known = Known {
                settlement: None,
                territory: territory.id.clone(),
                population: territory.population,
                is_city: false,
                is_adjective: false,
            };
            settlements.add(memo, known, &territory.name.ru, &territory.aliases);
        }
        settlements
    }

    fn add(&mut self, memo: &mut StemMemo, known: Known, name: &str, aliases: &[String]) {
        for name in std::iter::once(name).chain(aliases.iter().map(String::as_str)) {
            self.names.add(memo, self.list.len(), name);
        }
        self.list.push(known);
    }

    /// Every place where a settlement or municipality is named.
    pub fn mentions(&self, reading: &Reading<'_>, source: Option<&TerritoryId>) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < reading.tokens.len() {
            let mention = self.mention(reading, at, source);
            at = mention.as_ref().map_or(at + 1, |mention| mention.end);
            mentions.extend(mention);
        }
        mentions
    }

    fn mention(
        &self,
        reading: &Reading<'_>,
        at: usize,
        source: Option<&TerritoryId>,
    ) -> Option<Mention> {
        let has_kind = at > 0 && KIND_WORDS.contains(&reading.word(at - 1));
        let named: Vec<Named> = self
            .names
            .at(at, reading.tokens, &reading.stems)
            .into_iter()
            .filter(|named| self.is_meant(reading, named, has_kind))
            .collect();
        let end = named.first()?.end;
        let mut candidates: Vec<usize> =
            named.iter().filter(|named| named.end == end).map(|named| named.owner).collect();
        candidates.dedup();
        self.order(&mut candidates, source);
        let certainty = self.certainty(&candidates, source, has_kind);
        Some(Mention { span: reading.span(at, end), start: at, end, candidates, certainty })
    }

    /// Whether the words are the name rather than ordinary words.
    fn is_meant(&self, reading: &Reading<'_>, named: &Named, has_kind: bool) -> bool {
        let known = &self.list[named.owner];
        if has_kind || named.end - named.start > 1 || known.is_city {
            return true;
        }
        if !reading.is_capitalised(named.start) {
            return false;
        }
        let after_preposition =
            named.start > 0 && PLACE_PREPOSITIONS.contains(&reading.word(named.start - 1));
        after_preposition || !(known.is_adjective || reading.is_sentence_start(named.start))
    }

    /// The source's own territory first, then the larger.
    fn order(&self, candidates: &mut [usize], source: Option<&TerritoryId>) {
        candidates.sort_by_key(|&one| {
            let known = &self.list[one];
            let elsewhere = source != Some(&known.territory);
            (elsewhere, known.settlement.is_none(), u64::MAX - known.population, one)
        });
    }

    fn certainty(&self, candidates: &[usize], source: Option<&TerritoryId>, kind: bool) -> f64 {
        let first = &self.list[candidates[0]];
        let of_source =
            candidates.iter().filter(|&&one| source == Some(&self.list[one].territory)).count();
        let is_clear = candidates.len() == 1 || of_source == 1;
        match (is_clear, first.settlement.is_some()) {
            (false, _) => NAMED_AMBIGUOUS,
            (true, false) => TERRITORY_NAMED,
            (true, true) if kind || first.is_city => NAMED_WITH_KIND,
            (true, true) => NAMED,
        }
    }

    /// The mentions as places.
    pub fn places(&self, reading: &Reading<'_>, source: Option<&TerritoryId>) -> Vec<Place> {
        self.mentions(reading, source).iter().flat_map(|mention| self.place(mention)).collect()
    }

    fn place(&self, mention: &Mention) -> Vec<Place> {
        let is_clear = mention.certainty > NAMED_AMBIGUOUS;
        let count = if is_clear { 1 } else { NAMESAKES_MAX };
        let place = |&candidate: &usize| {
            let known = &self.list[candidate];
            let because = match known.settlement {
                Some(_) => "settlement_named",
                None => "territory_named",
            };
            Place {
                territory: Some(known.territory.clone()),
                settlement: known.settlement.clone(),
                certainty: mention.certainty,
                spans: vec![mention.span],
                because: because.to_owned(),
                ..Place::default()
            }
        };
        mention.candidates.iter().take(count).map(place).collect()
    }
}

fn is_adjective(name: &str) -> bool {
    ["ое", "ая", "ый", "ий", "ие", "ые", "ой"].iter().any(|ending| name.ends_with(ending))
}
