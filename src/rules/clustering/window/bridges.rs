//! Late evidence: a post that belongs to one incident and fits another as well,
//! or names it itself, makes it likely that the two are one. Proposes nothing
//! across places, matters or people's «not the same»; merges nothing itself.

use crate::model::incident::{AssignmentKind, IncidentId, Reason, ScorePart};
use crate::model::position::Position;
use crate::model::proposal::HintKind;
use crate::rules::clustering::compare::{Comparison, compare};
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::members::Members;
use crate::rules::clustering::window::{Scored, Window};

/// Other incidents that one post may be a bridge to.
const BRIDGES_MAX: usize = 2;

/// Another incident that a post belongs to as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Bridge {
    pub incident: IncidentId,
    /// The post of that incident by which it seems so.
    pub nearest: Position,
    pub kind: HintKind,
    pub score: f64,
    pub parts: Vec<ScorePart>,
}

impl Window {
    /// What a post is a bridge to, best first. `chosen` is the incident that it
    /// joins; one that fits two rivals alike opens its own and is a bridge to both,
    /// so that whoever joins it to the one is asked about the other.
    pub(super) fn bridges(
        &self,
        post: &PostFeatures,
        ranked: &[Scored],
        chosen: Option<&Scored>,
    ) -> Vec<Bridge> {
        let others =
            ranked.iter().filter(|one| chosen.is_none_or(|it| it.incident != one.incident));
        others
            .filter_map(|other| {
                let (kind, nearest) = self.tie(post, other)?;
                let may_be_one = !other.comparison.is_elsewhere
                    && chosen.is_none_or(|chosen| self.may_be_one(kind, chosen, other));
                may_be_one.then(|| Bridge {
                    incident: other.incident,
                    nearest,
                    kind,
                    score: other.score,
                    parts: other.comparison.relation.parts(&self.weights.parts, post),
                })
            })
            .take(BRIDGES_MAX)
            .collect()
    }

    /// The incident that is one with that of a post beyond doubt: the post is very
    /// like both, in itself and not by a thread or a copy.
    pub fn surely_one<'b>(&self, reason: &Reason, bridges: &'b [Bridge]) -> Option<&'b Bridge> {
        let merge = self.weights.merge.filter(|_| reason.kind == AssignmentKind::Joined)?;
        let is_sure = |score: f64| merge.score <= score;
        bridges.iter().find(|bridge| is_sure(reason.score) && is_sure(bridge.score))
    }

    /// What ties a post to an incident that it did not join, and by which of its posts.
    fn tie(&self, post: &PostFeatures, other: &Scored) -> Option<(HintKind, Position)> {
        let (links, appeals) = (&post.ties.links, &post.ties.appeals);
        let held = || self.open.get(other.incident).into_iter().flat_map(Members::posts);
        let is_linked = |member: &&PostFeatures| {
            member.ties.address.is_some_and(|address| links.contains(&address))
        };
        if !links.is_empty()
            && let Some(linked) = held().find(is_linked)
        {
            return Some((HintKind::Link, linked.position));
        }
        if !appeals.is_empty()
            && let Some(named) = held().find(|member| member.ties.of_one_appeal(&post.ties))
        {
            return Some((HintKind::Appeal, named.position));
        }
        let fits = other.score >= self.weights.join
            && !other.comparison.is_other_matter
            && !self.is_vague(post);
        fits.then_some((HintKind::Bridge, other.comparison.nearest))
    }

    /// Whether nothing speaks against two incidents being one. What people say
    /// themselves goes before what their words are about.
    fn may_be_one(&self, kind: HintKind, one: &Scored, other: &Scored) -> bool {
        if self.forbids(one.incident, other.incident) {
            return false;
        }
        let is_free = |between: Comparison| {
            !between.is_elsewhere && (kind != HintKind::Bridge || !between.is_other_matter)
        };
        let there = self.between(one.incident, other.incident);
        let back = self.between(other.incident, one.incident);
        there.is_some_and(is_free) && back.is_some_and(is_free)
    }

    /// The post that opened one incident beside the other as a whole.
    fn between(&self, one: IncidentId, other: IncidentId) -> Option<Comparison> {
        let founding = self.open.get(one)?.compared().next()?;
        let weighed = self.weighed(founding.post());
        Some(compare(&weighed, self.open.get(other)?, &self.rarity, &self.weights.parts))
    }
}
