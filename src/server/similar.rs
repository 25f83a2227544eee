//! «Similar past» for the card and the API. Without search there is none of it,
//! and nothing else is missing.

use super::permissions::{Permission, may};
use super::search::{Like, SearchPosts};
use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::Incident;
use crate::model::person::Person;
use crate::pipeline::similar::{SIMILAR_POSTS, Similar, similar};

/// Incidents like this one that a person may see; `None` where search cannot
/// answer now.
pub fn past(
    reader: &Reader,
    search: &dyn SearchPosts,
    person: &Person,
    of: &Incident,
) -> Result<Option<Vec<Similar>>, StoreError> {
    if of.topic_group.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let Some(post) = reader.post(of.founding_post)? else { return Ok(Some(Vec::new())) };
    let like = Like {
        text: post.post.text,
        group: of.topic_group.clone(),
        territory: of.territory().cloned(),
    };
    let posts = match search.similar(&like, SIMILAR_POSTS) {
        Ok(posts) => posts,
        Err(failure) => {
            tracing::warn!(incident = of.id.0, "no similar incidents: {failure}");
            return Ok(None);
        }
    };
    let may_see = |other: &Incident| may(person, Permission::SeeCases, Some(other));
    similar(reader, of, &posts, may_see).map(Some)
}
