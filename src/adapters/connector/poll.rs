//! One poll of one source: pages are read from the newest on until the old
//! cursor less an overlap is met, or a gap is recorded. A poll has four
//! outcomes that are never confused. It stores nothing: posts and cursor go
//! back together and are committed together.

mod full;
mod naming;
mod outcome;
pub mod stretch;
mod turns;

use std::time::Duration;

use url::Url;

use crate::adapters::connector::auth;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::cursor::Reading;
use crate::adapters::connector::definition::Auth;
use crate::adapters::connector::definition::Conditional;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::definition::Format;
use crate::adapters::connector::definition::Limits;
use crate::adapters::connector::definition::Order;
use crate::adapters::connector::definition::Paging;
use crate::adapters::connector::definition::PollKind;
use crate::adapters::connector::definition::RobotsRule;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract;
use crate::adapters::connector::extract::Asked;
use crate::adapters::connector::extract::Page;
use crate::adapters::connector::http;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::http::Response;
use crate::adapters::connector::paging;
use crate::adapters::connector::paging::About;
use crate::adapters::connector::paging::Progress;
use crate::adapters::connector::paging::Start;
use crate::adapters::connector::redaction::Hidden;
use crate::adapters::connector::session;
use crate::adapters::connector::token;
use crate::model::post::Post;
use crate::model::source::Cursor;
use crate::model::source::Gap;
use crate::model::source::Outcome;
use crate::model::source::REJECTED_PAYLOAD_MAX_BYTES;
use crate::model::source::Rejected;
use crate::model::source::Source;
use crate::model::time::Timestamp;

use self::outcome::{Ending, Seen};
use self::stretch::Stretch;
use self::turns::Turn;

/// A budget's wait that is sat out; a longer one is a refusal.
const WAIT_MAX_SECS: i64 = 5;

/// Every so many polls nothing is said about what we have: servers hide posts
/// behind validators with a resolution of one second.
const UNCONDITIONAL_EVERY: u64 = 6;

/// How what could not be read is told from ids among the known.
const REJECTED: &str = "rejected ";

/// How many posts at the old end of a page must all lie before the cursor.
const TAIL: usize = 3;

/// What is polled, and with what.
#[derive(Debug, Clone, Copy)]
pub struct PollRequest<'a> {
    pub definition: &'a Definition,
    /// Instead of the definition's own base.
    pub base: Option<&'a Url>,
    pub source: &'a Source,
    pub cursor: &'a Cursor,
    pub secret: Option<&'a Secret>,
    pub limits: Limits,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum PollResult {
    New {
        posts: Vec<Post>,
        rejected: Vec<Rejected>,
        cursor: Cursor,
        gap: Option<Gap>,
        /// A later page said no; the cursor stays where it was, so nothing is lost.
        interrupted: Option<PollError>,
    },
    NothingNew {
        cursor: Cursor,
    },
    /// The network said no; `stop` means until a person acts.
    Refused {
        error: PollError,
        stop: bool,
    },
    /// The network could not be read.
    Failed {
        error: PollError,
        rejected: Option<Rejected>,
    },
}

impl PollResult {
    pub fn outcome(&self) -> Outcome {
        match self {
            PollResult::New { .. } => Outcome::New,
            PollResult::NothingNew { .. } => Outcome::NothingNew,
            PollResult::Refused { .. } => Outcome::Refused,
            PollResult::Failed { .. } => Outcome::Failed,
        }
    }
}

/// Polls a source once.
pub async fn poll(
    request: &PollRequest<'_>,
    client: &Client,
    budget: &Budget,
    now: Timestamp,
) -> PollResult {
    read(request, About::default(), client, budget, now).await.result
}

/// What a poll came to, with what its pages told by the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    pub result: PollResult,
    /// All that stood on the pages, known or not.
    pub told: Vec<Told>,
    /// Whether all there is was shown, and could be read.
    pub is_whole: bool,
}

/// A post as a page mentioned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub native_id: String,
    pub parent_id: Option<String>,
    pub thread_id: Option<String>,
    pub published_at: Timestamp,
    /// Comments under it, as the network counts.
    pub comments: Option<u64>,
    pub deleted: bool,
}

impl Told {
    /// Whether it stands in the thread of another post.
    pub fn is_reply(&self) -> bool {
        self.thread_id.as_ref().is_some_and(|thread| *thread != self.native_id)
    }
}

/// Polls a source once, or what stands under one of its posts, or posts by
/// their names: then the kind is one that asks for such.
pub async fn read(
    request: &PollRequest<'_>,
    about: About<'_>,
    client: &Client,
    budget: &Budget,
    now: Timestamp,
) -> Read {
    let source = request.source;
    let refused = |detail: String| {
        let stop = Stop::of(PollError::new(ErrorClass::Config, detail));
        Read { result: no(request, client, stop), told: Vec::new(), is_whole: false }
    };
    let Some(kind) = request.definition.file.poll.get(&source.kind) else {
        return refused(format!("{} has no poll kind «{}»", source.network, source.kind));
    };
    if kind.is_about_posts() && about == About::default() {
        return refused(format!("«{}» is for what stands under posts", source.kind));
    }
    let reading = Reading::of(request.cursor);
    let stretch = None;
    let poll = Poll { request, kind, about, stretch, client, budget, reading, now };
    match poll.pages().await {
        Ok(seen) => {
            let is_at_end = matches!(seen.ending, Ending::End | Ending::Met);
            let is_read = !seen.not_modified && !seen.is_withheld && seen.rejected.is_empty();
            let is_whole = is_at_end && is_read;
            let told = seen.told();
            Read { told, result: poll.with_whole_texts(poll.result(seen)).await, is_whole }
        }
        Err(stop) => Read { result: no(request, client, stop), told: Vec::new(), is_whole: false },
    }
}

/// Why reading stopped, with the payload where that is worth keeping.
struct Stop {
    error: PollError,
    payload: Vec<u8>,
}

impl Stop {
    fn of(error: PollError) -> Stop {
        Stop { error, payload: Vec::new() }
    }
}

/// What a network may repeat and nobody may keep: the credential, and what was
/// given for it.
fn hidden(request: &PollRequest<'_>, client: &Client) -> Hidden {
    let given = request.secret.map_or_else(Vec::new, |secret| {
        let mut given = client.sessions.given_for(secret);
        given.extend(client.tokens.given_for(secret));
        given
    });
    Hidden::of(request.secret.into_iter().chain(&given))
}

fn no(request: &PollRequest<'_>, client: &Client, stop: Stop) -> PollResult {
    let hidden = hidden(request, client);
    let detail = hidden.clean(&stop.error.detail);
    let error = PollError { detail, ..stop.error };
    if error.class.is_refusal() {
        let stop = error.class.stops();
        return PollResult::Refused { error, stop };
    }
    let rejected = (!stop.payload.is_empty()).then(|| {
        let payload = hidden.clean_beginning(&stop.payload, REJECTED_PAYLOAD_MAX_BYTES);
        Rejected { source: Some(request.source.id.clone()), error: error.to_string(), payload }
    });
    PollResult::Failed { error, rejected }
}

struct Poll<'a> {
    request: &'a PollRequest<'a>,
    kind: &'a PollKind,
    about: About<'a>,
    /// What is read, where that is not what is new.
    stretch: Option<&'a Stretch<'a>>,
    client: &'a Client,
    budget: &'a Budget,
    reading: Reading,
    now: Timestamp,
}

impl Poll<'_> {
    async fn pages(&self) -> Result<Seen, Stop> {
        let mut seen = Seen::default();
        let target = self.resolved().await?;
        let (first, others) = self.addresses(&target).map_err(Stop::of)?;
        let mut progress = Progress::default();
        let mut address = first;
        loop {
            let response = match self.fetch(&address, progress.pages).await {
                Ok(response) => response,
                Err(error) => return self.interrupted(seen, Stop::of(error)),
            };
            if response.status == 304 {
                seen.not_modified = true;
                return Ok(seen);
            }
            let page = match self.read(&response).await {
                Ok(page) => page,
                Err(stop) => return self.interrupted(seen, stop),
            };
            if progress.pages == 0 {
                seen.etag = response.etag.clone();
                seen.last_modified = response.last_modified.clone();
            }
            let hint = page.hint.clone();
            progress.name(&page.named);
            let is_met = self.is_met(&page);
            seen.take(page, self.kind.order);
            let link = match self.is_forward() {
                true => response.link_prev.as_deref(),
                false => response.link_next.as_deref(),
            };
            let next = progress.next(&self.kind.paging, &others, &hint, link);
            seen.ending = match next {
                _ if is_met => Ending::Met,
                _ if self.is_read_enough(progress.pages) => Ending::Met,
                _ if self.kind.results_max.is_some_and(|most| most <= seen.items) => {
                    Ending::ResultLimit
                }
                None => Ending::End,
                Some(_) if self.request.limits.pages_max <= progress.pages => Ending::PageLimit,
                Some(next) => {
                    address = next;
                    continue;
                }
            };
            return Ok(seen);
        }
    }

    /// Of a source that was never read a few pages do; a thread is wanted whole.
    fn is_read_enough(&self, pages: usize) -> bool {
        let is_source = self.about == About::default();
        is_source && self.reading.is_first() && self.kind.first_pages <= pages
    }

    /// What was read before the network said no is not thrown away.
    fn interrupted(&self, mut seen: Seen, stop: Stop) -> Result<Seen, Stop> {
        if self.fresh(&seen).is_empty() {
            return Err(stop);
        }
        let detail = hidden(self.request, self.client).clean(&stop.error.detail);
        seen.ending = Ending::Interrupted(PollError { detail, ..stop.error });
        Ok(seen)
    }

    fn base(&self) -> Option<Url> {
        let own = self.kind.base_url.as_deref();
        let own = own.or(self.request.definition.file.base_url.as_deref());
        // What is asked with a session is asked where that was given.
        let own = match self.auth() {
            Auth::AtSession { server } if self.request.secret.is_some() => Some(server.as_str()),
            Auth::None
            | Auth::Query { .. }
            | Auth::Header { .. }
            | Auth::Bearer
            | Auth::ClientCredentials { .. }
            | Auth::AtSession { .. }
            | Auth::OkSignature => own,
        };
        self.request.base.cloned().or_else(|| own.and_then(|own| Url::parse(own).ok()))
    }

    fn start<'s>(&'s self, base: Option<&'s Url>, target: &'s str) -> Start<'s> {
        let floor = self.reading.floor(self.kind.overlap_secs);
        let since = floor.filter(|since| !self.is_forgotten(*since));
        let since_snowflake = self.since_snowflake().filter(|_| self.is_forward());
        let about = self.about;
        let start = Start { base, target, since, since_snowflake, about, ..Start::default() };
        self.stretch.map_or(start.clone(), |stretch| self.start_of(stretch, start))
    }

    fn since_snowflake(&self) -> Option<u64> {
        let since = self.reading.floor(self.kind.overlap_secs)?;
        let known = self.reading.known.keys().map(String::as_str);
        paging::snowflake(since, known.filter(|id| !id.starts_with(REJECTED)))
    }

    /// Whether pages go from the cursor to the newest post, not back to it.
    fn is_forward(&self) -> bool {
        self.may_go_forward() && !self.reading.is_dense && self.since_snowflake().is_some()
    }

    fn may_go_forward(&self) -> bool {
        self.kind.paging == Paging::LinkHeader { forward: true }
    }

    /// Going forward, a poll that ends early goes on where it ended, unless a
    /// whole poll does not even leave the overlap: then it is better to begin
    /// with the newest posts, until the cursor is met that way.
    fn is_dense(&self, seen: &Seen) -> bool {
        let newest = seen.dated().map(|post| post.published_at).max();
        match seen.ending {
            _ if !self.may_go_forward() => false,
            Ending::PageLimit => !self.is_forward() || newest <= self.reading.newest,
            Ending::Interrupted(_) | Ending::ResultLimit => self.reading.is_dense,
            Ending::Met | Ending::End => false,
        }
    }

    /// Whether the network shows nothing of that instant any more.
    fn is_forgotten(&self, instant: Timestamp) -> bool {
        let memory = self.kind.memory_secs.map(jiff::SignedDuration::from_secs);
        let oldest = memory.and_then(|memory| self.now.checked_sub(memory).ok());
        oldest.is_some_and(|oldest| instant < oldest)
    }

    /// Of the first page, and of those after it.
    fn addresses(&self, target: &str) -> Result<(Url, Url), PollError> {
        let base = self.base();
        let start = self.start(base.as_ref(), target);
        let first = paging::first(self.kind, &start)?;
        let others = paging::others(self.kind, &first, &start)?;
        Ok((first, others))
    }

    async fn fetch(&self, address: &Url, pages: usize) -> Result<Response, PollError> {
        let response = self.fetch_once(address, pages).await?;
        // A token may be withdrawn before its time; another is asked for once.
        let Some(credential) = self.request.secret else { return Ok(response) };
        match self.auth() {
            Auth::ClientCredentials { .. } if response.status == 401 => {
                self.client.tokens.forget(credential);
            }
            Auth::AtSession { .. } if session::is_expired(response.status, &response.body) => {
                self.client.sessions.expire(credential, self.now);
            }
            Auth::None
            | Auth::Query { .. }
            | Auth::Header { .. }
            | Auth::Bearer
            | Auth::ClientCredentials { .. }
            | Auth::AtSession { .. }
            | Auth::OkSignature => return Ok(response),
        }
        self.fetch_once(address, pages).await
    }

    fn auth(&self) -> &Auth {
        self.request.definition.auth(&self.request.source.kind)
    }

    async fn fetch_once(&self, address: &Url, pages: usize) -> Result<Response, PollError> {
        if let Turn::Answered(response) = self.turn(address).await? {
            return Ok(*response);
        }
        let secret = self.secret().await?;
        let mut request = self.request_to(address.clone());
        request.headers.extend(auth::apply(self.auth(), secret.as_ref(), &mut request.url)?);
        if pages == 0 {
            request.headers.extend(self.validators());
        }
        if self.asks_as_a_robot() && !self.client.robots_allow(&request, self.now).await? {
            let detail = format!("robots.txt does not allow {}", http::shown(&request.url));
            return Err(PollError::new(ErrorClass::Forbidden, detail));
        }
        self.client.get(&request, self.now).await
    }

    fn request_to(&self, url: Url) -> http::Request {
        let file = &self.request.definition.file;
        http::Request {
            url,
            headers: file.headers.clone().into_iter().collect(),
            body_max_bytes: self.request.limits.body_max_bytes,
            request_max: Duration::from_secs(self.request.limits.request_max_secs),
            redirects: file.redirects,
            base: self.base(),
        }
    }

    /// What goes into the request: the credential, or what is given for it.
    async fn secret(&self) -> Result<Option<Secret>, PollError> {
        match (self.auth(), self.request.secret) {
            (Auth::ClientCredentials { token_url }, Some(credential)) => {
                let url = token::address(token_url, self.request.base)?;
                let request = self.request_to(url);
                token::token(self.client, credential, request, self.now).await.map(Some)
            }
            (Auth::AtSession { server }, Some(credential)) => {
                let request = self.request_to(session::server(server, self.request.base)?);
                session::token(self.client, credential, &request, self.now).await.map(Some)
            }
            (_, secret) => Ok(secret.cloned()),
        }
    }

    /// Pages are made for people; interfaces and feeds are made for programs.
    /// A place that the configuration names is the operator's own to ask.
    fn asks_as_a_robot(&self) -> bool {
        let file = &self.request.definition.file;
        let is_page = matches!(file.format, Format::Html | Format::Page);
        is_page && file.robots == RobotsRule::Respect && self.request.base.is_none()
    }

    fn validators(&self) -> Vec<(String, String)> {
        // What the list showed is needed again where a whole text is waited for.
        let is_due = self.reading.polls.is_multiple_of(UNCONDITIONAL_EVERY)
            || !self.reading.short.is_empty();
        if self.kind.conditional == Conditional::Never || is_due {
            return Vec::new();
        }
        let of = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| (name.to_owned(), value.clone()))
        };
        let etag = of("if-none-match", &self.reading.etag);
        let modified = of("if-modified-since", &self.reading.last_modified);
        etag.into_iter().chain(modified).collect()
    }

    /// The page of an answer, or what the answer says instead.
    async fn read(&self, response: &Response) -> Result<Page, Stop> {
        let status = self.request.definition.class_of_status(response.status);
        let page = self.extract(response);
        let error = match (status, page) {
            (None, Ok(page)) => return Ok(page),
            (None, Err(error)) => error,
            // A body that explains itself says more than its status.
            (Some(class), Err(error)) if error.is_guess => PollError { class, ..error },
            (Some(_), Err(error)) if error.code.is_some() => error,
            (Some(ErrorClass::Forbidden), _) if (300..400).contains(&response.status) => {
                self.after_redirect(response.status).await
            }
            (Some(class), _) => {
                let status = response.status.to_string();
                PollError::new(class, format!("HTTP status {status}")).with_code(status)
            }
        };
        let day = self.request.definition.file.rate.day;
        let next_day = (error.class == ErrorClass::Quota).then(|| budget::next_day(day, self.now));
        let error = error.with_retry_at(next_day).with_retry_at(response.retry_after);
        let is_worth_keeping = error.class == ErrorClass::Malformed;
        let payload = if is_worth_keeping { response.body.clone() } else { Vec::new() };
        Err(Stop { error, payload })
    }

    fn extract(&self, response: &Response) -> Result<Page, PollError> {
        let definition = self.request.definition;
        let content_type = response.content_type.as_deref();
        let mut page = extract::extract_asked(
            definition,
            &self.kind.extract,
            &response.body,
            content_type,
            self.now,
            self.asked(response.address.as_ref()),
        )?;
        if let Some(feed) = page.feed.as_ref().filter(|_| self.reading.is_first()) {
            let source = &self.request.source.id;
            tracing::info!(%source, feed = %http::shown(feed), "this page has a feed");
        }
        for post in &mut page.posts {
            post.source = Some(self.request.source.id.clone());
            self.place(post);
        }
        for rejected in &mut page.rejected {
            let hidden = hidden(self.request, self.client);
            rejected.source = Some(self.request.source.id.clone());
            rejected.error = hidden.clean(&rejected.error);
            let text = String::from_utf8_lossy(&rejected.payload);
            rejected.payload = hidden.clean(&text).into_bytes();
        }
        Ok(page)
    }

    fn asked<'s>(&'s self, address: Option<&'s Url>) -> Asked<'s> {
        let source = self.request.source;
        Asked {
            target: Some(&source.target),
            address,
            page: source.page.as_ref(),
            zone: source.zone.as_deref(),
        }
    }

    /// What stands under a post says so, even where the page does not.
    fn place(&self, post: &mut Post) {
        let above = self.about.post.filter(|_| self.about.posts.is_none());
        let Some(above) = above.filter(|above| *above != post.key.native_id) else {
            return;
        };
        let nearest = self.about.branch.filter(|branch| *branch != post.key.native_id);
        post.parent_id.get_or_insert_with(|| nearest.unwrap_or(above).to_owned());
        post.thread_id.get_or_insert_with(|| above.to_owned());
    }

    /// A redirect says that there is no preview; the page it leads to says
    /// whether there is anything at all.
    async fn after_redirect(&self, status: u16) -> PollError {
        let refused = PollError::new(ErrorClass::Forbidden, "redirected: not shown to the public");
        let refused = refused.with_code(status.to_string());
        let file = &self.request.definition.file;
        let Some(path) = probe(file.errors.redirect_probe.as_deref(), self.about) else {
            return refused;
        };
        let base = self.base();
        let start = self.start(base.as_ref(), &self.request.source.target);
        let Ok(address) = paging::address(path, &start) else { return refused };
        match self.fetch(&address, 1).await {
            Ok(response) => match self.extract(&response) {
                Err(error) if error.class == ErrorClass::Gone => error,
                Err(_) | Ok(_) => refused,
            },
            Err(_) => refused,
        }
    }

    /// Whether the old end of a page lies before everything that is still of
    /// interest. One old post proves nothing: it may be pinned, or late.
    fn is_met(&self, page: &Page) -> bool {
        if self.is_forward() {
            return false;
        }
        // Without dates nothing but what is known says where the news ends.
        let is_undated = |post: &Post| page.undated.contains(&post.key);
        if page.posts.iter().all(is_undated) {
            let known = &self.reading.known;
            return page.posts.iter().any(|post| known.contains_key(&post.key.native_id));
        }
        let Some(floor) = self.reading.floor(self.kind.overlap_secs) else { return false };
        let is_loose =
            |post: &&Post| page.pinned.contains(&post.key) || page.undated.contains(&post.key);
        let ordered: Vec<&Post> = page.posts.iter().filter(|post| !is_loose(post)).collect();
        let tail = &ordered[ordered.len().saturating_sub(TAIL)..];
        let head = &ordered[..ordered.len().min(TAIL)];
        let all_old =
            |part: &[&Post]| !part.is_empty() && part.iter().all(|p| p.published_at < floor);
        match self.kind.order {
            Order::NewestFirst => all_old(tail),
            Order::OldestFirst => all_old(head),
            Order::Unordered => false,
        }
    }
}

/// What is asked after a redirect: it tells whether a source is there. The
/// target of a thread or of a post is no source's, and a wrong «gone» would
/// mark as deleted what is only not shown.
fn probe<'a>(path: Option<&'a str>, about: About<'_>) -> Option<&'a str> {
    path.filter(|_| about == About::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_alone_are_asked_for_after_a_redirect() {
        let thread = About { post: Some("-100/77"), ..About::default() };
        assert_eq!(probe(Some("/{target_first}"), About::default()), Some("/{target_first}"));
        assert_eq!(probe(Some("/{target_first}"), thread), None);
        assert_eq!(probe(None, About::default()), None);
    }
}
