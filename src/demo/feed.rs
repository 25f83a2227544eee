//! Answers the way a news site's RSS does, with an ETag.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::demo::Stage;
use crate::demo::as_html;
use crate::demo::escape;
use crate::demo::script::Board;
use crate::demo::script::ScriptPost;

/// Feeds show their last items and forget the rest.
const ITEMS: usize = 50;

pub async fn feed(
    State(stage): State<Arc<Stage>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let board = file.strip_suffix(".xml").and_then(|slug| stage.script.board("rss", slug));
    let Some(board) = board else {
        return (StatusCode::NOT_FOUND, "no such feed").into_response();
    };
    let shown = board.shown(stage.elapsed_secs());
    let etag = format!("\"{}-{}\"", board.number(), shown.len());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(etag.as_str()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let kind = "application/rss+xml; charset=utf-8".to_owned();
    let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, etag)];
    (headers, document(&stage, board, shown)).into_response()
}

fn document(stage: &Stage, board: &Board, shown: &[ScriptPost]) -> String {
    let items: String =
        shown.iter().rev().take(ITEMS).map(|post| item(stage, board, post)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n\
         <title>{}</title>\n<link>https://{}.example/</link>\n<language>ru</language>\n\
         {items}</channel>\n</rss>\n",
        escape(&board.name),
        escape(&board.place)
    )
}

fn item(stage: &Stage, board: &Board, post: &ScriptPost) -> String {
    // The first paragraph is the headline, where there is more than one.
    let (title, body) = match post.text.trim().split_once("\n\n") {
        Some((title, body)) => (format!("<title>{}</title>", escape(title)), body),
        None => (String::new(), post.text.trim()),
    };
    let creator = match post.author.as_str() {
        "" => String::new(),
        author => format!("<dc:creator>{}</dc:creator>", escape(author)),
    };
    let zoned = stage.instant(post.at_secs).to_zoned(jiff::tz::TimeZone::UTC);
    let date = jiff::fmt::rfc2822::to_string(&zoned).unwrap_or_default();
    format!(
        "<item>{title}<link>https://{place}.example/{number}</link>\
         <guid isPermaLink=\"false\">{place}-{number}</guid><pubDate>{date}</pubDate>{creator}\
         <description>{}</description></item>\n",
        escape(&as_html(body)),
        place = escape(&board.place),
        number = post.number,
    )
}
