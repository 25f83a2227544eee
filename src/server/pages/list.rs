//! All incidents within reach, by any condition; the same rows as CSV.

use askama::Template;
use axum::http::header::{self, HeaderName};
use axum::response::{IntoResponse, Response};

use super::chrome::Chrome;
use super::incident_parts::Choices;
use super::incident_parts::{
    Choice, Row, body_choices, read_rows, territory_choices, topic_choices, word_choices,
};
use super::show;
use super::triage::Pager;
use crate::model::body::BodyId;
use crate::model::incident::State;
use crate::model::region::TerritoryId;
use crate::model::topic::TopicId;
use crate::rules::completeness::Completeness;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::fields::Fields;
use crate::server::listing::{self, RECENT, View};
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;
use crate::views::incident::IncidentView;

/// Rows of one CSV file; a larger selection is asked for in parts.
const CSV_ROWS_MAX: usize = 50_000;

#[derive(Template)]
#[template(path = "incidents.html")]
struct ListPage {
    chrome: Chrome,
    rows: Vec<Row>,
    pager: Pager,
    csv: Option<String>,
    q: String,
    views: Vec<Choice>,
    states: Vec<Choice>,
    territories: Vec<Choice>,
    topics: Vec<Choices>,
    bodies: Vec<Choice>,
    orders: Vec<Choice>,
    whole: WholeLine,
}

pub fn fields_of(visitor: &Visitor) -> Fields {
    Fields::parse(visitor.here.split_once('?').map_or("", |(_, query)| query).as_bytes())
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    let fields = fields_of(&visitor);
    let listing = listing::prepare(&visitor, &fields).await?;
    let (filter, now) = (listing.filter.clone(), visitor.now);
    let read = move |reader: &crate::adapters::store::Reader| {
        Ok((read_rows(reader, &filter, now)?, reader.incidents_count(&filter)?))
    };
    let (facts, total) = visitor.state.store.read_async(read).await?;
    let rows: Vec<Row> = facts.iter().map(|facts| Row::new(&visitor, facts)).collect();
    let query = fields.query_without(&["page", "per_page", "done", "of", "action"]);
    let chosen = |name: &str| fields.filled(name).unwrap_or_default();
    let states: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    let views: Vec<&str> = View::ALL.iter().map(|view| view.as_str()).collect();
    let whole = completeness::now(&visitor.state).await?;
    let page = ListPage {
        whole: completeness::line(&visitor.words, &whole),
        chrome: Chrome::new(&visitor, visitor.words.t("nav-incidents")),
        pager: Pager::new(&visitor, listing.page, listing.filter.limit, rows.len(), total),
        rows,
        csv: visitor.may(Permission::Export).then(|| format!("/incidents.csv?{query}")),
        q: chosen("q"),
        views: word_choices(&visitor, "view", &views, &chosen("view")),
        states: word_choices(&visitor, "state", &states, &chosen("state")),
        territories: territory_choices(&visitor, Some(&TerritoryId(chosen("territory")))),
        topics: topic_choices(&visitor, Some(&TopicId(chosen("topic")))),
        bodies: body_choices(&visitor, Some(&BodyId(chosen("body")))),
        orders: word_choices(
            &visitor,
            "order",
            &["urgency", "newest", "due", "number"],
            &chosen("order"),
        ),
    };
    show(&page)
}

/// The same selection as a table for office programs.
pub async fn csv(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Export)?;
    let fields = fields_of(&visitor);
    let mut filter = listing::prepare(&visitor, &fields).await?.filter;
    filter.limit = CSV_ROWS_MAX;
    filter.offset = 0;
    let recent = visitor.now.checked_sub(RECENT).unwrap_or(visitor.now);
    let rows =
        visitor.state.store.read_async(move |reader| reader.incidents(&filter, recent)).await?;
    let views: Vec<IncidentView> = rows
        .iter()
        .map(|row| IncidentView::new(&row.incident, row.suggestions, visitor.now))
        .collect();
    let mut entry = visitor.entry("export", "incidents".to_owned());
    entry.after = format!("{{\"rows\":{}}}", views.len());
    entry.why = fields.query_without(&[]);
    visitor
        .state
        .store
        .write_async(crate::adapters::store::commands::Command::Journal(entry))
        .await?;
    let whole = completeness::now(&visitor.state).await?;
    Ok(csv_answer("incidents.csv", table(&views), &whole))
}

fn table(views: &[IncidentView]) -> Vec<Vec<String>> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let values = views.iter().filter_map(|view| serde_json::to_value(view).ok());
    let objects: Vec<_> = values.filter_map(|value| value.as_object().cloned()).collect();
    let heading: Vec<String> = CSV_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    let rows = objects.iter().map(|object| {
        let cell = |name: &&str| object.get(*name).map(text).unwrap_or_default();
        CSV_COLUMNS.iter().map(cell).collect()
    });
    std::iter::once(heading).chain(rows).collect()
}

/// The columns are the fields of the JSON.
const CSV_COLUMNS: [&str; 26] = [
    "number",
    "title",
    "state",
    "topic",
    "topic_group",
    "territory",
    "settlement",
    "place",
    "scale",
    "risk",
    "networks",
    "posts",
    "authors",
    "reach",
    "copies",
    "body",
    "official",
    "opened_at",
    "first_answer_due_at",
    "final_answer_due_at",
    "answered_at",
    "closed_at",
    "outcome",
    "overdue",
    "suggestions",
    "repeat_of",
];

/// A table as a file: with a byte order mark, since office programs take
/// UTF-8 without one for something else. How complete it is stands in a header:
/// rows are what was asked for and nothing else.
pub fn csv_answer(name: &str, rows: Vec<Vec<String>>, whole: &Completeness) -> Response {
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    for row in rows {
        // Writing into memory fails for rows of unequal length alone, and these are equal.
        let _ = writer.write_record(row.iter().map(|cell| harmless(cell)));
    }
    let content = writer.into_inner().unwrap_or_default();
    let headers = [
        (HeaderName::from_static("x-completeness"), completeness::view(whole).to_string()),
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, content).into_response()
}

/// A cell that begins like a formula would be computed by an office program:
/// a post must not run anything there.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_cannot_become_a_formula() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("Яма = беда"), "Яма = беда");
    }
}
