//! Telegram's public preview of channels (`/s/name`): twenty messages a page,
//! the oldest first, in the page's own classes and attributes. A name without
//! a preview redirects to its contact page, which always answers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;

use super::markup::{escaped, escaped_lines};
use super::script::{Protocol, ScriptPost, ScriptSource};
use super::stage::{Stage, has_words};
use crate::model::time::Timestamp;

const PAGE_MESSAGES: usize = 20;

/// The channel's number does not change when its name does.
pub fn native_id(channel: &str, number: u64) -> String {
    format!("{}/{number}", channel_number(channel))
}

/// Ten digits below zero, as channels have, the same for the same name: the
/// name's FNV-1a hash brought into the range.
fn channel_number(channel: &str) -> i64 {
    let hash = channel
        .to_lowercase()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    -(1_000_000_000 + i64::from(hash % 1_000_000_000))
}

pub fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/s/{channel}", get(preview))
        .route("/{name}", get(contact))
        .with_state(stage)
}

#[derive(Deserialize)]
struct Asked {
    before: Option<u64>,
    after: Option<u64>,
    q: Option<String>,
}

async fn preview(
    State(stage): State<Arc<Stage>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Some(source) = stage.source(Protocol::Telegram, &name) else {
        let address: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        return (StatusCode::FOUND, [(header::LOCATION, format!("/{address}"))]).into_response();
    };
    Html(document(&stage, source, &asked)).into_response()
}

/// A stretch of the channel, and whether there is more on either side.
struct PageOf<'s> {
    messages: Vec<&'s ScriptPost>,
    has_older: bool,
    has_newer: bool,
}

fn page<'s>(shown: Vec<&'s ScriptPost>, asked: &Asked) -> PageOf<'s> {
    let query = asked.q.as_deref().unwrap_or("");
    let mut found: Vec<&ScriptPost> =
        shown.into_iter().filter(|post| has_words(&post.text, query)).collect();
    let older_end = asked.after.map_or(0, |after| found.partition_point(|p| p.number <= after));
    let newer_start =
        asked.before.map_or(found.len(), |before| found.partition_point(|p| p.number < before));
    let (from, to) = match asked.after {
        Some(_) => (older_end, newer_start.max(older_end).min(older_end + PAGE_MESSAGES)),
        None => (newer_start.saturating_sub(PAGE_MESSAGES), newer_start),
    };
    let has_newer = to < found.len();
    found.truncate(to);
    PageOf { messages: found.split_off(from), has_older: 0 < from, has_newer }
}

fn document(stage: &Stage, source: &ScriptSource, asked: &Asked) -> String {
    let page = page(stage.shown(source), asked);
    let messages: String = page.messages.iter().map(|post| message(stage, source, post)).collect();
    let (first, last) = (page.messages.first(), page.messages.last());
    let older = first.filter(|_| page.has_older).map(|post| ("before", post.number));
    let newer = last.filter(|_| page.has_newer).map(|post| ("after", post.number));
    let link = |to: Option<(&str, u64)>, rel: &str| {
        to.map_or_else(String::new, |to| {
            format!("<link rel=\"{rel}\" href=\"{}\">\n", escaped(&address(source, asked, to)))
        })
    };
    let more = |to: Option<(&str, u64)>| {
        to.map_or_else(String::new, |to| {
            format!(
                "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a href=\"{}\" \
                 class=\"tme_messages_more js-messages_more\" data-{}=\"{}\"></a></div>\n",
                escaped(&address(source, asked, to)),
                to.0,
                to.1
            )
        })
    };
    let history = match page.messages.is_empty() {
        true => "<div class=\"tme_no_messages_found\">No posts found</div>\n".to_owned(),
        false => format!("{}{messages}{}", more(older), more(newer)),
    };
    format!(
        r#"<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{name} – Telegram</title>
<meta property="og:title" content="{name}">
<meta property="og:site_name" content="Telegram">
{prev}{next}</head>
<body class="widget_frame_base tgme_webpreview">
<header class="tgme_header">
<div class="tgme_channel_info">
<div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title"><span dir="auto">{name}</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{channel}">@{channel}</a></div></div>
</div>
</header>
<main class="tgme_main">
<section class="tgme_channel_history js-message_history">
{history}</section>
</main>
</body>
</html>
"#,
        name = escaped(&source.name),
        channel = escaped(&source.target),
        prev = link(older, "prev"),
        next = link(newer, "next"),
    )
}

fn address(source: &ScriptSource, asked: &Asked, (name, number): (&str, u64)) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(q) = &asked.q {
        query.append_pair("q", q);
    }
    query.append_pair(name, &number.to_string());
    format!("/s/{}?{}", source.target, query.finish())
}

fn message(stage: &Stage, source: &ScriptSource, post: &ScriptPost) -> String {
    let published_at = stage.published_at(post);
    format!(
        r#"<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{place}" data-view="{view}">
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" href="https://t.me/{channel}"><span dir="auto">{name}</span></a></div>
{forwarded}<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>
{reactions}<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short js-message_info">{views}<span class="tgme_widget_message_meta">{signature}<a class="tgme_widget_message_date" href="https://t.me/{place}"><time datetime="{datetime}" class="time">{clock}</time></a></span></div></div>
</div>
</div>
</div>
"#,
        place = escaped(&place(source, post)),
        view = view(source, post, published_at),
        channel = escaped(&source.target),
        name = escaped(&source.name),
        forwarded = forwarded(stage, post),
        text = escaped_lines(&post.text),
        reactions = reactions(post),
        views = views(post),
        signature = signature(post),
        datetime = published_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        clock = published_at.strftime("%H:%M"),
    )
}

fn place(source: &ScriptSource, post: &ScriptPost) -> String {
    format!("{}/{}", source.target, post.number)
}

/// Who counts the view, of what: base64 without padding.
fn view(source: &ScriptSource, post: &ScriptPost, published_at: Timestamp) -> String {
    let (channel, time) = (channel_number(&source.target), published_at.as_second());
    let mark = (channel.unsigned_abs() << 16) ^ post.number;
    let json = serde_json::json!({
        "c": channel, "p": post.number, "t": time, "h": format!("{mark:016x}")
    });
    STANDARD_NO_PAD.encode(json.to_string())
}

fn forwarded(stage: &Stage, post: &ScriptPost) -> String {
    let original = stage.script.reposted(post);
    let from =
        original.and_then(|original| Some((original, stage.script.source(&original.source)?)));
    from.map_or_else(String::new, |(original, source)| {
        format!(
            "<div class=\"tgme_widget_message_forwarded_from accent_color\">Forwarded from&nbsp;\
             <a class=\"tgme_widget_message_forwarded_from_name\" href=\"https://t.me/{}\">\
             <span dir=\"auto\">{}</span></a></div>\n",
            escaped(&place(source, original)),
            escaped(&source.name)
        )
    })
}

fn reactions(post: &ScriptPost) -> String {
    post.counts.likes.map_or_else(String::new, |likes| {
        format!(
            "<div class=\"tgme_widget_message_reactions js-message_reactions\">\
             <span class=\"tgme_reaction\"><i class=\"emoji\"><b>👍</b></i>{}</span></div>\n",
            rounded(likes)
        )
    })
}

fn views(post: &ScriptPost) -> String {
    post.counts.views.map_or_else(String::new, |views| {
        format!(
            "<span class=\"tgme_widget_message_views\">{}</span>\
             <span class=\"copyonly\"> views</span>",
            rounded(views)
        )
    })
}

fn signature(post: &ScriptPost) -> String {
    post.author.as_deref().map_or_else(String::new, |author| {
        format!(
            "<span class=\"tgme_widget_message_from_author\" dir=\"auto\">{}</span>,&nbsp;",
            escaped(author)
        )
    })
}

/// As the page shows numbers: `999`, `1.2K`, `3.4M`, cut rather than rounded up.
pub fn rounded(number: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", number / unit, number % unit * 10 / unit);
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => tenths(1_000) + "K",
        1_000_000.. => tenths(1_000_000) + "M",
    }
}

/// Answers for every name, as the network does: a channel's card where there
/// is a channel, an invitation to write where there is none.
async fn contact(State(stage): State<Arc<Stage>>, Path(name): Path<String>) -> Html<String> {
    let shown = escaped(&name);
    let Some(source) = stage.source(Protocol::Telegram, &name) else {
        return Html(card(
            &format!("Telegram: Contact @{shown}"),
            "<meta name=\"robots\" content=\"noindex, nofollow\">\n",
            &format!(
                "<div class=\"tgme_page_description\">If you have <strong>Telegram</strong>, you \
                 can contact <a class=\"tgme_username_link\" href=\"tg://resolve?domain={shown}\">\
                 @{shown}</a> right away.</div>"
            ),
        ));
    };
    let title = escaped(&source.name);
    let page = format!(
        "<div class=\"tgme_page_title\"><span dir=\"auto\">{title}</span></div>\n\
         <div class=\"tgme_page_extra\">1 240 subscribers</div>\n\
         <a class=\"tgme_page_context_link\" href=\"/s/{shown}\">Preview channel</a>"
    );
    Html(card(&title, "", &page))
}

fn card(title: &str, head: &str, page: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{head}\
         <meta property=\"og:title\" content=\"{title}\">\n</head>\n<body>\n\
         <div class=\"tgme_page_wrap\">\n<div class=\"tgme_page\">\n{page}\n</div>\n</div>\n\
         </body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_short() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0K"),
            (1_249, "1.2K"),
            (999_999, "999.9K"),
            (1_150_000, "1.1M"),
        ] {
            assert_eq!(rounded(number), expected);
        }
    }

    #[test]
    fn a_channel_has_one_number() {
        assert_eq!(channel_number("Dvor"), channel_number("dvor"));
        assert_ne!(channel_number("dvor"), channel_number("dvor2"));
        assert!((-2_000_000_000..=-1_000_000_000).contains(&channel_number("dvor")));
    }
}
