//! The journal: pages of it, and whether its chain is whole.

use rusqlite::{Row, params};

use super::Reader;
use crate::adapters::store::apply::journal::{genesis, link};
use crate::adapters::store::error::StoreError;
use crate::model::journal::{Entry, NewEntry, READ_PERSONAL};
use crate::model::time::from_ms;

#[derive(Debug, Clone, Default)]
pub struct JournalFilter {
    /// Exactly this subject (`incident:17`).
    pub subject: Option<String>,
    pub actor: Option<String>,
    /// Leave out what was done to incidents.
    pub without_cases: bool,
    /// Leave out who read what: of an incident that is much, and not its history.
    pub without_looks: bool,
    pub limit: usize,
    pub offset: usize,
}

/// What checking the chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    Whole {
        entries: u64,
        head: String,
    },
    /// The first entry that does not continue the chain.
    Broken {
        seq: u64,
        why: String,
    },
}

const COLUMNS: &str = "seq, at_ms, actor, action, subject, before, after, why, origin, hash";

impl Reader {
    /// Newest first.
    pub fn journal(&self, filter: &JournalFilter) -> Result<Vec<Entry>, StoreError> {
        self.all(
            &format!(
                "SELECT {COLUMNS} FROM journal
                 WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR actor = ?2)
                     AND (?5 = 0 OR subject NOT LIKE 'incident:%')
                     AND (?6 = 0 OR action <> ?7)
                 ORDER BY seq DESC LIMIT ?3 OFFSET ?4"
            ),
            params![
                filter.subject,
                filter.actor,
                filter.limit as i64,
                filter.offset as i64,
                filter.without_cases,
                filter.without_looks,
                READ_PERSONAL
            ],
            entry,
        )
    }

    /// Entries after a sequence number, oldest first.
    pub fn journal_after(&self, seq: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.all(
            &format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2"),
            params![seq as i64, limit as i64],
            entry,
        )
    }

    /// Recomputes the whole chain in constant memory.
    pub fn verify_journal(&self) -> Result<Verification, StoreError> {
        let mut statement =
            self.connection.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        let mut previous = genesis().to_owned();
        let mut seq = 0;
        while let Some(row) = rows.next()? {
            let found = entry(row)?;
            seq += 1;
            if found.seq != seq {
                return Ok(Verification::Broken { seq, why: "an entry is missing".to_owned() });
            }
            if link(&previous, seq as i64, &found.entry) != found.hash {
                return Ok(Verification::Broken { seq, why: "an entry was changed".to_owned() });
            }
            previous = found.hash;
        }
        Ok(Verification::Whole { entries: seq, head: previous })
    }
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        seq: row.get::<_, i64>(0)? as u64,
        entry: NewEntry {
            at: from_ms(row.get(1)?),
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            before: row.get(5)?,
            after: row.get(6)?,
            why: row.get(7)?,
            origin: row.get(8)?,
        },
        hash: row.get(9)?,
    })
}
