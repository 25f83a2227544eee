//! The one order of all facts. Posts, revisions, people's actions and
//! activations of rulesets draw their positions from the same counter, so
//! «what was known before» means the same for a live run and for a replay.

use serde::{Deserialize, Serialize};

/// The place of a fact in the order in which facts were stored; 1 is the
/// first, 0 means «before everything».
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
