//! Posts as JSON: the normalised form, with what we know about them.

use serde::Serialize;

use crate::model::incident::IncidentId;
use crate::model::post::{Counts, Geo, Media, StoredPost};
use crate::model::time::Timestamp;

/// A stored post. Who wrote it stands here only for those who may know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostView {
    pub key: String,
    pub network: String,
    pub native_id: String,
    pub source: Option<String>,
    pub url: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub community: Option<String>,
    pub text: String,
    pub published_at: Timestamp,
    pub first_seen_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub parent_id: Option<String>,
    pub thread_id: Option<String>,
    pub lang: Option<String>,
    pub geo: Option<Geo>,
    pub counts: Counts,
    pub media: Vec<Media>,
    pub deleted: bool,
    /// Written to a body alone.
    pub private: bool,
    pub incident: Option<u64>,
}

/// Whether a view names the author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Named,
    Masked,
}

impl PostView {
    pub fn new(stored: &StoredPost, incident: Option<IncidentId>, author: Author) -> PostView {
        let post = &stored.post;
        let named = |text: &Option<String>| match author {
            Author::Named => text.clone(),
            Author::Masked => None,
        };
        PostView {
            key: post.key.to_string(),
            network: post.key.network.0.clone(),
            native_id: post.key.native_id.clone(),
            source: post.source.as_ref().map(|source| source.0.clone()),
            url: post.url.clone(),
            author_id: named(&post.author_id),
            author_name: named(&post.author_name),
            community: post.community.clone(),
            text: post.text.clone(),
            published_at: post.published_at,
            first_seen_at: stored.first_seen_at,
            edited_at: post.edited_at,
            parent_id: post.parent_id.clone(),
            thread_id: post.thread_id.clone(),
            lang: post.lang.clone(),
            geo: post.geo,
            counts: post.counts,
            media: post.media.clone(),
            deleted: post.deleted,
            private: post.private,
            incident: incident.map(|id| id.0),
        }
    }
}
