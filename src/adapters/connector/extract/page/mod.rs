//! Reads pages that are made for people: by the places that a source names,
//! and without them by what pages commonly say of themselves. A page that is
//! full while nothing is found on it has another layout than it had. Knows
//! nothing of how pages are asked for.

mod identity;
mod item;
mod json_ld;
mod known;
mod places;
mod site;
mod words;

use std::collections::BTreeSet;

use scraper::ElementRef;
use scraper::Html;

use super::Page;
use super::PagingHint;
use super::Reading;
use super::charset;
use super::feed;
use super::html;
use super::malformed;
use super::rejected;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::model::post::Post;
use crate::model::source::PageRules;
use crate::model::time::Timestamp;

use self::item::Draft;
use self::places::Places;
use self::site::Site;

pub use self::places::WrongPlace;

/// What is wrong with the places that a source names.
pub fn wrong_places(rules: &PageRules) -> Vec<WrongPlace> {
    Places::of(rules).err().unwrap_or_default()
}

fn places(rules: Option<&PageRules>) -> Result<Places, PollError> {
    let rules = rules.cloned().unwrap_or_default();
    Places::of(&rules).map_err(|wrong| {
        let wrong: Vec<String> = wrong
            .iter()
            .map(|one| format!("page.{}: {} ({})", one.key, one.message, one.place))
            .collect();
        PollError::new(ErrorClass::Config, wrong.join("; "))
    })
}

pub(super) fn extract(reading: &Reading<'_>, text: &str) -> Result<Page, PollError> {
    if feed::looks_like_one(text) {
        let detail = "this is a feed, not a page: its network is rss";
        return Err(PollError::new(ErrorClass::Config, detail));
    }
    let document = html::parsed(reading, text)?;
    let places = places(reading.asked.page)?;
    let site = Site::of(&document, reading);
    let root = document.root_element();
    let drafts = match &places.item {
        Some(item) => {
            let items = item.elements(root);
            reading.check_items(items.len())?;
            html::check_apart(&items)?;
            items.into_iter().map(|one| Draft::of(&places, &site, one)).collect()
        }
        None => known::drafts(reading, &site, root)?,
    };
    if drafts.is_empty() {
        check_empty(reading, &document, &site, || nothing_found(reading, &site))?;
    }
    let next = site.next(places.next.as_ref());
    let hint = PagingHint { items: drafts.len(), token: next, ..PagingHint::default() };
    let feed = site.feed().filter(|_| places.item.is_none());
    let mut page = Page { hint, feed, ..Page::default() };
    let mut keys = BTreeSet::new();
    for draft in drafts {
        match draft.post(reading, &site) {
            Ok((post, is_dated)) if keys.insert(post.key.clone()) => {
                if !is_dated {
                    page.undated.push(post.key.clone());
                }
                page.posts.push(post);
            }
            // The same item in two places of one page.
            Ok(_) => {}
            Err(error) => page.rejected.push(rejected(error, &draft.markup)),
        }
    }
    Ok(page)
}

/// A page on which nothing is found is empty, says no or has another layout.
/// News, too, are about errors and carry numbers, and their forms have a
/// captcha: only what is little more than a frame is taken at its word.
fn check_empty(
    reading: &Reading<'_>,
    document: &Html,
    site: &Site<'_>,
    detail: impl Fn() -> String,
) -> Result<(), PollError> {
    if site.is_full() {
        return Err(malformed(detail()));
    }
    html::error_in_document(reading, document).map_or(Ok(()), Err)
}

fn nothing_found(reading: &Reading<'_>, site: &Site<'_>) -> String {
    let named = reading.asked.page.and_then(|rules| rules.item.as_ref());
    let what = match named {
        Some(item) => format!("nothing matches «{item}», though the page is full"),
        None => "no items are found; say where they are: page = { item = … }".to_owned(),
    };
    let feed = site.feed().map(|feed| format!("; this page has a feed: {feed}"));
    what + feed.as_deref().unwrap_or_default()
}

/// What an item's own page says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whole {
    pub text: Option<String>,
    pub published_at: Option<Timestamp>,
}

/// Reads the own page of an item for its whole text.
pub(super) fn whole(
    reading: &Reading<'_>,
    payload: &[u8],
    content_type: Option<&str>,
) -> Result<Whole, PollError> {
    let document = html::parsed(reading, &charset::decode(payload, content_type))?;
    let places = places(reading.asked.page)?;
    let site = Site::of(&document, reading);
    let root: ElementRef<'_> = document.root_element();
    let text = places.full.as_ref().and_then(|full| full.all(root));
    if text.is_none() {
        let detail = || "nothing matches «full», though the page is full".to_owned();
        check_empty(reading, &document, &site, detail)?;
    }
    Ok(Whole { text, published_at: known::published_at(&site, root) })
}

/// A post with the words of its own page, under the title that its list shows.
pub fn with_whole(post: Post, whole: Whole) -> Post {
    let title = post.text.split("\n\n").next().unwrap_or_default().to_owned();
    let text = whole.text.map_or(post.text.clone(), |text| item::joined(&title, &text));
    // What lists say in short («вчера»), the page says in full.
    let published_at = whole.published_at.unwrap_or(post.published_at);
    Post { text, published_at, ..post }
}
