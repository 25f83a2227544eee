//! Server-sent events: one HTTP answer without end.

use std::collections::VecDeque;
use std::time::Duration;

use super::events::{Parser, Piece};
use super::{Ask, Heard, Streams, asking, frame};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http;

/// An answer that is meant to go on for ever.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

pub(super) struct Following {
    answer: reqwest::Response,
    at: String,
    parser: Parser,
    pieces: VecDeque<Piece>,
    idle: Duration,
    last_id: Option<String>,
    retry: Option<Duration>,
}

impl Streams {
    pub(super) async fn follow(&self, ask: Ask<'_>) -> Result<Following, PollError> {
        let (url, mut headers) = asking::authorised(ask, asking::address(ask)?)?;
        headers.push(("accept".to_owned(), "text/event-stream".to_owned()));
        headers.extend(ask.place.at.clone().map(|id| ("last-event-id".to_owned(), id)));
        self.permit(ask, &url).await?;
        let at = http::shown(&url);
        let mut request = asking::request(ask, url, headers);
        let patience = request.request_max;
        request.request_max = FOR_EVER;
        let answer = tokio::time::timeout(patience, self.patient.open(&request)).await;
        let answer = answer.map_err(|_| unavailable(format!("no answer in time from {at}")))??;
        if !answer.status().is_success() {
            let whole = http::read(answer, request.body_max_bytes, self.clock.now());
            let whole = tokio::time::timeout(patience, whole).await;
            let whole =
                whole.map_err(|_| unavailable(format!("no answer in time from {at}")))??;
            let status = whole.status;
            let error = self.refusal(ask, &whole);
            return Err(error.unwrap_or_else(|| unavailable(format!("HTTP status {status}"))));
        }
        Ok(Following {
            answer,
            at,
            parser: Parser::new(ask.kind.frame_max_bytes),
            pieces: VecDeque::new(),
            idle: Duration::from_secs(ask.kind.idle_secs),
            last_id: None,
            retry: None,
        })
    }
}

impl Following {
    pub(super) async fn next(&mut self) -> Result<Heard, PollError> {
        loop {
            match self.pieces.pop_front() {
                Some(Piece::Event { name, data, id }) => {
                    self.last_id = id.or(self.last_id.take());
                    return Ok(Heard::Frames(vec![frame::of_event(&name, &data)]));
                }
                Some(Piece::Heartbeat) => return Ok(Heard::Alive),
                Some(Piece::Retry(millis)) => self.retry = Some(Duration::from_millis(millis)),
                None => self.more().await?,
            }
        }
    }

    async fn more(&mut self) -> Result<(), PollError> {
        let at = &self.at;
        let Ok(piece) = tokio::time::timeout(self.idle, self.answer.chunk()).await else {
            let secs = self.idle.as_secs();
            return Err(unavailable(format!("nothing came for {secs} seconds from {at}")));
        };
        match piece {
            Ok(Some(bytes)) => {
                let pieces = self.parser.feed(&bytes).map_err(|error| {
                    PollError::new(ErrorClass::Malformed, format!("{error} from {at}"))
                })?;
                self.pieces.extend(pieces);
                Ok(())
            }
            Ok(None) => Err(unavailable(format!("the stream ended at {at}"))),
            Err(_) => Err(unavailable(format!("the stream broke off at {at}"))),
        }
    }

    pub(super) fn last_id(&self) -> Option<String> {
        self.last_id.clone()
    }

    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }
}

fn unavailable(detail: String) -> PollError {
    PollError::new(ErrorClass::Unavailable, detail)
}
