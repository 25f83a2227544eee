//! What a read of a thread comes to: what is stored of it, when it is read
//! next, which branches it opens. Asks no network.

use std::collections::BTreeMap;

use super::ThreadPolled;
use super::missing::Judged;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::poll::{PollResult, Told};
use crate::adapters::store::commands::{Ingest, ThreadNews, ThreadRead, Threaded};
use crate::adapters::store::{Reader, StoreError};
use crate::model::post::Post;
use crate::model::source::{Cursor, Gap, Rejected};
use crate::model::thread::{Rereading, ThreadKey, ThreadState};
use crate::model::time::{Timestamp, later};
use crate::rules::rereading::{Incident, Next, after_failure, after_read, after_told};

/// What a read brought, whatever its outcome.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) posts: Vec<Post>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) gap: Option<Gap>,
    pub(super) cursor: Cursor,
    pub(super) error: Option<PollError>,
}

impl Brought {
    pub(super) fn of(result: PollResult, before: &Cursor) -> Brought {
        match result {
            PollResult::New { posts, rejected, cursor, gap, interrupted } => {
                Brought { posts, rejected, gap, cursor, error: interrupted }
            }
            PollResult::NothingNew { cursor } => Brought { cursor, ..Brought::default() },
            PollResult::Refused { error, .. } => {
                Brought { cursor: before.clone(), error: Some(error), ..Brought::default() }
            }
            PollResult::Failed { error, rejected } => Brought {
                rejected: rejected.into_iter().collect(),
                cursor: before.clone(),
                error: Some(error),
                ..Brought::default()
            },
        }
    }

    pub(super) fn failed(error: PollError, before: &Cursor) -> Brought {
        Brought { error: Some(error), cursor: before.clone(), ..Brought::default() }
    }

    /// Comments alone: some networks show the post above among them.
    fn comments(&self, key: &ThreadKey) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(|post| post.key.native_id != key.post)
    }
}

/// What an error means for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pipeline::ingest) enum Sense {
    /// Not this thread's fault: everything of the kind waits.
    Pause,
    /// There is nothing for us under this post.
    Closed,
    Failure,
}

pub(in crate::pipeline::ingest) fn sense(error: &PollError) -> Sense {
    match error.class {
        ErrorClass::RateLimited
        | ErrorClass::Quota
        | ErrorClass::Captcha
        | ErrorClass::Unauthorised => Sense::Pause,
        ErrorClass::Forbidden | ErrorClass::Gone => Sense::Closed,
        // A request that is wrong for one post may be right for the others.
        ErrorClass::Config | ErrorClass::Unavailable | ErrorClass::Malformed => Sense::Failure,
    }
}

pub(super) fn incident(reader: &Reader, key: &ThreadKey) -> Result<Incident, StoreError> {
    Ok(if reader.is_in_open_incident(key)? { Incident::Open } else { Incident::None })
}

/// The count that a page tells of a thread that we know; nothing where it
/// changes nothing before the source is polled again.
pub(super) fn told_of(
    reader: &Reader,
    thread: &ThreadState,
    told: Option<u64>,
    numbers: &Rereading,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<ThreadNews>, StoreError> {
    let Some(told) = told else { return Ok(None) };
    if thread.told == Some(told) && until < thread.next_read_at {
        return Ok(None);
    }
    let incident = incident(reader, &thread.key)?;
    let next_read_at = after_told(thread, told, incident, numbers, now);
    let is_news = thread.told != Some(told) || thread.next_read_at != next_read_at;
    Ok(is_news.then(|| ThreadNews::Told { key: thread.key.clone(), told, next_read_at }))
}

/// Comments with more replies than the pages show have a branch of their own.
pub(super) fn branch_news(
    thread: &ThreadState,
    parts: &[ThreadState],
    kind: &str,
    told: &[Told],
    numbers: &Rereading,
    now: Timestamp,
) -> Vec<ThreadNews> {
    let shown = shown_under(told);
    let under_post = told.iter().filter(|one| one.native_id != thread.key.post);
    under_post
        .filter_map(|comment| {
            let replies = comment.comments.filter(|count| 0 < *count)?;
            let key = thread.key.branch_of(&comment.native_id);
            if let Some(part) = parts.iter().find(|part| part.key == key) {
                let next_read_at = after_told(part, replies, Incident::None, numbers, now);
                let is_news = part.told != Some(replies) || part.next_read_at != next_read_at;
                return is_news.then_some(ThreadNews::Told { key, told: replies, next_read_at });
            }
            let is_whole = replies <= shown.get(comment.native_id.as_str()).copied().unwrap_or(0);
            (!is_whole).then(|| ThreadNews::Open {
                key,
                source: thread.source.clone(),
                kind: kind.to_owned(),
                opened_at: comment.published_at,
                next_read_at: now,
                told: Some(replies),
            })
        })
        .collect()
}

/// Replies that stand on the pages, by each comment above them.
fn shown_under(told: &[Told]) -> BTreeMap<&str, u64> {
    let above: BTreeMap<&str, &str> = told
        .iter()
        .filter_map(|one| Some((one.native_id.as_str(), one.parent_id.as_deref()?)))
        .collect();
    let mut shown = BTreeMap::new();
    for one in told {
        let mut at = one.native_id.as_str();
        // As many steps as there are comments: a circle must not hang us.
        for _ in 0..told.len() {
            let Some(parent) = above.get(at) else { break };
            *shown.entry(*parent).or_insert(0) += 1;
            at = *parent;
        }
    }
    shown
}

/// Everything that is stored of a read.
pub(super) fn threaded(
    thread: &ThreadState,
    brought: Brought,
    news: Vec<ThreadNews>,
    seen: Judged,
    incident: Incident,
    numbers: &Rereading,
    now: Timestamp,
) -> ThreadPolled {
    let newest = brought.comments(&thread.key).map(|post| post.published_at.min(now)).max();
    let count = brought.comments(&thread.key).count() as u64;
    let error = brought.error;
    let is_failure = error.as_ref().is_some_and(|error| !matches!(sense(error), Sense::Closed));
    let after = ThreadState {
        last_read_at: Some(now),
        last_comment_at: newest.max(thread.last_comment_at),
        brought: count,
        failures_in_row: if is_failure { thread.failures_in_row + 1 } else { 0 },
        ..thread.clone()
    };
    let next = match &error {
        None => after_read(&after, incident, numbers, now),
        Some(_) if is_failure => after_failure(&after, incident, numbers, now),
        Some(_) => match after_read(&after, Incident::None, numbers, now) {
            Next::ReadAt(_) => Next::ReadAt(later(now, numbers.longest_secs)),
            Next::End => Next::End,
        },
    };
    let read = ThreadRead {
        key: thread.key.clone(),
        source: thread.source.clone(),
        cursor_before: thread.cursor.clone(),
        cursor_after: brought.cursor,
        error: error.as_ref().filter(|_| is_failure).map(ToString::to_string),
        brought: count,
        newest_comment_at: newest,
        told_read: thread.told,
        next_read_at: match next {
            Next::ReadAt(at) => Some(at),
            Next::End => None,
        },
    };
    let ingest = Ingest {
        seen_at: now,
        posts: brought.posts.into_iter().chain(seen.gone).collect(),
        rejected: brought.rejected,
        gap: brought.gap,
        poll: None,
    };
    let threaded =
        Threaded { ingest, news, read: Some(read), rechecked: Vec::new(), missed: seen.missed };
    ThreadPolled { key: thread.key.clone(), threaded: Some(threaded), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_fails_stops_no_other() {
        fn check(class: ErrorClass, expected: Sense) {
            assert_eq!(sense(&PollError::new(class, "no")), expected, "{class:?}");
        }
        check(ErrorClass::RateLimited, Sense::Pause);
        check(ErrorClass::Quota, Sense::Pause);
        check(ErrorClass::Captcha, Sense::Pause);
        check(ErrorClass::Unauthorised, Sense::Pause);
        check(ErrorClass::Forbidden, Sense::Closed);
        check(ErrorClass::Gone, Sense::Closed);
        check(ErrorClass::Config, Sense::Failure);
        check(ErrorClass::Unavailable, Sense::Failure);
        check(ErrorClass::Malformed, Sense::Failure);
    }
}
