//! Brings the files of a ruleset: those shipped inside the program, or those
//! of folders that the configuration names. Knows nothing of what they mean.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::model::ruleset::{Problem, RulesetFiles, RulesetHash, Severity};

static KEYWORDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/keywords");
static REGIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/regions");

/// Rule files are small; anything larger is a mistake or an attack.
const FILE_MAX_BYTES: u64 = 16 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("reading {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("writing {path}: {source}")]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("{path}:{line}: is not UTF-8: byte {at}")]
    NotUtf8 { path: PathBuf, line: usize, at: usize },
    #[error("{path} is larger than {FILE_MAX_BYTES} bytes")]
    TooLarge { path: PathBuf },
    #[error("no region pack «{0}» is shipped")]
    NoSuchRegion(String),
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Problem {
        let (file, line, field, message) = match error {
            FilesError::Unreadable { path, source } | FilesError::Unwritable { path, source } => {
                (path, 0, "", source.to_string())
            }
            FilesError::NotUtf8 { path, line, at } => {
                (path, line, "", format!("is not UTF-8: byte {at}"))
            }
            FilesError::TooLarge { path } => {
                (path, 0, "", format!("is larger than {FILE_MAX_BYTES} bytes"))
            }
            FilesError::NoSuchRegion(id) => {
                let shipped: Vec<String> =
                    REGIONS.dirs().map(|dir| dir.path().display().to_string()).collect();
                let message = format!("no pack «{id}» is shipped, only {}", shipped.join(", "));
                (PathBuf::from("regions"), 0, "region", message)
            }
        };
        let (file, field) = (file.display().to_string(), field.to_owned());
        Problem { file, line, field, message, severity: Severity::Error }
    }
}

/// The keywords and the region pack that the program carries.
pub fn shipped(region: &str) -> Result<RulesetFiles, FilesError> {
    let mut files = RulesetFiles::default();
    collect(&KEYWORDS, "keywords", &mut files);
    let dir = REGIONS.get_dir(region).ok_or_else(|| FilesError::NoSuchRegion(region.to_owned()))?;
    collect(dir, "regions", &mut files);
    Ok(files)
}

fn collect(dir: &Dir<'_>, prefix: &str, files: &mut RulesetFiles) {
    for file in dir.files().filter(|file| is_rule_file(file.path())) {
        if let Some(text) = file.contents_utf8() {
            let path = format!("{prefix}/{}", file.path().display());
            files.0.insert(path, text.to_owned());
        }
    }
}

/// The rule files of a folder, named as if they stood in `prefix/`.
pub fn from_folder(dir: &Path, prefix: &str) -> Result<RulesetFiles, FilesError> {
    let mut files = RulesetFiles::default();
    read_folder(dir, prefix, &mut files)?;
    Ok(files)
}

fn read_folder(dir: &Path, prefix: &str, files: &mut RulesetFiles) -> Result<(), FilesError> {
    let unreadable = |source| FilesError::Unreadable { path: dir.to_owned(), source };
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && is_rule_file(&path) {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            files.0.insert(format!("{prefix}/{}", name.unwrap_or_default()), read_file(&path)?);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<String, FilesError> {
    let unreadable = |source| FilesError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_MAX_BYTES {
        return Err(FilesError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(std::fs::read(path).map_err(unreadable)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        FilesError::NotUtf8 { path: path.to_owned(), line, at }
    })
}

/// Puts a file among the rule files of a folder, whole or not at all: who reads
/// the folder meanwhile sees the old one or the new one.
pub fn write(dir: &Path, name: &str, text: &str) -> Result<(), FilesError> {
    let (path, beside) = (dir.join(name), dir.join(format!("{name}.new")));
    let unwritable = |source| FilesError::Unwritable { path: path.clone(), source };
    std::fs::write(&beside, text).map_err(unwritable)?;
    std::fs::rename(&beside, &path).map_err(unwritable)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml" || end == "csv")
}

/// The hash that every conclusion carries. Paths and contents are separated by
/// their lengths, so that moving text between files changes it.
pub fn hash(files: &RulesetFiles) -> RulesetHash {
    let mut digest = Sha256::new();
    for (path, text) in &files.0 {
        digest.update((path.len() as u64).to_be_bytes());
        digest.update(path.as_bytes());
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    RulesetHash(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
