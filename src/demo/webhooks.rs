//! A receiver of webhooks for the demo, as a body's own ticket system would be:
//! takes what is signed with its key and refuses everything else. Keeps
//! nothing; knows nothing of notices.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::listen;

pub struct WebhookServer {
    /// Any address below it takes notices.
    pub base_url: String,
    /// Serves until it is dropped.
    pub server: Pin<Box<dyn Future<Output = io::Result<()>> + Send>>,
}

/// Opens the receiver; `key` is the secret that it shares with the sender.
pub async fn start(key: &[u8]) -> io::Result<WebhookServer> {
    let (base_url, port) = listen().await?;
    let key: Arc<[u8]> = Arc::from(key);
    let router = Router::new().route("/{*path}", post(take)).with_state(key);
    let server = axum::serve(port, router).into_future();
    Ok(WebhookServer { base_url, server: Box::pin(server) })
}

async fn take(State(key): State<Arc<[u8]>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if is_signed(&key, &headers, &body) { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
}

/// Whether `X-Otklik-Signature` is the HMAC-SHA-256 of `X-Otklik-Timestamp`, a
/// full stop and the body.
fn is_signed(key: &[u8], headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let claimed = header("x-otklik-signature").and_then(|text| text.strip_prefix("sha256="));
    let (Some(timestamp), Some(claimed)) = (header("x-otklik-timestamp"), claimed) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    bytes_of(claimed).is_some_and(|claimed| mac.verify_slice(&claimed).is_ok())
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_signed_is_taken() {
        fn check(key: &str, timestamp: &str, signature: &str, body: &str, expected: bool) {
            let mut headers = HeaderMap::new();
            headers.insert("x-otklik-timestamp", timestamp.parse().unwrap());
            headers.insert("x-otklik-signature", signature.parse().unwrap());
            let found = is_signed(key.as_bytes(), &headers, body.as_bytes());
            assert_eq!(found, expected, "{key} {timestamp} {signature} {body}");
        }
        // Computed with `openssl dgst -sha256 -hmac secret` over `1700000000.{}`.
        let signature = "sha256=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        check("secret", "1700000000", signature, "{}", true);
        check("other", "1700000000", signature, "{}", false);
        check("secret", "1700000001", signature, "{}", false);
        check("secret", "1700000000", signature, "{ }", false);
        check("secret", "1700000000", &signature[7..], "{}", false);
        check("secret", "1700000000", &signature[..20], "{}", false);
        check("secret", "1700000000", "sha256=word", "{}", false);
        assert!(!is_signed(b"secret", &HeaderMap::new(), b"{}"));
    }
}
