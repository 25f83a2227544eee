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

/// A comment of an open incident, that is looked for in its thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadMember {
    pub post: StoredPost,
    pub is_deleted: bool,
    /// Whole reads in a row that did not show it.
    pub missed: u32,
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

    /// Comments under a post that open incidents have, with how often in a row
    /// whole reads of their thread did not show them.
    pub fn thread_members(&self, thread: &ThreadKey) -> Result<Vec<ThreadMember>, StoreError> {
        let found = self.all(
            &format!(
                "SELECT {POST_COLUMNS}, coalesce(missed.times, 0) FROM post
                 LEFT JOIN missed ON missed.post = post.position
                 WHERE post.network = ?1 AND post.thread_id = ?2 AND post.native_id <> ?2
                     AND EXISTS (
                         SELECT 1 FROM assignment
                         JOIN incident ON incident.id = assignment.incident
                         WHERE assignment.post = post.position AND revoked_by IS NULL AND {OPEN})
                 ORDER BY post.position"
            ),
            params![thread.network.0, thread.post],
            |row| {
                let (post, missed) = (stored_post(row)?, row.get(AFTER_POST)?);
                Ok(ThreadMember { post, is_deleted: false, missed })
            },
        )?;
        found
            .into_iter()
            .map(|one| Ok(ThreadMember { is_deleted: self.is_deleted(&one.post)?, ..one }))
            .collect()
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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::adapters::store::schema::migrate;

    /// Posts of one open incident: source, native id, parent and thread.
    fn reader(posts: &[(&str, &str, Option<&str>, Option<&str>)]) -> Reader {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let incident = "INSERT INTO incident (id, run, ruleset, position, state, topic,
                topic_group, body, risk, opened_at_ms, posts, authors, last_written_ms, data)
            VALUES (1, 1, ?1, 1, 'new', '', '', '', 0, 0, 1, 1, 0, '{}')";
        let hash = "0".repeat(64);
        connection.execute(incident, [&hash]).unwrap();
        for (position, (source, native_id, parent, thread)) in posts.iter().enumerate() {
            let post = "INSERT INTO post (position, network, native_id, source, parent_id,
                    thread_id, text, published_at_ms, media, deleted, first_seen_at_ms)
                VALUES (?1, 'n', ?2, ?3, ?4, ?5, '', 0, '', 0, 0)";
            let position = position as i64 + 1;
            let values = params![position, native_id, source, parent, thread];
            connection.execute(post, values).unwrap();
            let assignment = "INSERT INTO assignment (post, position, incident, run, ruleset,
                reason) VALUES (?1, 1, 1, 1, ?2, '{}')";
            connection.execute(assignment, params![position, hash]).unwrap();
        }
        Reader::new(connection)
    }

    fn source(name: &str) -> SourceId {
        SourceId(name.to_owned())
    }

    #[test]
    fn posts_that_cannot_be_watched_hide_no_other() {
        let ids: Vec<String> = (0..20).map(|number| format!("feed-{number}")).collect();
        let mut posts: Vec<_> = ids.iter().map(|id| ("rss", id.as_str(), None, None)).collect();
        posts.push(("wall", "1", None, None));
        posts.push(("wall", "2", Some("1"), Some("1")));
        posts.push(("wall", "3", Some("of another"), Some("of another")));
        let reader = reader(&posts);
        let found = |replies: &[&str]| -> Vec<u64> {
            let replies: Vec<SourceId> = replies.iter().map(|name| source(name)).collect();
            let found = reader.unwatched_members(&[source("wall")], &replies, 5).unwrap();
            found.into_iter().map(|(position, _)| position.0).collect()
        };
        assert_eq!(found(&[]), [21]);
        // Where answers have names, those whose thread is not read are watched too.
        assert_eq!(found(&["wall"]), [21, 23]);
    }

    #[test]
    fn members_of_a_thread_are_its_comments() {
        let posts = [
            ("wall", "1", None, None),
            ("wall", "2", Some("1"), Some("1")),
            ("wall", "3", Some("2"), Some("1")),
            ("wall", "4", None, None),
        ];
        let network = Network("n".to_owned());
        let thread = ThreadKey { network, post: "1".to_owned(), branch: None };
        let members = reader(&posts).thread_members(&thread).unwrap();
        let positions: Vec<u64> = members.iter().map(|one| one.post.position.0).collect();
        assert_eq!(positions, [2, 3]);
        assert!(members.iter().all(|one| one.missed == 0 && !one.is_deleted));
    }
}
