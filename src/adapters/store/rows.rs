//! From rows to values of the model.

use rusqlite::Row;

use super::error::StoreError;
use crate::model::position::Position;
use crate::model::post::{Counts, Geo, Network, Post, PostKey, StoredPost};
use crate::model::source::SourceId;
use crate::model::time::from_ms;

/// The columns of `post` in the order that `stored_post` reads.
pub const POST_COLUMNS: &str = "post.position, post.network, post.native_id, post.source, post.url,
    post.author_id, post.author_name, post.community, post.text, post.published_at_ms,
    post.edited_at_ms, post.parent_id, post.thread_id, post.lang, post.lat, post.lon, post.views,
    post.likes, post.reposts, post.comments, post.media, post.deleted, post.repost_network,
    post.repost_native_id, post.first_seen_at_ms, post.private, post.guest";

/// The first column of a row after those of its post.
pub const AFTER_POST: usize = 27;

pub fn stored_post(row: &Row<'_>) -> Result<StoredPost, StoreError> {
    let network = Network(row.get(1)?);
    let repost_network: Option<String> = row.get(22)?;
    let repost_id: Option<String> = row.get(23)?;
    let media: String = row.get(20)?;
    let post = Post {
        key: PostKey { network, native_id: row.get(2)? },
        source: row.get::<_, Option<String>>(3)?.map(SourceId),
        url: row.get(4)?,
        author_id: row.get(5)?,
        author_name: row.get(6)?,
        community: row.get(7)?,
        text: row.get(8)?,
        published_at: from_ms(row.get(9)?),
        edited_at: row.get::<_, Option<i64>>(10)?.map(from_ms),
        parent_id: row.get(11)?,
        thread_id: row.get(12)?,
        lang: row.get(13)?,
        geo: geo(row.get(14)?, row.get(15)?),
        counts: Counts {
            views: count(row.get(16)?),
            likes: count(row.get(17)?),
            reposts: count(row.get(18)?),
            comments: count(row.get(19)?),
        },
        media: if media.is_empty() { Vec::new() } else { serde_json::from_str(&media)? },
        deleted: row.get(21)?,
        private: row.get(25)?,
        excerpt: false,
        guest: row.get(26)?,
        is_repost_of: repost_network
            .zip(repost_id)
            .map(|(network, native_id)| PostKey { network: Network(network), native_id }),
    };
    Ok(StoredPost {
        position: Position(row.get::<_, i64>(0)? as u64),
        first_seen_at: from_ms(row.get(24)?),
        post,
    })
}

fn geo(lat: Option<f64>, lon: Option<f64>) -> Option<Geo> {
    lat.zip(lon).map(|(lat, lon)| Geo { lat, lon })
}

fn count(stored: Option<i64>) -> Option<u64> {
    stored.map(|count| count.max(0) as u64)
}
