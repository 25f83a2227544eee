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
    /// What was closed is open again: people tell of it again.
    Reopened,
    /// A reminder before the deadline.
    Reminder,
    /// The deadline passed.
    Escalation,
    /// Somebody who should have been told has no channel.
    Unreachable,
    /// Something is wrong with the reading of sources.
    Service,
}

impl NoticeKind {
    pub const ALL: [NoticeKind; 7] = [
        NoticeKind::Assigned,
        NoticeKind::Withdrawn,
        NoticeKind::Reopened,
        NoticeKind::Reminder,
        NoticeKind::Escalation,
        NoticeKind::Unreachable,
        NoticeKind::Service,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Assigned => "assigned",
            NoticeKind::Withdrawn => "withdrawn",
            NoticeKind::Reopened => "reopened",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Escalation => "escalation",
            NoticeKind::Unreachable => "unreachable",
            NoticeKind::Service => "service",
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

/// Why an attempt failed, by what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// No mail server is configured.
    NoMailServer,
    /// The recipient's address is not one.
    BadAddress,
    /// Nobody answered in time.
    Timeout,
    NoConnection,
    /// The mail server and we found no encryption that both trust.
    NoTls,
    /// The mail server does not take our login.
    NotLetIn,
    /// The receiver asks for patience.
    AsksToWait,
    /// The receiver has broken down.
    Failed,
    /// The receiver takes nothing of the kind.
    Refused,
    /// The key that a webhook is signed with cannot be read.
    NoSecret,
    /// The address leads inside the network, where nothing is sent.
    Inside,
    /// Ours: the notice could not be written.
    Internal,
}

impl Trouble {
    pub const ALL: [Trouble; 12] = [
        Trouble::NoMailServer,
        Trouble::BadAddress,
        Trouble::Timeout,
        Trouble::NoConnection,
        Trouble::NoTls,
        Trouble::NotLetIn,
        Trouble::AsksToWait,
        Trouble::Failed,
        Trouble::Refused,
        Trouble::NoSecret,
        Trouble::Inside,
        Trouble::Internal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Trouble::NoMailServer => "no_mail_server",
            Trouble::BadAddress => "bad_address",
            Trouble::Timeout => "timeout",
            Trouble::NoConnection => "no_connection",
            Trouble::NoTls => "no_tls",
            Trouble::NotLetIn => "not_let_in",
            Trouble::AsksToWait => "asks_to_wait",
            Trouble::Failed => "failed",
            Trouble::Refused => "refused",
            Trouble::NoSecret => "no_secret",
            Trouble::Inside => "inside",
            Trouble::Internal => "internal",
        }
    }

    /// As it is stored: the class, then what exactly happened.
    pub fn told(self, detail: &str) -> String {
        format!("{}: {detail}", self.as_str())
    }

    /// The class of a stored error; none where an older version wrote it.
    pub fn of(told: &str) -> Option<Trouble> {
        let (class, _) = told.split_once(": ")?;
        Trouble::ALL.into_iter().find(|trouble| trouble.as_str() == class)
    }
}

/// What one attempt came to. An error is a `Trouble`, told.
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
