//! Threads in the transaction that stores what was read of them.

use rusqlite::params;

use super::Apply;
use crate::adapters::store::commands::{
    Ingested, Missed, Rechecked, ThreadNews, ThreadRead, Threaded,
};
use crate::adapters::store::error::StoreError;
use crate::model::gap::Lack;
use crate::model::thread::ThreadKey;
use crate::model::time::{Timestamp, to_ms};

impl Apply<'_> {
    pub(super) fn threaded(&mut self, mut threaded: Threaded) -> Result<Ingested, StoreError> {
        let at = threaded.ingest.seen_at;
        // The pages of the source do not show what stands under a post.
        if threaded.read.is_some()
            && let Some(gap) = threaded.ingest.gap.take()
        {
            self.record_lost_gap(&gap, Lack::Comments, at)?;
        }
        let counts = self.ingest(threaded.ingest)?;
        for news in &threaded.news {
            self.thread_news(news)?;
        }
        for rechecked in &threaded.rechecked {
            self.rechecked(rechecked)?;
        }
        for missed in &threaded.missed {
            self.missed(*missed)?;
        }
        if let Some(read) = &threaded.read {
            self.thread_read(read, &counts, at)?;
        }
        Ok(counts)
    }

    pub(super) fn thread_news(&mut self, news: &ThreadNews) -> Result<(), StoreError> {
        match news {
            ThreadNews::Open { key, source, kind, opened_at, next_read_at, told } => {
                self.connection
                    .prepare_cached(
                        "INSERT INTO thread (network, post, branch, source, kind, opened_at_ms,
                             next_read_at_ms, told)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![
                        key.network.0,
                        key.post,
                        branch(key),
                        source.0,
                        kind,
                        to_ms(*opened_at),
                        to_ms(*next_read_at),
                        told.map(|told| told as i64),
                    ])?;
            }
            // Of one that has ended meanwhile nothing is left to be told.
            ThreadNews::Told { key, told, next_read_at } => {
                self.connection
                    .prepare_cached(
                        "UPDATE thread SET told = ?4, next_read_at_ms = ?5
                         WHERE network = ?1 AND post = ?2 AND branch = ?3",
                    )?
                    .execute(params![
                        key.network.0,
                        key.post,
                        branch(key),
                        *told as i64,
                        to_ms(*next_read_at),
                    ])?;
            }
        }
        Ok(())
    }

    fn thread_read(
        &mut self,
        read: &ThreadRead,
        counts: &Ingested,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = &read.key;
        let failed = read.error.is_some();
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE thread SET cursor = ?5, next_read_at_ms = coalesce(?6, next_read_at_ms),
                    last_read_at_ms = ?7,
                    last_comment_at_ms = nullif(max(coalesce(last_comment_at_ms, -1),
                        coalesce(?8, -1)), -1),
                    told_read = CASE WHEN ?9 THEN told_read ELSE ?10 END,
                    brought = ?11, last_error = ?12,
                    failures_in_row = CASE WHEN ?9 THEN failures_in_row + 1 ELSE 0 END,
                    reads = reads + 1, comments = comments + ?13
                 WHERE network = ?1 AND post = ?2 AND branch = ?3 AND cursor = ?4",
            )?
            .execute(params![
                key.network.0,
                key.post,
                branch(key),
                read.cursor_before.0,
                read.cursor_after.0,
                read.next_read_at.map(to_ms),
                to_ms(at),
                read.newest_comment_at.map(to_ms),
                failed,
                read.told_read.map(|told| told as i64),
                read.brought as i64,
                read.error,
                counts.new as i64,
            ])?;
        if changed != 1 {
            let stage = format!("thread {key}");
            return Err(StoreError::Conflict { stage, stored: 0, given: 0 });
        }
        if read.next_read_at.is_none() {
            self.forget_thread(key)?;
        }
        self.thread_totals(read, counts, at)
    }

    /// A branch goes alone, a thread with its branches.
    fn forget_thread(&mut self, key: &ThreadKey) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM thread
                 WHERE network = ?1 AND post = ?2 AND (?3 = '' OR branch = ?3)",
            )?
            .execute(params![key.network.0, key.post, branch(key)])?;
        Ok(())
    }

    fn thread_totals(
        &mut self,
        read: &ThreadRead,
        counts: &Ingested,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let failures = i64::from(read.error.is_some());
        self.connection
            .prepare_cached(
                "INSERT INTO thread_totals VALUES (?1, ?2, 1, ?3, ?4)
                 ON CONFLICT (source) DO UPDATE SET comments = comments + ?2, reads = reads + 1,
                     failures = failures + ?3, last_read_at_ms = ?4",
            )?
            .execute(params![read.source.0, counts.new as i64, failures, to_ms(at)])?;
        Ok(())
    }

    fn missed(&mut self, missed: Missed) -> Result<(), StoreError> {
        let post = missed.post.0 as i64;
        match missed.times {
            0 => self
                .connection
                .prepare_cached("DELETE FROM missed WHERE post = ?1")?
                .execute([post])?,
            times => self
                .connection
                .prepare_cached(
                    "INSERT INTO missed VALUES (?1, ?2)
                     ON CONFLICT (post) DO UPDATE SET times = ?2",
                )?
                .execute(params![post, times])?,
        };
        Ok(())
    }

    fn rechecked(&mut self, rechecked: &Rechecked) -> Result<(), StoreError> {
        let post = rechecked.post.0 as i64;
        match rechecked.next_at {
            Some(next_at) => self
                .connection
                .prepare_cached(
                    "INSERT INTO recheck
                     SELECT position, coalesce(source, ''), ?2, ?3 FROM post WHERE position = ?1
                     ON CONFLICT (post) DO UPDATE SET next_at_ms = ?2, missed = ?3",
                )?
                .execute(params![post, to_ms(next_at), rechecked.missed])?,
            None => self
                .connection
                .prepare_cached("DELETE FROM recheck WHERE post = ?1")?
                .execute([post])?,
        };
        Ok(())
    }
}

fn branch(key: &ThreadKey) -> &str {
    key.branch.as_deref().unwrap_or("")
}
