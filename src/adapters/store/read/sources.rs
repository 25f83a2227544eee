//! How the polling of sources goes, what could not be read, what is missing.

use rusqlite::{Row, params};

use super::Reader;
use crate::adapters::store::error::StoreError;
use crate::model::source::{Cursor, Outcome, SourceId, SourceState, Standing};
use crate::model::time::{Timestamp, from_ms};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRejected {
    pub id: i64,
    pub source: Option<SourceId>,
    pub at: Timestamp,
    pub error: String,
    pub payload: Vec<u8>,
}

/// Row counts for metrics and the health page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub posts: u64,
    pub revisions: u64,
    pub matched: u64,
    pub incidents: u64,
    pub rejected: u64,
    pub gaps: u64,
    pub actions: u64,
    pub breaches: u64,
}

const STATE_COLUMNS: &str = "id, cursor, next_poll_at_ms, last_poll_at_ms, last_outcome,
    last_error, last_new_at_ms, failures_in_row, stopped, polls, posts, rejected, gaps";

impl Reader {
    pub fn source_state(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        self.one(
            &format!("SELECT {STATE_COLUMNS} FROM source_state WHERE id = ?1"),
            [&id.0],
            source_state,
        )
    }

    /// Of all sources, without their cursors.
    pub fn source_states(&self) -> Result<Vec<SourceState>, StoreError> {
        let columns = STATE_COLUMNS.replace("cursor", "''");
        self.all(&format!("SELECT {columns} FROM source_state ORDER BY id"), [], source_state)
    }

    pub fn standings(&self) -> Result<Vec<Standing>, StoreError> {
        self.all("SELECT id, next_poll_at_ms, last_outcome, stopped FROM source_state", [], |row| {
            let (next, outcome): (Option<i64>, Option<String>) = (row.get(1)?, row.get(2)?);
            Ok(Standing {
                id: SourceId(row.get(0)?),
                next_poll_at: next.map(from_ms),
                last_outcome: outcome.as_deref().and_then(Outcome::parse),
                stopped: row.get(3)?,
            })
        })
    }

    /// Newest first.
    pub fn rejected(&self, limit: usize) -> Result<Vec<StoredRejected>, StoreError> {
        self.all(
            "SELECT id, source, at_ms, error, payload FROM rejected ORDER BY id DESC LIMIT ?1",
            params![limit as i64],
            |row| {
                Ok(StoredRejected {
                    id: row.get(0)?,
                    source: row.get::<_, Option<String>>(1)?.map(SourceId),
                    at: from_ms(row.get(2)?),
                    error: row.get(3)?,
                    payload: row.get(4)?,
                })
            },
        )
    }

    pub fn totals(&self) -> Result<Totals, StoreError> {
        let count = |table: &str| -> Result<u64, StoreError> {
            let sql = format!("SELECT count(*) FROM {table}");
            Ok(self.one(&sql, [], |row| Ok(row.get::<_, i64>(0)?))?.unwrap_or(0) as u64)
        };
        Ok(Totals {
            posts: count("post")?,
            revisions: count("revision")?,
            matched: count("finding")?,
            incidents: count("incident")?,
            rejected: count("rejected")?,
            gaps: count("gap")?,
            actions: count("action")?,
            breaches: count("breach")?,
        })
    }
}

fn source_state(row: &Row<'_>) -> Result<SourceState, StoreError> {
    let instant = |column: usize| -> Result<Option<Timestamp>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(from_ms))
    };
    let outcome: Option<String> = row.get(4)?;
    let count =
        |column: usize| -> Result<u64, StoreError> { Ok(row.get::<_, i64>(column)?.max(0) as u64) };
    Ok(SourceState {
        id: SourceId(row.get(0)?),
        cursor: Cursor(row.get(1)?),
        next_poll_at: instant(2)?,
        last_poll_at: instant(3)?,
        last_outcome: outcome.as_deref().and_then(Outcome::parse),
        last_error: row.get(5)?,
        last_new_at: instant(6)?,
        failures_in_row: row.get(7)?,
        stopped: row.get(8)?,
        polls: count(9)?,
        posts: count(10)?,
        rejected: count(11)?,
        gaps: count(12)?,
    })
}
