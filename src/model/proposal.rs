//! What the machine proposes about incidents that are there already, for a
//! person to decide. Proposals name posts: they keep their meaning when the
//! posts change their incidents.

use serde::{Deserialize, Serialize};

use super::incident::{IncidentId, ScorePart};
use super::position::Position;

/// What makes it likely that the incidents of two posts are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HintKind {
    /// A post fits both.
    Bridge,
    /// It names an appeal that the other incident's posts name.
    Appeal,
    /// It links to a post of the other incident.
    Link,
}

impl HintKind {
    pub const ALL: [HintKind; 3] = [HintKind::Bridge, HintKind::Appeal, HintKind::Link];

    pub fn as_str(self) -> &'static str {
        match self {
            HintKind::Bridge => "bridge",
            HintKind::Appeal => "appeal",
            HintKind::Link => "link",
        }
    }

    pub fn parse(text: &str) -> Option<HintKind> {
        HintKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Two incidents that may be one; the lower number first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Merge {
    pub one: IncidentId,
    pub two: IncidentId,
}

impl Merge {
    pub fn of(a: IncidentId, b: IncidentId) -> Merge {
        Merge { one: a.min(b), two: a.max(b) }
    }

    /// The other one, as one of the two sees it.
    pub fn beside(self, id: IncidentId) -> IncidentId {
        if self.one == id { self.two } else { self.one }
    }
}

/// «The incidents of these two posts may be one.»
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    /// The post that says so.
    pub post: Position,
    /// The post of the other incident that it resembles, continues or links to.
    pub other: Position,
    pub kind: HintKind,
    /// How the post fits the incident that it joined; 1 and no parts where it
    /// opened one.
    pub score: f64,
    pub parts: Vec<ScorePart>,
    /// How it fits the other one.
    pub other_score: f64,
    pub other_parts: Vec<ScorePart>,
}

impl Hint {
    /// As sure as the weaker of the two comparisons.
    pub fn strength(&self) -> f64 {
        self.score.min(self.other_score)
    }
}

/// In what the two parts of an incident differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartedBy {
    Settlement,
    Street,
    House,
    Object,
    /// Two topic groups.
    Matter,
}

impl PartedBy {
    pub fn as_str(self) -> &'static str {
        match self {
            PartedBy::Settlement => "settlement",
            PartedBy::Street => "street",
            PartedBy::House => "house",
            PartedBy::Object => "object",
            PartedBy::Matter => "matter",
        }
    }
}

/// «This incident is two.» Posts that say neither are in no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    pub by: PartedBy,
    /// Posts of the part to which the earliest one belongs.
    pub stays: Vec<Position>,
    /// The words in which they name their place, or their topic.
    pub stays_because: String,
    /// Posts that would be split off.
    pub leaves: Vec<Position>,
    pub leaves_because: String,
}

impl Parting {
    /// Whether it would tear apart what belongs together.
    pub fn separates(&self, together: &[Position]) -> bool {
        let has = |part: &[Position]| together.iter().any(|post| part.contains(post));
        has(&self.stays) && has(&self.leaves)
    }
}
