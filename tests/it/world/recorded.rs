//! A local server that gives recorded answers, one after another, and keeps
//! what it was asked. It gives tokens to programs that show the right id.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use url::Url;

/// An answer; `{base}` in a header is the server's own address.
#[derive(Debug, Clone)]
pub struct Recording {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Asked {
    /// The value of a parameter; of several the last.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.query.iter().rev().filter(|(one, _)| one == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// For whom tokens are given, and which.
#[derive(Debug, Clone)]
pub struct TokenDesk {
    pub path: &'static str,
    pub login: &'static str,
    pub token: &'static str,
}

#[derive(Default)]
struct State {
    answers: VecDeque<Recording>,
    asked: Vec<Asked>,
    desk: Option<TokenDesk>,
    tokens_given: usize,
}

/// The server; it goes with the test's process.
#[derive(Clone)]
pub struct RecordedServer {
    state: Arc<Mutex<State>>,
    pub base: Url,
}

/// What is said when nothing was recorded: no network says it.
const NOTHING_RECORDED: u16 = 599;

/// Answers every request by that; the server goes with the test's process.
pub fn listen(answer: impl Fn(Asked, &Url) -> Recording + Send + Sync + 'static) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (answer, own) = (Arc::new(answer), base.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answer, base) = (Arc::clone(&answer), own.clone());
            std::thread::spawn(move || serve(stream, answer.as_ref(), &base));
        }
    });
    base
}

impl RecordedServer {
    pub fn start(desk: Option<TokenDesk>) -> RecordedServer {
        let state = Arc::new(Mutex::new(State { desk, ..State::default() }));
        let shared = Arc::clone(&state);
        let base = listen(move |asked, _| {
            let mut state = shared.lock().unwrap();
            match state.desk.clone().filter(|desk| desk.path == asked.path) {
                Some(desk) => {
                    state.tokens_given += 1;
                    token(&desk, &asked)
                }
                None => {
                    state.asked.push(asked);
                    state.answers.pop_front().unwrap_or_else(nothing)
                }
            }
        });
        RecordedServer { state, base }
    }

    /// What the next requests are answered with.
    pub fn play(&self, answers: impl IntoIterator<Item = Recording>) {
        self.state.lock().unwrap().answers = answers.into_iter().collect();
    }

    /// Answers that nobody asked for.
    pub fn left(&self) -> usize {
        self.state.lock().unwrap().answers.len()
    }

    pub fn tokens_given(&self) -> usize {
        self.state.lock().unwrap().tokens_given
    }

    /// The requests since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(Asked, &Url) -> Recording, base: &Url) {
    let Some(asked) = request(&stream) else { return };
    let answer = answer(asked, base);
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        let value = value.replace("{base}", base.as_str().trim_end_matches('/'));
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len()));
    // The client may hang up first; that is its right.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.body)));
}

fn nothing() -> Recording {
    Recording { status: NOTHING_RECORDED, headers: Vec::new(), body: b"nothing recorded".to_vec() }
}

fn token(desk: &TokenDesk, asked: &Asked) -> Recording {
    let basic = base64::engine::general_purpose::STANDARD.encode(desk.login);
    let is_known = asked.headers.get("authorization") == Some(&format!("Basic {basic}"));
    let is_asked = asked.method == "POST" && asked.body == "grant_type=client_credentials";
    let (status, body) = match is_known && is_asked {
        true => (200, format!(r#"{{"access_token":"{}","expires_in":3600}}"#, desk.token)),
        false => (401, r#"{"error":"invalid_grant"}"#.to_owned()),
    };
    Recording { status, headers: Vec::new(), body: body.into_bytes() }
}

fn request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, address) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let url = Url::parse("http://x").unwrap().join(&address).ok()?;
    Some(Asked {
        method,
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
