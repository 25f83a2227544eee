//! Search for analysts: one line, results with the words found, the incident
//! each post belongs to, the same rows as CSV.

use askama::Template;
use axum::response::Response;

use super::chrome::Chrome;
use super::list::csv_answer;
use super::post_parts::{self, PostPart};
use super::show;
use super::triage::Pager;
use crate::adapters::store::commands::Command;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::fields::Fields;
use crate::server::listing;
use crate::server::looks;
use crate::server::permissions::Permission;
use crate::server::posts::{self, Found};
use crate::server::visitor::Visitor;

const PAGE_SIZE: usize = 30;
const CSV_ROWS_MAX: usize = 10_000;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    chrome: Chrome,
    q: String,
    problem: Option<String>,
    results: Vec<ResultPart>,
    pager: Option<Pager>,
    csv: Option<String>,
    whole: WholeLine,
}

struct ResultPart {
    post: PostPart,
    incident: Option<u64>,
}

fn fields_of(visitor: &Visitor) -> Fields {
    Fields::parse(visitor.here.split_once('?').map_or("", |(_, query)| query).as_bytes())
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Search)?;
    let fields = fields_of(&visitor);
    let q = fields.get("q").to_owned();
    let page = listing::number(&fields, "page")?.unwrap_or(1).max(1);
    let mut problem = None;
    let mut found = Found::default();
    if !q.is_empty() {
        match posts::find(&visitor, q.clone(), PAGE_SIZE, (page - 1) * PAGE_SIZE).await {
            Ok(hits) => found = hits,
            Err(Failure::Query(wrong)) => problem = Some(visitor.words.wrong_query(&wrong)),
            Err(failure) => return Err(failure),
        }
    }
    let shown = found.posts.iter().map(|hit| &hit.post.post);
    looks::note(&visitor, "posts".to_owned(), &q, shown).await?;
    let mut authors = Vec::new();
    let results: Vec<ResultPart> = found
        .posts
        .iter()
        .map(|hit| {
            let mut post = post_parts::post(&visitor, &hit.post, &mut authors);
            post.text = post_parts::found(&hit.post, &hit.marks);
            ResultPart { post, incident: hit.incident.map(|id| id.0) }
        })
        .collect();
    let has_asked = !q.is_empty() && problem.is_none();
    let query = fields.query_without(&["page"]);
    let whole = completeness::now(&visitor.state).await?;
    let page = SearchPage {
        whole: completeness::line(&visitor.words, &whole),
        chrome: Chrome::new(&visitor, visitor.words.t("nav-search")),
        pager: has_asked.then(|| Pager::new(&visitor, page, PAGE_SIZE, results.len(), found.total)),
        csv: (has_asked && visitor.may(Permission::Export)).then(|| format!("/posts.csv?{query}")),
        q,
        problem,
        results,
    };
    show(&page)
}

/// What the query finds, as a table.
pub async fn csv(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Export)?;
    visitor.need(Permission::Search)?;
    let q = fields_of(&visitor).get("q").to_owned();
    let found = posts::find(&visitor, q.clone(), CSV_ROWS_MAX, 0).await?;
    let mut entry = visitor.entry("export", "posts".to_owned());
    entry.after = format!("{{\"rows\":{}}}", found.posts.len());
    entry.why = q;
    visitor.state.store.write_async(Command::Journal(entry)).await?;
    let heading =
        ["key", "network", "url", "community", "author", "published_at", "text", "incident"];
    let mut authors = Vec::new();
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(found.posts.iter().map(|hit| {
        let post = &hit.post.post;
        vec![
            post.key.to_string(),
            post.key.network.0.clone(),
            post.url.clone().unwrap_or_default(),
            post.community.clone().unwrap_or_default(),
            post_parts::author(&visitor, &hit.post, &mut authors),
            post.published_at.to_string(),
            post.text.clone(),
            hit.incident.map(|id| id.to_string()).unwrap_or_default(),
        ]
    }));
    Ok(csv_answer("posts.csv", rows, &completeness::now(&visitor.state).await?))
}
