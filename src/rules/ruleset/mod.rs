//! Turns the files of a ruleset into values, and complains with file, line and
//! field. Reads nothing itself: `adapters::ruleset_files` brings the texts.

pub mod grouping;
pub mod keywords;
pub mod region;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::region::Region;
use crate::model::ruleset::{Problem, RulesetFiles, RulesetHash, Severity};
use crate::model::topic::{Risk, Signal, Topic, TopicGroup, TopicId};
use crate::rules::ranking::Model;

pub use self::grouping::{
    AreaWeights, CampaignWeights, GroupingWeights, MergeWeights, Part, PartWeights, ReopenWeights,
    RepeatWeights, SystemicWeights,
};

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
