//! What a card says of the systemic problem that its incident is a part of.
//! Incidents outside a person's reach are numbers here, nothing more.

use crate::model::incident::{Incident, IncidentId};
use crate::model::systemic::SystemicProblem;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;
use crate::server::words::Words;

/// The systemic problem that this incident is a part of.
pub struct SystemicPart {
    /// «Третий раз за сезон», or that it came back later, or was one before.
    pub text: String,
    pub others: Vec<OtherTime>,
    /// Its place in the list of problems.
    pub href: Option<String>,
}

pub struct OtherTime {
    pub number: u64,
    pub title: String,
    pub is_seen: bool,
}

/// The earlier times of its season, where they are enough; else the later ones,
/// and of the newest one all that were before it.
pub fn systemic_part(
    visitor: &Visitor,
    problem: &SystemicProblem,
    id: IncidentId,
) -> Option<SystemicPart> {
    let weights = visitor.ruleset.weights.grouping.systemic?;
    let season = problem.season_of(id, weights.days);
    let words = &visitor.words;
    let (text, others): (String, Vec<&Incident>) = if weights.times <= season.len() {
        let text = words.n("card-systemic", season.len());
        (text, season.iter().filter(|one| one.id != id).collect())
    } else {
        around(words, problem, id)
    };
    let other = |one: &Incident| {
        let is_seen = visitor.may_with(Permission::SeeCases, one);
        let title = if is_seen { one.title.clone() } else { String::new() };
        OtherTime { number: one.id.0, title, is_seen }
    };
    (!others.is_empty()).then(|| SystemicPart {
        text,
        others: others.into_iter().map(other).collect(),
        href: visitor
            .may(Permission::SeeSystemic)
            .then(|| format!("/systemic?number={id}#problem-{}", problem.number())),
    })
}

fn around<'p>(
    words: &Words,
    problem: &'p SystemicProblem,
    id: IncidentId,
) -> (String, Vec<&'p Incident>) {
    let later: Vec<&Incident> = problem.incidents.iter().take_while(|one| one.id != id).collect();
    if later.is_empty() {
        let before = problem.incidents.iter().filter(|one| one.id != id);
        return (words.t("card-systemic-before"), before.collect());
    }
    (words.t("card-systemic-later"), later)
}
