//! From messages with topics that people decided to a model of their order,
//! with figures before and after. Every figure is of messages that the model
//! behind it has not seen. Knows texts and topics; nothing of files or stores.

use std::collections::BTreeMap;

use crate::model::topic::TopicId;
use crate::rules::matching::{Learner, Place, Topics, places};
use crate::rules::ranking::{
    EXAMPLES_MAX, Example, Habits, Model, REST, Reading, Scores, Trained, train,
};
use crate::rules::ruleset::Ruleset;

/// Topics with fewer examples are left to the dictionaries: what so few have
/// in common is chance.
pub const TOPIC_EXAMPLES_MIN: usize = 5;

/// With fewer topics there is no order to learn.
const TOPICS_MIN: usize = 2;

/// A message with the topic that a person gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub text: String,
    pub topic: TopicId,
}

/// How often the right topic came first, and among the first three.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    pub first: f64,
    pub among_three: f64,
}

/// One topic's examples and how many had it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfTopic {
    pub topic: TopicId,
    pub examples: usize,
    pub before: usize,
    pub after: usize,
}

/// A model and what it is worth.
#[derive(Debug)]
pub struct Lesson {
    pub model: Model,
    pub examples: usize,
    /// Examples left out because there are too many, the oldest.
    pub too_old: usize,
    /// The dictionaries alone.
    pub before: Rates,
    /// With a model of all the other examples.
    pub after: Rates,
    /// Topics that the model was taught, by id.
    pub taught: Vec<OfTopic>,
    /// Topics with too few examples: left to the dictionaries.
    pub thin: Vec<OfTopic>,
}

/// Why nothing can be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{topics} topics have {TOPIC_EXAMPLES_MIN} examples or more, at least {TOPICS_MIN} are wanted"
)]
pub struct TooFew {
    pub topics: usize,
}

/// Learns from messages in the order in which they were decided.
pub fn learn(judged: &[Judged], ruleset: &Ruleset) -> Result<Lesson, TooFew> {
    let too_old = judged.len().saturating_sub(EXAMPLES_MAX);
    let judged = &judged[too_old..];
    let labels = labels(judged)?;
    let mut learner = Learner::new(ruleset);
    let mut heard = Vec::with_capacity(judged.len());
    let mut examples = Vec::with_capacity(judged.len());
    for one in judged {
        let (reading, topics) = learner.message_and_topics(&one.text);
        let label = labels.iter().position(|label| *label == one.topic.0).unwrap_or(0);
        examples.push(Example { reading, label, arrived: None });
        heard.push(topics);
    }
    let names: Vec<Reading> = labels.iter().map(|id| name(&mut learner, id)).collect();
    let trained = train(&examples, &labels, &names, Habits::Words);
    let ends = ends(judged, &heard, &labels, &trained);
    let (taught, thin) = by_topic(judged, &ends, &labels);
    Ok(Lesson {
        model: trained.model,
        examples: judged.len(),
        too_old,
        before: rates(ends.iter().map(|end| end.before)),
        after: rates(ends.iter().map(|end| end.after)),
        taught,
        thin,
    })
}

/// The rest first, then every topic with examples enough, by id.
fn labels(judged: &[Judged]) -> Result<Vec<String>, TooFew> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in judged {
        *counts.entry(&one.topic.0).or_default() += 1;
    }
    let taught = counts.into_iter().filter(|one| TOPIC_EXAMPLES_MIN <= one.1);
    let mut labels = vec![REST.to_owned()];
    labels.extend(taught.map(|(id, _)| id.to_owned()));
    match labels.len() - 1 {
        topics if topics < TOPICS_MIN => Err(TooFew { topics }),
        _ => Ok(labels),
    }
}

fn name(learner: &mut Learner<'_>, id: &str) -> Reading {
    let ruleset = learner.ruleset;
    match ruleset.topic(&TopicId(id.to_owned())) {
        Some((_, topic)) => learner.name(&topic.name.ru),
        None => Reading::default(),
    }
}

/// Where the right topic came, counted from 0, before and after.
struct End {
    before: Option<usize>,
    after: Option<usize>,
}

fn ends(judged: &[Judged], heard: &[Topics], labels: &[String], trained: &Trained) -> Vec<End> {
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut ends = Vec::with_capacity(judged.len());
    for (row, (one, Topics { heard, excluded })) in judged.iter().zip(heard).enumerate() {
        let certainties = Scores(trained.left_out.row(row).to_vec()).shares();
        let heard: Vec<(&str, f64)> =
            heard.iter().map(|(topic, score)| (topic.as_str(), *score)).collect();
        let is_refused = |id: &str| excluded.iter().any(|one| one == id);
        let after = places(&heard, &labels, &certainties);
        let after: Vec<Place<'_>> = after
            .into_iter()
            .filter(|place| place.heard.is_some() || !is_refused(place.topic))
            .collect();
        ends.push(End {
            before: heard.iter().position(|(topic, _)| *topic == one.topic.0),
            after: after.iter().position(|place| place.topic == one.topic.0),
        });
    }
    ends
}

fn rates(ends: impl ExactSizeIterator<Item = Option<usize>>) -> Rates {
    let count = ends.len().max(1) as f64;
    let mut rates = Rates::default();
    for place in ends.flatten() {
        rates.first += if place == 0 { 1.0 / count } else { 0.0 };
        rates.among_three += if place < 3 { 1.0 / count } else { 0.0 };
    }
    rates
}

/// Topics that were taught, and those with too few examples.
fn by_topic(judged: &[Judged], ends: &[End], labels: &[String]) -> (Vec<OfTopic>, Vec<OfTopic>) {
    let mut topics: BTreeMap<&TopicId, OfTopic> = BTreeMap::new();
    for (one, end) in judged.iter().zip(ends) {
        let topic = topics.entry(&one.topic).or_insert_with(|| OfTopic {
            topic: one.topic.clone(),
            examples: 0,
            before: 0,
            after: 0,
        });
        topic.examples += 1;
        topic.before += usize::from(end.before == Some(0));
        topic.after += usize::from(end.after == Some(0));
    }
    topics.into_values().partition(|one| labels.contains(&one.topic.0))
}
