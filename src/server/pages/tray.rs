//! The tray of a body and its officials: what is late, what is due today, what
//! waits for a final answer. Made for a phone and for somebody who opens it
//! twice a month.

use askama::Template;
use axum::response::Response;

use super::chrome::Chrome;
use super::incident_parts::{Row, RowFacts, read_rows};
use super::show;
use crate::adapters::store::read::{IncidentFilter, Order};
use crate::model::incident::State;
use crate::model::person::Role;
use crate::server::failure::Failure;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

const ROWS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "tray.html")]
struct TrayPage {
    chrome: Chrome,
    groups: Vec<Group>,
    nothing: bool,
}

struct Group {
    code: &'static str,
    label: String,
    rows: Vec<Row>,
}

/// The groups in the order in which they ask for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Overdue,
    Today,
    Later,
    Waiting,
    Answered,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Overdue, Kind::Today, Kind::Later, Kind::Waiting, Kind::Answered];

    fn as_str(self) -> &'static str {
        match self {
            Kind::Overdue => "overdue",
            Kind::Today => "today",
            Kind::Later => "later",
            Kind::Waiting => "waiting",
            Kind::Answered => "answered",
        }
    }
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Take)?;
    let mut filter = IncidentFilter {
        states: vec![State::Assigned, State::InWork, State::AnsweredInterim, State::AnsweredFinal],
        reach: visitor.person.reach.clone(),
        order: Order::Due,
        limit: ROWS_MAX,
        ..IncidentFilter::default()
    };
    let now = visitor.now;
    let read = move |reader: &crate::adapters::store::Reader| {
        filter.limit = ROWS_MAX;
        read_rows(reader, &filter, now)
    };
    let facts = visitor.state.store.read_async(read).await?;
    let facts: Vec<RowFacts> = facts.into_iter().filter(|facts| is_for(&visitor, facts)).collect();
    let groups: Vec<Group> = Kind::ALL
        .into_iter()
        .map(|kind| Group {
            code: kind.as_str(),
            label: visitor.words.of("tray", kind.as_str()),
            rows: facts
                .iter()
                .filter(|facts| kind_of(&visitor, facts) == kind)
                .map(|facts| Row::new(&visitor, facts))
                .collect(),
        })
        .filter(|group| !group.rows.is_empty())
        .collect();
    let title = visitor.words.t("nav-tray");
    show(&TrayPage { chrome: Chrome::new(&visitor, title), nothing: groups.is_empty(), groups })
}

/// An official sees what is theirs or nobody's yet; a coordinator everything.
fn is_for(visitor: &Visitor, facts: &RowFacts) -> bool {
    let official = facts.row.incident.official.as_deref();
    visitor.person.role != Role::Official
        || official.is_none_or(|login| login == visitor.person.login)
}

fn kind_of(visitor: &Visitor, facts: &RowFacts) -> Kind {
    let incident = &facts.row.incident;
    if incident.is_overdue(visitor.now) {
        return Kind::Overdue;
    }
    if incident.state == State::AnsweredInterim {
        return Kind::Waiting;
    }
    let Some(due) = incident.due_at() else { return Kind::Answered };
    let day = |instant| visitor.words.zone().to_datetime(instant).date();
    if day(due) == day(visitor.now) { Kind::Today } else { Kind::Later }
}
