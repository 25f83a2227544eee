//! A stretch of a source's past, read from its newer end back to its
//! beginning over as many turns as it takes. Where the network can be told
//! before when posts are wanted it is; else the pages are passed over, or a
//! turn goes on where the one before it ended. Stores nothing.
//!
//! A page that is not the newest one must join what is known: numbers of items
//! move when something is deleted, tokens grow old, servers lie.

use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::cursor;
use crate::adapters::connector::cursor::Reading;
use crate::adapters::connector::definition::{Order, Paging};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::extract::Page;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::paging::{About, Progress, Start};
use crate::model::gap::Lack;
use crate::model::post::Post;
use crate::model::source::Rejected;
use crate::model::time::Timestamp;

use super::full::WHOLE_MAX;
use super::outcome::Seen;
use super::{Poll, PollRequest, PollResult, Stop, TAIL, Told, hidden, no};

/// Of how many known posts one is seen again by a reading that passes over
/// them, beside the last few: some of those we know may be gone.
const SEEN_AGAIN: usize = 20;

/// Before now networks want to be asked at the latest.
const UNTIL_LATEST: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// What is read, and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    pub from: Timestamp,
    /// What is after it is read.
    pub to: Timestamp,
    /// Native id of a known post that is a little newer.
    pub edge: Option<&'a str>,
    /// Known posts that are newer.
    pub newer: usize,
    /// Whether a post is known that is as old as the beginning, or older.
    pub is_older_known: bool,
    /// Where the turn before ended; empty before the first.
    pub place: &'a str,
    /// Pages of one turn.
    pub pages_max: usize,
    pub asked: Asked,
}

/// Whether what is known around a stretch is sure to stand on its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The source is asked the way it always is.
    AsItself,
    /// Its posts come another way, or this is one way of several.
    AsAnother,
}

impl Stretch<'_> {
    /// Whether an instant lies in it, and not in what is known around it.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Reached {
    /// All of the stretch that there is.
    Whole,
    /// There is more, for another turn.
    Part,
    /// The pages end before the beginning: what is missing then, if anything.
    End(Option<Lack>),
    /// The network shows no more.
    Lacking(Lack),
    Interrupted(PollError),
}

/// What a turn brought.
#[derive(Debug, Clone, PartialEq)]
pub struct StretchRead {
    pub posts: Vec<Post>,
    pub rejected: Vec<Rejected>,
    pub told: Vec<Told>,
    pub reached: Reached,
    /// What is after it is read now.
    pub read_to: Timestamp,
    /// Where the next turn goes on.
    pub place: String,
}

impl StretchRead {
    /// As the outcome of a poll, for whoever judges credentials.
    pub fn result(&self) -> PollResult {
        match &self.reached {
            Reached::Interrupted(error) if error.class.is_refusal() => {
                PollResult::Refused { error: error.clone(), stop: false }
            }
            Reached::Interrupted(error) => {
                PollResult::Failed { error: error.clone(), rejected: None }
            }
            Reached::Whole | Reached::Part | Reached::End(_) | Reached::Lacking(_) => {
                PollResult::NothingNew { cursor: Default::default() }
            }
        }
    }
}

/// Reads one turn's pages of a stretch.
pub async fn read_stretch(
    request: &PollRequest<'_>,
    stretch: &Stretch<'_>,
    client: &Client,
    budget: &Budget,
    now: Timestamp,
) -> StretchRead {
    let source = request.source;
    let kind = request.definition.file.poll.get(&source.kind);
    let Some(kind) = kind.filter(|kind| !kind.is_about_posts()) else {
        let detail = format!("{} reads no stretch as «{}»", source.network, source.kind);
        let reached = Reached::Interrupted(PollError::new(ErrorClass::Config, detail));
        return StretchRead {
            posts: Vec::new(),
            rejected: Vec::new(),
            told: Vec::new(),
            reached,
            read_to: stretch.to,
            place: String::new(),
        };
    };
    let reading = Reading::of(&cursor::since(stretch.from));
    let about = About::default();
    let poll = Poll { request, kind, about, stretch: Some(stretch), client, budget, reading, now };
    let walk = Walk { poll: &poll, stretch, seen: Seen::default(), place: String::new() };
    walk.turn().await
}

impl<'a> Poll<'a> {
    /// Where the pages of a stretch begin.
    pub(super) fn start_of<'s>(&'s self, stretch: &Stretch<'s>, start: Start<'s>) -> Start<'s>
    where
        'a: 's,
    {
        let latest = self.now.checked_sub(UNTIL_LATEST).unwrap_or(self.now);
        let floor = self.reading.floor(self.kind.overlap_secs);
        let since = floor.map(|floor| floor.max(self.oldest_shown()));
        let until = Some(stretch.to).filter(|to| *to <= latest);
        Start { since, until, until_id: stretch.edge, ..start }
    }

    fn oldest_shown(&self) -> Timestamp {
        let memory = self.kind.memory_secs.map(jiff::SignedDuration::from_secs);
        let oldest = memory.and_then(|memory| self.now.checked_sub(memory - UNTIL_LATEST).ok());
        oldest.unwrap_or(Timestamp::MIN)
    }
}

/// One turn: from page to page, until the stretch, the network or the turn ends.
struct Walk<'a> {
    poll: &'a Poll<'a>,
    stretch: &'a Stretch<'a>,
    seen: Seen,
    place: String,
}

impl Walk<'_> {
    async fn turn(mut self) -> StretchRead {
        let reached = self.pages().await;
        let floor = self.floor();
        let is_of_it =
            |post: &&Post| floor <= post.published_at || self.seen.undated.contains(&post.key);
        let posts = self.seen.posts.iter().filter(is_of_it).cloned().collect();
        let whole = self.poll.whole_stretch(posts, self.stretch).await;
        self.seen.rejected.extend(whole.rejected);
        let (reached, read_to) = match whole.stopped {
            Some((error, at)) => (Reached::Interrupted(error), self.read_to().max(at)),
            None => (reached, self.read_to()),
        };
        StretchRead {
            posts: whole.posts,
            told: self.seen.told(),
            read_to: read_to.min(self.stretch.to),
            place: self.place,
            rejected: self.seen.rejected,
            reached,
        }
    }

    async fn pages(&mut self) -> Reached {
        if self.poll.is_forgotten(self.stretch.to) {
            return Reached::Lacking(Lack::Memory);
        }
        let paging = &self.poll.kind.paging;
        let target = match self.poll.resolved().await {
            Ok(target) => target,
            Err(stop) => return self.interrupted(stop),
        };
        let (first, others) = match self.poll.addresses(&target) {
            Ok(addresses) => addresses,
            Err(error) => return Reached::Interrupted(error),
        };
        let mut progress = Progress::default();
        let begin = progress.go_to(&self.begin(), paging, &others);
        let mut is_first_of_passed = begin.is_some();
        let mut address = begin.unwrap_or_else(|| first.clone());
        for _ in 0..self.stretch.pages_max.max(1) {
            let (page, link) = match self.page(&address).await {
                Ok(page) => page,
                Err(stop) => return self.interrupted(stop),
            };
            if is_first_of_passed && !self.joins(&page) {
                (progress, address) = (Progress::default(), first.clone());
                is_first_of_passed = false;
                continue;
            }
            is_first_of_passed = false;
            // Where the network is told before when posts are wanted a place
            // would be that of another question.
            if !self.poll.kind.asks_until() {
                self.place = progress.place(paging).unwrap_or_default();
            }
            let hint = page.hint.clone();
            self.seen.take(page, self.poll.kind.order);
            if self.seen.items == 0 && self.asks_for_what_may_not_be() {
                return Reached::Whole;
            }
            if self.seen.items == 0 {
                // At the newer end there is at least what we know.
                let error = PollError::new(ErrorClass::Unavailable, "an empty answer");
                return Reached::Interrupted(error);
            }
            let next = progress.next(paging, &others, &hint, link.as_deref());
            if self.is_met() {
                return Reached::Whole;
            }
            if self.asks_for_enough() {
                return Reached::Part;
            }
            if self.poll.kind.results_max.is_some_and(|most| most <= self.seen.items) {
                let is_moved = self.poll.kind.asks_until() && self.read_to() < self.stretch.to;
                return if is_moved { Reached::Part } else { Reached::Lacking(Lack::Results) };
            }
            let Some(next) = next else { return self.at_the_end() };
            address = next;
        }
        Reached::Part
    }

    /// Every post of the stretch may have a page of its own to be asked for.
    fn asks_for_enough(&self) -> bool {
        let of_it = self.seen.dated().filter(|post| self.stretch.holds(post.published_at));
        self.poll.wants_whole_texts() && WHOLE_MAX <= of_it.count()
    }

    /// A question about a stretch of time, whose honest answer may be nothing.
    fn asks_for_what_may_not_be(&self) -> bool {
        self.stretch.asked == Asked::AsAnother && self.poll.kind.asks_since()
    }

    fn begin(&self) -> String {
        let kind = self.poll.kind;
        let newer = self.stretch.newer;
        let passed = newer.saturating_sub(newer / SEEN_AGAIN + TAIL);
        match kind.paging {
            _ if kind.asks_until() => String::new(),
            Paging::Offset { .. } => passed.to_string(),
            Paging::None
            | Paging::Token { .. }
            | Paging::Number { .. }
            | Paging::LinkHeader { .. }
            | Paging::Listed(_)
            | Paging::NextAddress { .. }
            | Paging::NextPage => self.stretch.place.to_owned(),
        }
    }

    fn joins(&self, page: &Page) -> bool {
        match self.poll.kind.order {
            Order::NewestFirst | Order::OldestFirst => {
                ordered(page).any(|post| self.stretch.to <= post.published_at)
            }
            Order::Unordered => !page.posts.is_empty(),
        }
    }

    async fn page(&self, address: &url::Url) -> Result<(Page, Option<String>), Stop> {
        let response = self.poll.fetch(address, 1).await.map_err(Stop::of)?;
        let page = self.poll.read(&response).await?;
        Ok((page, response.link_next))
    }

    /// What was read before the network said no is kept, and the payload that
    /// could not be read too.
    fn interrupted(&mut self, stop: Stop) -> Reached {
        if self.seen.items == 0 {
            // A place that leads nowhere is not gone to twice.
            self.place.clear();
        }
        let (request, client) = (self.poll.request, self.poll.client);
        let detail = hidden(request, client).clean(&stop.error.detail);
        let error = PollError { detail, ..stop.error.clone() };
        if let PollResult::Failed { rejected: Some(rejected), .. } = no(request, client, stop) {
            self.seen.rejected.push(rejected);
        }
        Reached::Interrupted(error)
    }

    /// The dates at the old end; one old post alone proves nothing.
    fn tail(&self) -> &[Timestamp] {
        let dates = &self.seen.newest_first;
        match (self.poll.kind.order, dates.len().checked_sub(TAIL)) {
            (Order::Unordered, _) | (_, None) => &[],
            (Order::NewestFirst | Order::OldestFirst, Some(tail)) => &dates[tail..],
        }
    }

    fn read_to(&self) -> Timestamp {
        let old_end = self.tail().iter().max().copied();
        old_end.map_or(self.stretch.to, |old_end| old_end.min(self.stretch.to))
    }

    fn floor(&self) -> Timestamp {
        self.poll.reading.floor(self.poll.kind.overlap_secs).unwrap_or(self.stretch.from)
    }

    fn is_met(&self) -> bool {
        let (tail, floor) = (self.tail(), self.floor());
        !tail.is_empty() && tail.iter().all(|date| *date < floor)
    }

    /// There are no older pages: then what is older is not there, or not shown.
    /// Where the order says what is the last one, a post that stands higher is
    /// no sign: it may be pinned or dated back.
    fn at_the_end(&self) -> Reached {
        let from = self.stretch.from;
        let oldest = match self.poll.kind.order {
            Order::NewestFirst | Order::OldestFirst => self.seen.newest_first.last().copied(),
            Order::Unordered => self.seen.oldest(),
        };
        match oldest {
            Some(oldest) if oldest <= from => Reached::Whole,
            _ if self.poll.is_forgotten(from) => Reached::Lacking(Lack::Memory),
            _ if self.asks_for_what_may_not_be() => Reached::Whole,
            _ if self.poll.kind.asks_since() || !self.stretch.is_older_known => Reached::End(None),
            Some(_) | None => Reached::End(Some(Lack::End)),
        }
    }
}

/// Posts that have their place by their date.
fn ordered(page: &Page) -> impl Iterator<Item = &Post> {
    let is_loose =
        |post: &&Post| page.pinned.contains(&post.key) || page.undated.contains(&post.key);
    page.posts.iter().filter(move |post| !is_loose(post))
}
