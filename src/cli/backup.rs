//! `otklik backup DIR` and `otklik restore DIR`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::adapters::store::{StoreError, backup};

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Folder of the backup; must not hold a database for `backup`
    pub dir: PathBuf,
}

/// Copies the database beside a running server.
pub fn backup(args: &BackupArgs, data_dir: &Path) -> Result<(), StoreError> {
    backup::backup(data_dir, &args.dir)
}

/// Puts a backup into a data folder that has no database.
pub fn restore(args: &BackupArgs, data_dir: &Path) -> Result<(), StoreError> {
    backup::restore(&args.dir, data_dir)
}
