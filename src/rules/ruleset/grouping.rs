//! The numbers that decide what is one problem: thresholds, and a weight for
//! each part of a comparison. Shipped in `keywords/_weights.toml`; a region's own
//! joins and splits retrain them into `keywords/_grouping.toml`. Knows names and
//! numbers, and not how a part is measured.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;

use crate::model::topic::{Topic, TopicId};

/// The weights that a region's people taught, beside the shipped ones.
pub const GROUPING_FILE: &str = "keywords/_grouping.toml";

/// What a dispatcher would name when asked why two messages are one problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Base,
    SameHouse,
    OtherHouse,
    SameStreet,
    OtherStreet,
    SameObject,
    OtherObject,
    SameSettlement,
    OtherSettlement,
    SharedNames,
    RareName,
    SharedWords,
    MatterWords,
    LeadWords,
    Length,
    RareWords,
    WordPairs,
    Copy,
    PlaceAndMatter,
    SameTopic,
    SameGroup,
    OtherTopic,
    SameAuthor,
    SameThread,
    Continues,
    TimeApart,
    OthersAgree,
    Crowded,
    WordsStandOut,
    MatterStandsOut,
    LeadStandsOut,
    PairsStandOut,
    SameAppeal,
    NearHouse,
    SameAttachment,
    Told,
    ToldStandsOut,
    NamesTold,
    SeveralTell,
}

/// What a part's weight may be when it is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Speaks for one problem, or says nothing.
    For,
    Against,
    Either,
}

impl Part {
    pub const COUNT: usize = 39;

    pub const ALL: [Part; Part::COUNT] = [
        Part::Base,
        Part::SameHouse,
        Part::OtherHouse,
        Part::SameStreet,
        Part::OtherStreet,
        Part::SameObject,
        Part::OtherObject,
        Part::SameSettlement,
        Part::OtherSettlement,
        Part::SharedNames,
        Part::RareName,
        Part::SharedWords,
        Part::MatterWords,
        Part::LeadWords,
        Part::Length,
        Part::RareWords,
        Part::WordPairs,
        Part::Copy,
        Part::PlaceAndMatter,
        Part::SameTopic,
        Part::SameGroup,
        Part::OtherTopic,
        Part::SameAuthor,
        Part::SameThread,
        Part::Continues,
        Part::TimeApart,
        Part::OthersAgree,
        Part::Crowded,
        Part::WordsStandOut,
        Part::MatterStandsOut,
        Part::LeadStandsOut,
        Part::PairsStandOut,
        Part::SameAppeal,
        Part::NearHouse,
        Part::SameAttachment,
        Part::Told,
        Part::ToldStandsOut,
        Part::NamesTold,
        Part::SeveralTell,
    ];

    /// As in the files of weights and in stored reasons.
    pub fn name(self) -> &'static str {
        match self {
            Part::Base => "base",
            Part::SameHouse => "same_street_and_house",
            Part::OtherHouse => "other_house",
            Part::SameStreet => "same_street",
            Part::OtherStreet => "other_street",
            Part::SameObject => "same_object",
            Part::OtherObject => "other_object",
            Part::SameSettlement => "same_settlement",
            Part::OtherSettlement => "other_settlement",
            Part::SharedNames => "shared_names",
            Part::RareName => "rare_name",
            Part::SharedWords => "shared_words",
            Part::MatterWords => "matter_words",
            Part::LeadWords => "lead_words",
            Part::Length => "length",
            Part::RareWords => "rare_words",
            Part::WordPairs => "word_pairs",
            Part::Copy => "near_copy",
            Part::PlaceAndMatter => "place_and_matter",
            Part::SameTopic => "same_topic",
            Part::SameGroup => "same_group",
            Part::OtherTopic => "other_topic",
            Part::SameAuthor => "same_author",
            Part::SameThread => "same_thread",
            Part::Continues => "continues",
            Part::TimeApart => "time_apart",
            Part::OthersAgree => "others_agree",
            Part::Crowded => "crowded",
            Part::WordsStandOut => "words_stand_out",
            Part::MatterStandsOut => "matter_stands_out",
            Part::LeadStandsOut => "lead_stands_out",
            Part::PairsStandOut => "pairs_stand_out",
            Part::SameAppeal => "same_appeal",
            Part::NearHouse => "near_house",
            Part::SameAttachment => "same_attachment",
            Part::Told => "told",
            Part::ToldStandsOut => "told_stands_out",
            Part::NamesTold => "names_told",
            Part::SeveralTell => "several_tell",
        }
    }

    pub fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }

    /// How a part may speak. `None`: its weight is never learned. Shares of words
    /// mean one thing among short messages and another among long ones; what is
    /// learned is how far they stand out among the other candidates.
    pub fn learned_as(self) -> Option<Sign> {
        match self {
            Part::Base | Part::Continues => Some(Sign::Either),
            Part::OtherHouse
            | Part::NearHouse
            | Part::OtherStreet
            | Part::OtherObject
            | Part::OtherSettlement
            | Part::OtherTopic
            | Part::TimeApart
            | Part::Crowded => Some(Sign::Against),
            Part::SameHouse
            | Part::SameStreet
            | Part::SameObject
            | Part::SameSettlement
            | Part::SharedNames
            | Part::RareWords
            | Part::PlaceAndMatter
            | Part::SameTopic
            | Part::SameGroup
            | Part::SameAuthor
            | Part::SameThread
            | Part::OthersAgree
            | Part::WordsStandOut
            | Part::MatterStandsOut
            | Part::LeadStandsOut
            | Part::PairsStandOut
            | Part::SameAppeal
            | Part::SameAttachment
            | Part::ToldStandsOut
            | Part::NamesTold
            | Part::SeveralTell => Some(Sign::For),
            Part::SharedWords
            | Part::MatterWords
            | Part::LeadWords
            | Part::Length
            | Part::WordPairs
            | Part::Copy
            | Part::RareName
            | Part::Told => None,
        }
    }

    /// Whether a file of weights may leave the part out: it counts nothing then.
    /// Those that every ruleset has had are missed where they are forgotten.
    fn may_be_absent(self) -> bool {
        let is_new = matches!(
            self,
            Part::WordsStandOut
                | Part::MatterStandsOut
                | Part::LeadStandsOut
                | Part::PairsStandOut
                | Part::SameAppeal
                | Part::NearHouse
                | Part::SameAttachment
                | Part::ToldStandsOut
                | Part::NamesTold
                | Part::SeveralTell
        );
        is_new || self.learned_as().is_none()
    }
}

/// What each part adds, times its value; see `_weights.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, f64>")]
pub struct PartWeights([f64; Part::COUNT]);

impl PartWeights {
    /// Every part counts nothing.
    pub const NONE: PartWeights = PartWeights([0.0; Part::COUNT]);

    pub fn of(&self, part: Part) -> f64 {
        self.0[part as usize]
    }

    pub fn set(&mut self, part: Part, weight: f64) {
        self.0[part as usize] = weight;
    }
}

impl TryFrom<BTreeMap<String, f64>> for PartWeights {
    type Error = String;

    fn try_from(named: BTreeMap<String, f64>) -> Result<PartWeights, String> {
        let mut weights = PartWeights::NONE;
        for (name, weight) in &named {
            let part = Part::named(name).ok_or_else(|| format!("unknown part `{name}`"))?;
            if !weight.is_finite() {
                return Err(format!("the weight of `{name}` is not a number"));
            }
            weights.set(part, *weight);
        }
        let is_missed = |part: &Part| !part.may_be_absent() && !named.contains_key(part.name());
        match Part::ALL.into_iter().find(is_missed) {
            Some(part) => Err(format!("missing part `{}`", part.name())),
            None => Ok(weights),
        }
    }
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
    /// Absent in rulesets from before posts opened closed incidents again: they
    /// open none then, but where a topic says so.
    #[serde(default)]
    pub reopen: Option<ReopenWeights>,
    /// Absent in rulesets from before there were systemic problems.
    #[serde(default)]
    pub systemic: Option<SystemicWeights>,
    /// Absent in rulesets from before there were events over an area.
    #[serde(default)]
    pub area: Option<AreaWeights>,
    /// Absent in rulesets from before splits were proposed: none are then.
    #[serde(default)]
    pub split: Option<SplitWeights>,
    /// Absent in rulesets from before the program merged anything: it does not then.
    #[serde(default)]
    pub merge: Option<MergeWeights>,
    /// Absent in rulesets from before there were campaigns.
    #[serde(default)]
    pub campaign: Option<CampaignWeights>,
    pub parts: PartWeights,
    /// How fast the topics live for which a day is longer than for others: what it
    /// is multiplied by. Follows from how soon each is another event once it is over.
    #[serde(skip)]
    pub paces: BTreeMap<TopicId, f64>,
    /// The parts as they were shipped, where people taught others.
    #[serde(skip)]
    pub untaught: Option<PartWeights>,
}

impl GroupingWeights {
    /// The parts before anything was learned.
    pub fn shipped_parts(&self) -> &PartWeights {
        self.untaught.as_ref().unwrap_or(&self.parts)
    }

    /// What a day is multiplied by where a topic is told of: an outage lives hours, a
    /// pit in the road months.
    pub fn pace(&self, topic: &TopicId) -> f64 {
        self.paces.get(topic).copied().unwrap_or(1.0)
    }

    /// Works out how fast the topics live: where a thirtieth of the usual time makes
    /// it another event, a day counts for two and a third. Time was learned from
    /// topics of all kinds, and people go on writing of what has lasted for weeks, so
    /// the fourth root keeps the fastest from leaving nothing but copies.
    pub fn take_paces<'t>(&mut self, topics: impl Iterator<Item = &'t Topic>) {
        let Some(usual) = self.reopen.map(|reopen| f64::from(reopen.hours())) else { return };
        let pace = |topic: &Topic| {
            let hours = topic.reopen_hours.filter(|hours| 0 < *hours)?;
            let pace = (usual / f64::from(hours)).sqrt().sqrt();
            (1.0 < pace).then(|| (topic.id.clone(), pace))
        };
        self.paces = topics.filter_map(pace).collect();
    }

    /// What people taught goes before what was shipped.
    pub fn taught(&mut self, learned: &LearnedGrouping) {
        self.untaught.get_or_insert_with(|| self.parts.clone());
        self.join = learned.join;
        for part in Part::ALL.into_iter().filter(|part| part.learned_as().is_some()) {
            self.parts.set(part, learned.parts.of(part));
        }
    }
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

/// How long after its closing an incident is opened again by who tells the same,
/// where neither its topic nor the topic's group says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenWeights {
    pub days: u32,
}

impl ReopenWeights {
    pub fn hours(self) -> u32 {
        self.days.saturating_mul(24)
    }
}

/// When what comes back again and again is a systemic problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemicWeights {
    /// Incidents of a chain of repetitions that were opened within a season.
    pub times: usize,
    /// A season.
    pub days: i64,
}

impl SystemicWeights {
    /// A first time is no chain yet; nobody looks through more on a page.
    pub const TIMES: RangeInclusive<usize> = 2..=100;
    /// Ten years at most.
    pub const DAYS: RangeInclusive<i64> = 1..=3660;
}

/// When posts from many streets are one event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaWeights {
    /// Streets of one municipality from which one topic is told …
    pub places: usize,
    /// … within so many hours …
    pub hours: i64,
    /// … so many times as often as …
    pub burst: f64,
    /// … in so many days before.
    pub days: i64,
    /// Topics that tell of one kind of event, by what it is.
    pub events: BTreeMap<String, Vec<String>>,
}

impl AreaWeights {
    /// Two streets cross, and have a house in common.
    pub const PLACES: RangeInclusive<usize> = 3..=100;
    pub const HOURS: RangeInclusive<i64> = 1..=168;
    pub const BURST: RangeInclusive<f64> = 1.0..=1000.0;
    pub const DAYS: RangeInclusive<i64> = 1..=60;

    /// Every topic with the event it tells of.
    pub fn topics(&self) -> impl Iterator<Item = (&String, &String)> {
        self.events.iter().flat_map(|(event, topics)| topics.iter().map(move |id| (event, id)))
    }
}

/// When two incidents on which nobody has decided anything are merged.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeWeights {
    /// How a post must fit the one and the other, 0..=1.
    pub score: f64,
}

impl MergeWeights {
    pub const SCORE: RangeInclusive<f64> = 0.0..=1.0;
}

/// When an incident is proposed to be split.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitWeights {
    /// Topic groups whose matters are told of from many houses and are one.
    pub area_wide: Vec<String>,
}

/// When copies of one text are a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignWeights {
    /// People who sent it …
    pub authors: usize,
    /// … within so many hours.
    pub hours: i64,
}

impl CampaignWeights {
    /// One is no campaign; a crowd needs no mark.
    pub const AUTHORS: RangeInclusive<usize> = 2..=1000;
    /// A month at most.
    pub const HOURS: RangeInclusive<i64> = 1..=744;
}

/// A file of learned weights.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnedGrouping {
    pub version: u32,
    /// Judged messages it was learned from, and how many of them had a partner.
    pub judged: usize,
    pub with_partner: usize,
    /// At or above: joined by the machine.
    pub join: f64,
    pub parts: PartWeights,
}

impl LearnedGrouping {
    pub const VERSION: u32 = 1;

    /// # Errors
    /// What is wrong, for the person who edits the file.
    pub fn parse(text: &str) -> Result<LearnedGrouping, toml::de::Error> {
        use serde::de::Error;
        let learned: LearnedGrouping = toml::from_str(text)?;
        if learned.version != LearnedGrouping::VERSION {
            let message = format!("version {} is not known here", learned.version);
            return Err(toml::de::Error::custom(message));
        }
        if !(0.0..=1.0).contains(&learned.join) {
            return Err(toml::de::Error::custom("`join` is a probability from 0 to 1"));
        }
        let is_useless =
            |part: &Part| part.learned_as().is_none() && learned.parts.of(*part) != 0.0;
        match Part::ALL.into_iter().find(is_useless) {
            Some(part) => {
                Err(toml::de::Error::custom(format!("`{}` is never learned", part.name())))
            }
            None => Ok(learned),
        }
    }

    /// What `parse` reads.
    pub fn print(&self) -> String {
        let mut text = format!(
            "# Weights of grouping, learned from people's joins and splits by\n\
             # `otklik learn grouping --take`. They go before those of `_weights.toml`;\n\
             # without this file the shipped ones hold again.\n\
             version = {}\njudged = {}\nwith_partner = {}\njoin = {:.4}\n\n[parts]\n",
            self.version, self.judged, self.with_partner, self.join
        );
        for part in Part::ALL.into_iter().filter(|part| part.learned_as().is_some()) {
            text.push_str(&format!("{} = {:.4}\n", part.name(), self.parts.of(part)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ruleset::Weights;

    fn learned() -> LearnedGrouping {
        let mut parts = PartWeights::NONE;
        parts.set(Part::Base, -4.25);
        parts.set(Part::WordsStandOut, 3.5);
        LearnedGrouping { version: 1, judged: 120, with_partner: 14, join: 0.25, parts }
    }

    #[test]
    fn names_find_their_parts() {
        for (at, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(Part::named(part.name()), Some(part));
            assert_eq!(part as usize, at);
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        assert_eq!(LearnedGrouping::parse(&learned().print()).unwrap(), learned());
    }

    #[test]
    fn bad_files_are_told_by_what_is_wrong() {
        let refused = |from: &str, to: &str| {
            let text = learned().print().replace(from, to);
            LearnedGrouping::parse(&text).unwrap_err().to_string()
        };
        assert!(refused("base = ", "bass = ").contains("`bass`"));
        assert!(refused("base = -4.2500\n", "").contains("missing part `base`"));
        assert!(refused("base = -4.2500", "base = nan").contains("`base`"));
        assert!(refused("version = 1", "version = 2").contains("version 2"));
        assert!(refused("join = 0.2500", "join = 7.0").contains("`join`"));
        assert!(refused("[parts]", "[parts]\nnear_copy = 3.0").contains("`near_copy`"));
    }

    #[test]
    fn what_people_taught_leaves_the_other_numbers_alone() {
        let text = include_str!("../../../keywords/_weights.toml");
        let weights: Weights = toml::from_str(text).unwrap();
        let shipped = weights.grouping;
        let mut taught = shipped.clone();
        taught.taught(&learned());
        assert_eq!(taught.join, 0.25);
        assert_eq!(taught.parts.of(Part::WordsStandOut), 3.5);
        assert_eq!(taught.parts.of(Part::Copy), shipped.parts.of(Part::Copy));
        assert_eq!(taught.suggest, shipped.suggest);
        assert_eq!(taught.shipped_parts(), &shipped.parts);
    }
}
