//! Two incidents that a post shows to be one beyond doubt, and on which nobody has
//! decided anything yet, become one with that post. Whoever takes that back gets
//! both as they were, and says with it that they are not the same. What people have
//! touched is only proposed to them (`hints.rs`).

use super::actions::{Cause, Inverse};
use super::fold::Fold;
use super::undo::NOTHING;
use crate::adapters::store::commands::AppliedRow;
use crate::model::action::{Actor, Applied};
use crate::model::incident::{AssignmentKind, IncidentId, Reason, State};
use crate::model::post::StoredPost;
use crate::rules::clustering::Bridge;

/// As what the program signs.
const RULE: &str = "merge";

/// Where a post goes that joins an incident, and what becomes one with it.
pub(super) struct Joining {
    pub incident: IncidentId,
    pub reason: Reason,
    pub bridges: Vec<Bridge>,
    pub merges: Option<Merging>,
}

/// The incident that becomes a part of the post's, and why.
pub(super) struct Merging {
    from: IncidentId,
    reason: Reason,
}

impl Fold {
    /// The younger of two incidents goes into the older, whichever of them the post
    /// is more like.
    pub(super) fn joining(
        &self,
        incident: IncidentId,
        reason: Reason,
        bridges: Vec<Bridge>,
    ) -> Joining {
        let sure = self.window.surely_one(&reason, &bridges);
        let sure = sure.filter(|bridge| self.are_undecided([incident, bridge.incident]));
        let (Some(bridge), Some(nearest)) = (sure.cloned(), reason.nearest) else {
            return Joining { incident, reason, bridges, merges: None };
        };
        let there = Reason {
            score: bridge.score,
            parts: bridge.parts.clone(),
            nearest: Some(bridge.nearest),
            ..reason.clone()
        };
        if incident < bridge.incident {
            let merges = Some(Merging { from: bridge.incident, reason: there });
            return Joining { incident, reason, bridges, merges };
        }
        let here = Bridge {
            incident,
            nearest,
            score: reason.score,
            parts: reason.parts.clone(),
            ..bridge.clone()
        };
        let others = bridges.into_iter().filter(|other| other.incident != bridge.incident);
        Joining {
            incident: bridge.incident,
            reason: there,
            bridges: std::iter::once(here).chain(others).collect(),
            merges: Some(Merging { from: incident, reason }),
        }
    }

    fn are_undecided(&self, incidents: [IncidentId; 2]) -> bool {
        let is_new = |id| self.incidents.get(&id).is_some_and(|it| it.state == State::New);
        let stands =
            |applied: &Applied, inverse: &str| *applied == Applied::Done && inverse != NOTHING;
        incidents.into_iter().all(is_new)
            && !self.applied.values().any(|applied| {
                applied.incident.is_some_and(|id| incidents.contains(&id))
                    && applied.undone_by.is_none()
                    && stands(&applied.result, &applied.inverse)
            })
    }

    /// The post is in `into` already.
    pub(super) fn merge(&mut self, merging: Merging, into: IncidentId, post: &StoredPost) {
        let Merging { from, reason } = merging;
        let (Some(before), Some(target)) = (self.incidents.get(&from), self.incidents.get(&into))
        else {
            return;
        };
        let (before, apart) = (before.clone(), (before.founding_post, target.founding_post));
        let reason = Reason {
            kind: AssignmentKind::Merged,
            nearest: Some(post.position),
            considered: Vec::new(),
            ..reason
        };
        let actor = Actor::Rule { name: RULE.to_owned() };
        let cause = Cause { at: post.first_seen_at, position: post.position, actor: &actor };
        let posts = self.unite(&before, into, &reason, cause);
        let inverse = Inverse::Unmerge { before, into, posts, apart };
        self.applied(AppliedRow {
            action: post.position,
            incident: Some(from),
            result: Applied::Done,
            inverse: serde_json::to_string(&inverse).unwrap_or_default(),
        });
    }
}
