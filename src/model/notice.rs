//! Notices to bodies and people, and what became of them.

use serde::{Deserialize, Serialize};

use super::body::Channel;
use super::incident::IncidentId;
use super::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A case for the body.
    Assigned,
    /// The case went to somebody else.
    Withdrawn,
    /// A reminder before the deadline.
    Reminder,
    /// The deadline passed.
    Escalation,
    /// Somebody who should have been told has no channel.
    Unreachable,
}

impl NoticeKind {
    pub const ALL: [NoticeKind; 5] = [
        NoticeKind::Assigned,
        NoticeKind::Withdrawn,
        NoticeKind::Reminder,
        NoticeKind::Escalation,
        NoticeKind::Unreachable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Assigned => "assigned",
            NoticeKind::Withdrawn => "withdrawn",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Escalation => "escalation",
            NoticeKind::Unreachable => "unreachable",
        }
    }

    pub fn parse(text: &str) -> Option<NoticeKind> {
        NoticeKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A notice to be sent. The outbox holds at most one row a key, and the key is
/// (incident, recipient, kind, version): at least once, with a stable key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub incident: IncidentId,
    /// `body:city-vologda`, `head:city-vologda`, `person:login`.
    pub recipient: String,
    pub channel: Channel,
    pub kind: NoticeKind,
    /// Distinguishes repeated notices of a kind: the ladder step's id, or the
    /// position of the action that caused it.
    pub version: String,
}

impl Notice {
    pub fn key(&self) -> String {
        let channel = match &self.channel {
            Channel::Email { address } => format!("email:{address}"),
            Channel::Webhook { url, .. } => format!("webhook:{url}"),
        };
        format!(
            "{}/{}/{}/{}/{channel}",
            self.incident,
            self.recipient,
            self.kind.as_str(),
            self.version
        )
    }
}

/// Where an outbox row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendState {
    Waiting,
    Sent,
    /// Gave up after the last attempt or a permanent refusal: a person must act.
    Stuck,
    /// A person has seen that it is hopeless and said why.
    Acknowledged,
}

impl SendState {
    pub fn as_str(self) -> &'static str {
        match self {
            SendState::Waiting => "waiting",
            SendState::Sent => "sent",
            SendState::Stuck => "stuck",
            SendState::Acknowledged => "acknowledged",
        }
    }

    pub fn parse(text: &str) -> Option<SendState> {
        [SendState::Waiting, SendState::Sent, SendState::Stuck, SendState::Acknowledged]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// An outbox row.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    pub id: i64,
    pub notice: Notice,
    pub created_at: Timestamp,
    pub state: SendState,
    pub attempts: u32,
    pub next_attempt_at: Timestamp,
    pub last_error: Option<String>,
    pub sent_at: Option<Timestamp>,
}

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Sent,
    /// Worth another try, not before `retry_at` if the receiver named it.
    Retry {
        error: String,
        retry_at: Option<Timestamp>,
    },
    Refused {
        error: String,
    },
}
