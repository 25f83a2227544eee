//! Systemic problems as JSON.

use serde::Serialize;

use crate::model::incident::{Incident, IncidentId};
use crate::model::systemic::SystemicProblem;
use crate::model::time::Timestamp;

/// A problem as somebody sees it who may see some of its incidents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemicView {
    /// The number of the first incident.
    pub number: u64,
    /// Title, topic and place are those of the newest incident within reach.
    pub title: String,
    pub topic: String,
    pub topic_group: String,
    pub territory: Option<String>,
    pub settlement: Option<String>,
    pub place: String,
    /// How often in the season.
    pub times: usize,
    /// When the season's first incident was opened.
    pub since: Timestamp,
    pub last_at: Timestamp,
    /// Newest first.
    pub incidents: Vec<TimeView>,
    /// Numbers of those that lie outside the reader's reach.
    pub others: Vec<u64>,
}

/// One of the times that it happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeView {
    pub number: u64,
    pub in_season: bool,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub body: String,
    pub state: &'static str,
    pub outcome: Option<&'static str>,
    /// From the opening to the first answer.
    pub answer_secs: Option<i64>,
}

impl SystemicView {
    /// `None` where no incident of it may be seen.
    pub fn new(
        problem: &SystemicProblem,
        may_see: impl Fn(&Incident) -> bool,
    ) -> Option<SystemicView> {
        let (seen, others): (Vec<_>, Vec<_>) =
            problem.incidents.iter().enumerate().partition(|(_, incident)| may_see(incident));
        let (_, newest) = seen.first()?;
        let numbers = others.iter().map(|(_, incident)| incident.id);
        Some(SystemicView {
            number: problem.number(),
            title: newest.title.clone(),
            topic: newest.topic.0.clone(),
            topic_group: newest.topic_group.clone(),
            territory: newest.territory().map(|id| id.0.clone()),
            settlement: newest.place.settlement.clone(),
            place: newest.place.line(),
            times: problem.times(),
            since: problem.since(),
            last_at: problem.last_at(),
            incidents: seen
                .iter()
                .map(|(at, incident)| TimeView::new(incident, problem.season.contains(at)))
                .collect(),
            others: numbers.map(|IncidentId(number)| number).collect(),
        })
    }
}

impl SystemicView {
    /// Whether an incident is one of the times.
    pub fn holds(&self, number: u64) -> bool {
        self.incidents.iter().any(|time| time.number == number) || self.others.contains(&number)
    }
}

impl TimeView {
    fn new(incident: &Incident, in_season: bool) -> TimeView {
        let answered = incident.answered_at;
        TimeView {
            number: incident.id.0,
            in_season,
            opened_at: incident.opened_at,
            closed_at: incident.closed_at,
            body: incident.body.0.clone(),
            state: incident.state.as_str(),
            outcome: incident.outcome.map(|outcome| outcome.as_str()),
            answer_secs: answered.map(|at| at.duration_since(incident.opened_at).as_secs()),
        }
    }
}
