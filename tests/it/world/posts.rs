//! Posts made by hand.

use otklik::model::post::{Network, Post, PostKey};
use otklik::model::time::Timestamp;

/// A post with nothing but a key, a text and a time.
pub fn post(network: &str, native_id: &str, text: &str, published_at: &str) -> Post {
    Post {
        author_id: Some(format!("author-{native_id}")),
        ..Post::of_text(
            PostKey { network: Network(network.to_owned()), native_id: native_id.to_owned() },
            text.to_owned(),
            at(published_at),
        )
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
