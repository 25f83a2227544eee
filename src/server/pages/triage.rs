//! The triage inbox: ready-made views with what is left in them, incidents by
//! urgency, the chosen one beside the list.

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::card::{self, Card, Depth};
use super::chrome::Chrome;
use super::incident_parts::{Row, read_rows};
use super::{show, with_query};
use crate::adapters::store::read::{IncidentFilter, Order, TriageCounts};
use crate::model::incident::IncidentId;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::fields::Fields;
use crate::server::listing::{self, NEAR, View};
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

/// The views of the inbox in the order of the day's work.
const VIEWS: [View; 6] =
    [View::New, View::Overdue, View::Near, View::Suggested, View::Returned, View::Open];

#[derive(Template)]
#[template(path = "triage.html")]
struct TriagePage {
    chrome: Chrome,
    views: Vec<ViewLink>,
    rows: Vec<Row>,
    card: Option<Card>,
    /// Newest incident shown: later ones wait behind a key.
    newest: u64,
    pager: Pager,
    q: String,
    view: &'static str,
    order: String,
    whole: WholeLine,
}

pub struct ViewLink {
    pub code: &'static str,
    pub label: String,
    pub count: u32,
    pub is_here: bool,
}

/// Where in a long list one is.
pub struct Pager {
    pub shown: String,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    pub fn new(visitor: &Visitor, page: usize, limit: usize, shown: usize, total: u64) -> Pager {
        let to = |page: usize| with_query(&visitor.here, &[("page", page.to_string())]);
        let first = (page - 1) * limit;
        let last = first + shown;
        let range = if shown == 0 { "0".to_owned() } else { format!("{}–{last}", first + 1) };
        Pager {
            shown: visitor
                .words
                .with("pager-shown", &[("range", range.as_str().into()), ("total", total.into())]),
            previous: (1 < page).then(|| to(page - 1)),
            next: ((last as u64) < total).then(|| to(page + 1)),
        }
    }
}

pub fn query_of(request: &Request) -> Fields {
    Fields::parse(request.uri().query().unwrap_or("").as_bytes())
}

/// The fields of the page's address, with the view that is shown by itself.
fn with_view(visitor: &Visitor) -> Fields {
    let query = visitor.here.split_once('?').map_or("", |(_, query)| query);
    let fields = Fields::parse(query.as_bytes());
    if fields.filled("view").is_some() {
        return fields;
    }
    Fields::parse(format!("view=new&{query}").as_bytes())
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Triage)?;
    let fields = with_view(&visitor);
    let view = View::parse(fields.get("view")).unwrap_or(View::New);
    let listing = listing::prepare(&visitor, &fields).await?;
    let (filter, now) = (listing.filter.clone(), visitor.now);
    let near = now.checked_add(NEAR).unwrap_or(now);
    let reach = visitor.person.reach.clone();
    let (facts, total, counts, newest) = visitor
        .state
        .store
        .read_async(move |reader| {
            Ok((
                read_rows(reader, &filter, now)?,
                reader.incidents_count(&filter)?,
                reader.triage_counts(&reach, now, near)?,
                newest(reader)?,
            ))
        })
        .await?;
    let mut rows: Vec<Row> = facts.iter().map(|facts| Row::new(&visitor, facts)).collect();
    let opened = fields.get("open").parse::<u64>().ok();
    let chosen = opened.or_else(|| rows.first().map(|row| row.number));
    for row in &mut rows {
        row.is_selected = Some(row.number) == chosen;
    }
    let card = match chosen {
        Some(number) => {
            card::read(&visitor, IncidentId(number), "/triage", Depth::Preview).await.ok()
        }
        None => None,
    };
    let title = visitor.words.t("nav-triage");
    let whole = completeness::now(&visitor.state).await?;
    let page = TriagePage {
        whole: completeness::line(&visitor.words, &whole),
        chrome: Chrome::new(&visitor, title),
        views: views(&visitor, view, &counts),
        pager: Pager::new(&visitor, listing.page, listing.filter.limit, rows.len(), total),
        rows,
        card,
        newest,
        q: fields.get("q").to_owned(),
        view: view.as_str(),
        order: fields.filled("order").unwrap_or_else(|| "urgency".to_owned()),
    };
    show(&page)
}

fn newest(
    reader: &crate::adapters::store::Reader,
) -> Result<u64, crate::adapters::store::StoreError> {
    let filter = IncidentFilter { order: Order::Newest, limit: 1, ..IncidentFilter::default() };
    let rows = reader.incidents(&filter, jiff::Timestamp::MAX)?;
    Ok(rows.first().map_or(0, |row| row.incident.id.0))
}

fn views(visitor: &Visitor, here: View, counts: &TriageCounts) -> Vec<ViewLink> {
    VIEWS
        .into_iter()
        .map(|view| ViewLink {
            code: view.as_str(),
            label: visitor.words.of("view", view.as_str()),
            count: match view {
                View::New => counts.new,
                View::Overdue => counts.overdue,
                View::Near => counts.near_deadline,
                View::Suggested => counts.suggested,
                View::Returned => counts.returned,
                View::Open | View::Waiting | View::Closed | View::All => counts.open,
            },
            is_here: view == here,
        })
        .collect()
}

/// How many incidents of this view arose after the newest one shown.
pub async fn newer(visitor: Visitor) -> Result<Json<Value>, Failure> {
    visitor.need(Permission::Triage)?;
    let fields = with_view(&visitor);
    let mut filter = listing::prepare(&visitor, &fields).await?.filter;
    let after = listing::number(&fields, "after")?.unwrap_or(0);
    filter.after = Some(IncidentId(after as u64));
    let count =
        visitor.state.store.read_async(move |reader| reader.incidents_count(&filter)).await?;
    Ok(Json(json!({ "count": count, "text": visitor.words.n("triage-newer", count) })))
}
