//! Opens the database file and brings it to the schema of this program.

use std::path::Path;

use rusqlite::Connection;

use super::error::StoreError;

/// Never edited after a release: a change is a further file.
const MIGRATIONS: [&str; 15] = [
    include_str!("../../../migrations/0001_facts.sql"),
    include_str!("../../../migrations/0002_conclusions.sql"),
    include_str!("../../../migrations/0003_progress.sql"),
    include_str!("../../../migrations/0004_clocks.sql"),
    include_str!("../../../migrations/0005_answers_seen.sql"),
    include_str!("../../../migrations/0006_alarms.sql"),
    include_str!("../../../migrations/0007_threads.sql"),
    include_str!("../../../migrations/0008_private_posts.sql"),
    include_str!("../../../migrations/0009_received_events.sql"),
    include_str!("../../../migrations/0010_backfill.sql"),
    include_str!("../../../migrations/0011_guests.sql"),
    include_str!("../../../migrations/0012_missed.sql"),
    include_str!("../../../migrations/0013_repeats.sql"),
    include_str!("../../../migrations/0014_suggested_to.sql"),
    include_str!("../../../migrations/0015_proposals.sql"),
];

pub fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What a command of several may have to take back is copied page by page: in
    // memory, not into a file in the system's folder for temporary ones.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // 64 MiB of pages: the indexes of a month fit, the memory limit holds.
    connection.pragma_update(None, "cache_size", -65_536)?;
    // Fewer, larger checkpoints: each one waits for the disk.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    Ok(connection)
}

/// Bounds the size of the database file.
pub fn limit_size(connection: &Connection, max_bytes: u64) -> Result<(), StoreError> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = i64::try_from(max_bytes).unwrap_or(i64::MAX) / page.max(1);
    // The pragma answers with the limit that holds now.
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    Ok(())
}

pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    refuse_newer(connection)?;
    let version = version(connection)?;
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(version as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

pub fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    let known = MIGRATIONS.len() as i64;
    if known < found { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
