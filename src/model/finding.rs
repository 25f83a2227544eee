//! What reading a post came to: language, topics with evidence, places, risk,
//! and how concrete it is. The matcher's conclusion.

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
    pub evidence: Vec<Evidence>,
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

/// Why a post was, or was not, taken as a complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A complaint about something: goes on to grouping.
    Matched,
    /// No topic's keyword fired above the threshold.
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
    /// ISO 639-1 where told, else `und`.
    pub lang: String,
    pub topics: Vec<TopicMatch>,
    pub signals: Vec<SignalMatch>,
    /// Complaint signals minus noise signals.
    pub complaint_score: f64,
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

    pub fn place(&self) -> Option<&Place> {
        self.places.first()
    }
}
