//! The whole reason of one post: what reading it came to, where it belongs and
//! why. Reads only; what is not kept is computed again by the rules in force.

use crate::adapters::store::{Reader, StoreError};
use crate::model::finding::Finding;
use crate::model::incident::{IncidentId, Reason};
use crate::model::position::Position;
use crate::model::post::{PostKey, StoredPost};
use crate::pipeline::matcher::PostReader;
use crate::rules::ruleset::Ruleset;

#[derive(Debug, Clone)]
pub struct Explanation {
    pub post: StoredPost,
    pub finding: Finding,
    pub made: Made,
    /// Every membership in order; the last without an end is the present one.
    pub memberships: Vec<Membership>,
}

/// Where the finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Kept since the post was read.
    Then,
    /// Nothing is kept of posts that go no further: read again, now.
    Now,
}

#[derive(Debug, Clone)]
pub struct Membership {
    pub incident: IncidentId,
    pub reason: Reason,
    /// The decision that ended it.
    pub ended_by: Option<Position>,
}

/// Explains a post; `None` where there is none by that key.
pub fn explain(
    reader: &Reader,
    ruleset: &Ruleset,
    key: &PostKey,
) -> Result<Option<Explanation>, StoreError> {
    let Some(post) = reader.post_by_key(key)? else { return Ok(None) };
    let (finding, made) = match reader.finding(post.position)? {
        Some(finding) => (finding, Made::Then),
        None => (PostReader::new(ruleset).read_stored(reader, &post)?, Made::Now),
    };
    let memberships = reader.memberships(post.position)?.into_iter();
    let memberships = memberships
        .map(|(incident, reason, ended_by)| Membership { incident, reason, ended_by })
        .collect();
    Ok(Some(Explanation { post, finding, made, memberships }))
}
