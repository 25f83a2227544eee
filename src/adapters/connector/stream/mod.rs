//! Posts that come by themselves: connections that stay, by the closed list of
//! protocols. Opens them with the same care as every other request, hears
//! frames and signs of life, and says in which way a connection ended. When to
//! connect again, and what is stored, is the pipeline's business. Start with
//! `Streams::connect`, then `Live::next`.

mod asking;
pub mod events;
mod follow;
pub mod frame;
pub mod jetstream;
mod long_poll;
pub mod place;
pub mod rules;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::definition::Protocol;
use crate::adapters::connector::definition::StreamKind;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::http;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::http::ClientOptions;
use crate::adapters::connector::http::Proxy;
use crate::adapters::connector::redaction::Hidden;
use crate::model::source::Source;
use crate::model::time::{Clock, Timestamp};

use self::follow::Following;
use self::frame::Frame;
use self::long_poll::LongPoll;
use self::place::Place;
use self::rules::RuleServer;
use self::socket::Socket;

/// What opens connections; one for a program.
pub struct Streams {
    client: Client,
    /// For answers that take their time.
    patient: Client,
    proxy: Option<Proxy>,
    agent: String,
    clock: Arc<dyn Clock>,
    budget: Arc<Budget>,
}

/// What is asked for, as whom, and from where on.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub definition: &'a Definition,
    pub kind: &'a StreamKind,
    pub source: &'a Source,
    /// Instead of the definition's own addresses.
    pub base: Option<&'a Url>,
    pub secret: Option<&'a Secret>,
    pub place: &'a Place,
}

/// One open connection.
pub struct Live<'a> {
    ask: Ask<'a>,
    clock: &'a dyn Clock,
    wire: Wire<'a>,
    /// What must never be seen in what is told of the connection.
    secrets: Vec<Secret>,
    /// The rules that decide what comes, where the protocol has such.
    pub rules: Option<RuleServer>,
    /// What could not be asked for, for people.
    pub notes: Vec<String>,
}

enum Wire<'a> {
    Socket(Box<Socket>),
    Following(Box<Following>),
    LongPoll(Box<LongPoll<'a>>),
}

/// What a connection brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Frames(Vec<String>),
    /// A sign of life.
    Alive,
    /// The server says that it has forgotten a part.
    Lost,
}

/// What the end of a connection calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The server goes away for a moment and said so.
    AtOnce,
    /// The key that was given is no good; another one may be.
    AnotherKey,
    Patience,
}

impl Streams {
    pub fn new(
        options: &ClientOptions,
        clock: Arc<dyn Clock>,
        budget: Arc<Budget>,
    ) -> Result<Streams, PollError> {
        Ok(Streams {
            client: Client::with(options)?,
            patient: Client::patient(options)?,
            proxy: options.proxy.clone(),
            agent: http::user_agent(options.contact.as_deref()),
            clock,
            budget,
        })
    }

    /// Opens a connection. Nothing has been heard on it yet.
    pub async fn connect<'a>(&'a self, ask: Ask<'a>) -> Result<Live<'a>, PollError> {
        let mut secrets: Vec<Secret> = ask.secret.cloned().into_iter().collect();
        let opened = self.open(ask, &mut secrets).await;
        let (wire, rules, notes) = opened.map_err(|error| clean(error, &secrets))?;
        Ok(Live { ask, clock: self.clock.as_ref(), wire, secrets, rules, notes })
    }

    async fn open<'a>(
        &'a self,
        ask: Ask<'a>,
        secrets: &mut Vec<Secret>,
    ) -> Result<(Wire<'a>, Option<RuleServer>, Vec<String>), PollError> {
        match ask.kind.protocol {
            Protocol::VkStreaming => {
                let rules = self.rule_server(ask).await?;
                secrets.push(rules.key().clone());
                let url = rules.stream_address();
                let socket = self.socket(ask, &url, Vec::new()).await?;
                Ok((Wire::Socket(Box::new(socket)), Some(rules), Vec::new()))
            }
            Protocol::Jetstream => {
                let (url, notes) = self.jetstream_address(ask).await?;
                let (url, headers) = asking::authorised(ask, url)?;
                let socket = self.socket(ask, &url, headers).await?;
                Ok((Wire::Socket(Box::new(socket)), None, notes))
            }
            Protocol::ServerSentEvents => {
                let following = self.follow(ask).await?;
                Ok((Wire::Following(Box::new(following)), None, Vec::new()))
            }
            Protocol::VkLongPoll => {
                let long_poll = self.long_poll(ask).await?;
                secrets.push(long_poll.key().clone());
                Ok((Wire::LongPoll(Box::new(long_poll)), None, Vec::new()))
            }
        }
    }
}

impl Live<'_> {
    /// Waits for what comes next. An error is the end of the connection.
    pub async fn next(&mut self) -> Result<Heard, PollError> {
        let heard = match &mut self.wire {
            Wire::Socket(socket) => socket.next().await,
            Wire::Following(following) => following.next().await,
            Wire::LongPoll(long_poll) => long_poll.next().await,
        };
        if let Wire::LongPoll(long_poll) = &self.wire
            && !self.secrets.contains(long_poll.key())
        {
            self.secrets.push(long_poll.key().clone());
        }
        heard.map_err(|error| clean(error, &self.secrets))
    }

    /// Reads one frame; an error is a «no» that ends the connection.
    pub fn read(&self, text: &str) -> Result<Frame, PollError> {
        let (ask, now) = (self.ask, self.clock.now());
        let mut frame = frame::read(ask.definition, ask.kind, text, now)
            .map_err(|error| clean(error, &self.secrets))?;
        for post in &mut frame.page.posts {
            post.source = Some(ask.source.id.clone());
        }
        for rejected in &mut frame.page.rejected {
            rejected.source = Some(ask.source.id.clone());
            rejected.error = self.redacted(&rejected.error);
            let payload = String::from_utf8_lossy(&rejected.payload);
            rejected.payload = self.redacted(&payload).into_bytes();
        }
        Ok(frame)
    }

    /// Where the protocol would go on, if it can.
    pub fn place_at(&self, frame: &str) -> Option<String> {
        match &self.wire {
            Wire::LongPoll(long_poll) => Some(long_poll.place()),
            Wire::Following(following) => following.last_id(),
            Wire::Socket(_) if self.ask.kind.protocol == Protocol::Jetstream => {
                jetstream::place_of(frame)
            }
            Wire::Socket(_) => None,
        }
    }

    /// Until when nothing is missing after what was heard, the last frame before
    /// it having come at an instant; nothing where that cannot be said.
    pub fn whole_until(
        &self,
        heard: &Heard,
        framed_at: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match (self.ask.kind.protocol, heard) {
            (Protocol::Jetstream, Heard::Frames(frames)) => {
                let last = frames.last().map_or("", String::as_str);
                jetstream::whole_until(Some(last), framed_at, now)
            }
            (Protocol::Jetstream, Heard::Alive) => jetstream::whole_until(None, framed_at, now),
            (_, Heard::Frames(_) | Heard::Alive | Heard::Lost) => Some(now),
        }
    }

    /// The wait that the server asks for before the next connection.
    pub fn wait_asked(&self) -> Option<Duration> {
        match &self.wire {
            Wire::Following(following) => following.retry(),
            Wire::Socket(_) | Wire::LongPoll(_) => None,
        }
    }

    fn redacted(&self, text: &str) -> String {
        redacted(text, &self.secrets)
    }
}

/// What the end of a connection, or a connection that was refused, calls for.
pub fn after(kind: &StreamKind, error: &PollError) -> After {
    let is_in = |codes: &[String]| error.code.as_ref().is_some_and(|code| codes.contains(code));
    if is_in(&kind.restarts) {
        After::AtOnce
    } else if is_in(&kind.renews) {
        After::AnotherKey
    } else {
        After::Patience
    }
}

fn redacted(text: &str, secrets: &[Secret]) -> String {
    Hidden::of(secrets).clean(text)
}

fn clean(error: PollError, secrets: &[Secret]) -> PollError {
    PollError { detail: redacted(&error.detail, secrets), ..error }
}
