//! Answers of bodies to people.

use serde::{Deserialize, Serialize};

use super::incident::IncidentId;
use super::position::Position;
use super::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerKind {
    /// Says what will be done and by when; the second clock starts.
    Interim,
    Final,
}

impl AnswerKind {
    pub fn as_str(self) -> &'static str {
        match self {
            AnswerKind::Interim => "interim",
            AnswerKind::Final => "final",
        }
    }

    pub fn parse(text: &str) -> Option<AnswerKind> {
        [AnswerKind::Interim, AnswerKind::Final].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An answer through its life: draft, approved by a second person, published.
/// Identified by the position of the action that drafted it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub id: Position,
    pub incident: IncidentId,
    pub kind: AnswerKind,
    pub text: String,
    pub deferred_until: Option<Timestamp>,
    pub drafted_by: String,
    pub drafted_at: Timestamp,
    pub approved_by: Option<String>,
    pub approved_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
    pub url: Option<String>,
    /// The body's reply that was taken for this answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Position>,
}
