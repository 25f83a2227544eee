//! What can be asked of the database, one file a subject. A reader never
//! writes and never decides; it sees one consistent state a question.

mod access;
mod alarms;
mod facts;
mod filter;
mod gaps;
mod incidents;
mod journal;
mod outbox;
mod proposals;
mod sources;
mod threads;
mod versions;

use rusqlite::{Connection, Params, Row};

pub use self::access::OpenedSession;
pub use self::filter::{IncidentFilter, Order};
pub use self::gaps::{Nearby, StoredGap};
pub use self::incidents::{
    AppliedAction, IncidentRow, Member, MemberFact, StoredSuggestion, TriageCounts,
};
pub use self::journal::{JournalFilter, Verification};
pub use self::outbox::{DeliveryRow, DueStep, Passed};
pub use self::proposals::{ProposedMerge, ProposedSplit};
pub use self::sources::{StoredRejected, Totals};
pub use self::threads::{ThreadMember, Watched};
pub use self::versions::Version;

use super::error::StoreError;
use crate::model::position::Position;

/// A read-only connection with its questions.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    pub(super) fn new(connection: Connection) -> Reader {
        Reader { connection }
    }

    /// How far a stage has come; 0 before its first commit.
    pub fn stage(&self, name: &str) -> Result<Position, StoreError> {
        let position = self.one("SELECT position FROM stage WHERE name = ?1", [name], |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
        Ok(Position(position.unwrap_or(0) as u64))
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(read).transpose()
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut answer = Vec::new();
        self.each(sql, params, |row| {
            answer.push(read(row)?);
            Ok(())
        })?;
        Ok(answer)
    }

    /// Hands over row by row: for answers too large to be held.
    fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            visit(row)?;
        }
        Ok(())
    }
}

fn position(row: &Row<'_>, column: usize) -> Result<Position, StoreError> {
    Ok(Position(row.get::<_, i64>(column)? as u64))
}
