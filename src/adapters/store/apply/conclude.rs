//! Conclusions of the matcher and the cluster stage.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{AppliedRow, Clustered, Findings, Made, Membership};
use crate::adapters::store::error::StoreError;
use crate::adapters::store::reasons::{parts_to_text, reason_to_text};
use crate::model::clock::PlannedStep;
use crate::model::incident::{Assignment, Incident, IncidentId, Suggestion};
use crate::model::position::Position;
use crate::model::time::to_ms;

impl Apply<'_> {
    pub(super) fn findings(&mut self, findings: Findings) -> Result<(), StoreError> {
        self.current_run(&findings.made)?;
        self.advance("matcher", findings.advance)?;
        let mut insert =
            self.connection.prepare_cached("INSERT INTO finding VALUES (?1, ?2, ?3, ?4)")?;
        for (post, finding) in &findings.rows {
            insert.execute(params![
                post.0 as i64,
                findings.made.run,
                findings.made.ruleset.0,
                serde_json::to_string(finding)?,
            ])?;
        }
        Ok(())
    }

    pub(super) fn clustered(&mut self, done: Clustered) -> Result<(), StoreError> {
        self.current_run(&done.made)?;
        self.advance("cluster", done.advance)?;
        for (position, incident) in &done.incidents {
            self.upsert_incident(*position, incident, &done.made)?;
        }
        for membership in &done.membership {
            match membership {
                Membership::Made { at, assignment } => self.assign(*at, assignment, &done.made)?,
                Membership::Ended { post, by } => self.unassign(*post, *by)?,
            }
        }
        for suggestion in &done.suggestions {
            self.suggest(suggestion, &done.made)?;
        }
        for (incident, candidate, settled) in &done.settled {
            self.settle(*incident, *candidate, *settled)?;
        }
        self.pairs(&done)?;
        self.proposed(&done.proposed, &done.made)?;
        self.actions(&done)?;
        for (incident, steps) in &done.ladders {
            self.plan_ladder(*incident, steps)?;
        }
        for (incident, clock, at) in &done.stopped {
            self.stop_ladder(*incident, *clock, *at)?;
        }
        for (at, notice) in &done.outbox {
            self.enqueue(*at, notice)?;
        }
        if let Some((position, frozen)) = &done.rarity {
            self.connection.execute("DELETE FROM rarity", [])?;
            self.connection.execute(
                "INSERT INTO rarity VALUES (?1, ?2, ?3)",
                params![position.0 as i64, done.made.ruleset.0, frozen],
            )?;
        }
        Ok(())
    }

    fn upsert_incident(
        &mut self,
        position: Position,
        incident: &Incident,
        made: &Made,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO incident VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                     ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            )?
            .execute(params![
                incident.id.0 as i64,
                made.run,
                made.ruleset.0,
                position.0 as i64,
                incident.state.as_str(),
                incident.topic.0,
                incident.topic_group,
                incident.territory().map(|territory| &territory.0),
                incident.body.0,
                incident.official,
                incident.risk,
                to_ms(incident.opened_at),
                incident.due_at().map(to_ms),
                incident.closed_at.map(to_ms),
                incident.posts,
                incident.authors,
                to_ms(incident.last_written_at),
                serde_json::to_string(incident)?,
                incident.taking_due_at().map(to_ms),
                incident.repeat_of.map(|id| id.0 as i64),
                incident.joined_into.map(|id| id.0 as i64),
            ])?;
        Ok(())
    }

    fn assign(
        &mut self,
        at: Position,
        assignment: &Assignment,
        made: &Made,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO assignment VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6)")?
            .execute(params![
                assignment.post.0 as i64,
                at.0 as i64,
                assignment.incident.0 as i64,
                made.run,
                made.ruleset.0,
                reason_to_text(&assignment.reason)?,
            ])?;
        Ok(())
    }

    fn unassign(&mut self, post: Position, by: Position) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE assignment SET revoked_by = ?2 WHERE post = ?1 AND revoked_by IS NULL",
            )?
            .execute(params![post.0 as i64, by.0 as i64])?;
        Ok(())
    }

    fn suggest(&mut self, suggestion: &Suggestion, made: &Made) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO suggestion VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                suggestion.incident.0 as i64,
                suggestion.candidate.0 as i64,
                made.run,
                made.ruleset.0,
                suggestion.score,
                parts_to_text(&suggestion.parts)?,
            ])?;
        Ok(())
    }

    fn settle(
        &mut self,
        one: IncidentId,
        other: IncidentId,
        settled: bool,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE suggestion SET settled = ?3
                 WHERE (incident = ?1 AND candidate = ?2) OR (incident = ?2 AND candidate = ?1)",
            )?
            .execute(params![one.0 as i64, other.0 as i64, settled])?;
        Ok(())
    }

    fn pairs(&mut self, done: &Clustered) -> Result<(), StoreError> {
        for (one, other, action) in &done.forbidden {
            self.connection
                .prepare_cached(
                    "INSERT INTO forbidden VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    one.0 as i64,
                    other.0 as i64,
                    action.0 as i64,
                    done.made.ruleset.0
                ])?;
        }
        for action in &done.allowed {
            self.connection
                .prepare_cached("DELETE FROM forbidden WHERE action = ?1")?
                .execute([action.0 as i64])?;
        }
        Ok(())
    }

    fn actions(&mut self, done: &Clustered) -> Result<(), StoreError> {
        for answer in &done.answers {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO answer VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    answer.id.0 as i64,
                    answer.incident.0 as i64,
                    done.made.ruleset.0,
                    serde_json::to_string(answer)?,
                ])?;
        }
        for row in &done.applied {
            self.applied(row, &done.made)?;
        }
        for (action, by) in &done.undone {
            self.connection
                .prepare_cached("UPDATE applied SET undone_by = ?2 WHERE action = ?1")?
                .execute(params![action.0 as i64, by.0 as i64])?;
        }
        Ok(())
    }

    fn applied(&mut self, row: &AppliedRow, made: &Made) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO applied VALUES (?1, ?2, ?3, ?4, ?5, NULL)")?
            .execute(params![
                row.action.0 as i64,
                row.incident.map(|id| id.0 as i64),
                made.ruleset.0,
                serde_json::to_string(&row.result)?,
                row.inverse,
            ])?;
        Ok(())
    }

    /// Steps that have fired stay fired until the incident is opened again; the
    /// others take the new time.
    fn plan_ladder(
        &mut self,
        incident: IncidentId,
        steps: &[PlannedStep],
    ) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO ladder VALUES (?1, ?2, ?3, ?4, ?5, NULL, 0, ?6)
             ON CONFLICT DO UPDATE SET due_at_ms = excluded.due_at_ms, settled_at_ms = NULL,
                fired = 0, round = excluded.round
             WHERE fired = 0 OR round < excluded.round",
        )?;
        for step in steps {
            insert.execute(params![
                incident.0 as i64,
                step.clock.as_str(),
                step.step,
                to_ms(step.due_at),
                step.notify.as_str(),
                step.round,
            ])?;
        }
        Ok(())
    }

    fn stop_ladder(
        &mut self,
        incident: IncidentId,
        clock: crate::model::clock::ClockKind,
        at: crate::model::time::Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE ladder SET settled_at_ms = ?3
                 WHERE incident = ?1 AND clock = ?2 AND settled_at_ms IS NULL",
            )?
            .execute(params![incident.0 as i64, clock.as_str(), to_ms(at)])?;
        Ok(())
    }
}
