//! An incident: posts about one problem, the body that must answer, the clock.

use serde::{Deserialize, Serialize};

use super::body::BodyId;
use super::clock::{ClockKind, Terms};
use super::place::Place;
use super::position::Position;
use super::post::{Network, StoredPost};
use super::region::TerritoryId;
use super::time::Timestamp;
use super::topic::{Scale, TopicId};

/// Counts incidents from 1 in the order in which they arose. Stable under
/// joins, splits and undo; shown to people as the incident's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl IncidentId {
    /// In the place of an incident where a notice is about the program itself.
    pub const SERVICE: IncidentId = IncidentId(0);
}

impl std::fmt::Display for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    New,
    Assigned,
    InWork,
    /// An interim answer is public, the final one is due.
    AnsweredInterim,
    /// The final answer is public, the case is not closed yet.
    AnsweredFinal,
    Closed,
    /// Joined into another incident; kept so that the join can be undone.
    Joined,
}

impl State {
    pub const ALL: [State; 7] = [
        State::New,
        State::Assigned,
        State::InWork,
        State::AnsweredInterim,
        State::AnsweredFinal,
        State::Closed,
        State::Joined,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            State::New => "new",
            State::Assigned => "assigned",
            State::InWork => "in_work",
            State::AnsweredInterim => "answered_interim",
            State::AnsweredFinal => "answered_final",
            State::Closed => "closed",
            State::Joined => "joined",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether somebody still has something to do.
    pub fn is_open(self) -> bool {
        match self {
            State::New | State::Assigned | State::InWork => true,
            State::AnsweredInterim | State::AnsweredFinal => true,
            State::Closed | State::Joined => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Solved,
    Explained,
    Deferred,
    /// Dropped by a person with a reason.
    Rejected,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Solved => "solved",
            Outcome::Explained => "explained",
            Outcome::Deferred => "deferred",
            Outcome::Rejected => "rejected",
        }
    }

    pub fn parse(text: &str) -> Option<Outcome> {
        [Outcome::Solved, Outcome::Explained, Outcome::Deferred, Outcome::Rejected]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// Which body, by which branch of the routing tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub body: BodyId,
    /// Names of the nodes from the root to the one that answered.
    pub branch: Vec<String>,
    /// Only the root matched: nobody is known to be responsible.
    pub only_root: bool,
}

/// An incident as it stands. Every field is a conclusion: it follows from the
/// facts up to some position and the ruleset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub founding_post: Position,
    pub state: State,
    pub title: String,
    pub topic: TopicId,
    pub topic_group: String,
    pub place: Place,
    pub scale: Scale,
    /// Importance 1..=5, raised by risks; people see it as the risk.
    pub risk: u8,
    /// How sure the machine is of topic, place and body, 0..=1.
    pub confidence: f64,
    pub route: Route,
    pub body: BodyId,
    pub official: Option<String>,
    /// Frozen when the clock started: later changes of terms leave it alone.
    pub terms: Terms,
    pub terms_version: String,
    pub opened_at: Timestamp,
    pub first_answer_due_at: Timestamp,
    pub final_answer_due_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    /// Until when the body it was last handed to has to take it into work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_due_at: Option<Timestamp>,
    pub taken_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    pub outcome_reason: String,
    pub joined_into: Option<IncidentId>,
    /// The closed incident that this one repeats, as it seemed at the opening.
    pub repeat_of: Option<IncidentId>,
    /// The same, where people have said since that it is another matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_apart: Option<IncidentId>,
    /// Open again by a post, not by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopening: Option<Box<Reopening>>,
    pub reopened: u32,
    /// «Not mine», how often.
    pub returned: u32,
    // Derived from the members.
    pub networks: Vec<Network>,
    pub posts: u32,
    pub authors: u32,
    pub reach: u64,
    /// Posts that say what another one said before them, word for word.
    #[serde(default)]
    pub copies: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
    pub last_written_at: Timestamp,
}

/// Posts of one text inside an incident.
#[derive(Debug, Clone, Copy)]
pub struct Family<'m> {
    /// Who published it first, as the networks tell.
    pub first: &'m StoredPost,
    pub posts: usize,
    /// Different ones who sign; those who do not count one by one.
    pub authors: usize,
    pub networks: usize,
}

/// Many people sent one text in a short time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// The first post with that text.
    pub origin: Position,
    pub authors: u32,
    pub posts: u32,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Incident {
    pub fn territory(&self) -> Option<&TerritoryId> {
        self.place.territory.as_ref()
    }

    /// Which clock of answering runs. Who has had an answer once and is at it
    /// again waits for the final one.
    pub fn running_clock(&self) -> Option<ClockKind> {
        match self.state {
            State::New | State::Assigned | State::InWork if self.answered_at.is_none() => {
                Some(ClockKind::FirstAnswer)
            }
            State::New | State::Assigned | State::InWork | State::AnsweredInterim => {
                Some(ClockKind::FinalAnswer)
            }
            State::AnsweredFinal | State::Closed | State::Joined => None,
        }
    }

    /// The instant that matters next, if the clock runs.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.running_clock()? {
            ClockKind::FinalAnswer => self.final_answer_due_at,
            ClockKind::Take | ClockKind::FirstAnswer => Some(self.first_answer_due_at),
        }
    }

    /// Until when somebody has to take it, as long as nobody has.
    pub fn taking_due_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Assigned => self.take_due_at,
            State::New | State::InWork | State::AnsweredInterim => None,
            State::AnsweredFinal | State::Closed | State::Joined => None,
        }
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.due_at().is_some_and(|due| due < now)
    }
}

/// What a post did that opened a closed incident again, and what taking it out
/// again gives back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reopening {
    pub post: Position,
    /// When it was seen.
    pub at: Timestamp,
    pub how: Reopens,
    /// The incident as it was closed.
    pub was: Incident,
}

/// How a post came into an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    /// The post that opened the incident.
    Founded,
    /// Near-copy of a member.
    Family,
    /// Score above the joining threshold.
    Joined,
    /// A comment or reply under a member.
    Thread,
    /// Part of an event over an area: many streets, one topic, within hours.
    Area,
    /// Its incident was merged into this one: a post fits both beyond doubt.
    Merged,
    /// A person's join.
    PersonJoined,
    /// A person's split.
    PersonSplit,
}

impl AssignmentKind {
    pub fn as_str(self) -> &'static str {
        match self {
            AssignmentKind::Founded => "founded",
            AssignmentKind::Family => "family",
            AssignmentKind::Joined => "joined",
            AssignmentKind::Thread => "thread",
            AssignmentKind::Area => "area",
            AssignmentKind::Merged => "merged",
            AssignmentKind::PersonJoined => "person_joined",
            AssignmentKind::PersonSplit => "person_split",
        }
    }
}

/// One part of a score: `value × weight` is what it adds. `text` is the shared
/// words, the street, the hours: what a person reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// A key of the wording files (`same_street_and_house`, `rare_words` …).
    pub name: String,
    pub value: f64,
    pub weight: f64,
    pub text: String,
}

/// Why a post is where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub kind: AssignmentKind,
    pub score: f64,
    pub parts: Vec<ScorePart>,
    /// The member that decided (nearest post), where one did.
    pub nearest: Option<Position>,
    /// What else was considered, best first, with scores below this one's.
    pub considered: Vec<Considered>,
    /// Of a founding post: the closed incident that it tells of again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Considered>,
    /// Of a post that opened its incident again: how it stood to the closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopens: Option<Reopens>,
    /// Of a founding post: why it is not in the incident that it is most like,
    /// where its score would have been enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
}

/// What keeps a post out of an incident that it is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// Another house, street, object or town.
    Place,
    /// Another topic, and hardly a word about the matter in common.
    Matter,
    /// Too short to be about anything certain.
    Vague,
    /// Another incident fits as well.
    Rival,
}

impl Apart {
    pub fn as_str(self) -> &'static str {
        match self {
            Apart::Place => "place",
            Apart::Matter => "matter",
            Apart::Vague => "vague",
            Apart::Rival => "rival",
        }
    }
}

/// «Opened again: told again so long after the closing».
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopens {
    pub closed_at: Timestamp,
    pub outcome: Outcome,
    /// From the closing until people said it again.
    pub after_secs: i64,
    /// The incident's topic, and how long it allows.
    pub topic: TopicId,
    pub within_hours: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Considered {
    pub incident: IncidentId,
    pub score: f64,
    pub parts: Vec<ScorePart>,
}

/// A post's membership. A post belongs to one incident at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub post: Position,
    pub incident: IncidentId,
    pub reason: Reason,
}

/// «Perhaps these two are one»: for a person to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    pub incident: IncidentId,
    pub candidate: IncidentId,
    pub score: f64,
    pub parts: Vec<ScorePart>,
}
