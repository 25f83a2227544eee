//! The index folder: opened, filled, committed with the position it reaches,
//! and thrown away when it cannot be read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};
use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyError};

use super::error::SearchError;
use super::schema::{self, Fields, IndexedPost};
use crate::model::position::Position;
use crate::model::post::PostKey;

/// What one thread fills before it writes a segment; small enough for a small
/// machine, large enough that a bulk load makes few segments.
const WRITER_MEMORY_BYTES: usize = 40 * 1024 * 1024;

/// Stands beside the index's own files and says what made them.
const VERSION_FILE: &str = "version";

/// How far the index reaches. The last post tells a restored database, whose
/// positions are taken by other posts, from the one that was indexed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mark {
    pub position: Position,
    pub last_post: Option<(Position, PostKey)>,
}

/// The open index. Readers see the last commit.
pub struct Index {
    pub(super) fields: Fields,
    pub(super) reader: IndexReader,
    index: tantivy::Index,
    /// Absent where the index was opened for reading only.
    writer: Option<Mutex<IndexWriter>>,
}

impl Index {
    /// Opens the folder for filling. An index that is damaged or of another
    /// version is removed; the new one starts empty.
    ///
    /// # Errors
    /// `Locked` when another process fills it, `DiskFull` and `Io` as they say.
    pub fn open(dir: &Path) -> Result<Index, SearchError> {
        std::fs::create_dir_all(dir)?;
        if is_empty(dir)? {
            return Index::create(dir);
        }
        let why = match Index::open_existing(dir, true) {
            Ok(index) => return Ok(index),
            Err(SearchError::Damaged(why)) => why,
            Err(error) => return Err(error),
        };
        tracing::warn!(folder = %dir.display(), why, "search index removed, it fills again");
        std::fs::remove_dir_all(dir)?;
        std::fs::create_dir_all(dir)?;
        Index::create(dir)
    }

    /// Opens the folder beside the process that fills it.
    ///
    /// # Errors
    /// `Missing` when there is none yet, `Damaged` when it cannot be read.
    pub fn open_read_only(dir: &Path) -> Result<Index, SearchError> {
        if !dir.join(VERSION_FILE).exists() {
            return Err(SearchError::Missing(dir.to_owned()));
        }
        Index::open_existing(dir, false)
    }

    fn create(dir: &Path) -> Result<Index, SearchError> {
        let (schema, fields) = schema::build();
        let index = tantivy::Index::create_in_dir(dir, schema)?;
        std::fs::write(version_file(dir), schema::VERSION)?;
        Index::start(dir, index, fields, true)
    }

    fn open_existing(dir: &Path, for_writing: bool) -> Result<Index, SearchError> {
        let version = std::fs::read_to_string(version_file(dir))
            .map_err(|error| SearchError::Damaged(format!("its version: {error}")))?;
        if version != schema::VERSION {
            return Err(SearchError::Damaged(format!("it is of version {version}")));
        }
        let (schema, fields) = schema::build();
        let index = tantivy::Index::open_in_dir(dir).map_err(damaged)?;
        if index.schema() != schema {
            return Err(SearchError::Damaged("it has other fields".to_owned()));
        }
        Index::start(dir, index, fields, for_writing)
    }

    fn start(
        dir: &Path,
        index: tantivy::Index,
        fields: Fields,
        for_writing: bool,
    ) -> Result<Index, SearchError> {
        schema::register_tokenizers(&index);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(damaged)?;
        let writer = for_writing.then(|| writer(dir, &index)).transpose()?;
        let opened = Index { fields, reader, index, writer: writer.map(Mutex::new) };
        opened.mark()?;
        Ok(opened)
    }

    /// The position up to which everything is indexed and committed.
    pub fn indexed(&self) -> Result<Position, SearchError> {
        Ok(self.mark()?.position)
    }

    /// What the last commit said about itself.
    pub fn mark(&self) -> Result<Mark, SearchError> {
        let payload = self.index.load_metas().map_err(damaged)?.payload;
        let Some(payload) = payload else { return Ok(Mark::default()) };
        serde_json::from_str(&payload)
            .map_err(|error| SearchError::Damaged(format!("its position: {error}")))
    }

    /// Adds posts; they are found after the next commit.
    pub fn add(&self, posts: &[IndexedPost]) -> Result<(), SearchError> {
        let writer = self.writer()?;
        for post in posts {
            writer.add_document(schema::document(&self.fields, post))?;
        }
        Ok(())
    }

    /// Makes what was added durable and findable, together with how far it goes.
    pub fn commit(&self, mark: &Mark) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        commit(&mut writer, mark)?;
        Ok(self.reader.reload()?)
    }

    /// Forgets what was added since the last commit.
    pub fn roll_back(&self) -> Result<(), SearchError> {
        self.writer()?.rollback()?;
        Ok(())
    }

    /// Forgets everything.
    pub fn clear(&self) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        writer.delete_all_documents()?;
        commit(&mut writer, &Mark::default())?;
        Ok(self.reader.reload()?)
    }

    /// Posts that can be found.
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn writer(&self) -> Result<MutexGuard<'_, IndexWriter>, SearchError> {
        let writer = self.writer.as_ref().ok_or(SearchError::ReadOnly)?;
        writer.lock().map_err(|_| SearchError::Damaged("a writing thread broke off".to_owned()))
    }
}

fn commit(writer: &mut IndexWriter, mark: &Mark) -> Result<(), SearchError> {
    let payload =
        serde_json::to_string(mark).map_err(|error| SearchError::Io(error.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload);
    prepared.commit()?;
    Ok(())
}

fn writer(dir: &Path, index: &tantivy::Index) -> Result<IndexWriter, SearchError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_MEMORY_BYTES)
        .build();
    index.writer_with_options(options).map_err(|error| match error {
        TantivyError::LockFailure(..) => SearchError::Locked(dir.to_owned()),
        other => other.into(),
    })
}

/// While a folder is being opened, whatever cannot be read counts as damage:
/// the cure is the same, to fill it again.
fn damaged(error: TantivyError) -> SearchError {
    match SearchError::from(error) {
        SearchError::Io(why) => SearchError::Damaged(why),
        other => other,
    }
}

fn is_empty(dir: &Path) -> Result<bool, SearchError> {
    Ok(std::fs::read_dir(dir)?.next().is_none())
}

fn version_file(dir: &Path) -> PathBuf {
    dir.join(VERSION_FILE)
}
