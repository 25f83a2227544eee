//! The tree of commands, and what each is given.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::adapters::store::open_read_only;
use crate::app::import;
use crate::cli::backup::{self, BackupArgs};
use crate::cli::import::ImportArgs;
use crate::cli::journal;
use crate::cli::output::{Output, exit};
use crate::config::{self, Config};

/// Finds concrete complaints in public posts, groups them into incidents, and
/// keeps the clock until people have their public answer.
#[derive(Debug, Parser)]
#[command(name = "otklik", version)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Shared {
    /// Configuration file; without it the shipped region and keywords are used
    #[arg(long, global = true)]
    pub config: Option<PathBuf>,
    /// Folder of the database and the search index
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
    /// How listing commands answer
    #[arg(long, global = true, value_enum, default_value_t = Output::Simple)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send an NDJSON or CSV file through the whole pipeline
    Import(ImportArgs),
    /// Copy the database, beside a running server if there is one
    Backup(BackupArgs),
    /// Put a backup into an empty data folder
    Restore(BackupArgs),
    /// The journal of everything that was done
    #[command(subcommand)]
    Journal(JournalCommand),
}

#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check that no entry was changed or removed
    Verify,
}

/// Runs a command; the number is the exit code.
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    let config = configuration(&cli.shared)?;
    let out = &mut std::io::stdout();
    match cli.command {
        Command::Import(args) => {
            let report = import::run(&args, &config).await?;
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
            Ok(exit::OK)
        }
        Command::Backup(args) => {
            backup::backup(&args, &config.data_dir)?;
            Ok(exit::OK)
        }
        Command::Restore(args) => {
            backup::restore(&args, &config.data_dir)?;
            Ok(exit::OK)
        }
        Command::Journal(JournalCommand::Verify) => {
            journal::verify(&open_read_only(&config.data_dir)?, cli.shared.output, out)
        }
    }
}

fn configuration(shared: &Shared) -> anyhow::Result<Config> {
    let mut config = match &shared.config {
        Some(path) => config::read(path).map_err(|problem| anyhow::anyhow!("{problem}"))?,
        None => Config::default(),
    };
    if let Some(dir) = &shared.data_dir {
        config.data_dir = dir.clone();
    }
    Ok(config)
}
