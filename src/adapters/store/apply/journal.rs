//! The chain of the journal.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::Apply;
use crate::adapters::store::error::StoreError;
use crate::model::journal::NewEntry;
use crate::model::time::to_ms;

/// What the first entry continues.
const GENESIS: &str = "otklik-journal";

impl Apply<'_> {
    pub(super) fn journal(&mut self, entry: &NewEntry) -> Result<(), StoreError> {
        let last: Option<(i64, String)> = self
            .connection
            .prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (seq, previous) = last.unwrap_or((0, GENESIS.to_owned()));
        let seq = seq + 1;
        self.connection
            .prepare_cached("INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
            .execute(params![
                seq,
                to_ms(entry.at),
                entry.actor,
                entry.action,
                entry.subject,
                entry.before,
                entry.after,
                entry.why,
                entry.origin,
                link(&previous, seq, entry),
            ])?;
        Ok(())
    }
}

/// The hash of an entry: over the previous hash and every field, each with its
/// length, so that no text can be moved from one field to the next.
pub fn link(previous: &str, seq: i64, entry: &NewEntry) -> String {
    let mut digest = Sha256::new();
    let at = to_ms(entry.at).to_string();
    let seq = seq.to_string();
    let fields = [
        previous,
        &seq,
        &at,
        &entry.actor,
        &entry.action,
        &entry.subject,
        &entry.before,
        &entry.after,
        &entry.why,
        &entry.origin,
    ];
    for field in fields {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field.as_bytes());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash that stands before the first entry.
pub fn genesis() -> &'static str {
    GENESIS
}
