//! Incidents that take no more posts: closed ones, and those silent for longer
//! than the window. Kept so that a closed one can be opened again, and a new one
//! called its repetition. What is forgotten follows from the posts' own times
//! and from the numbers of incidents, never from when the process started.

use std::collections::BTreeSet;

use crate::model::incident::IncidentId;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::held::Held;
use crate::rules::clustering::members::Members;

/// An incident is forgotten this many days after its last post, or when the
/// window ends, if that is later.
pub const PAST_DAYS: i64 = 366;
/// Beyond the window only incidents among so many of the latest are kept.
pub const PAST_INCIDENTS: u64 = 30_000;

#[derive(Debug)]
pub struct Past {
    held: Held,
    /// Those of them whose last post is older than the window.
    silent: BTreeSet<IncidentId>,
    /// Those of them that are open and would take posts if the window had room or
    /// reached as far, by their last post.
    waiting: BTreeSet<(i64, IncidentId)>,
    /// Where the window begins: what was written before it is silent.
    window_from_ms: i64,
}

impl Default for Past {
    fn default() -> Past {
        Past {
            held: Held::default(),
            silent: BTreeSet::new(),
            waiting: BTreeSet::new(),
            window_from_ms: i64::MIN,
        }
    }
}

impl Past {
    pub fn held(&self) -> &Held {
        &self.held
    }

    pub fn add(&mut self, id: IncidentId, post: PostFeatures) {
        let is_waiting = self.is_waiting(id);
        self.end_waiting(id);
        self.held.add(id, post);
        self.sort_in(id);
        if is_waiting {
            self.wait(id);
        }
    }

    pub fn add_all(&mut self, id: IncidentId, members: Members) {
        for post in members.into_posts() {
            self.held.add(id, post);
        }
        self.sort_in(id);
    }

    pub fn take(&mut self, id: IncidentId) -> Option<Members> {
        self.end_waiting(id);
        self.silent.remove(&id);
        self.held.take(id)
    }

    fn last_written_ms(&self, id: IncidentId) -> Option<i64> {
        self.held.get(id).map(Members::last_written_ms)
    }

    /// The incident is open, and here only for want of room or of a later post.
    pub fn wait(&mut self, id: IncidentId) {
        self.waiting.extend(self.last_written_ms(id).map(|last| (last, id)));
    }

    /// It is closed.
    pub fn end_waiting(&mut self, id: IncidentId) {
        if let Some(last) = self.last_written_ms(id) {
            self.waiting.remove(&(last, id));
        }
    }

    pub fn is_waiting(&self, id: IncidentId) -> bool {
        self.last_written_ms(id).is_some_and(|last| self.waiting.contains(&(last, id)))
    }

    /// Of those that wait the one that was written of last, with that instant.
    pub fn first_waiting(&self) -> Option<(i64, IncidentId)> {
        self.waiting.last().copied()
    }

    /// A further post may have ended the silence.
    fn sort_in(&mut self, id: IncidentId) {
        let last = self.last_written_ms(id);
        if last.is_some_and(|last| last < self.window_from_ms) {
            self.silent.insert(id);
        } else {
            self.silent.remove(&id);
        }
    }

    /// The window begins at `window_from_ms`; what is older than `kept_from_ms`
    /// is forgotten.
    pub fn advance(&mut self, window_from_ms: i64, kept_from_ms: i64) {
        if window_from_ms < self.window_from_ms {
            // A wider window: who is silent is asked anew.
            self.silent.clear();
            self.window_from_ms = i64::MIN;
        }
        self.silent.extend(self.held.silent_since(self.window_from_ms, window_from_ms));
        self.window_from_ms = window_from_ms;
        while let Some((last, id)) = self.held.longest_silent() {
            if last >= kept_from_ms {
                break;
            }
            self.take(id);
        }
    }

    /// Keeps the silent ones among the latest `PAST_INCIDENTS` up to `last`.
    pub fn bound(&mut self, last: IncidentId) {
        while let Some(oldest) = self.silent.first().copied() {
            if last.0 < oldest.0.saturating_add(PAST_INCIDENTS) {
                break;
            }
            self.take(oldest);
        }
    }
}
