//! Which incidents a request asks for. Page, CSV and API read the same query
//! parameters here, so that the same words give the same numbers everywhere.

use jiff::SignedDuration;

use super::failure::Failure;
use super::fields::Fields;
use super::permissions::Permission;
use super::search::SearchFailure;
use super::visitor::Visitor;
use crate::adapters::store::read::{IncidentFilter, Order};
use crate::model::body::BodyId;
use crate::model::incident::{IncidentId, State};
use crate::model::region::TerritoryId;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;

/// A deadline nearer than this is near.
pub const NEAR: SignedDuration = SignedDuration::from_hours(3);
/// «+9 in the last hour».
pub const RECENT: SignedDuration = SignedDuration::from_hours(1);

const PAGE_SIZE: usize = 50;
const PAGE_SIZE_MAX: usize = 500;
/// Posts looked at when a list is narrowed by a search.
const FOUND_POSTS_MAX: usize = 5000;

/// The lists that are ready made; `view=` in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    New,
    Suggested,
    Near,
    Overdue,
    Returned,
    Open,
    Waiting,
    Closed,
    All,
}

impl View {
    pub const ALL: [View; 9] = [
        View::New,
        View::Suggested,
        View::Near,
        View::Overdue,
        View::Returned,
        View::Open,
        View::Waiting,
        View::Closed,
        View::All,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            View::New => "new",
            View::Suggested => "suggested",
            View::Near => "near",
            View::Overdue => "overdue",
            View::Returned => "returned",
            View::Open => "open",
            View::Waiting => "waiting",
            View::Closed => "closed",
            View::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.as_str() == text)
    }

    /// Narrows a filter to the view.
    pub fn narrow(self, filter: &mut IncidentFilter, now: Timestamp) {
        let open = || State::ALL.into_iter().filter(|state| state.is_open()).collect::<Vec<_>>();
        match self {
            View::New => filter.states = vec![State::New],
            View::Suggested => {
                filter.states = open();
                filter.suggested = true;
            }
            View::Near => {
                filter.states = open();
                filter.due_before = now.checked_add(NEAR).ok();
            }
            View::Overdue => {
                filter.states = open();
                filter.due_before = Some(now);
            }
            View::Returned => filter.returned = true,
            View::Open => filter.states = open(),
            View::Waiting => filter.states = vec![State::AnsweredInterim],
            View::Closed => filter.states = vec![State::Closed],
            View::All => {}
        }
    }
}

/// A request for a page of incidents.
#[derive(Debug, Clone)]
pub struct Listing {
    pub filter: IncidentFilter,
    /// From 1.
    pub page: usize,
}

/// Reads the parameters; `q` is not looked at.
pub fn parse(fields: &Fields, now: Timestamp) -> Result<Listing, Failure> {
    let mut filter = IncidentFilter::default();
    if let Some(view) = fields.filled("view") {
        let view = View::parse(&view)
            .ok_or_else(|| Failure::invalid("view", format!("unknown view «{view}»")))?;
        view.narrow(&mut filter, now);
    }
    let states = fields.list("state");
    if !states.is_empty() {
        filter.states = states.iter().map(|state| parse_state(state)).collect::<Result<_, _>>()?;
    }
    filter.territories = fields.list("territory").into_iter().map(TerritoryId).collect();
    filter.groups = fields.list("topic_group");
    filter.topics = fields.list("topic").into_iter().map(TopicId).collect();
    filter.bodies = fields.list("body").into_iter().map(BodyId).collect();
    filter.official = fields.filled("official");
    if let Some(order) = fields.filled("order") {
        filter.order = parse_order(&order)?;
    }
    let (page, limit) = pages(fields)?;
    filter.limit = limit;
    filter.offset = (page - 1).saturating_mul(limit);
    Ok(Listing { filter, page })
}

/// Which page is asked for, from 1, and how many rows it has.
pub fn pages(fields: &Fields) -> Result<(usize, usize), Failure> {
    let page = number(fields, "page")?.unwrap_or(1).max(1);
    let limit = number(fields, "per_page")?.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX);
    Ok((page, limit))
}

fn parse_state(text: &str) -> Result<State, Failure> {
    State::parse(text).ok_or_else(|| Failure::invalid("state", format!("unknown state «{text}»")))
}

fn parse_order(text: &str) -> Result<Order, Failure> {
    match text {
        "urgency" => Ok(Order::Urgency),
        "newest" => Ok(Order::Newest),
        "due" => Ok(Order::Due),
        "number" => Ok(Order::Number),
        other => Err(Failure::invalid("order", format!("unknown order «{other}»"))),
    }
}

pub fn number(fields: &Fields, name: &'static str) -> Result<Option<usize>, Failure> {
    let Some(text) = fields.filled(name) else { return Ok(None) };
    let number =
        text.parse().map_err(|_| Failure::invalid(name, format!("not a number: {text}")))?;
    Ok(Some(number))
}

/// The listing within the visitor's reach, narrowed by `q` where given.
pub async fn prepare(visitor: &Visitor, fields: &Fields) -> Result<Listing, Failure> {
    visitor.need(Permission::SeeCases)?;
    let mut listing = parse(fields, visitor.now)?;
    listing.filter.reach = visitor.person.reach.clone();
    if let Some(query) = fields.filled("q") {
        listing.filter.ids = Some(found(visitor, query).await?);
    }
    Ok(listing)
}

/// Incidents whose posts a query finds.
async fn found(visitor: &Visitor, query: String) -> Result<Vec<IncidentId>, Failure> {
    let search = visitor.state.search.clone();
    visitor
        .state
        .store
        .read_async(move |reader| {
            let hits = match search.search(&query, FOUND_POSTS_MAX, 0) {
                Ok(hits) => hits,
                Err(failure) => return Ok(Err(Failure::from(failure))),
            };
            let mut ids = Vec::new();
            for hit in hits.hits {
                let memberships = reader.memberships(hit.post)?;
                let current = memberships.into_iter().find(|(_, _, revoked)| revoked.is_none());
                ids.extend(current.map(|(id, _, _)| id));
            }
            ids.sort_unstable();
            ids.dedup();
            Ok(Ok(ids))
        })
        .await?
}

impl From<SearchFailure> for Failure {
    fn from(failure: SearchFailure) -> Failure {
        match failure {
            SearchFailure::Query(wrong) => Failure::Query(wrong),
            SearchFailure::Unavailable(message) => {
                tracing::warn!("search could not answer: {message}");
                Failure::Busy
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn parameters_become_a_filter() {
        let query =
            "state=new,assigned&territory=vologda&topic=pothole&page=3&per_page=20&order=due";
        let listing = parse(&Fields::parse(query.as_bytes()), at()).unwrap();
        assert_eq!(listing.filter.states, [State::New, State::Assigned]);
        assert_eq!(listing.filter.territories, [TerritoryId("vologda".to_owned())]);
        assert_eq!((listing.page, listing.filter.limit, listing.filter.offset), (3, 20, 40));
        assert_eq!(listing.filter.order, Order::Due);
    }

    #[test]
    fn mistakes_are_named_not_ignored() {
        for (query, wrong) in [
            ("state=opened", "state"),
            ("view=x", "view"),
            ("order=x", "order"),
            ("page=-1", "page"),
        ] {
            let failure = parse(&Fields::parse(query.as_bytes()), at()).unwrap_err();
            let Failure::Invalid { field, .. } = failure else { panic!("{query}: {failure:?}") };
            assert_eq!(field, wrong);
        }
    }

    #[test]
    fn a_page_is_never_larger_than_the_limit() {
        let listing = parse(&Fields::parse(b"per_page=1000000"), at()).unwrap();
        assert_eq!(listing.filter.limit, PAGE_SIZE_MAX);
    }
}
