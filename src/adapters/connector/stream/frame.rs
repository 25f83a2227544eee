//! What one frame says: posts, nothing, or a «no». One that cannot be read is
//! put aside and the stream goes on. Also takes recordings apart into frames.

use serde_json::{Value, json};

use super::events::{Parser, Piece};
use crate::adapters::connector::definition::{Condition, Definition, Protocol, StreamKind};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::extract;
use crate::adapters::connector::extract::Page;
use crate::adapters::connector::http::Response;
use crate::model::source::{REJECTED_PAYLOAD_MAX_BYTES, Rejected};
use crate::model::time::Timestamp;

/// A frame as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub page: Page,
    pub news: News,
}

/// What a frame says of its posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// They are as they were first written.
    Original,
    /// They were changed or deleted.
    Change,
    /// The same, and it may be that they were deleted and are back.
    Return,
}

impl News {
    /// What a document of that kind says.
    pub fn of(kind: &StreamKind, document: &Value) -> News {
        let holds = |condition: &Condition| extract::holds(document, condition);
        let is_return = kind.revives.is_empty() || kind.revives.iter().any(holds);
        match kind.original.iter().any(holds) {
            true => News::Original,
            false if is_return => News::Return,
            false => News::Change,
        }
    }
}

/// Reads a frame. An error is what the server says against us.
pub fn read(
    definition: &Definition,
    kind: &StreamKind,
    text: &str,
    now: Timestamp,
) -> Result<Frame, PollError> {
    let document = serde_json::from_str::<Value>(text);
    let news = document.map_or(News::Change, |document| News::of(kind, &document));
    match extract::extract(definition, &kind.extract, text.as_bytes(), None, now) {
        Ok(page) => Ok(Frame { page, news }),
        // What nobody has listed is told, and ends nothing.
        Err(error) if error.code.is_some() && !error.is_guess => Err(error),
        Err(error) => {
            let payload = text.bytes().take(REJECTED_PAYLOAD_MAX_BYTES).collect();
            let rejected = Rejected { source: None, error: error.to_string(), payload };
            let page = Page { rejected: vec![rejected], ..Page::default() };
            Ok(Frame { page, news })
        }
    }
}

/// What an answer to a request says against us, if it does.
pub fn refusal(
    definition: &Definition,
    kind: &StreamKind,
    response: &Response,
    now: Timestamp,
) -> Option<PollError> {
    let status = definition.class_of_status(response.status);
    let told = extract::extract(definition, &kind.extract, &response.body, None, now).err();
    match (status, told.filter(|error| error.code.is_some())) {
        (Some(class), Some(error)) if error.is_guess => Some(PollError { class, ..error }),
        (_, Some(error)) => Some(error),
        (Some(class), None) => {
            let status = response.status.to_string();
            Some(PollError::new(class, format!("HTTP status {status}")).with_code(status))
        }
        (None, None) => None,
    }
}

/// An event of a `text/event-stream` as a frame. Its data is JSON, an id, or a
/// text that holds JSON.
pub fn of_event(name: &str, data: &str) -> String {
    let payload = serde_json::from_str(data).ok().filter(|value: &Value| value.is_object());
    let payload = payload.unwrap_or_else(|| data.into());
    json!({ "event": name, "payload": payload }).to_string()
}

/// The frames of a recording: one JSON object, several in lines, or what a
/// server sent as events.
pub fn recorded(kind: &StreamKind, text: &str) -> Result<Vec<String>, PollError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if kind.protocol == Protocol::ServerSentEvents && !text.starts_with('{') {
        let mut parser = Parser::new(kind.frame_max_bytes);
        let pieces = parser.feed(format!("{text}\n\n").as_bytes());
        let pieces =
            pieces.map_err(|error| PollError::new(ErrorClass::Malformed, error.to_string()));
        let frame = |piece| match piece {
            Piece::Event { name, data, .. } => Some(of_event(&name, &data)),
            Piece::Heartbeat | Piece::Retry(_) => None,
        };
        return Ok(pieces?.into_iter().filter_map(frame).collect());
    }
    let whole = serde_json::from_str::<Value>(text);
    Ok(match &whole {
        Ok(document) => vec![completed(kind, document)],
        Err(_) if text.is_empty() => vec![String::new()],
        Err(_) => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| match serde_json::from_str::<Value>(line) {
                Ok(document) => completed(kind, &document),
                Err(_) => line.to_owned(),
            })
            .collect(),
    })
}

/// Events that came over another wire have their payload as a text.
fn completed(kind: &StreamKind, document: &Value) -> String {
    let event = document.get("event").and_then(Value::as_str);
    let event = event.filter(|_| kind.protocol == Protocol::ServerSentEvents);
    match (event, document.get("payload")) {
        (Some(name), Some(Value::String(data))) => of_event(name, data),
        (Some(_), Some(_) | None) | (None, _) => document.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::model::post::Network;

    fn read_all(network: &str, kind: &str, text: &str) -> Vec<String> {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network(network.to_owned())).unwrap();
        let kind = &definition.file.stream[kind];
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let told = |frame: String| match read(definition, kind, &frame, now) {
            Err(error) => error.to_string(),
            Ok(Frame { page, news }) => {
                let posts = page.posts.iter().map(|post| {
                    let gone = if post.deleted { " gone" } else { "" };
                    let first = if news == News::Original { " first" } else { "" };
                    format!("{}{first}{gone}: {}", post.key.native_id, post.text)
                });
                let rejected = page.rejected.iter().map(|one| format!("rejected {}", one.error));
                let others = page.others.iter().map(|word| format!("another {word}"));
                posts.chain(rejected).chain(others).collect::<Vec<_>>().join("; ")
            }
        };
        recorded(kind, text).unwrap().into_iter().map(told).collect()
    }

    #[test]
    fn frames_say_posts_or_no() {
        fn check(network: &str, kind: &str, text: &str, expected: &[&str]) {
            assert_eq!(read_all(network, kind, text), expected, "{text}");
        }
        let event = |action: &str| {
            format!(
                r#"{{"code":100,"event":{{"event_type":"post","event_id":{{"post_owner_id":-5,
                "post_id":7}},"text":"Яма<br>на &quot;Мира&quot;","action":"{action}","action_time":1795000000,
                "creation_time":1795000000}}}}"#
            )
            .replace('\n', "")
        };
        check("vk", "streaming", &event("new"), &["-5_7 first: Яма\nна \"Мира\""]);
        check(
            "vk",
            "streaming",
            &format!("{}\n\n{}", event("new"), event("update")),
            &["-5_7 first: Яма\nна \"Мира\"", "-5_7: Яма\nна \"Мира\""],
        );
        let restart = r#"{"code":300,"service_message":{"message":"restart","service_code":3000}}"#;
        check("vk", "streaming", restart, &["unavailable: restart"]);
        let unknown = restart.replace("3000", "3777");
        check("vk", "streaming", &unknown, &["rejected unavailable: restart"]);
        let no = r#"{"code":400,"error":{"error_code":1004,"message":"wrong key"}}"#;
        check("vk", "streaming", no, &["unauthorised: wrong key"]);
        let update = r#"{"type":"wall_reply_new","group_id":5,"object":{"id":9,"post_id":7,
            "owner_id":-5,"from_id":11,"date":1795000000,"text":"И у нас"}}"#;
        check("vk", "long_poll", update, &["-5_9 first: И у нас"]);
        let joined = r#"{"type":"group_join","object":{},"group_id":5}"#;
        check("vk", "long_poll", joined, &["another group_join"]);
        let answer = format!(r#"{{"ts":"8","updates":[{joined},{update}]}}"#);
        check("vk", "long_poll", &answer, &["-5_9: И у нас; another group_join"]);
        let commit = r#"{"did":"did:plc:a","time_us":1795000000000001,"kind":"commit","commit":
            {"operation":"OP","collection":"app.bsky.feed.post","rkey":"3k","record":
            {"text":"Яма","createdAt":"2026-11-18T10:00:00Z"}}}"#;
        let id = "at://did:plc:a/app.bsky.feed.post/3k";
        let of = |operation: &str| commit.replace("OP", operation);
        check("bluesky", "jetstream", &of("create"), &[&format!("{id} first: Яма")]);
        check("bluesky", "jetstream", &of("update"), &[&format!("{id}: Яма")]);
        let gone = r#"{"did":"did:plc:a","time_us":1795000000000001,"kind":"commit","commit":
            {"operation":"delete","collection":"app.bsky.feed.post","rkey":"3k"}}"#;
        check("bluesky", "jetstream", gone, &[&format!("{id} gone: ")]);
        let account = r#"{"did":"did:plc:a","time_us":1795000000000001,"kind":"account"}"#;
        check("bluesky", "jetstream", account, &[""]);
        let status = r#"{"id":"7","content":"<p>Яма</p>","created_at":"2026-11-18T10:00:00Z",
            "visibility":"public","account":{"id":"5"}}"#
            .replace('\n', "");
        let events = format!(
            ":thump\n\nevent: update\ndata: {status}\n\nevent: delete\ndata: 7\n\n\
             event: filters_changed\ndata: x\n"
        );
        check(
            "mastodon",
            "public_stream",
            &events,
            &["7 first: Яма", "7 gone: ", "another filters_changed"],
        );
        let socket =
            serde_json::json!({"stream": ["public"], "event": "update", "payload": status});
        check("mastodon", "tag_stream", &socket.to_string(), &["7 first: Яма"]);
        let hidden = status.replace("public", "private");
        check("mastodon", "local_stream", &format!("event: update\ndata: {hidden}"), &[""]);
        check(
            "mastodon",
            "local_stream",
            "{\"event\"",
            &["rejected malformed: not JSON: EOF while parsing an object at line 1 column 8"],
        );
    }
}
