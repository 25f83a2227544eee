//! A ruleset: every file that decides, and the hash of them all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// SHA-256 over the sorted paths and contents, lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RulesetHash(pub String);

impl std::fmt::Display for RulesetHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The files as read: path (`keywords/roads.toml`, `regions/vologda/routes.toml`) → text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RulesetFiles(pub BTreeMap<String, String>);

/// A complaint about a rule or configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// 1-based; 0 where the file as a whole is meant.
    pub line: usize,
    pub field: String,
    pub message: String,
    pub severity: Severity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {severity}: ")?;
        if !self.field.is_empty() && self.field != "-" {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}
