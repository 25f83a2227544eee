//! A small site on a port of this machine: pages by path, with validators,
//! redirects and refusals as a test wants them. Also stands as a proxy for
//! sites of any name.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use url::Url;

#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct State {
    answers: BTreeMap<String, Answer>,
    requests: Vec<String>,
}

pub struct Site {
    pub base: Url,
    state: Arc<Mutex<State>>,
}

impl Site {
    pub fn start() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that went away has nothing to be told.
                let _ = answer(stream, &shared);
            }
        });
        Site { base, state }
    }

    /// A page, or whatever else, with status 200.
    pub fn page(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.answer(path, 200, &[("content-type", "text/html")], body);
    }

    pub fn answer(
        &self,
        path: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let headers = headers.iter().map(owned).collect();
        let answer = Answer { status, headers, body: body.into() };
        self.state.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// Paths that were asked for since the last look, in order.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let target = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("/").to_owned();
    // A proxy is asked for whole addresses.
    let path = Url::parse(&target)
        .map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
    let path = path.unwrap_or(target);
    let header = |name: &str| {
        head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let found = {
        let mut state = state.lock().unwrap();
        state.requests.push(path.clone());
        state.answers.get(&path).cloned()
    };
    let mut found = found.unwrap_or(Answer { status: 404, ..Answer::default() });
    let etag = found.headers.iter().find(|(name, _)| name == "etag").map(|(_, etag)| etag.clone());
    if etag.is_some() && etag == header("if-none-match") {
        found.status = 304;
        found.body.clear();
    }
    let mut out = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", found.status);
    for (name, value) in &found.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str(&format!("content-length: {}\r\n\r\n", found.body.len()));
    stream.write_all(out.as_bytes())?;
    stream.write_all(&found.body)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new()).map(|_| ())
}
