//! Incidents for lists, cards and the cluster stage's memory.

use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::filter::{IncidentFilter, condition, order};
use super::proposals::{IS_PARTED, LIKELY_COUNT};
use super::{Reader, position};
use crate::adapters::store::error::StoreError;
use crate::adapters::store::reasons::{parts_of, reason_of};
use crate::adapters::store::rows::{AFTER_POST, POST_COLUMNS, stored_post};
use crate::model::action::Applied;
use crate::model::answer::Answer;
use crate::model::clock::{ClockKind, Notify, PlannedStep};
use crate::model::finding::Finding;
use crate::model::incident::{
    Assignment, AssignmentKind, Considered, Incident, IncidentId, Reason, ScorePart, State,
};
use crate::model::person::Reach;
use crate::model::position::Position;
use crate::model::post::{Network, PostKey, StoredPost};
use crate::model::time::{Timestamp, from_ms, to_ms};

/// An incident in a list.
#[derive(Debug, Clone)]
pub struct IncidentRow {
    pub incident: Incident,
    /// Other incidents that may be the same, for a person to decide.
    pub suggestions: u32,
    /// Whether its posts fall into two, for a person to decide.
    pub is_parted: bool,
    /// Posts that joined after the instant asked about.
    pub recent_posts: u32,
}

/// A post of an incident with the reason why it is there.
#[derive(Debug, Clone)]
pub struct Member {
    pub post: StoredPost,
    pub reason: Reason,
    pub finding: Option<Finding>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StoredSuggestion {
    pub incident: IncidentId,
    pub candidate: IncidentId,
    pub score: f64,
    pub parts: Vec<ScorePart>,
    pub settled: bool,
}

impl StoredSuggestion {
    /// The other incident, as one of the two sees it.
    pub fn beside(&self, id: IncidentId) -> IncidentId {
        if self.incident == id { self.candidate } else { self.incident }
    }
}

/// An action as it was folded in, with what undoing it needs.
#[derive(Debug, Clone)]
pub struct AppliedAction {
    pub action: Position,
    pub incident: Option<IncidentId>,
    pub result: Applied,
    pub inverse: String,
    pub undone_by: Option<Position>,
}

/// A member as the cluster stage counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFact {
    pub incident: IncidentId,
    pub post: Position,
    pub network: Network,
    pub author: Option<String>,
    pub views: u64,
    /// The first post with its text, where it is a copy.
    pub copy_of: Option<Position>,
    /// The network itself says that it repeats another.
    pub is_repost: bool,
    pub first_seen_at: Timestamp,
    pub written_at: Timestamp,
}

/// Counts beside the views of the triage inbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TriageCounts {
    pub new: u32,
    pub suggested: u32,
    pub near_deadline: u32,
    pub overdue: u32,
    pub returned: u32,
    pub open: u32,
}

impl Reader {
    pub fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.one("SELECT data FROM incident WHERE id = ?1", [id.0 as i64], |row| incident(row, 0))
    }

    /// Every incident that repeats another, with that other.
    pub fn repeats(&self) -> Result<Vec<(IncidentId, IncidentId)>, StoreError> {
        self.pairs("SELECT id, repeat_of FROM incident WHERE repeat_of IS NOT NULL")
    }

    /// Every incident that was joined into another, with that other.
    pub fn joined(&self) -> Result<Vec<(IncidentId, IncidentId)>, StoreError> {
        self.pairs("SELECT id, joined_into FROM incident WHERE joined_into IS NOT NULL")
    }

    /// Incidents that repeat this one or were joined into it.
    pub fn linked_to(&self, id: IncidentId) -> Result<Vec<IncidentId>, StoreError> {
        self.all(
            "SELECT id FROM incident WHERE repeat_of = ?1
             UNION SELECT id FROM incident WHERE joined_into = ?1",
            [id.0 as i64],
            |row| incident_id(row, 0),
        )
    }

    fn pairs(&self, sql: &str) -> Result<Vec<(IncidentId, IncidentId)>, StoreError> {
        self.all(sql, [], |row| Ok((incident_id(row, 0)?, incident_id(row, 1)?)))
    }

    /// The incident that a post is in now.
    pub fn incident_holding(&self, post: Position) -> Result<Option<Incident>, StoreError> {
        self.one(
            "SELECT data FROM assignment JOIN incident ON incident.id = assignment.incident
             WHERE assignment.post = ?1 AND revoked_by IS NULL",
            [post.0 as i64],
            |row| incident(row, 0),
        )
    }

    /// A page of incidents; `recent_since` is the instant after which posts count as growth.
    pub fn incidents(
        &self,
        filter: &IncidentFilter,
        recent_since: Timestamp,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let ((condition, mut values), order) = (condition(filter), order(filter.order));
        // Which ones first: what stands beside them is not counted for all.
        let sql = format!(
            "SELECT data, {LIKELY_COUNT}, {IS_PARTED},
                (SELECT count(*) FROM assignment JOIN post ON post.position = assignment.post
                    WHERE assignment.incident = incident.id AND revoked_by IS NULL
                    AND post.first_seen_at_ms > ?)
             FROM incident WHERE id IN
                (SELECT id FROM incident WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?)
             ORDER BY {order}"
        );
        values.insert(0, Value::Integer(to_ms(recent_since)));
        values.push(Value::Integer(filter.limit as i64));
        values.push(Value::Integer(filter.offset as i64));
        self.all(&sql, params_from_iter(values), |row| {
            Ok(IncidentRow {
                incident: incident(row, 0)?,
                suggestions: row.get(1)?,
                is_parted: row.get(2)?,
                recent_posts: row.get(3)?,
            })
        })
    }

    /// How many incidents the filter finds, whatever its limit.
    pub fn incidents_count(&self, filter: &IncidentFilter) -> Result<u64, StoreError> {
        let (condition, values) = condition(filter);
        let sql = format!("SELECT count(*) FROM incident WHERE {condition}");
        let count =
            self.one(&sql, params_from_iter(values), |row| Ok(row.get::<_, i64>(0)? as u64))?;
        Ok(count.unwrap_or(0))
    }

    pub fn triage_counts(
        &self,
        reach: &Reach,
        now: Timestamp,
        near: Timestamp,
    ) -> Result<TriageCounts, StoreError> {
        let open: Vec<State> = State::ALL.into_iter().filter(|state| state.is_open()).collect();
        let base = IncidentFilter { reach: reach.clone(), ..IncidentFilter::default() };
        let count = |filter: IncidentFilter| self.incidents_count(&filter).map(|n| n as u32);
        Ok(TriageCounts {
            new: count(IncidentFilter { states: vec![State::New], ..base.clone() })?,
            suggested: count(IncidentFilter {
                states: open.clone(),
                suggested: true,
                ..base.clone()
            })?,
            near_deadline: count(IncidentFilter {
                states: open.clone(),
                due_before: Some(near),
                ..base.clone()
            })?,
            overdue: count(IncidentFilter {
                states: open.clone(),
                due_before: Some(now),
                ..base.clone()
            })?,
            returned: count(IncidentFilter { returned: true, ..base.clone() })?,
            open: count(IncidentFilter { states: open, ..base })?,
        })
    }

    /// Members in the order in which they were written.
    pub fn members(&self, of: IncidentId) -> Result<Vec<Member>, StoreError> {
        self.all(
            &format!(
                "SELECT {POST_COLUMNS}, assignment.reason, finding.data FROM assignment
                 JOIN post ON post.position = assignment.post
                 LEFT JOIN finding ON finding.post = post.position
                 WHERE assignment.incident = ?1 AND revoked_by IS NULL
                 ORDER BY post.published_at_ms, post.position"
            ),
            [of.0 as i64],
            member,
        )
    }

    /// Where a post is, why, and every membership it had before. What a founding
    /// post was compared with comes with its parts, which lie in the suggestions.
    pub fn memberships(
        &self,
        of: Position,
    ) -> Result<Vec<(IncidentId, Reason, Option<Position>)>, StoreError> {
        let mut found = self.all(
            "SELECT incident, reason, revoked_by FROM assignment WHERE post = ?1 ORDER BY position",
            [of.0 as i64],
            |row| {
                let revoked: Option<i64> = row.get(2)?;
                Ok((
                    IncidentId(row.get::<_, i64>(0)? as u64),
                    reason_of(row.get_ref(1)?.as_str()?)?,
                    revoked.map(|by| Position(by as u64)),
                ))
            },
        )?;
        for (incident, reason, _) in &mut found {
            if reason.kind == AssignmentKind::Founded {
                self.fill_considered(*incident, reason)?;
            }
        }
        Ok(found)
    }

    fn fill_considered(&self, of: IncidentId, reason: &mut Reason) -> Result<(), StoreError> {
        for suggestion in self.suggestions(of)?.into_iter().filter(|one| one.incident == of) {
            let of_it = |one: &&mut Considered| one.incident == suggestion.candidate;
            if let Some(considered) = reason.considered.iter_mut().find(of_it) {
                considered.parts = suggestion.parts;
            }
        }
        Ok(())
    }

    /// Every present membership with its reason.
    pub fn assignments(&self) -> Result<Vec<Assignment>, StoreError> {
        self.all(
            "SELECT post, incident, reason FROM assignment WHERE revoked_by IS NULL ORDER BY post",
            [],
            |row| {
                Ok(Assignment {
                    post: position(row, 0)?,
                    incident: IncidentId(row.get::<_, i64>(1)? as u64),
                    reason: reason_of(row.get_ref(2)?.as_str()?)?,
                })
            },
        )
    }

    /// Every incident, for the cluster stage.
    pub fn live_incidents(&self) -> Result<Vec<Incident>, StoreError> {
        self.all("SELECT data FROM incident ORDER BY id", [], |row| incident(row, 0))
    }

    /// Members of all incidents whose last post was written at or after an
    /// instant, or at or after an earlier one if their number is above `after`.
    /// In no order: sorting whole posts would go over the disk.
    pub fn each_member_since(
        &self,
        last_written: Timestamp,
        earlier: Timestamp,
        after: IncidentId,
        mut visit: impl FnMut(IncidentId, StoredPost, Option<Finding>),
    ) -> Result<(), StoreError> {
        self.each(
            &format!(
                "SELECT {POST_COLUMNS}, finding.data, incident.id FROM incident
                 JOIN assignment ON assignment.incident = incident.id AND revoked_by IS NULL
                 JOIN post ON post.position = assignment.post
                 LEFT JOIN finding ON finding.post = post.position
                 WHERE incident.last_written_ms >= ?1
                     OR (incident.last_written_ms >= ?2 AND incident.id > ?3)"
            ),
            params![to_ms(last_written), to_ms(earlier), after.0 as i64],
            |row| {
                let id = IncidentId(row.get::<_, i64>(AFTER_POST + 1)? as u64);
                visit(id, stored_post(row)?, finding(row, AFTER_POST)?);
                Ok(())
            },
        )
    }

    pub fn suggestions(&self, of: IncidentId) -> Result<Vec<StoredSuggestion>, StoreError> {
        self.all(
            "SELECT incident, candidate, score, parts, settled FROM suggestion
             WHERE incident = ?1 OR candidate = ?1 ORDER BY score DESC, incident, candidate",
            [of.0 as i64],
            |row| {
                Ok(StoredSuggestion {
                    incident: IncidentId(row.get::<_, i64>(0)? as u64),
                    candidate: IncidentId(row.get::<_, i64>(1)? as u64),
                    score: row.get(2)?,
                    parts: parts_of(row.get_ref(3)?.as_str()?)?,
                    settled: row.get(4)?,
                })
            },
        )
    }

    pub fn answers(&self, of: IncidentId) -> Result<Vec<Answer>, StoreError> {
        self.all("SELECT data FROM answer WHERE incident = ?1 ORDER BY id", [of.0 as i64], |row| {
            Ok(serde_json::from_str(row.get_ref(0)?.as_str()?)?)
        })
    }

    /// Drafts of open incidents that nobody approved, oldest first.
    pub fn drafts_waiting(&self, reach: &Reach) -> Result<Vec<(Incident, Answer)>, StoreError> {
        let filter = IncidentFilter { reach: reach.clone(), ..IncidentFilter::default() };
        let (condition, values) = condition(&filter);
        self.all(
            &format!(
                "SELECT incident.data, answer.data FROM answer
                 JOIN incident ON incident.id = answer.incident
                 WHERE json_extract(answer.data, '$.approved_at') IS NULL
                     AND json_extract(answer.data, '$.published_at') IS NULL
                     AND state <> 'closed' AND {condition}
                 ORDER BY answer.id LIMIT 200"
            ),
            params_from_iter(values),
            |row| Ok((incident(row, 0)?, serde_json::from_str(row.get_ref(1)?.as_str()?)?)),
        )
    }

    pub fn answer(&self, id: Position) -> Result<Option<Answer>, StoreError> {
        self.one("SELECT data FROM answer WHERE id = ?1", [id.0 as i64], |row| {
            Ok(serde_json::from_str(row.get_ref(0)?.as_str()?)?)
        })
    }

    /// Posts whose incidents must stay apart, with the action that said so.
    pub fn forbidden(&self) -> Result<Vec<(Position, Position, Position)>, StoreError> {
        self.all(
            "SELECT one, other, action FROM forbidden ORDER BY action, one, other",
            [],
            |row| Ok((position(row, 0)?, position(row, 1)?, position(row, 2)?)),
        )
    }

    /// Every action that was carried out and not undone, oldest first.
    pub fn applied_all(&self) -> Result<Vec<AppliedAction>, StoreError> {
        self.all(
            "SELECT action, incident, result, inverse, undone_by FROM applied
             WHERE undone_by IS NULL ORDER BY action",
            [],
            applied,
        )
    }

    /// When the newest grouped post was written.
    pub fn newest_grouped(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest = self.one(
            "SELECT max(min(published_at_ms, first_seen_at_ms))
             FROM finding JOIN post ON post.position = finding.post
             WHERE finding.post <= (SELECT position FROM stage WHERE name = 'cluster')
                 AND finding.post NOT IN (SELECT post FROM finding
                     WHERE json_extract(data, '$.verdict') = 'own_account')",
            [],
            |row| Ok(row.get::<_, Option<i64>>(0)?),
        )?;
        Ok(newest.flatten().map(from_ms))
    }

    /// Every grouped post with its key outside, in no order.
    pub fn member_keys(&self) -> Result<Vec<(Position, PostKey)>, StoreError> {
        self.all(
            "SELECT post.position, post.network, post.native_id
             FROM assignment JOIN post ON post.position = assignment.post
             WHERE revoked_by IS NULL",
            [],
            |row| {
                let network = Network(row.get(1)?);
                Ok((position(row, 0)?, PostKey { network, native_id: row.get(2)? }))
            },
        )
    }

    /// Bodies' own replies that were folded.
    pub fn own_replies(&self) -> Result<Vec<StoredPost>, StoreError> {
        self.all(
            &format!(
                "SELECT {POST_COLUMNS} FROM finding JOIN post ON post.position = finding.post
                 WHERE json_extract(finding.data, '$.verdict') = 'own_account'
                     AND finding.post <= (SELECT position FROM stage WHERE name = 'cluster')
                 ORDER BY finding.post"
            ),
            [],
            stored_post,
        )
    }

    /// Bodies' own replies to posts of an incident: each with the position of the
    /// post that it answers. The post above counts before the thread.
    pub fn answers_seen(&self, of: IncidentId) -> Result<Vec<(StoredPost, Position)>, StoreError> {
        let replies = |column: &str, and: &str| {
            format!(
                "SELECT {POST_COLUMNS}, member.position AS answered
                 FROM assignment JOIN post AS member ON member.position = assignment.post
                 JOIN post ON post.network = member.network AND post.{column} = member.native_id
                 JOIN finding ON finding.post = post.position
                 WHERE assignment.incident = ?1 AND assignment.revoked_by IS NULL
                     AND json_extract(finding.data, '$.verdict') = 'own_account' {and}"
            )
        };
        // Under a post of another incident, though in a thread of this one.
        let not_nearer = "AND NOT EXISTS (SELECT 1 FROM post AS above
             JOIN assignment AS there ON there.post = above.position AND there.revoked_by IS NULL
             WHERE above.network = post.network AND above.native_id = post.parent_id)";
        let sql = format!(
            "{} UNION {} ORDER BY 1",
            replies("parent_id", ""),
            replies("thread_id", not_nearer)
        );
        self.all(&sql, [of.0 as i64], |row| Ok((stored_post(row)?, position(row, AFTER_POST)?)))
    }

    pub fn answers_all(&self) -> Result<Vec<Answer>, StoreError> {
        self.all("SELECT data FROM answer ORDER BY id", [], |row| {
            Ok(serde_json::from_str(row.get_ref(0)?.as_str()?)?)
        })
    }

    /// What the cluster stage must know of every member: incident, position,
    /// network, author, views, first seen (ms), written (ms).
    pub fn member_facts(&self) -> Result<Vec<MemberFact>, StoreError> {
        self.all(
            "SELECT assignment.incident, post.position, post.network, post.author_id, post.views,
                    post.first_seen_at_ms, post.published_at_ms, copy.origin,
                    post.repost_network IS NOT NULL
             FROM assignment JOIN post ON post.position = assignment.post
             LEFT JOIN copy ON copy.post = assignment.post
             WHERE revoked_by IS NULL",
            [],
            |row| {
                let first_seen_at = from_ms(row.get(5)?);
                Ok(MemberFact {
                    incident: IncidentId(row.get::<_, i64>(0)? as u64),
                    post: position(row, 1)?,
                    network: Network(row.get(2)?),
                    author: row.get(3)?,
                    views: row.get::<_, Option<i64>>(4)?.unwrap_or(0).max(0) as u64,
                    copy_of: row.get::<_, Option<i64>>(7)?.map(|post| Position(post as u64)),
                    is_repost: row.get(8)?,
                    first_seen_at,
                    written_at: from_ms(row.get(6)?).min(first_seen_at),
                })
            },
        )
    }

    pub fn applied(&self, action: Position) -> Result<Option<AppliedAction>, StoreError> {
        self.one(
            "SELECT action, incident, result, inverse, undone_by FROM applied WHERE action = ?1",
            [action.0 as i64],
            applied,
        )
    }

    /// What was done with an incident, and what brought others into it, newest first.
    pub fn applied_to(&self, incident: IncidentId) -> Result<Vec<AppliedAction>, StoreError> {
        self.all(
            "SELECT action, incident, result, inverse, undone_by FROM applied
             WHERE incident = ?1 OR action IN (
                SELECT position FROM assignment
                WHERE incident = ?1 AND revoked_by IS NULL AND position <> post)
                AND (SELECT json_extract(data, '$.joined_into') FROM incident
                    WHERE incident.id = applied.incident) = ?1
             ORDER BY action DESC",
            [incident.0 as i64],
            applied,
        )
    }

    /// The ladder of an incident: each step, when it was settled, whether it told anybody.
    pub fn ladder(
        &self,
        of: IncidentId,
    ) -> Result<Vec<(PlannedStep, Option<Timestamp>, bool)>, StoreError> {
        self.all(
            "SELECT step, clock, due_at_ms, notify, round, settled_at_ms, fired FROM ladder
             WHERE incident = ?1 ORDER BY due_at_ms, step",
            params![of.0 as i64],
            |row| {
                let settled: Option<i64> = row.get(5)?;
                Ok((planned_step(row, 0)?, settled.map(from_ms), row.get(6)?))
            },
        )
    }
}

/// Reads step, clock, due, notify, round from five columns.
pub(super) fn planned_step(row: &Row<'_>, first: usize) -> Result<PlannedStep, StoreError> {
    let clock: String = row.get(first + 1)?;
    let notify: String = row.get(first + 3)?;
    let unreadable = |what: &str| StoreError::Corrupt(format!("ladder holds {what}"));
    Ok(PlannedStep {
        step: row.get(first)?,
        clock: ClockKind::parse(&clock).ok_or_else(|| unreadable(&clock))?,
        due_at: from_ms(row.get(first + 2)?),
        notify: [Notify::Coordinator, Notify::Head, Notify::Administrator, Notify::Oversight]
            .into_iter()
            .find(|one| one.as_str() == notify)
            .ok_or_else(|| unreadable(&notify))?,
        round: row.get(first + 4)?,
    })
}

pub(super) fn incident(row: &Row<'_>, column: usize) -> Result<Incident, StoreError> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str()?)?)
}

fn finding(row: &Row<'_>, column: usize) -> Result<Option<Finding>, StoreError> {
    let data: Option<String> = row.get(column)?;
    Ok(data.as_deref().map(serde_json::from_str).transpose()?)
}

fn member(row: &Row<'_>) -> Result<Member, StoreError> {
    Ok(Member {
        post: stored_post(row)?,
        reason: reason_of(row.get_ref(AFTER_POST)?.as_str()?)?,
        finding: finding(row, AFTER_POST + 1)?,
    })
}

pub(super) fn incident_id(row: &Row<'_>, column: usize) -> Result<IncidentId, StoreError> {
    Ok(IncidentId(row.get::<_, i64>(column)? as u64))
}

fn applied(row: &Row<'_>) -> Result<AppliedAction, StoreError> {
    let incident: Option<i64> = row.get(1)?;
    let undone: Option<i64> = row.get(4)?;
    Ok(AppliedAction {
        action: position(row, 0)?,
        incident: incident.map(|id| IncidentId(id as u64)),
        result: serde_json::from_str(row.get_ref(2)?.as_str()?)?,
        inverse: row.get(3)?,
        undone_by: undone.map(|by| Position(by as u64)),
    })
}
