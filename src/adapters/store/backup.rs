//! Copies of the database while it is in use, and back.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{DATABASE_FILE, StoreError, lock, open_reader, schema};

/// Pages copied before others may write again.
const STEP_PAGES: i32 = 4_096;

/// Copies the database of a data folder into another folder, beside a running
/// server if there is one. The copy is whole and checked.
///
/// # Errors
/// `Refused` when the target holds a database already.
pub fn backup(data_dir: &Path, target_dir: &Path) -> Result<(), StoreError> {
    let target = target_dir.join(DATABASE_FILE);
    if target.exists() {
        return Err(StoreError::Refused(format!("{} exists already", target.display())));
    }
    if !data_dir.join(DATABASE_FILE).exists() {
        return Err(StoreError::Missing(data_dir.to_owned()));
    }
    std::fs::create_dir_all(target_dir).map_err(|error| StoreError::io(target_dir, error))?;
    let source = open_reader(&data_dir.join(DATABASE_FILE))?;
    copy(&source, &target)
}

/// Puts a backup back into a data folder that has no database.
///
/// # Errors
/// `Refused` when there is one, `Locked` when a process uses the folder,
/// `Corrupt` when the backup is damaged.
pub fn restore(backup_dir: &Path, data_dir: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(data_dir).map_err(|error| StoreError::io(data_dir, error))?;
    let _lock = lock(data_dir)?;
    let target = data_dir.join(DATABASE_FILE);
    if target.exists() {
        return Err(StoreError::Refused(format!("{} exists already", target.display())));
    }
    let path = backup_dir.join(DATABASE_FILE);
    if !path.exists() {
        return Err(StoreError::Missing(backup_dir.to_owned()));
    }
    let source = open_reader(&path)?;
    schema::refuse_newer(&source)?;
    check(&source)?;
    copy(&source, &target)
}

fn copy(source: &Connection, target: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open(target)?;
    let backup = Backup::new(source, &mut copy)?;
    loop {
        match backup.step(STEP_PAGES)? {
            StepResult::Done => break,
            StepResult::More => {}
            _ => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
    drop(backup);
    check(&copy)
}

fn check(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt(verdict)) }
}
