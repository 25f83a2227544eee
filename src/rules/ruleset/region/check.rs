//! What a region pack that reads well can still get wrong: routes that nothing
//! reaches, topics for which nobody is named, bodies that cannot be told,
//! calendars that end. Says so; decides nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::model::body::Body;
use crate::model::clock::{LadderStep, Notify, Term};
use crate::model::region::{Origin, Region, RouteNode, TerritoryId};
use crate::model::ruleset::{Problem, Severity};
use crate::model::topic::{Scale, TopicGroup};
use crate::rules::deadline::terms_for;
use crate::rules::routing::{Matter, answer, conditions_hold, municipal_body};

const SCALES: [Scale; 3] = [Scale::Local, Scale::Municipal, Scale::Regional];
const IMPORTANCES: std::ops::RangeInclusive<u8> = 1..=5;
/// A calendar that ends sooner should have its next year by now.
const CALENDAR_DAYS_LEFT_MIN: i32 = 60;

/// Everything that is wrong or doubtful about a pack together with its topics.
pub fn check(region: &Region, groups: &[TopicGroup], today: Date) -> Vec<Problem> {
    let mut check = Check { region, groups, problems: Vec::new() };
    check.names_in_routes(&region.routes);
    check.reachable_routes();
    check.topics_beyond_the_root();
    check.bodies_can_be_told();
    check.territories_have_bodies();
    check.importances_have_terms();
    check.ladder_finds_people();
    check.calendar_goes_on(today);
    check.problems
}

struct Check<'c> {
    region: &'c Region,
    groups: &'c [TopicGroup],
    problems: Vec<Problem>,
}

impl<'c> Check<'c> {
    fn error(&mut self, at: Origin, field: &str, message: String) {
        self.add(Severity::Error, at, field, message);
    }

    fn warn(&mut self, at: Origin, field: &str, message: String) {
        self.add(Severity::Warning, at, field, message);
    }

    fn add(&mut self, severity: Severity, at: Origin, field: &str, message: String) {
        let field = field.to_owned();
        self.problems.push(Problem { file: at.file, line: at.line, field, message, severity });
    }

    fn names_in_routes(&mut self, node: &RouteNode) {
        let at = || self.region.origins.of("route", &node.name);
        let group_known = |id: &&String| self.groups.iter().any(|group| group.id == **id);
        let topic_known = |id: &&String| {
            self.groups.iter().flat_map(|group| &group.topics).any(|topic| topic.id.0 == **id)
        };
        let groups = node.groups.iter().filter(|id| !group_known(id));
        let groups = groups.map(|id| (at(), "groups", format!("there is no topic group «{id}»")));
        let topics = node.topics.iter().filter(|id| !topic_known(id));
        let topics = topics.map(|id| (at(), "topics", format!("there is no topic «{id}»")));
        let found: Vec<_> = groups.chain(topics).collect();
        for (at, field, message) in found {
            self.error(at, field, message);
        }
        for child in &node.children {
            self.names_in_routes(child);
        }
    }

    /// Asks the tree about everything that can come: exact, and quick enough.
    fn matters(&self) -> impl Iterator<Item = Matter<'c>> {
        let region = self.region;
        let territories = region.territories.iter().map(|one| Some(&one.id)).chain([None]);
        let territories: Vec<Option<&TerritoryId>> = territories.collect();
        self.groups
            .iter()
            .flat_map(|group| group.topics.iter().map(move |topic| (group, topic)))
            .flat_map(move |(group, topic)| {
                territories.clone().into_iter().flat_map(move |territory| {
                    SCALES.into_iter().map(move |scale| Matter {
                        topic: &topic.id.0,
                        group: &group.id,
                        territory,
                        scale,
                    })
                })
            })
    }

    fn reachable_routes(&mut self) {
        let mut reached: BTreeSet<Vec<usize>> = BTreeSet::new();
        for matter in self.matters() {
            let path = answer(&self.region.routes, &self.region.bodies, matter).path;
            for length in 0..=path.len() {
                reached.insert(path[..length].to_vec());
            }
        }
        let mut unreached = Vec::new();
        collect_unreached(&self.region.routes, &mut Vec::new(), &reached, &mut unreached);
        for (node, earlier) in unreached {
            let at = self.region.origins.of("route", &node.name);
            let message = match self.who_shadows(node, earlier) {
                Some(name) => format!("nothing reaches «{}»: «{name}» comes first", node.name),
                None => format!("nothing reaches «{}»: its conditions never hold", node.name),
            };
            self.error(at, "name", message);
        }
    }

    /// The earlier sibling that takes what a node would take.
    fn who_shadows(&self, node: &RouteNode, earlier: &'c [RouteNode]) -> Option<&'c str> {
        let matter = self.matters().find(|matter| conditions_hold(node, *matter))?;
        let sibling = earlier.iter().find(|sibling| conditions_hold(sibling, matter))?;
        Some(&sibling.name)
    }

    fn topics_beyond_the_root(&mut self) {
        let region = self.region;
        let mut lost = Vec::new();
        for group in self.groups {
            // A general topic is for the root: a person there says what it is.
            for topic in group.topics.iter().filter(|topic| !topic.general) {
                let id = &topic.id.0;
                let known = region.territories.iter().map(|territory| Some(&territory.id));
                let only_root = known.chain([None]).all(|territory| {
                    let scale = topic.scale;
                    let matter = Matter { topic: id, group: &group.id, territory, scale };
                    answer(&region.routes, &region.bodies, matter).path.is_empty()
                });
                if only_root {
                    lost.push(id.as_str());
                }
            }
        }
        if !lost.is_empty() {
            let at = region.origins.of("route", "");
            let message = format!("no body is named for the topics {}", lost.join(", "));
            self.warn(at, "route", message);
        }
    }

    fn bodies_can_be_told(&mut self) {
        let region = self.region;
        for body in region.bodies.iter().filter(|body| body.accepts && body.channels.is_empty()) {
            let at = region.origins.of("body", &body.id.0);
            let message = format!("«{}» accepts cases and has no channel", body.id);
            self.error(at, "channels", message);
        }
    }

    fn territories_have_bodies(&mut self) {
        let region = self.region;
        for territory in &region.territories {
            let at = region.origins.of("territory", &territory.id.0);
            if municipal_body(&region.bodies, &territory.id).is_none() {
                let message = format!("«{}» has no municipal body", territory.id);
                self.warn(at, "id", message);
            }
        }
    }

    fn importances_have_terms(&mut self) {
        let region = self.region;
        let missing: Vec<String> = IMPORTANCES
            .filter(|importance| terms_for(*importance, &region.terms).is_none())
            .map(|importance| importance.to_string())
            .collect();
        if !missing.is_empty() {
            let file = region.terms.first().map(|terms| region.origins.of("terms", &terms.id));
            let at = Origin { line: 0, ..file.unwrap_or_default() };
            let message = format!("no terms for importance {}", missing.join(", "));
            self.error(at, "importance", message);
        }
        let mut seen = BTreeSet::new();
        for terms in &region.terms {
            for importance in &terms.importance {
                if !seen.insert(*importance) {
                    let at = region.origins.of("terms", &terms.id);
                    let message = format!("importance {importance} has terms already");
                    self.error(at, "importance", message);
                }
            }
        }
    }

    fn ladder_finds_people(&mut self) {
        let region = self.region;
        for body in region.bodies.iter().filter(|body| body.accepts) {
            if let Some((step, role)) = first_step_without_person(&region.ladder, body) {
                let at = region.origins.of("body", &body.id.0);
                let message = format!("«{}» has no {role} for the ladder's «{step}»", body.id);
                self.warn(at, role, message);
            }
        }
    }

    fn calendar_goes_on(&mut self, today: Date) {
        let region = self.region;
        let at = region.origins.of("calendar", "");
        let used = region.terms.iter().any(|terms| {
            [terms.take, terms.first_answer, terms.final_answer].iter().any(is_working)
        });
        if !used {
            return;
        }
        let mut year = today.year();
        while region.calendar.years.contains_key(&year) {
            year += 1;
        }
        let first_unlisted = Date::new(year, 1, 1).unwrap_or(Date::MAX);
        let days_left = (first_unlisted - today).get_days();
        if days_left < 0 || days_left < CALENDAR_DAYS_LEFT_MIN {
            let message = format!("the calendar knows no holidays of {year}; terms would be wrong");
            self.warn(at, "year", message);
        }
    }
}

fn is_working(term: &Term) -> bool {
    match term {
        Term::WorkingMinutes(_) | Term::WorkingDays(_) => true,
        Term::ElapsedSecs(_) => false,
    }
}

fn collect_unreached<'r>(
    node: &'r RouteNode,
    path: &mut Vec<usize>,
    reached: &BTreeSet<Vec<usize>>,
    unreached: &mut Vec<(&'r RouteNode, &'r [RouteNode])>,
) {
    for (index, child) in node.children.iter().enumerate() {
        path.push(index);
        if reached.contains(path) {
            collect_unreached(child, path, reached, unreached);
        } else {
            unreached.push((child, &node.children[..index]));
        }
        path.pop();
    }
}

fn first_step_without_person<'l>(
    ladder: &'l [LadderStep],
    body: &Body,
) -> Option<(&'l str, &'static str)> {
    ladder.iter().find_map(|step| match step.notify {
        Notify::Coordinator if body.coordinator.is_none() => Some((&*step.id, "coordinator")),
        Notify::Head if body.head.is_none() => Some((&*step.id, "head")),
        // Administrators and oversight are accounts, not part of the pack.
        Notify::Coordinator | Notify::Head | Notify::Administrator | Notify::Oversight => None,
    })
}
