//! The whole texts of new items: a list of news shows how they begin, their
//! own pages show the rest. Asked for within the poll's budget, of the same
//! site alone; what does not come now is asked for again by the next poll.

use url::Url;

use super::{Poll, PollResult};
use crate::adapters::connector::cursor::Reading;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract::{self, page};
use crate::adapters::connector::paging;
use crate::model::post::Post;
use crate::model::source::{REJECTED_PAYLOAD_MAX_BYTES, Rejected};

/// Pages of items that one poll asks for.
const WHOLE_MAX: usize = 30;
/// Failures after which the rest waits for the next poll.
const FAILURES_MAX: usize = 3;

/// Why an item keeps the words that the list shows.
enum Short {
    /// It has no page of its own on this site.
    Alone,
    /// Its page may come later.
    Later(PollError),
    /// Its page cannot be read.
    Unreadable(PollError, Vec<u8>),
}

impl Poll<'_> {
    pub(super) async fn with_whole_texts(&self, result: PollResult) -> PollResult {
        let wants_them = self.request.source.page.as_ref().is_some_and(|page| page.full.is_some());
        let PollResult::New { posts, mut rejected, cursor, gap, mut interrupted } = result else {
            return result;
        };
        if !wants_them {
            return PollResult::New { posts, rejected, cursor, gap, interrupted };
        }
        let mut reading = Reading::of(&cursor);
        let mut whole = Vec::with_capacity(posts.len());
        let mut failures = 0;
        for (index, post) in posts.into_iter().enumerate() {
            if WHOLE_MAX <= index || FAILURES_MAX <= failures {
                // Unknown to the next poll, which will ask.
                reading.known.remove(&post.key.native_id);
                whole.push(post);
                continue;
            }
            let read = self.whole(&post).await;
            match &read {
                Ok(_) | Err(Short::Alone) => {}
                Err(Short::Later(error)) => {
                    reading.known.remove(&post.key.native_id);
                    failures += if error.class.is_refusal() { FAILURES_MAX } else { 1 };
                    interrupted.get_or_insert_with(|| error.clone());
                }
                Err(Short::Unreadable(error, payload)) => {
                    rejected.push(self.put_aside(error, payload.clone()));
                }
            }
            whole.push(read.unwrap_or(post));
        }
        PollResult::New { posts: whole, rejected, cursor: reading.to_cursor(), gap, interrupted }
    }

    fn put_aside(&self, error: &PollError, payload: Vec<u8>) -> Rejected {
        let payload = payload.into_iter().take(REJECTED_PAYLOAD_MAX_BYTES).collect();
        Rejected { source: Some(self.request.source.id.clone()), error: error.to_string(), payload }
    }

    async fn whole(&self, post: &Post) -> Result<Post, Short> {
        let address =
            post.url.as_deref().and_then(|url| Url::parse(url).ok()).ok_or(Short::Alone)?;
        let base = self.base();
        let own = paging::first(self.kind, &self.start(base.as_ref(), &self.request.source.target))
            .map_err(Short::Later)?;
        if name(&own) != name(&address) {
            return Err(Short::Alone);
        }
        let response =
            self.fetch(&address, 1).await.map_err(|error| match error.class.is_retryable() {
                true => Short::Later(error),
                false => Short::Unreadable(error, Vec::new()),
            })?;
        let no = |error: PollError| match error.class.is_retryable() {
            true => Short::Later(error.with_retry_at(response.retry_after)),
            false => Short::Unreadable(error, response.body.clone()),
        };
        if let Some(class) = self.request.definition.class_of_status(response.status) {
            let detail = format!("the item's own page answers with status {}", response.status);
            return Err(no(PollError::new(class, detail)));
        }
        let asked = self.asked(response.address.as_ref());
        let (definition, kind) = (self.request.definition, self.kind.extract.as_str());
        let (body, content_type) = (&response.body, response.content_type.as_deref());
        let whole =
            extract::whole(definition, kind, body, content_type, self.now, asked).map_err(no)?;
        Ok(page::with_whole(post.clone(), whole))
    }
}

/// The site, with or without `www.`.
fn name(address: &Url) -> Option<(String, Option<u16>)> {
    let host = address.host_str()?.trim_start_matches("www.").to_owned();
    Some((host, address.port_or_known_default()))
}
