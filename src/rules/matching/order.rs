//! The order of a matched post's topics where the ruleset holds a learned
//! model. The dictionaries have decided that the post matches and which topics
//! it names; the model says which is the main one, and why. A topic that the
//! dictionaries missed joins only when the model is more than half sure.

use crate::model::finding::{Finding, Learned, TopicMatch, TopicOrigin, Verdict, WordWeight};
use crate::model::topic::TopicId;
use crate::rules::ranking::{Matters, Model, REST, Ranker, Reading, read};
use crate::rules::ruleset::Ruleset;
use crate::rules::text::tokens::Token;

use super::verdict::importance;
use super::{Matcher, TopicRule, Word, stems_of};

/// From here on the model alone makes a topic.
const CERTAIN: f64 = 0.5;

/// Words kept as the reason.
const WORDS_MAX: usize = 5;

/// A model ready for a ruleset's topics.
pub struct Ranking {
    ranker: Ranker,
    matters: Matters,
}

impl Ranking {
    pub fn new(model: &Model, ruleset: &Ruleset) -> Ranking {
        Ranking { ranker: Ranker::new(model), matters: Matters::new(ruleset) }
    }
}

/// Where a topic stands by a model's certainties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'t> {
    pub topic: &'t str,
    /// Index into the topics that were heard; `None` where the model alone tells.
    pub heard: Option<usize>,
    pub certainty: f64,
}

/// Topics heard (with their dictionary scores) in the order of the model's
/// certainties, one a label. Topics that the model was not taught share what
/// it gives to all such topics, by their scores.
pub fn places<'t>(
    heard: &'t [(&'t str, f64)],
    labels: &'t [&'t str],
    certainties: &[f64],
) -> Vec<Place<'t>> {
    let label = |id: &str| labels.iter().position(|label| *label == id);
    let rest = label(REST).map_or(0.0, |label| certainties[label]);
    let untaught = || heard.iter().filter(|one| label(one.0).is_none()).map(|one| one.1);
    let (whole, count) = (untaught().sum::<f64>(), untaught().count() as f64);
    let mut places: Vec<Place<'t>> = heard
        .iter()
        .enumerate()
        .map(|(at, &(topic, score))| {
            let certainty = match label(topic) {
                Some(label) => certainties[label],
                // The general topic was heard in no word: it has no score.
                None if whole == 0.0 => rest / count,
                None => rest * score / whole,
            };
            Place { topic, heard: Some(at), certainty }
        })
        .collect();
    let missed = labels.iter().zip(certainties).filter(|(id, certainty)| {
        CERTAIN < **certainty && **id != REST && heard.iter().all(|one| one.0 != **id)
    });
    places.extend(missed.map(|(topic, &certainty)| Place { topic, heard: None, certainty }));
    // Stable: what the model cannot tell apart stays as the dictionaries had it.
    places.sort_by(|one, other| other.certainty.total_cmp(&one.certainty));
    places
}

impl Matcher {
    /// The finding with its topics in the learned order; as it was where there
    /// is no model, or nothing goes on to grouping.
    pub(super) fn ordered(
        &self,
        finding: Finding,
        tokens: &[Token],
        words: &[Word],
        refused: &[usize],
    ) -> Finding {
        match &self.ranking {
            Some(ranking) if finding.verdict == Verdict::Matched => {
                let reading = read(tokens, &stems_of(words), Some(&finding), &ranking.matters);
                self.by(ranking, finding, &reading, refused)
            }
            Some(_) | None => finding,
        }
    }

    fn by(
        &self,
        ranking: &Ranking,
        finding: Finding,
        reading: &Reading,
        refused: &[usize],
    ) -> Finding {
        let ranker = &ranking.ranker;
        let certainties = ranker.scores(reading).shares();
        let heard: Vec<(&str, f64)> =
            finding.topics.iter().map(|one| (one.topic.0.as_str(), one.score)).collect();
        let labels: Vec<&str> = ranker.labels.iter().map(|label| label.id.as_str()).collect();
        let mut topics: Vec<TopicMatch> = Vec::with_capacity(heard.len() + 1);
        for place in places(&heard, &labels, &certainties) {
            let found = match place.heard {
                Some(at) => Some(finding.topics[at].clone()),
                None => self.missed(place.topic, place.certainty, refused),
            };
            let Some(mut found) = found else { continue };
            let words = match topics.is_empty() {
                true => reasons(ranker, reading, place.topic),
                false => Vec::new(),
            };
            found.learned = Some(Learned { certainty: rounded(place.certainty), words });
            topics.push(found);
        }
        let main = topics.first().and_then(|main| self.rule(&main.topic.0));
        let importance = importance(main.map(|rule| rule.importance), &finding.risks);
        let topic_origin = self.origin(&finding, &topics);
        if topic_origin != finding.topic_origin {
            // The general topic says that there is none.
            topics.retain(|one| finding.topics.iter().all(|general| general.topic != one.topic));
        }
        Finding { topics, importance, topic_origin, ..finding }
    }

    /// A topic that the model knows the post's words by is no general one.
    fn origin(&self, finding: &Finding, topics: &[TopicMatch]) -> TopicOrigin {
        let is_same = |main: &TopicMatch| finding.topics.iter().any(|one| one.topic == main.topic);
        match topics.first() {
            Some(main) if !is_same(main) => TopicOrigin::Words,
            Some(_) | None => finding.topic_origin,
        }
    }

    fn rule(&self, id: &str) -> Option<&TopicRule> {
        self.topics.iter().find(|rule| rule.id.0 == id)
    }

    /// A topic without evidence of the dictionaries; `None` where the ruleset
    /// has it no more, or what the post says excludes it.
    fn missed(&self, id: &str, certainty: f64, refused: &[usize]) -> Option<TopicMatch> {
        let number = self.topics.iter().position(|rule| rule.id.0 == id)?;
        let rule = self.topics.get(number).filter(|_| !refused.contains(&number))?;
        let (topic, group) = (TopicId(id.to_owned()), rule.group.clone());
        let score = rounded(certainty);
        Some(TopicMatch { topic, group, score, evidence: Vec::new(), learned: None })
    }
}

/// The heaviest words that speak for a topic. A topic that the model was not
/// taught has the dictionaries' evidence alone.
fn reasons(ranker: &Ranker, reading: &Reading, topic: &str) -> Vec<WordWeight> {
    let Some(label) = ranker.label(topic) else { return Vec::new() };
    let heavy = ranker.reasons(reading, label).into_iter().filter(|word| 0.0 < word.weight);
    heavy
        .take(WORDS_MAX)
        .map(|word| WordWeight { spans: word.spans, weight: rounded(word.weight) })
        .collect()
}

/// What is stored reads well and is the same on every machine.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heard: &[(&str, f64)], model: &[(&str, f64)], expected: &[(&str, Option<usize>)]) {
        let labels: Vec<&str> = model.iter().map(|one| one.0).collect();
        let certainties: Vec<f64> = model.iter().map(|one| one.1).collect();
        let found = places(heard, &labels, &certainties);
        let found: Vec<_> = found.iter().map(|place| (place.topic, place.heard)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_model_orders_what_the_dictionaries_heard() {
        let model = [(REST, 0.1), ("pits", 0.3), ("lamps", 0.6)];
        check(&[("pits", 0.9), ("lamps", 0.5)], &model, &[("lamps", Some(1)), ("pits", Some(0))]);
    }

    #[test]
    fn topics_it_was_not_taught_share_the_rest_in_their_own_order() {
        let model = [(REST, 0.45), ("pits", 0.2), ("lamps", 0.35)];
        let heard = [("pits", 0.9), ("hatch", 0.8), ("snow", 0.4)];
        check(&heard, &model, &[("hatch", Some(1)), ("pits", Some(0)), ("snow", Some(2))]);
    }

    #[test]
    fn a_topic_nobody_heard_joins_only_when_it_is_certain() {
        let heard = [("pits", 0.9)];
        let sure = [(REST, 0.1), ("pits", 0.3), ("lamps", 0.6)];
        check(&heard, &sure, &[("lamps", None), ("pits", Some(0))]);
        let unsure = [(REST, 0.2), ("pits", 0.3), ("lamps", 0.5)];
        check(&heard, &unsure, &[("pits", Some(0))]);
        let rest = [(REST, 0.9), ("pits", 0.1)];
        check(&heard, &rest, &[("pits", Some(0))]);
    }

    #[test]
    fn a_topic_heard_in_no_word_has_a_certainty_too() {
        let labels = [REST, "pits"];
        let found = places(&[("unsorted", 0.0)], &labels, &[0.4, 0.6]);
        let found: Vec<_> = found.iter().map(|one| (one.topic, one.certainty)).collect();
        assert_eq!(found, [("pits", 0.6), ("unsorted", 0.4)]);
    }
}
