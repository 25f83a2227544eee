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
        // A site that shows the same every time is not to fill the disk.
        let mut kept_before = 0;
        for rejected in &ingest.rejected {
            if self.is_kept(rejected)? {
                kept_before += 1;
            } else {
                self.reject(rejected, ingest.seen_at)?;
                counts.rejected += 1;
            }
        }
        if let Some(gap) = &ingest.gap {
            self.record_gap(gap, ingest.seen_at)?;
        }
        if let Some(poll) = &ingest.poll {
            self.poll_progress(poll, &counts, ingest.gap.is_some(), ingest.seen_at)?;
        }
        // Not before: what cannot be read is no sign of life of its source.
        counts.known += kept_before;
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
        // A deleted post comes without its text, an excerpt with a part of it;
        // the last text stays the last.
        let is_partial = post.excerpt || (post.deleted && post.text.is_empty());
        let new_text = if is_partial { &text } else { &post.text };
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

    /// Whether the same of the same source is kept already. What a file holds
    /// has no source, and is told every time.
    fn is_kept(&self, rejected: &Rejected) -> Result<bool, StoreError> {
        let Some(source) = &rejected.source else { return Ok(false) };
        let mut same = self.connection.prepare_cached(
            "SELECT 1 FROM rejected WHERE source = ?1 AND payload = ?2 AND error = ?3 LIMIT 1",
        )?;
        Ok(same.exists(params![source.0, rejected.payload, rejected.error])?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::Store;
    use crate::adapters::store::commands::Command;
    use crate::model::source::{Cursor, SourceId};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn id(name: &str) -> SourceId {
        SourceId(name.to_owned())
    }

    fn polled(store: &Store, source: Option<&str>, payload: &str) -> Ingested {
        let rejected = Rejected {
            source: source.map(id),
            error: "malformed: no such place".to_owned(),
            payload: payload.as_bytes().to_vec(),
        };
        let poll = source.map(|source| PollProgress {
            source: id(source),
            cursor_before: Cursor::default(),
            cursor_after: Cursor::default(),
            outcome: Outcome::Failed,
            error: Some("malformed: no such place".to_owned()),
            next_poll_at: at("2026-11-20T11:00:00Z"),
            stop: false,
            ends_failures: true,
        });
        let seen_at = at("2026-11-20T10:00:00Z");
        let (posts, rejected) = (Vec::new(), vec![rejected]);
        let ingest = Ingest { seen_at, posts, rejected, gap: None, poll };
        store.write(Command::Ingest(ingest)).unwrap().ingested()
    }

    #[test]
    fn what_a_site_shows_in_vain_every_time_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let check = |source: Option<&str>, payload: &str, rejected: u64| {
            let counts = polled(&store, source, payload);
            assert_eq!((counts.received, counts.rejected), (1, rejected), "{source:?} {payload}");
            assert_eq!(counts.received, counts.new + counts.known + counts.rejected);
        };
        check(Some("site"), "a new layout", 1);
        check(Some("site"), "a new layout", 0);
        check(Some("site"), "another one", 1);
        check(Some("other"), "a new layout", 1);
        // Of a file every line that cannot be read is told.
        check(None, "a line", 1);
        check(None, "a line", 1);
        assert_eq!(store.read(|reader| reader.rejected(10)).unwrap().len(), 5);
        let state = store.read(|reader| reader.source_state(&id("site"))).unwrap().unwrap();
        assert_eq!((state.rejected, state.last_new_at), (2, None), "it has shown nothing");
    }

    #[test]
    fn gaps_count_where_figures_speak_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for (source, to) in [
            ("planned", "2026-11-20T09:00:00Z"),
            ("planned", "2026-09-01T09:00:00Z"),
            ("removed", "2026-11-20T09:00:00Z"),
        ] {
            let gap = Gap {
                source: id(source),
                from: Some(at("2026-08-01T09:00:00Z")),
                to: at(to),
                reason: "page limit".to_owned(),
            };
            let seen_at = at("2026-11-20T10:00:00Z");
            let (posts, rejected) = (Vec::new(), Vec::new());
            let ingest = Ingest { seen_at, posts, rejected, gap: Some(gap), poll: None };
            store.write(Command::Ingest(ingest)).unwrap();
        }
        let count = |since: &str| {
            let planned = [id("planned")];
            store.read(|reader| reader.gap_counts(planned.iter(), at(since))).unwrap().open
        };
        assert_eq!(count("2026-10-20T10:00:00Z"), 1);
        assert_eq!(count("2026-08-20T10:00:00Z"), 2);
    }
}
