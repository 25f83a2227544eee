//! Facts in the order of their positions, and findings about posts.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{Reader, position};
use crate::adapters::store::error::StoreError;
use crate::adapters::store::rows::{AFTER_POST, POST_COLUMNS, stored_post};
use crate::model::action::{NewAction, StoredAction};
use crate::model::finding::Finding;
use crate::model::position::Position;
use crate::model::post::{PostKey, StoredPost};
use crate::model::ruleset::{RulesetFiles, RulesetHash};
use crate::model::time::from_ms;

impl Reader {
    /// Position of the newest fact.
    pub fn last_position(&self) -> Result<Position, StoreError> {
        let last = self.one(
            "SELECT max(coalesce((SELECT max(position) FROM post), 0),
                        coalesce((SELECT max(position) FROM revision), 0),
                        coalesce((SELECT max(position) FROM action), 0),
                        coalesce((SELECT max(position) FROM ruleset), 0))",
            [],
            |row| position(row, 0),
        )?;
        Ok(last.unwrap_or_default())
    }

    /// Position of the newest post: how far search must reach.
    pub fn last_post(&self) -> Result<Position, StoreError> {
        let last = self
            .one("SELECT max(position) FROM post", [], |row| Ok(row.get::<_, Option<i64>>(0)?))?;
        Ok(Position(last.flatten().unwrap_or(0) as u64))
    }

    /// Posts after a position up to another, at most `limit`, in order.
    pub fn posts_between(
        &self,
        after: Position,
        until: Position,
        limit: usize,
    ) -> Result<Vec<StoredPost>, StoreError> {
        self.all(
            &format!(
                "SELECT {POST_COLUMNS} FROM post WHERE position > ?1 AND position <= ?2
                 ORDER BY position LIMIT ?3"
            ),
            params![after.0 as i64, until.0 as i64, limit as i64],
            stored_post,
        )
    }

    /// Posts that have a finding, with it: what the cluster stage folds.
    pub fn found_posts_between(
        &self,
        after: Position,
        until: Position,
        limit: usize,
    ) -> Result<Vec<(StoredPost, Finding)>, StoreError> {
        self.all(
            &format!(
                "SELECT {POST_COLUMNS}, finding.data FROM finding
                 JOIN post ON post.position = finding.post
                 WHERE finding.post > ?1 AND finding.post <= ?2 ORDER BY finding.post LIMIT ?3"
            ),
            params![after.0 as i64, until.0 as i64, limit as i64],
            |row| {
                Ok((stored_post(row)?, serde_json::from_str(row.get_ref(AFTER_POST)?.as_str()?)?))
            },
        )
    }

    /// Posts with what reading them came to, where that was kept: what is indexed.
    pub fn read_posts_between(
        &self,
        after: Position,
        until: Position,
        limit: usize,
    ) -> Result<Vec<(StoredPost, Option<Finding>)>, StoreError> {
        self.all(
            &format!(
                "SELECT {POST_COLUMNS}, finding.data FROM post
                 LEFT JOIN finding ON finding.post = post.position
                 WHERE post.position > ?1 AND post.position <= ?2 ORDER BY post.position LIMIT ?3"
            ),
            params![after.0 as i64, until.0 as i64, limit as i64],
            |row| {
                let data: Option<String> = row.get(AFTER_POST)?;
                let finding = data.as_deref().map(serde_json::from_str).transpose()?;
                Ok((stored_post(row)?, finding))
            },
        )
    }

    pub fn actions_between(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<StoredAction>, StoreError> {
        self.all(
            "SELECT position, at_ms, actor, decision FROM action
             WHERE position > ?1 AND position <= ?2 ORDER BY position",
            params![after.0 as i64, until.0 as i64],
            |row| {
                let action = NewAction {
                    at: from_ms(row.get(1)?),
                    actor: serde_json::from_str(row.get_ref(2)?.as_str()?)?,
                    decision: serde_json::from_str(row.get_ref(3)?.as_str()?)?,
                };
                Ok(StoredAction { position: position(row, 0)?, action })
            },
        )
    }

    pub fn post(&self, at: Position) -> Result<Option<StoredPost>, StoreError> {
        self.one(
            &format!("SELECT {POST_COLUMNS} FROM post WHERE position = ?1"),
            [at.0 as i64],
            stored_post,
        )
    }

    pub fn post_by_key(&self, key: &PostKey) -> Result<Option<StoredPost>, StoreError> {
        self.one(
            &format!("SELECT {POST_COLUMNS} FROM post WHERE network = ?1 AND native_id = ?2"),
            params![key.network.0, key.native_id],
            stored_post,
        )
    }

    /// Later texts of a post, oldest first: text, whether deleted, seen when (ms).
    pub fn revisions(&self, of: Position) -> Result<Vec<(String, bool, i64)>, StoreError> {
        self.all(
            "SELECT text, deleted, seen_at_ms FROM revision WHERE post = ?1 ORDER BY position",
            [of.0 as i64],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    pub fn finding(&self, of: Position) -> Result<Option<Finding>, StoreError> {
        self.one("SELECT data FROM finding WHERE post = ?1", [of.0 as i64], |row| {
            Ok(serde_json::from_str(row.get_ref(0)?.as_str()?)?)
        })
    }

    /// The ruleset in force: newest activation.
    pub fn active_ruleset(&self) -> Result<Option<(RulesetHash, RulesetFiles)>, StoreError> {
        self.one("SELECT hash, files FROM ruleset ORDER BY position DESC LIMIT 1", [], |row| {
            let files: BTreeMap<String, String> = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            Ok((RulesetHash(row.get(0)?), RulesetFiles(files)))
        })
    }

    /// Every activation of a ruleset in order.
    pub fn rulesets(&self) -> Result<Vec<(Position, RulesetHash, RulesetFiles)>, StoreError> {
        self.all("SELECT position, hash, files FROM ruleset ORDER BY position", [], |row| {
            let files: BTreeMap<String, String> = serde_json::from_str(row.get_ref(2)?.as_str()?)?;
            Ok((position(row, 0)?, RulesetHash(row.get(1)?), RulesetFiles(files)))
        })
    }

    /// Every stretch of the live run: ruleset, where the matcher and where the
    /// cluster stage took it over.
    pub fn runs(&self) -> Result<Vec<(RulesetHash, Position, Position)>, StoreError> {
        self.all("SELECT ruleset, matcher_from, cluster_from FROM run ORDER BY id", [], |row| {
            Ok((RulesetHash(row.get(0)?), position(row, 1)?, position(row, 2)?))
        })
    }

    /// The live run's number and its ruleset.
    pub fn current_run(&self) -> Result<Option<(i64, RulesetHash)>, StoreError> {
        self.one("SELECT id, ruleset FROM run ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, RulesetHash(row.get(1)?)))
        })
    }

    /// The newest frozen rarity and the position it was frozen at.
    pub fn rarity(&self) -> Result<Option<(Position, Vec<u8>)>, StoreError> {
        self.one("SELECT position, frozen FROM rarity ORDER BY position DESC LIMIT 1", [], |row| {
            Ok((position(row, 0)?, row.get(1)?))
        })
    }
}
