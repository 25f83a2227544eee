//! How far a source is read. Outside it is an opaque text; here it is the
//! newest instant, and what stood on the pages of the last poll with a mark of
//! each one's words, so that late and changed posts are noticed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::model::post::Post;
use crate::model::source::Cursor;
use crate::model::time::Timestamp;

/// Marks kept; more would be a page of somebody who shows everything at once.
const KNOWN_MAX: usize = 3_000;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Newest instant that was read; never later than the poll itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// Where in time the pages of the last poll ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_end: Option<Timestamp>,
    /// Native id → mark of the words, of the posts of the last poll.
    pub known: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    pub polls: u64,
    /// The first poll: what was written before it is not missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
    /// The last poll did not come through the overlap.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_dense: bool,
    /// Polls in a row that showed nothing at all, though posts were shown before.
    #[serde(skip_serializing_if = "is_zero")]
    pub empty: u32,
    /// Native id → tries, of items whose whole text did not come yet: they are
    /// not among the known, and were handed over with what the list shows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub short: BTreeMap<String, u32>,
    /// The last gap that was told, so that it is told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_gap: Option<(Timestamp, Timestamp)>,
}

impl Reading {
    /// A cursor that cannot be read is that of a source never polled: reading
    /// too much again is harmless.
    pub fn of(cursor: &Cursor) -> Reading {
        serde_json::from_str(&cursor.0).unwrap_or_default()
    }

    pub fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).expect("a reading has only text keys"))
    }

    pub fn is_first(&self) -> bool {
        self.polls == 0
    }

    /// Before this everything was read already.
    pub fn floor(&self, overlap_secs: i64) -> Option<Timestamp> {
        let overlap = jiff::SignedDuration::from_secs(overlap_secs);
        self.newest.and_then(|newest| newest.checked_sub(overlap).ok())
    }

    pub fn knows(&self, id: &str, mark: &str) -> bool {
        self.known.get(id).is_some_and(|known| known == mark)
    }

    /// Whether a stretch lies in the gap that was told last.
    pub fn has_told(&self, from: Timestamp, to: Timestamp) -> bool {
        self.told_gap.is_some_and(|(told_from, told_to)| told_from <= from && to <= told_to)
    }

    /// An item's whole text is asked for again.
    pub fn wait_for(&mut self, id: &str, tries: u32) {
        self.known.remove(id);
        self.short.insert(id.to_owned(), tries);
    }

    /// Takes over what a poll saw, and forgets beyond the limit.
    pub fn remember(&mut self, seen: BTreeMap<String, String>) {
        self.known = seen;
        while KNOWN_MAX < self.known.len() {
            self.known.pop_first();
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// How many polls in a row a source that used to show posts has shown none.
pub fn empty_polls(cursor: &Cursor) -> u32 {
    Reading::of(cursor).empty
}

/// A cursor from which everything since an instant is read again.
pub fn since(instant: Timestamp) -> Cursor {
    let reading = Reading { newest: Some(instant), polls: 1, ..Reading::default() };
    reading.to_cursor()
}

/// A short mark of what people see of a post. Counters are not in it: they
/// change all the time.
pub fn mark_of(post: &Post) -> String {
    let mut digest = Sha256::new();
    digest.update(post.text.as_bytes());
    digest.update([u8::from(post.deleted)]);
    digest.update((post.media.len() as u64).to_be_bytes());
    short(&digest.finalize())
}

/// The mark of an item that could not be read.
pub fn mark_of_payload(payload: &[u8]) -> String {
    short(&Sha256::digest(payload))
}

fn short(digest: &[u8]) -> String {
    digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}
