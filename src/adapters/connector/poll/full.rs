//! The whole texts of new items: a list of news shows how they begin, their
//! own pages show the rest. Asked for within the poll's budget, of the same
//! site alone; what does not come now is asked for again by the next polls, a
//! few times and behind what was not tried yet.

use url::Url;

use super::stretch::Stretch;
use super::{Poll, PollResult};
use crate::adapters::connector::cursor::Reading;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract::{self, page};
use crate::adapters::connector::paging;
use crate::model::post::Post;
use crate::model::source::{REJECTED_PAYLOAD_MAX_BYTES, Rejected};
use crate::model::time::Timestamp;

/// Pages of items that one poll asks for.
pub(super) const WHOLE_MAX: usize = 30;
/// Failures after which the rest waits for the next poll.
const FAILURES_MAX: usize = 3;
/// Polls that ask for the page of one item.
const TRIES_MAX: u32 = 5;

/// Why an item keeps the words that the list shows.
enum Short {
    /// It has no page of its own on this site.
    Alone,
    /// Its page is not there, or not any more.
    Gone,
    /// Its page may come later.
    Later(PollError),
    /// Its page cannot be read.
    Unreadable(PollError, Vec<u8>),
}

/// The posts of a stretch with their whole texts.
pub(super) struct WholeStretch {
    pub(super) posts: Vec<Post>,
    pub(super) rejected: Vec<Rejected>,
    /// Where the site said no: what is not newer is left for another turn.
    pub(super) stopped: Option<(PollError, Timestamp)>,
}

/// What the list shows of a post: enough to know it, not to change it.
fn excerpt(post: &Post) -> Post {
    Post { excerpt: true, ..post.clone() }
}

impl Poll<'_> {
    pub(super) fn wants_whole_texts(&self) -> bool {
        self.request.source.page.as_ref().is_some_and(|page| page.full.is_some())
    }

    pub(super) async fn with_whole_texts(&self, result: PollResult) -> PollResult {
        if !self.wants_whole_texts() {
            return result;
        }
        let PollResult::New { posts, mut rejected, cursor, gap, mut interrupted } = result else {
            return result;
        };
        let mut reading = Reading::of(&cursor);
        let tried = std::mem::take(&mut reading.short);
        let tries_of = |post: &Post| tried.get(&post.key.native_id).copied();
        let mut turns: Vec<usize> = (0..posts.len()).collect();
        turns.sort_by_key(|turn| tries_of(&posts[*turn]).unwrap_or(0));
        let mut shown: Vec<Option<Post>> = vec![None; posts.len()];
        let mut failures = 0;
        for (asked, turn) in turns.into_iter().enumerate() {
            let post = &posts[turn];
            let id = &post.key.native_id;
            // Handed over once already: another failure is no news.
            let first = || tries_of(post).is_none().then(|| excerpt(post));
            if WHOLE_MAX <= asked || FAILURES_MAX <= failures {
                reading.wait_for(id, tries_of(post).unwrap_or(0));
                shown[turn] = first();
                continue;
            }
            shown[turn] = match self.whole(post).await {
                Ok(whole) => Some(whole),
                Err(Short::Alone) => Some(post.clone()),
                Err(Short::Gone) => first(),
                Err(Short::Later(error)) => {
                    // Who wants us to wait says nothing of this item.
                    let is_refusal = error.class.is_refusal();
                    let tries = tries_of(post).unwrap_or(0) + u32::from(!is_refusal);
                    failures += if is_refusal { FAILURES_MAX } else { 1 };
                    match tries < TRIES_MAX {
                        true => reading.wait_for(id, tries),
                        false => rejected.push(self.put_aside(&error, &[])),
                    }
                    interrupted.get_or_insert(error);
                    first()
                }
                Err(Short::Unreadable(error, payload)) => {
                    rejected.push(self.put_aside(&error, &payload));
                    first()
                }
            };
        }
        let posts: Vec<Post> = shown.into_iter().flatten().collect();
        let cursor = reading.to_cursor();
        let is_news = !posts.is_empty() || !rejected.is_empty() || gap.is_some();
        match is_news || interrupted.is_some() {
            true => PollResult::New { posts, rejected, cursor, gap, interrupted },
            false => PollResult::NothingNew { cursor },
        }
    }

    /// The same of a stretch of the past. What lies around it is known already
    /// and left alone.
    pub(super) async fn whole_stretch(
        &self,
        posts: Vec<Post>,
        stretch: &Stretch<'_>,
    ) -> WholeStretch {
        let mut whole = WholeStretch { posts, rejected: Vec::new(), stopped: None };
        if !self.wants_whole_texts() {
            return whole;
        }
        let listed = std::mem::take(&mut whole.posts);
        let mut failures = 0;
        for post in listed {
            if !stretch.holds(post.published_at) || FAILURES_MAX <= failures {
                whole.posts.push(excerpt(&post));
                continue;
            }
            match self.whole(&post).await {
                Ok(post) => whole.posts.push(post),
                Err(Short::Alone) => whole.posts.push(post),
                Err(Short::Gone) => whole.posts.push(excerpt(&post)),
                Err(Short::Later(error)) if error.class.is_refusal() => {
                    whole.stopped = Some((error, post.published_at));
                    return whole;
                }
                Err(Short::Later(error)) => {
                    failures += 1;
                    whole.rejected.push(self.put_aside(&error, &[]));
                    whole.posts.push(excerpt(&post));
                }
                Err(Short::Unreadable(error, payload)) => {
                    whole.rejected.push(self.put_aside(&error, &payload));
                    whole.posts.push(excerpt(&post));
                }
            }
        }
        whole
    }

    fn put_aside(&self, error: &PollError, payload: &[u8]) -> Rejected {
        let payload = payload[..payload.len().min(REJECTED_PAYLOAD_MAX_BYTES)].to_vec();
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
        if matches!(response.status, 404 | 410) {
            return Err(Short::Gone);
        }
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
