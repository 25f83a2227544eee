//! Ten thousand decisions of people between three thousand complaints, drawn by
//! chance: whatever they decide, every post stays in one incident, numbers mean
//! what they meant, what people hold apart stays apart, and what is taken back
//! is as if it had never been decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use otklik::adapters::store::commands::{Advance, Clustered, Made, Membership};
use otklik::model::action::{Actor, Applied, Changes, Decision, NewAction, StoredAction};
use otklik::model::answer::AnswerKind;
use otklik::model::body::BodyId;
use otklik::model::finding::Finding;
use otklik::model::incident::{Assignment, Incident, IncidentId, Outcome, State};
use otklik::model::position::Position;
use otklik::model::post::StoredPost;
use otklik::model::proposal::{Merge, Parting};
use otklik::model::ruleset::RulesetHash;
use otklik::model::time::Timestamp;
use otklik::pipeline::cluster::{Fold, Input};
use otklik::pipeline::matcher::PostReader;
use otklik::rules::clustering::Rarity;
use otklik::rules::ruleset::Ruleset;

use crate::world::chance::Chance;
use crate::world::generate::Generator;
use crate::world::pipeline::shipped_ruleset;

const DECISIONS: usize = 10_000;
const POSTS: usize = 3_000;
/// Decisions are made about so many of the latest posts: where people work.
const AMONG_LATEST: usize = 60;
/// Everything is counted through this often.
const COUNTED_EVERY: usize = 500;

/// The fold, and beside it what the store would hold of its changes.
struct World {
    fold: Fold,
    bodies: Vec<BodyId>,
    chance: Chance,
    at: Position,
    now: Timestamp,
    incidents: BTreeMap<IncidentId, Incident>,
    member_of: BTreeMap<Position, IncidentId>,
    posts: Vec<Position>,
    /// What was decided and may be taken back, the latest last.
    done: Vec<Position>,
    drafts: Vec<(Position, Position)>,
    done_of: BTreeMap<&'static str, usize>,
    /// What people said is not the same, by their decision.
    apart: BTreeMap<Position, (Position, Position)>,
    /// The merge that the posts of each hint are shown for.
    merges: BTreeMap<(Position, Position), Option<Merge>>,
    partings: BTreeMap<IncidentId, Option<Parting>>,
}

/// What stood in the rows that a decision changed.
#[derive(Default)]
struct Before {
    incidents: BTreeMap<IncidentId, Option<Incident>>,
    member_of: BTreeMap<Position, Option<IncidentId>>,
    merges: BTreeMap<(Position, Position), Option<Merge>>,
    partings: BTreeMap<IncidentId, Option<Parting>>,
}

impl World {
    fn new(ruleset: Ruleset, seed: u64) -> World {
        World {
            bodies: ruleset.region.bodies.iter().map(|body| body.id.clone()).collect(),
            fold: Fold::new(Arc::new(ruleset), Rarity::default()),
            chance: Chance(seed),
            at: Position(0),
            now: "2026-11-20T09:00:00Z".parse().unwrap(),
            incidents: BTreeMap::new(),
            member_of: BTreeMap::new(),
            posts: Vec::new(),
            done: Vec::new(),
            drafts: Vec::new(),
            done_of: BTreeMap::new(),
            apart: BTreeMap::new(),
            merges: BTreeMap::new(),
            partings: BTreeMap::new(),
        }
    }

    /// The next position in the one order of facts.
    fn next(&mut self) -> Position {
        self.at = Position(self.at.0 + 1);
        self.now += SignedDuration::from_mins(3);
        self.at
    }

    /// What the fold hands over, written down as the store does it; what stood
    /// there is added to `before`.
    fn written(&mut self, before: &mut Before) -> Clustered {
        let made = Made { run: 1, ruleset: RulesetHash(String::new()) };
        let changes = self.fold.take_changes(Advance { from: self.at, to: self.at }, made);
        for (_, incident) in &changes.incidents {
            let was = self.incidents.insert(incident.id, incident.clone());
            before.incidents.entry(incident.id).or_insert(was);
        }
        for membership in &changes.membership {
            let (post, was) = match membership {
                Membership::Made { assignment: Assignment { post, incident, .. }, .. } => {
                    (post, self.member_of.insert(*post, *incident))
                }
                Membership::Ended { post, .. } => (post, self.member_of.remove(post)),
            };
            before.member_of.entry(*post).or_insert(was);
        }
        let proposed = &changes.proposed;
        for (post, other, merge) in &proposed.merges {
            let was = self.merges.insert((*post, *other), *merge);
            before.merges.entry((*post, *other)).or_insert(was.flatten());
        }
        for (incident, parting) in &proposed.partings {
            let was = self.partings.insert(*incident, parting.clone());
            before.partings.entry(*incident).or_insert(was.flatten());
        }
        changes
    }

    fn post(&mut self, mut stored: StoredPost, finding: Finding) {
        stored.position = self.next();
        (stored.first_seen_at, stored.post.published_at) = (self.now, self.now);
        let newest = self.fold.incidents().keys().next_back().copied();
        self.posts.push(stored.position);
        let position = stored.position;
        self.fold.input(Input::Post(Box::new(stored), Box::new(finding)));
        self.written(&mut Before::default());
        let incident = self.fold.incident_of(position).expect("a matched post has an incident");
        let is_new = newest.is_none_or(|newest| newest < incident);
        assert!(is_new || self.fold.incidents()[&incident].state.is_open(), "{incident} is past");
        for (one, other) in self.apart.values() {
            assert_ne!(self.fold.incident_of(*one), self.fold.incident_of(*other));
        }
    }

    fn pick(&mut self) -> Position {
        let latest = self.posts.len().min(AMONG_LATEST);
        self.posts[self.posts.len() - 1 - self.chance.index(latest)]
    }

    /// A decision by chance; most of them are refused, as the state demands.
    fn decision(&mut self) -> Decision {
        let post = self.pick();
        match self.chance.below(21) {
            0 | 1 => Decision::Accept { post, changes: Changes::default() },
            2 => Decision::Assign { post, body: self.body(), official: None },
            3 => Decision::NotMine { post, suggested: None, note: "чужое".to_owned() },
            4 => Decision::Take { post, official: None },
            5 => {
                let title = Some(format!("Заголовок {}", self.at));
                Decision::Correct { post, changes: Changes { title, ..Changes::default() } }
            }
            6..=8 => Decision::Join { into: post, from: self.pick() },
            9 | 10 => Decision::Split { posts: self.some_of_one(post) },
            11 => Decision::NotSame { one: post, other: self.pick() },
            12 => Decision::Drop { post, reason: "joke".to_owned() },
            13 => Decision::Draft {
                post,
                kind: AnswerKind::Final,
                text: "Починим завтра".to_owned(),
                deferred_until: None,
            },
            14..=16 => match self.drafts.last().copied() {
                Some((post, answer)) if self.chance.once_in(2) => {
                    Decision::Publish { post, answer, url: None }
                }
                Some((post, answer)) => Decision::Approve { post, answer },
                None => Decision::Take { post, official: None },
            },
            17 => {
                let reason = "починили".to_owned();
                Decision::Close { post, outcome: Outcome::Solved, reason }
            }
            18 => Decision::KeepTogether { posts: self.some_of_one(post) },
            19 => Decision::Reopen { post, reason: "снова".to_owned() },
            _ => match self.done.last() {
                Some(action) => Decision::Undo { action: *action },
                None => Decision::Take { post, official: None },
            },
        }
    }

    fn body(&mut self) -> BodyId {
        let at = self.chance.index(self.bodies.len());
        self.bodies[at].clone()
    }

    /// A part of a post's incident, by chance.
    fn some_of_one(&mut self, post: Position) -> Vec<Position> {
        let incident = self.fold.incident_of(post);
        let latest: Vec<Position> = self.posts.iter().rev().take(AMONG_LATEST).copied().collect();
        let members: Vec<Position> =
            latest.into_iter().filter(|one| self.fold.incident_of(*one) == incident).collect();
        let some: Vec<Position> = members.into_iter().filter(|_| self.chance.once_in(2)).collect();
        if some.is_empty() { vec![post] } else { some }
    }

    fn act(&mut self, decision: Decision, before: &mut Before) -> (Position, Clustered) {
        let position = self.next();
        // A draft is approved by another person than wrote it.
        let login = self.chance.one_of(&["first", "second", "third"]).to_owned();
        let actor = Actor::Person { login };
        let action = NewAction { at: self.now, actor, decision };
        self.fold.input(Input::Action(Box::new(StoredAction { position, action })));
        (position, self.written(before))
    }

    /// Decides, and half of the time takes it back at once.
    fn decide(&mut self) {
        let decision = self.decision();
        let mut before = Before::default();
        let (position, changes) = self.act(decision.clone(), &mut before);
        if changes.applied[0].result != Applied::Done {
            assert!(changes.membership.is_empty() && changes.incidents.is_empty(), "{decision:?}");
            return;
        }
        self.done_of.entry(decision.name()).and_modify(|times| *times += 1).or_insert(1);
        if !matches!(decision, Decision::Undo { .. }) && self.chance.once_in(2) {
            let (_, undone) = self.act(Decision::Undo { action: position }, &mut before);
            assert_eq!(undone.applied[0].result, Applied::Done, "{decision:?} is not taken back");
            return self.assert_as(&before, &decision);
        }
        match decision {
            Decision::Undo { action } => {
                self.done.pop();
                self.apart.remove(&action);
            }
            Decision::Draft { post, .. } => self.drafts.push((post, position)),
            Decision::NotSame { one, other } => {
                self.apart.insert(position, (one, other));
            }
            _ => {}
        }
        if !matches!(decision, Decision::Undo { .. }) {
            self.done.push(position);
        }
        // What a person joins is no longer held apart.
        let fold = &self.fold;
        self.apart.retain(|_, (one, other)| fold.incident_of(*one) != fold.incident_of(*other));
    }

    /// Numbers, states, deadlines, people and places of every incident, and where
    /// every post is. What a split made stays as an empty number.
    fn assert_as(&self, before: &Before, decision: &Decision) {
        for (post, was) in &before.member_of {
            assert_eq!(self.member_of.get(post), was.as_ref(), "{decision:?}");
        }
        for (id, was) in &before.incidents {
            let is = &self.incidents[id];
            match was {
                Some(was) => assert_eq!(is, was, "{decision:?}"),
                None => assert_eq!(is.state, State::Joined, "{decision:?}"),
            }
        }
        for (pair, was) in &before.merges {
            assert_eq!(self.merges[pair], *was, "{decision:?}");
        }
        for (incident, was) in &before.partings {
            assert_eq!(self.partings[incident], *was, "{decision:?}");
        }
    }

    /// What holds at any time.
    fn count_through(&self, founders: &mut BTreeMap<IncidentId, Position>) {
        let held = self.fold.incidents().iter().map(|(id, incident)| (id, incident.as_ref()));
        assert!(self.incidents.iter().eq(held), "a change was not handed over");
        let mut members: BTreeMap<IncidentId, u32> = BTreeMap::new();
        for post in &self.posts {
            let incident = self.fold.incident_of(*post).expect("no post is lost");
            assert_eq!(self.member_of.get(post), Some(&incident));
            *members.entry(incident).or_default() += 1;
        }
        assert_eq!(self.member_of.len(), self.posts.len());
        for (id, incident) in &self.incidents {
            // What was joined into another keeps what it had, for its card.
            let has = members.get(id).copied().unwrap_or(0);
            let is_counted = incident.state == State::Joined && has == 0 || incident.posts == has;
            assert!(is_counted, "{id} has {has}: {incident:?}");
            assert_eq!(
                *founders.entry(*id).or_insert(incident.founding_post),
                incident.founding_post
            );
            assert_eq!(incident.state == State::Joined, incident.joined_into.is_some(), "{id}");
        }
        self.count_proposals();
        assert_eq!(
            self.incidents.len() as u64,
            self.incidents.keys().next_back().map_or(0, |id| id.0)
        );
    }

    /// Nothing is proposed that could not be done: each pair of open incidents is
    /// shown once, and both parts of what may be two are in one incident.
    fn count_proposals(&self) {
        let mut shown = BTreeSet::new();
        for ((post, other), merge) in &self.merges {
            let Some(merge) = merge else { continue };
            let incidents = [post, other].map(|post| self.member_of[post]);
            assert_eq!(Merge::of(incidents[0], incidents[1]), *merge);
            assert!(merge.one != merge.two && shown.insert(*merge), "{merge:?}");
            assert!(incidents.iter().all(|id| self.incidents[id].state.is_open()), "{merge:?}");
        }
        for (incident, parting) in &self.partings {
            let Some(parting) = parting else { continue };
            assert!(self.incidents[incident].state.is_open());
            let posts = parting.stays.iter().chain(&parting.leaves);
            posts.for_each(|post| assert_eq!(self.member_of[post], *incident));
        }
    }
}

fn complaints(ruleset: &Ruleset) -> Vec<(StoredPost, Finding)> {
    let mut reader = PostReader::new(ruleset);
    let complaints = Generator::new(7).filter(|one| one.is_complaint).filter_map(|one| {
        let finding = reader.read_matched(&one.post)?;
        let first_seen_at = one.post.published_at;
        Some((StoredPost { position: Position(0), first_seen_at, post: one.post }, finding))
    });
    complaints.take(POSTS).collect()
}

/// Goal: join, split, move, «not the same» and undo are exact inverses, and ten
/// thousand random decisions interleaved with posts keep every invariant.
#[test]
fn ten_thousand_decisions_keep_every_invariant() {
    let ruleset = shipped_ruleset();
    let mut posts = complaints(&ruleset).into_iter();
    let mut world = World::new(ruleset, 11);
    let mut founders = BTreeMap::new();
    for number in 0..DECISIONS {
        if number * POSTS / DECISIONS >= world.posts.len()
            && let Some((post, finding)) = posts.next()
        {
            world.post(post, finding);
        }
        world.decide();
        if number % COUNTED_EVERY == 0 {
            world.count_through(&mut founders);
        }
    }
    world.count_through(&mut founders);
    for name in Decision::NAMES.iter().filter(|name| **name != "adopt") {
        let times = world.done_of.get(name).copied().unwrap_or(0);
        assert!(times > 20, "{name} was done {times} times: {:?}", world.done_of);
    }
    // Joined incidents are kept together, so that few are ever proposed to be split.
    let hints = world.merges.len();
    assert!(hints > 20, "{hints} hints: hardly anything was said about merges");
}
