//! Posts made by hand.

use otklik::model::post::{Counts, Network, Post, PostKey};
use otklik::model::time::Timestamp;

/// A post with nothing but a key, a text and a time.
pub fn post(network: &str, native_id: &str, text: &str, published_at: &str) -> Post {
    Post {
        key: PostKey { network: Network(network.to_owned()), native_id: native_id.to_owned() },
        source: None,
        url: None,
        author_id: Some(format!("author-{native_id}")),
        author_name: None,
        community: None,
        text: text.to_owned(),
        published_at: at(published_at),
        edited_at: None,
        parent_id: None,
        thread_id: None,
        lang: None,
        geo: None,
        counts: Counts::default(),
        media: Vec::new(),
        deleted: false,
        is_repost_of: None,
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
