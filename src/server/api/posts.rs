//! Posts: found by the query language, and explained one by one.

use axum::Json;
use axum::extract::{Path, Request};
use serde_json::{Value, json};

use crate::model::incident::Incident;
use crate::pipeline::explain::{Hinted, hints};
use crate::server::completeness;
use crate::server::decisions::post_key;
use crate::server::failure::Failure;
use crate::server::listing::number;
use crate::server::looks;
use crate::server::pages::query_of;
use crate::server::permissions::{Permission, is_unlimited, may};
use crate::server::posts::{find, is_veiled, veiled};
use crate::server::visitor::Visitor;
use crate::views::incident::{PartView, Quotes, ReasonView};
use crate::views::post::{Author, PostView};

const PAGE_SIZE: usize = 50;
const PAGE_SIZE_MAX: usize = 500;

fn author(visitor: &Visitor) -> Author {
    if visitor.may(Permission::SeePersonal) { Author::Named } else { Author::Masked }
}

pub async fn search(visitor: Visitor, request: Request) -> Result<Json<Value>, Failure> {
    visitor.need(Permission::Search)?;
    let fields = query_of(&request);
    let query = fields.filled("q").ok_or_else(|| Failure::invalid("q", "required"))?;
    let page = number(&fields, "page")?.unwrap_or(1).max(1);
    let per_page = number(&fields, "per_page")?.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX);
    let found =
        find(&visitor, query.clone(), per_page, (page - 1).saturating_mul(per_page)).await?;
    let shown = found.posts.iter().map(|hit| &hit.post.post);
    looks::note(&visitor, "posts".to_owned(), &query, shown).await?;
    let posts: Vec<PostView> = found
        .posts
        .iter()
        .map(|hit| PostView::new(&hit.post, hit.incident, author(&visitor)))
        .collect();
    let whole = completeness::now(&visitor.state).await?;
    Ok(Json(json!({
        "posts": posts,
        "total": found.total,
        "page": page,
        "per_page": per_page,
        "completeness": completeness::view(&whole),
    })))
}

/// Everything that is stored about why a post is where it is.
pub async fn explanation(
    Path(key): Path<String>,
    visitor: Visitor,
) -> Result<Json<Value>, Failure> {
    visitor.need(Permission::SeeCases)?;
    let key = post_key(&key).map_err(|_| Failure::NotFound)?;
    let person = visitor.person.clone();
    let found = visitor
        .state
        .store
        .read_async(move |reader| {
            let Some(post) = reader.post_by_key(&key)? else { return Ok(None) };
            let post = veiled(reader, &person, post)?;
            let finding = reader.finding(post.position)?;
            let memberships = reader.memberships(post.position)?;
            let mut hints = hints(reader, post.position)?;
            for one in &mut hints {
                let other = one.incident.map(|id| reader.incident(id)).transpose()?.flatten();
                let sees = |other: &Incident| may(&person, Permission::SeeCases, Some(other));
                if !other.as_ref().is_some_and(sees) {
                    (one.incident, one.other) = (None, String::new());
                }
            }
            let current = memberships.iter().find(|(_, _, revoked)| revoked.is_none());
            let incident = match current {
                Some((id, _, _)) => reader.incident(*id)?,
                None => None,
            };
            Ok(Some((post, finding, memberships, hints, incident)))
        })
        .await?;
    let (post, finding, memberships, hints, incident) = found.ok_or(Failure::NotFound)?;
    let may_see = match &incident {
        Some(incident) => visitor.may_with(Permission::SeeCases, incident),
        None => is_unlimited(&visitor.person),
    };
    if !may_see {
        return Err(Failure::NotFound);
    }
    let matter = match &incident {
        Some(incident) => format!("incident:{}", incident.id),
        None => format!("post:{}", post.post.key),
    };
    looks::note(&visitor, matter, "", std::iter::once(&post.post)).await?;
    let is_veiled = is_veiled(&visitor, &post);
    let quotes = Quotes::shown_if(!is_veiled);
    let memberships: Vec<Value> = memberships
        .iter()
        .map(|(id, reason, revoked)| {
            let considered: Vec<Value> = reason
                .considered
                .iter()
                .map(|other| {
                    let parts = PartView::all(&other.parts, quotes);
                    json!({ "incident": other.incident.0, "score": other.score, "parts": parts })
                })
                .collect();
            json!({
                "incident": id.0,
                "reason": ReasonView::new(reason, quotes),
                "nearest": reason.nearest.map(|position| position.0),
                "considered": considered,
                "repeat": reason.repeat.as_ref().map(|repeat| {
                    let parts = PartView::all(&repeat.parts, quotes);
                    json!({ "incident": repeat.incident.0, "score": repeat.score, "parts": parts })
                }),
                "revoked_by": revoked.map(|position| position.0),
            })
        })
        .collect();
    Ok(Json(json!({
        "post": PostView::new(&post, incident.map(|incident| incident.id), author(&visitor)),
        "finding": finding.filter(|_| !is_veiled),
        "memberships": memberships,
        "hints": hints.iter().map(|one| hinted(one, quotes)).collect::<Vec<_>>(),
        "ruleset": visitor.ruleset.hash.0,
    })))
}

fn hinted(one: &Hinted, quotes: Quotes) -> Value {
    let hint = &one.hint;
    json!({
        "kind": hint.kind.as_str(),
        "other": one.other,
        "incident": one.incident.map(|id| id.0),
        "score": hint.score,
        "parts": PartView::all(&hint.parts, quotes),
        "other_score": hint.other_score,
        "other_parts": PartView::all(&hint.other_parts, quotes),
    })
}
