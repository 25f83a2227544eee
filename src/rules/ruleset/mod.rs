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
    pub candidates_max: usize,
}
