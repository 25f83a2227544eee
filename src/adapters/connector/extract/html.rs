//! Reads pages of HTML by CSS selectors. A place is `selector`, which gives
//! the element's words, or `selector@attribute`; an empty selector is the item
//! itself, and an item counts among its own descendants.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use scraper::ElementRef;
use scraper::Html;
use scraper::Selector;
use serde_json::Value;

use super::Page;
use super::PagingHint;
use super::Reading;
use super::malformed;
use super::post;
use super::post::Built;
use super::post::Item;
use super::post::Names;
use super::post::Placed;
use super::rejected;
use crate::adapters::connector::definition::Paging;
use crate::adapters::connector::definition::Strategy;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::markup;
use crate::adapters::connector::parsing::{self, Hostile};
use crate::model::source::REJECTED_PAYLOAD_MAX_BYTES;

/// Threads of comments lie in each other, but not for ever.
const WITHIN_MAX: usize = 16;

struct HtmlItem<'a> {
    element: ElementRef<'a>,
    selectors: &'a BTreeMap<String, Selector>,
    channel: Option<&'a str>,
}

pub fn extract(reading: &Reading<'_>, text: &str) -> Result<Page, PollError> {
    let unwrapped = json_string(text);
    let document = parsed(reading, unwrapped.as_deref().unwrap_or(text))?;
    let selectors = &reading.definition.selectors;
    let root = HtmlItem { element: document.root_element(), selectors, channel: None };
    let extraction = reading.extraction;
    let found = extraction.items.iter().map(|items| root.parts(&items.at));
    let items = found.into_iter().find(|items| !items.is_empty()).unwrap_or_default();
    // What people write may sound like an error: where there is something to
    // read it is none.
    if let Some(error) = error_in(reading, &root).filter(|_| items.is_empty()) {
        return Err(error);
    }
    let is_there = |place: &String| !root.parts(place).is_empty();
    if !extraction.present.is_empty() && !extraction.present.iter().any(is_there) {
        return Err(malformed(format!("none of {} is there", extraction.present.join(", "))));
    }
    reading.check_items(items.len())?;
    check_apart(&items.iter().map(|item| item.element).collect::<Vec<_>>())?;
    let target = reading.asked.target;
    let names = Names::none(reading.now);
    let channel = items.iter().find_map(|item| telegram_channel(item.element));
    let mut page = Page { hint: hint(reading, &root, items.len()), ..Page::default() };
    for item in items {
        let item = HtmlItem { channel: channel.as_deref(), ..item };
        let item = Placed { item, root: &root, target };
        if extraction.skip.iter().any(|condition| post::holds(&item, condition)) {
            continue;
        }
        if let Some(word) = post::other_word(reading, &item) {
            page.others.push(word);
            continue;
        }
        match post::build(reading, &item, &names) {
            Ok(Built { post, is_dated }) => {
                if extraction.pinned.iter().any(|condition| post::holds(&item, condition)) {
                    page.pinned.push(post.key.clone());
                }
                if !is_dated {
                    page.undated.push(post.key.clone());
                }
                page.posts.push(post);
            }
            Err(error) => page.rejected.push(rejected(error, &kept_markup(item.item.element))),
        }
    }
    Ok(page)
}

/// Asked the way its own script asks, a site answers with the HTML inside a
/// JSON string, or inside an object beside numbers of its own.
fn json_string(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['"', '{']) {
        return None;
    }
    match serde_json::from_str(text).ok()? {
        Value::String(html) => Some(html),
        Value::Object(map) => {
            let (_, html) = map.iter().find(|(name, _)| name.ends_with("html"))?;
            html.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// A page of no more depth than is allowed.
pub fn parsed(reading: &Reading<'_>, text: &str) -> Result<Html, PollError> {
    let most = reading.definition.file.limits.nesting_max;
    let document = parsing::document(text, most).map_err(|hostile| match hostile {
        Hostile::Deep(depth) => malformed(format!("nested {depth} deep, more than {most}")),
        Hostile::Growing => malformed("what is left open makes more of the page than it is"),
    })?;
    reading.check_nesting(depth(&document))?;
    Ok(document)
}

/// So much of an item as is kept of one that cannot be read.
pub fn kept_markup(element: ElementRef<'_>) -> String {
    parsing::markup_of(element, REJECTED_PAYLOAD_MAX_BYTES)
}

/// Items in items: each is read with all that lies in it.
pub fn check_apart(items: &[ElementRef<'_>]) -> Result<(), PollError> {
    let ids: HashSet<_> = items.iter().map(|item| item.id()).collect();
    let above =
        |item: &ElementRef<'_>| item.ancestors().filter(|one| ids.contains(&one.id())).count();
    match items.iter().map(above).max() {
        Some(deep) if WITHIN_MAX < deep => {
            Err(malformed(format!("items lie {deep} deep in each other, more than {WITHIN_MAX}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn depth(document: &Html) -> usize {
    let mut deepest = 0;
    let mut level = 1usize;
    let mut node = *document.root_element();
    loop {
        deepest = deepest.max(level);
        if let Some(child) = node.first_child() {
            node = child;
            level += 1;
            continue;
        }
        while node.next_sibling().is_none() {
            match node.parent() {
                Some(parent) if level > 1 => node = parent,
                _ => return deepest,
            }
            level -= 1;
        }
        match node.next_sibling() {
            Some(sibling) if level > 1 => node = sibling,
            _ => return deepest,
        }
    }
}

/// What a page says that came where another format was promised.
pub fn error_page(reading: &Reading<'_>, text: &str) -> Option<PollError> {
    error_in_document(reading, &parsed(reading, text).ok()?)
}

/// The same of one that is parsed.
pub fn error_in_document(reading: &Reading<'_>, document: &Html) -> Option<PollError> {
    let selectors = &reading.definition.selectors;
    let root = HtmlItem { element: document.root_element(), selectors, channel: None };
    error_in(reading, &root)
}

fn error_in(reading: &Reading<'_>, root: &HtmlItem<'_>) -> Option<PollError> {
    reading.definition.file.errors.pages.iter().find_map(|page| {
        let found = root.values(&page.at);
        let says = |part: &String| {
            found.iter().filter_map(Value::as_str).any(|text| text.contains(part.as_str()))
        };
        let said = match page.contains.as_slice() {
            [] => !found.is_empty(),
            parts => parts.iter().any(says),
        };
        let holds = said && page.absent.iter().all(|place| root.parts(place).is_empty());
        holds.then(|| PollError::new(page.class, page.message.clone()))
    })
}

fn hint(reading: &Reading<'_>, root: &HtmlItem<'_>, items: usize) -> PagingHint {
    let total = post::value(root, &reading.extraction.total, &Names::none(reading.now));
    let total = total.and_then(|total| total.as_u64());
    let mut hint = PagingHint { items, total, ..PagingHint::default() };
    if let Some(Paging::Token { at, .. }) = reading.paging() {
        let found = root.values(at).into_iter().next();
        hint.token = found.and_then(|value| value.as_str().map(str::to_owned));
    }
    hint
}

impl<'a> Item for HtmlItem<'a> {
    fn values(&self, place: &str) -> Vec<Value> {
        let attribute = place.split_once('@').map(|(_, attribute)| attribute);
        let value_of = |part: HtmlItem<'a>| match attribute {
            Some(name) => part.element.value().attr(name).map(Value::from),
            None => Some(markup::element_text(part.element).into()),
        };
        self.parts(place).into_iter().filter_map(value_of).collect()
    }

    fn parts(&self, place: &str) -> Vec<Self> {
        let selector = place.split('@').next().unwrap_or("");
        if selector.is_empty() {
            return vec![self.of(self.element)];
        }
        let Some(compiled) = self.selectors.get(selector) else { return Vec::new() };
        let itself = compiled.matches(&self.element).then_some(self.element);
        itself.into_iter().chain(self.element.select(compiled)).map(|part| self.of(part)).collect()
    }

    fn strategy(&self, strategy: Strategy) -> Option<Value> {
        let found = match strategy {
            Strategy::TelegramId => self.telegram_id(self.element.value().attr("data-post")?),
            Strategy::TelegramChannel => self.telegram_channel_of_post(),
            Strategy::TelegramReply => self.telegram_reply(),
        };
        found.map(Value::from)
    }
}

impl<'a> HtmlItem<'a> {
    fn of(&self, element: ElementRef<'a>) -> HtmlItem<'a> {
        HtmlItem { element, selectors: self.selectors, channel: self.channel }
    }

    /// `Some_Channel/77` with the channel's number in place of a name that may change.
    fn telegram_id(&self, data_post: &str) -> Option<String> {
        let (name, number) = data_post.split_once('/')?;
        number.parse::<u64>().ok()?;
        let channel = self.channel.map_or_else(|| name.to_lowercase(), str::to_owned);
        Some(format!("{channel}/{number}"))
    }

    fn telegram_channel_of_post(&self) -> Option<String> {
        let (name, _) = self.element.value().attr("data-post")?.split_once('/')?;
        Some(self.channel.map_or_else(|| name.to_lowercase(), str::to_owned))
    }

    /// Only answers inside the channel: about others the number is not known.
    fn telegram_reply(&self) -> Option<String> {
        let (own, _) = self.element.value().attr("data-post")?.split_once('/')?;
        let link = self.values(".tgme_widget_message_reply@href").into_iter().next()?;
        let address = url::Url::parse(link.as_str()?).ok()?;
        let mut segments = address.path_segments()?;
        let (channel, number) = (segments.next()?, segments.next()?);
        let data_post = format!("{channel}/{number}");
        match channel.eq_ignore_ascii_case(own) {
            true => self.telegram_id(&data_post),
            false => number.parse::<u64>().ok().map(|_| data_post.to_lowercase()),
        }
    }
}

/// The channel's number, from the base64 of JSON in `data-view`.
fn telegram_channel(element: ElementRef<'_>) -> Option<String> {
    let encoded = element.value().attr("data-view")?.trim_end_matches('=');
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    let alphabet: String = encoded
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let decoded = engine.decode(alphabet).ok()?;
    let view: Value = serde_json::from_slice(&decoded).ok()?;
    view.get("c").and_then(Value::as_i64).map(|number| number.to_string())
}
