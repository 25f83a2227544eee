//! Carries messages to bodies and people: mail and webhooks. Says of every
//! attempt whether it arrived, may arrive later, or never will. Decides
//! nothing, and writes no address and no text into a log or an error.

pub mod email;
pub mod webhook;

use crate::model::body::Channel;
use crate::model::incident::IncidentId;
use crate::model::notice::{Attempt, NoticeKind, Trouble};
use crate::model::time::Timestamp;

use self::email::Email;
use self::webhook::Webhook;

/// A message, the same for every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same at every attempt: the receiver can tell a repetition.
    pub key: String,
    pub kind: NoticeKind,
    pub incident: IncidentId,
    pub subject: String,
    pub body: String,
    pub due_at: Option<Timestamp>,
    pub link: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error("the sender's address is not an e-mail address")]
    Sender,
    #[error("reading {path}: {source}")]
    Unreadable { path: std::path::PathBuf, source: std::io::Error },
    #[error("setting up TLS: {0}")]
    Tls(String),
}

/// Every way out of the program.
pub struct Channels {
    /// Absent where no mail server is configured.
    pub email: Option<Email>,
    pub webhook: Webhook,
}

impl Channels {
    pub async fn send(&self, channel: &Channel, message: &Message, now: Timestamp) -> Attempt {
        match (channel, &self.email) {
            (Channel::Email { address }, Some(email)) => email.send(address, message).await,
            (Channel::Email { .. }, None) => {
                // Kept and tried again: the server may be configured by then.
                let error = Trouble::NoMailServer.told("no mail server is configured");
                Attempt::Retry { error, retry_at: None }
            }
            (Channel::Webhook { url, secret_file }, _) => {
                self.webhook.send(url, secret_file.as_deref(), message, now).await
            }
        }
    }
}
