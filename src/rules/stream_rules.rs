//! Which rules a stream of public posts is given, so that posts about the
//! ruleset's topics in the region's places come: words of a topic's phrase
//! together with the name of a place. There is room for few rules, so those
//! that are worth most come first, and what is left out is said with why.
//!
//! A rule may bring more than its phrase means: posts are judged when they are
//! read. Streets are not among the places: their names are shared by half the
//! country, and a post that names the town as well comes by the town.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::region::{Region, Settlement};
use crate::model::stream::StreamRule;
use crate::rules::matching::phrase;
use crate::rules::matching::phrase::{Slot, Test};
use crate::rules::ruleset::Ruleset;
use crate::rules::text::tokens;

/// Rules that one phrase may become in one place; slots with the most
/// alternatives are left out until it does.
const RULES_OF_PHRASE_MAX: usize = 6;
/// How much less a topic's next question is worth than the one before it.
const FURTHER_QUESTION: i64 = 8;
/// People of a place that is worth nothing by its size; one of unknown size is
/// no larger.
const VILLAGE: u64 = 256;

/// What a network allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleLimits {
    pub rules: usize,
    pub words: usize,
    pub value_bytes: usize,
    pub tag_bytes: usize,
}

pub const VK_LIMITS: RuleLimits =
    RuleLimits { rules: 300, words: 100, value_bytes: 4_096, tag_bytes: 256 };

/// The rules, those worth most first, and how many did not fit for which reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compiled {
    pub rules: Vec<StreamRule>,
    /// The places that they name, the largest first.
    pub places: Vec<String>,
    pub left_out: BTreeMap<&'static str, u64>,
}

/// Why a rule is none.
const NO_ROOM: &str = "no_room";
const TOO_MANY_WORDS: &str = "too_many_words";
const TOO_LONG: &str = "too_long";
/// The network knows words and their forms, not beginnings of words.
const ONLY_BEGINNINGS: &str = "only_beginnings";

/// All reasons, for those who give them words.
pub const REASONS: [&str; 4] = [NO_ROOM, TOO_MANY_WORDS, TOO_LONG, ONLY_BEGINNINGS];

/// One way to ask for a topic.
struct Question {
    topic: String,
    importance: i64,
    /// Which of the topic's questions it is; those with fewer words come first.
    number: i64,
    words: Vec<String>,
}

struct Place {
    name: String,
    words: Vec<String>,
    /// How often the number of people was doubled, beyond a village's.
    size: i64,
}

/// The rules for a ruleset. The same ruleset gives the same rules.
pub fn compile(ruleset: &Ruleset, limits: RuleLimits) -> Compiled {
    let mut compiled = Compiled::default();
    let places = places(&ruleset.region);
    let questions = questions(ruleset, &mut compiled);
    let sizes: BTreeSet<i64> = places.iter().map(|place| place.size).collect();
    let worths: BTreeSet<(i64, i64)> =
        questions.iter().map(|one| (one.importance, one.number)).collect();
    let mut order: Vec<(i64, i64, i64, i64)> = Vec::new();
    for (importance, number) in &worths {
        let worth = |size: &i64| importance * size - FURTHER_QUESTION * number;
        order.extend(sizes.iter().map(|size| (-worth(size), -importance, *number, -size)));
    }
    order.sort_unstable();
    let mut room = Room { compiled, limits, values: BTreeSet::new(), places: BTreeSet::new() };
    for (_, importance, number, size) in order {
        let asked: Vec<&Question> = questions
            .iter()
            .filter(|one| one.importance == -importance && one.number == number)
            .collect();
        let there: Vec<&Place> = places.iter().filter(|place| place.size == -size).collect();
        if room.is_full() {
            room.leave_out(NO_ROOM, (asked.len() * there.len()) as u64);
            continue;
        }
        for place in there {
            asked.iter().for_each(|question| room.take(question, place));
        }
    }
    let named = |place: &&Place| room.places.contains(&place.name);
    room.compiled.places = places.iter().filter(named).map(|place| place.name.clone()).collect();
    room.compiled
}

/// Every way to ask for every topic.
fn questions(ruleset: &Ruleset, compiled: &mut Compiled) -> Vec<Question> {
    let mut questions = Vec::new();
    for (_, topic) in ruleset.topics() {
        let mut sets = BTreeSet::new();
        for written in &topic.phrases {
            let found = words_of(written);
            if found.is_empty() {
                *compiled.left_out.entry(ONLY_BEGINNINGS).or_default() += 1;
            }
            sets.extend(found);
        }
        // What asks for more words than another set brings nothing new.
        let is_needless =
            |set: &BTreeSet<String>| sets.iter().any(|other| other != set && other.is_subset(set));
        let mut sets: Vec<&BTreeSet<String>> =
            sets.iter().filter(|one| !is_needless(one)).collect();
        sets.sort_by_key(|set| set.len());
        questions.extend(sets.into_iter().zip(0..).map(|(set, number)| Question {
            topic: topic.id.0.clone(),
            importance: i64::from(topic.importance),
            number,
            words: set.iter().cloned().collect(),
        }));
    }
    questions
}

struct Room {
    compiled: Compiled,
    limits: RuleLimits,
    values: BTreeSet<String>,
    places: BTreeSet<String>,
}

impl Room {
    fn is_full(&self) -> bool {
        self.limits.rules <= self.compiled.rules.len()
    }

    fn take(&mut self, question: &Question, place: &Place) {
        let limits = self.limits;
        if self.is_full() {
            return self.leave_out(NO_ROOM, 1);
        }
        let words: Vec<&str> = place.words.iter().chain(&question.words).map(|w| sign(w)).collect();
        let value = words.join(" ");
        if limits.words < words.len() {
            self.leave_out(TOO_MANY_WORDS, 1);
        } else if limits.value_bytes < value.len() {
            self.leave_out(TOO_LONG, 1);
        } else if self.values.insert(value.clone()) {
            let tag = tag(&question.topic, &value, limits.tag_bytes);
            self.compiled.rules.push(StreamRule { tag, value });
            self.places.insert(place.name.clone());
        }
        // Two topics that ask for the same words are served by one rule.
    }

    fn leave_out(&mut self, why: &'static str, count: u64) {
        *self.compiled.left_out.entry(why).or_default() += count;
    }
}

/// The region's places by the words of their names, the largest first.
fn places(region: &Region) -> Vec<Place> {
    let people = |one: &Settlement| one.population.unwrap_or(VILLAGE);
    let mut settlements: Vec<&Settlement> = region.settlements.iter().collect();
    settlements.sort_by(|one, other| {
        people(other).cmp(&people(one)).then_with(|| one.name.cmp(&other.name))
    });
    let mut seen = BTreeSet::new();
    let place = |one: &Settlement| Place {
        name: one.name.clone(),
        words: tokens::tokenise(&one.name)
            .into_iter()
            .map(|token| token.normal.to_string())
            .collect(),
        size: i64::from((people(one) / VILLAGE).max(1).ilog2()),
    };
    settlements
        .into_iter()
        .map(place)
        .filter(|place| !place.words.is_empty() && seen.insert(place.words.clone()))
        .collect()
}

/// Sets of words of which each is enough to suspect the phrase.
fn words_of(written: &str) -> BTreeSet<BTreeSet<String>> {
    let Ok(phrase) = phrase::parse(written) else { return BTreeSet::new() };
    // A slot that a beginning alone can fill asks for nothing.
    let mut slots: Vec<Vec<Vec<String>>> = phrase.slots.iter().filter_map(alternatives).collect();
    slots.sort_by_key(Vec::len);
    let mut sets = BTreeSet::from([BTreeSet::new()]);
    for slot in slots {
        if RULES_OF_PHRASE_MAX < sets.len() * slot.len() && sets.iter().any(|set| !set.is_empty()) {
            break;
        }
        sets = sets
            .iter()
            .flat_map(|set| {
                slot.iter().map(move |words| set.iter().chain(words).cloned().collect())
            })
            .collect();
    }
    sets.remove(&BTreeSet::new());
    sets
}

/// The words of every alternative, or nothing where one of them cannot be said.
fn alternatives(slot: &Slot) -> Option<Vec<Vec<String>>> {
    let said = |test: &Test| match test {
        Test::Word(word) => Some(word.clone()),
        Test::Exact(word) => Some(format!("\"{word}\"")),
        Test::Prefix(_) => None,
    };
    slot.iter().map(|tied| tied.iter().map(said).collect()).collect()
}

/// A word that begins with a minus would mean the opposite.
fn sign(word: &str) -> &str {
    word.trim_start_matches('-')
}

/// A name that changes with the rule's words and not with its neighbours.
fn tag(topic: &str, value: &str, bytes_max: usize) -> String {
    let mark = format!("{:016x}", crate::rules::text::stem::fixed_hash(value));
    let mut end = topic.len().min(bytes_max.saturating_sub(mark.len() + 1));
    while !topic.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}.{mark}", &topic[..end])
}

/// What must change at the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Tags of rules to take away, before others are added.
    pub delete: Vec<String>,
    pub add: Vec<StreamRule>,
}

/// From the rules that are there to those that should be.
pub fn difference(want: &[StreamRule], have: &[StreamRule]) -> Difference {
    let is_in = |rule: &&StreamRule, rules: &[StreamRule]| rules.contains(rule);
    Difference {
        delete: have
            .iter()
            .filter(|rule| !is_in(rule, want))
            .map(|rule| rule.tag.clone())
            .collect(),
        add: want.iter().filter(|rule| !is_in(rule, have)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests;
