//! The fold: facts in, incidents out. Pure: the same facts under the same
//! ruleset give the same incidents, whatever the batches, restarts or hours.
//! Knows no store; what changed is collected and handed over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::again::ToldAgain;
use super::copies::Copies;
use super::crowds::{Crowds, MembersOf};
use super::hints::Hints;
use super::merging::Joining;
use super::partings::Partings;
use super::seen::Seen;
use crate::adapters::store::commands::{
    Advance, AppliedRow, Clustered, Made, Membership, Proposed,
};
use crate::adapters::store::read::{AppliedAction, MemberFact};
use crate::model::action::StoredAction;
use crate::model::answer::Answer;
use crate::model::finding::{Finding, Verdict};
use crate::model::incident::{
    Assignment, Considered, Incident, IncidentId, Reason, Route, State, Suggestion,
};
use crate::model::place::Place;
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::region::TerritoryId;
use crate::model::topic::{Scale, Topic, TopicId};
use crate::rules::clustering::{Placement, PostFeatures, Rarity, Window, features};
use crate::rules::deadline::terms_for;
use crate::rules::lifecycle::{Event, next};
use crate::rules::privacy::masked;
use crate::rules::routing::route;
use crate::rules::ruleset::Ruleset;
use crate::rules::similarity::ByKey;
use crate::rules::text::stem::StemMemo;
use crate::rules::title::{heading, title};

/// All words of the history are written whenever rarity is saved: only when this
/// share of the posts is new …
const RARITY_SAVE_SHARE: u64 = 8;
/// … and at the latest after so many, which a restart has to count again.
const RARITY_SAVE_MAX: u64 = 16_384;

/// A fact as the fold takes it.
#[derive(Debug)]
pub enum Input {
    Post(Box<StoredPost>, Box<Finding>),
    Action(Box<StoredAction>),
}

impl Input {
    pub fn position(&self) -> Position {
        match self {
            Input::Post(post, _) => post.position,
            Input::Action(action) => action.position,
        }
    }
}

/// Everything that the fold remembers between facts.
pub struct Fold {
    pub(super) ruleset: Arc<Ruleset>,
    pub(super) topics: HashMap<TopicId, Topic>,
    pub(super) memo: StemMemo,
    pub(super) window: Window,
    /// In boxes: a tree keeps half of its room empty, and they are large.
    pub(super) incidents: BTreeMap<IncidentId, Box<Incident>>,
    pub(super) members: BTreeMap<IncidentId, MembersOf>,
    /// Who wrote to the large ones among them.
    pub(super) crowds: Crowds,
    pub(super) copies: Copies,
    pub(super) incident_of: HashMap<Position, IncidentId>,
    /// Posts whose incidents must stay apart, by the action that said so.
    pub(super) forbidden: BTreeMap<Position, Vec<(Position, Position)>>,
    /// Which closed incident each was found to repeat, and of which of them people
    /// said that it does not.
    pub(super) repeats: BTreeMap<IncidentId, IncidentId>,
    pub(super) told_apart: BTreeSet<IncidentId>,
    /// Which incidents may be one.
    pub(super) hints: Hints,
    /// Which are two.
    pub(super) partings: Partings,
    pub(super) answers: BTreeMap<Position, Answer>,
    /// What bodies replied, by the position of the reply.
    pub(super) seen: BTreeMap<Position, Seen>,
    /// Grouped posts by their keys outside.
    pub(super) by_key: HashMap<u64, Position, ByKey>,
    pub(super) applied: BTreeMap<Position, AppliedAction>,
    pub(super) last_id: u64,
    pub(super) rarity_saved_at: u64,
    pub(super) changes: Changes,
}

/// What a stretch of facts changed.
#[derive(Default)]
pub(super) struct Changes {
    pub touched: BTreeMap<IncidentId, Position>,
    pub touched_answers: BTreeSet<Position>,
    pub membership: Vec<Membership>,
    pub suggestions: Vec<Suggestion>,
    pub settled: Vec<(IncidentId, IncidentId, bool)>,
    pub forbidden: Vec<(Position, Position, Position)>,
    pub allowed: Vec<Position>,
    pub applied: Vec<AppliedRow>,
    pub undone: Vec<(Position, Position)>,
    pub ladders: Vec<(IncidentId, Vec<crate::model::clock::PlannedStep>)>,
    pub stopped: Vec<(IncidentId, crate::model::clock::ClockKind, crate::model::time::Timestamp)>,
    pub outbox: Vec<(crate::model::time::Timestamp, crate::model::notice::Notice)>,
    pub proposed: Proposed,
}

impl Fold {
    pub fn new(ruleset: Arc<Ruleset>, rarity: Rarity) -> Fold {
        let topics = ruleset.groups.iter().flat_map(|group| &group.topics);
        Fold {
            topics: topics.map(|topic| (topic.id.clone(), topic.clone())).collect(),
            memo: StemMemo::default(),
            rarity_saved_at: rarity.epoch(),
            window: Window::new(&ruleset.weights.grouping, rarity),
            incidents: BTreeMap::new(),
            members: BTreeMap::new(),
            crowds: Crowds::default(),
            copies: Copies::default(),
            incident_of: HashMap::new(),
            forbidden: BTreeMap::new(),
            repeats: BTreeMap::new(),
            told_apart: BTreeSet::new(),
            hints: Hints::default(),
            partings: Partings::default(),
            answers: BTreeMap::new(),
            seen: BTreeMap::new(),
            by_key: HashMap::default(),
            applied: BTreeMap::new(),
            last_id: 0,
            changes: Changes::default(),
            ruleset,
        }
    }

    /// Goes on under another ruleset. What is decided stays decided.
    pub fn take_ruleset(&mut self, ruleset: Arc<Ruleset>) {
        let topics = ruleset.groups.iter().flat_map(|group| &group.topics);
        self.topics = topics.map(|topic| (topic.id.clone(), topic.clone())).collect();
        self.window.set_weights(&ruleset.weights.grouping);
        // The window may be wider now; the next post drops what is too old.
        for id in self.window.past_ids() {
            self.house(id);
        }
        self.ruleset = ruleset;
    }

    pub fn input(&mut self, input: Input) {
        match input {
            Input::Post(post, finding) => self.post(&post, &finding),
            Input::Action(action) => self.action(&action),
        }
        self.refresh_hints();
        self.refresh_partings();
    }

    /// The incidents as they stand, by id.
    pub fn incidents(&self) -> &BTreeMap<IncidentId, Box<Incident>> {
        &self.incidents
    }

    /// Which incident a post is in.
    pub fn incident_of(&self, post: Position) -> Option<IncidentId> {
        self.incident_of.get(&post).copied()
    }

    /// Hands over what changed since the last call.
    pub fn take_changes(&mut self, advance: Advance, made: Made) -> Clustered {
        let changes = std::mem::take(&mut self.changes);
        let rarity = self.rarity_to_save(advance.to);
        let incident = |(id, at): (&IncidentId, &Position)| {
            self.incidents.get(id).map(|incident| (*at, Incident::clone(incident)))
        };
        Clustered {
            advance,
            made,
            incidents: changes.touched.iter().filter_map(incident).collect(),
            membership: changes.membership,
            suggestions: changes.suggestions,
            settled: changes.settled,
            forbidden: changes.forbidden,
            allowed: changes.allowed,
            answers: changes
                .touched_answers
                .iter()
                .filter_map(|id| self.answers.get(id).cloned())
                .collect(),
            applied: changes.applied,
            undone: changes.undone,
            ladders: changes.ladders,
            stopped: changes.stopped,
            outbox: changes.outbox,
            rarity,
            proposed: changes.proposed,
        }
    }

    fn rarity_to_save(&mut self, at: Position) -> Option<(Position, Vec<u8>)> {
        let rarity = self.window.rarity();
        let since = rarity.epoch() - self.rarity_saved_at;
        if since < (rarity.epoch() / RARITY_SAVE_SHARE).clamp(1, RARITY_SAVE_MAX) {
            return None;
        }
        self.rarity_saved_at = rarity.epoch();
        Some((at, rarity.to_bytes()))
    }

    fn post(&mut self, post: &StoredPost, finding: &Finding) {
        match finding.verdict {
            Verdict::Matched => {}
            Verdict::OwnAccount => return self.see(post),
            Verdict::NoTopic | Verdict::NotAComplaint | Verdict::Empty => return,
        }
        let features = features(&mut self.memo, post, finding);
        self.window.advance(features.written_at);
        self.window.bound_past(IncidentId(self.last_id));
        match self.window.place(&features) {
            Placement::Join { incident, reason, others, bridges } => {
                let Joining { incident, reason, bridges, merges } =
                    self.joining(incident, reason, bridges);
                self.hint(post.position, &reason, bridges);
                self.joined(post, finding, features, incident, reason);
                self.suggest_of_event(incident, others);
                if let Some(merging) = merges {
                    self.merge(merging, incident, post);
                }
            }
            Placement::New { mut reason, suggestions, bridges } => {
                self.hint(post.position, &reason, bridges);
                match self.told_again(post, &features, finding, &suggestions) {
                    ToldAgain::Opens { incident, how, reason } => {
                        self.open_again(incident, how, post);
                        return self.joined(post, finding, features, incident, *reason);
                    }
                    ToldAgain::Repeats(closed) => reason.repeat = Some(closed),
                    ToldAgain::No => {}
                }
                let id = self.found(post, finding, reason, &features.text);
                self.window.observe(&features);
                self.window.open(id, features);
                self.changes.suggestions.extend(suggestions.into_iter().map(|considered| {
                    Suggestion {
                        incident: id,
                        candidate: considered.incident,
                        score: considered.score,
                        parts: considered.parts,
                    }
                }));
            }
        }
    }

    /// What was opened before an event over an area was seen as one.
    fn suggest_of_event(&mut self, event: IncidentId, others: Vec<Considered>) {
        let suggestion = |other: Considered| Suggestion {
            incident: other.incident,
            candidate: event,
            score: other.score,
            parts: other.parts,
        };
        self.changes.suggestions.extend(others.into_iter().map(suggestion));
    }

    fn joined(
        &mut self,
        post: &StoredPost,
        finding: &Finding,
        features: PostFeatures,
        incident: IncidentId,
        reason: Reason,
    ) {
        self.window.observe(&features);
        self.window.add(incident, features);
        self.join_post(post, incident, reason);
        self.raise_risk(incident, finding, post.position);
    }

    /// A new incident from its founding post; `quotable` are the words of it that
    /// may be quoted.
    fn found(
        &mut self,
        post: &StoredPost,
        finding: &Finding,
        reason: Reason,
        quotable: &str,
    ) -> IncidentId {
        self.last_id += 1;
        let id = IncidentId(self.last_id);
        let mut incident = self.proposal(id, post, finding, quotable);
        incident.repeat_of = reason.repeat.as_ref().map(|repeat| repeat.incident);
        self.note_repeat(&incident);
        self.incidents.insert(id, Box::new(incident));
        self.join_post(post, id, reason);
        self.start_first_clock(id);
        self.accept_by_rule(id, post);
        id
    }

    /// What the machine thinks of a post that stands alone.
    fn proposal(
        &self,
        id: IncidentId,
        post: &StoredPost,
        finding: &Finding,
        quotable: &str,
    ) -> Incident {
        let main = finding.main_topic();
        let topic = main.map_or_else(|| TopicId(String::new()), |found| found.topic.clone());
        let group = main.map(|found| found.group.clone()).unwrap_or_default();
        let place = finding.place().cloned().unwrap_or_default();
        let scale = self.topics.get(&topic).map(|topic| topic.scale).unwrap_or_default();
        let route = self.route(&topic, &group, place.territory.as_ref(), scale);
        let confidence = confidence(main.map_or(0.0, |found| found.score), &place, &route);
        let (terms, terms_version) = self.terms(finding.importance);
        let seen = post.first_seen_at;
        Incident {
            id,
            founding_post: post.position,
            state: State::New,
            title: self.title(post, quotable, &topic, &place),
            topic,
            topic_group: group,
            place,
            scale,
            risk: finding.importance,
            confidence,
            body: route.body.clone(),
            route,
            official: None,
            terms,
            terms_version,
            opened_at: seen,
            first_answer_due_at: seen,
            final_answer_due_at: None,
            accepted_at: None,
            take_due_at: None,
            taken_at: None,
            answered_at: None,
            closed_at: None,
            outcome: None,
            outcome_reason: String::new(),
            joined_into: None,
            repeat_of: None,
            told_apart: None,
            reopening: None,
            reopened: 0,
            returned: 0,
            networks: Vec::new(),
            posts: 0,
            authors: 0,
            reach: 0,
            copies: 0,
            campaign: None,
            last_written_at: post.written_at(),
        }
    }

    /// The words of what was written to a body alone stand on no list, and
    /// nobody's personal data do.
    fn title(&self, post: &StoredPost, quotable: &str, topic: &TopicId, place: &Place) -> String {
        if !post.post.is_guarded() {
            return title(quotable);
        }
        if !post.post.private {
            return title(&masked(&post.post.text));
        }
        let topic = self.topics.get(topic).map_or("", |topic| topic.name.ru.as_str());
        heading(topic, place)
    }

    pub(super) fn route(
        &self,
        topic: &TopicId,
        group: &str,
        territory: Option<&TerritoryId>,
        scale: Scale,
    ) -> Route {
        let region = &self.ruleset.region;
        route(&region.routes, &region.bodies, topic, group, territory, scale)
    }

    /// The group of a topic, for corrections by people.
    pub(super) fn group_of(&self, topic: &TopicId) -> Option<String> {
        let holds = |group: &&crate::model::topic::TopicGroup| {
            group.topics.iter().any(|one| one.id == *topic)
        };
        self.ruleset.groups.iter().find(holds).map(|group| group.id.clone())
    }

    fn accept_by_rule(&mut self, id: IncidentId, post: &StoredPost) {
        let limit = self.ruleset.region.accept_confidence;
        let sure = self
            .incidents
            .get(&id)
            .is_some_and(|one| limit <= one.confidence && !one.route.only_root);
        if !sure {
            return;
        }
        if let Some(incident) = self.incidents.get_mut(&id)
            && let Ok(state) = next(incident.state, Event::Accept)
        {
            incident.state = state;
            incident.accepted_at = Some(post.first_seen_at);
            self.hand_over(id, post.position, post.first_seen_at);
        }
    }

    /// A member may tell of a danger that the first one did not.
    fn raise_risk(&mut self, id: IncidentId, finding: &Finding, at: Position) {
        if let Some(incident) = self.incidents.get_mut(&id)
            && incident.risk < finding.importance
        {
            incident.risk = finding.importance;
            self.changes.touched.insert(id, at);
        }
    }

    fn join_post(&mut self, post: &StoredPost, id: IncidentId, reason: Reason) {
        let copy_of = self.origin_of_copy(id, &reason);
        self.changes.proposed.copies.extend(copy_of.map(|origin| (post.position, origin)));
        let fact = MemberFact {
            incident: id,
            post: post.position,
            network: post.post.key.network.clone(),
            author: post.post.author_id.clone(),
            views: post.post.counts.views.unwrap_or(0),
            copy_of,
            is_repost: post.post.is_repost_of.is_some(),
            first_seen_at: post.first_seen_at,
            written_at: post.written_at(),
        };
        self.note_key(post.position, &post.post.key);
        self.count_one_more(id, &fact, post.position);
        self.put_member(id, fact, post.position, reason);
    }

    /// What `count_members` would come to once this post is a member: a large
    /// incident must not be counted through for every post that joins it.
    fn count_one_more(&mut self, id: IncidentId, fact: &MemberFact, at: Position) {
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        if !self.crowds.knows(id, self.members.get(&id), fact) {
            incident.authors += 1;
        }
        if let Err(place) = incident.networks.binary_search(&fact.network) {
            incident.networks.insert(place, fact.network.clone());
        }
        incident.posts += 1;
        incident.reach += fact.views;
        incident.last_written_at = incident.last_written_at.max(fact.written_at);
        self.changes.touched.insert(id, at);
        self.count_copy(id, fact);
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        if fact.first_seen_at < incident.opened_at {
            incident.opened_at = fact.first_seen_at;
            self.start_first_clock(id);
        }
    }

    /// Makes a post a member and keeps the row of it.
    pub(super) fn put_member(
        &mut self,
        id: IncidentId,
        mut fact: MemberFact,
        at: Position,
        reason: Reason,
    ) {
        fact.incident = id;
        let post = fact.post;
        self.incident_of.insert(post, id);
        self.hints.moved(post);
        self.partings.look_again(id);
        self.crowds.joined(id, &fact);
        self.members.entry(id).or_default().insert(post, Box::new(fact));
        let assignment = Assignment { post, incident: id, reason };
        self.changes.membership.push(Membership::Made { at, assignment });
    }

    /// Recomputes what follows from the members. Opening and first deadline
    /// follow the earliest member, so a join can only make them earlier and an
    /// undone join gives back exactly what was there.
    pub(super) fn count_members(&mut self, id: IncidentId, at: Position) {
        let (Some(members), Some(incident)) = (self.members.get(&id), self.incidents.get_mut(&id))
        else {
            return;
        };
        self.partings.look_again(id);
        let mut networks = BTreeSet::new();
        let mut authors = BTreeSet::new();
        incident.reach = 0;
        for member in members.values() {
            networks.insert(member.network.clone());
            // Who does not sign is somebody else every time.
            let author = member.author.clone().unwrap_or_else(|| format!("?{}", member.post));
            authors.insert((member.network.clone(), author));
            incident.reach += member.views;
            incident.last_written_at = incident.last_written_at.max(member.written_at);
        }
        incident.networks = networks.into_iter().collect();
        incident.posts = u32::try_from(members.len()).unwrap_or(u32::MAX);
        incident.authors = u32::try_from(authors.len()).unwrap_or(u32::MAX);
        let opened_at = members.values().map(|member| member.first_seen_at).min();
        let last = members.values().map(|member| member.written_at).max();
        incident.last_written_at = last.unwrap_or(incident.last_written_at);
        let moved = opened_at.filter(|opened| *opened != incident.opened_at);
        self.changes.touched.insert(id, at);
        if let Some(opened_at) = moved {
            incident.opened_at = opened_at;
            self.start_first_clock(id);
        }
        self.recount_copies(id);
    }

    /// Terms for an importance, and the name of their version. A region
    /// without terms for it has the 24 hours of the concept.
    fn terms(&self, importance: u8) -> (crate::model::clock::Terms, String) {
        let region = &self.ruleset.region;
        let terms = terms_for(importance, &region.terms).cloned().unwrap_or_else(|| {
            crate::model::clock::Terms {
                id: "default".to_owned(),
                importance: vec![importance],
                take: crate::model::clock::Term::ElapsedSecs(4 * 3600),
                first_answer: crate::model::clock::Term::ElapsedSecs(24 * 3600),
                final_answer: crate::model::clock::Term::WorkingDays(7),
            }
        });
        (terms, self.ruleset.hash.0.chars().take(12).collect())
    }
}

/// How sure the machine is of its whole proposal: sure of the matter, of the
/// place, and that somebody is responsible.
fn confidence(topic_score: f64, place: &Place, route: &Route) -> f64 {
    let place_part = if place.territory.is_some() { place.certainty } else { 0.0 };
    let route_part = if route.only_root { 0.6 } else { 1.0 };
    let score: f64 = topic_score * (0.5 + 0.5 * place_part) * route_part;
    // Two decimals: what people see is what is compared.
    (score.clamp(0.0, 1.0) * 100.0).round() / 100.0
}
