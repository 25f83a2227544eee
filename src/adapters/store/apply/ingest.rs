//! Posts and the cursor that covers them, in one transaction.

use rusqlite::{OptionalExtension, params};

use super::Apply;
use crate::adapters::store::commands::{Ingest, Ingested, PollProgress};
use crate::adapters::store::error::StoreError;
use crate::model::post::Post;
use crate::model::source::{Gap, Outcome, Rejected};
use crate::model::time::{Timestamp, to_ms};

/// What became of one post.
enum Stored {
    New,
    Known,
    Revised,
}

impl Apply<'_> {
    pub(super) fn ingest(&mut self, ingest: Ingest) -> Result<Ingested, StoreError> {
        let mut counts = Ingested {
            received: (ingest.posts.len() + ingest.rejected.len()) as u64,
            rejected: ingest.rejected.len() as u64,
            ..Ingested::default()
        };
        for post in &ingest.posts {
            match self.store_post(post, ingest.seen_at)? {
                Stored::New => counts.new += 1,
                Stored::Known => counts.known += 1,
                Stored::Revised => {
                    counts.known += 1;
                    counts.revised += 1;
                }
            }
        }
        for rejected in &ingest.rejected {
            self.reject(rejected, ingest.seen_at)?;
        }
        if let Some(gap) = &ingest.gap {
            self.record_gap(gap, ingest.seen_at)?;
        }
        if let Some(poll) = &ingest.poll {
            self.poll_progress(poll, &counts, ingest.gap.is_some(), ingest.seen_at)?;
        }
        Ok(counts)
    }

    fn store_post(&mut self, post: &Post, seen_at: Timestamp) -> Result<Stored, StoreError> {
        let position = self.next_position();
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO post VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                     ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)
                 ON CONFLICT (network, native_id) DO NOTHING",
            )?
            .execute(params![
                position,
                post.key.network.0,
                post.key.native_id,
                post.source.as_ref().map(|source| &source.0),
                post.url,
                post.author_id,
                post.author_name,
                post.community,
                post.text,
                to_ms(post.published_at),
                post.edited_at.map(to_ms),
                post.parent_id,
                post.thread_id,
                post.lang,
                post.geo.map(|geo| geo.lat),
                post.geo.map(|geo| geo.lon),
                post.counts.views.map(|count| count as i64),
                post.counts.likes.map(|count| count as i64),
                post.counts.reposts.map(|count| count as i64),
                post.counts.comments.map(|count| count as i64),
                media_json(post)?,
                post.deleted,
                post.is_repost_of.as_ref().map(|key| &key.network.0),
                post.is_repost_of.as_ref().map(|key| &key.native_id),
                to_ms(seen_at),
                post.private,
                post.guest,
            ])?;
        if inserted == 1 {
            return Ok(Stored::New);
        }
        // The position was not used: positions have no holes but those of
        // rolled back commands.
        self.last.0 -= 1;
        self.revise(post, seen_at)
    }

    /// A known post: keeps a revision where its text changed or it was deleted.
    fn revise(&mut self, post: &Post, seen_at: Timestamp) -> Result<Stored, StoreError> {
        let known: Option<(i64, String, bool)> = self
            .connection
            .prepare_cached(
                "SELECT post.position, coalesce(revision.text, post.text),
                        coalesce(revision.deleted, post.deleted)
                 FROM post LEFT JOIN revision ON revision.post = post.position
                 WHERE network = ?1 AND native_id = ?2
                 ORDER BY revision.position DESC LIMIT 1",
            )?
            .query_row(params![post.key.network.0, post.key.native_id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((of, text, deleted)) = known else {
            return Err(StoreError::Corrupt(format!("post {} is known and absent", post.key)));
        };
        // A deleted post comes without its text; the last text stays the last.
        let new_text = if post.deleted && post.text.is_empty() { &text } else { &post.text };
        if *new_text == text && post.deleted == deleted {
            return Ok(Stored::Known);
        }
        let position = self.next_position();
        self.connection
            .prepare_cached("INSERT INTO revision VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                position,
                of,
                new_text,
                post.deleted,
                post.edited_at.map(to_ms),
                to_ms(seen_at)
            ])?;
        Ok(Stored::Revised)
    }

    fn reject(&mut self, rejected: &Rejected, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO rejected (source, at_ms, error, payload) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                rejected.source.as_ref().map(|source| &source.0),
                to_ms(at),
                rejected.error,
                rejected.payload,
            ])?;
        Ok(())
    }

    pub(super) fn record_gap(&mut self, gap: &Gap, at: Timestamp) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO gap (source, from_ms, to_ms, reason, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![gap.source.0, gap.from.map(to_ms), to_ms(gap.to), gap.reason, to_ms(at)],
        )?;
        Ok(())
    }

    fn poll_progress(
        &mut self,
        poll: &PollProgress,
        counts: &Ingested,
        gap: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.ensure_source(&poll.source)?;
        let failed = matches!(poll.outcome, Outcome::Refused | Outcome::Failed);
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE source_state SET cursor = ?3, next_poll_at_ms = ?4, last_poll_at_ms = ?5,
                    last_outcome = ?6, last_error = ?7,
                    last_new_at_ms = CASE WHEN ?13 THEN ?5 ELSE last_new_at_ms END,
                    failures_in_row = CASE WHEN ?9 THEN failures_in_row + 1
                        WHEN ?14 THEN 0 ELSE failures_in_row END,
                    stopped = max(stopped, ?10), polls = polls + 1, posts = posts + ?8,
                    rejected = rejected + ?11, gaps = gaps + ?12
                 WHERE id = ?1 AND cursor = ?2",
            )?
            .execute(params![
                poll.source.0,
                poll.cursor_before.0,
                poll.cursor_after.0,
                to_ms(poll.next_poll_at),
                to_ms(at),
                poll.outcome.as_str(),
                poll.error,
                counts.new as i64,
                failed,
                poll.stop,
                counts.rejected as i64,
                gap,
                // What another source has shown before is news of this one too.
                0 < counts.new + counts.known,
                poll.ends_failures,
            ])?;
        if changed == 1 {
            return Ok(());
        }
        Err(StoreError::Conflict { stage: format!("source {}", poll.source), stored: 0, given: 0 })
    }
}

fn media_json(post: &Post) -> Result<String, StoreError> {
    if post.media.is_empty() {
        return Ok(String::new());
    }
    Ok(serde_json::to_string(&post.media)?)
}
