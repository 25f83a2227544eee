//! What reading a post came to: language, topics with evidence, places, risk,
//! what kind of post it is and how concrete. The matcher's conclusion.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::text::Span;
use super::topic::{SignalKind, TopicId};

/// One keyword that fired, and on which words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The phrase as the editor wrote it.
    pub keyword: String,
    pub spans: Vec<Span>,
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopicMatch {
    pub topic: TopicId,
    pub group: String,
    /// 0..=1 after saturation; the best topic comes first.
    pub score: f64,
    /// Empty where only the learned model tells the topic.
    pub evidence: Vec<Evidence>,
    /// What the ruleset's learned model says of it, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

/// One of the matters that a post is about, and where in its text. A post that
/// tells of a pit and of a lamp has two; two topics heard in the same words are
/// two readings of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    pub topic: TopicId,
    /// The sentences, or the parts of one that it shares with other matters.
    pub spans: Vec<Span>,
}

/// Why a topic stands where it stands among the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// 0..=1, among all topics that the model knows.
    pub certainty: f64,
    /// The words that speak for it most, heaviest first; of the main topic alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<WordWeight>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordWeight {
    pub spans: Vec<Span>,
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalMatch {
    pub signal: String,
    pub kind: SignalKind,
    pub weight: f64,
    pub spans: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskMatch {
    pub risk: String,
    pub raises: u8,
    pub spans: Vec<Span>,
}

/// Something about a post beside its signals that speaks for or against a
/// concrete matter: a topic's phrase, an address, a link, the price of a thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MarkMatch {
    /// A field of the ruleset's `[matching.marks]`, or how the topic was named.
    pub mark: Cow<'static, str>,
    /// Below 0 where it speaks against.
    pub weight: f64,
    /// Empty where the text as a whole is meant.
    pub spans: Vec<Span>,
}

/// What kind of post it is, whether it is taken into work or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    Complaint,
    Question,
    Gratitude,
    /// News, adverts, invitations.
    Announcement,
    /// Political talk, jokes, sarcasm, quarrels: no matter that can be acted upon.
    Opinion,
    Other,
}

impl PostKind {
    pub const ALL: [PostKind; 6] = [
        PostKind::Complaint,
        PostKind::Question,
        PostKind::Gratitude,
        PostKind::Announcement,
        PostKind::Opinion,
        PostKind::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            PostKind::Complaint => "complaint",
            PostKind::Question => "question",
            PostKind::Gratitude => "gratitude",
            PostKind::Announcement => "announcement",
            PostKind::Opinion => "opinion",
            PostKind::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<PostKind> {
        PostKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a post's topics come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicOrigin {
    /// Its own words.
    #[default]
    Words,
    /// The post that it comments on: «и у нас так же».
    Above,
    /// No keyword fired: the ruleset's general topic, for a person to correct.
    General,
}

/// Why a post was, or was not, taken as a complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A complaint about something: goes on to grouping.
    Matched,
    /// No topic's keyword fired above the threshold, and nothing else says that
    /// the post is about a concrete matter.
    NoTopic,
    /// A topic fired, but the post as a whole is news, an advert, talk.
    NotAComplaint,
    /// A body's own post: never opens an incident.
    OwnAccount,
    /// Nothing to read: no letters.
    Empty,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    /// ISO 639, of two letters where there are two; `und-Cyrl` for another one in
    /// Cyrillic letters, `und` where it is not told.
    pub lang: String,
    pub topics: Vec<TopicMatch>,
    #[serde(default)]
    pub topic_origin: TopicOrigin,
    /// The main topic's matter first. Absent in findings from before matters
    /// were told apart.
    #[serde(default)]
    pub matters: Vec<Matter>,
    pub signals: Vec<SignalMatch>,
    #[serde(default)]
    pub marks: Vec<MarkMatch>,
    /// What speaks for a concrete matter minus what speaks against: signals
    /// and marks. At the ruleset's threshold the post is taken.
    pub complaint_score: f64,
    /// The same as 0..=1, one half at the threshold.
    #[serde(default)]
    pub concreteness: f64,
    /// Absent in findings from before there were kinds.
    #[serde(default)]
    pub kind: Option<PostKind>,
    /// Certain first; the first is what grouping and routing use.
    pub places: Vec<Place>,
    pub risks: Vec<RiskMatch>,
    /// 1..=5: the main topic's importance raised by risks.
    pub importance: u8,
    /// 0..=1: how much of a concrete matter the text holds by itself.
    pub specificity: f64,
}

impl Finding {
    pub fn main_topic(&self) -> Option<&TopicMatch> {
        self.topics.first()
    }

    /// The main topic where words said it: the general topic says nothing about
    /// what a post has in common with another.
    pub fn said_topic(&self) -> Option<&TopicMatch> {
        match self.topic_origin {
            TopicOrigin::Words | TopicOrigin::Above => self.main_topic(),
            TopicOrigin::General => None,
        }
    }

    pub fn place(&self) -> Option<&Place> {
        self.places.first()
    }
}
