//! Settlements and municipalities named in a text.

use std::collections::HashMap;

use crate::model::region::{Settlement, Territory, TerritoryId};
use crate::model::text::Span;
use crate::rules::text::stem::{StemId, StemMemo};

use super::classes::Classes;
use super::declension;
use super::kinds;
use super::localities::{self, Locality};
use super::names::{Named, Names};
use super::reading::Reading;
use super::vocabulary;

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

/// Before a name they make a firm of it.
const FIRMS: [&str; 10] = ["ук", "ооо", "оао", "ао", "муп", "мкп", "тсж", "жск", "жэу", "гуп"];

const CAPITALS: [&str; 2] = ["Москва", "Санкт-Петербург"];

/// A smaller place in an oblique case is a place only where something says so:
/// its name is too often a person's or a thing's.
const LARGE: u64 = 1000;

const NAMED_WITH_KIND: f64 = 0.75;
const NAMED: f64 = 0.6;
pub(super) const NAMED_AMBIGUOUS: f64 = 0.3;
const TERRITORY_NAMED: f64 = 0.55;
/// Named by the text alone: which municipality has it is not known.
const UNKNOWN: f64 = 0.35;

#[derive(Default)]
pub(super) struct Settlements {
    names: Names,
    list: Vec<Known>,
    by_name: HashMap<String, Vec<usize>>,
}

/// A settlement, or a municipality that is named as a whole.
pub(super) struct Known {
    pub settlement: Option<String>,
    pub territory: TerritoryId,
    pub population: u64,
    /// A name that people also write without a capital letter and know as a place.
    is_city: bool,
    is_adjective: bool,
}

/// A settlement's mention, with all its namesakes, likeliest first.
pub(super) struct Mention {
    pub span: Span,
    pub start: usize,
    pub end: usize,
    /// None for a settlement that the pack does not know.
    pub candidates: Vec<usize>,
    /// What an unknown one is called, as far as its endings tell.
    pub name: Option<String>,
    /// By which of its names a known one was named: people say «Моква» of 1-я Моква.
    pub named_as: Option<String>,
    /// Whether what is told near it may be told of it.
    pub is_told_of: bool,
    pub certainty: f64,
}

impl Settlements {
    pub fn new(
        memo: &mut StemMemo,
        listed: &[Settlement],
        territories: &[Territory],
    ) -> Settlements {
        let mut settlements = Settlements::default();
        for settlement in listed {
            let known = Known {
                settlement: Some(settlement.name.clone()),
                territory: settlement.territory.clone(),
                population: settlement.population.unwrap_or(0),
                is_city: settlement.kind == "город",
                is_adjective: kinds::is_adjective(&settlement.name),
            };
            settlements.add(memo, known, &settlement.name, &settlement.aliases);
        }
        for territory in territories {
            let known = Known {
                settlement: None,
                territory: territory.id.clone(),
                population: territory.population,
                is_city: false,
                is_adjective: false,
            };
            // «Город Курск» is the town, and the municipality goes by the same name.
            let town = settlements.town_of(territory);
            settlements.add(memo, known, town.unwrap_or(&territory.name.ru), &territory.aliases);
        }
        settlements
    }

    fn town_of<'t>(&self, territory: &'t Territory) -> Option<&'t str> {
        let town = territory.name.ru.strip_prefix("Город ")?;
        self.named(town).any(|known| known.territory == territory.id).then_some(town)
    }

    fn add(&mut self, memo: &mut StemMemo, known: Known, name: &str, aliases: &[String]) {
        for name in std::iter::once(name).chain(aliases.iter().map(String::as_str)) {
            self.names.add(memo, self.list.len(), name);
        }
        if let Some(settlement) = &known.settlement {
            self.by_name.entry(settlement.clone()).or_default().push(self.list.len());
        }
        self.list.push(known);
    }

    pub fn classes(&self, stem: StemId) -> Classes {
        Classes::SETTLEMENT_NAME.only_if(self.names.may_begin(stem))
    }

    /// Every place where a settlement or municipality is named.
    pub fn mentions(&self, reading: &Reading<'_>, source: Option<&TerritoryId>) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let mut at = 0;
        while at < reading.tokens.len() {
            if !reading.may_be(at, Classes::SETTLEMENT_NAME) && !localities::may_be_at(reading, at)
            {
                at += 1;
                continue;
            }
            if let Some(mention) = self.mention(reading, at, source) {
                at = mention.end;
                mentions.push(mention);
                continue;
            }
            // A word for a settlement leads to a known name first, unless the
            // text has a longer one: «Майская Заря» is not Майский.
            let is_kind = at + 1 < reading.tokens.len() && KIND_WORDS.contains(&reading.word(at));
            let known = if is_kind { self.mention(reading, at + 1, source) } else { None };
            let mut found = localities::at(reading, at);
            let end = found.first().map_or(0, |first| first.end);
            if known.is_some_and(|known| end <= known.end) {
                found.clear();
            }
            at = found.last().map_or(at + 1, |last| last.end);
            mentions.extend(found.into_iter().map(|locality| unknown(reading, locality)));
        }
        leave_way(reading, &mut mentions);
        leave_bodies(reading, &mut mentions);
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
            .at(at, reading.tokens, reading.stems)
            .into_iter()
            .filter(|named| self.is_meant(reading, named, has_kind))
            .collect();
        let end = named.first()?.end;
        let mut candidates: Vec<usize> =
            named.iter().filter(|named| named.end == end).map(|named| named.owner).collect();
        candidates.dedup();
        self.drop_municipalities(&mut candidates);
        self.order(&mut candidates, source);
        let certainty = self.certainty(&candidates, source, has_kind);
        let span = reading.span(at, end);
        let likeliest = named.iter().find(|named| candidates.first() == Some(&named.owner))?;
        let named_as = Some(self.names.name(likeliest).to_owned());
        let is_aside = || is_aside(reading, at, end) || self.is_on_the_way(reading, at, end);
        let (name, is_told_of) = (None, has_kind && !is_pair(reading, at, end) || !is_aside());
        Some(Mention { span, start: at, end, candidates, name, named_as, is_told_of, certainty })
    }

    /// «трасса Курск Льгов», «по трассе курск-искра»: the ends of a road.
    fn is_on_the_way(&self, reading: &Reading<'_>, start: usize, end: usize) -> bool {
        let is_town = |at: usize| {
            at < reading.tokens.len()
                && !self.names.at(at, reading.tokens, reading.stems).is_empty()
        };
        let is_way = |at: usize| reading.starts_any(at, &WAYS);
        let leads = (1..=WAY_WITHIN).any(|back| start >= back && is_way(start - back));
        let is_near = |one: usize, other: usize| {
            let gap = reading.between(one, other);
            gap.chars().count() <= 3
                && gap.chars().all(|sign| matches!(sign, ' ' | '-' | '–' | '—'))
        };
        let after = is_near(end - 1, end) && is_town(end);
        let before = start > 0 && is_near(start - 1, start) && is_town(start - 1);
        // «по трассе курск-искра»: one end may be in no list.
        let is_hyphened = reading.between(end - 1, end) == "-" && reading.is_word(end);
        leads && (after || before || is_hyphened)
    }

    /// A city and the municipality that is called after it are one place.
    fn drop_municipalities(&self, candidates: &mut Vec<usize>) {
        let named: Vec<&TerritoryId> = candidates
            .iter()
            .map(|&one| &self.list[one])
            .filter(|known| known.settlement.is_some())
            .map(|known| &known.territory)
            .collect();
        candidates.retain(|&one| {
            let known = &self.list[one];
            known.settlement.is_some() || !named.contains(&&known.territory)
        });
    }

    /// Whether the words are the name rather than ordinary words.
    fn is_meant(&self, reading: &Reading<'_>, named: &Named, has_kind: bool) -> bool {
        let known = &self.list[named.owner];
        if self.is_another_word(reading, named, has_kind)
            || !self.is_form(reading, named)
            || is_of_water(reading, named.start)
            || (!has_kind && is_of_person(reading, named))
        {
            return false;
        }
        if has_kind || named.end - named.start > 1 || known.is_city {
            return true;
        }
        if !reading.is_capitalised(named.start) || reading.is_shouted(named.start) {
            return false;
        }
        let after_preposition =
            named.start > 0 && PLACE_PREPOSITIONS.contains(&reading.word(named.start - 1));
        let stands_alone = named.exact && !known.is_adjective && stands_alone(reading, named);
        after_preposition
            || stands_alone
            || (!(known.is_adjective || reading.is_sentence_start(named.start))
                && (named.exact || LARGE <= known.population))
    }

    /// Whether each word is the name's in some case. Only the name's own words
    /// share more than their stem: «Дмитрий» is no Дмитриев.
    fn is_form(&self, reading: &Reading<'_>, named: &Named) -> bool {
        let words = self.names.words(named).iter().zip(named.start..);
        named.exact
            || words.into_iter().all(|(name, at)| declension::is_form(name, reading.word(at)))
    }

    /// Words of the name's stem that are not the name: «Курской области»,
    /// «Инна Некрасова».
    fn is_another_word(&self, reading: &Reading<'_>, named: &Named, has_kind: bool) -> bool {
        let start = named.start;
        let word = reading.word(named.end - 1);
        let is_name = !named.exact && named.end == start + 1;
        let name = self.names.name(named);
        let is_adjective = is_name && !self.list[named.owner].is_adjective && is_of_region(word);
        let is_surname = is_name
            && ["ово", "ево", "ино", "ыно"].iter().any(|end| name.ends_with(end))
            && !has_kind
            && !self.list[named.owner].is_city
            && !(word.ends_with('е') && start > 0 && is_into(reading.word(start - 1)));
        is_adjective || is_surname
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

    /// «интервал как в Орле», «знак есть в Москве»: a large town that the region,
    /// whose cities are listed, has not. Villages have such names too.
    pub fn is_elsewhere(&self, reading: &Reading<'_>, mention: &Mention) -> bool {
        let is_large = |name: &str| {
            CAPITALS.contains(&name) || vocabulary::is_centre(reading.word(mention.end - 1))
        };
        let is_village = |at: usize| {
            reading.starts_any(at, &["дерев", "сел", "посел", "хутор", "станиц"])
                || matches!(reading.word(at), "д" | "с" | "п" | "пос" | "х")
        };
        mention.name.as_deref().is_some_and(is_large)
            && !(mention.start.saturating_sub(1)..=mention.start).any(is_village)
            && self.list.iter().any(|known| known.is_city)
    }

    pub fn known(&self, candidate: usize) -> &Known {
        &self.list[candidate]
    }

    /// Settlements of a name, the larger first.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Known> {
        self.by_name.get(name).into_iter().flatten().map(|&one| &self.list[one])
    }
}

pub(super) fn unknown(reading: &Reading<'_>, locality: Locality) -> Mention {
    let Locality { name, start, end, is_told_of } = locality;
    Mention {
        span: reading.span(start, end),
        start,
        end,
        candidates: Vec::new(),
        name: Some(name),
        named_as: None,
        is_told_of,
        certainty: UNKNOWN,
    }
}

/// Beginnings of words that lead from town to town, and how far before it they stand.
const WAYS: [&str; 10] = [
    "трас",
    "автодорог",
    "дорог",
    "маршрут",
    "рейс",
    "поезд",
    "электричк",
    "автобус",
    "перегон",
    "перевоз",
];
const WAY_WITHIN: usize = 3;
/// Beginnings of bodies that are called by their town: «мэр Курска».
#[rustfmt::skip]
const BODIES: [&str; 13] = [
    "администрац", "глав", "губернатор", "департамент", "дум", "комитет", "мэр", "прокуратур",
    "собрани", "управлени", "водоканал", "теплосет", "горгаз",
];

/// «УК Курска», «глава Курска», «рейс Курск — Белгород», «дорога на Курчатов»:
/// named, but not as the place of the matter.
fn is_aside(reading: &Reading<'_>, start: usize, end: usize) -> bool {
    let before = if start > 0 { reading.word(start - 1) } else { "" };
    // «ООО «Газ» Курск»: the firm's branch.
    let is_of_firm = start > 0 && is_closing(reading.between(start - 1, start));
    let is_body = |back: usize| {
        start >= back
            && reading.is_together(start - back, start)
            && reading.starts_any(start - back, &BODIES)
    };
    let is_of_body = is_body(1) || (is_body(2) && !reading.is_address_word(start - 1));
    is_pair(reading, start, end)
        || before == "на"
        || FIRMS.contains(&before)
        || is_of_firm
        || is_of_body
}

/// What was the end of a way once is so again: «рейс Курск — Орёл, отправление
/// с Курска».
fn leave_way(reading: &Reading<'_>, mentions: &mut [Mention]) {
    let ends: Vec<Vec<usize>> = mentions
        .iter()
        .filter(|one| is_pair(reading, one.start, one.end))
        .map(|one| one.candidates.clone())
        .filter(|candidates| !candidates.is_empty())
        .collect();
    for mention in mentions.iter_mut().filter(|one| ends.contains(&one.candidates)) {
        let before = if mention.start > 0 { reading.word(mention.start - 1) } else { "" };
        mention.is_told_of &= matches!(before, "в" | "во" | "г" | "город" | "городе" | "города");
    }
}

/// «глава города Орла»: the town of a body says where only if nothing else does.
fn leave_bodies(reading: &Reading<'_>, mentions: &mut Vec<Mention>) {
    let is_of_body = |mention: &Mention| {
        let is_kind = |at: usize| KIND_WORDS.contains(&reading.word(at));
        let start = mention.start;
        let start = if start > 0 && is_kind(start - 1) { start - 1 } else { start };
        start > 0
            && reading.is_together(start - 1, mention.start)
            && reading.starts_any(start - 1, &BODIES)
    };
    // Moscow is named to compare with.
    let is_moscow = |mention: &Mention| mention.name.as_deref() == Some("Москва");
    if mentions.iter().any(|one| one.is_told_of && !is_of_body(one) && !is_moscow(one)) {
        mentions.retain(|one| !is_of_body(one));
    }
}

fn is_closing(gap: &str) -> bool {
    let mut signs = gap.chars();
    signs.next().is_some_and(|sign| matches!(sign, '»' | '”' | '"')) && signs.as_str() == " "
}

/// «Курск — Белгород», «Льгов (АС)-Льгов 1»: two ends joined by a dash.
fn is_pair(reading: &Reading<'_>, start: usize, end: usize) -> bool {
    let is_dash = |one: usize, other: usize| {
        let gap = reading.between(one, other).trim_start_matches(')').trim();
        matches!(gap, "-" | "–" | "—" | "→") && reading.is_name_like(one)
    };
    // «Курск-Сортировочный» is no pair, and neither is «Льгов-2».
    let leads_on =
        |at: usize| KIND_WORDS.contains(&reading.word(at)) && reading.is_name_like(at + 1);
    let is_after = is_dash(end - 1, end) && (reading.is_name_like(end) || leads_on(end));
    let is_before = start > 0 && is_dash(start - 1, start);
    is_before || is_after
}

/// «через р. Сейм», «на реке Кур».
fn is_of_water(reading: &Reading<'_>, start: usize) -> bool {
    start > 0
        && ["р", "река", "реки", "реке", "реку", "рекой", "речка", "речки", "речку", "озеро"]
            .contains(&reading.word(start - 1))
}

/// «Игорь Курчатов», «В. Дмитриев», «имени Курчатова»: a surname, as towns of its
/// ending are.
fn is_of_person(reading: &Reading<'_>, named: &Named) -> bool {
    let start = named.start;
    let is_surname_like = named.end == start + 1
        && ["ов", "ев", "ин", "ын", "ова", "ева", "ина", "ово", "ево", "ино"]
            .iter()
            .any(|end| reading.word(start).ends_with(end));
    if !is_surname_like {
        return false;
    }
    let is_initial = |at: usize| {
        reading.is_name_like(at)
            && reading.word(at).chars().count() == 1
            && reading.is_point_after(at)
    };
    let follows_name = start > 0
        && reading.is_capital(start - 1)
        && reading.is_adjoining(start - 1, start)
        && !reading.is_sentence_start(start - 1);
    follows_name
        || (start > 0
            && (is_initial(start - 1) || matches!(reading.word(start - 1), "им" | "имени")))
        || (reading.is_close(start, start + 1) && is_initial(start + 1))
}

/// «Курской», «Курского»: the region's or the district's adjective.
fn is_of_region(word: &str) -> bool {
    ["ская", "ской", "скую", "ский", "ского", "скому", "ским", "ское", "ские", "ских", "цкой"]
        .iter()
        .any(|end| word.ends_with(end))
}

fn is_into(word: &str) -> bool {
    matches!(word, "в" | "во")
}

/// «Шексна, улица …», «Шексна. Педиатра нет»: a name before a pause says where.
fn stands_alone(reading: &Reading<'_>, named: &Named) -> bool {
    let is_first = reading.is_sentence_start(named.start);
    is_first && (reading.after(named.end - 1).starts_with([',', ':', '.']))
}
