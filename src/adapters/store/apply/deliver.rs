//! The outbox, deliveries, ladder steps and breaches.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{Delivered, Escalated, Fired};
use crate::adapters::store::error::StoreError;
use crate::model::notice::{Attempt, Notice, SendState};
use crate::model::time::{Timestamp, to_ms};

impl Apply<'_> {
    /// One row a key: a notice that is there already is not added again.
    pub(super) fn enqueue(&mut self, at: Timestamp, notice: &Notice) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO outbox (key, incident, recipient, kind, notice, created_at_ms, state,
                                     next_attempt_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6) ON CONFLICT (key) DO NOTHING",
            )?
            .execute(params![
                notice.key(),
                notice.incident.0 as i64,
                notice.recipient,
                notice.kind.as_str(),
                serde_json::to_string(notice)?,
                to_ms(at),
                SendState::Waiting.as_str(),
            ])?;
        Ok(())
    }

    pub(super) fn delivered(&mut self, rows: Vec<Delivered>) -> Result<(), StoreError> {
        for row in rows {
            let (state, result, error) = outcome(&row);
            self.connection
                .prepare_cached(
                    "INSERT INTO delivery (key, at_ms, result, error)
                     SELECT key, ?2, ?3, ?4 FROM outbox WHERE id = ?1",
                )?
                .execute(params![row.id, to_ms(row.at), result, error])?;
            let next = row.next_attempt_at.unwrap_or(row.at);
            let sent_at = (state == SendState::Sent).then(|| to_ms(row.at));
            self.connection
                .prepare_cached(
                    "UPDATE outbox SET state = ?2, attempts = attempts + 1,
                            next_attempt_at_ms = ?3, last_error = ?4, sent_at_ms = ?5
                     WHERE id = ?1",
                )?
                .execute(params![row.id, state.as_str(), to_ms(next), error, sent_at])?;
        }
        Ok(())
    }

    pub(super) fn acknowledge_notice(&mut self, id: i64, note: &str) -> Result<(), StoreError> {
        let changed = self.connection.execute(
            "UPDATE outbox SET state = ?2, note = ?3 WHERE id = ?1 AND state = ?4",
            params![id, SendState::Acknowledged.as_str(), note, SendState::Stuck.as_str()],
        )?;
        if changed == 1 {
            return Ok(());
        }
        Err(StoreError::Refused(format!("notice {id} is not stuck")))
    }

    pub(super) fn escalated(&mut self, escalated: Escalated) -> Result<(), StoreError> {
        for step in &escalated.steps {
            self.connection
                .prepare_cached(
                    "UPDATE ladder SET settled_at_ms = ?4, fired = ?5
                     WHERE incident = ?1 AND clock = ?2 AND step = ?3 AND settled_at_ms IS NULL",
                )?
                .execute(params![
                    step.incident.0 as i64,
                    step.clock.as_str(),
                    step.step,
                    to_ms(step.at),
                    step.fired == Fired::Told,
                ])?;
        }
        for (at, notice) in &escalated.outbox {
            self.enqueue(*at, notice)?;
        }
        for breach in &escalated.breaches {
            self.connection
                .prepare_cached(
                    "INSERT INTO breach VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    breach.incident.0 as i64,
                    breach.clock.as_str(),
                    to_ms(breach.due_at),
                    to_ms(breach.noticed_at),
                    breach.body.0,
                ])?;
        }
        for entry in &escalated.entries {
            self.journal(entry)?;
        }
        Ok(())
    }
}

fn outcome(row: &Delivered) -> (SendState, &'static str, Option<&str>) {
    match &row.attempt {
        Attempt::Sent => (SendState::Sent, "sent", None),
        Attempt::Retry { error, .. } => match row.next_attempt_at {
            Some(_) => (SendState::Waiting, "retry", Some(error)),
            None => (SendState::Stuck, "gave_up", Some(error)),
        },
        Attempt::Refused { error } => (SendState::Stuck, "refused", Some(error)),
    }
}
