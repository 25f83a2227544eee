//! A local server that shows the same posts as VKontakte, as Telegram's
//! preview, as RSS, as Mastodon and as Odnoklassniki, each in its own protocol,
//! and that can misbehave in every way that servers do.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use otklik::model::time::Timestamp;
use serde_json::json;
use url::Url;

use super::comments::Comments;

/// A post of the world: its date, and since when it can be seen.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: u64,
    pub at_secs: i64,
    pub seen_from_secs: i64,
    pub text: String,
    pub pinned: bool,
}

/// One way to misbehave, for one request.
#[derive(Debug, Clone)]
pub enum Fault {
    Status(u16, &'static str),
    /// Too many requests, with when to come again.
    TooMany(String),
    VkError(u32),
    /// Half of the body, and then nothing more.
    Cut,
    /// A page where JSON was promised.
    Html,
    /// A body of so many bytes.
    Huge(usize),
    /// This body, whatever was asked for.
    Body(String),
    /// This status with this header and body.
    Answer(u16, (&'static str, &'static str), &'static str),
    Redirect(String),
    /// So many bytes, packed small.
    Bomb(usize),
    /// A body that never ends.
    Flood,
    /// A byte now and then.
    Drip,
    /// No answer at all.
    Hang,
}

#[derive(Debug, Default)]
struct State {
    posts: Vec<Shown>,
    now_secs: i64,
    page_size: usize,
    faults: VecDeque<Option<Fault>>,
    /// Every page has a next one, which shows the same once more.
    is_endless: bool,
    /// How far back posts are shown, if not all are.
    memory_secs: Option<i64>,
    /// Bytes of bodies that were taken off our hands.
    sent: usize,
    requests: Vec<String>,
    comments: Comments,
}

/// The server; it goes with the test's process.
#[derive(Clone)]
pub struct NetworkServer {
    state: Arc<Mutex<State>>,
    pub base: Url,
}

pub const EPOCH: i64 = 1_795_000_000;

pub fn instant(secs: i64) -> Timestamp {
    Timestamp::from_second(EPOCH + secs).unwrap()
}

impl NetworkServer {
    pub fn start(page_size: usize) -> NetworkServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let state = Arc::new(Mutex::new(State { page_size, ..State::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        NetworkServer { state, base }
    }

    /// Shows a post from its own date on.
    pub fn publish(&self, id: u64, at_secs: i64, text: &str) {
        self.show(Shown {
            id,
            at_secs,
            seen_from_secs: at_secs,
            text: text.to_owned(),
            pinned: false,
        });
    }

    pub fn show(&self, post: Shown) {
        self.state.lock().unwrap().posts.push(post);
    }

    pub fn edit(&self, id: u64, text: &str) {
        let mut state = self.state.lock().unwrap();
        // It may have vanished before.
        if let Some(post) = state.posts.iter_mut().find(|post| post.id == id) {
            post.text = text.to_owned();
        }
    }

    /// Changes what is written under posts.
    pub fn comments(&self, change: impl FnOnce(&mut Comments)) {
        change(&mut self.state.lock().unwrap().comments);
    }

    /// Takes a post away, as if it had never been there.
    pub fn vanish(&self, id: u64) {
        self.state.lock().unwrap().posts.retain(|post| post.id != id);
    }

    pub fn set_now(&self, secs: i64) {
        self.state.lock().unwrap().now_secs = secs;
    }

    /// What happens to the next requests; `None` is an honest answer.
    pub fn fault(&self, fault: impl Into<Option<Fault>>) {
        self.state.lock().unwrap().faults.push_back(fault.into());
    }

    pub fn set_endless(&self, is_endless: bool) {
        self.state.lock().unwrap().is_endless = is_endless;
    }

    /// Posts older than that are shown to nobody.
    pub fn forget_after(&self, secs: i64) {
        self.state.lock().unwrap().memory_secs = Some(secs);
    }

    /// Forgets what was to happen.
    pub fn behave(&self) {
        let mut state = self.state.lock().unwrap();
        state.faults.clear();
        state.is_endless = false;
    }

    /// Numbers and dates of what can be seen now.
    pub fn seen(&self) -> Vec<(u64, i64)> {
        let state = self.state.lock().unwrap();
        state.seen().iter().map(|post| (post.id, post.at_secs)).collect()
    }

    /// Bytes of floods and bombs that were taken off the server's hands.
    pub fn sent_bytes(&self) -> usize {
        self.state.lock().unwrap().sent
    }

    /// The requests since the last call, with their headers.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}

impl State {
    /// What is shown now, the newest first.
    fn seen(&self) -> Vec<&Shown> {
        let oldest = self.memory_secs.map_or(i64::MIN, |memory| self.now_secs - memory);
        let is_seen =
            |post: &&Shown| post.seen_from_secs <= self.now_secs && oldest <= post.at_secs;
        let mut seen: Vec<&Shown> = self.posts.iter().filter(is_seen).collect();
        seen.sort_by_key(|post| std::cmp::Reverse((post.at_secs, post.id)));
        seen
    }
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn ok(content_type: &str, body: String) -> Answer {
        Answer { status: 200, headers: vec![("Content-Type", content_type.to_owned())], body }
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(request) = request_head(&mut stream) else { return };
    let fault = {
        let mut state = state.lock().unwrap();
        state.requests.push(request.clone());
        state.faults.pop_front().flatten()
    };
    let answer = answer(&request, &state.lock().unwrap());
    let sent = match fault {
        None => send(&mut stream, &answer, answer.body.as_bytes()),
        Some(Fault::Bomb(bytes)) => send_endlessly(&mut stream, state, &bomb(bytes), "gzip"),
        Some(Fault::Flood) => {
            let flood = vec![vec![b' '; 64 * 1024]; FLOOD_PIECES];
            send_endlessly(&mut stream, state, &flood, "identity")
        }
        Some(fault) => misbehave(&mut stream, fault, &request, answer),
    };
    // The client may hang up first; that is its right.
    drop(sent);
}

/// A flood is over after 64 MiB, so that a test that fails ends.
const FLOOD_PIECES: usize = 1_024;

/// Zeros in pieces of a mebibyte, each packed to a kilobyte.
fn bomb(bytes: usize) -> Vec<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![b' '; 1024 * 1024];
    packer.write_all(&zeros).unwrap();
    packer.flush().unwrap();
    let first = packer.get_ref().clone();
    packer.write_all(&zeros).unwrap();
    packer.flush().unwrap();
    // What a flush has closed can be repeated.
    let again = packer.get_ref()[first.len()..].to_vec();
    let mut pieces = vec![first];
    pieces.resize(bytes.div_ceil(zeros.len()), again);
    pieces
}

fn send_endlessly(
    stream: &mut TcpStream,
    state: &Mutex<State>,
    pieces: &[Vec<u8>],
    encoding: &str,
) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 x\r\nConnection: close\r\nContent-Type: text/plain\r\n";
    stream.write_all(format!("{head}Content-Encoding: {encoding}\r\n\r\n").as_bytes())?;
    for piece in pieces {
        stream.write_all(piece)?;
        state.lock().unwrap().sent += piece.len();
    }
    Ok(())
}

fn request_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0u8; 1];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn misbehave(
    stream: &mut TcpStream,
    fault: Fault,
    request: &str,
    mut answer: Answer,
) -> std::io::Result<()> {
    match fault {
        Fault::Status(status, retry_after) => {
            answer.status = status;
            answer.headers.push(("Retry-After", retry_after.to_owned()));
            answer.body = "<html><title>error</title></html>".to_owned();
        }
        Fault::TooMany(retry_after) => {
            answer.status = 429;
            answer.headers.push(("Retry-After", retry_after));
            answer.body = "{}".to_owned();
        }
        Fault::VkError(code) => {
            let token =
                request.split("access_token=").nth(1).unwrap_or("").split(['&', ' ']).next();
            answer.body = json!({"error": {
                "error_code": code,
                "error_msg": format!("error {code} for {}", token.unwrap_or("")),
                "request_params": [{"key": "access_token", "value": token}],
            }})
            .to_string();
        }
        Fault::Html => answer.body = "<!DOCTYPE html><html><h1>502</h1></html>".to_owned(),
        Fault::Body(body) => answer.body = body,
        Fault::Answer(status, (name, value), body) => {
            answer.status = status;
            answer.headers.push((name, value.to_owned()));
            answer.body = body.to_owned();
        }
        Fault::Huge(bytes) => answer.body = "x".repeat(bytes),
        Fault::Redirect(to) => {
            answer.status = 302;
            answer.headers.push(("Location", to));
            answer.body.clear();
        }
        Fault::Cut => {
            let half = answer.body.len() / 2;
            return send(stream, &answer, &answer.body.as_bytes()[..half]);
        }
        Fault::Drip => {
            send(stream, &answer, &[])?;
            for byte in answer.body.bytes() {
                stream.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(300));
            }
            return Ok(());
        }
        Fault::Hang => {
            std::thread::sleep(Duration::from_secs(30));
            return Ok(());
        }
        Fault::Bomb(_) | Fault::Flood => unreachable!("sent piece by piece"),
    }
    send(stream, &answer, answer.body.as_bytes())
}

/// Sends the head for the whole body, and as much of the body as given.
fn send(stream: &mut TcpStream, answer: &Answer, body: &[u8]) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()
}

fn answer(request: &str, state: &State) -> Answer {
    let path = request.split(' ').nth(1).unwrap_or("/");
    let url = Url::parse("http://x").unwrap().join(path).unwrap();
    let query: BTreeMap<String, String> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let seen = state.seen();
    match url.path() {
        "/fb.do" => odnoklassniki(&seen, &query, state),
        "/round" => {
            let headers = vec![("Location", path.to_owned())];
            Answer { status: 302, headers, body: String::new() }
        }
        "/method/wall.get" => vk(&seen, &query, state),
        "/method/wall.getById" => vk_by_id(&seen, &query, state),
        "/method/wall.getComments" => {
            let body = state.comments.answer(&query, state.now_secs).to_string();
            Answer::ok("application/json; charset=utf-8", body)
        }
        "/s/town" => telegram(&seen, &query, state),
        "/2/tweets/search/recent" => x(&seen, &query, state.page_size),
        "/v26.0/town/feed" => facebook(&seen, &url, &query, state.page_size),
        "/feed.xml" => rss(&seen, request, state.page_size),
        "/api/v1/accounts/town/statuses" => mastodon(&seen, &query, state, request),
        "/town" => Answer::ok("text/html", "<div class=\"tgme_page_title\">Town</div>".to_owned()),
        _ => Answer::ok("text/html", "<div class=\"tgme_page\">Contact</div>".to_owned()),
    }
}

/// Two walls: «-6» has the posts with numbers from a million on.
fn owner_of(post: &Shown) -> i64 {
    if post.id < 1_000_000 { -5 } else { -6 }
}

fn vk(seen: &[&Shown], query: &BTreeMap<String, String>, state: &State) -> Answer {
    let offset = query.get("offset").and_then(|text| text.parse().ok()).unwrap_or(0);
    let offset = if state.is_endless { 0 } else { offset };
    let owner = query.get("owner_id").and_then(|text| text.parse().ok()).unwrap_or(-5);
    let mut order: Vec<&&Shown> = seen.iter().filter(|post| owner_of(post) == owner).collect();
    let count = if state.is_endless { usize::MAX / 2 } else { order.len() };
    order.sort_by_key(|post| !post.pinned);
    let page = order.into_iter().skip(offset).take(state.page_size);
    let items: Vec<_> = page.map(|post| vk_item(post, state)).collect();
    let body = json!({"response": {"count": count, "items": items}});
    Answer::ok("application/json; charset=utf-8", body.to_string())
}

fn x(seen: &[&Shown], query: &BTreeMap<String, String>, page_size: usize) -> Answer {
    let start: Option<Timestamp> = query.get("start_time").map(|text| text.parse().unwrap());
    let asked: Vec<&&Shown> = seen
        .iter()
        .filter(|post| start.is_none_or(|start| start <= instant(post.at_secs)))
        .collect();
    let from = query.get("next_token").map_or(0, |text| text.parse().unwrap());
    let page: Vec<_> = asked
        .iter()
        .skip(from)
        .take(page_size)
        .map(|post| {
            json!({"id": post.id.to_string(), "text": post.text, "author_id": "7",
                "created_at": instant(post.at_secs).to_string()})
        })
        .collect();
    let mut body = json!({"meta": {"result_count": page.len()}});
    if from + page.len() < asked.len() {
        body["meta"]["next_token"] = json!((from + page.len()).to_string());
    }
    if !page.is_empty() {
        body["data"] = json!(page);
    }
    Answer::ok("application/json; charset=utf-8", body.to_string())
}

/// The next address repeats the whole request with the token in it.
fn facebook(
    seen: &[&Shown],
    url: &Url,
    query: &BTreeMap<String, String>,
    page_size: usize,
) -> Answer {
    let since: i64 = query.get("since").map_or(i64::MIN, |text| text.parse().unwrap());
    let asked: Vec<&&Shown> = seen.iter().filter(|post| since <= EPOCH + post.at_secs).collect();
    let from: usize = query.get("after").map_or(0, |text| text.parse().unwrap());
    let page: Vec<_> = asked
        .iter()
        .skip(from)
        .take(page_size)
        .map(|post| {
            let written = instant(post.at_secs).to_string().replace('Z', "+0000");
            json!({"id": format!("5_{}", post.id), "message": post.text, "created_time": written})
        })
        .collect();
    let mut body = json!({"data": page});
    if from + page_size < asked.len() {
        let mut next = url.clone();
        let kept = query.iter().filter(|(name, _)| *name != "after");
        next.query_pairs_mut().clear().extend_pairs(kept);
        next.query_pairs_mut().append_pair("after", &(from + page_size).to_string());
        body["paging"] = json!({"next": next.as_str()});
    }
    Answer::ok("application/json; charset=UTF-8", body.to_string())
}

/// What is gone is left out in silence.
fn vk_by_id(seen: &[&Shown], query: &BTreeMap<String, String>, state: &State) -> Answer {
    let wanted: Vec<&str> = query["posts"].split(',').collect();
    let is_wanted =
        |post: &&&Shown| wanted.contains(&format!("{}_{}", owner_of(post), post.id).as_str());
    let items: Vec<_> = seen.iter().filter(is_wanted).map(|post| vk_item(post, state)).collect();
    let body = json!({"response": {"items": items}});
    Answer::ok("application/json; charset=utf-8", body.to_string())
}

fn vk_item(post: &Shown, state: &State) -> serde_json::Value {
    let mut item = json!({
        "id": post.id, "owner_id": owner_of(post), "from_id": 7, "date": EPOCH + post.at_secs,
        "text": post.text, "is_pinned": i32::from(post.pinned), "post_type": "post",
    });
    if let Some(count) = state.comments.count(post.id, state.now_secs) {
        item["comments"] = json!({ "count": count });
    }
    item
}

/// Topics between anchors; the anchor is the number of those before it.
fn odnoklassniki(seen: &[&Shown], query: &BTreeMap<String, String>, state: &State) -> Answer {
    let from: usize = query.get("anchor").and_then(|text| text.parse().ok()).unwrap_or(0);
    let from = if state.is_endless { 0 } else { from };
    let page = seen.iter().skip(from).take(state.page_size);
    let topics: Vec<_> = page
        .map(|post| {
            json!({"id": post.id.to_string(), "created_ms": (EPOCH + post.at_secs) * 1_000,
                "author_ref": "user:7", "owner_ref": "group:5",
                "media": [{"type": "text", "text": post.text}]})
        })
        .collect();
    let next = from + topics.len();
    let (next, has_more) = match state.is_endless {
        true => (state.requests.len(), true),
        false => (next, next < seen.len()),
    };
    let body = json!({"media_topics": topics, "anchor": next.to_string(), "has_more": has_more});
    Answer::ok("application/json; charset=utf-8", body.to_string())
}

fn telegram(seen: &[&Shown], query: &BTreeMap<String, String>, state: &State) -> Answer {
    let before = query.get("before").and_then(|text| text.parse::<u64>().ok());
    let before = before.filter(|_| !state.is_endless);
    // Numbers follow the order of dates, as far as the preview is concerned.
    let mut asked: Vec<(u64, &&Shown)> =
        seen.iter().rev().map(|post| (snowflake(post), post)).collect();
    asked.retain(|(number, _)| before.is_none_or(|before| *number < before));
    let page = &asked[asked.len().saturating_sub(state.page_size)..];
    let mut body = "<div class=\"tgme_channel_info\"></div>".to_owned();
    let next = match state.is_endless {
        true => Some(u64::MAX - state.requests.len() as u64),
        false => page.first().map(|(first, _)| *first).filter(|_| page.len() < asked.len()),
    };
    if let Some(next) = next {
        body.push_str(&format!("<a class=\"tme_messages_more\" data-before=\"{next}\"></a>"));
    }
    for (number, post) in page {
        body.push_str(&format!(
            "<div class=\"tgme_widget_message\" data-post=\"town/{number}\"><div \
             class=\"tgme_widget_message_text js-message_text\">{}</div><a \
             class=\"tgme_widget_message_date\"><time datetime=\"{}\"></time></a></div>",
            post.text,
            instant(post.at_secs)
        ));
    }
    Answer::ok("text/html; charset=utf-8", body)
}

/// An id that begins with its post's date, as Mastodon makes them.
fn snowflake(post: &Shown) -> u64 {
    (((EPOCH + post.at_secs) as u64 * 1_000) << 16) + post.id % (1 << 16)
}

fn mastodon(
    seen: &[&Shown],
    query: &BTreeMap<String, String>,
    state: &State,
    request: &str,
) -> Answer {
    let page_size = state.page_size;
    let id = |name: &str| query.get(name).map(|text| text.parse::<u64>().unwrap());
    let (min, max) = (id("min_id"), id("max_id").filter(|_| !state.is_endless));
    let mut page: Vec<&&Shown> = seen
        .iter()
        .filter(|post| min.is_none_or(|min| min < snowflake(post)))
        .filter(|post| max.is_none_or(|max| snowflake(post) < max))
        .collect();
    // After an id come the next ones; otherwise the newest.
    let skipped = if min.is_some() { page.len().saturating_sub(page_size) } else { 0 };
    page.drain(..skipped);
    page.truncate(page_size);
    let items: Vec<_> = page
        .iter()
        .map(|post| {
            json!({
                "id": snowflake(post).to_string(), "created_at": instant(post.at_secs).to_string(),
                "content": format!("<p>{}</p>", post.text), "account": {"id": "5"},
                "visibility": "public",
            })
        })
        .collect();
    let mut answer = Answer::ok("application/json; charset=utf-8", json!(items).to_string());
    if let (Some(first), Some(last)) = (page.first(), page.last()) {
        let host = request.lines().find_map(|line| {
            line.to_lowercase().strip_prefix("host: ").map(|host| host.trim().to_owned())
        });
        let base = format!("http://{}/api/v1/accounts/town/statuses?", host.unwrap());
        let (mut next, prev) = (snowflake(last), snowflake(first));
        if state.is_endless {
            next = u64::MAX - state.requests.len() as u64;
        }
        let link =
            format!("<{base}max_id={next}>; rel=\"next\", <{base}min_id={prev}>; rel=\"prev\"");
        answer.headers.push(("Link", link));
    }
    answer
}

fn rss(seen: &[&Shown], request: &str, page_size: usize) -> Answer {
    let etag =
        format!("\"{}\"", seen.iter().map(|post| post.id + post.text.len() as u64).sum::<u64>());
    if request.to_lowercase().contains(&format!("if-none-match: {etag}")) {
        return Answer { status: 304, headers: Vec::new(), body: String::new() };
    }
    let items: String = seen
        .iter()
        .take(page_size)
        .map(|post| {
            format!(
                "<item><guid>{}</guid><pubDate>{}</pubDate><description>{}</description></item>",
                post.id,
                instant(post.at_secs),
                post.text
            )
        })
        .collect();
    let body = format!("<rss version=\"2.0\"><channel><title>Town</title>{items}</channel></rss>");
    let mut answer = Answer::ok("application/rss+xml", body);
    answer.headers.push(("ETag", etag));
    answer
}
