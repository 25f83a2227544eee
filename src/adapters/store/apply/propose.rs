//! Proposals about incidents that are there already, and which posts are copies.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{Made, Proposed};
use crate::adapters::store::error::StoreError;
use crate::adapters::store::reasons::parts_to_text;
use crate::model::incident::IncidentId;
use crate::model::proposal::{Hint, Parting};

impl Apply<'_> {
    pub(super) fn proposed(&mut self, proposed: &Proposed, made: &Made) -> Result<(), StoreError> {
        for hint in &proposed.hints {
            self.hint(hint, made)?;
        }
        for (post, other, merge) in &proposed.merges {
            let (one, two) = merge.map(|merge| (merge.one.0 as i64, merge.two.0 as i64)).unzip();
            self.connection
                .prepare_cached(
                    "UPDATE hint SET one = ?3, two = ?4 WHERE post = ?1 AND other = ?2",
                )?
                .execute(params![post.0 as i64, other.0 as i64, one, two])?;
        }
        for (post, origin) in &proposed.copies {
            self.connection
                .prepare_cached("INSERT INTO copy VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
                .execute(params![post.0 as i64, origin.0 as i64, made.run, made.ruleset.0])?;
        }
        for (incident, parting) in &proposed.partings {
            self.parting(*incident, parting.as_ref(), made)?;
        }
        for (post, action) in &proposed.kept {
            self.connection
                .prepare_cached("INSERT INTO kept VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![post.0 as i64, action.0 as i64, made.ruleset.0])?;
        }
        for action in &proposed.let_part {
            self.connection
                .prepare_cached("DELETE FROM kept WHERE action = ?1")?
                .execute([action.0 as i64])?;
        }
        Ok(())
    }

    fn parting(
        &mut self,
        incident: IncidentId,
        parting: Option<&Parting>,
        made: &Made,
    ) -> Result<(), StoreError> {
        match parting {
            Some(parting) => self
                .connection
                .prepare_cached("INSERT OR REPLACE INTO parting VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    incident.0 as i64,
                    made.run,
                    made.ruleset.0,
                    serde_json::to_string(parting)?
                ])?,
            None => self
                .connection
                .prepare_cached("DELETE FROM parting WHERE incident = ?1")?
                .execute([incident.0 as i64])?,
        };
        Ok(())
    }

    fn hint(&mut self, hint: &Hint, made: &Made) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO hint VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, NULL)",
            )?
            .execute(params![
                hint.post.0 as i64,
                hint.other.0 as i64,
                made.run,
                made.ruleset.0,
                hint.kind.as_str(),
                hint.score,
                parts_to_text(&hint.parts)?,
                hint.other_score,
                parts_to_text(&hint.other_parts)?,
            ])?;
        Ok(())
    }
}
