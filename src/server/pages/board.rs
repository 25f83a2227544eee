//! The oversight board: a few numbers that open the lists they count, and the
//! bodies beside each other. Shows, never changes.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::chrome::Chrome;
use super::incident_parts::body_name;
use super::show;
use crate::adapters::store::Reader;
use crate::adapters::store::StoreError;
use crate::adapters::store::read::{IncidentFilter, Order};
use crate::model::body::BodyId;
use crate::model::incident::{Incident, State};
use crate::model::notice::SendState;
use crate::model::person::Reach;
use crate::model::source::Source;
use crate::model::time::Timestamp;
use crate::rules::completeness::Completeness;
use crate::rules::completeness::PERIOD_DAYS;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::listing::View;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

/// The period of the table.
const INCIDENTS_MAX: usize = 50_000;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    chrome: Chrome,
    numbers: Vec<Number>,
    bodies: Vec<BodyLine>,
    period: String,
    counted: u64,
    whole: WholeLine,
}

/// A number and the list that it counts.
struct Number {
    label: String,
    count: u64,
    href: String,
    class: &'static str,
}

struct BodyLine {
    name: String,
    href: String,
    received: u64,
    open: u64,
    overdue: u64,
    median: String,
    ninth: String,
    in_time: String,
    returned: u64,
    reopened: u64,
}

struct Counted {
    views: Vec<(View, u64)>,
    stuck: u64,
    whole: Completeness,
    incidents: Vec<Incident>,
}

const VIEWS: [View; 5] = [View::New, View::Open, View::Near, View::Overdue, View::Waiting];

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::SeeBoard)?;
    let (reach, now) = (visitor.person.reach.clone(), visitor.now);
    let ruleset = visitor.ruleset.clone();
    let partial = completeness::partial(&visitor.state);
    let read = move |reader: &Reader| count(reader, &reach, &ruleset.region.sources, partial, now);
    let counted = visitor.state.store.read_async(read).await?;
    let words = &visitor.words;
    let mut numbers: Vec<Number> = counted
        .views
        .iter()
        .map(|(view, count)| Number {
            label: words.of("view", view.as_str()),
            count: *count,
            href: format!("/incidents?view={}", view.as_str()),
            class: if *view == View::Overdue && 0 < *count { "late" } else { "" },
        })
        .collect();
    if visitor.may(Permission::SeeDeliveries) {
        numbers.push(Number {
            label: words.t("board-stuck"),
            count: counted.stuck,
            href: "/deliveries".to_owned(),
            class: if 0 < counted.stuck { "late" } else { "" },
        });
    }
    let page = BoardPage {
        chrome: Chrome::new(&visitor, words.t("nav-board")),
        numbers,
        bodies: bodies(&visitor, &counted.incidents),
        period: words.n("board-period", PERIOD_DAYS.unsigned_abs()),
        counted: counted.incidents.len() as u64,
        whole: completeness::line(words, &counted.whole),
    };
    show(&page)
}

fn count(
    reader: &Reader,
    reach: &Reach,
    planned: &[Source],
    partial: u64,
    now: Timestamp,
) -> Result<Counted, StoreError> {
    let base = IncidentFilter { reach: reach.clone(), ..IncidentFilter::default() };
    let mut views = Vec::new();
    for view in VIEWS {
        let mut filter = base.clone();
        view.narrow(&mut filter, now);
        views.push((view, reader.incidents_count(&filter)?));
    }
    let since = now.checked_sub(jiff::SignedDuration::from_hours(24 * PERIOD_DAYS)).unwrap_or(now);
    let filter = IncidentFilter { order: Order::Newest, limit: INCIDENTS_MAX, ..base };
    let rows = reader.incidents(&filter, now)?;
    let incidents = rows.into_iter().map(|row| row.incident);
    Ok(Counted {
        views,
        stuck: reader.outbox_count(SendState::Stuck)?,
        whole: completeness::read(reader, planned, partial, now)?,
        incidents: incidents.filter(|incident| since <= incident.opened_at).collect(),
    })
}

fn bodies(visitor: &Visitor, incidents: &[Incident]) -> Vec<BodyLine> {
    let mut by_body: BTreeMap<&BodyId, Vec<&Incident>> = BTreeMap::new();
    for incident in incidents.iter().filter(|incident| incident.state != State::New) {
        by_body.entry(&incident.body).or_default().push(incident);
    }
    let mut lines: Vec<BodyLine> =
        by_body.into_iter().map(|(body, incidents)| line(visitor, body, &incidents)).collect();
    lines.sort_by_key(|line| std::cmp::Reverse((line.overdue, line.received)));
    lines
}

fn line(visitor: &Visitor, body: &BodyId, incidents: &[&Incident]) -> BodyLine {
    let words = &visitor.words;
    let mut waits: Vec<i64> = incidents
        .iter()
        .filter_map(|incident| {
            Some(incident.answered_at?.duration_since(incident.opened_at).as_secs())
        })
        .collect();
    waits.sort_unstable();
    let shown = |share: f64| {
        quantile(&waits, share).map_or_else(|| "–".to_owned(), |secs| words.duration(secs))
    };
    // A case that is late and still unanswered counts as late, or silence would pay.
    let decided = incidents.iter().filter(|incident| {
        incident.answered_at.is_some() || incident.first_answer_due_at < visitor.now
    });
    let (mut in_time, mut all) = (0_u64, 0_u64);
    for incident in decided {
        all += 1;
        let was_in_time = incident.answered_at.is_some_and(|at| at <= incident.first_answer_due_at);
        in_time += u64::from(was_in_time);
    }
    let count = |condition: &dyn Fn(&Incident) -> bool| {
        incidents.iter().filter(|incident| condition(incident)).count() as u64
    };
    BodyLine {
        name: body_name(visitor, body),
        href: format!("/incidents?body={body}"),
        received: incidents.len() as u64,
        open: count(&|incident| incident.state.is_open()),
        overdue: count(&|incident| incident.is_overdue(visitor.now)),
        median: shown(0.5),
        ninth: shown(0.9),
        in_time: (in_time * 100)
            .checked_div(all)
            .map_or_else(|| "–".to_owned(), |share| format!("{share} %")),
        returned: count(&|incident| 0 < incident.returned),
        reopened: count(&|incident| 0 < incident.reopened),
    }
}

/// The value below which a share of sorted values lies (nearest rank).
fn quantile(sorted: &[i64], share: f64) -> Option<i64> {
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7], 0.9), Some(7));
        assert_eq!(quantile(&[1, 2, 3, 4], 0.5), Some(2));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9), Some(9));
    }
}
