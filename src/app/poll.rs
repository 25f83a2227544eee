//! `otklik source poll`: one source, polled by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;

use crate::adapters::clock::SystemClock;
use crate::adapters::store::commands::Command;
use crate::adapters::store::{Store, StoreError, open_read_only};
use crate::app::import::wait_for_stages;
use crate::app::parts::{Running, ruleset};
use crate::app::serve::drain;
use crate::app::stages::{connectors, ingest, ingest_options};
use crate::cli::output::Usage;
use crate::cli::source::{self, PollArgs};
use crate::config::Config;
use crate::model::source::{Cursor, Source};
use crate::model::time::Clock;
use crate::pipeline::ingest::threads::ThreadPolled;
use crate::pipeline::ingest::{IngestStage, Polled};
use crate::rules::ruleset::Ruleset;

/// Threads read after one poll by hand; the others stay due.
const THREADS_MAX: usize = 20;
/// … and by a poll that only shows.
const LOOKED_UNDER_MAX: usize = 3;

/// Polls and prints; the exit code is that of the last poll.
pub async fn run(args: &PollArgs, config: &Config) -> anyhow::Result<u8> {
    let (files, rules) = ruleset(config)?;
    let source = find_source(&rules.region.sources, &args.id)?;
    let connectors = connectors(config)?;
    let definition = connectors.get(&source.network);
    if definition.is_some_and(|one| one.file.stream.contains_key(&source.kind)) {
        let message = format!("nobody polls «{}»: its posts come by themselves", source.id);
        return Err(Usage(message).into());
    }
    if args.dry_run {
        return look_only(&source, rules, config).await;
    }
    let running = Running::start(&config.data_dir, files, rules, Arc::new(SystemClock)).await?;
    let stage = ingest(&running, connectors, ingest_options(config)?)?;
    let code = poll_and_store(args, &running, &stage, &source).await;
    drain(running).await;
    code
}

async fn poll_and_store(
    args: &PollArgs,
    running: &Running,
    stage: &IngestStage,
    source: &Source,
) -> anyhow::Result<u8> {
    loop {
        let id = source.id.clone();
        let state = running.store.read_async(move |reader| reader.source_state(&id)).await?;
        let cursor = state.map(|state| state.cursor).unwrap_or_default();
        let polled = stage.look(source, &cursor, SystemClock.now()).await;
        let code = print(&polled)?;
        let next = polled.ingest.poll.as_ref().map(|poll| poll.next_poll_at);
        running.store.write_async(polled.command()).await?;
        read_threads(running, stage, source).await?;
        wait_for_stages(running).await?;
        let Some(next) = next.filter(|_| !args.once) else { return Ok(code) };
        let wait = Duration::try_from(next.duration_since(SystemClock.now())).unwrap_or_default();
        tracing::info!(source = %source.id, at = %next, "polling goes on until Ctrl+C");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            stopped = tokio::signal::ctrl_c() => {
                return stopped.context("waiting for Ctrl+C").map(|()| code);
            }
        }
    }
}

/// Reads the source's threads that are due.
async fn read_threads(
    running: &Running,
    stage: &IngestStage,
    source: &Source,
) -> anyhow::Result<()> {
    for polled in stage.look_at_threads(source, THREADS_MAX, SystemClock.now()).await? {
        print_thread(&polled)?;
        if let Some(threaded) = polled.threaded {
            running.store.write_async(Command::Threaded(Box::new(threaded))).await?;
        }
    }
    Ok(())
}

/// Shows what a poll would store. The data folder is only read, so this works
/// beside a running server; the store that the stage wants is thrown away.
async fn look_only(source: &Source, rules: Ruleset, config: &Config) -> anyhow::Result<u8> {
    let cursor = stored_cursor(&config.data_dir, source)?;
    let folder = passing_folder();
    let store = Store::open(&folder)?;
    let (_sender, rules) = watch::channel(Arc::new(rules));
    let stage = IngestStage::new(
        store,
        Arc::new(SystemClock),
        rules,
        connectors(config)?,
        ingest_options(config)?,
    )?;
    let polled = stage.look(source, &cursor, SystemClock.now()).await;
    let code = print(&polled)?;
    for thread in stage.look_under(source, &polled, LOOKED_UNDER_MAX, SystemClock.now()).await? {
        print_thread(&thread)?;
    }
    drop(stage);
    std::fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(code)
}

fn stored_cursor(data_dir: &Path, source: &Source) -> Result<Cursor, StoreError> {
    let state = match open_read_only(data_dir) {
        Ok(reader) => reader.source_state(&source.id)?,
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(state.map(|state| state.cursor).unwrap_or_default())
}

fn passing_folder() -> PathBuf {
    let now = SystemClock.now().as_nanosecond();
    std::env::temp_dir().join(format!("otklik-poll-{now}-{}", std::process::id()))
}

fn print_thread(polled: &ThreadPolled) -> std::io::Result<()> {
    source::print_thread(polled, &mut std::io::stdout(), &mut std::io::stderr())
}

fn print(polled: &Polled) -> std::io::Result<u8> {
    source::print(polled, &mut std::io::stdout(), &mut std::io::stderr())
}

fn find_source(sources: &[Source], id: &str) -> Result<Source, Usage> {
    let known = || sources.iter().map(|one| one.id.0.as_str()).collect::<Vec<_>>().join(", ");
    let found = sources.iter().find(|one| one.id.0 == id).cloned();
    found.ok_or_else(|| Usage(format!("no source «{id}»; known are {}", known())))
}
