//! A thread is what people write under one post: it is read again and again
//! while it is alive. A branch is the part of a thread under one comment.

use serde::{Deserialize, Serialize};

use super::post::Network;
use super::source::{Cursor, SourceId};
use super::time::Timestamp;

/// Which thread: the post that it stands under and, of a branch, the comment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadKey {
    pub network: Network,
    /// Native id of the post.
    pub post: String,
    /// Native id of the comment whose replies these are.
    pub branch: Option<String>,
}

impl ThreadKey {
    pub fn branch_of(&self, comment: &str) -> ThreadKey {
        ThreadKey { branch: Some(comment.to_owned()), ..self.clone() }
    }
}

impl std::fmt::Display for ThreadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.network, self.post)?;
        self.branch.as_ref().map_or(Ok(()), |branch| write!(f, " > {branch}"))
    }
}

/// How far a thread is read, and what decides when it is read next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadState {
    pub key: ThreadKey,
    /// The source that the post above came from; its comments are of it too.
    pub source: SourceId,
    /// The poll kind that reads it.
    pub kind: String,
    pub cursor: Cursor,
    /// When the post above was written.
    pub opened_at: Timestamp,
    pub next_read_at: Timestamp,
    pub last_read_at: Option<Timestamp>,
    /// Date of the newest comment.
    pub last_comment_at: Option<Timestamp>,
    /// How many comments the network said there are, last and at the last read.
    pub told: Option<u64>,
    pub told_read: Option<u64>,
    /// Comments that the last read brought.
    pub brought: u64,
    pub failures_in_row: u32,
    pub last_error: Option<String>,
    pub reads: u64,
    pub comments: u64,
}

/// How often threads are read again; a connector may say it for its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rereading {
    /// Between two reads of the liveliest thread.
    pub shortest_secs: i64,
    /// Between two reads of one that is still watched at all.
    pub longest_secs: i64,
    /// The wait as a share of the time since the last comment.
    pub quiet_percent: i64,
    /// A read that brought so many comments halves the wait.
    pub busy_comments: u64,
    /// The longest wait while an open incident has a post of the thread.
    pub incident_secs: i64,
    /// A thread in which nothing was written for so long is left.
    pub ends_after_secs: i64,
    /// Of the requests to a host, how many may go to comments.
    pub share_percent: u32,
}

impl Default for Rereading {
    fn default() -> Rereading {
        Rereading {
            shortest_secs: 300,
            longest_secs: 6 * 3_600,
            quiet_percent: 10,
            busy_comments: 10,
            incident_secs: 1_800,
            ends_after_secs: 3 * 86_400,
            share_percent: 50,
        }
    }
}

/// The reading of one source's threads so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadTotals {
    pub source: SourceId,
    /// Threads that are watched now.
    pub watched: u64,
    pub comments: u64,
    pub reads: u64,
    pub failures: u64,
    pub last_read_at: Option<Timestamp>,
}
