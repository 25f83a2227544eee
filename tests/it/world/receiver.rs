//! A receiver of webhooks: keeps every request, answers what it is told to.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use otklik::pipeline::stage::supervise;

#[derive(Debug, Clone)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

/// Names and values that go out with the answer.
pub type ExtraHeaders = &'static [(&'static str, &'static str)];

type Answer = (StatusCode, ExtraHeaders);

impl Receiver {
    /// Answers every request so, from a port of its own.
    pub async fn start(status: u16, headers: ExtraHeaders) -> Receiver {
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let answer: Answer = (StatusCode::from_u16(status).unwrap(), headers);
        let state = (received.clone(), answer);
        let app = Router::new().route("/in", post(keep)).with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        supervise(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { url, received }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn keep(
    State((received, (status, extra))): State<(Arc<Mutex<Vec<Received>>>, Answer)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    received.lock().unwrap().push(Received { headers, body: body.to_vec() });
    let mut answer = HeaderMap::new();
    for (name, value) in extra {
        answer.insert(*name, value.parse().unwrap());
    }
    (status, answer)
}
