//! Feeds as a news site gives them: RSS 2.0 with the modules that real ones
//! carry, and «not modified» for whoever has the present state.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use axum::routing::get;

use super::markup::{escaped, escaped_lines};
use super::script::{Protocol, ScriptPost, ScriptSource};
use super::stage::Stage;
use crate::model::time::Timestamp;

/// Items of a feed: older ones have left it.
const ITEMS_MAX: usize = 50;
/// A title that is made from a text without one.
const TITLE_MAX_CHARS: usize = 70;

pub fn native_id(slug: &str, number: u64) -> String {
    format!("{slug}-{number}")
}

pub fn feed_url(base_url: &str, slug: &str) -> String {
    format!("{base_url}/feed/{slug}.xml")
}

#[derive(Clone)]
struct Site {
    stage: Arc<Stage>,
    base_url: Arc<str>,
}

pub fn router(stage: Arc<Stage>, base_url: &str) -> Router {
    let site = Site { stage, base_url: base_url.into() };
    Router::new()
        .route("/feed/{file}", get(feed))
        .route("/{slug}/{number}", get(page))
        .with_state(site)
}

async fn feed(State(site): State<Site>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let slug = file.strip_suffix(".xml");
    let Some(source) = slug.and_then(|slug| site.stage.source(Protocol::Rss, slug)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let posts = site.stage.shown(source);
    let newest = posts.last().map(|post| site.stage.published_at(post));
    let state = FeedState::new(source, &posts, newest);
    if state.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, state.headers()).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, "application/rss+xml; charset=utf-8")];
    (state.headers(), content_type, document(&site, source, &posts)).into_response()
}

/// What tells one state of a feed from another.
struct FeedState {
    etag: String,
    modified_at: Option<Timestamp>,
}

impl FeedState {
    /// Posts never change, so their number and the newest tell everything.
    fn new(
        source: &ScriptSource,
        posts: &[&ScriptPost],
        modified_at: Option<Timestamp>,
    ) -> FeedState {
        let second = modified_at.map_or(0, Timestamp::as_second);
        FeedState { etag: format!("\"{}-{}-{second}\"", source.target, posts.len()), modified_at }
    }

    fn headers(&self) -> AppendHeaders<Vec<(header::HeaderName, String)>> {
        let mut headers = vec![(header::ETAG, self.etag.clone())];
        if let Some(at) = self.modified_at {
            headers.push((header::LAST_MODIFIED, at.strftime("%a, %d %b %Y %T GMT").to_string()));
        }
        AppendHeaders(headers)
    }

    /// A tag, where there is one, decides; the date only without it.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let text =
            |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
        if let Some(tags) = text(header::IF_NONE_MATCH) {
            let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
            return tags.any(|tag| tag == self.etag || tag == "*");
        }
        let since = text(header::IF_MODIFIED_SINCE)
            .and_then(|date| jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp()));
        since.zip(self.modified_at).is_some_and(|(since, modified)| modified <= since)
    }
}

fn document(site: &Site, source: &ScriptSource, posts: &[&ScriptPost]) -> String {
    let items: String =
        posts.iter().rev().take(ITEMS_MAX).map(|post| item(site, source, post)).collect();
    let address = escaped(&feed_url(&site.base_url, &source.target));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{name}</title>
<atom:link href="{address}" rel="self" type="application/rss+xml"/>
<link>{base_url}/</link>
<description>{name}</description>
<language>ru-RU</language>
<lastBuildDate>{now}</lastBuildDate>
{items}</channel>
</rss>
"#,
        name = escaped_title(&source.name),
        base_url = escaped(&site.base_url),
        now = rfc2822(site.stage.now()),
    )
}

fn item(site: &Site, source: &ScriptSource, post: &ScriptPost) -> String {
    let (title, body) = title_and_body(&post.text);
    let creator = post.author.as_deref().map_or_else(String::new, |author| {
        format!("<dc:creator>{}</dc:creator>\n", escaped(author))
    });
    // Inside CDATA stands HTML, whose own escaping leaves no `]]>` to end it.
    format!(
        "<item>\n<title>{title}</title>\n<link>{link}</link>\n{creator}<pubDate>{date}</pubDate>\n\
         <guid isPermaLink=\"false\">{guid}</guid>\n<description>{start}</description>\n\
         <content:encoded><![CDATA[<p>{html}</p>]]></content:encoded>\n</item>\n",
        title = escaped_title(&title),
        link = escaped(&format!("{}/{}/{}", site.base_url, source.target, post.number)),
        date = rfc2822(site.stage.published_at(post)),
        guid = escaped(&post.post.native_id),
        start = escaped(&cut(body)),
        html = escaped_lines(body),
    )
}

/// The first line is the title; a text of one line gets its own beginning.
fn title_and_body(text: &str) -> (String, &str) {
    match text.trim().split_once('\n') {
        Some((title, body)) => (title.trim().to_owned(), body.trim()),
        None => (cut(text.trim()), text.trim()),
    }
}

/// The beginning of a text, up to a whole word.
fn cut(text: &str) -> String {
    if text.chars().count() <= TITLE_MAX_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(TITLE_MAX_CHARS).collect();
    let whole = start.rsplit_once(char::is_whitespace).map_or(start.as_str(), |(whole, _)| whole);
    format!("{}…", whole.trim_end())
}

/// Readers take a title for HTML: what looks like markup is encoded once more.
fn escaped_title(title: &str) -> String {
    escaped(&title.replace('&', "&amp;").replace('<', "&lt;"))
}

fn rfc2822(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %T +0000").to_string()
}

/// What a reader sees who follows an item's link.
async fn page(
    State(site): State<Site>,
    Path((slug, number)): Path<(String, u64)>,
) -> Result<Html<String>, StatusCode> {
    let source = site.stage.source(Protocol::Rss, &slug).ok_or(StatusCode::NOT_FOUND)?;
    let posts = site.stage.shown(source);
    let post = posts.iter().find(|post| post.number == number).ok_or(StatusCode::NOT_FOUND)?;
    let (title, body) = title_and_body(&post.text);
    Ok(Html(format!(
        "<!DOCTYPE html>\n<html lang=\"ru\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         </head><body><article><h1>{title}</h1><p>{author}</p><p>{body}</p></article></body></html>\n",
        title = escaped(&title),
        author = escaped(post.author.as_deref().unwrap_or(&source.name)),
        body = escaped_lines(body),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_title() {
        fn check(text: &str, expected: (&str, &str)) {
            let (title, body) = title_and_body(text);
            assert_eq!((title.as_str(), body), expected);
        }
        check("Яма\n\nГлубокая.\nСтрашная.", ("Яма", "Глубокая.\nСтрашная."));
        check("Куплю фонарь", ("Куплю фонарь", "Куплю фонарь"));
        let long = "слово ".repeat(20);
        let (title, body) = title_and_body(&long);
        assert!(title.ends_with("слово…") && body.starts_with(title.trim_end_matches('…')));
    }
}
