//! Turns the files of a ruleset into values, and complains with file, line and
//! field. Reads nothing itself: `adapters::ruleset_files` brings the texts.

pub mod keywords;
pub mod region;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::region::Region;
use crate::model::ruleset::RulesetHash;
use crate::model::topic::{Risk, Signal, TopicGroup};

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
    pub region: Region,
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
    pub hint: f64,
    pub further_evidence: f64,
    pub topic_threshold: f64,
    pub complaint_threshold: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupingWeights {
    pub window_hours: i64,
    pub join: f64,
    pub suggest: f64,
    pub family: f64,
    pub family_words: usize,
    pub candidates_max: usize,
    pub incidents_max: usize,
    pub parts: PartWeights,
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
    pub no_place: f64,
    pub shared_names: f64,
    pub rare_name: f64,
    pub shared_words: f64,
    pub matter_words: f64,
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
    pub clear_best: f64,
}
