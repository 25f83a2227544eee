//! A pack while it is read: its files, the complaints so far, and where each
//! entry stands.

use crate::model::region::Origins;
use crate::model::ruleset::{Problem, RulesetFiles, Severity};

use super::file::PackFile;

#[derive(Debug)]
pub(super) struct Pack<'f, 'p> {
    files: &'f RulesetFiles,
    pub problems: &'p mut Vec<Problem>,
    pub origins: Origins,
}

impl<'f, 'p> Pack<'f, 'p> {
    pub fn new(files: &'f RulesetFiles, problems: &'p mut Vec<Problem>) -> Pack<'f, 'p> {
        Pack { files, problems, origins: Origins::default() }
    }

    pub fn find(&self, name: &str) -> Option<PackFile<'f>> {
        PackFile::find(self.files, name)
    }

    /// A file without which there is no pack.
    pub fn require(&mut self, name: &str) -> Option<PackFile<'f>> {
        let found = self.find(name);
        if found.is_none() {
            self.problems.push(Problem {
                file: format!("regions/*/{name}"),
                line: 0,
                field: String::new(),
                message: "the region pack has no such file".to_owned(),
                severity: Severity::Error,
            });
        }
        found
    }

    /// Complains about files that nobody would read: a misspelt name must not
    /// silently leave streets or sources out.
    pub fn refuse_other_files(&mut self, names: &[&str]) {
        for path in self.files.0.keys().filter(|path| path.starts_with("regions/")) {
            let name = path.rsplit('/').next().unwrap_or("");
            if !names.contains(&name) {
                self.problems.push(Problem {
                    file: path.clone(),
                    line: 0,
                    field: String::new(),
                    message: "a region pack has no file of this name".to_owned(),
                    severity: Severity::Error,
                });
            }
        }
    }

    /// Notes where an entry stands, and complains about a second one of its id.
    pub fn remember(&mut self, file: &PackFile<'_>, kind: &str, id: &str, line: usize) {
        let key = format!("{kind} {id}");
        if self.origins.0.insert(key, file.origin(line)).is_some() {
            let message = format!("a second {kind} «{id}»");
            self.problems.push(file.error(line, "id", &message));
        }
    }

    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }
}
