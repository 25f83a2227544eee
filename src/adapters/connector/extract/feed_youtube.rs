//! What YouTube means by the elements of a channel's feed: the same video must
//! become the same post here as through the data API. Knows nothing of how the
//! feed came or is parsed.

use feed_rs::model::Entry;
use feed_rs::model::MediaCommunity;
use feed_rs::model::MediaObject;

use crate::adapters::connector::markup;
use crate::model::post::Counts;
use crate::model::post::Media;
use crate::model::post::Post;

/// Since dislikes are hidden every star given is a like, and the average is full.
const FULL_STARS: f64 = 5.0;

/// The post of an entry that was read as any feed's.
pub fn read(post: Post, entry: &Entry) -> Post {
    let id = entry.id.strip_prefix("yt:video:").unwrap_or(&entry.id).to_owned();
    let object = entry.media.first();
    let watch = post.url.clone().unwrap_or_else(|| format!("https://www.youtube.com/watch?v={id}"));
    let channel = post.author_id.as_deref().map(|uri| channel_of(uri).to_owned());
    Post {
        author_id: channel,
        community: post.community.or_else(|| post.author_name.clone()),
        text: text(entry, object).unwrap_or(post.text),
        // `updated` moves with the counters, not only with the words.
        edited_at: None,
        counts: object.and_then(|object| object.community.as_ref()).map(counts).unwrap_or_default(),
        media: vec![Media { kind: "video".to_owned(), url: Some(watch.clone()) }],
        url: Some(watch),
        key: crate::model::post::PostKey { native_id: id, ..post.key },
        ..post
    }
}

fn channel_of(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or(uri)
}

/// Title and description as they were written: neither is markup.
fn text(entry: &Entry, object: Option<&MediaObject>) -> Option<String> {
    let title = entry.title.as_ref().or_else(|| object?.title.as_ref());
    let words = title.into_iter().chain(object.and_then(|object| object.description.as_ref()));
    let words: Vec<String> = words.map(|text| markup::tidy(&text.content)).collect();
    let words: Vec<String> = words.into_iter().filter(|text| !text.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("\n\n"))
}

fn counts(community: &MediaCommunity) -> Counts {
    let is_full = community.stars_avg.is_some_and(|average| FULL_STARS <= average);
    Counts {
        views: community.stats_views,
        likes: community.stars_count.filter(|_| is_full),
        ..Counts::default()
    }
}
