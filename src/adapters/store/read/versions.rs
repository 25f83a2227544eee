//! Posts as they were last seen: what a later look at them is compared with.

use std::collections::BTreeMap;

use rusqlite::params;

use super::Reader;
use crate::adapters::store::error::StoreError;
use crate::model::post::PostKey;
use crate::model::time::{Timestamp, from_ms};

/// The last that is known of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub text: String,
    pub deleted: bool,
    /// When it was last changed, as far as the network has told.
    pub edited_at: Option<Timestamp>,
}

impl Reader {
    /// The last versions of those posts that are known.
    pub fn versions<'k>(
        &self,
        keys: impl Iterator<Item = &'k PostKey>,
    ) -> Result<BTreeMap<PostKey, Version>, StoreError> {
        let mut known = BTreeMap::new();
        for key in keys {
            let version = self.one(
                "SELECT coalesce(revision.text, post.text), coalesce(revision.deleted, post.deleted),
                        coalesce(revision.edited_at_ms, post.edited_at_ms)
                 FROM post LEFT JOIN revision ON revision.post = post.position
                 WHERE network = ?1 AND native_id = ?2
                 ORDER BY revision.position DESC LIMIT 1",
                params![key.network.0, key.native_id],
                |row| {
                    let edited: Option<i64> = row.get(2)?;
                    Ok(Version {
                        text: row.get(0)?,
                        deleted: row.get(1)?,
                        edited_at: edited.map(from_ms),
                    })
                },
            )?;
            if let Some(version) = version {
                known.insert(key.clone(), version);
            }
        }
        Ok(known)
    }
}
