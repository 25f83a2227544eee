//! What can go wrong with the database, by what the caller will do about it.

use std::path::{Path, PathBuf};

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Try again: somebody else holds the database for a moment.
    #[error("the database is busy")]
    Busy,
    /// A commit did not continue the stored position: read again, decide again.
    #[error("stage {stage} stands at {stored}, but the commit continues {given}")]
    Conflict { stage: String, stored: u64, given: u64 },
    /// Free space, then try again; nothing was lost.
    #[error("the disk is full")]
    DiskFull,
    /// Restore a backup.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// Start the newer program.
    #[error(
        "the database was written by a newer version: schema {found}, this program knows {known}"
    )]
    Newer { found: i64, known: i64 },
    /// Stop the other process.
    #[error("the data folder {0} is in use by another process")]
    Locked(PathBuf),
    #[error("there is no database in {0}")]
    Missing(PathBuf),
    /// The caller asked for something that the tables refuse.
    #[error("refused by the database: {0}")]
    Refused(String),
    #[error("{path}: {message}")]
    Io { path: PathBuf, message: String },
    /// The writer has ended; the program is stopping.
    #[error("the store is closed")]
    Stopped,
}

impl StoreError {
    pub fn io(path: &Path, error: std::io::Error) -> StoreError {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return StoreError::DiskFull;
        }
        StoreError::Io { path: path.to_owned(), message: error.to_string() }
    }

    /// Whether the same call may succeed later without anybody acting.
    pub fn is_temporary(&self) -> bool {
        match self {
            StoreError::Busy | StoreError::DiskFull | StoreError::Conflict { .. } => true,
            StoreError::Corrupt(_) | StoreError::Newer { .. } | StoreError::Locked(_) => false,
            StoreError::Missing(_) | StoreError::Refused(_) | StoreError::Io { .. } => false,
            StoreError::Stopped => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt(error.to_string())
            }
            _ => StoreError::Refused(error.to_string()),
        }
    }
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> StoreError {
        StoreError::Corrupt(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> StoreError {
        StoreError::Corrupt(format!("a stored value cannot be read: {error}"))
    }
}
