//! Answers the way Telegram's public preview does: twenty messages a page,
//! oldest first, older ones behind `before`; a redirect for what has no preview.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Html;
use axum::response::IntoResponse as _;
use axum::response::Response;
use base64::Engine as _;

use crate::demo::Stage;
use crate::demo::as_html;
use crate::demo::escape;
use crate::demo::script::Board;
use crate::demo::script::ScriptPost;

const PAGE: usize = 20;

pub async fn channel(
    State(stage): State<Arc<Stage>>,
    Path(name): Path<String>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    let Some(board) = stage.script.board("telegram", &name) else {
        let to = format!("/{}", escape(&name));
        return (StatusCode::FOUND, [(header::LOCATION, to)], "").into_response();
    };
    let before = parameters.get("before").and_then(|text| text.parse::<u64>().ok());
    let words = parameters.get("q").map(|query| query.to_lowercase());
    let is_asked = |post: &&ScriptPost| {
        before.is_none_or(|before| post.number < before)
            && words.as_ref().is_none_or(|words| post.text.to_lowercase().contains(words.as_str()))
    };
    let posts: Vec<&ScriptPost> =
        board.shown(stage.elapsed_secs()).iter().filter(is_asked).collect();
    let start = posts.len().saturating_sub(PAGE);
    Html(page(&stage, board, &posts[start..], 0 < start)).into_response()
}

/// The page of a name that is no channel.
pub async fn contact(Path(name): Path<String>) -> Html<String> {
    let name = escape(&name);
    Html(format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Telegram: Contact @{name}</title>\
         <meta name=\"robots\" content=\"noindex, nofollow\">\
         <meta property=\"og:title\" content=\"Telegram: Contact @{name}\"></head>\
         <body><div class=\"tgme_page_wrap\"><div class=\"tgme_page\">\
         <div class=\"tgme_page_description\">@{name}</div></div></div></body></html>"
    ))
}

fn page(stage: &Stage, board: &Board, posts: &[&ScriptPost], has_older: bool) -> String {
    let (name, place) = (escape(&board.name), escape(&board.place));
    let more = posts.first().filter(|_| has_older).map_or(String::new(), |first| {
        let before = first.number;
        format!(
            "<div class=\"tgme_widget_message_centered js-messages_more_wrap\">\
             <a href=\"/s/{place}?before={before}\" class=\"tme_messages_more js-messages_more\" \
             data-before=\"{before}\"></a></div>\n"
        )
    });
    let messages: String = posts.iter().map(|post| message(stage, board, post)).collect();
    let none = if posts.is_empty() {
        "<div class=\"tme_no_messages_found\">No posts found</div>"
    } else {
        ""
    };
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{name} – Telegram</title></head>\n\
         <body class=\"widget_frame_base tgme_webpreview\">\n<div class=\"tgme_channel_info\">\
         <div class=\"tgme_channel_info_header_title\"><span dir=\"auto\">{name}</span></div>\
         <div class=\"tgme_channel_info_header_username\"><a href=\"https://t.me/{place}\">@{place}</a></div>\
         </div>\n<section class=\"tgme_channel_history js-message_history\">\n{more}{messages}{none}\
         </section></body></html>\n"
    )
}

fn message(stage: &Stage, board: &Board, post: &ScriptPost) -> String {
    let (name, place, number) = (escape(&board.name), escape(&board.place), post.number);
    let channel = -board.number();
    let view = format!("{{\"c\":{channel},\"p\":{number},\"t\":0,\"h\":\"demo\"}}");
    let view = base64::engine::general_purpose::STANDARD_NO_PAD.encode(view);
    let signature = match post.author.as_str() {
        "" => String::new(),
        author if author == board.name => String::new(),
        author => format!(
            "<span class=\"tgme_widget_message_from_author\" dir=\"auto\">{}</span>,&nbsp;",
            escape(author)
        ),
    };
    let views = post.views.map_or(String::new(), |views| {
        format!("<span class=\"tgme_widget_message_views\">{}</span>", rounded(views))
    });
    let instant = stage.instant(post.at_secs).strftime("%Y-%m-%dT%H:%M:%S+00:00");
    let (forwarded, text) = (forwarded(stage, post), as_html(&post.text));
    format!(
        "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\">\
         <div class=\"tgme_widget_message text_not_supported_wrap js-widget_message\" \
         data-post=\"{place}/{number}\" data-view=\"{view}\">\
         <div class=\"tgme_widget_message_author accent_color\">\
         <a class=\"tgme_widget_message_owner_name\" href=\"https://t.me/{place}\">\
         <span dir=\"auto\">{name}</span></a></div>{forwarded}\
         <div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{text}</div>\
         <div class=\"tgme_widget_message_info short js-message_info\">{views}\
         <span class=\"tgme_widget_message_meta\">{signature}\
         <a class=\"tgme_widget_message_date\" href=\"https://t.me/{place}/{number}\">\
         <time datetime=\"{instant}\" class=\"time\"></time></a></span></div></div></div>\n"
    )
}

fn forwarded(stage: &Stage, post: &ScriptPost) -> String {
    match stage.script.original(post) {
        Some((from, original)) if from.network == "telegram" => format!(
            "<div class=\"tgme_widget_message_forwarded_from accent_color\">Forwarded from&nbsp;\
             <a class=\"tgme_widget_message_forwarded_from_name\" href=\"https://t.me/{}/{}\">\
             <span dir=\"auto\">{}</span></a></div>",
            escape(&from.place),
            original.number,
            escape(&from.name)
        ),
        Some(_) | None => String::new(),
    }
}

/// `999`, `1.2K`, `1.1M`, as the preview shows numbers.
fn rounded(views: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = views / (unit / 10);
        match tenths % 10 {
            0 => format!("{}", tenths / 10),
            rest => format!("{}.{rest}", tenths / 10),
        }
    };
    match views {
        0..=999 => views.to_string(),
        1_000..=999_999 => format!("{}K", tenths(1_000)),
        _ => format!("{}M", tenths(1_000_000)),
    }
}
