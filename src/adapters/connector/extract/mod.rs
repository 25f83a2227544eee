//! From a payload to posts, by a definition. One item that cannot be read is
//! put aside and the others survive; a payload that says no becomes a
//! classified error. Does not know where the payload came from.

pub mod charset;
mod feed;
mod feed_text;
mod feed_youtube;
mod html;
mod json;
pub mod page;
mod post;

use url::Url;

use crate::adapters::connector::definition::Condition;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::definition::Extraction;
use crate::adapters::connector::definition::Format;
use crate::adapters::connector::definition::Paging;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::model::post::Post;
use crate::model::post::PostKey;
use crate::model::source::PageRules;
use crate::model::source::REJECTED_PAYLOAD_MAX_BYTES;
use crate::model::source::Rejected;
use crate::model::time::Timestamp;

/// What a payload held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// In the payload's order.
    pub posts: Vec<Post>,
    /// Items that could not be read.
    pub rejected: Vec<Rejected>,
    /// The names of what belongs to the page and is not shown.
    pub named: Vec<String>,
    /// Stubs of what the network does not even name.
    pub unnamed: Vec<Rejected>,
    /// Whether something is kept back that is not gone.
    pub is_withheld: bool,
    /// Posts that stand outside the order of the page.
    pub pinned: Vec<PostKey>,
    /// Posts whose date could not be read: `published_at` is `now`.
    pub undated: Vec<PostKey>,
    /// What items that the extraction is not about call themselves.
    pub others: Vec<String>,
    /// A feed that stands beside a page, which would be read more surely.
    pub feed: Option<Url>,
    pub hint: PagingHint,
}

/// What the payload says about the pages after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PagingHint {
    /// Items of the page, those included that are no posts.
    pub items: usize,
    /// Items there are in all, as far as the network tells.
    pub total: Option<u64>,
    /// The text that asks for the next page.
    pub token: Option<String>,
}

/// Reads one payload; one of which nothing can be read is malformed. `kind` names an extraction of the definition (`posts`,
/// `comments`, `search`); `now` stands in for dates that cannot be read.
pub fn extract(
    definition: &Definition,
    kind: &str,
    payload: &[u8],
    content_type: Option<&str>,
    now: Timestamp,
) -> Result<Page, PollError> {
    extract_asked(definition, kind, payload, content_type, now, Asked::default())
}

/// What was asked for, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    pub target: Option<&'a str>,
    /// Where the answer came from in the end.
    pub address: Option<&'a Url>,
    /// The places that the source names.
    pub page: Option<&'a PageRules>,
    /// The zone of dates for people.
    pub zone: Option<&'a str>,
}

/// The same for an answer of which is known what was asked for: some say
/// neither whose wall nor which post they are about.
pub fn extract_asked(
    definition: &Definition,
    kind: &str,
    payload: &[u8],
    content_type: Option<&str>,
    now: Timestamp,
    asked: Asked<'_>,
) -> Result<Page, PollError> {
    let extraction = definition.extraction(kind).ok_or_else(|| {
        let network = &definition.network;
        PollError::new(ErrorClass::Config, format!("{network} has no extraction «{kind}»"))
    })?;
    let limits = &definition.file.limits;
    if payload.len() > limits.body_max_bytes {
        let detail = format!("{} bytes are more than {}", payload.len(), limits.body_max_bytes);
        return Err(PollError::new(ErrorClass::Malformed, detail));
    }
    let text = charset::decode(payload, content_type);
    if text.trim().is_empty() {
        return Err(PollError::new(ErrorClass::Unavailable, "an empty answer"));
    }
    let feed = extraction.when_feed.as_deref().filter(|_| feed::looks_like_one(&text));
    let extraction = feed.and_then(|other| definition.extraction(other)).unwrap_or(extraction);
    let reading = Reading { definition, kind, extraction, now, asked };
    let mut page = match extraction.format.unwrap_or(definition.file.format) {
        Format::Json => json::extract(&reading, &text),
        Format::Html => html::extract(&reading, &text),
        Format::Feed => feed::extract(&reading, &text),
        Format::Page => page::extract(&reading, &text),
    }?;
    match page.rejected.first() {
        Some(first) if page.posts.is_empty() => {
            let count = page.rejected.len();
            Err(malformed(format!("none of {count} items can be read: {}", first.error)))
        }
        Some(_) | None => {
            page.rejected.append(&mut page.unnamed);
            Ok(page)
        }
    }
}

/// Whether a condition holds of a JSON document as a whole.
pub fn holds(document: &serde_json::Value, condition: &Condition) -> bool {
    post::holds(&document, condition)
}

/// Reads the own page of an item: its whole text.
pub fn whole(
    definition: &Definition,
    kind: &str,
    payload: &[u8],
    content_type: Option<&str>,
    now: Timestamp,
    asked: Asked<'_>,
) -> Result<page::Whole, PollError> {
    let extraction = definition
        .extraction(kind)
        .ok_or_else(|| PollError::new(ErrorClass::Config, format!("no extraction «{kind}»")))?;
    let reading = Reading { definition, kind, extraction, now, asked };
    page::whole(&reading, payload, content_type)
}

/// What every reader needs to know.
struct Reading<'a> {
    definition: &'a Definition,
    kind: &'a str,
    extraction: &'a Extraction,
    now: Timestamp,
    asked: Asked<'a>,
}

impl Reading<'_> {
    fn check_items(&self, items: usize) -> Result<(), PollError> {
        let most = self.definition.file.limits.items_max;
        if items > most {
            return Err(malformed(format!("{items} items are more than {most}")));
        }
        Ok(())
    }

    fn check_nesting(&self, depth: usize) -> Result<(), PollError> {
        let most = self.definition.file.limits.nesting_max;
        if depth > most {
            return Err(malformed(format!("nested {depth} deep, more than {most}")));
        }
        Ok(())
    }

    /// Where the answers of the poll kinds that use this extraction keep their paging.
    fn paging(&self) -> Option<&Paging> {
        let polls = self.definition.file.poll.values();
        polls
            .filter(|poll| poll.extract == self.kind)
            .map(|poll| &poll.paging)
            .find(|paging| **paging != Paging::None)
    }
}

/// How much of a page is looked through for its title.
const HEAD_MAX_CHARS: usize = 8_192;

/// What a page of HTML says that came in place of something else: servers and
/// what stands before them write the status into the title or a heading.
fn page_instead(reading: &Reading<'_>, text: &str, promised: &str) -> PollError {
    let head = text.chars().take(HEAD_MAX_CHARS).collect::<String>().to_lowercase();
    let words = |open: &str, close: &str| {
        let (_, rest) = head.split_once(open)?;
        Some(rest.split_once(close)?.0.trim())
    };
    let titles = [words("<title>", "</title>"), words("<h1>", "</h1>")];
    let mut titles = titles.into_iter().flatten();
    let status = titles.clone().find_map(|title| title.split_whitespace().next()?.parse().ok());
    let class = match status.and_then(|status| reading.definition.class_of_status(status)) {
        Some(class) => class,
        None if titles.any(|title| title.contains("too many requests")) => ErrorClass::RateLimited,
        None => ErrorClass::Unavailable,
    };
    PollError::new(class, format!("a page where {promised} was promised"))
}

fn malformed(detail: impl Into<String>) -> PollError {
    PollError::new(ErrorClass::Malformed, detail)
}

fn rejected(error: String, payload: &str) -> Rejected {
    let mut end = payload.len().min(REJECTED_PAYLOAD_MAX_BYTES);
    while !payload.is_char_boundary(end) {
        end -= 1;
    }
    Rejected { source: None, error, payload: payload.as_bytes()[..end].to_vec() }
}

#[cfg(test)]
mod tests;
