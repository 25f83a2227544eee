//! The database: one SQLite file, one writer thread, read-only connections for
//! everybody else. The only place that speaks SQL; decides nothing.
//!
//! Start with `commands.rs` (what can be written), then `writer.rs` (how it
//! becomes durable), then `read/` (what can be asked). If the process stops
//! here, whatever was acknowledged is on disk and nothing else is.

mod apply;
pub mod backup;
pub mod commands;
mod error;
pub mod read;
mod reasons;
mod rows;
mod schema;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::error::StoreError;
pub use self::read::Reader;

use self::commands::{Command, Done};
use self::writer::{Request, Writer};

/// Commands that may wait for the writer. Full means: the sender waits.
const QUEUE_MAX_COMMANDS: usize = 64;
/// Idle read-only connections kept for the next reader.
const IDLE_READERS_MAX: usize = 8;

const DATABASE_FILE: &str = "otklik.db";
const LOCK_FILE: &str = "otklik.lock";

/// How a store is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoreOptions {
    /// The database grows no further than this; writing more is `DiskFull`.
    pub max_bytes: Option<u64>,
    /// For tests of crashes: the writer dies at this commit, as if the power
    /// had gone.
    pub power_cut: Option<PowerCut>,
}

/// Where in which commit the writer dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerCut {
    /// Counted from 1 since opening.
    pub commit: u64,
    pub moment: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Everything was written, nothing is committed.
    BeforeCommit,
    /// Committed, but nobody was told.
    AfterCommit,
}

/// A handle to the open database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    queue: mpsc::Sender<Request>,
    commits: watch::Receiver<u64>,
    readers: Readers,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    // Held as long as the store is open: one process a data folder.
    _lock: File,
}

impl Store {
    /// Opens the data folder for writing, creates or migrates the database.
    ///
    /// # Errors
    /// `Locked` when another process has it open, `Newer` when a later version
    /// of the program wrote it, `Io` or `Corrupt` when it cannot be read.
    pub fn open(data_dir: &Path) -> Result<Store, StoreError> {
        Store::open_with(data_dir, StoreOptions::default())
    }

    /// Opens with options; otherwise as `open`.
    pub fn open_with(data_dir: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        std::fs::create_dir_all(data_dir).map_err(|error| StoreError::io(data_dir, error))?;
        let lock = lock(data_dir)?;
        let path = data_dir.join(DATABASE_FILE);
        let mut connection = schema::open_for_writing(&path)?;
        schema::migrate(&mut connection)?;
        let (queue, requests) = mpsc::channel(QUEUE_MAX_COMMANDS);
        let (committed, commits) = watch::channel(0);
        if let Some(max_bytes) = options.max_bytes {
            schema::limit_size(&connection, max_bytes)?;
        }
        let writer = Writer::new(connection, committed, options.power_cut)?;
        let thread = writer.start(requests)?;
        let shared = Shared {
            queue,
            commits,
            readers: Readers::new(path),
            writer: Mutex::new(Some(thread)),
            _lock: lock,
        };
        Ok(Store { shared: Arc::new(shared) })
    }

    /// Writes and waits until it is durable. For threads without a runtime.
    pub fn write(&self, command: Command) -> Result<Done, StoreError> {
        self.submit(command)?.wait()
    }

    /// Hands a command to the writer without waiting for the disk. Commands of
    /// one thread become durable in the order in which they were submitted.
    pub fn submit(&self, command: Command) -> Result<Pending, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.shared
            .queue
            .blocking_send(Request { command, reply })
            .map_err(|_| StoreError::Stopped)?;
        Ok(Pending(answer))
    }

    /// Writes and waits until it is durable.
    pub async fn write_async(&self, command: Command) -> Result<Done, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.shared
            .queue
            .send(Request { command, reply })
            .await
            .map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// Runs a question on a read-only connection; blocks the calling thread.
    pub fn read<T>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.shared.readers.with(question)
    }

    /// Runs a question on a thread where blocking is allowed.
    pub async fn read_async<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.read(question))
            .await
            .map_err(|_| StoreError::Stopped)?
    }

    /// Counts commits. Only a wake-up: what is to be done stands in the tables.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.shared.commits.clone()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Closing the queue ends the writer after its last transaction.
        let (closed, _) = mpsc::channel(1);
        drop(std::mem::replace(&mut self.queue, closed));
        let writer = self.writer.lock().map(|mut slot| slot.take());
        if let Ok(Some(thread)) = writer {
            // A panic in the writer was already reported by its callers.
            let _ = thread.join();
        }
    }
}

/// A command on its way to the disk.
pub struct Pending(oneshot::Receiver<Result<Done, StoreError>>);

impl Pending {
    /// Waits until the command is durable or refused.
    pub fn wait(self) -> Result<Done, StoreError> {
        self.0.blocking_recv().map_err(|_| StoreError::Stopped)?
    }
}

/// Opens a data folder only for reading, beside a running server if there is one.
///
/// # Errors
/// `Missing` when there is no database yet; otherwise as `Store::open`.
pub fn open_read_only(data_dir: &Path) -> Result<Reader, StoreError> {
    let path = data_dir.join(DATABASE_FILE);
    if !path.exists() {
        return Err(StoreError::Missing(data_dir.to_owned()));
    }
    let connection = open_reader(&path)?;
    schema::refuse_newer(&connection)?;
    Ok(Reader::new(connection))
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

fn lock(data_dir: &Path) -> Result<File, StoreError> {
    let path = data_dir.join(LOCK_FILE);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| StoreError::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Locked(data_dir.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::io(&path, error)),
    }
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

impl Readers {
    fn new(path: PathBuf) -> Readers {
        Readers { path, idle: Mutex::new(Vec::new()) }
    }

    fn with<T>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().ok().and_then(|mut readers| readers.pop());
        let reader = match idle {
            Some(reader) => reader,
            None => Reader::new(open_reader(&self.path)?),
        };
        let answer = question(&reader);
        if let Ok(mut readers) = self.idle.lock()
            && readers.len() < IDLE_READERS_MAX
        {
            readers.push(reader);
        }
        answer
    }
}
