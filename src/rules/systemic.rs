//! When a chain of repetitions is a systemic problem: enough incidents of it
//! were opened within a season. Asks no clock: what was one stays one, and the
//! same incidents give the same problems on any day. Knows no store.

use std::collections::BTreeMap;

use crate::model::incident::{Incident, IncidentId, Outcome, State};
use crate::model::systemic::{SystemicProblem, season_at};
use crate::rules::ruleset::SystemicWeights;

/// An incident and the one that it repeats or was joined into.
pub type Link = (IncidentId, IncidentId);

/// Incidents that hang together by so many repetitions that they may be a
/// systemic problem: whose incidents have to be looked at.
pub fn candidates(
    repeats: &[Link],
    joined: &[Link],
    weights: &SystemicWeights,
) -> Vec<Vec<IncidentId>> {
    let mut sets = Sets::default();
    for (one, other) in repeats.iter().chain(joined) {
        sets.unite(*one, *other);
    }
    let mut repetitions: BTreeMap<IncidentId, usize> = BTreeMap::new();
    for (one, _) in repeats {
        *repetitions.entry(sets.first(*one)).or_default() += 1;
    }
    let is_enough = |first: &IncidentId| {
        repetitions.get(first).is_some_and(|repetitions| weights.times <= repetitions + 1)
    };
    sets.members().into_iter().filter(|(first, _)| is_enough(first)).map(|(_, set)| set).collect()
}

/// The systemic problems among incidents that are given with everything that
/// they are linked to; the one that happened last comes first.
pub fn problems(incidents: Vec<Incident>, weights: &SystemicWeights) -> Vec<SystemicProblem> {
    let by_id: BTreeMap<IncidentId, Incident> =
        incidents.into_iter().map(|incident| (incident.id, incident)).collect();
    let mut sets = Sets::default();
    for incident in by_id.values() {
        let Some(of) = incident.repeat_of else { continue };
        if let Some((again, before)) = standing(&by_id, incident.id).zip(standing(&by_id, of))
            && is_same_matter(again, before)
        {
            sets.unite(again.id, before.id);
        }
    }
    let mut found: Vec<SystemicProblem> = sets
        .members()
        .into_values()
        .filter_map(|set| problem(set.iter().filter_map(|id| by_id.get(id)), weights))
        .collect();
    found.sort_by_key(|problem| std::cmp::Reverse((problem.last_at(), problem.number())));
    found
}

/// What an incident was joined into, whatever that was joined into.
fn standing(by_id: &BTreeMap<IncidentId, Incident>, mut id: IncidentId) -> Option<&Incident> {
    for _ in 0..=by_id.len() {
        let incident = by_id.get(&id)?;
        match incident.joined_into.filter(|_| incident.state == State::Joined) {
            Some(into) => id = into,
            None => return Some(incident),
        }
    }
    None
}

/// People may have said since that it is another matter or lies elsewhere.
fn is_same_matter(one: &Incident, other: &Incident) -> bool {
    let elsewhere = one.territory().zip(other.territory()).is_some_and(|(one, other)| one != other);
    one.topic_group == other.topic_group && !elsewhere
}

/// What a person dropped was no problem: it may link others and does not count.
fn counts(incident: &Incident) -> bool {
    let is_dropped = incident.state == State::Closed && incident.outcome == Some(Outcome::Rejected);
    incident.state != State::Joined && !is_dropped
}

fn problem<'i>(
    chain: impl Iterator<Item = &'i Incident>,
    weights: &SystemicWeights,
) -> Option<SystemicProblem> {
    let mut incidents: Vec<Incident> = chain.filter(|incident| counts(incident)).cloned().collect();
    incidents.sort_by_key(|incident| std::cmp::Reverse((incident.opened_at, incident.id)));
    let season = (0..incidents.len())
        .map(|at| season_at(&incidents, at, weights.days))
        .find(|season| weights.times <= season.len())?;
    Some(SystemicProblem { incidents, season })
}

/// Sets of incidents that hang together, each known by its first one.
#[derive(Default)]
struct Sets {
    /// Another of the set with a smaller number, or itself.
    before: BTreeMap<IncidentId, IncidentId>,
}

impl Sets {
    fn first(&mut self, id: IncidentId) -> IncidentId {
        let mut first = id;
        while let Some(before) = self.before.get(&first).filter(|before| **before != first) {
            first = *before;
        }
        // Long chains become short ways.
        let mut on_the_way = id;
        while on_the_way != first {
            on_the_way = self.before.insert(on_the_way, first).unwrap_or(first);
        }
        first
    }

    fn unite(&mut self, one: IncidentId, other: IncidentId) {
        for id in [one, other] {
            self.before.entry(id).or_insert(id);
        }
        let (one, other) = (self.first(one), self.first(other));
        self.before.insert(one.max(other), one.min(other));
    }

    fn members(&mut self) -> BTreeMap<IncidentId, Vec<IncidentId>> {
        let ids: Vec<IncidentId> = self.before.keys().copied().collect();
        let mut members: BTreeMap<IncidentId, Vec<IncidentId>> = BTreeMap::new();
        for id in ids {
            members.entry(self.first(id)).or_default().push(id);
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::body::BodyId;
    use crate::model::clock::{Term, Terms};
    use crate::model::incident::Route;
    use crate::model::place::Place;
    use crate::model::position::Position;
    use crate::model::region::TerritoryId;
    use crate::model::time::Timestamp;
    use crate::model::topic::{Scale, TopicId};

    const THREE: SystemicWeights = SystemicWeights { times: 3, days: 120 };

    fn day(day: i64) -> Timestamp {
        let start: Timestamp = "2026-01-01T08:00:00Z".parse().unwrap();
        start + jiff::SignedDuration::from_hours(24 * day)
    }

    /// A solved incident about water, opened on a day.
    fn incident(id: u64, opened: i64, repeat_of: Option<u64>) -> Incident {
        let territory = TerritoryId("town".to_owned());
        let term = Term::ElapsedSecs(3600);
        let body = BodyId("body".to_owned());
        Incident {
            id: IncidentId(id),
            founding_post: Position(id),
            state: State::Closed,
            title: format!("Нет воды {id}"),
            topic: TopicId("no-water".to_owned()),
            topic_group: "water".to_owned(),
            place: Place { territory: Some(territory), ..Place::default() },
            scale: Scale::Local,
            risk: 3,
            confidence: 0.9,
            route: Route { body: body.clone(), branch: Vec::new(), only_root: false },
            body,
            official: None,
            terms: Terms {
                id: "t".to_owned(),
                importance: vec![3],
                take: term,
                first_answer: term,
                final_answer: term,
            },
            terms_version: String::new(),
            opened_at: day(opened),
            first_answer_due_at: day(opened + 1),
            final_answer_due_at: None,
            accepted_at: None,
            take_due_at: None,
            taken_at: None,
            answered_at: None,
            closed_at: Some(day(opened + 1)),
            outcome: Some(Outcome::Solved),
            outcome_reason: String::new(),
            joined_into: None,
            repeat_of: repeat_of.map(IncidentId),
            told_apart: None,
            reopening: None,
            reopened: 0,
            returned: 0,
            networks: Vec::new(),
            posts: 1,
            authors: 1,
            reach: 0,
            copies: 0,
            campaign: None,
            last_written_at: day(opened),
        }
    }

    fn three() -> Vec<Incident> {
        vec![incident(1, 0, None), incident(2, 40, Some(1)), incident(3, 80, Some(2))]
    }

    fn joined(mut incident: Incident, into: u64) -> Incident {
        incident.state = State::Joined;
        incident.joined_into = Some(IncidentId(into));
        incident
    }

    /// Numbers newest first, and how many of them are the season.
    fn found(incidents: Vec<Incident>) -> Vec<(Vec<u64>, Range)> {
        let shown = |problem: SystemicProblem| {
            let ids = problem.incidents.iter().map(|one| one.id.0).collect();
            (ids, (problem.season.start, problem.season.end))
        };
        problems(incidents, &THREE).into_iter().map(shown).collect()
    }

    type Range = (usize, usize);

    #[test]
    fn the_third_time_in_a_season_is_one() {
        assert_eq!(found(three()), [(vec![3, 2, 1], (0, 3))]);
        let problem = problems(three(), &THREE).remove(0);
        assert_eq!((problem.number(), problem.times()), (1, 3));
        assert_eq!((problem.since(), problem.last_at()), (day(0), day(80)));
        assert_eq!(found(three()[..2].to_vec()), [], "twice is none");
        let twice = SystemicWeights { times: 2, ..THREE };
        assert_eq!(problems(three()[..2].to_vec(), &twice).len(), 1);
    }

    #[test]
    fn a_season_is_as_long_as_the_ruleset_says() {
        let spread = |last: i64| {
            let mut chain = three();
            chain[2].opened_at = day(last);
            chain
        };
        assert_eq!(found(spread(120)).len(), 1, "to the day");
        assert_eq!(found(spread(121)), [], "a day too late");
        let longer = SystemicWeights { days: 121, ..THREE };
        assert_eq!(problems(spread(121), &longer).len(), 1);
    }

    #[test]
    fn what_was_one_stays_one_with_its_history() {
        let mut chain = three();
        chain.push(incident(4, 250, Some(3)));
        assert_eq!(found(chain), [(vec![4, 3, 2, 1], (1, 4))]);
    }

    #[test]
    fn several_that_repeat_the_same_one_are_one_chain() {
        let mut fork = three();
        fork[2].repeat_of = Some(IncidentId(1));
        assert_eq!(found(fork), [(vec![3, 2, 1], (0, 3))]);
    }

    #[test]
    fn what_was_dropped_links_and_does_not_count() {
        let mut chain = three();
        chain[1].outcome = Some(Outcome::Rejected);
        assert_eq!(found(chain.clone()), []);
        chain.push(incident(4, 100, Some(3)));
        assert_eq!(found(chain.clone()), [(vec![4, 3, 1], (0, 3))]);
        chain[1].state = State::InWork;
        assert_eq!(found(chain), [(vec![4, 3, 2, 1], (0, 4))], "opened again");
    }

    #[test]
    fn what_was_joined_counts_as_what_it_was_joined_into() {
        let mut chain = three();
        let last = joined(chain.remove(2), 9);
        let part = joined(incident(8, 81, Some(2)), 9);
        chain.extend([last, part, incident(9, 82, None)]);
        assert_eq!(found(chain.clone()), [(vec![9, 2, 1], (0, 3))], "once");
        chain[1] = joined(chain[1].clone(), 1);
        assert_eq!(found(chain), [], "two are left");
        let mut circle = three();
        circle[1] = joined(circle[1].clone(), 3);
        circle[2] = joined(circle[2].clone(), 2);
        assert_eq!(found(circle), [], "nothing stands");
    }

    #[test]
    fn another_matter_or_place_by_a_persons_word_ends_the_chain() {
        let mut matter = three();
        matter[2].topic_group = "roads".to_owned();
        assert_eq!(found(matter), []);
        let mut place = three();
        place[2].place.territory = Some(TerritoryId("village".to_owned()));
        assert_eq!(found(place), []);
        let mut unknown = three();
        unknown[2].place.territory = None;
        assert_eq!(found(unknown).len(), 1);
    }

    #[test]
    fn the_order_of_what_is_given_changes_nothing() {
        let mut all = three();
        all.extend([
            incident(11, 90, None),
            incident(12, 91, Some(11)),
            incident(13, 92, Some(12)),
        ]);
        let expected = found(all.clone());
        assert_eq!(
            expected.iter().map(|one| one.0[0]).collect::<Vec<_>>(),
            [13, 3],
            "newest first"
        );
        all.reverse();
        assert_eq!(found(all), expected);
    }

    #[test]
    fn only_chains_that_are_long_enough_are_looked_at() {
        let link = |one: u64, other: u64| (IncidentId(one), IncidentId(other));
        let ids = |set: &Vec<IncidentId>| set.iter().map(|id| id.0).collect::<Vec<_>>();
        let repeats = [link(2, 1), link(3, 9), link(5, 4)];
        let joined = [link(9, 2), link(7, 6), link(8, 6)];
        let sets = candidates(&repeats, &joined, &THREE);
        assert_eq!(sets.iter().map(ids).collect::<Vec<_>>(), [[1, 2, 3, 9]]);
    }

    #[test]
    fn an_incident_knows_its_own_season() {
        let problem = problems(three(), &THREE).remove(0);
        let ids = |id: u64| {
            let season = problem.season_of(IncidentId(id), 50);
            season.iter().map(|one| one.id.0).collect::<Vec<_>>()
        };
        assert_eq!((ids(3), ids(1), ids(77)), (vec![3, 2], vec![1], vec![]));
    }
}
