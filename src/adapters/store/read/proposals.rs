//! What is proposed to people about incidents that are there already, and which
//! of their posts are copies.

use rusqlite::Row;

use super::StoredSuggestion;
use super::incidents::incident_id;
use super::{Reader, position};
use crate::adapters::store::error::StoreError;
use crate::adapters::store::reasons::parts_of;
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::post::{Network, PostKey};
use crate::model::proposal::{Hint, HintKind, Merge, Parting};

/// A merge that waits for a person, as one of the two incidents sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedMerge {
    /// The other incident.
    pub with: IncidentId,
    pub hint: Hint,
    /// The post that says so.
    pub key: PostKey,
    /// Whether that post is in the other incident.
    pub is_theirs: bool,
}

/// A split that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedSplit {
    pub parting: Parting,
    pub stays: Vec<PostKey>,
    pub leaves: Vec<PostKey>,
}

const HINT_COLUMNS: &str = "hint.post, hint.other, hint.kind, hint.score, hint.parts,
    hint.other_score, hint.other_parts, hint.one, hint.two";
/// The first column of a row after those of its hint.
const AFTER_HINT: usize = 9;

/// Condition of `incident`: something likely waits for a person. Other incidents
/// count while somebody works on them.
pub(super) const HAS_LIKELY: &str = "EXISTS (SELECT 1 FROM suggestion
        JOIN incident AS there ON there.id = suggestion.candidate
        WHERE suggestion.incident = incident.id AND settled = 0
            AND there.state NOT IN ('closed', 'joined'))
    OR EXISTS (SELECT 1 FROM suggestion
        JOIN incident AS there ON there.id = suggestion.incident
        WHERE candidate = incident.id AND settled = 0
            AND there.state NOT IN ('closed', 'joined'))
    OR EXISTS (SELECT 1 FROM hint WHERE one = incident.id)
    OR EXISTS (SELECT 1 FROM hint WHERE two = incident.id)
    OR EXISTS (SELECT 1 FROM parting WHERE parting.incident = incident.id)";

/// Whether `incident` falls into two.
pub(super) const IS_PARTED: &str =
    "EXISTS (SELECT 1 FROM parting WHERE parting.incident = incident.id)";

/// How many other incidents may be the same as `incident`.
pub(super) const LIKELY_COUNT: &str = "(SELECT count(*) FROM (
        SELECT candidate AS id FROM suggestion
            WHERE suggestion.incident = incident.id AND settled = 0
        UNION SELECT suggestion.incident FROM suggestion
            WHERE candidate = incident.id AND settled = 0
        UNION SELECT two FROM hint WHERE one = incident.id
        UNION SELECT one FROM hint WHERE two = incident.id
    ) AS likely JOIN incident AS there ON there.id = likely.id
    WHERE there.state NOT IN ('closed', 'joined')
        AND incident.state NOT IN ('closed', 'joined'))";

impl Reader {
    /// Suggestions that nobody settled, between incidents on which somebody
    /// works; those at which a stronger hint exists stand among the merges.
    pub fn suggestions_waiting(&self, of: IncidentId) -> Result<Vec<StoredSuggestion>, StoreError> {
        let is_open =
            |id| Ok::<_, StoreError>(self.incident(id)?.is_some_and(|it| it.state.is_open()));
        if !is_open(of)? {
            return Ok(Vec::new());
        }
        let merges = self.merges_of(of)?;
        let mut waiting = Vec::new();
        for suggestion in self.suggestions(of)?.into_iter().filter(|one| !one.settled) {
            let with = suggestion.beside(of);
            if is_open(with)? && merges.iter().all(|merge| merge.with != with) {
                waiting.push(suggestion);
            }
        }
        Ok(waiting)
    }

    /// Every hint with the merge that it proposes now, for the cluster stage.
    pub fn hints(&self) -> Result<Vec<(Hint, Option<Merge>)>, StoreError> {
        self.all(&format!("SELECT {HINT_COLUMNS} FROM hint ORDER BY post, other"), [], |row| {
            let is_proposed = row.get::<_, Option<i64>>(7)?.is_some();
            Ok((hint(row)?, is_proposed.then(|| merge(row)).transpose()?))
        })
    }

    /// Merges that are proposed for an incident, what people said themselves first.
    pub fn merges_of(&self, of: IncidentId) -> Result<Vec<ProposedMerge>, StoreError> {
        let mut merges = self.all(
            &format!(
                "SELECT {HINT_COLUMNS}, assignment.incident, post.network, post.native_id
                 FROM hint JOIN post ON post.position = hint.post
                 JOIN assignment ON assignment.post = hint.post AND revoked_by IS NULL
                 WHERE one = ?1 OR two = ?1"
            ),
            [of.0 as i64],
            |row| {
                Ok(ProposedMerge {
                    with: merge(row)?.beside(of),
                    hint: hint(row)?,
                    key: PostKey {
                        network: Network(row.get(AFTER_HINT + 1)?),
                        native_id: row.get(AFTER_HINT + 2)?,
                    },
                    is_theirs: incident_id(row, AFTER_HINT)? != of,
                })
            },
        )?;
        let rank = |one: &ProposedMerge| (one.hint.kind, one.hint.strength());
        merges.sort_by(|a, b| {
            let (a_rank, b_rank) = (rank(a), rank(b));
            b_rank.0.cmp(&a_rank.0).then(b_rank.1.total_cmp(&a_rank.1)).then(a.with.cmp(&b.with))
        });
        Ok(merges)
    }

    /// Every incident that falls into two, for the cluster stage.
    pub fn partings(&self) -> Result<Vec<(IncidentId, Parting)>, StoreError> {
        self.all("SELECT incident, data FROM parting ORDER BY incident", [], |row| {
            let parting = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            Ok((incident_id(row, 0)?, parting))
        })
    }

    /// The two parts of an incident, where it falls into two, by their posts' keys.
    pub fn parting_of(&self, of: IncidentId) -> Result<Option<ProposedSplit>, StoreError> {
        let found =
            self.one("SELECT data FROM parting WHERE incident = ?1", [of.0 as i64], |row| {
                Ok(serde_json::from_str::<Parting>(row.get_ref(0)?.as_str()?)?)
            })?;
        let Some(parting) = found else { return Ok(None) };
        let keys = |posts: &[Position]| {
            let mut keys = Vec::with_capacity(posts.len());
            for post in posts {
                keys.extend(self.post(*post)?.map(|stored| stored.post.key));
            }
            Ok::<_, StoreError>(keys)
        };
        let (stays, leaves) = (keys(&parting.stays)?, keys(&parting.leaves)?);
        Ok(Some(ProposedSplit { parting, stays, leaves }))
    }

    /// Which members of an incident are copies, each with the first post of its text.
    pub fn copies_of(&self, of: IncidentId) -> Result<Vec<(Position, Position)>, StoreError> {
        self.all(
            "SELECT copy.post, copy.origin FROM assignment
             JOIN copy ON copy.post = assignment.post
             WHERE assignment.incident = ?1 AND revoked_by IS NULL ORDER BY copy.post",
            [of.0 as i64],
            |row| Ok((position(row, 0)?, position(row, 1)?)),
        )
    }

    /// Posts that belong together, with the action that said so.
    pub fn kept(&self) -> Result<Vec<(Position, Position)>, StoreError> {
        self.all("SELECT post, action FROM kept ORDER BY action, post", [], |row| {
            Ok((position(row, 0)?, position(row, 1)?))
        })
    }

    /// What a post says of other incidents than its own, whether or not it is
    /// proposed still.
    pub fn hints_by(&self, post: Position) -> Result<Vec<(Hint, Option<IncidentId>)>, StoreError> {
        self.all(
            &format!(
                "SELECT {HINT_COLUMNS}, assignment.incident FROM hint
                 LEFT JOIN assignment ON assignment.post = hint.other AND revoked_by IS NULL
                 WHERE hint.post = ?1 ORDER BY hint.other"
            ),
            [post.0 as i64],
            |row| {
                let there: Option<i64> = row.get(AFTER_HINT)?;
                Ok((hint(row)?, there.map(|id| IncidentId(id as u64))))
            },
        )
    }
}

fn merge(row: &Row<'_>) -> Result<Merge, StoreError> {
    Ok(Merge { one: incident_id(row, 7)?, two: incident_id(row, 8)? })
}

fn hint(row: &Row<'_>) -> Result<Hint, StoreError> {
    let kind: String = row.get(2)?;
    Ok(Hint {
        post: position(row, 0)?,
        other: position(row, 1)?,
        kind: HintKind::parse(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("hint holds {kind}")))?,
        score: row.get(3)?,
        parts: parts_of(row.get_ref(4)?.as_str()?)?,
        other_score: row.get(5)?,
        other_parts: parts_of(row.get_ref(6)?.as_str()?)?,
    })
}
