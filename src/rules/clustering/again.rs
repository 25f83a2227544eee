//! What a post that founds something has to do with the past: the closed
//! incidents that it tells of again, whatever time has passed. Says which and
//! why; whether one is opened again or only named is for the caller, who knows
//! states, outcomes and topics.

use crate::model::incident::{Considered, IncidentId, ScorePart};
use crate::model::position::Position;
use crate::rules::clustering::compare::Comparison;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::members::Members;
use crate::rules::clustering::window::{DAY_MS, Scored, Window};
use crate::rules::ruleset::Part;

/// Share of words without names in common that makes one matter of two texts of
/// different topics.
const MATTER_MIN: f64 = 0.15;

/// Whether an incident of the past may be told again at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    No,
    /// As long as its last post is not too old.
    WhileRecent,
    /// Closed a short time ago, however old its posts are.
    Always,
}

/// What ties a post to an incident of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The same place and the same matter.
    Words,
    /// An answer to one of its posts.
    Reply,
    /// Nearly word for word one of its posts.
    Copy,
    /// The network says that it is one of its posts.
    Repost,
}

/// An incident of the past that a post tells of again.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    pub incident: IncidentId,
    pub tie: Tie,
    /// As if no time had passed.
    pub score: f64,
    pub parts: Vec<ScorePart>,
    pub nearest: Position,
}

impl Again {
    pub fn considered(self) -> Considered {
        Considered { incident: self.incident, score: self.score, parts: self.parts }
    }
}

impl Window {
    /// The incidents of the past that a post tells of again: the same matter at
    /// the same place, or tied by people: these come first, then the best, among
    /// equals the latest.
    pub fn told_again(
        &self,
        post: &PostFeatures,
        is_asked: impl Fn(IncidentId) -> Asked,
    ) -> Vec<Again> {
        let Some(repeat) = &self.weights.repeat else { return Vec::new() };
        let oldest = self.newest_ms.saturating_sub(repeat.days.saturating_mul(DAY_MS));
        let weighed = self.weighed(post);
        let held = self.past.held();
        let is_recent =
            |id| held.get(id).is_some_and(|members| members.last_written_ms() >= oldest);
        let is_asked = |id| match is_asked(id) {
            Asked::No => false,
            Asked::WhileRecent => is_recent(id),
            Asked::Always => true,
        };
        let compared = self.compared_with(&weighed, held, is_asked).into_iter();
        let mut found: Vec<Again> = compared
            .filter_map(|(id, mut comparison)| {
                let tie = self.told_by(post, id, held.get(id)?, &comparison)?;
                // A repetition comes late by nature: that must not speak against it.
                comparison.relation = comparison.relation.at_once();
                let scored = Scored::new(id, comparison, &self.weights);
                let is_like = tie != Tie::Words || repeat.score <= scored.score;
                is_like.then(|| self.again(post, tie, scored))
            })
            .collect();
        found.sort_by(|a, b| {
            let by_score = b.score.total_cmp(&a.score).then(b.incident.cmp(&a.incident));
            (a.tie == Tie::Words).cmp(&(b.tie == Tie::Words)).then(by_score)
        });
        found
    }

    /// Whether a post fits two alike that people told apart: then both are
    /// doubtful.
    pub fn are_rivals(&self, one: &Again, other: &Again) -> bool {
        self.forbids(one.incident, other.incident)
            && one.tie == other.tie
            && (one.score - other.score).abs() < self.weights.clear_lead
    }

    fn again(&self, post: &PostFeatures, tie: Tie, scored: Scored) -> Again {
        let nearest = scored.comparison.nearest;
        let Considered { incident, score, parts } = scored.considered(&self.weights, post);
        Again { incident, tie, score, parts, nearest }
    }

    /// Under rulesets from before anything was opened again only words count, so
    /// that their histories stay what they were.
    fn told_by(
        &self,
        post: &PostFeatures,
        id: IncidentId,
        members: &Members,
        comparison: &Comparison,
    ) -> Option<Tie> {
        if self.weights.reopen.is_some() {
            let held = self.past.held();
            if self.is_repost(post, held, id) {
                return Some(Tie::Repost);
            }
            if self.is_reply(post, held, id, comparison) {
                return Some(Tie::Reply);
            }
            if self.is_copy(post, comparison) {
                return Some(Tie::Copy);
            }
        }
        let is_same = is_same_place(post, members, comparison) && is_same_matter(comparison);
        is_same.then_some(Tie::Words)
    }
}

/// Whether both name one street, house or object; or, where neither names any,
/// one settlement whose name is rare here: a village, not the capital.
fn is_same_place(post: &PostFeatures, members: &Members, comparison: &Comparison) -> bool {
    let has = |part| comparison.relation.value(part) > 0.0;
    if comparison.is_elsewhere {
        return false;
    }
    if [Part::SameHouse, Part::SameStreet, Part::SameObject].into_iter().any(has) {
        return true;
    }
    let nearest = members.posts().find(|member| member.position == comparison.nearest);
    let named_nowhere = !post.has_place() && nearest.is_some_and(|member| !member.has_place());
    named_nowhere && has(Part::SameSettlement) && has(Part::RareName)
}

/// One topic, or words in common that are more than the name of the place.
fn is_same_matter(comparison: &Comparison) -> bool {
    comparison.relation.value(Part::SameTopic) > 0.0
        || comparison.relation.value(Part::MatterWords) >= MATTER_MIN
}
