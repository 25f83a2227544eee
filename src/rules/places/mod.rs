//! Where a text's matter is: settlements, streets with houses, objects, with
//! how sure that is and why. Knows the region pack's names and the habits of
//! Russian addresses; knows nothing of topics or bodies.
//!
//! What cannot be told apart stays several candidates of low certainty. A
//! wrong town is worse than none.

mod names;
mod settlements;

use crate::model::place::Place;
use crate::model::region::{Region, TerritoryId};
use crate::model::text::Span;

use super::text::stem::{StemId, StemMemo};
use super::text::tokens::Token;

use self::settlements::Settlements;

/// More places than this in one post are a list, not a complaint.
const PLACES_MAX: usize = 12;

/// How sure the source's own territory is: a guess, below any word of the text.
const SOURCE_TERRITORY: f64 = 0.2;

/// The names of a region, ready to be found.
pub struct Gazetteer {
    settlements: Settlements,
}

/// A text as the parts of this module read it.
struct Reading<'t> {
    text: &'t str,
    tokens: &'t [Token],
    stems: Vec<StemId>,
}

impl Gazetteer {
    pub fn new(region: &Region) -> Gazetteer {
        let mut memo = StemMemo::new();
        Gazetteer { settlements: Settlements::new(&mut memo, region) }
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
        let stems = tokens.iter().map(|token| memo.stem(&token.normal)).collect();
        let reading = Reading { text, tokens, stems };
        let mut places = self.settlements.places(&reading, source_territory);
        if let (true, Some(territory)) = (places.is_empty(), source_territory) {
            places.push(of_source(territory));
        }
        places.sort_by(|one, other| other.certainty.total_cmp(&one.certainty));
        places.truncate(PLACES_MAX);
        places
    }
}

fn of_source(territory: &TerritoryId) -> Place {
    Place {
        territory: Some(territory.clone()),
        certainty: SOURCE_TERRITORY,
        because: "source_territory".to_owned(),
        ..Place::default()
    }
}

impl Reading<'_> {
    fn is_capitalised(&self, at: usize) -> bool {
        let word = self.tokens[at].span.of(self.text);
        word.chars().next().is_some_and(char::is_uppercase)
    }

    fn is_sentence_start(&self, at: usize) -> bool {
        at == 0 || self.tokens[at - 1].sentence != self.tokens[at].sentence
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.normal)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.tokens[start].span.start, end: self.tokens[end - 1].span.end }
    }
}
