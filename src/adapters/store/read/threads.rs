//! Threads: which are due, how reading them goes, which incidents they touch.

use rusqlite::{Row, params};

use super::gaps::ON_OWN_PAGES;
use super::{Reader, position};
use std::collections::BTreeSet;

use crate::adapters::store::error::StoreError;
use crate::adapters::store::rows::{AFTER_POST, POST_COLUMNS, stored_post};
use crate::model::position::Position;
use crate::model::post::{Network, StoredPost};
use crate::model::source::{Cursor, SourceId};
use crate::model::thread::{ThreadKey, ThreadState, ThreadTotals};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// A post of an open incident that is looked at by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    pub post: StoredPost,
    /// Whether the newest thing known of it is that it was deleted.
    pub is_deleted: bool,
    /// Times in a row that it was not there.
    pub missed: u32,
    pub next_at: Timestamp,
    /// Whether its incident is open still.
    pub is_open: bool,
}

const THREAD_COLUMNS: &str = "network, post, branch, source, kind, cursor, opened_at_ms,
    next_read_at_ms, last_read_at_ms, last_comment_at_ms, told, told_read, brought,
    failures_in_row, last_error, reads, comments";

/// Incidents that nobody has closed; the one list of their states in SQL.
const OPEN: &str = "incident.state NOT IN ('closed', 'joined')";

impl Reader {
    /// The threads of a source, without their cursors.
    pub fn threads_of(&self, source: &SourceId) -> Result<Vec<ThreadState>, StoreError> {
        let columns = THREAD_COLUMNS.replace("cursor", "''");
        self.all(&format!("SELECT {columns} FROM thread WHERE source = ?1"), [&source.0], thread)
    }

    /// A thread and its branches, without their cursors.
    pub fn thread_parts(&self, of: &ThreadKey) -> Result<Vec<ThreadState>, StoreError> {
        let columns = THREAD_COLUMNS.replace("cursor", "''");
        self.all(
            &format!("SELECT {columns} FROM thread WHERE network = ?1 AND post = ?2"),
            params![of.network.0, of.post],
            thread,
        )
    }

    /// Threads of a source whose time has come, the longest overdue first;
    /// `without` some poll kinds.
    pub fn due_threads(
        &self,
        source: &SourceId,
        now: Timestamp,
        without: &[String],
        limit: usize,
    ) -> Result<Vec<ThreadState>, StoreError> {
        self.all(
            &format!(
                "SELECT {THREAD_COLUMNS} FROM thread
                 WHERE source = ?1 AND next_read_at_ms <= ?2
                     AND kind NOT IN (SELECT value FROM json_each(?3))
                 ORDER BY next_read_at_ms, post, branch LIMIT ?4"
            ),
            params![source.0, to_ms(now), serde_json::to_string(without)?, limit as i64],
            thread,
        )
    }

    /// Sources that have a due thread. Steps from source to source in the index:
    /// there may be many threads of each.
    pub fn sources_of_due_threads(&self, now: Timestamp) -> Result<BTreeSet<SourceId>, StoreError> {
        let found = self.sources_of_due("thread", "next_read_at_ms", now)?;
        Ok(found.into_iter().collect())
    }

    /// Sources that have a post to be looked at again, the longest overdue first.
    pub fn sources_of_due_rechecks(&self, now: Timestamp) -> Result<Vec<SourceId>, StoreError> {
        self.sources_of_due("recheck", "next_at_ms", now)
    }

    fn sources_of_due(
        &self,
        table: &str,
        due: &str,
        now: Timestamp,
    ) -> Result<Vec<SourceId>, StoreError> {
        let sql = format!(
            "WITH RECURSIVE one(source) AS (
                 SELECT min(source) FROM {table}
                 UNION ALL
                 SELECT (SELECT min(source) FROM {table} WHERE one.source < source)
                 FROM one WHERE one.source IS NOT NULL)
             SELECT source,
                 (SELECT min({due}) FROM {table} WHERE source = one.source) AS first
             FROM one WHERE source IS NOT NULL AND first <= ?1 ORDER BY first, source"
        );
        self.all(&sql, [to_ms(now)], |row| Ok(SourceId(row.get(0)?)))
    }

    pub fn thread_totals(&self) -> Result<Vec<ThreadTotals>, StoreError> {
        self.all(
            "SELECT source, sum(watched), sum(comments), sum(reads), sum(failures), max(last)
             FROM (SELECT source, 0 AS watched, comments, reads, failures, last_read_at_ms AS last
                   FROM thread_totals
                   UNION ALL
                   SELECT source, count(*), 0, 0, 0, NULL FROM thread
                   WHERE branch = '' GROUP BY source)
             GROUP BY source ORDER BY source",
            [],
            |row| {
                let last: Option<i64> = row.get(5)?;
                Ok(ThreadTotals {
                    source: SourceId(row.get(0)?),
                    watched: count(row.get(1)?),
                    comments: count(row.get(2)?),
                    reads: count(row.get(3)?),
                    failures: count(row.get(4)?),
                    last_read_at: last.map(from_ms),
                })
            },
        )
    }

    /// Whether an open incident has the post above a thread, or a comment of it.
    pub fn is_in_open_incident(&self, thread: &ThreadKey) -> Result<bool, StoreError> {
        let found = self.one(
            &format!(
                "SELECT 1 FROM post
                 JOIN assignment ON assignment.post = post.position AND revoked_by IS NULL
                 JOIN incident ON incident.id = assignment.incident
                 WHERE post.network = ?1 AND (post.native_id = ?2 OR post.thread_id = ?2)
                     AND {OPEN} LIMIT 1"
            ),
            params![thread.network.0, thread.post],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// Whether the newest thing known of a post is that it was deleted.
    pub fn is_deleted(&self, post: &StoredPost) -> Result<bool, StoreError> {
        let revised = self.one(
            "SELECT deleted FROM revision WHERE post = ?1 ORDER BY position DESC LIMIT 1",
            [post.position.0 as i64],
            |row| Ok(row.get(0)?),
        )?;
        Ok(revised.unwrap_or(post.post.deleted))
    }

    /// Posts of a source that are looked at again by an instant, the longest
    /// overdue first.
    pub fn due_rechecks(
        &self,
        source: &SourceId,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Watched>, StoreError> {
        let found = self.all(
            &format!(
                "SELECT {POST_COLUMNS}, recheck.missed, recheck.next_at_ms, EXISTS (
                     SELECT 1 FROM assignment JOIN incident ON incident.id = assignment.incident
                     WHERE assignment.post = post.position AND revoked_by IS NULL AND {OPEN})
                 FROM recheck JOIN post ON post.position = recheck.post
                 WHERE recheck.source = ?1 AND recheck.next_at_ms <= ?2
                 ORDER BY recheck.next_at_ms, recheck.post LIMIT ?3"
            ),
            params![source.0, to_ms(until), limit as i64],
            |row| {
                Ok(Watched {
                    post: stored_post(row)?,
                    is_deleted: false,
                    missed: row.get(AFTER_POST)?,
                    next_at: from_ms(row.get(AFTER_POST + 1)?),
                    is_open: row.get(AFTER_POST + 2)?,
                })
            },
        )?;
        found
            .into_iter()
            .map(|one| Ok(Watched { is_deleted: self.is_deleted(&one.post)?, ..one }))
            .collect()
    }

    /// Posts of open incidents that nobody watches yet, of those sources that
    /// can be looked at again; nobody can be asked for what was written to a
    /// body alone. Comments are watched with their threads; in networks where
    /// they have names those that stand on the pages of their own source alone
    /// are looked at like posts.
    pub fn unwatched_members(
        &self,
        sources: &[SourceId],
        of_replies: &[SourceId],
        limit: usize,
    ) -> Result<Vec<(Position, SourceId)>, StoreError> {
        self.all(
            &format!(
                "SELECT post.position, post.source FROM incident
                 JOIN assignment ON assignment.incident = incident.id AND revoked_by IS NULL
                 JOIN post ON post.position = assignment.post
                 WHERE {OPEN} AND post.source IN (SELECT value FROM json_each(?1))
                     AND post.private = 0
                     AND (post.parent_id IS NULL OR
                         post.source IN (SELECT value FROM json_each(?2)) AND {ON_OWN_PAGES})
                     AND NOT EXISTS (SELECT 1 FROM recheck WHERE recheck.post = post.position)
                 ORDER BY post.position LIMIT ?3"
            ),
            params![
                serde_json::to_string(sources)?,
                serde_json::to_string(of_replies)?,
                limit as i64
            ],
            |row| Ok((position(row, 0)?, SourceId(row.get(1)?))),
        )
    }
}

fn thread(row: &Row<'_>) -> Result<ThreadState, StoreError> {
    let instant = |column: usize| -> Result<Option<Timestamp>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(from_ms))
    };
    let branch: String = row.get(2)?;
    Ok(ThreadState {
        key: ThreadKey {
            network: Network(row.get(0)?),
            post: row.get(1)?,
            branch: (!branch.is_empty()).then_some(branch),
        },
        source: SourceId(row.get(3)?),
        kind: row.get(4)?,
        cursor: Cursor(row.get(5)?),
        opened_at: from_ms(row.get(6)?),
        next_read_at: from_ms(row.get(7)?),
        last_read_at: instant(8)?,
        last_comment_at: instant(9)?,
        told: row.get::<_, Option<i64>>(10)?.map(count),
        told_read: row.get::<_, Option<i64>>(11)?.map(count),
        brought: count(row.get(12)?),
        failures_in_row: row.get(13)?,
        last_error: row.get(14)?,
        reads: count(row.get(15)?),
        comments: count(row.get(16)?),
    })
}

fn count(stored: i64) -> u64 {
    stored.max(0) as u64
}
