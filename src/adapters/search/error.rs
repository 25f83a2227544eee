//! What can go wrong with the index, by what the caller will do about it.

use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenWriteError};

#[derive(Debug, Clone, thiserror::Error)]
pub enum SearchError {
    /// Start the program: it fills the index.
    #[error("there is no search index in {0} yet")]
    Missing(PathBuf),
    /// Stop the other process.
    #[error("the search index in {0} is in use by another process")]
    Locked(PathBuf),
    /// Free space, then try again.
    #[error("the disk is full")]
    DiskFull,
    /// Delete the folder and restart: it fills again.
    #[error("the search index is damaged: {0}")]
    Damaged(String),
    /// Opened for reading only.
    #[error("the search index is open for reading only")]
    ReadOnly,
    #[error("search index: {0}")]
    Io(String),
}

impl SearchError {
    /// Whether the same call may succeed later without anybody acting.
    pub fn is_temporary(&self) -> bool {
        match self {
            SearchError::Missing(_) | SearchError::DiskFull | SearchError::Io(_) => true,
            SearchError::Locked(_) | SearchError::Damaged(_) | SearchError::ReadOnly => false,
        }
    }
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> SearchError {
        match &error {
            TantivyError::IoError(io) => from_io(io),
            TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => {
                from_io(io_error)
            }
            TantivyError::LockFailure(LockError::IoError(io), _) => from_io(io),
            _ => SearchError::Damaged(error.to_string()),
        }
    }
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> SearchError {
        from_io(&error)
    }
}

fn from_io(error: &std::io::Error) -> SearchError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => SearchError::DiskFull,
        _ => SearchError::Io(error.to_string()),
    }
}
