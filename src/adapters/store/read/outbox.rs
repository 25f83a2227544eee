//! What waits to be sent, what was sent, and which steps are due.

use rusqlite::{Row, params};

use super::incidents::{incident, planned_step};
use super::{Reader, position};
use crate::adapters::store::commands::Breach;
use crate::adapters::store::error::StoreError;
use crate::model::body::BodyId;
use crate::model::clock::{ClockKind, PlannedStep};
use crate::model::incident::{Incident, IncidentId};
use crate::model::notice::{OutboxRow, SendState};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// A ladder step whose time has come, with its incident.
#[derive(Debug, Clone)]
pub struct DueStep {
    pub incident: Incident,
    pub step: PlannedStep,
}

/// A clock of an incident that has ended, before anybody wrote it down.
#[derive(Debug, Clone)]
pub struct Passed {
    pub incident: Incident,
    pub clock: ClockKind,
    pub due_at: Timestamp,
}

/// One attempt as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub key: String,
    pub at: Timestamp,
    pub result: String,
    pub error: Option<String>,
}

const OUTBOX_COLUMNS: &str = "id, notice, created_at_ms, state, attempts, next_attempt_at_ms,
    last_error, sent_at_ms";

impl Reader {
    /// Waiting rows whose time has come, oldest first, at most `limit`.
    pub fn outbox_due(&self, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {OUTBOX_COLUMNS} FROM outbox
                 WHERE state = 'waiting' AND next_attempt_at_ms <= ?1
                 ORDER BY next_attempt_at_ms, id LIMIT ?2"
            ),
            params![to_ms(now), limit as i64],
            outbox_row,
        )
    }

    /// The same, but at most `each` rows a recipient, and everybody's first row
    /// before anybody's second: who cannot be reached does not crowd out others.
    pub fn outbox_due_by_recipient(
        &self,
        now: Timestamp,
        each: usize,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {OUTBOX_COLUMNS} FROM
                   (SELECT *, row_number() OVER
                      (PARTITION BY recipient ORDER BY next_attempt_at_ms, id) AS turn
                    FROM outbox WHERE state = 'waiting' AND next_attempt_at_ms <= ?1)
                 WHERE turn <= ?2 ORDER BY turn, next_attempt_at_ms, id LIMIT ?3"
            ),
            params![to_ms(now), each as i64, limit as i64],
            outbox_row,
        )
    }

    pub fn outbox_by_state(
        &self,
        state: SendState,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {OUTBOX_COLUMNS} FROM outbox WHERE state = ?1 ORDER BY id DESC LIMIT ?2"
            ),
            params![state.as_str(), limit as i64],
            outbox_row,
        )
    }

    pub fn outbox_of(&self, incident: IncidentId) -> Result<Vec<OutboxRow>, StoreError> {
        self.all(
            &format!("SELECT {OUTBOX_COLUMNS} FROM outbox WHERE incident = ?1 ORDER BY id"),
            [incident.0 as i64],
            outbox_row,
        )
    }

    pub fn outbox_count(&self, state: SendState) -> Result<u64, StoreError> {
        let count =
            self.one("SELECT count(*) FROM outbox WHERE state = ?1", [state.as_str()], |row| {
                Ok(row.get::<_, i64>(0)?)
            })?;
        Ok(count.unwrap_or(0) as u64)
    }

    pub fn deliveries(&self, key: &str) -> Result<Vec<DeliveryRow>, StoreError> {
        self.all(
            "SELECT key, at_ms, result, error FROM delivery WHERE key = ?1 ORDER BY id",
            [key],
            |row| {
                Ok(DeliveryRow {
                    key: row.get(0)?,
                    at: from_ms(row.get(1)?),
                    result: row.get(2)?,
                    error: row.get(3)?,
                })
            },
        )
    }

    /// Steps due at or before an instant that nobody settled, oldest first.
    pub fn steps_due(&self, now: Timestamp, limit: usize) -> Result<Vec<DueStep>, StoreError> {
        self.all(
            "SELECT step, clock, ladder.due_at_ms, notify, round, incident.data
             FROM ladder JOIN incident ON incident.id = ladder.incident
             WHERE settled_at_ms IS NULL AND ladder.due_at_ms <= ?1
             ORDER BY ladder.due_at_ms, incident.id, step LIMIT ?2",
            params![to_ms(now), limit as i64],
            |row| Ok(DueStep { incident: incident(row, 5)?, step: planned_step(row, 0)? }),
        )
    }

    /// How many steps are due for longer than they should be: the watchdog's question.
    pub fn steps_due_before(&self, instant: Timestamp) -> Result<u64, StoreError> {
        let count = self.one(
            "SELECT count(*) FROM ladder WHERE settled_at_ms IS NULL AND due_at_ms <= ?1",
            [to_ms(instant)],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        Ok(count.unwrap_or(0) as u64)
    }

    /// Clocks of open incidents that have ended without a breach row.
    pub fn unnoticed_breaches(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Passed>, StoreError> {
        self.all(
            "SELECT data, due_at_ms AS due, 0 FROM incident WHERE due_at_ms < ?1 AND NOT EXISTS
                (SELECT 1 FROM breach WHERE breach.incident = incident.id
                 AND breach.clock <> ?3 AND breach.due_at_ms = incident.due_at_ms)
             UNION ALL
             SELECT data, take_due_at_ms AS due, 1 FROM incident WHERE take_due_at_ms < ?1
             AND NOT EXISTS
                (SELECT 1 FROM breach WHERE breach.incident = incident.id
                 AND breach.clock = ?3 AND breach.due_at_ms = incident.take_due_at_ms)
             ORDER BY due LIMIT ?2",
            params![to_ms(now), limit as i64, ClockKind::Take.as_str()],
            |row| {
                let incident = incident(row, 0)?;
                let answering = incident.running_clock().unwrap_or(ClockKind::FirstAnswer);
                let clock = if row.get(2)? { ClockKind::Take } else { answering };
                Ok(Passed { clock, due_at: from_ms(row.get(1)?), incident })
            },
        )
    }

    pub fn breaches(&self, of: IncidentId) -> Result<Vec<Breach>, StoreError> {
        self.all(
            "SELECT incident, clock, due_at_ms, noticed_at_ms, body FROM breach
             WHERE incident = ?1 ORDER BY due_at_ms",
            [of.0 as i64],
            |row| {
                let clock: String = row.get(1)?;
                Ok(Breach {
                    incident: IncidentId(position(row, 0)?.0),
                    clock: ClockKind::parse(&clock)
                        .ok_or_else(|| StoreError::Corrupt(format!("breach of clock {clock}")))?,
                    due_at: from_ms(row.get(2)?),
                    noticed_at: from_ms(row.get(3)?),
                    body: BodyId(row.get(4)?),
                })
            },
        )
    }
}

fn outbox_row(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    let state: String = row.get(3)?;
    let sent: Option<i64> = row.get(7)?;
    Ok(OutboxRow {
        id: row.get(0)?,
        notice: serde_json::from_str(row.get_ref(1)?.as_str()?)?,
        created_at: from_ms(row.get(2)?),
        state: SendState::parse(&state)
            .ok_or_else(|| StoreError::Corrupt(format!("outbox state {state}")))?,
        attempts: row.get(4)?,
        next_attempt_at: from_ms(row.get(5)?),
        last_error: row.get(6)?,
        sent_at: sent.map(from_ms),
    })
}
