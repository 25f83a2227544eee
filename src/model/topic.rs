//! Topics and the keywords that find them, as an editor writes them.

use serde::{Deserialize, Serialize};

use super::region::Name;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub String);

impl std::fmt::Display for TopicId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The level at which a matter is solved.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    Local,
    #[default]
    Municipal,
    Regional,
}

impl Scale {
    pub fn as_str(self) -> &'static str {
        match self {
            Scale::Local => "local",
            Scale::Municipal => "municipal",
            Scale::Regional => "regional",
        }
    }

    pub fn parse(text: &str) -> Option<Scale> {
        [Scale::Local, Scale::Municipal, Scale::Regional]
            .into_iter()
            .find(|scale| scale.as_str() == text)
    }
}

/// One topic of a `keywords/` file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub id: TopicId,
    pub name: Name,
    /// 1 (low) … 5 (danger to life).
    pub importance: u8,
    #[serde(default)]
    pub scale: Scale,
    #[serde(default)]
    pub phrases: Vec<String>,
    #[serde(default)]
    pub hints: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    #[serde(default)]
    pub distance: Option<usize>,
    /// How long after its closing an incident is opened again by who tells the
    /// same: the topic's own, else its group's.
    #[serde(default)]
    pub reopen_hours: Option<u32>,
    /// The topic of concrete posts in which no keyword fired. At most one.
    #[serde(default)]
    pub general: bool,
    #[serde(default)]
    pub matches: Vec<String>,
    #[serde(default)]
    pub ignores: Vec<String>,
}

/// A `keywords/` file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicGroup {
    #[serde(rename = "group")]
    pub id: String,
    pub name: Name,
    #[serde(rename = "topic", default)]
    pub topics: Vec<Topic>,
}

/// What a signal says about the whole post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalKind {
    Complaint,
    Question,
    Advert,
    News,
    Greeting,
    Gratitude,
    Talk,
    /// Political talk, jokes, sarcasm, quarrels.
    Opinion,
    /// A way of speaking: no complaint by itself, but people with a concrete
    /// matter speak so. Hints do not count beside it.
    Manner,
}

impl SignalKind {
    pub fn as_str(self) -> &'static str {
        match self {
            SignalKind::Complaint => "complaint",
            SignalKind::Question => "question",
            SignalKind::Advert => "advert",
            SignalKind::News => "news",
            SignalKind::Greeting => "greeting",
            SignalKind::Gratitude => "gratitude",
            SignalKind::Talk => "talk",
            SignalKind::Opinion => "opinion",
            SignalKind::Manner => "manner",
        }
    }

    /// Whether it speaks for a concrete matter rather than against.
    pub fn is_for(self) -> bool {
        match self {
            SignalKind::Complaint | SignalKind::Question | SignalKind::Manner => true,
            SignalKind::Advert
            | SignalKind::News
            | SignalKind::Greeting
            | SignalKind::Gratitude
            | SignalKind::Talk
            | SignalKind::Opinion => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    pub id: String,
    pub kind: SignalKind,
    pub weight: f64,
    pub phrases: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    #[serde(default)]
    pub matches: Vec<String>,
    #[serde(default)]
    pub ignores: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub id: String,
    pub name: Name,
    /// Added to the topic's importance, which ends at 5.
    pub raises: u8,
    pub phrases: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What people say without meaning it, or of things: «светофор умер». Takes
    /// a phrase that shares a word with it, and leaves the others.
    #[serde(default)]
    pub figures: Vec<String>,
    #[serde(default)]
    pub matches: Vec<String>,
    #[serde(default)]
    pub ignores: Vec<String>,
}
