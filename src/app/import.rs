//! `otklik import`: the pipeline from a file to the end.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::adapters::clock::SystemClock;
use crate::adapters::process::peak_rss_bytes;
use crate::adapters::store::Store;
use crate::app::parts::{Running, ruleset};
use crate::cli::import::{ImportArgs, ImportReport};
use crate::config::Config;
use crate::model::position::Position;
use crate::model::source::Rejected;
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::import::{Form, feed};

/// Rejected lines that are named on standard error; the rest is only counted.
const REJECTED_SHOWN: u64 = 20;

/// Reads the whole file and returns when the last post is searchable.
pub async fn run(args: &ImportArgs, config: &Config) -> anyhow::Result<ImportReport> {
    let clock = Arc::new(SystemClock);
    let started = clock.now();
    let (files, ruleset) = ruleset(config)?;
    let running = Running::start(&config.data_dir, files, ruleset, clock.clone()).await?;
    let before = running.store.read(|reader| reader.totals())?;
    let (store, path) = (running.store.clone(), args.file.clone());
    let fed = tokio::task::spawn_blocking(move || read_file(&store, &path, started)).await??;
    wait_for_stages(&running.store).await?;
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

fn read_file(
    store: &Store,
    path: &Path,
    seen_at: Timestamp,
) -> anyhow::Result<crate::adapters::store::commands::Ingested> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
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
    feed(store, file, form, seen_at, report).with_context(|| path.display().to_string())
}

async fn wait_for_stages(store: &Store) -> anyhow::Result<()> {
    let mut commits = store.commits();
    loop {
        commits.borrow_and_update();
        let (last, clustered): (Position, Position) = store
            .read_async(|reader| Ok((reader.last_position()?, reader.stage("cluster")?)))
            .await?;
        if last <= clustered {
            return Ok(());
        }
        commits.changed().await.context("the store was closed")?;
    }
}
