//! A systemic problem: the same matter at the same place, again and again
//! within a season. What it is made of; `rules/systemic.rs` says when it is one.

use std::ops::Range;

use jiff::SignedDuration;

use crate::model::incident::{Incident, IncidentId};
use crate::model::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct SystemicProblem {
    /// Every time that it happened, newest first. Never empty.
    pub incidents: Vec<Incident>,
    /// Which of them are the latest season with enough of them.
    pub season: Range<usize>,
}

impl SystemicProblem {
    /// The number it is known by: that of the first time, which stays.
    pub fn number(&self) -> u64 {
        self.incidents.last().map_or(0, |first| first.id.0)
    }

    /// How often in the season.
    pub fn times(&self) -> usize {
        self.season.len()
    }

    /// When the season's first incident was opened.
    pub fn since(&self) -> Timestamp {
        let first = self.incidents.get(..self.season.end).and_then(<[_]>::last);
        first.map_or(Timestamp::UNIX_EPOCH, |first| first.opened_at)
    }

    /// When it happened last.
    pub fn last_at(&self) -> Timestamp {
        self.incidents.first().map_or(Timestamp::UNIX_EPOCH, |last| last.opened_at)
    }

    /// An incident and those that were opened in the days before it.
    pub fn season_of(&self, id: IncidentId, days: i64) -> &[Incident] {
        let Some(at) = self.incidents.iter().position(|one| one.id == id) else { return &[] };
        &self.incidents[season_at(&self.incidents, at, days)]
    }
}

/// The season that ends with an incident, newest first.
pub fn season_at(incidents: &[Incident], at: usize, days: i64) -> Range<usize> {
    let length = SignedDuration::from_hours(days.saturating_mul(24));
    let since = incidents[at].opened_at.checked_sub(length).unwrap_or(Timestamp::MIN);
    let is_within = |one: &&Incident| since <= one.opened_at;
    at..at + incidents[at..].iter().take_while(is_within).count()
}
