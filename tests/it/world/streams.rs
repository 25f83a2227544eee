//! A local server whose posts come by themselves: VKontakte's stream with its
//! rules, its long poll, Bluesky's commits, Mastodon's events, each in its own
//! protocol over real sockets, and with every way in which connections end.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use otklik::adapters::clock::SystemClock;
use otklik::model::time::Clock as _;
use serde_json::Value;
use serde_json::json;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::Message;
use url::Url;

/// What happens to one connection, after so many frames on it.
#[derive(Debug, Clone)]
pub enum Mishap {
    /// Another status and body instead of a stream.
    Refuse(u16, &'static str),
    /// This frame, and then the end.
    Say(usize, String),
    /// The line goes dead in the middle of a frame.
    Cut(usize),
    Close(usize),
    /// A frame that is none, and then everything else.
    Garbage(usize),
    /// A frame of so many bytes.
    Huge(usize, usize),
    /// Nothing more, not even the answer to a ping.
    Silence(usize),
    /// Every frame twice.
    Twice,
    /// Every two frames in the wrong order.
    Disorder,
    /// The long poll answers so, once.
    Failed(u64),
}

#[derive(Debug, Default)]
struct State {
    /// Everything that was ever published.
    frames: Vec<Value>,
    mishaps: VecDeque<Option<Mishap>>,
    rules: BTreeMap<String, String>,
    bad_rules: Vec<String>,
    rules_max: usize,
    requests: Vec<String>,
    connections: usize,
    open: usize,
    /// Keys given so far; only the last one is good.
    keys: usize,
    /// How often all connections were dropped.
    dropped: usize,
}

#[derive(Clone)]
pub struct StreamServer {
    state: Arc<Mutex<State>>,
    pub base: Url,
}

impl StreamServer {
    pub fn start() -> StreamServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let state = State { rules_max: 300, ..State::default() };
        let state = Arc::new(Mutex::new(state));
        let server = StreamServer { state, base };
        let shared = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = shared.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    pub fn publish(&self, frame: Value) {
        self.change(|state| state.frames.push(frame));
    }

    /// What happens to the next connections; `None` is an honest one.
    pub fn mishap(&self, mishap: impl Into<Option<Mishap>>) {
        let mishap = mishap.into();
        self.change(|state| state.mishaps.push_back(mishap));
    }

    pub fn mishaps_left(&self) -> usize {
        self.change(|state| state.mishaps.len())
    }

    /// Nothing more happens to anybody.
    pub fn forgive(&self) {
        self.change(|state| state.mishaps.clear());
    }

    /// Every open connection ends.
    pub fn drop_all(&self) {
        self.change(|state| state.dropped += 1);
    }

    pub fn refuse_rules_with(&self, word: &str) {
        self.change(|state| state.bad_rules.push(word.to_owned()));
    }

    pub fn set_rules_max(&self, most: usize) {
        self.change(|state| state.rules_max = most);
    }

    pub fn rules(&self) -> BTreeMap<String, String> {
        self.state.lock().unwrap().rules.clone()
    }

    pub fn put_rule(&self, tag: &str, value: &str) {
        self.change(|state| {
            state.rules.insert(tag.to_owned(), value.to_owned());
        });
    }

    /// Connections so far, and those that are open.
    pub fn connections(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.connections, state.open)
    }

    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(head) = peeked_head(&stream) else { return };
        let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
        let url = Url::parse("http://x").unwrap().join(&path).unwrap();
        self.change(|state| state.requests.push(head.clone()));
        match url.path() {
            "/stream" | "/subscribe" => self.socket(stream, &url),
            path if path.starts_with("/api/v1/streaming/") => self.events(stream, &head),
            _ => {
                let body = drained_body(&mut stream, &head);
                let answer = self.answer(&head, &url, &body);
                respond(&mut stream, 200, &answer.to_string());
            }
        }
    }

    fn answer(&self, head: &str, url: &Url, body: &str) -> Value {
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let host = self.base.as_str().trim_start_matches("http://").trim_end_matches('/');
        match url.path() {
            "/method/streaming.getServerUrl" => {
                let key = self.change(|state| {
                    state.keys += 1;
                    state.keys
                });
                json!({"response": {"endpoint": host, "key": format!("streamkey{key}")}})
            }
            "/method/groups.getLongPollServer" => {
                let ts = self.change(|state| state.frames.len());
                json!({"response": {"key": "pollkey", "server": format!("http://{host}/poll"),
                    "ts": ts.to_string()}})
            }
            "/poll" => self.poll(&query),
            "/rules/" => self.rule(head, body),
            "/xrpc/com.atproto.identity.resolveHandle" => match query["handle"].as_str() {
                "gone.example" => json!({"error": "HandleNotFound", "message": "no such handle"}),
                handle => json!({"did": format!("did:plc:{}", handle.replace('.', ""))}),
            },
            "/method/newsfeed.search" => self.search(&query),
            "/method/wall.get" => {
                let items = self.shown(
                    |frame| frame["type"] == "wall_post_new",
                    |frame| frame["object"].clone(),
                );
                json!({"response": {"count": items.len(), "items": items}})
            }
            // One comment under every post.
            "/method/wall.getComments" => {
                let post: i64 = query["post_id"].parse().unwrap();
                let comment = json!({"id": 9_000 + post, "owner_id": -5, "post_id": post,
                    "from_id": 8, "date": SystemClock.now().as_second(), "text": "И у нас"});
                json!({"response": {"count": 1, "current_level_count": 1, "items": [comment]}})
            }
            path if path.starts_with("/api/v1/statuses/") && path.ends_with("/context") => {
                let at = SystemClock.now().to_string();
                json!({"ancestors": [], "descendants": [{"id": "900", "created_at": at,
                    "content": "<p>И у нас</p>", "visibility": "public", "in_reply_to_id": "1",
                    "account": {"id": "8"}, "url": "https://social.example/@b/900"}]})
            }
            path if path.starts_with("/api/v1/timelines/tag/") => {
                json!(self.shown(
                    |frame| frame["event"] == "update",
                    |frame| { frame["payload"].clone() }
                ))
            }
            _ => json!({"error": {"error_code": 3, "error_msg": "unknown method"}}),
        }
    }

    /// What polls see of what was published, the newest first.
    fn shown(
        &self,
        is_shown: impl Fn(&Value) -> bool,
        as_item: impl Fn(&Value) -> Value,
    ) -> Vec<Value> {
        self.change(|state| {
            state.frames.iter().rev().filter(|frame| is_shown(frame)).map(as_item).collect()
        })
    }

    /// Only one place is spoken of, and only in its time.
    fn search(&self, query: &BTreeMap<String, String>) -> Value {
        let secs = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
        let (since, until) = (secs("start_time"), secs("end_time"));
        let is_asked = |frame: &Value| {
            let date = frame["event"]["creation_time"].as_i64();
            query["q"] == "Вологда"
                && date.is_some_and(|date| since.is_none_or(|since| since <= date))
                && date.is_some_and(|date| until.is_none_or(|until| date <= until))
        };
        let items = self.shown(is_asked, |frame| {
            let event = &frame["event"];
            json!({"id": event["event_id"]["post_id"], "owner_id": -5, "from_id": 7,
                "date": event["creation_time"], "text": event["text"], "post_type": "post"})
        });
        json!({"response": {"count": items.len(), "items": items, "total_count": items.len()}})
    }

    fn rule(&self, head: &str, body: &str) -> Value {
        let no = |code: u32| json!({"code": 400, "error": {"error_code": code, "message": format!("no {code}")}});
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        self.change(|state| match head.split(' ').next().unwrap() {
            "GET" => {
                let rules: Vec<Value> = state
                    .rules
                    .iter()
                    .map(|(tag, value)| json!({"tag": tag, "value": value}))
                    .collect();
                match rules.is_empty() {
                    true => json!({"code": 200, "rules": null}),
                    false => json!({"code": 200, "rules": rules}),
                }
            }
            "POST" => {
                let tag = sent["rule"]["tag"].as_str().unwrap().to_owned();
                let value = sent["rule"]["value"].as_str().unwrap().to_owned();
                if state.rules.contains_key(&tag) {
                    return no(2001);
                }
                if state.bad_rules.iter().any(|word| value.contains(word)) {
                    return no(2003);
                }
                if state.rules_max <= state.rules.len() {
                    return no(2006);
                }
                state.rules.insert(tag, value);
                json!({"code": 200})
            }
            _ => match state.rules.remove(sent["tag"].as_str().unwrap()) {
                Some(_) => json!({"code": 200}),
                None => no(2002),
            },
        })
    }

    /// Waits a little for something to happen, as the real one does for long.
    fn poll(&self, query: &BTreeMap<String, String>) -> Value {
        let ts: usize = query["ts"].parse().unwrap();
        for _ in 0..20 {
            let mishap = self.change(|state| match state.mishaps.front() {
                Some(Some(Mishap::Failed(_))) => state.mishaps.pop_front().flatten(),
                _ => None,
            });
            if let Some(Mishap::Failed(code)) = mishap {
                let ts = self.change(|state| state.frames.len());
                return json!({"failed": code, "ts": ts});
            }
            let updates = self.change(|state| state.frames[ts.min(state.frames.len())..].to_vec());
            if !updates.is_empty() {
                return json!({"ts": (ts + updates.len()).to_string(), "updates": updates});
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        json!({"ts": ts.to_string(), "updates": []})
    }

    fn begin(&self) -> Option<Mishap> {
        self.change(|state| {
            state.connections += 1;
            state.mishaps.pop_front().flatten()
        })
    }

    /// Where a connection begins: with what is new, or from a microsecond on.
    fn first(&self, url: &Url) -> usize {
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let cursor = query.get("cursor").and_then(|text| text.parse::<i64>().ok());
        self.change(|state| match cursor {
            Some(cursor) => {
                let is_before = |frame: &&Value| frame["time_us"].as_i64().unwrap_or(0) < cursor;
                state.frames.iter().take_while(is_before).count()
            }
            None => state.frames.len(),
        })
    }

    fn socket(&self, mut stream: TcpStream, url: &Url) {
        let mishap = self.begin();
        if let Some(Mishap::Refuse(status, body)) = &mishap {
            drained_head(&mut stream);
            respond(&mut stream, *status, body);
            return;
        }
        let mut at = self.first(url);
        let largest = url.query_pairs().find(|(name, _)| name == "maxMessageSizeBytes");
        let largest = largest.and_then(|(_, bytes)| bytes.parse().ok()).unwrap_or(usize::MAX);
        let Ok(raw) = stream.try_clone() else { return };
        let Ok(mut socket) = tungstenite::accept(stream) else { return };
        raw.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let _open = Open::new(self);
        let (mut sent, dropped) = (0, self.change(|state| state.dropped));
        loop {
            if dropped < self.change(|state| state.dropped) {
                return;
            }
            match &mishap {
                Some(Mishap::Say(after, frame)) if *after <= sent => {
                    let _ = socket.send(Message::text(frame.clone()));
                    let _ = socket.close(None);
                    let _ = socket.flush();
                    std::thread::sleep(Duration::from_millis(50));
                    return;
                }
                Some(Mishap::Cut(after)) if *after <= sent => {
                    // A text frame of 100 bytes, of which four come.
                    let _ = (&raw).write_all(&[0x81, 100, b'{', b'"', b'c', b'o']);
                    return;
                }
                Some(Mishap::Close(after)) if *after <= sent => {
                    let _ = socket.close(None);
                    let _ = socket.flush();
                    return;
                }
                Some(Mishap::Garbage(after)) if *after == sent => {
                    let _ = socket.send(Message::text("{\"code\": 100, \"event\""));
                    sent += 1;
                }
                Some(Mishap::Huge(after, bytes)) if *after <= sent => {
                    let _ = socket.send(Message::text("x".repeat(*bytes)));
                    return;
                }
                Some(Mishap::Silence(after)) if *after <= sent => {
                    std::thread::sleep(Duration::from_secs(60));
                    return;
                }
                _ => {}
            }
            match socket.read() {
                Ok(_) => {}
                Err(tungstenite::Error::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) => {}
                Err(_) => return,
            }
            let mut frames = self.next(at, &mishap);
            at += frames.len();
            if matches!(mishap, Some(Mishap::Disorder)) {
                frames.chunks_mut(2).for_each(<[Value]>::reverse);
            }
            let times = if matches!(mishap, Some(Mishap::Twice)) { 2 } else { 1 };
            // What the client calls too large is passed over in silence.
            let frames = frames.iter().map(Value::to_string);
            for frame in frames.filter(|frame| frame.len() <= largest) {
                for _ in 0..times {
                    if socket.send(Message::text(frame.clone())).is_err() {
                        return;
                    }
                }
                sent += 1;
            }
        }
    }

    /// What comes next: one frame at a time where something is to happen
    /// between two of them.
    fn next(&self, at: usize, mishap: &Option<Mishap>) -> Vec<Value> {
        self.change(|state| {
            let waiting = &state.frames[at.min(state.frames.len())..];
            let most = match mishap {
                None | Some(Mishap::Twice) => waiting.len(),
                Some(Mishap::Disorder) => waiting.len() / 2 * 2,
                Some(_) => 1,
            };
            waiting.iter().take(most).cloned().collect()
        })
    }

    fn events(&self, mut stream: TcpStream, head: &str) {
        let mishap = self.begin();
        drained_head(&mut stream);
        if let Some(Mishap::Refuse(status, body)) = &mishap {
            respond(&mut stream, *status, body);
            return;
        }
        assert!(head.to_lowercase().contains("accept: text/event-stream"), "{head}");
        let answer = "HTTP/1.1 200 x\r\nContent-Type: text/event-stream\r\n\
                      Connection: close\r\n\r\n:)\n\n";
        let mut at = self.change(|state| state.frames.len());
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        let _open = Open::new(self);
        let mut sent = 0;
        loop {
            match &mishap {
                Some(Mishap::Cut(after)) if *after <= sent => {
                    let _ = stream.write_all(b"event: update\ndata: {\"id\":");
                    return;
                }
                Some(Mishap::Close(after)) if *after <= sent => return,
                Some(Mishap::Garbage(after)) if *after == sent => {
                    let _ = stream.write_all(b"event: update\ndata: {\"id\":\n\n");
                    sent += 1;
                }
                Some(Mishap::Huge(after, bytes)) if *after <= sent => {
                    let _ =
                        stream.write_all(format!("data: {}\n\n", "x".repeat(*bytes)).as_bytes());
                    return;
                }
                Some(Mishap::Silence(after)) if *after <= sent => {
                    std::thread::sleep(Duration::from_secs(60));
                    return;
                }
                _ => {}
            }
            let frames = self.next(at, &mishap);
            at += frames.len();
            for frame in frames {
                let (name, data) = (frame["event"].as_str().unwrap(), &frame["payload"]);
                let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                let text = format!("event: {name}\ndata: {data}\n\n");
                if stream.write_all(text.as_bytes()).is_err() {
                    return;
                }
                sent += 1;
            }
            if stream.write_all(b":thump\n").is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Counts a connection while it is open.
struct Open<'s>(&'s StreamServer);

impl Open<'_> {
    fn new(server: &StreamServer) -> Open<'_> {
        server.change(|state| state.open += 1);
        Open(server)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.open -= 1);
    }
}

/// The head of a request, left where it is: a WebSocket reads it again.
fn peeked_head(stream: &TcpStream) -> Option<String> {
    let mut bytes = vec![0u8; 64 * 1024];
    for _ in 0..1_000 {
        let count = stream.peek(&mut bytes).ok().filter(|count| 0 < *count)?;
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            return Some(head.to_owned());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

fn drained_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0u8; 1];
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
    }
}

fn drained_body(stream: &mut TcpStream, head: &str) -> String {
    drained_head(stream);
    let length = head.lines().find_map(|line| {
        line.to_lowercase().strip_prefix("content-length: ").and_then(|text| text.parse().ok())
    });
    let mut body = vec![0u8; length.unwrap_or(0)];
    match stream.read_exact(&mut body) {
        Ok(()) => String::from_utf8(body).unwrap(),
        Err(_) => String::new(),
    }
}

fn respond(stream: &mut TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.flush());
    // As over a long way: the body does not come with its head.
    std::thread::sleep(Duration::from_millis(3));
    let _ = stream.write_all(body.as_bytes()).and_then(|()| stream.flush());
}
