//! Posts that a query finds, within the asker's reach. Page, CSV and API ask
//! here.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::permissions::{Permission, is_unlimited, may};
use super::visitor::Visitor;
use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::IncidentId;
use crate::model::person::Person;
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::text::Span;
use crate::rules::privacy;
use crate::server::search::Hit;

/// Hits looked through for somebody whose reach is limited.
const LOOKED_THROUGH_MAX: usize = 5000;

#[derive(Debug, Clone, Default)]
pub struct Found {
    pub total: u64,
    pub posts: Vec<FoundPost>,
}

#[derive(Debug, Clone)]
pub struct FoundPost {
    pub post: StoredPost,
    pub incident: Option<IncidentId>,
    pub marks: Vec<Span>,
}

/// A page of what a query finds. Somebody with a limited reach finds posts of
/// incidents within it, and the total counts those alone.
pub async fn find(
    visitor: &Visitor,
    query: String,
    limit: usize,
    offset: usize,
) -> Result<Found, Failure> {
    visitor.need(Permission::Search)?;
    let search = visitor.state.search.clone();
    let person = visitor.person.clone();
    visitor
        .state
        .store
        .read_async(move |reader| {
            if is_unlimited(&person) {
                let hits = match search.search(&query, limit, offset) {
                    Ok(hits) => hits,
                    Err(failure) => return Ok(Err(Failure::from(failure))),
                };
                return Ok(posts_of(reader, &person, &hits.hits)
                    .map(|posts| Found { total: hits.total, posts }));
            }
            let hits = match search.search(&query, LOOKED_THROUGH_MAX, 0) {
                Ok(hits) => hits,
                Err(failure) => return Ok(Err(Failure::from(failure))),
            };
            Ok(within_reach(reader, &person, &hits.hits, limit, offset))
        })
        .await?
}

fn within_reach(
    reader: &Reader,
    person: &Person,
    hits: &[Hit],
    limit: usize,
    offset: usize,
) -> Result<Found, Failure> {
    let mut seen = Vec::new();
    for hit in hits {
        let Some(id) = incident_of(reader, hit.post)? else { continue };
        let Some(incident) = reader.incident(id)? else { continue };
        if may(person, Permission::SeeCases, Some(&incident)) {
            seen.push(hit.clone());
        }
    }
    let page: Vec<Hit> = seen.iter().skip(offset).take(limit).cloned().collect();
    Ok(Found { total: seen.len() as u64, posts: posts_of(reader, person, &page)? })
}

fn posts_of(reader: &Reader, person: &Person, hits: &[Hit]) -> Result<Vec<FoundPost>, Failure> {
    let mut seen = BTreeSet::new();
    let mut posts = Vec::with_capacity(hits.len());
    for hit in hits.iter().filter(|hit| seen.insert(hit.post)) {
        let Some(post) = reader.post(hit.post)? else { continue };
        let post = veiled(reader, person, post)?;
        let incident = incident_of(reader, hit.post)?;
        let marks = if post.post.text.is_empty() { Vec::new() } else { hit.marks.clone() };
        posts.push(FoundPost { post, incident, marks });
    }
    Ok(posts)
}

/// A post as somebody may see it: whether it was deleted is what is known now,
/// the words of one that is guarded are for those who may know who wrote them,
/// and so is the personal data in all others.
pub fn veiled(
    reader: &Reader,
    person: &Person,
    post: StoredPost,
) -> Result<StoredPost, StoreError> {
    let mut post = post;
    post.post.deleted = reader.is_deleted(&post)?;
    if may(person, Permission::SeePersonal, None) {
        return Ok(post);
    }
    if post.post.is_guarded() {
        post.post.text.clear();
        post.post.url = None;
        post.post.media.clear();
    }
    post.post.text = privacy::masked(&post.post.text);
    Ok(post)
}

/// Whether a person may not read a post at all; it is as `veiled` leaves it.
pub fn is_veiled(visitor: &Visitor, post: &StoredPost) -> bool {
    post.post.is_guarded() && !visitor.may(Permission::SeePersonal)
}

/// The incident that a post belongs to now.
pub fn incident_of(reader: &Reader, post: Position) -> Result<Option<IncidentId>, Failure> {
    let memberships = reader.memberships(post)?;
    let current = memberships.into_iter().find(|(_, _, revoked)| revoked.is_none());
    Ok(current.map(|(id, _, _)| id))
}
