//! The open incidents of the time window, and those that take no more posts, in
//! memory; the decision where a post belongs. Rebuilt at start by `add` and
//! `add_past` of the stored members in order of position; holds nothing that
//! cannot be rebuilt.

mod bridges;

use std::collections::BTreeSet;

pub use self::bridges::Bridge;

use crate::model::incident::{Apart, AssignmentKind, Considered, IncidentId, Reason};
use crate::model::position::Position;
use crate::model::proposal::Parting;
use crate::model::time::{Timestamp, to_ms};
use crate::rules::clustering::area::{self, AreaEvent};
use crate::rules::clustering::compare::{Comparison, Weighed, compare, stand_out};
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::held::Held;
use crate::rules::clustering::members::{Member, Members, fetch};
use crate::rules::clustering::parting::{PartedOver, parting};
use crate::rules::clustering::past::{PAST_DAYS, Past};
use crate::rules::clustering::rarity::Rarity;
use crate::rules::near_copies::common_share;
use crate::rules::ruleset::{GroupingWeights, Part};
use crate::rules::similarity::logistic;

/// Suggestions and runners-up kept of a decision.
const CONSIDERED_MAX: usize = 5;
pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// Where a post goes, and which other incidents it ties to that one.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// `others` tell of the same event over an area.
    Join {
        incident: IncidentId,
        reason: Reason,
        others: Vec<Considered>,
        bridges: Vec<Bridge>,
    },
    New {
        reason: Reason,
        suggestions: Vec<Considered>,
        bridges: Vec<Bridge>,
    },
}

/// Open incidents and what is needed to find the right one.
#[derive(Debug)]
pub struct Window {
    pub(super) weights: GroupingWeights,
    pub(super) rarity: Rarity,
    open: Held,
    pub(super) past: Past,
    forbidden: BTreeSet<(IncidentId, IncidentId)>,
    pub(super) newest_ms: i64,
}

impl Window {
    pub fn new(weights: &GroupingWeights, rarity: Rarity) -> Window {
        Window {
            weights: weights.clone(),
            rarity,
            open: Held::default(),
            past: Past::default(),
            forbidden: BTreeSet::new(),
            newest_ms: i64::MIN,
        }
    }

    /// Other numbers from now on; what is open stays open.
    pub fn set_weights(&mut self, weights: &GroupingWeights) {
        self.weights = weights.clone();
    }

    pub fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub fn contains(&self, id: IncidentId) -> bool {
        self.open.contains(id)
    }

    /// Counts a post's words, after its own decision.
    pub fn observe(&mut self, post: &PostFeatures) {
        self.rarity.observe(post.word_keys.iter().copied());
    }
}

/// Changes.
impl Window {
    /// An incident and its founding post.
    pub fn open(&mut self, id: IncidentId, post: PostFeatures) {
        self.add(id, post);
    }

    /// A further post, where the incident is held; one that is held nowhere is
    /// open again.
    pub fn add(&mut self, id: IncidentId, post: PostFeatures) {
        if self.past.held().contains(id) {
            self.past.add(id, post);
        } else {
            self.open.add(id, post);
        }
    }

    /// A post of an incident that takes no more posts, when memory is rebuilt.
    pub fn add_past(&mut self, id: IncidentId, post: PostFeatures) {
        self.past.add(id, post);
    }

    /// All posts of `from` go to `into`.
    pub fn merge(&mut self, into: IncidentId, from: IncidentId) {
        let Some(members) = self.take(from) else { return };
        for post in members.into_posts() {
            self.add(into, post);
        }
    }

    /// Takes posts out of an incident, for a split or an undo.
    pub fn take_out(&mut self, id: IncidentId, posts: &[Position]) -> Vec<PostFeatures> {
        let is_past = self.past.held().contains(id);
        let is_waiting = self.past.is_waiting(id);
        let Some(mut members) = self.take(id) else { return Vec::new() };
        let taken = members.take(posts);
        for post in members.into_posts() {
            if is_past {
                self.past.add(id, post);
            } else {
                self.open.add(id, post);
            }
        }
        if is_waiting {
            self.past.wait(id);
        }
        taken
    }

    fn take(&mut self, id: IncidentId) -> Option<Members> {
        self.open.take(id).or_else(|| self.past.take(id))
    }

    /// The incident is closed: it takes no more posts.
    pub fn shelve(&mut self, id: IncidentId) {
        match self.open.take(id) {
            Some(members) => self.past.add_all(id, members),
            None => self.past.end_waiting(id),
        }
    }

    /// The incident stays open, but there is no room for it, or its last post is
    /// too old.
    fn let_go(&mut self, id: IncidentId) {
        self.shelve(id);
        self.past.wait(id);
    }

    /// The incident is open again; the next post tells whether it is too old.
    pub fn bring_back(&mut self, id: IncidentId) {
        let Some(members) = self.past.take(id) else { return };
        for post in members.into_posts() {
            self.open.add(id, post);
        }
    }

    /// Incidents that are held and take no posts.
    pub fn past_ids(&self) -> Vec<IncidentId> {
        self.past.held().ids()
    }

    /// «Not the same»: which pairs are never suggested beside each other. The
    /// caller keeps what people said and hands over what it means now, the smaller
    /// incident of each pair first. The result is of which it is said anew or no
    /// longer.
    pub fn set_forbidden(
        &mut self,
        pairs: BTreeSet<(IncidentId, IncidentId)>,
    ) -> Vec<(IncidentId, IncidentId)> {
        let were = std::mem::replace(&mut self.forbidden, pairs);
        were.symmetric_difference(&self.forbidden).copied().collect()
    }

    /// Whether people said of two incidents that they are not the same.
    pub fn forbids(&self, a: IncidentId, b: IncidentId) -> bool {
        self.forbidden.contains(&(a.min(b), a.max(b)))
    }

    /// Time goes on: of the open incidents those take posts whose last post lies
    /// within the window, the latest ones where they are too many; returns which do
    /// no more. Who takes posts follows from the incidents as they are, not from
    /// how it came to that. What is past for too long is forgotten.
    pub fn advance(&mut self, now_written: Timestamp) -> Vec<IncidentId> {
        self.newest_ms = self.newest_ms.max(to_ms(now_written));
        let window_ms = self.weights.window_hours.saturating_mul(HOUR_MS);
        let limit = self.newest_ms.saturating_sub(window_ms);
        let mut gone = Vec::new();
        while let Some((last, id)) = self.open.longest_silent() {
            if last >= limit && self.open.len() <= self.weights.incidents_max {
                break;
            }
            self.let_go(id);
            gone.push(id);
        }
        self.take_back(limit, &mut gone);
        let kept_ms = window_ms.max(PAST_DAYS * DAY_MS);
        self.past.advance(limit, self.newest_ms.saturating_sub(kept_ms));
        gone
    }

    /// Closings make room, and people move posts: who waits may be in time again.
    fn take_back(&mut self, limit: i64, gone: &mut Vec<IncidentId>) {
        let most = self.weights.incidents_max;
        while let Some((last, id)) = self.past.first_waiting() {
            let oldest = self.open.longest_silent();
            let has_room =
                self.open.len() < most || oldest.is_some_and(|oldest| oldest < (last, id));
            if last < limit || !has_room || most == 0 {
                break;
            }
            self.bring_back(id);
            gone.retain(|gone| *gone != id);
            if let Some((_, oldest)) = self.open.longest_silent().filter(|_| most < self.open.len())
            {
                self.let_go(oldest);
                gone.push(oldest);
            }
        }
    }

    /// Bounds what is past by number: `last` is the newest incident there is.
    pub fn bound_past(&mut self, last: IncidentId) {
        self.past.bound(last);
    }
}

/// Decisions.
impl Window {
    /// Where a post belongs. Changes nothing.
    pub fn place(&self, post: &PostFeatures) -> Placement {
        let mut ranked = self.compared(post);
        ranked.retain(|one| !self.only_stands_under(post, one));
        // Beside the thread there may be one of its own place: it goes first.
        ranked.sort_by_key(|one| {
            one.comparison.is_elsewhere && answers(post, &self.open, one.incident)
        });
        let considered = |without: Option<IncidentId>| self.considered(post, &ranked, without);
        let Some(best) = ranked.first() else {
            return self.of_event_or_new(post, &[], Vec::new(), None);
        };
        let family = ranked.iter().find(|one| self.is_family(post, one));
        let threaded = ranked
            .iter()
            .find(|one| self.is_reply(post, &self.open, one.incident, &one.comparison));
        let (chosen, kind) = match (family, threaded) {
            (Some(copy), _) => (copy, AssignmentKind::Family),
            (None, Some(reply)) => (reply, AssignmentKind::Thread),
            (None, None) => {
                let apart = self.apart(post, &ranked);
                if best.score < self.weights.join || apart.is_some() {
                    return self.of_event_or_new(post, &ranked, considered(None), apart);
                }
                (best, AssignmentKind::Joined)
            }
        };
        let mut runners_up = considered(Some(chosen.incident));
        // «Why here and not there» is asked of the next best one.
        runners_up.iter_mut().skip(1).for_each(|other| other.parts = Vec::new());
        let reason = Reason {
            kind,
            score: chosen.score,
            parts: chosen.comparison.relation.parts(&self.weights.parts, post),
            nearest: Some(if kind == AssignmentKind::Family {
                self.copied(post, chosen)
            } else {
                chosen.comparison.nearest
            }),
            considered: runners_up,
            repeat: None,
            reopens: None,
            apart: None,
        };
        let bridges = self.bridges(post, &ranked, Some(chosen));
        Placement::Join { incident: chosen.incident, reason, others: Vec::new(), bridges }
    }

    /// A post that is like no incident may still be part of an event over an area.
    fn of_event_or_new(
        &self,
        post: &PostFeatures,
        ranked: &[Scored],
        suggestions: Vec<Considered>,
        apart: Option<Apart>,
    ) -> Placement {
        let event =
            self.weights.area.as_ref().and_then(|weights| area::event(post, &self.open, weights));
        let Some(AreaEvent { incident, others, score, parts }) = event else {
            return founded(suggestions, self.bridges(post, ranked, None), apart);
        };
        let told = |id: &IncidentId| Considered { incident: *id, score, parts: parts.clone() };
        let is_free = |id: &&IncidentId| !self.forbids(incident, **id);
        let others = others.iter().filter(is_free).map(told).collect();
        let reason = Reason {
            kind: AssignmentKind::Area,
            score,
            parts: parts.clone(),
            nearest: None,
            considered: suggestions.into_iter().filter(|one| one.incident != incident).collect(),
            repeat: None,
            reopens: None,
            apart: None,
        };
        Placement::Join { incident, reason, others, bridges: Vec::new() }
    }

    /// All that was compared, best first: what `explain` shows.
    pub fn consider(&self, post: &PostFeatures) -> Vec<Considered> {
        self.compared(post).iter().map(|one| one.considered(&self.weights, post)).collect()
    }

    /// What was measured of every candidate, before weights: what is learned from.
    pub fn measured(&self, post: &PostFeatures) -> Vec<(IncidentId, [f64; Part::COUNT])> {
        let weighed = self.weighed(post);
        let compared = self.compared_with(&weighed, &self.open, |_| true).into_iter();
        compared.map(|(id, comparison)| (id, comparison.relation.measured())).collect()
    }

    /// Whether an incident's posts fall into two.
    pub fn parting(&self, id: IncidentId, over: PartedOver) -> Option<Parting> {
        let members = self.open.get(id).or_else(|| self.past.held().get(id))?;
        parting(members, &self.rarity, over)
    }

    /// The candidates among `held`, each as it stands out among them.
    pub(super) fn compared_with(
        &self,
        post: &Weighed<'_>,
        held: &Held,
        is_asked: impl Fn(IncidentId) -> bool,
    ) -> Vec<(IncidentId, Comparison)> {
        let candidates = held.candidates(post, self.weights.candidates_max, is_asked).into_iter();
        let candidates: Vec<(IncidentId, &Members)> =
            candidates.filter_map(|id| Some((id, held.get(id)?))).collect();
        fetch(&candidates);
        let mut compared: Vec<(IncidentId, Comparison)> = candidates
            .into_iter()
            .map(|(id, members)| (id, compare(post, members, &self.rarity, &self.weights.parts)))
            .collect();
        stand_out(compared.iter_mut().map(|(_, comparison)| comparison));
        compared
    }

    /// A post as it is held against others.
    pub(super) fn weighed<'p>(&self, post: &'p PostFeatures) -> Weighed<'p> {
        Weighed::new(post, &self.rarity, self.weights.pace(&post.topic))
    }

    fn compared(&self, post: &PostFeatures) -> Vec<Scored> {
        let weighed = self.weighed(post);
        let mut scored: Vec<Scored> = self
            .compared_with(&weighed, &self.open, |_| true)
            .into_iter()
            .map(|(id, comparison)| Scored::new(id, comparison, &self.weights))
            .collect();
        scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.incident.cmp(&b.incident)));
        scored
    }

    /// What keeps a post out of the best where that is good enough: it is elsewhere
    /// or about something else, says too little, or the second fits as well.
    fn apart(&self, post: &PostFeatures, ranked: &[Scored]) -> Option<Apart> {
        let best = ranked.first().filter(|best| best.score >= self.weights.join)?;
        let comparison = &best.comparison;
        if comparison.is_elsewhere {
            Some(Apart::Place)
        } else if comparison.is_other_matter {
            Some(Apart::Matter)
        } else if self.is_vague(post) && !comparison.is_personal() {
            Some(Apart::Vague)
        } else {
            self.has_rival(ranked).then_some(Apart::Rival)
        }
    }

    /// A short text without place, name or object could be about anything, even
    /// where another says the very same.
    fn is_vague(&self, post: &PostFeatures) -> bool {
        (post.length as usize) < self.weights.vague_words && !post.has_place() && !post.has_name()
    }

    /// Two different incidents that fit alike are both doubtful. Two that would
    /// fit each other are one told twice: then the better one is right.
    fn has_rival(&self, ranked: &[Scored]) -> bool {
        let [best, second, ..] = ranked else { return false };
        if best.score - second.score >= self.weights.clear_lead {
            return false;
        }
        if self.forbids(best.incident, second.incident) {
            return true;
        }
        let of = |one: &Scored| self.open.get(one.incident);
        let (Some(members), Some(rival)) = (of(best), of(second)) else { return false };
        rival.compared().next().is_none_or(|founding| {
            let weighed = self.weighed(founding.post());
            let between = compare(&weighed, members, &self.rarity, &self.weights.parts);
            logistic(between.relation.sum_among_ordinary(&self.weights.parts)) < self.weights.join
        })
    }

    fn considered(
        &self,
        post: &PostFeatures,
        ranked: &[Scored],
        chosen: Option<IncidentId>,
    ) -> Vec<Considered> {
        ranked
            .iter()
            .filter(|one| one.score >= self.weights.suggest)
            .filter(|one| chosen != Some(one.incident))
            .filter(|one| chosen.is_none_or(|id| !self.forbids(id, one.incident)))
            .take(CONSIDERED_MAX)
            .map(|one| one.considered(&self.weights, post))
            .collect()
    }

    fn is_family(&self, post: &PostFeatures, one: &Scored) -> bool {
        self.is_repost(post, &self.open, one.incident) || self.is_copy(post, &one.comparison)
    }

    pub(super) fn is_repost(&self, post: &PostFeatures, held: &Held, id: IncidentId) -> bool {
        post.ties.repost.is_some_and(|key| held.holding(key).contains(&id))
    }

    /// A copy of a text without a place may be about anything: it must be long
    /// enough to be about something.
    pub(super) fn is_copy(&self, post: &PostFeatures, comparison: &Comparison) -> bool {
        comparison.copy_share >= self.weights.family
            && (post.has_place() || post.length as usize >= self.weights.family_words)
            && !comparison.is_elsewhere
    }

    /// Whether a post answers one of the incident's and speaks of it: of another
    /// place it does not, nor where it tells a matter of its own.
    pub(super) fn is_reply(
        &self,
        post: &PostFeatures,
        held: &Held,
        id: IncidentId,
        comparison: &Comparison,
    ) -> bool {
        answers(post, held, id)
            && !comparison.is_elsewhere
            && !tells_its_own_matter(post, comparison)
    }

    /// Whether a post stands under an incident's and has a matter of its own: no
    /// thread makes one problem of the two.
    fn only_stands_under(&self, post: &PostFeatures, one: &Scored) -> bool {
        answers(post, &self.open, one.incident) && tells_its_own_matter(post, &one.comparison)
    }

    /// The post that a copy repeats: the one that it says, or the most alike.
    fn copied(&self, post: &PostFeatures, one: &Scored) -> Position {
        let held = || self.open.get(one.incident).into_iter();
        let told = |key| held().flat_map(Members::posts).find(move |other| other.ties.own == key);
        if let Some(told) = post.ties.repost.and_then(told) {
            return told.position;
        }
        let alike = |member: &Member| common_share(&post.sketch, &member.post().sketch);
        // Among equals the earliest.
        let most = held()
            .flat_map(Members::compared)
            .reduce(|most, other| if alike(most) < alike(other) { other } else { most });
        most.map_or(one.comparison.nearest, |member| member.post().position)
    }
}

fn answers(post: &PostFeatures, held: &Held, id: IncidentId) -> bool {
    post.ties.parent.is_some_and(|key| held.holding(key).contains(&id))
}

/// «Кирова 50, тепла нет» under a post about dogs: its own words name a matter
/// that is not the incident's, and where. Either alone may go on with what stands
/// above: «а ещё и света нет», «и на Кирова 50 так же».
fn tells_its_own_matter(post: &PostFeatures, comparison: &Comparison) -> bool {
    post.has_own_topic && post.has_own_place && comparison.is_unlike
}

pub(super) struct Scored {
    pub incident: IncidentId,
    pub score: f64,
    pub comparison: Comparison,
}

impl Scored {
    pub fn new(incident: IncidentId, comparison: Comparison, weights: &GroupingWeights) -> Scored {
        let score = logistic(comparison.relation.sum(&weights.parts));
        Scored { incident, score, comparison }
    }

    pub fn considered(&self, weights: &GroupingWeights, post: &PostFeatures) -> Considered {
        Considered {
            incident: self.incident,
            score: self.score,
            parts: self.comparison.relation.parts(&weights.parts, post),
        }
    }
}

/// The parts stand in the suggestions; the reason only names them.
fn founded(suggestions: Vec<Considered>, bridges: Vec<Bridge>, apart: Option<Apart>) -> Placement {
    let named = |one: &Considered| Considered {
        incident: one.incident,
        score: one.score,
        parts: Vec::new(),
    };
    let reason = Reason {
        kind: AssignmentKind::Founded,
        score: 0.0,
        parts: Vec::new(),
        nearest: None,
        considered: suggestions.iter().map(named).collect(),
        repeat: None,
        reopens: None,
        apart,
    };
    Placement::New { reason, suggestions, bridges }
}
