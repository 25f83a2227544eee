//! Reads that break: a panic while something is read is a failure of that
//! source alone, stored like any other, so that it is waited for longer and
//! longer and people see it. Without that it would be due again at once.

use std::future::Future;

use super::{Asks, Before, Brought, Inner, Kept, Polled, next_poll};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::model::source::{Outcome, Source};
use crate::model::time::Timestamp;
use crate::pipeline::stage::caught_in;

/// Before the next try after the first time, doubled with every failure: what
/// breaks is not asked when it wants to be polled.
const WAIT_SECS: i64 = 300;

pub(super) fn broken(text: &str) -> PollError {
    PollError::new(ErrorClass::Malformed, format!("reading it broke off: {text}"))
}

impl Inner {
    /// What a poll of a source came to, even where it broke.
    pub(super) async fn unbroken(
        &self,
        source: &Source,
        before: &Before,
        now: Timestamp,
        poll: impl Future<Output = Polled>,
    ) -> Polled {
        let text = match caught_in(poll).await {
            Ok(polled) => return polled,
            Err(text) => text,
        };
        let next = next_poll(now, WAIT_SECS, before.failures.saturating_add(1), None);
        let progress = Kept {
            after: before.cursor.clone(),
            outcome: Outcome::Failed,
            next,
            error: Some(broken(&text)),
            stop: Asks::GoOn,
        };
        self.kept(source, &before.cursor, now, progress, Brought::default())
    }
}
