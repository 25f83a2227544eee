//! How stages run: each in a supervised loop that works while there is work,
//! then waits for a commit, a tick or the end. Knows nothing of what they do.
//!
//! If the process stops here nothing is lost: a stage's position stands in the
//! tables, and the loop begins from it.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;

use crate::adapters::store::{Store, StoreError};
use crate::model::position::Position;
use crate::model::stream::StreamState;
use crate::model::time::{Clock, Timestamp};

/// Without a commit a stage looks for work this often: for deadlines, and
/// against a missed wake-up.
const TICK: Duration = Duration::from_millis(500);
/// After a temporary error.
const RETRY: Duration = Duration::from_secs(1);
/// After an error that somebody must act upon; it may have been mended.
const RETRY_PERMANENT: Duration = Duration::from_secs(30);

/// What one step of a stage came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There was work and there may be more: come again at once.
    More(Position),
    /// Nothing left to do now.
    Idle(Position),
}

/// Why a step failed, by what the loop does.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{message}")]
    Other { message: String, retry: Retry },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    Soon,
    Later,
}

impl StageError {
    fn wait(&self) -> Duration {
        match self {
            StageError::Store(error) if error.is_temporary() => RETRY,
            StageError::Store(_) => RETRY_PERMANENT,
            StageError::Other { retry: Retry::Soon, .. } => RETRY,
            StageError::Other { retry: Retry::Later, .. } => RETRY_PERMANENT,
        }
    }
}

/// What is known of a running stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageState {
    pub position: Position,
    pub last_run_at: Option<Timestamp>,
    pub runs: u64,
    pub failures: u64,
    /// Of the last run, if it failed.
    pub error: Option<String>,
}

/// Where every stage says that it lives, and every stream how it is connected:
/// read by health, metrics, pages and the watchdog.
#[derive(Default)]
pub struct Board {
    stages: Mutex<BTreeMap<&'static str, StageState>>,
    /// By the id of the source.
    streams: Mutex<BTreeMap<String, StreamState>>,
}

impl Board {
    pub fn states(&self) -> BTreeMap<&'static str, StageState> {
        self.stages.lock().map(|stages| stages.clone()).unwrap_or_default()
    }

    /// How the streams stand that were connected since the start.
    pub fn streams(&self) -> BTreeMap<String, StreamState> {
        self.streams.lock().map(|streams| streams.clone()).unwrap_or_default()
    }

    pub fn stream(&self, source: &str, change: impl FnOnce(&mut StreamState)) {
        if let Ok(mut streams) = self.streams.lock() {
            change(streams.entry(source.to_owned()).or_default());
        }
    }

    /// Every stage ran and none is in error.
    pub fn is_healthy(&self) -> bool {
        let stages = self.states();
        !stages.is_empty()
            && stages.values().all(|stage| stage.error.is_none() && stage.last_run_at.is_some())
    }

    pub fn announce(&self, name: &'static str) {
        self.change(name, |_| {});
    }

    pub fn worked(&self, name: &'static str, at: Timestamp, position: Position) {
        self.change(name, |stage| {
            stage.position = position;
            stage.last_run_at = Some(at);
            stage.runs += 1;
            stage.error = None;
        });
    }

    /// Counts a failure; true where it is a new one, to be logged once.
    pub fn failed(&self, name: &'static str, at: Timestamp, error: &str) -> bool {
        let mut is_new = false;
        self.change(name, |stage| {
            is_new = stage.error.as_deref() != Some(error);
            stage.last_run_at = Some(at);
            stage.failures += 1;
            stage.error = Some(error.to_owned());
        });
        is_new
    }

    fn change(&self, name: &'static str, change: impl FnOnce(&mut StageState)) {
        if let Ok(mut stages) = self.stages.lock() {
            change(stages.entry(name).or_default());
        }
    }
}

/// What every stage is given.
#[derive(Clone)]
pub struct Surroundings {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub board: Arc<Board>,
    pub stop: watch::Receiver<bool>,
}

/// Runs a stage that computes on a thread of its own until the end.
pub fn run_on_thread(
    name: &'static str,
    surroundings: Surroundings,
    mut step: impl FnMut(Timestamp) -> Result<Progress, StageError> + Send + 'static,
) -> tokio::task::JoinHandle<()> {
    surroundings.board.announce(name);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut commits = surroundings.store.commits();
        let mut stop = surroundings.stop.clone();
        while !*stop.borrow() {
            commits.borrow_and_update();
            let now = surroundings.clock.now();
            let wait = match caught(|| step(now)) {
                Ok(Progress::More(position)) => {
                    surroundings.board.worked(name, now, position);
                    continue;
                }
                Ok(Progress::Idle(position)) => {
                    surroundings.board.worked(name, now, position);
                    runtime.block_on(idle(&mut commits, &mut stop, TICK));
                    continue;
                }
                Err(error) => report(&surroundings, name, now, &error),
            };
            runtime.block_on(pause(&mut stop, wait));
        }
    })
}

/// Runs a stage that waits for others (networks, mail) until the end.
pub fn run_as_task<F>(
    name: &'static str,
    surroundings: Surroundings,
    mut step: impl FnMut(Timestamp) -> F + Send + 'static,
) -> tokio::task::JoinHandle<()>
where
    F: Future<Output = Result<Progress, StageError>> + Send,
{
    surroundings.board.announce(name);
    supervise(async move {
        let mut commits = surroundings.store.commits();
        let mut stop = surroundings.stop.clone();
        while !*stop.borrow() {
            commits.borrow_and_update();
            let now = surroundings.clock.now();
            match step(now).await {
                Ok(Progress::More(position)) => surroundings.board.worked(name, now, position),
                Ok(Progress::Idle(position)) => {
                    surroundings.board.worked(name, now, position);
                    idle(&mut commits, &mut stop, TICK).await;
                }
                Err(error) => {
                    let wait = report(&surroundings, name, now, &error);
                    pause(&mut stop, wait).await;
                }
            }
        }
    })
}

/// Starts a task whose handle somebody keeps. The only place that spawns.
#[expect(clippy::disallowed_methods, reason = "the one place where tasks begin")]
pub fn supervise(task: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::spawn(task)
}

fn report(
    surroundings: &Surroundings,
    name: &'static str,
    now: Timestamp,
    error: &StageError,
) -> Duration {
    let wait = error.wait();
    if surroundings.board.failed(name, now, &error.to_string()) {
        tracing::error!(stage = name, wait_ms = wait.as_millis() as u64, "stage failed: {error}");
    }
    wait
}

/// A panic in a step is a failure of that step, not the end of the stage.
fn caught(step: impl FnOnce() -> Result<Progress, StageError>) -> Result<Progress, StageError> {
    let result = std::panic::catch_unwind(AssertUnwindSafe(step));
    result.unwrap_or_else(|panic| {
        let message = format!("panicked: {}", text_of(panic.as_ref()));
        Err(StageError::Other { message, retry: Retry::Later })
    })
}

/// Waits for a task; a panic in it ends it alone, and comes back as its text.
pub async fn caught_in<T>(task: impl Future<Output = T>) -> Result<T, String> {
    let mut task = std::pin::pin!(task);
    std::future::poll_fn(|context| {
        let polled = AssertUnwindSafe(|| task.as_mut().poll(context));
        match std::panic::catch_unwind(polled) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(text_of(panic.as_ref()))),
        }
    })
    .await
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or_default().to_owned()
}

async fn idle(
    commits: &mut watch::Receiver<u64>,
    stop: &mut watch::Receiver<bool>,
    tick: Duration,
) {
    tokio::select! {
        changed = commits.changed() => {
            // The writer has ended; wait for the end instead of spinning.
            if changed.is_err() {
                pause(stop, tick).await;
            }
        }
        _ = stop.changed() => {}
        () = tokio::time::sleep(tick) => {}
    }
}

async fn pause(stop: &mut watch::Receiver<bool>, wait: Duration) {
    tokio::select! {
        _ = stop.changed() => {}
        () = tokio::time::sleep(wait) => {}
    }
}
