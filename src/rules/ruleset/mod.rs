//! Turns the files of a ruleset into values, and complains with file, line and
//! field. Reads nothing itself: `adapters::ruleset_files` brings the texts.

pub mod keywords;
pub mod region;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::region::Region;
use crate::model::ruleset::{Problem, RulesetFiles, RulesetHash, Severity};
use crate::model::topic::{Risk, Signal, Topic, TopicGroup, TopicId};
use crate::rules::ranking::Model;

/// Everything that decides, parsed.
#[derive(Debug, Clone)]
pub struct Ruleset {
    pub hash: RulesetHash,
    pub groups: Vec<TopicGroup>,
    /// Word → further forms, from `keywords/_forms.toml`.
    pub forms: BTreeMap<String, Vec<String>>,
    pub signals: Vec<Signal>,
    pub risks: Vec<Risk>,
    pub weights: Weights,
    /// The learned order of topics, where this region has one.
    pub ranking: Option<Model>,
    pub region: Region,
    /// Where each topic, phrase and example was written.
    pub origins: Origins,
    /// What parsing found odd without refusing it.
    pub warnings: Vec<Problem>,
}

impl Ruleset {
    pub fn topics(&self) -> impl Iterator<Item = (&TopicGroup, &Topic)> {
        self.groups.iter().flat_map(|group| group.topics.iter().map(move |topic| (group, topic)))
    }

    pub fn topic(&self, id: &TopicId) -> Option<(&TopicGroup, &Topic)> {
        self.topics().find(|(_, topic)| topic.id == *id)
    }
}

/// Where a thing was written: field (`topic/street-lights-off/phrases/2`) →
/// file and line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins(BTreeMap<String, (String, usize)>);

impl Origins {
    pub fn note(&mut self, field: &str, file: &str, line: usize) {
        self.0.insert(field.to_owned(), (file.to_owned(), line));
    }

    /// An error about a field, where it was written.
    pub fn problem(&self, field: &str, message: &str) -> Problem {
        let (file, line) = self.0.get(field).cloned().unwrap_or_default();
        let (field, message) = (field.to_owned(), message.to_owned());
        Problem { file, line, field, message, severity: Severity::Error }
    }
}

/// The ruleset of these files, or everything that is wrong with them.
pub fn parse(files: &RulesetFiles, hash: RulesetHash) -> Result<Ruleset, Vec<Problem>> {
    let mut problems = Vec::new();
    let keywords = keywords::parse_keywords(files, &mut problems);
    let region = region::parse_region(files, &mut problems);
    let is_refused = problems.iter().any(|problem| problem.severity == Severity::Error);
    match (keywords.weights, region) {
        (Some(weights), Some(region)) if !is_refused => Ok(Ruleset {
            hash,
            groups: keywords.groups,
            forms: keywords.forms,
            signals: keywords.signals,
            risks: keywords.risks,
            weights,
            ranking: keywords.ranking,
            region,
            origins: keywords.origins,
            warnings: problems,
        }),
        _ => Err(problems),
    }
}

/// Everything wrong or doubtful about a ruleset that parses: what parsing
/// found odd, examples that fail, routes that nothing reaches.
pub fn check(ruleset: &Ruleset, today: jiff::civil::Date) -> Vec<Problem> {
    let mut problems = ruleset.warnings.clone();
    problems.extend(keywords::check::check(ruleset));
    problems.extend(region::check(&ruleset.region, &ruleset.groups, today));
    problems
}

/// `keywords/_weights.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    pub matching: MatchingWeights,
    pub grouping: GroupingWeights,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchingWeights {
    pub phrase: f64,
    /// Added to the complaint score where a topic's phrase was found.
    pub phrase_signal: f64,
    pub hint: f64,
    pub further_evidence: f64,
    pub topic_threshold: f64,
    pub complaint_threshold: f64,
    /// Added where a topic was found by its hints alone.
    #[serde(default)]
    pub hint_signal: f64,
    /// Absent in rulesets from before there were marks: nothing counts then.
    #[serde(default)]
    pub marks: MarkWeights,
}

/// What each mark of a text adds to the complaint score; see `_weights.toml`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarkWeights {
    pub address: f64,
    pub patronymic: f64,
    pub question: f64,
    pub comment: f64,
    pub link: f64,
    pub hashtag: f64,
    pub pictograph: f64,
    pub price: f64,
    pub foreign: f64,
    pub names: f64,
    pub quotes: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupingWeights {
    pub window_hours: i64,
    pub join: f64,
    pub suggest: f64,
    pub clear_lead: f64,
    pub family: f64,
    pub family_words: usize,
    pub vague_words: usize,
    pub candidates_max: usize,
    pub incidents_max: usize,
    /// Absent in rulesets from before there were repetitions: there are none then.
    #[serde(default)]
    pub repeat: Option<RepeatWeights>,
    pub parts: PartWeights,
}

/// When a new incident is a closed one again.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatWeights {
    /// At or above: told again, as if no time had passed.
    pub score: f64,
    /// Days after the closed incident's last post, `clustering::PAST_DAYS` at most.
    pub days: i64,
}

/// What each part of a comparison adds, times its value; see `_weights.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartWeights {
    pub base: f64,
    pub same_street_and_house: f64,
    pub other_house: f64,
    pub same_street: f64,
    pub other_street: f64,
    pub same_object: f64,
    pub other_object: f64,
    pub same_settlement: f64,
    pub other_settlement: f64,
    pub shared_names: f64,
    pub rare_name: f64,
    pub shared_words: f64,
    pub matter_words: f64,
    pub lead_words: f64,
    pub length: f64,
    pub rare_words: f64,
    pub word_pairs: f64,
    pub near_copy: f64,
    pub place_and_matter: f64,
    pub same_topic: f64,
    pub same_group: f64,
    pub other_topic: f64,
    pub same_author: f64,
    pub same_thread: f64,
    pub continues: f64,
    pub time_apart: f64,
    pub others_agree: f64,
    pub crowded: f64,
}
