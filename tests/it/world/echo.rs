//! A network at its most indiscreet: it answers every request with that very
//! request, credentials included, in one shape after another – as words, as an
//! error of some interface, as a page, as items, as a redirect. Where a token
//! is asked for it gives one.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use url::Url;

/// What it gives for an id and a secret; a secret itself.
pub const GRANTED: &str = "granted/token+of=the/echo";

#[derive(Clone)]
pub struct Echo {
    pub base: Url,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    pub fn start() -> Echo {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (echo, turns) = (Echo { base, heard }, AtomicUsize::new(0));
        let told = echo.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // One after another: a shape for every request.
                let _ = told.answer(stream, turns.fetch_add(1, Ordering::Relaxed));
            }
        });
        echo
    }

    /// Every request so far, from its first line to the end of its body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn answer(&self, mut stream: TcpStream, turn: usize) -> std::io::Result<()> {
        let request = read_request(&mut stream)?;
        self.heard.lock().unwrap().push(request.clone());
        let (status, extra, body) = shape(&request, turn);
        let head = format!(
            "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n{extra}\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
    }
}

fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut request, mut byte) = (Vec::new(), [0u8; 1]);
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0u8; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    request.extend(body);
    Ok(String::from_utf8_lossy(&request).into_owned())
}

fn shape(request: &str, turn: usize) -> (u16, String, String) {
    const JSON: &str = "Content-Type: application/json\r\n";
    let first = request.lines().next().unwrap_or("");
    if first.contains("access_token HTTP") {
        return (200, JSON.to_owned(), json!({ "access_token": GRANTED }).to_string());
    }
    let slashed = |value: serde_json::Value| value.to_string().replace('/', "\\/");
    let json = |value: serde_json::Value| (200, JSON.to_owned(), value.to_string());
    let error = json!({"error": {"error_code": 100, "error_msg": request, "message": request,
        "code": 100}, "error_code": 100, "error_msg": request, "errors": [{"message": request}]});
    match turn % 8 {
        0 => (200, "Content-Type: text/plain\r\n".to_owned(), request.to_owned()),
        1 => json(error),
        2 => (200, JSON.to_owned(), slashed(error)),
        3 => (500, "Content-Type: text/html\r\n".to_owned(), format!("<h1>{request}</h1>")),
        4 => json(json!({"response": {"count": 1, "items": [{"id": request, "text": request}]},
            "items": [{"id": request}], "data": [{"id": request, "created_time": request}]})),
        5 => (400, JSON.to_owned(), slashed(json!({"title": request, "detail": request}))),
        6 => {
            let path = first.split(' ').nth(1).unwrap_or("/");
            (302, format!("Location: /elsewhere{path}\r\n"), String::new())
        }
        _ => json(json!({ "surprise": request })),
    }
}
