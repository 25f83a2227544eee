//! `otklik serve`: the product, until it is told to stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::adapters::clock::SystemClock;
use crate::app::parts::{Reloader, Running, ruleset};
use crate::app::stages::{
    callback_options, connectors, ingest_options, start_dispatch, start_ingest, stream_options,
};
use crate::app::workplace;
use crate::config::{self, Config};
use crate::rules::wording::Wording;
use crate::server::ServerOptions;

/// Whoever stops us waits no longer than this for what is under way.
pub const DRAIN_MAX: Duration = Duration::from_secs(8);

/// Runs until SIGTERM or SIGINT; SIGHUP takes changed rules into use.
pub async fn run(config: Config, config_file: Option<PathBuf>) -> anyhow::Result<()> {
    // From the first moment: a reload asked for during the start must not end it.
    let signals = Signals::listen()?;
    let (files, ruleset) = ruleset(&config)?;
    let clock = Arc::new(SystemClock);
    let mut running = Running::start(&config.data_dir, files, ruleset, clock).await?;
    let wording = Arc::new(Wording::new());
    let connectors = connectors(&config)?;
    let callbacks = callback_options(&config, &connectors)?;
    let (options, streams) = (ingest_options(&config)?, stream_options(&config)?);
    start_ingest(&mut running, &config, connectors, options, streams)?;
    start_dispatch(&mut running, &config, wording.clone())?;
    let reloader = running.reloader();
    let options = server_options(&config);
    let reload = reload_of(reloader.clone(), config.clone(), config_file.clone());
    let address =
        workplace::start(&mut running, &config.listen, options, wording, reload.clone(), callbacks)
            .await?;
    tracing::info!(%address, "otklik serves");
    until_stopped(signals, reload).await?;
    tracing::info!("stopping");
    drain(running).await;
    Ok(())
}

/// Ends every stage; what is not over in time is cut off, and loses nothing.
pub async fn drain(running: Running) {
    if tokio::time::timeout(DRAIN_MAX, running.stop()).await.is_err() {
        tracing::warn!("some stages did not end in time");
    }
}

pub fn server_options(config: &Config) -> ServerOptions {
    ServerOptions {
        external_url: Some(config.external_url.clone()),
        secure_cookies: config.external_url.starts_with("https://"),
        ..ServerOptions::default()
    }
}

/// Reads the rules again, and the configuration that names them. A bad file
/// leaves the old rules working.
fn reload_of(reloader: Reloader, config: Config, file: Option<PathBuf>) -> crate::server::Reload {
    Arc::new(move || {
        let changed = reread(file.as_deref(), &config).and_then(|config| {
            let (files, ruleset) = ruleset(&config)?;
            reloader.take(files, ruleset)
        });
        changed.map_err(|error| format!("{error:#}"))
    })
}

fn reread(file: Option<&Path>, old: &Config) -> anyhow::Result<Config> {
    let Some(file) = file else { return Ok(old.clone()) };
    config::read(file).map_err(|problem| anyhow::anyhow!("{problem}"))
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate()).context("waiting for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("waiting for SIGINT")?,
            hang_up: signal(SignalKind::hangup()).context("waiting for SIGHUP")?,
        })
    }
}

async fn until_stopped(mut signals: Signals, reload: crate::server::Reload) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return Ok(()),
            _ = signals.interrupt.recv() => return Ok(()),
            _ = signals.hang_up.recv() => {
                let reload = reload.clone();
                match tokio::task::spawn_blocking(move || reload()).await? {
                    Ok(what) => tracing::info!("reloaded: {what}"),
                    Err(why) => tracing::error!("not reloaded, the old rules go on: {why}"),
                }
            }
        }
    }
}
