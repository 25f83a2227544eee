//! What a network told by itself, in one transaction with the mark that it
//! was told.

use jiff::SignedDuration;
use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{EventKey, Ingested, Received};
use crate::adapters::store::error::StoreError;
use crate::model::time::{Timestamp, to_ms};

/// Networks repeat for hours at most.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Apply<'_> {
    pub(super) fn received(&mut self, received: Received) -> Result<Ingested, StoreError> {
        let Received { ingest, event } = received;
        match event {
            Some(event) if !self.is_first_time(&event, ingest.seen_at)? => {
                let count = (ingest.posts.len() + ingest.rejected.len()) as u64;
                Ok(Ingested { received: count, known: count, ..Ingested::default() })
            }
            Some(_) | None => self.ingest(ingest),
        }
    }

    fn is_first_time(&mut self, event: &EventKey, at: Timestamp) -> Result<bool, StoreError> {
        let forgotten = at.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.connection
            .prepare_cached("DELETE FROM received_event WHERE seen_at_ms < ?1")?
            .execute(params![to_ms(forgotten)])?;
        let inserted = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO received_event VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![event.network.0, event.account, event.id, to_ms(at)])?;
        Ok(inserted == 1)
    }
}
