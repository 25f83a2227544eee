//! What people (and rules in their name) decide. Actions are facts: the fold
//! of posts and actions, in order of position, gives the incidents.

use serde::{Deserialize, Serialize};

use super::answer::AnswerKind;
use super::body::BodyId;
use super::incident::Outcome;
use super::position::Position;
use super::region::TerritoryId;
use super::time::Timestamp;
use super::topic::{Scale, TopicId};

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Actor {
    Person {
        login: String,
    },
    /// A named rule of the program («accept_confidence»).
    Rule {
        name: String,
    },
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Person { login } => f.write_str(login),
            Actor::Rule { name } => write!(f, "rule:{name}"),
        }
    }
}

/// A decision about an incident. `post` names the incident by a post that is
/// in it when the decision is made, so that the decision keeps its meaning
/// when history is replayed under other rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Take the proposal (with changes, if any) and assign it to its body.
    Accept {
        post: Position,
        changes: Changes,
    },
    /// Send to another body or official.
    Assign {
        post: Position,
        body: BodyId,
        official: Option<String>,
    },
    /// The body says that it is somebody else's; back to triage.
    NotMine {
        post: Position,
        suggested: Option<BodyId>,
        note: String,
    },
    /// The body takes the incident into work.
    Take {
        post: Position,
        official: Option<String>,
    },
    /// Correct topic, place, scale or title without accepting.
    Correct {
        post: Position,
        changes: Changes,
    },
    /// `from`'s incident becomes part of `into`'s.
    Join {
        into: Position,
        from: Position,
    },
    /// These posts leave their incident and become one of their own.
    Split {
        posts: Vec<Position>,
    },
    /// These posts are about one thing, whatever their places and topics say.
    KeepTogether {
        posts: Vec<Position>,
    },
    /// Two incidents that are not the same, whatever the score says.
    NotSame {
        one: Position,
        other: Position,
    },
    /// No incident at all; the reason is a key of the wording files.
    Drop {
        post: Position,
        reason: String,
    },
    /// A draft answer; `deferred_until` is required for an interim one.
    Draft {
        post: Position,
        kind: AnswerKind,
        text: String,
        deferred_until: Option<Timestamp>,
    },
    /// A second person approves the draft that was stored at `answer`.
    Approve {
        post: Position,
        answer: Position,
    },
    /// The answer is publicly visible: the clock stops.
    Publish {
        post: Position,
        answer: Position,
        url: Option<String>,
    },
    /// The body's own reply, seen under a post of the incident, is the answer.
    Adopt {
        post: Position,
        seen: Position,
        kind: AnswerKind,
        deferred_until: Option<Timestamp>,
    },
    Close {
        post: Position,
        outcome: Outcome,
        reason: String,
    },
    Reopen {
        post: Position,
        reason: String,
    },
    /// Takes back the action stored at `action`.
    Undo {
        action: Position,
    },
}

/// Corrections of what the machine proposed; absent = left as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    pub title: Option<String>,
    pub topic: Option<TopicId>,
    pub territory: Option<TerritoryId>,
    pub scale: Option<Scale>,
    pub body: Option<BodyId>,
}

impl Decision {
    /// Every name that `name` can give.
    pub const NAMES: [&str; 17] = [
        "accept",
        "assign",
        "not_mine",
        "take",
        "correct",
        "join",
        "split",
        "keep_together",
        "not_same",
        "drop",
        "draft",
        "approve",
        "publish",
        "adopt",
        "close",
        "reopen",
        "undo",
    ];

    /// The posts by which it names its incidents, the one that it changes first.
    pub fn posts(&self) -> Vec<Position> {
        match self {
            Decision::Accept { post, .. }
            | Decision::Assign { post, .. }
            | Decision::NotMine { post, .. }
            | Decision::Take { post, .. }
            | Decision::Correct { post, .. }
            | Decision::Drop { post, .. }
            | Decision::Draft { post, .. }
            | Decision::Approve { post, .. }
            | Decision::Publish { post, .. }
            | Decision::Adopt { post, .. }
            | Decision::Close { post, .. }
            | Decision::Reopen { post, .. } => vec![*post],
            Decision::Join { into, from } => vec![*into, *from],
            Decision::Split { posts } | Decision::KeepTogether { posts } => posts.clone(),
            Decision::NotSame { one, other } => vec![*one, *other],
            Decision::Undo { .. } => Vec::new(),
        }
    }

    /// The journal's name for the kind of decision.
    pub fn name(&self) -> &'static str {
        match self {
            Decision::Accept { .. } => "accept",
            Decision::Assign { .. } => "assign",
            Decision::NotMine { .. } => "not_mine",
            Decision::Take { .. } => "take",
            Decision::Correct { .. } => "correct",
            Decision::Join { .. } => "join",
            Decision::Split { .. } => "split",
            Decision::KeepTogether { .. } => "keep_together",
            Decision::NotSame { .. } => "not_same",
            Decision::Drop { .. } => "drop",
            Decision::Draft { .. } => "draft",
            Decision::Approve { .. } => "approve",
            Decision::Publish { .. } => "publish",
            Decision::Adopt { .. } => "adopt",
            Decision::Close { .. } => "close",
            Decision::Reopen { .. } => "reopen",
            Decision::Undo { .. } => "undo",
        }
    }
}

/// A decision that is not stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAction {
    pub at: Timestamp,
    pub actor: Actor,
    pub decision: Decision,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StoredAction {
    pub position: Position,
    pub action: NewAction,
}

/// What became of an action when it was folded in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Applied {
    Done,
    /// The incident was not in a state that allows it; nothing changed.
    Refused {
        why: String,
    },
}
