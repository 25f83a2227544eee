//! The whole reason of one post: what reading it came to, where it belongs and
//! why. Reads only; what is not kept is computed again by the rules in force.

use crate::adapters::store::{Reader, StoreError};
use crate::model::finding::Finding;
use crate::model::incident::{IncidentId, Reason};
use crate::model::position::Position;
use crate::model::post::{PostKey, StoredPost};
use crate::model::proposal::Hint;
use crate::pipeline::matcher::PostReader;
use crate::rules::ruleset::Ruleset;

#[derive(Debug, Clone)]
pub struct Explanation {
    pub post: StoredPost,
    pub finding: Finding,
    pub made: Made,
    /// Every membership in order; the last without an end is the present one.
    pub memberships: Vec<Membership>,
    /// What it says of other incidents than its own.
    pub hints: Vec<Hinted>,
}

/// A post's hint that its incident and another one may be the same.
#[derive(Debug, Clone)]
pub struct Hinted {
    pub hint: Hint,
    /// The key of the other post, and where that one is now.
    pub other: String,
    pub incident: Option<IncidentId>,
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
    let hints = hints(reader, post.position)?;
    Ok(Some(Explanation { post, finding, made, memberships, hints }))
}

/// What a post says of other incidents than its own.
pub fn hints(reader: &Reader, post: Position) -> Result<Vec<Hinted>, StoreError> {
    let mut hints = Vec::new();
    for (hint, incident) in reader.hints_by(post)? {
        let other = reader.post(hint.other)?.map(|other| other.post.key.to_string());
        hints.push(Hinted { hint, other: other.unwrap_or_default(), incident });
    }
    Ok(hints)
}
