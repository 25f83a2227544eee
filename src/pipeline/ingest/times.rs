//! When which source is polled next, looked up by its id: a country has
//! thousands of sources, and every step looks at all of them.

use std::collections::HashMap;

use crate::model::source::{Outcome, Source, Standing};
use crate::model::time::Timestamp;

/// What the tables say of every source that was ever polled.
pub(super) struct Times(HashMap<String, Standing>);

impl Times {
    pub(super) fn of(standings: Vec<Standing>) -> Times {
        Times(standings.into_iter().map(|one| (one.id.0.clone(), one)).collect())
    }

    /// `None` of a source that was never polled: it is due since ever.
    pub(super) fn next(&self, source: &Source) -> Option<Timestamp> {
        self.0.get(&source.id.0).and_then(|one| one.next_poll_at)
    }

    pub(super) fn is_stopped(&self, source: &Source) -> bool {
        self.0.get(&source.id.0).is_some_and(|one| one.stopped)
    }

    /// Whether the last poll could read it.
    pub(super) fn is_read(&self, source: &Source) -> bool {
        let outcome = self.0.get(&source.id.0).and_then(|one| one.last_outcome);
        let is_read = matches!(outcome, Some(Outcome::New | Outcome::NothingNew));
        is_read && !self.is_stopped(source)
    }

    pub(super) fn is_due(&self, source: &Source, now: Timestamp) -> bool {
        !self.is_stopped(source) && self.next(source).is_none_or(|due| due <= now)
    }

    /// The sources whose time has come, the longest due first.
    pub(super) fn due<'s>(&self, sources: &'s [Source], now: Timestamp) -> Vec<&'s Source> {
        let mut due: Vec<&Source> =
            sources.iter().filter(|source| self.is_due(source, now)).collect();
        due.sort_by_key(|source| self.next(source));
        due
    }
}
