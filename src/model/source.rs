//! A source is one thing that is polled: a community's wall, a channel, a
//! search, a feed.

use serde::{Deserialize, Serialize};

use super::body::BodyId;
use super::post::Network;
use super::region::TerritoryId;
use super::time::Timestamp;

/// Chosen by whoever configures the source (`vk:wall:-210000001`); unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is polled and how; from the region pack or the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: SourceId,
    pub network: Network,
    /// A poll kind that the network's connector defines (`wall`, `channel`, `feed`, `search`).
    pub kind: String,
    /// What the connector puts into the request: owner id, channel name, address, query.
    pub target: String,
    pub name: String,
    #[serde(default)]
    pub territory: Option<TerritoryId>,
    /// The body whose official account this is; its posts never open an incident.
    #[serde(default)]
    pub own: Option<BodyId>,
    /// The most seconds between polls; where absent the rhythm decides.
    #[serde(default)]
    pub poll_interval_secs: Option<u64>,
    /// How much it matters that its posts are read soon.
    #[serde(default)]
    pub importance: Importance,
    /// Which parts of a page are what, where it is a page that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageRules>,
    /// The zone of dates for people, where it is not the region's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl Source {
    /// What is polled and nothing else said: `network:kind:target` is its id, it
    /// has no name, the rest is as where a file leaves it out.
    pub fn of(network: &str, kind: &str, target: &str) -> Source {
        Source {
            id: SourceId(format!("{network}:{kind}:{target}")),
            network: Network(network.to_owned()),
            kind: kind.to_owned(),
            target: target.to_owned(),
            name: String::new(),
            territory: None,
            own: None,
            poll_interval_secs: None,
            importance: Importance::default(),
            page: None,
            zone: None,
        }
    }
}

/// Where a page of a site keeps its posts. Places are `selector` or
/// `selector@attribute`; only the connector knows what they mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageRules {
    /// One post of the list; the places below but the last two are inside of it.
    pub item: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    /// The post's own page.
    pub link: Option<String>,
    pub date: Option<String>,
    /// What stays the same of the post, where its link does not.
    pub id: Option<String>,
    /// The link to the older page.
    pub next: Option<String>,
    /// The whole text, on the post's own page.
    pub full: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    High,
    #[default]
    Normal,
    Low,
}

/// Posts of a source that were published in one hour, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    pub hour: i64,
    pub posts: u32,
}

/// How far a source is read. Opaque outside the connector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// What a poll came to. Four different things that must never be confused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    New,
    NothingNew,
    /// The network said no: budget, login, closed community.
    Refused,
    /// The network could not be read: transport, malformed payload.
    Failed,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::New => "new",
            Outcome::NothingNew => "nothing_new",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Outcome> {
        [Outcome::New, Outcome::NothingNew, Outcome::Refused, Outcome::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// A stretch of a source that is known to be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub source: SourceId,
    /// The newest instant that is certainly read before the gap, if any.
    pub from: Option<Timestamp>,
    /// The oldest instant that is certainly read after it.
    pub to: Timestamp,
    pub reason: String,
}

/// A payload, or one item of it, that could not be read. Kept with its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub source: Option<SourceId>,
    /// Where and why, with credentials taken out.
    pub error: String,
    /// At most `REJECTED_PAYLOAD_MAX_BYTES` of the payload.
    pub payload: Vec<u8>,
}

/// Enough to see what was wrong; a hostile payload must not fill the disk.
pub const REJECTED_PAYLOAD_MAX_BYTES: usize = 64 * 1024;

/// The short form of what is known about a source's polling: without its
/// cursor, which is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub id: SourceId,
    pub next_poll_at: Option<Timestamp>,
    pub last_outcome: Option<Outcome>,
    pub stopped: bool,
}

/// What is known about a source's polling, for the scheduler and the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    pub id: SourceId,
    pub cursor: Cursor,
    pub next_poll_at: Option<Timestamp>,
    pub last_poll_at: Option<Timestamp>,
    pub last_outcome: Option<Outcome>,
    /// Classified error of the last poll that was refused or failed.
    pub last_error: Option<String>,
    pub last_new_at: Option<Timestamp>,
    pub failures_in_row: u32,
    /// Stopped until a person acts (revoked token, vanished channel).
    pub stopped: bool,
    pub polls: u64,
    pub posts: u64,
    pub rejected: u64,
    pub gaps: u64,
}
