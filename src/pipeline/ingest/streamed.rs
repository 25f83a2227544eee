//! Threads under posts that came by themselves: opened as those under polled
//! posts are, by the kind that the stream's connector names. Asks nobody.

use super::IngestStage;
use crate::adapters::connector::definition::UnderReplies;
use crate::adapters::store::commands::ThreadNews;
use crate::model::post::Post;
use crate::model::source::Source;
use crate::model::thread::ThreadKey;
use crate::model::time::{Timestamp, later};
use crate::rules::rereading::first_read;

impl IngestStage {
    /// The threads that posts which a stream brought first open.
    pub fn threads_under<'p>(
        &self,
        source: &Source,
        posts: impl Iterator<Item = &'p Post>,
        now: Timestamp,
    ) -> Vec<ThreadNews> {
        let inner = &self.inner;
        let named = inner.stream_of(source).and_then(|stream| stream.comments.as_deref());
        let definition = inner.connectors.get(&source.network);
        let Some((name, definition)) = named.zip(definition) else { return Vec::new() };
        let kind = definition.file.poll.get(name);
        let Some(kind) = kind.filter(|_| inner.may_ask(source, definition, name)) else {
            return Vec::new();
        };
        let numbers = inner.numbers(source, definition, now);
        let has_thread = |post: &&Post| {
            let thread = post.thread_id.as_ref();
            let is_reply = thread.is_some_and(|thread| *thread != post.key.native_id);
            let is_asked = !post.is_guarded() && kind.askable.holds(&post.key.native_id);
            is_asked && (kind.under_replies == UnderReplies::Read || !is_reply)
        };
        let open = |post: &Post| {
            let opened_at = post.published_at;
            // How many comments there are is told by no frame after the first,
            // and nobody has answered what was written this second.
            first_read(opened_at, None, &numbers, now).map(|now| ThreadNews::Open {
                key: ThreadKey {
                    network: source.network.clone(),
                    post: post.key.native_id.clone(),
                    branch: None,
                },
                source: source.id.clone(),
                kind: name.to_owned(),
                opened_at,
                next_read_at: later(now, numbers.shortest_secs),
                told: None,
            })
        };
        posts.filter(has_thread).filter_map(open).collect()
    }
}
