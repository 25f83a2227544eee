//! Which topics' keyword files use a word: a first idea of a message's matter
//! before anybody decided anything. A word that all topics use says nothing.

use std::collections::BTreeMap;

use crate::model::topic::Topic;
use crate::rules::ruleset::Ruleset;
use crate::rules::text::stem::{FixedMap, StemMemo};
use crate::rules::text::tokens::{TokenKind, tokenise};

use super::features::named;

/// The words of a ruleset's topics.
#[derive(Debug, Clone, Default)]
pub struct Matters {
    /// Stem → keys of topics with how much the word speaks for each.
    by_stem: FixedMap<u64, Vec<(u64, f64)>>,
}

/// A name says more than a hint, a hint more than one word of a long phrase.
const NAME_TIMES: usize = 3;
const HINT_TIMES: usize = 2;

impl Matters {
    pub fn new(ruleset: &Ruleset) -> Matters {
        let mut memo = StemMemo::new();
        let topics: Vec<(u64, BTreeMap<u64, usize>)> = ruleset
            .topics()
            .map(|(_, topic)| (named("topic", &topic.id.0), words(&mut memo, topic)))
            .collect();
        let mut used_by: BTreeMap<u64, usize> = BTreeMap::new();
        for stem in topics.iter().flat_map(|(_, words)| words.keys()) {
            *used_by.entry(*stem).or_default() += 1;
        }
        let mut by_stem: FixedMap<u64, Vec<(u64, f64)>> = FixedMap::default();
        for (key, words) in &topics {
            for (stem, &times) in words {
                let rarity = (topics.len() as f64 / used_by[stem] as f64).ln();
                if rarity > 0.0 {
                    let weight = (1.0 + (times as f64).ln()) * rarity;
                    by_stem.entry(*stem).or_default().push((*key, weight));
                }
            }
        }
        Matters { by_stem }
    }

    pub fn of(&self, stem: u64) -> &[(u64, f64)] {
        self.by_stem.get(&stem).map_or(&[], Vec::as_slice)
    }
}

fn words(memo: &mut StemMemo, topic: &Topic) -> BTreeMap<u64, usize> {
    let mut words = BTreeMap::new();
    let mut add = |text: &str, times: usize| {
        // The signs of phrases tie and separate words.
        let text = text.replace(['_', '|', '=', '*'], " ");
        for token in tokenise(&text) {
            if token.kind == TokenKind::Word {
                *words.entry(memo.stem(&token.normal).0).or_default() += times;
            }
        }
    };
    add(&topic.name.ru, NAME_TIMES);
    topic.phrases.iter().for_each(|phrase| add(phrase, 1));
    topic.hints.iter().for_each(|hint| add(hint, HINT_TIMES));
    topic.matches.iter().for_each(|example| add(example, 1));
    words
}
