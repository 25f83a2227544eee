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

/// Of fewer facts a tenth is over before its speed can be told.
const TOLD_FROM: u64 = 100_000;

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
    let from = running.store.read(|reader| reader.stage("cluster"))?;
    let mut pace = Pace::new(clock.now(), from);
    let (fed, mut pace) = tokio::task::spawn_blocking(move || {
        read_file(&store, file, &path, started, &mut pace).map(|fed| (fed, pace))
    })
    .await??;
    wait_for_stages(&running).await?;
    let (after, clustered) =
        running.store.read(|reader| Ok((reader.totals()?, reader.stage("cluster")?)))?;
    pace.reached(clock.now(), clustered);
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
        first_tenth_per_sec: pace.per_sec(0, 1),
        last_tenth_per_sec: pace.per_sec(9, 10),
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
    pace: &mut Pace,
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
    let mut wait = || {
        let clustered = wait_for_grouping(store)?;
        pace.reached(SystemClock.now(), clustered);
        Ok(())
    };
    feed(store, file, form, seen_at, report, &mut wait).with_context(|| path.display().to_string())
}

/// When how much was grouped.
struct Pace {
    /// In order of time; one for every batch that is read.
    reached: Vec<(Timestamp, Position)>,
}

impl Pace {
    fn new(at: Timestamp, from: Position) -> Pace {
        Pace { reached: vec![(at, from)] }
    }

    fn reached(&mut self, at: Timestamp, clustered: Position) {
        self.reached.push((at, clustered));
    }

    /// Facts a second between two tenths of the whole.
    fn per_sec(&self, from: u64, until: u64) -> Option<f64> {
        let (begin, end) = (self.reached.first()?.1.0, self.reached.last()?.1.0);
        let whole = end.checked_sub(begin).filter(|whole| TOLD_FROM <= *whole)?;
        let at = |tenth: u64| {
            let wanted = begin + whole * tenth / 10;
            self.reached.iter().find(|(_, clustered)| wanted <= clustered.0)
        };
        let ((began, first), (ended, last)) = (at(from)?, at(until)?);
        let secs = ended.duration_since(*began).as_secs_f64();
        (secs > 0.0).then(|| last.0.saturating_sub(first.0) as f64 / secs)
    }
}

/// Blocks while grouping is far behind what is stored; says how far it is.
fn wait_for_grouping(store: &Store) -> Result<Position, StoreError> {
    let mut commits = store.commits();
    loop {
        commits.borrow_and_update();
        let (last, clustered) =
            store.read(|reader| Ok((reader.last_position()?, reader.stage("cluster")?)))?;
        if last.0.saturating_sub(clustered.0) <= AHEAD_MAX {
            return Ok(clustered);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_tenth_are_told_apart() {
        let at = |secs: i64| Timestamp::from_second(1_000 + secs).unwrap_or(Timestamp::MIN);
        let mut pace = Pace::new(at(0), Position(5));
        // Half as fast from the middle on.
        (1..=100).for_each(|n| pace.reached(at(n), Position(5 + n as u64 * 1_000)));
        (1..=200).for_each(|n| pace.reached(at(100 + n), Position(100_005 + n as u64 * 500)));
        assert_eq!(pace.per_sec(0, 1), Some(1_000.0));
        assert_eq!(pace.per_sec(9, 10), Some(500.0));
        let mut short = Pace::new(at(0), Position(0));
        short.reached(at(1), Position(4));
        assert_eq!(short.per_sec(0, 1), None);
    }
}
