//! What a turn at a gap brought, and how far the gap is filled, in one
//! transaction.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{GapFate, GapRead, Ingested};
use crate::adapters::store::error::StoreError;
use crate::model::gap::Lack;
use crate::model::source::{Gap, SourceId};
use crate::model::time::{Timestamp, to_ms};

impl Apply<'_> {
    pub(super) fn gap_read(&mut self, read: GapRead) -> Result<Ingested, StoreError> {
        let GapRead { id, source, ingest, news, before, after, open_to, error, fate } = read;
        let at = ingest.seen_at;
        let counts = self.ingest(ingest)?;
        for one in &news {
            self.thread_news(one)?;
        }
        let (next_try_at, filled_at, lost_at, lack) = match fate {
            GapFate::GoesOn { next_try_at } => (Some(next_try_at), None, None, after.lack),
            GapFate::Filled => (None, Some(at), None, None),
            GapFate::Lost(lack) => (None, None, Some(at), Some(lack)),
        };
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE gap SET way = ?6, read_to_ms = ?7, place = ?8, tries = ?9, lack = ?10,
                    open_to_ms = coalesce(?11, open_to_ms), next_try_at_ms = ?12,
                    filled_at_ms = ?13, lost_at_ms = ?14, last_error = ?15, found = found + ?16
                 WHERE id = ?1 AND way = ?2 AND read_to_ms IS ?3 AND place = ?4 AND tries = ?5
                    AND filled_at_ms IS NULL AND lost_at_ms IS NULL",
            )?
            .execute(params![
                id,
                before.way,
                before.read_to.map(to_ms),
                before.place,
                before.tries,
                after.way,
                after.read_to.map(to_ms),
                after.place,
                after.tries,
                lack.map(|lack| lack.as_str()),
                open_to.map(to_ms),
                next_try_at.map(to_ms),
                filled_at.map(to_ms),
                lost_at.map(to_ms),
                error,
                counts.new as i64,
            ])?;
        if changed != 1 {
            return Err(StoreError::Conflict { stage: format!("gap {id}"), stored: 0, given: 0 });
        }
        self.count_for_source(&source, &counts)?;
        Ok(counts)
    }

    /// A gap for which nothing can be done, with its reason.
    pub(super) fn record_lost_gap(
        &mut self,
        gap: &Gap,
        lack: Lack,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.record_gap(gap, at)?;
        self.connection
            .prepare_cached("UPDATE gap SET lack = ?2, lost_at_ms = ?3 WHERE id = ?1")?
            .execute(params![self.connection.last_insert_rowid(), lack.as_str(), to_ms(at)])?;
        Ok(())
    }

    fn count_for_source(&self, source: &SourceId, counts: &Ingested) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE source_state SET posts = posts + ?2, rejected = rejected + ?3
                 WHERE id = ?1",
            )?
            .execute(params![source.0, counts.new as i64, counts.rejected as i64])?;
        Ok(())
    }
}
