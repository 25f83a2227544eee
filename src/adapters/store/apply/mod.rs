//! Carries out commands inside the writer's transaction, one file a kind of
//! table. Knows rows and keys, never why something is written.

mod access;
mod alarms;
mod conclude;
mod deliver;
mod events;
mod gaps;
mod ingest;
pub mod journal;
mod propose;
mod threads;

use rusqlite::{Connection, params};

use super::commands::{Act, ActivateRuleset, Advance, Command, Done, Made};
use super::error::StoreError;
use crate::model::position::Position;
use crate::model::time::to_ms;

/// A command at work: the transaction's connection and the counter of facts.
pub struct Apply<'a> {
    pub connection: &'a Connection,
    pub last: &'a mut Position,
}

impl Apply<'_> {
    pub fn command(&mut self, command: Command) -> Result<Done, StoreError> {
        match command {
            Command::Ingest(ingest) => return self.ingest(ingest).map(Done::Ingested),
            Command::Threaded(threaded) => return self.threaded(*threaded).map(Done::Ingested),
            Command::Received(received) => return self.received(*received).map(Done::Ingested),
            Command::GapRead(read) => return self.gap_read(*read).map(Done::Ingested),
            Command::Act(act) => return self.act(act).map(Done::Acted),
            Command::ActivateRuleset(ruleset) => {
                return self.activate(ruleset).map(Done::Activated);
            }
            Command::Findings(findings) => self.findings(findings)?,
            Command::Clustered(clustered) => self.clustered(*clustered)?,
            Command::Delivered(rows) => self.delivered(rows)?,
            Command::AcknowledgeNotice { id, note, entry } => {
                self.acknowledge_notice(id, &note)?;
                self.journal(&entry)?;
            }
            Command::Escalated(escalated) => self.escalated(escalated)?,
            Command::Journal(entry) => self.journal(&entry)?,
            Command::SavePerson { person, password_hash, entry } => {
                self.save_person(&person, password_hash.as_deref(), entry.at)?;
                self.journal(&entry)?;
            }
            Command::OpenSession(session) => self.open_session(session)?,
            Command::TouchSession { token_hash, at, expires_at } => {
                self.touch_session(&token_hash, at, expires_at)?;
            }
            Command::CloseSession { token_hash, entry } => {
                self.close_session(&token_hash)?;
                self.journal(&entry)?;
            }
            Command::LoginFailed { login, at, entry } => {
                self.login_failed(&login, at)?;
                self.journal(&entry)?;
            }
            Command::SetSourceStopped { source, stopped, entry } => {
                self.set_source_stopped(&source, stopped)?;
                self.journal(&entry)?;
            }
            Command::Watched(watched) => self.watched(watched)?,
            Command::Spent(spent) => self.spent(&spent)?,
        }
        Ok(Done::Written)
    }

    fn next_position(&mut self) -> i64 {
        self.last.0 += 1;
        self.last.0 as i64
    }

    fn act(&mut self, act: Act) -> Result<Position, StoreError> {
        let position = self.next_position();
        self.connection.prepare_cached("INSERT INTO action VALUES (?1, ?2, ?3, ?4)")?.execute(
            params![
                position,
                to_ms(act.action.at),
                serde_json::to_string(&act.action.actor)?,
                serde_json::to_string(&act.action.decision)?,
            ],
        )?;
        self.journal(&act.entry)?;
        Ok(Position(position as u64))
    }

    fn activate(&mut self, ruleset: ActivateRuleset) -> Result<Position, StoreError> {
        let newest: Option<String> =
            rusqlite::OptionalExtension::optional(self.connection.query_row(
                "SELECT hash FROM ruleset ORDER BY position DESC LIMIT 1",
                [],
                |row| row.get(0),
            ))?;
        if newest.as_deref() == Some(ruleset.hash.0.as_str()) {
            return Ok(*self.last);
        }
        let position = self.next_position();
        let files = serde_json::to_string(&ruleset.files.0)?;
        self.connection.execute(
            "INSERT INTO ruleset VALUES (?1, ?2, ?3, ?4)",
            params![position, ruleset.hash.0, to_ms(ruleset.at), files],
        )?;
        self.connection.execute(
            "INSERT INTO run (ruleset, matcher_from, cluster_from, started_at_ms)
             SELECT ?1,
                coalesce((SELECT position FROM stage WHERE name = 'matcher'), 0),
                coalesce((SELECT position FROM stage WHERE name = 'cluster'), 0), ?2",
            params![ruleset.hash.0, to_ms(ruleset.at)],
        )?;
        Ok(Position(position as u64))
    }

    /// Refuses conclusions of a run that a newer ruleset has ended.
    fn current_run(&mut self, made: &Made) -> Result<(), StoreError> {
        let newest: Option<i64> = self
            .connection
            .prepare_cached("SELECT max(id) FROM run")?
            .query_row([], |row| row.get(0))?;
        if newest == Some(made.run) {
            return Ok(());
        }
        Err(StoreError::Conflict {
            stage: "run".to_owned(),
            stored: newest.unwrap_or(0) as u64,
            given: made.run as u64,
        })
    }

    /// Moves a stage on, if it stands where the commit begins.
    fn advance(&mut self, stage: &str, advance: Advance) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO stage VALUES (?1, 0) ON CONFLICT DO NOTHING")?
            .execute([stage])?;
        let changed = self
            .connection
            .prepare_cached("UPDATE stage SET position = ?3 WHERE name = ?1 AND position = ?2")?
            .execute(params![stage, advance.from.0 as i64, advance.to.0 as i64])?;
        if changed == 1 {
            return Ok(());
        }
        let stored: i64 = self.connection.query_row(
            "SELECT position FROM stage WHERE name = ?1",
            [stage],
            |row| row.get(0),
        )?;
        Err(StoreError::Conflict {
            stage: stage.to_owned(),
            stored: stored as u64,
            given: advance.from.0,
        })
    }
}
