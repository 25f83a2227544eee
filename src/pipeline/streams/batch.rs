//! What a stream has brought since the last commit. Small and soon: nothing is
//! held longer than half a second, and no more than fits.

use std::time::Duration;

use tokio::time::Instant;

use crate::adapters::connector::stream::frame::Frame;
use crate::adapters::connector::stream::place::Place;
use crate::model::source::Rejected;
use crate::model::time::Timestamp;
use crate::pipeline::sift::Arrived;

const POSTS_MAX: usize = 500;
const BYTES_MAX: usize = 8 * 1024 * 1024;
const HELD_MAX: Duration = Duration::from_millis(500);
/// Without posts the place is stored this seldom.
const PLACE_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Batch {
    pub posts: Vec<Arrived>,
    pub rejected: Vec<Rejected>,
    /// Frames that are about something else.
    pub others: u64,
    /// Where the stream is read to, all of this included.
    pub place: Place,
    /// The server forgot what came before this instant.
    pub lost_at: Option<Timestamp>,
    pub last_event_at: Option<Timestamp>,
    /// The last frame of this connection, and the last sign of life.
    pub framed_at: Timestamp,
    pub heard_at: Timestamp,
    bytes: usize,
    due: Instant,
}

impl Batch {
    /// Begins empty; due when `first_wait` is over even so.
    pub fn new(place: Place, framed_at: Timestamp, first_wait: Duration) -> Batch {
        Batch {
            posts: Vec::new(),
            rejected: Vec::new(),
            others: 0,
            place,
            lost_at: None,
            last_event_at: None,
            framed_at,
            heard_at: framed_at,
            bytes: 0,
            due: Instant::now() + first_wait,
        }
    }

    /// The batch after this one.
    pub fn next(&self) -> Batch {
        let next = Batch::new(self.place.clone(), self.framed_at, PLACE_EVERY);
        Batch { heard_at: self.heard_at, ..next }
    }

    pub fn take(&mut self, frame: Frame, bytes: usize, now: Timestamp) {
        self.bytes += bytes;
        self.others += frame.page.others.len() as u64;
        let news = frame.news;
        self.posts.extend(frame.page.posts.into_iter().map(|post| Arrived { post, news }));
        self.rejected.extend(frame.page.rejected);
        self.last_event_at = Some(now);
        self.framed_at = now;
        if self.has_news() {
            self.due = self.due.min(Instant::now() + HELD_MAX);
        }
    }

    pub fn lose(&mut self, now: Timestamp) {
        self.lost_at = Some(now);
        self.due = Instant::now();
    }

    pub fn has_news(&self) -> bool {
        !self.posts.is_empty() || !self.rejected.is_empty() || self.lost_at.is_some()
    }

    pub fn is_full(&self) -> bool {
        POSTS_MAX <= self.posts.len() + self.rejected.len() || BYTES_MAX <= self.bytes
    }

    pub fn due(&self) -> Instant {
        self.due
    }
}
