//! A post as the network shows it, in the normalised form that every
//! connector yields and every stage reads (contract: one JSON object a line).

use serde::{Deserialize, Serialize};

use super::position::Position;
use super::source::SourceId;
use super::time::Timestamp;

/// The short latin name of a network (`vk`, `telegram`, `rss`): the stem of
/// its file in `connectors/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Network(pub String);

/// A post's identity outside: the network and the network's own id, which is
/// never parsed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostKey {
    pub network: Network,
    pub native_id: String,
}

impl std::fmt::Display for PostKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.network.0, self.native_id)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people did with a post. Absent is not zero: many networks hide a
/// number that is small or new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reposts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<u64>,
}

/// WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geo {
    pub lat: f64,
    pub lon: f64,
}

/// An attachment: `kind` is photo, video, document, audio, poll, link or other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A normalised post. `text` is plain, paragraphs are `\n`, entities are
/// decoded once; it may be empty only with media or when deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    pub key: PostKey,
    pub source: Option<SourceId>,
    pub url: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub community: Option<String>,
    pub text: String,
    /// The network's claim.
    pub published_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    /// Native id of the post that this one comments on.
    pub parent_id: Option<String>,
    pub thread_id: Option<String>,
    pub lang: Option<String>,
    pub geo: Option<Geo>,
    pub counts: Counts,
    pub media: Vec<Media>,
    pub deleted: bool,
    /// Written to whoever runs the community and to nobody else: it must not
    /// show on anything that is read without an account.
    pub private: bool,
    /// Somebody else's words on the page of the account that is read: its
    /// author is not whose page it is, nor writes in its name.
    pub guest: bool,
    /// The text is how the whole one begins, or a part of it: of a post that is
    /// known it changes nothing.
    pub excerpt: bool,
    pub is_repost_of: Option<PostKey>,
}

impl Post {
    /// A post of which nothing but its words is known.
    pub fn of_text(key: PostKey, text: String, published_at: Timestamp) -> Post {
        Post {
            key,
            source: None,
            url: None,
            author_id: None,
            author_name: None,
            community: None,
            text,
            published_at,
            edited_at: None,
            parent_id: None,
            thread_id: None,
            lang: None,
            geo: None,
            counts: Counts::default(),
            media: Vec::new(),
            deleted: false,
            private: false,
            excerpt: false,
            guest: false,
            is_repost_of: None,
        }
    }
}

impl Post {
    /// Whether its words are for those alone who may know who wrote them: its
    /// author took it back, or never meant it for everybody.
    pub fn is_guarded(&self) -> bool {
        self.deleted || self.private
    }

    /// The post that it comments on, else the one that opened its thread.
    pub fn above(&self) -> Option<PostKey> {
        let native_id = self.parent_id.clone().or_else(|| self.thread_id.clone())?;
        Some(PostKey { network: self.key.network.clone(), native_id })
    }

    /// Whether it stands under another post.
    pub fn is_comment(&self) -> bool {
        self.parent_id.is_some() || self.thread_id.is_some()
    }
}

/// A post that is kept: its position and the instant at which we first saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPost {
    pub position: Position,
    pub first_seen_at: Timestamp,
    pub post: Post,
}

impl StoredPost {
    /// When the post was written as far as grouping is concerned: the claim,
    /// but never later than we saw it.
    pub fn written_at(&self) -> Timestamp {
        self.post.published_at.min(self.first_seen_at)
    }

    /// When people said it: as it was written, or where nobody dates it as it
    /// was seen.
    pub fn said_at(&self) -> Timestamp {
        let written_at = self.written_at();
        if written_at == Timestamp::UNIX_EPOCH { self.first_seen_at } else { written_at }
    }
}
