//! Alarms about the reading of sources, and what credentials have spent.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{Spent, Watched};
use crate::adapters::store::error::StoreError;
use crate::model::time::to_ms;

impl Apply<'_> {
    pub(super) fn watched(&mut self, watched: Watched) -> Result<(), StoreError> {
        for (id, at) in &watched.ended {
            self.connection
                .prepare_cached(
                    "UPDATE alarm SET ended_at_ms = ?2 WHERE id = ?1 AND ended_at_ms IS NULL",
                )?
                .execute(params![id, to_ms(*at)])?;
        }
        for alarm in &watched.raised {
            self.connection
                .prepare_cached("INSERT INTO alarm VALUES (?1, ?2, ?3, ?4, NULL, ?5)")?
                .execute(params![
                    alarm.id,
                    alarm.subject.to_string(),
                    alarm.kind.as_str(),
                    to_ms(alarm.raised_at),
                    alarm.detail,
                ])?;
        }
        for (at, notice) in &watched.outbox {
            self.enqueue(*at, notice)?;
        }
        for entry in &watched.entries {
            self.journal(entry)?;
        }
        Ok(())
    }

    /// Counts only go up within a day: commits may arrive in any order.
    pub(super) fn spent(&mut self, spent: &Spent) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO spent VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (credential, kind) DO UPDATE SET
                    requests = CASE WHEN day = excluded.day
                        THEN max(requests, excluded.requests) ELSE excluded.requests END,
                    day = excluded.day",
            )?
            .execute(params![spent.credential, spent.kind, spent.day, spent.requests])?;
        Ok(())
    }
}
