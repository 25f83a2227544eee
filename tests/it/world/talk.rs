//! People talking, as each network shows it: the same posts and answers as a
//! channel with its comment widget, as topics and discussions, as videos with
//! threads of comments, as statuses, as a feed of records, as a forum.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use serde_json::{Value, json};
use url::Url;

use super::network::instant;
use super::recorded::{Asked, Recording, listen};

/// Who is imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Telegram,
    Ok,
    Youtube,
    Mastodon,
    Bluesky,
    Discourse,
}

impl Shape {
    pub const ALL: [Shape; 6] = [
        Shape::Telegram,
        Shape::Ok,
        Shape::Youtube,
        Shape::Mastodon,
        Shape::Bluesky,
        Shape::Discourse,
    ];

    pub fn network(self) -> &'static str {
        match self {
            Shape::Telegram => "telegram",
            Shape::Ok => "ok",
            Shape::Youtube => "youtube",
            Shape::Mastodon => "mastodon",
            Shape::Bluesky => "bluesky",
            Shape::Discourse => "discourse",
        }
    }

    /// The poll kind whose posts these are, and its target.
    pub fn source(self, base: &Url) -> (&'static str, String) {
        match self {
            Shape::Telegram => ("channel", "town".to_owned()),
            Shape::Ok => ("group", "77".to_owned()),
            Shape::Youtube => ("channel", "UCtown".to_owned()),
            Shape::Mastodon => ("account", "7".to_owned()),
            Shape::Bluesky => ("author", DID.to_owned()),
            Shape::Discourse => ("posts", base.as_str().trim_end_matches('/').to_owned()),
        }
    }
}

const DID: &str = "did:plc:town";

/// A post, or an answer to what it stands under.
#[derive(Debug, Clone)]
pub struct Said {
    pub id: u64,
    pub under: Option<u64>,
    pub at_secs: i64,
    pub text: String,
}

struct State {
    shape: Shape,
    said: Vec<Said>,
    now_secs: i64,
    /// Answers of one page.
    page_size: usize,
    /// Replies that a comment shows of its own.
    inside: usize,
    asked: Vec<String>,
}

/// The server; it goes with the test's process.
#[derive(Clone)]
pub struct TalkServer {
    state: Arc<Mutex<State>>,
    pub base: Url,
}

impl TalkServer {
    pub fn start(shape: Shape) -> TalkServer {
        let state = State {
            shape,
            said: Vec::new(),
            now_secs: 0,
            page_size: 100,
            inside: 1,
            asked: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let base = listen(move |asked, _| {
            let mut state = shared.lock().unwrap();
            let query: Vec<String> =
                asked.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            state.asked.push(format!("{}?{}", asked.path, query.join("&")));
            state.answer(&asked)
        });
        TalkServer { state, base }
    }

    pub fn say(&self, id: u64, under: Option<u64>, at_secs: i64, text: &str) {
        let said = Said { id, under, at_secs, text: text.to_owned() };
        self.state.lock().unwrap().said.push(said);
    }

    pub fn edit(&self, id: u64, text: &str) {
        let mut state = self.state.lock().unwrap();
        state.said.iter_mut().find(|said| said.id == id).unwrap().text = text.to_owned();
    }

    pub fn vanish(&self, id: u64) {
        self.state.lock().unwrap().said.retain(|said| said.id != id);
    }

    pub fn set_now(&self, secs: i64) {
        self.state.lock().unwrap().now_secs = secs;
    }

    pub fn set_pages(&self, page_size: usize, inside: usize) {
        let mut state = self.state.lock().unwrap();
        (state.page_size, state.inside) = (page_size, inside);
    }

    /// Requests with this in their address since the last call.
    pub fn calls(&self, part: &str) -> usize {
        let asked = std::mem::take(&mut self.state.lock().unwrap().asked);
        asked.iter().filter(|address| address.contains(part)).count()
    }

    /// Everything that was asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// What the connector calls it.
    pub fn native_id(&self, id: u64) -> String {
        let state = self.state.lock().unwrap();
        let root = state.root(id);
        match state.shape {
            Shape::Telegram if root == id => format!("-1007/{id}"),
            Shape::Telegram => format!("-1007/{root}/{id}"),
            Shape::Bluesky => uri(id),
            Shape::Discourse => format!("127.0.0.1/{root}/{}", state.number(id)),
            Shape::Ok | Shape::Youtube | Shape::Mastodon => id.to_string(),
        }
    }
}

fn uri(id: u64) -> String {
    format!("at://{DID}/app.bsky.feed.post/{id}")
}

fn ok_json(body: Value) -> Recording {
    Recording {
        status: 200,
        headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn html(body: String) -> Recording {
    Recording {
        status: 200,
        headers: vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: body.into_bytes(),
    }
}

fn refusal(status: u16, body: Value) -> Recording {
    Recording { status, ..ok_json(body) }
}

impl State {
    fn seen(&self) -> Vec<&Said> {
        let mut seen: Vec<&Said> =
            self.said.iter().filter(|said| said.at_secs <= self.now_secs).collect();
        seen.sort_by_key(|said| (said.at_secs, said.id));
        seen
    }

    fn find(&self, id: &str) -> Option<&Said> {
        self.seen().into_iter().find(|said| said.id.to_string() == id)
    }

    /// Posts, the newest first.
    fn posts(&self) -> Vec<&Said> {
        self.seen().into_iter().rev().filter(|said| said.under.is_none()).collect()
    }

    fn under(&self, id: u64) -> Vec<&Said> {
        self.seen().into_iter().filter(|said| said.under == Some(id)).collect()
    }

    /// Everything below, in the order of writing.
    fn below(&self, id: u64) -> Vec<&Said> {
        let is_below = |said: &&Said| said.id != id && self.path(said.id).contains(&id);
        self.seen().into_iter().filter(is_below).collect()
    }

    fn path(&self, id: u64) -> Vec<u64> {
        let mut path = vec![id];
        while let Some(above) = self
            .said
            .iter()
            .find(|said| Some(said.id) == path.last().copied())
            .and_then(|s| s.under)
        {
            path.push(above);
        }
        path
    }

    fn root(&self, id: u64) -> u64 {
        self.path(id).last().copied().unwrap()
    }

    /// Its place in the topic, from one.
    fn number(&self, id: u64) -> usize {
        let below = self.below(self.root(id));
        below.iter().position(|said| said.id == id).map_or(1, |index| index + 2)
    }

    fn answer(&self, asked: &Asked) -> Recording {
        match self.shape {
            Shape::Telegram => self.telegram(asked),
            Shape::Ok => self.ok(asked),
            Shape::Youtube => self.youtube(asked),
            Shape::Mastodon => self.mastodon(asked),
            Shape::Bluesky => self.bluesky(asked),
            Shape::Discourse => self.discourse(asked),
        }
    }

    fn telegram(&self, asked: &Asked) -> Recording {
        if asked.path == "/s/town" {
            let posts: String = self.posts().into_iter().rev().map(telegram_post).collect();
            return html(format!("<div class=\"tgme_channel_info\"></div>{posts}"));
        }
        let id = asked.path.trim_start_matches("/town/");
        let Some(post) = self.find(id) else {
            return html(
                "<div class=\"tgme_widget_message_error\">Post not found</div>".to_owned(),
            );
        };
        if asked.parameter("discussion").is_none() {
            return html(telegram_post(post));
        }
        let comments: String =
            self.below(post.id)
                .into_iter()
                .map(|one| {
                    let reply = one.under.filter(|above| *above != post.id).map(|above| {
                format!("<div class=\"tgme_widget_message_reply\" data-reply-to=\"{above}\"></div>")
            });
                    format!(
                        "<div class=\"tgme_widget_message\" data-post-id=\"{}\">{}<div \
                 class=\"tgme_widget_message_text js-message_text\">{}</div><a \
                 class=\"tgme_widget_message_date\" href=\"https://t.me/town/{}?comment={}\">\
                 <time datetime=\"{}\"></time></a></div>",
                        one.id,
                        reply.unwrap_or_default(),
                        one.text,
                        post.id,
                        one.id,
                        instant(one.at_secs)
                    )
                })
                .collect();
        html(format!("<div class=\"tgme_post_discussion_header\"></div>{comments}"))
    }

    /// Anchors never end: behind the last page there is one more.
    fn ok(&self, asked: &Asked) -> Recording {
        let topic = |said: &&Said| {
            json!({
                "id": said.id.to_string(), "created_ms": instant(said.at_secs).as_millisecond(),
                "media": [{"type": "text", "text": said.text}], "owner_ref": "group:77",
                "discussion_summary": {"comments_count": self.below(said.id).len()},
            })
        };
        match asked.parameter("method").unwrap_or_default() {
            "mediatopic.getTopics" => {
                let topics: Vec<Value> = self.posts().iter().map(topic).collect();
                ok_json(json!({"media_topics": topics, "anchor": "a", "has_more": false}))
            }
            "mediatopic.getByIds" => {
                let ids = asked.parameter("topic_ids").unwrap_or_default();
                let named = ids.split(',').filter_map(|id| self.find(id));
                let topics: Vec<Value> = named.map(|said| topic(&said)).collect();
                ok_json(json!({"media_topics": topics}))
            }
            "discussions.getComments" => {
                let of = asked.parameter("discussionId").unwrap_or_default();
                let from: usize = asked.parameter("anchor").map_or(0, |at| at.parse().unwrap());
                let all = self.find(of).map(|post| self.below(post.id)).unwrap_or_default();
                let page: Vec<Value> = all
                    .iter()
                    .skip(from)
                    .take(self.page_size)
                    .map(|one| {
                        json!({
                            "id": one.id.to_string(), "text": one.text, "type": "ACTIVE_MESSAGE",
                            "date_ms": instant(one.at_secs).as_millisecond(), "author_id": "5",
                            "reply_to_comment_id": one.under.filter(|above| above.to_string() != of)
                                .map(|above| above.to_string()).unwrap_or_default(),
                        })
                    })
                    .collect();
                let mut body =
                    json!({"anchor": (from + self.page_size).to_string(), "has_more": true});
                if !page.is_empty() {
                    body["comments"] = page.into();
                }
                ok_json(body)
            }
            _ => ok_json(json!({"error_code": 3, "error_msg": "METHOD : unknown"})),
        }
    }

    fn youtube(&self, asked: &Asked) -> Recording {
        let snippet = |said: &Said| {
            json!({
                "title": said.text, "description": "", "thumbnails": {"default": {"url": "x"}},
                "publishedAt": instant(said.at_secs).to_string(), "channelId": "UCtown",
            })
        };
        let comment = |said: &Said, parent: Option<u64>| {
            json!({
                "id": said.id.to_string(), "kind": "youtube#comment",
                "snippet": {
                    "textOriginal": said.text, "publishedAt": instant(said.at_secs).to_string(),
                    "updatedAt": instant(said.at_secs).to_string(),
                    "parentId": parent.map(|id| id.to_string()),
                },
            })
        };
        let named = |name: &str| asked.parameter(name).unwrap_or_default().to_owned();
        let items: Vec<Value> = match asked.path.as_str() {
            "/youtube/v3/playlistItems" => self.posts().into_iter().map(|said| json!({
                "id": format!("item{}", said.id), "kind": "youtube#playlistItem",
                "snippet": snippet(said), "contentDetails": {"videoId": said.id.to_string()},
            })).collect(),
            "/youtube/v3/videos" => {
                let ids = named("id");
                let videos = ids.split(',').filter_map(|id| self.find(id));
                videos.map(|said| json!({
                    "id": said.id.to_string(), "kind": "youtube#video", "snippet": snippet(said),
                    "statistics": {"commentCount": self.below(said.id).len().to_string()},
                })).collect()
            }
            "/youtube/v3/commentThreads" => {
                let Some(video) = self.find(&named("videoId")) else {
                    return refusal(404, json!({"error": {"code": 404, "message": "no such video",
                        "errors": [{"reason": "videoNotFound"}]}}));
                };
                self.under(video.id).into_iter().rev().map(|top| {
                    let below = self.below(top.id);
                    let shown = below.iter().take(self.inside);
                    let replies: Vec<Value> =
                        shown.map(|one| comment(one, Some(top.id))).collect();
                    let mut first = comment(top, None);
                    first["snippet"]["videoId"] = video.id.to_string().into();
                    json!({
                        "id": top.id.to_string(), "kind": "youtube#commentThread",
                        "snippet": {"videoId": video.id.to_string(), "topLevelComment": first,
                            "totalReplyCount": below.len()},
                        "replies": {"comments": replies},
                    })
                }).collect()
            }
            "/youtube/v3/comments" => {
                let top: u64 = named("parentId").parse().unwrap();
                self.below(top).into_iter().map(|one| comment(one, Some(top))).collect()
            }
            _ => Vec::new(),
        };
        ok_json(json!({"items": items}))
    }

    fn mastodon(&self, asked: &Asked) -> Recording {
        let status = |said: &Said| {
            json!({
                "id": said.id.to_string(), "created_at": instant(said.at_secs).to_string(),
                "content": format!("<p>{}</p>", said.text), "account": {"id": "7"},
                "visibility": "public", "replies_count": self.under(said.id).len(),
                "in_reply_to_id": said.under.map(|id| id.to_string()),
                "url": format!("https://x.example/@town/{}", said.id),
            })
        };
        let rest = asked.path.trim_start_matches("/api/v1/statuses/");
        let (id, tail) = rest.split_once('/').unwrap_or((rest, ""));
        if asked.path == "/api/v1/accounts/7/statuses" {
            return ok_json(self.posts().into_iter().map(status).collect());
        }
        let Some(said) = self.find(id) else {
            return refusal(404, json!({"error": "Record not found"}));
        };
        if tail != "context" {
            return ok_json(status(said));
        }
        let below = self.below(said.id).into_iter().take(self.page_size).map(status);
        let above = self.path(said.id).into_iter().skip(1).rev();
        let above = above.filter_map(|id| self.find(&id.to_string())).map(status);
        let (below, above): (Vec<Value>, Vec<Value>) = (below.collect(), above.collect());
        ok_json(json!({"ancestors": above, "descendants": below}))
    }

    fn bluesky(&self, asked: &Asked) -> Recording {
        let id_of = |uri: &str| uri.rsplit('/').next().unwrap_or_default().to_owned();
        match asked.path.as_str() {
            "/xrpc/app.bsky.feed.getAuthorFeed" => {
                let feed: Vec<Value> = self
                    .posts()
                    .into_iter()
                    .map(|said| json!({"post": self.record(said)}))
                    .collect();
                ok_json(json!({ "feed": feed }))
            }
            "/xrpc/app.bsky.feed.getPosts" => {
                let uris = asked.query.iter().filter(|(name, _)| name == "uris");
                let named = uris.filter_map(|(_, uri)| self.find(&id_of(uri)));
                let posts: Vec<Value> = named.map(|said| self.record(said)).collect();
                ok_json(json!({ "posts": posts }))
            }
            _ => match self.find(&id_of(asked.parameter("uri").unwrap_or_default())) {
                Some(said) => ok_json(json!({ "thread": self.node(said) })),
                None => refusal(400, json!({"error": "NotFound", "message": "Post not found"})),
            },
        }
    }

    fn record(&self, said: &Said) -> Value {
        let mut record = json!({"text": said.text, "createdAt": instant(said.at_secs).to_string()});
        if let Some(above) = said.under {
            record["reply"] =
                json!({"parent": {"uri": uri(above)}, "root": {"uri": uri(self.root(said.id))}});
        }
        json!({
            "uri": uri(said.id), "author": {"did": DID}, "record": record,
            "indexedAt": instant(said.at_secs).to_string(),
            "replyCount": self.under(said.id).len(),
        })
    }

    fn node(&self, said: &Said) -> Value {
        let replies: Vec<Value> =
            self.under(said.id).into_iter().map(|one| self.node(one)).collect();
        json!({"post": self.record(said), "replies": replies})
    }

    fn discourse(&self, asked: &Asked) -> Recording {
        let post = |said: &Said| {
            let root = self.root(said.id);
            let written = instant(said.at_secs).to_string();
            json!({
                "id": said.id, "topic_id": root, "topic_slug": "t", "post_type": 1, "version": 1,
                "post_number": self.number(said.id), "cooked": format!("<p>{}</p>", said.text),
                "created_at": written, "updated_at": written, "user_id": 9, "username": "n",
                "reply_to_post_number": said.under.filter(|above| *above != root)
                    .map(|above| self.number(above)),
            })
        };
        if asked.path == "/posts.json" {
            let is_first = asked.parameter("before").is_none();
            let newest: Vec<Value> = match is_first {
                true => self.posts().into_iter().map(post).collect(),
                false => Vec::new(),
            };
            return ok_json(json!({ "latest_posts": newest }));
        }
        let rest = asked.path.trim_start_matches("/t/").trim_end_matches(".json");
        let (topic, tail) = rest.split_once('/').unwrap_or((rest, ""));
        let Some(first) = self.find(topic) else {
            return refusal(404, json!({"errors": ["gone"], "error_type": "not_found"}));
        };
        let mut all = vec![first];
        all.extend(self.below(first.id));
        if tail == "posts" {
            let named: Vec<&str> = asked
                .query
                .iter()
                .filter(|(name, _)| name == "post_ids[]")
                .map(|(_, id)| id.as_str())
                .collect();
            let named = all.into_iter().filter(|one| named.contains(&one.id.to_string().as_str()));
            let posts: Vec<Value> = named.map(post).collect();
            return ok_json(json!({"post_stream": {"posts": posts}, "id": first.id}));
        }
        let stream: Vec<u64> = all.iter().map(|one| one.id).collect();
        let posts: Vec<Value> = all.into_iter().take(self.page_size).map(post).collect();
        ok_json(json!({"post_stream": {"posts": posts, "stream": stream}, "id": first.id}))
    }
}

fn telegram_post(said: &Said) -> String {
    let view = json!({"c": -1007, "p": said.id}).to_string();
    let view = base64::engine::general_purpose::STANDARD_NO_PAD.encode(view);
    format!(
        "<div class=\"tgme_widget_message\" data-post=\"town/{}\" data-view=\"{view}\"><div \
         class=\"tgme_widget_message_text js-message_text\">{}</div><a \
         class=\"tgme_widget_message_date\"><time datetime=\"{}\"></time></a></div>",
        said.id,
        said.text,
        instant(said.at_secs)
    )
}
