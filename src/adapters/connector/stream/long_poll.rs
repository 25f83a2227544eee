//! VKontakte's long poll of a community's own events: a server is named with a
//! key and a place, and is asked again and again from there on.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{Ask, Heard, Streams, asking};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http;
use crate::adapters::connector::http::Outgoing;

/// How long a server may keep a question before it says that nothing happened.
const WAIT_SECS: u64 = 25;
/// For the answer's way beyond that.
const MARGIN_SECS: u64 = 15;

pub(super) struct LongPoll<'a> {
    streams: &'a Streams,
    ask: Ask<'a>,
    server: Server,
    /// A key was refused and another one got, and nothing has come since.
    is_renewed: bool,
}

struct Server {
    url: Url,
    key: Secret,
    written_key: String,
    ts: String,
}

/// What an answer came to.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Updates {
        ts: String,
        updates: Vec<String>,
    },
    /// What happened before this place is forgotten.
    Forgotten {
        ts: String,
    },
    /// The key is over; the place holds.
    KeyOver,
    /// Neither holds.
    AllOver,
}

impl Streams {
    pub(super) async fn long_poll<'a>(&'a self, ask: Ask<'a>) -> Result<LongPoll<'a>, PollError> {
        let mut server = self.long_poll_server(ask).await?;
        if let Some(at) = &ask.place.at {
            server.ts.clone_from(at);
        }
        Ok(LongPoll { streams: self, ask, server, is_renewed: false })
    }

    async fn long_poll_server(&self, ask: Ask<'_>) -> Result<Server, PollError> {
        let (url, headers) = asking::authorised(ask, asking::address(ask)?)?;
        let request = asking::request(ask, url, headers);
        let answer = self.asked(ask, &request, Outgoing::Get).await?;
        let response = answer.get("response").unwrap_or(&answer);
        let named = response.get("server").and_then(Value::as_str);
        let url = named.and_then(|named| asking::named_by_network(ask, named, "https"));
        let key = response.get("key").and_then(Value::as_str);
        let ts = response.get("ts").and_then(text);
        match (url, key, ts) {
            (Some(url), Some(key), Some(ts)) => {
                Ok(Server { url, key: Secret::new(key), written_key: key.to_owned(), ts })
            }
            _ => {
                let detail = "no server, key and place for the long poll";
                Err(PollError::new(ErrorClass::Malformed, detail))
            }
        }
    }
}

impl LongPoll<'_> {
    pub(super) fn key(&self) -> &Secret {
        &self.server.key
    }

    pub(super) fn place(&self) -> String {
        self.server.ts.clone()
    }

    pub(super) async fn next(&mut self) -> Result<Heard, PollError> {
        loop {
            let answer = self.check().await?;
            match answer {
                Answer::Updates { ts, updates } => {
                    self.is_renewed = false;
                    self.server.ts = ts;
                    let is_quiet = updates.is_empty();
                    return Ok(if is_quiet { Heard::Alive } else { Heard::Frames(updates) });
                }
                Answer::Forgotten { ts } => {
                    self.server.ts = ts;
                    return Ok(Heard::Lost);
                }
                Answer::KeyOver | Answer::AllOver if self.is_renewed => {
                    let detail = "the long poll refuses every key that it gives";
                    return Err(PollError::new(ErrorClass::Unavailable, detail));
                }
                Answer::KeyOver => {
                    let ts = self.server.ts.clone();
                    self.renew().await?;
                    self.server.ts = ts;
                }
                Answer::AllOver => {
                    self.renew().await?;
                    return Ok(Heard::Lost);
                }
            }
        }
    }

    async fn renew(&mut self) -> Result<(), PollError> {
        self.server = self.streams.long_poll_server(self.ask).await?;
        self.is_renewed = true;
        Ok(())
    }

    async fn check(&self) -> Result<Answer, PollError> {
        let mut url = self.server.url.clone();
        url.query_pairs_mut()
            .append_pair("act", "a_check")
            .append_pair("key", &self.server.written_key)
            .append_pair("ts", &self.server.ts)
            .append_pair("wait", &WAIT_SECS.to_string());
        self.streams.permit(self.ask, &url).await?;
        let mut request = asking::request(self.ask, url, Vec::new());
        request.request_max = Duration::from_secs(WAIT_SECS + MARGIN_SECS);
        let now = self.streams.clock.now();
        let response = self.streams.patient.ask(&request, Outgoing::Get, now).await?;
        if let Some(class) = self.ask.definition.class_of_status(response.status) {
            let detail = format!("HTTP status {} from the long poll", response.status);
            return Err(PollError::new(class, detail).with_retry_at(response.retry_after));
        }
        answer(&response.body).ok_or_else(|| {
            let at = http::shown(&self.server.url);
            PollError::new(ErrorClass::Malformed, format!("no answer to a long poll from {at}"))
        })
    }
}

fn answer(body: &[u8]) -> Option<Answer> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let ts = document.get("ts").and_then(text);
    match document.get("failed").and_then(Value::as_i64) {
        Some(1) => ts.map(|ts| Answer::Forgotten { ts }),
        Some(2) => Some(Answer::KeyOver),
        Some(_) => Some(Answer::AllOver),
        None => {
            let updates = document.get("updates")?.as_array()?;
            Some(Answer::Updates {
                ts: ts?,
                updates: updates.iter().map(Value::to_string).collect(),
            })
        }
    }
}

/// Places are written as numbers and as texts.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_how_to_go_on() {
        fn check(body: &str, expected: Option<Answer>) {
            assert_eq!(answer(body.as_bytes()), expected, "{body}");
        }
        let updates = |ts: &str, updates: &[&str]| {
            let updates = updates.iter().map(|one| (*one).to_owned()).collect();
            Some(Answer::Updates { ts: ts.to_owned(), updates })
        };
        check(r#"{"ts":"7","updates":[]}"#, updates("7", &[]));
        check(r#"{"ts":7,"updates":[{"type":"a"}]}"#, updates("7", &[r#"{"type":"a"}"#]));
        check(r#"{"failed":1,"ts":30}"#, Some(Answer::Forgotten { ts: "30".to_owned() }));
        check(r#"{"failed":2}"#, Some(Answer::KeyOver));
        check(r#"{"failed":3}"#, Some(Answer::AllOver));
        check(r#"{"failed":1}"#, None);
        check(r#"{"updates":[]}"#, None);
        check("<html>", None);
    }
}
