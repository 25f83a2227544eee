//! Reads RSS, Atom, RDF and JSON Feed. Identity: guid, else the normalised
//! link, else a hash of title and date. A feed that breaks off in the middle is
//! read item by item, so that one bad item does not cost the others.

use std::borrow::Cow;

use feed_rs::model::Entry;
use feed_rs::model::Feed;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;
use url::Url;

use super::Page;
use super::PagingHint;
use super::Reading;
use super::feed_text;
use super::feed_youtube;
use super::json;
use super::malformed;
use super::page_instead;
use super::rejected;
use crate::adapters::connector::conversion;
use crate::adapters::connector::definition::Dialect;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::markup;
use crate::model::post::Counts;
use crate::model::post::Media;
use crate::model::post::Post;
use crate::model::post::PostKey;
use crate::model::source::Rejected;
use crate::model::time::Timestamp;

/// Elements that must not be empty, though sites leave them so.
const WORDY: [&str; 3] = ["media:title", "media:description", "media:text"];

/// Of the head that is read again with every item of a broken feed.
const HEAD_MAX_BYTES: usize = 64 * 1024;
/// Values of a JSON feed's head that stand around every item, and their length.
const HEAD_VALUES_MAX: usize = 64;
const HEAD_VALUE_MAX_BYTES: usize = 1_024;

/// Whether a payload is a feed rather than an answer of another kind.
pub fn looks_like_one(text: &str) -> bool {
    ["feed", "rss", "rdf:RDF"].into_iter().any(|root| {
        let start = find_open(text, root);
        start.is_some_and(|start| !text[..start].contains(['{', '[']))
    })
}

pub fn extract(reading: &Reading<'_>, text: &str) -> Result<Page, PollError> {
    if text.trim_start().starts_with('{') {
        return json_feed(reading, text);
    }
    let start: String = text.trim_start().chars().take(256).collect::<String>().to_lowercase();
    if start.starts_with("<!doctype html") || start.contains("<html") {
        return Err(page_instead(reading, text, "a feed"));
    }
    let cleaned = feed_text::clean(text).map_err(malformed)?;
    reading.check_nesting(cleaned.depth)?;
    let text = known_version(&cleaned.text);
    let text =
        WORDY.iter().fold(text.into_owned(), |text, name| feed_text::without_empty(&text, name));
    match parse(&text) {
        Ok(feed) => read(reading, &feed, Vec::new()),
        Err(error) => salvage(reading, &text, &error),
    }
}

/// Sites write all kinds of versions; what they send is RSS 2.0 all the same.
fn known_version(text: &str) -> Cow<'_, str> {
    let Some(start) = find_open(text, "rss") else { return Cow::Borrowed(text) };
    let end = text[start..].find('>').map_or(text.len(), |at| start + at);
    let tag = &text[start..end];
    let version =
        tag.split_once("version=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
    match version {
        Some("2.0" | "0.91" | "0.92" | "") => Cow::Borrowed(text),
        Some(other) => {
            Cow::Owned(text.replacen(&format!("version=\"{other}\""), "version=\"2.0\"", 1))
        }
        None => Cow::Owned(text.replacen("<rss", "<rss version=\"2.0\"", 1)),
    }
}

/// JSON Feed, with the numeric ids that its own rules forbid; an item that
/// cannot be read is put aside.
fn json_feed(reading: &Reading<'_>, text: &str) -> Result<Page, PollError> {
    let mut document: Value =
        serde_json::from_str(text).map_err(|error| malformed(format!("not JSON: {error}")))?;
    let items = document.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
    let items = items.ok_or_else(|| malformed("a JSON document without items"))?;
    reading.check_items(items.len())?;
    let deepest = items.iter().chain([&document]).map(json::depth).max();
    reading.check_nesting(deepest.unwrap_or(0))?;
    let mut whole = parse(&document.to_string()).map_err(malformed)?;
    let mut document = short_head(document);
    let mut failed = Vec::new();
    for mut item in items {
        if let Some(id @ Value::Number(_)) = item.get("id") {
            item["id"] = id.to_string().into();
        }
        document["items"] = Value::Array(vec![item]);
        match parse(&document.to_string()) {
            Ok(feed) => whole.entries.extend(feed.entries),
            Err(error) => {
                failed.push(rejected(format!("item: {error}"), &document["items"][0].to_string()));
            }
        }
    }
    read(reading, &whole, failed)
}

/// What stands around every item when it is read alone: long values have been
/// read once.
fn short_head(mut document: Value) -> Value {
    if let Some(head) = document.as_object_mut() {
        let is_short = |value: &Value| match value {
            Value::String(text) => text.len() <= HEAD_VALUE_MAX_BYTES,
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            Value::Array(_) | Value::Object(_) => false,
        };
        let mut kept = 0;
        head.retain(|_, value| {
            kept += 1;
            is_short(value) && kept <= HEAD_VALUES_MAX
        });
    }
    document
}

fn parse(text: &str) -> Result<Feed, String> {
    let parser = feed_rs::parser::Builder::new()
        .sanitize_content(false)
        // An empty id says that the item has none; its own way of making one is not stable.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| {
            conversion::date(text).map(|instant| std::time::SystemTime::from(instant).into())
        })
        .build();
    parser.parse(text.as_bytes()).map_err(|error| error.to_string())
}

/// Reads what whole items there are, each as a feed of its own.
fn salvage(reading: &Reading<'_>, text: &str, error: &str) -> Result<Page, PollError> {
    let tag = ["item", "entry"].into_iter().find(|tag| find_open(text, tag).is_some());
    let Some((tag, first)) = tag.and_then(|tag| Some((tag, find_open(text, tag)?))) else {
        return Err(malformed(error));
    };
    let head = &text[..first];
    if HEAD_MAX_BYTES < head.len() {
        return Err(malformed(error));
    }
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    reading.check_items(text[first..].matches(&close).count())?;
    let mut whole: Option<Feed> = None;
    let mut failed = Vec::new();
    for piece in text[first..].split_inclusive(&close) {
        let start = find_open(piece, tag).unwrap_or(0);
        let item = &piece[start..];
        if !item.starts_with(&open) {
            continue;
        }
        match parse(&format!("{head}{item}{}", closing(head))) {
            Ok(feed) => match &mut whole {
                Some(whole) => whole.entries.extend(feed.entries),
                None => whole = Some(feed),
            },
            Err(error) => failed.push(rejected(format!("item: {error}"), item)),
        }
    }
    match whole {
        Some(feed) if !feed.entries.is_empty() => read(reading, &feed, failed),
        Some(_) | None => Err(malformed(error)),
    }
}

/// Where the first element of that name begins.
fn find_open(text: &str, tag: &str) -> Option<usize> {
    let mut from = 0;
    let open = format!("<{tag}");
    while let Some(at) = text[from..].find(&open) {
        let at = from + at;
        let after = text[at + open.len()..].chars().next();
        if after.is_some_and(|c| c == '>' || c.is_whitespace()) {
            return Some(at);
        }
        from = at + open.len();
    }
    None
}

/// The end tags of the elements that the head leaves open: a feed's head opens
/// nothing but its root and its channel.
fn closing(head: &str) -> &'static str {
    if head.contains("<channel") && head.contains("</channel>") {
        return "</rdf:RDF>";
    }
    if head.contains("<channel") { "</channel></rss>" } else { "</feed>" }
}

fn read(reading: &Reading<'_>, feed: &Feed, failed: Vec<Rejected>) -> Result<Page, PollError> {
    reading.check_items(feed.entries.len())?;
    let hint = PagingHint { items: feed.entries.len(), ..PagingHint::default() };
    let mut page = Page { rejected: failed, hint, ..Page::default() };
    let base = base_of(feed);
    for entry in &feed.entries {
        match post(reading, feed, entry, base.as_ref()) {
            Ok((post, dated)) => {
                if !dated {
                    page.undated.push(post.key.clone());
                }
                page.posts.push(post);
            }
            Err(error) => page.rejected.push(rejected(error, &format!("{entry:?}"))),
        }
    }
    Ok(page)
}

/// What relative links of the feed are relative to.
fn base_of(feed: &Feed) -> Option<Url> {
    let links = feed.links.iter();
    let mut own: Vec<&str> = links
        .filter(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate" || rel == "self"))
        .map(|link| link.href.as_str())
        .collect();
    own.sort_by_key(|href| !href.starts_with("http"));
    own.into_iter().find_map(|href| Url::parse(href).ok())
}

fn post(
    reading: &Reading<'_>,
    feed: &Feed,
    entry: &Entry,
    base: Option<&Url>,
) -> Result<(Post, bool), String> {
    let instant = |millis: i64| Timestamp::from_millisecond(millis).ok();
    let published = entry.published.and_then(|at| instant(at.timestamp_millis()));
    let updated = entry.updated.and_then(|at| instant(at.timestamp_millis()));
    let url = link(entry, base);
    let title = entry.title.as_ref().map(|text| markup::html_to_text(&text.content));
    let title = title.unwrap_or_default();
    let text = join(&title, &body(entry));
    let media = media(entry, base);
    if text.is_empty() && media.is_empty() {
        return Err("text: neither title, words nor media".to_owned());
    }
    let dated = published.or(updated);
    let author = entry.authors.first().or_else(|| feed.authors.first());
    let post = Post {
        key: PostKey {
            network: reading.definition.network.clone(),
            native_id: identity(entry, url.as_deref(), &text, dated),
        },
        source: None,
        url,
        author_id: author.and_then(|person| person.uri.clone().or_else(|| person.email.clone())),
        author_name: author
            .and_then(|person| person.name.as_deref())
            // `mail@site (Name)` leaves its brackets behind.
            .map(|name| name.trim().trim_start_matches('(').trim_end_matches(')').to_owned())
            .filter(|name| !name.is_empty()),
        community: feed.title.as_ref().map(|text| markup::html_to_text(&text.content)),
        text,
        published_at: dated.unwrap_or(reading.now),
        edited_at: updated.filter(|at| published.is_some_and(|published| published < *at)),
        parent_id: None,
        thread_id: None,
        lang: entry.language.clone().or_else(|| feed.language.clone()),
        geo: None,
        counts: Counts::default(),
        media,
        deleted: false,
        private: false,
        excerpt: false,
        guest: false,
        is_repost_of: None,
    };
    let post = match reading.extraction.dialect {
        Some(Dialect::Youtube) => feed_youtube::read(post, entry),
        None => post,
    };
    Ok((post, dated.is_some()))
}

fn link(entry: &Entry, base: Option<&Url>) -> Option<String> {
    let shown = |rel: Option<&str>| rel.is_none_or(|rel| rel == "alternate");
    let own = entry.links.iter().find(|link| link.target.is_none() && shown(link.rel.as_deref()));
    let href = own.map(|link| link.href.trim()).filter(|href| !href.is_empty());
    // A guid is the address too, unless it says that it is not.
    let href = href.or_else(|| Some(entry.id.as_str()).filter(|id| id.starts_with("http")))?;
    absolute(href, base)
}

fn absolute(href: &str, base: Option<&Url>) -> Option<String> {
    match Url::parse(href) {
        Ok(url) => Some(url.to_string()),
        Err(_) => base.and_then(|base| base.join(href).ok()).map(|url| url.to_string()),
    }
}

/// What people can read: the body with the title before it, unless the body
/// says the title itself.
fn join(title: &str, body: &str) -> String {
    let (title, body) = (title.trim(), body.trim());
    if title.is_empty() || body.starts_with(title.trim_end_matches(['…', '.'])) {
        return body.to_owned();
    }
    if body.is_empty() { title.to_owned() } else { format!("{title}\n\n{body}") }
}

fn body(entry: &Entry) -> String {
    let content = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let summary = entry.summary.as_ref().map(|text| text.content.as_str());
    let texts = content.into_iter().chain(summary).map(markup::html_to_text);
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

fn identity(entry: &Entry, url: Option<&str>, text: &str, dated: Option<Timestamp>) -> String {
    if !entry.id.is_empty() {
        return entry.id.clone();
    }
    if let Some(url) = url {
        return normalised_link(url);
    }
    // The first line is the title, or what stands for it.
    let title = text.lines().next().unwrap_or("");
    let mut digest = Sha256::new();
    digest.update(title.as_bytes());
    digest.update(dated.map(|at| at.to_string()).unwrap_or_default().as_bytes());
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A link without what changes while the page stays the same: scheme, `www.`,
/// fragment, marks of advertising, the slash at the end.
fn normalised_link(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    url.set_fragment(None);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_") && name != "from" && name != "yclid")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let text = url.to_string();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    text.trim_start_matches("www.").trim_end_matches('/').to_owned()
}

fn media(entry: &Entry, base: Option<&Url>) -> Vec<Media> {
    let mut found: Vec<Media> = Vec::new();
    let mut add = |kind: &str, href: &str| {
        let media = Media { kind: kind.to_owned(), url: absolute(href, base) };
        if media.url.is_some() && !found.iter().any(|other| other.url == media.url) {
            found.push(media);
        }
    };
    for content in entry.media.iter().flat_map(|object| &object.content) {
        if let Some(url) = &content.url {
            let kind = content.content_type.as_ref().map(ToString::to_string);
            add(conversion::media_kind(kind.as_deref(), url.as_str()), url.as_str());
        }
    }
    for thumbnail in entry.media.iter().flat_map(|object| &object.thumbnails) {
        add("photo", &thumbnail.image.uri);
    }
    for link in entry.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure")) {
        add(conversion::media_kind(link.media_type.as_deref(), &link.href), &link.href);
    }
    found
}
