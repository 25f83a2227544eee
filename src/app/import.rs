//! `otklik import`: the pipeline from a file to the end.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::adapters::clock::SystemClock;
use crate::adapters::process::peak_rss_bytes;
use crate::adapters::store::{Store, StoreError};
use crate::app::parts::{Running, ruleset};
use crate::cli::import::{ImportArgs, ImportReport};
use crate::cli::output::Usage;
use crate::config::Config;
use crate::model::position::Position;
use crate::model::source::Rejected;
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::import::{Form, feed};

/// Rejected lines that are named on standard error; the rest is only counted.
const REJECTED_SHOWN: u64 = 20;

/// Facts that may wait for grouping before reading goes on: enough to keep
/// every stage busy, few enough that no stage is left to work alone at the end.
const AHEAD_MAX: u64 = 10_000;

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Reads the whole file and returns when the last post is searchable.
pub async fn run(args: &ImportArgs, config: &Config) -> anyhow::Result<ImportReport> {
    let clock = Arc::new(SystemClock);
    let started = clock.now();
    let (files, ruleset) = ruleset(config)?;
    // Before anything is created for a file that is not there.
    let file = open(&args.file)?;
    let running = Running::start(&config.data_dir, files, ruleset, clock.clone()).await?;
    let before = running.store.read(|reader| reader.totals())?;
    let (store, path) = (running.store.clone(), args.file.clone());
    let fed =
        tokio::task::spawn_blocking(move || read_file(&store, file, &path, started)).await??;
    wait_for_stages(&running).await?;
    let after = running.store.read(|reader| reader.totals())?;
    running.stop().await;
    let seconds = clock.now().duration_since(started).as_secs_f64();
    Ok(ImportReport {
        received: fed.received,
        new: fed.new,
        known: fed.known,
        rejected: fed.rejected,
        matched: after.matched - before.matched,
        incidents: after.incidents - before.incidents,
        seconds,
        posts_per_sec: fed.received as f64 / seconds.max(f64::EPSILON),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

fn open(path: &Path) -> anyhow::Result<File> {
    let unusable = |why: &dyn std::fmt::Display| Usage(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|error| unusable(&error))?;
    let is_folder = file.metadata().map_err(|error| unusable(&error))?.is_dir();
    if is_folder { Err(unusable(&"is a folder, not a file").into()) } else { Ok(file) }
}

fn read_file(
    store: &Store,
    file: File,
    path: &Path,
    seen_at: Timestamp,
) -> anyhow::Result<crate::adapters::store::commands::Ingested> {
    let form = match path.extension() {
        Some(end) if end.eq_ignore_ascii_case("csv") => Form::Csv,
        Some(_) | None => Form::Ndjson,
    };
    let mut shown = 0;
    let report = |rejected: &Rejected| {
        shown += 1;
        if shown <= REJECTED_SHOWN {
            eprintln!("{}: {}", path.display(), rejected.error);
        }
    };
    let file = BufReader::with_capacity(1 << 20, file);
    let mut pace = || wait_for_grouping(store);
    feed(store, file, form, seen_at, report, &mut pace).with_context(|| path.display().to_string())
}

/// Blocks while grouping is far behind what is stored.
fn wait_for_grouping(store: &Store) -> Result<(), StoreError> {
    let mut commits = store.commits();
    loop {
        commits.borrow_and_update();
        let (last, clustered) =
            store.read(|reader| Ok((reader.last_position()?, reader.stage("cluster")?)))?;
        if last.0.saturating_sub(clustered.0) <= AHEAD_MAX {
            return Ok(());
        }
        let changed = async { tokio::time::timeout(LOOK_AGAIN, commits.changed()).await };
        // Whatever woke us: the tables are asked again.
        let _ = tokio::runtime::Handle::current().block_on(changed);
    }
}

/// Grouped first: the indexer needs no more than the matcher. The index says
/// by itself how far people can search, so it is asked, not the board.
pub async fn wait_for_stages(running: &Running) -> anyhow::Result<()> {
    let mut commits = running.store.commits();
    loop {
        commits.borrow_and_update();
        let (last, last_post, clustered): (Position, Position, Position) = running
            .store
            .read_async(|reader| {
                Ok((reader.last_position()?, reader.last_post()?, reader.stage("cluster")?))
            })
            .await?;
        if last <= clustered && last_post <= running.index.indexed()? {
            return Ok(());
        }
        // The indexer's own commits are not the store's: look again anyway.
        let look_again = tokio::time::timeout(LOOK_AGAIN, commits.changed()).await;
        if let Ok(changed) = look_again {
            changed.context("the store was closed")?;
        }
        if let Some((name, state)) =
            running.board.states().into_iter().find(|(_, state)| state.error.is_some())
        {
            tracing::debug!(stage = name, error = state.error, "waiting for a stage");
        }
    }
}
