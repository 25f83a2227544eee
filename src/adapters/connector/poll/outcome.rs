//! What a poll comes to: from the pages that were seen and the old cursor to
//! fresh posts, the next cursor and the gap between the two. Asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::{Poll, PollResult, REJECTED, TAIL, Told};
use crate::adapters::connector::cursor::{Reading, mark_of, mark_of_payload};
use crate::adapters::connector::definition::{Order, Paging};
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract::Page;
use crate::adapters::connector::paging::About;
use crate::model::post::{Post, PostKey};
use crate::model::source::{Gap, Rejected};
use crate::model::time::Timestamp;

/// How the reading of pages ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Ending {
    /// The old cursor was met, or the source was never read before.
    #[default]
    Met,
    /// There are no older pages.
    End,
    /// There are, but we do not go on.
    PageLimit,
    /// The network gives no more, though there is more.
    ResultLimit,
    Interrupted(PollError),
}

/// What the pages held.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) posts: Vec<Post>,
    pub(super) keys: BTreeSet<PostKey>,
    pub(super) pinned: BTreeSet<PostKey>,
    pub(super) undated: BTreeSet<PostKey>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) items: usize,
    /// Items there are in all, as far as a page tells.
    pub(super) total: Option<u64>,
    /// Dates of the posts that have a place by their date, in the order of the
    /// source; where it has none, by themselves.
    pub(super) newest_first: Vec<Timestamp>,
    pub(super) ending: Ending,
    pub(super) not_modified: bool,
    pub(super) is_withheld: bool,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl Seen {
    pub(super) fn take(&mut self, page: Page, order: Order) {
        self.items += page.hint.items;
        self.total = self.total.max(page.hint.total);
        self.is_withheld |= page.is_withheld;
        self.pinned.extend(page.pinned);
        self.undated.extend(page.undated);
        let mut dates = Vec::with_capacity(page.posts.len());
        for post in page.posts {
            if self.keys.insert(post.key.clone()) {
                dates.extend(Some(post.published_at).filter(|_| !self.is_loose(&post.key)));
                self.posts.push(post);
            }
        }
        match order {
            Order::NewestFirst => self.newest_first.extend(dates),
            Order::OldestFirst => self.newest_first.extend(dates.into_iter().rev()),
            Order::Unordered => {
                self.newest_first.extend(dates);
                self.newest_first.sort_unstable_by_key(|date| std::cmp::Reverse(*date));
            }
        }
        for rejected in page.rejected {
            if !self.rejected.contains(&rejected) {
                self.rejected.push(rejected);
            }
        }
    }

    pub(super) fn told(&self) -> Vec<Told> {
        let told = |post: &Post| Told {
            native_id: post.key.native_id.clone(),
            parent_id: post.parent_id.clone(),
            thread_id: post.thread_id.clone(),
            published_at: post.published_at,
            comments: post.counts.comments,
            deleted: post.deleted,
        };
        self.posts.iter().map(told).collect()
    }

    /// Posts whose dates say where in time the pages are.
    pub(super) fn dated(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(|post| !self.is_loose(&post.key))
    }

    fn is_loose(&self, key: &PostKey) -> bool {
        self.pinned.contains(key) || self.undated.contains(key)
    }

    /// Where in time the pages end. One old post alone proves nothing: it may
    /// be pinned, moved or dated back.
    pub(super) fn old_end(&self) -> Option<Timestamp> {
        let tail = self.newest_first.len().checked_sub(TAIL)?;
        self.newest_first[tail..].iter().max().copied()
    }

    /// The same of a handful of posts, of which none can be told apart.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.old_end().or_else(|| self.newest_first.iter().min().copied())
    }

    fn shows_less_than_there_is(&self) -> bool {
        self.total.is_some_and(|total| (self.items as u64) < total)
    }
}

impl Poll<'_> {
    /// Posts that the last poll did not see, or saw with other words. Whatever
    /// their date: a post may be dated back, and one that an old page uncovers
    /// at its end is known to whoever stores it.
    pub(super) fn fresh(&self, seen: &Seen) -> Vec<Post> {
        let is_fresh = |post: &&Post| !self.reading.knows(&post.key.native_id, &mark_of(post));
        seen.posts.iter().filter(is_fresh).cloned().collect()
    }

    pub(super) fn result(&self, seen: Seen) -> PollResult {
        let posts = self.fresh(&seen);
        let rejected: Vec<Rejected> = seen
            .rejected
            .iter()
            .filter(|rejected| !self.reading.known.contains_key(&rejected_id(rejected)))
            .cloned()
            .collect();
        let gap = self.gap(&seen);
        let mut next = self.next_reading(&seen);
        if let Some(gap) = &gap {
            next.told_gap = gap.from.map(|from| (from, gap.to));
        }
        let cursor = next.to_cursor();
        if posts.is_empty() && rejected.is_empty() && gap.is_none() {
            return PollResult::NothingNew { cursor };
        }
        let interrupted = match seen.ending {
            Ending::Interrupted(error) => Some(error),
            Ending::Met | Ending::End | Ending::PageLimit | Ending::ResultLimit => None,
        };
        PollResult::New { posts, rejected, cursor, gap, interrupted }
    }

    fn next_reading(&self, seen: &Seen) -> Reading {
        let mut next = self.reading.clone();
        if next.is_first() {
            next.begun = Some(self.now);
        }
        next.polls += 1;
        if seen.not_modified {
            return next;
        }
        next.empty = self.empty_in_row(seen);
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let is_interrupted = matches!(seen.ending, Ending::Interrupted(_));
        if is_interrupted || self.is_dense(seen) {
            // The way to the old cursor is still to be read: what is known stays.
            known = self.reading.known.clone();
        }
        if !is_interrupted {
            // A network's clock may run ahead; a future instant would hide what follows.
            let newest = seen.dated().map(|post| post.published_at.min(self.now)).max();
            next.newest = newest.max(self.reading.newest);
            next.is_dense = self.is_dense(seen);
            next.old_end = seen.old_end().or(next.old_end);
            next.etag = seen.etag.clone();
            next.last_modified = seen.last_modified.clone();
        }
        known.extend(seen.posts.iter().map(|post| (post.key.native_id.clone(), mark_of(post))));
        known.extend(seen.rejected.iter().map(|rejected| (rejected_id(rejected), String::new())));
        next.remember(known);
        next
    }

    /// A wall that held posts and shows none is suspicious; an answer to «what
    /// is new since» is not.
    fn empty_in_row(&self, seen: &Seen) -> u32 {
        let asks_since = self.kind.query.values().any(|value| value.contains("since_unix_secs"));
        let had_posts = 0 < self.reading.empty || !self.reading.known.is_empty();
        let is_empty = seen.items == 0 && seen.posts.is_empty() && had_posts && !asks_since;
        if is_empty { self.reading.empty.saturating_add(1) } else { 0 }
    }

    /// Whether the pages end before they show what they showed the last time:
    /// an answer in the middle may have been empty by mistake.
    fn ends_early(&self, seen: &Seen, newest: Timestamp, to: Timestamp) -> bool {
        if self.about != About::default() || self.kind.paging == Paging::None {
            return false;
        }
        // Who is told since when posts are wanted shows less every time.
        if self.kind.asks_since() {
            let is_known = |post: &Post| self.reading.known.contains_key(&post.key.native_id);
            let has_known = !self.reading.known.is_empty();
            return newest < to && has_known && !seen.posts.iter().any(is_known);
        }
        self.reading.old_end.zip(seen.old_end()).is_some_and(|(before, now)| before < now)
    }

    /// Whether the pages show what was the newest the last time. An old post
    /// that is known may be pinned there.
    fn joins(&self, seen: &Seen, newest: Timestamp, to: Timestamp) -> bool {
        let holds_together = |post: &&Post| {
            let is_late = !seen.pinned.contains(&post.key) && newest.min(to) <= post.published_at;
            seen.undated.contains(&post.key) || is_late
        };
        let mut telling = seen.posts.iter().filter(holds_together);
        telling.any(|post| self.reading.known.contains_key(&post.key.native_id))
    }

    /// What is missing between the old cursor and the oldest post of this poll.
    fn gap(&self, seen: &Seen) -> Option<Gap> {
        if self.is_forward() {
            return None;
        }
        let to = seen.oldest()?;
        if self.reading.is_first() {
            return self.never_shown(seen, to);
        }
        // A source that had no post yet was read up to its first poll.
        let newest = self.reading.newest.or(self.reading.begun)?;
        let joins = self.joins(seen, newest, to);
        let reason = match seen.ending {
            Ending::PageLimit => "page limit",
            Ending::ResultLimit => "the network's limit of results",
            Ending::End if newest < to && self.is_forgotten(newest) => "the network's memory",
            Ending::End if self.ends_early(seen, newest, to) => {
                "the pages end before what is known"
            }
            Ending::End if self.kind.paging == Paging::None => {
                if joins {
                    return None;
                }
                "the first page holds nothing known, and there is no other"
            }
            Ending::Met | Ending::End | Ending::Interrupted(_) => return None,
        };
        let floor = self.reading.floor(self.kind.overlap_secs).unwrap_or(newest);
        if to <= floor {
            return None;
        }
        // Where the old posts were met, only late ones may be missing; a thread
        // told already how much of it is out of reach.
        let from = match newest < to && !joins {
            true => newest,
            false if self.about.post.is_some() => return None,
            false => floor,
        };
        if self.reading.has_told(from, to) {
            return None;
        }
        let source = self.request.source.id.clone();
        Some(Gap { source, from: Some(from), to, reason: reason.to_owned() })
    }

    /// What was written in a source before its first poll is not missing; of a
    /// thread all is wanted.
    fn never_shown(&self, seen: &Seen, to: Timestamp) -> Option<Gap> {
        let is_thread = self.about.post.is_some() && self.stretch.is_none();
        let reason = match seen.ending {
            _ if !is_thread => return None,
            Ending::PageLimit => "page limit",
            Ending::ResultLimit => "the network's limit of results",
            Ending::End if self.kind.paging == Paging::None && seen.shows_less_than_there_is() => {
                "fewer comments are shown than there are"
            }
            Ending::Met | Ending::End | Ending::Interrupted(_) => return None,
        };
        let source = self.request.source.id.clone();
        Some(Gap { source, from: None, to, reason: reason.to_owned() })
    }
}

/// Under what a rejected item is remembered, so that it is told once.
fn rejected_id(rejected: &Rejected) -> String {
    format!("{REJECTED}{}", mark_of_payload(&rejected.payload))
}

#[cfg(test)]
mod tests;
