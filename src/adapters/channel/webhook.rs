//! Webhooks: a signed POST of JSON. The receiver's address comes from files
//! that people edit, so a request goes to public addresses only, unless the
//! configuration opens the closed network, and never follows a redirect.
//!
//! `X-Otklik-Signature: sha256=HEX` is the HMAC-SHA-256 of
//! `X-Otklik-Timestamp`, a full stop and the body. `Idempotency-Key` is the
//! same at every attempt.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use serde::Serialize;
use sha2::Sha256;

use crate::model::notice::{Attempt, Trouble};
use crate::model::time::Timestamp;

use super::{ChannelError, Message};

#[derive(Debug, Clone, Default)]
pub struct WebhookOptions {
    /// Hosts inside private networks that may be asked, as written in the URL.
    pub private_hosts: Vec<String>,
    pub timeout: Duration,
}

/// A receiver that asks for more patience than this is not waited for.
const RETRY_AFTER_MAX_SECS: i64 = 24 * 3_600;

pub struct Webhook {
    client: Client,
    guard: Guard,
}

#[derive(Serialize)]
struct Payload<'m> {
    key: &'m str,
    kind: &'m str,
    incident: u64,
    subject: &'m str,
    text: &'m str,
    due_at: Option<String>,
    link: &'m str,
}

impl Webhook {
    pub fn new(options: &WebhookOptions) -> Result<Webhook, ChannelError> {
        // Another part of the program may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard { private_hosts: Arc::new(options.private_hosts.clone()) };
        let client = Client::builder()
            .timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("otklik/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(guard.clone()))
            .build()
            .map_err(|error| ChannelError::Tls(error.to_string()))?;
        Ok(Webhook { client, guard })
    }

    pub async fn send(
        &self,
        url: &str,
        secret_file: Option<&str>,
        message: &Message,
        now: Timestamp,
    ) -> Attempt {
        let Ok(url) = Url::parse(url) else {
            return refused(Trouble::BadAddress, "the webhook's address is not one");
        };
        if !self.guard.allows_literal(&url) {
            return refused(Trouble::Inside, "the webhook's address is inside the network");
        }
        let secret = match secret_file.map(std::fs::read) {
            Some(Ok(secret)) => Some(secret),
            Some(Err(_)) => return retry(Trouble::NoSecret, "the webhook's secret cannot be read"),
            None => None,
        };
        match self.request(url, secret.as_deref(), message, now).await {
            Ok(response) => classify(&response, now),
            Err(error) if was_forbidden(&error) => {
                refused(Trouble::Inside, "the webhook's name leads inside the network")
            }
            Err(error) if error.is_timeout() => {
                retry(Trouble::Timeout, "the receiver did not answer in time")
            }
            Err(_) => retry(Trouble::NoConnection, "no connection to the receiver"),
        }
    }

    async fn request(
        &self,
        url: Url,
        secret: Option<&[u8]>,
        message: &Message,
        now: Timestamp,
    ) -> Result<Response, reqwest::Error> {
        let body = payload(message);
        let timestamp = now.as_second().to_string();
        let mut request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", key_header(&message.key))
            .header("X-Otklik-Timestamp", &timestamp);
        if let Some(secret) = secret {
            let signature = signature(secret.trim_ascii_end(), &timestamp, &body);
            request = request.header("X-Otklik-Signature", format!("sha256={signature}"));
        }
        request.body(body).send().await
    }
}

fn payload(message: &Message) -> Vec<u8> {
    let payload = Payload {
        key: &message.key,
        kind: message.kind.as_str(),
        incident: message.incident.0,
        subject: &message.subject,
        text: &message.body,
        due_at: message.due_at.map(|due| due.to_string()),
        link: &message.link,
    };
    serde_json::to_vec(&payload).expect("texts and numbers become JSON")
}

/// A header holds no letters beyond ASCII, and an address may have them.
fn key_header(key: &str) -> String {
    key.chars().map(|one| if one.is_ascii_graphic() { one } else { '_' }).collect()
}

fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn classify(response: &Response, now: Timestamp) -> Attempt {
    let status = response.status();
    let code = status.as_u16();
    match status {
        _ if status.is_success() => Attempt::Sent,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            let detail = format!("the receiver asks to wait: HTTP {code}");
            retry_when(Trouble::AsksToWait, &detail, retry_at(response, now))
        }
        _ if status.is_server_error() => {
            let detail = format!("the receiver has failed: HTTP {code}");
            retry_when(Trouble::Failed, &detail, retry_at(response, now))
        }
        _ => refused(Trouble::Refused, &format!("the receiver refuses: HTTP {code}")),
    }
}

fn retry_at(response: &Response, now: Timestamp) -> Option<Timestamp> {
    let secs: i64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    let secs = secs.clamp(0, RETRY_AFTER_MAX_SECS);
    now.checked_add(jiff::SignedDuration::from_secs(secs)).ok()
}

fn retry(trouble: Trouble, detail: &str) -> Attempt {
    retry_when(trouble, detail, None)
}

fn retry_when(trouble: Trouble, detail: &str, retry_at: Option<Timestamp>) -> Attempt {
    Attempt::Retry { error: trouble.told(detail), retry_at }
}

fn refused(trouble: Trouble, detail: &str) -> Attempt {
    Attempt::Refused { error: trouble.told(detail) }
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address inside the network")]
struct Forbidden;

fn was_forbidden(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<Forbidden>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// Keeps requests out of the closed network. Looks names up and keeps the
/// addresses that may be asked; the connection is made to what was checked, so
/// a name cannot change its address in between.
#[derive(Debug, Clone)]
struct Guard {
    private_hosts: Arc<Vec<String>>,
}

impl Guard {
    fn allows(&self, host: &str, address: IpAddr) -> bool {
        self.private_hosts.iter().any(|name| name.eq_ignore_ascii_case(host)) || is_public(address)
    }

    /// An address written as a number is never looked up, so it is checked here.
    fn allows_literal(&self, url: &Url) -> bool {
        match url.host() {
            Some(url::Host::Ipv4(address)) => {
                self.allows(&address.to_string(), IpAddr::V4(address))
            }
            Some(url::Host::Ipv6(address)) => {
                self.allows(&address.to_string(), IpAddr::V6(address))
            }
            Some(url::Host::Domain(_)) => true,
            None => false,
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| guard.allows(name.as_str(), address.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4() {
            // ::ffff:10.0.0.1 and ::10.0.0.1 are the same machine as 10.0.0.1.
            Some(inner) => is_public_v4(inner),
            None => {
                let first = address.segments()[0];
                let embeds_v4 = first == 0x2002 || address.segments()[..2] == [0x64, 0xff9b];
                // 2000::/3 is all that is given out to the public.
                first & 0xe000 == 0x2000 && !embeds_v4 && address.segments()[..2] != [0x2001, 0xdb8]
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = matches!(
        (first, second, third),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    );
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses() {
        let cases = [
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("fe80::1", false),
            ("fd00::1", false),
            ("2002:7f00:1::", false),
            ("64:ff9b::7f00:1", false),
            ("2a02:6b8::1", true),
        ];
        for (address, expected) in cases {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn addresses_in_disguise() {
        let cases = [
            ("http://2130706433/", false),
            ("http://0x7f.1/", false),
            ("http://[::1]:8080/", false),
            ("http://10.0.0.7/in", true),
            ("http://10.0.0.8/in", false),
            ("https://receiver.example/in", true),
        ];
        let guard = Guard { private_hosts: Arc::new(vec!["10.0.0.7".to_owned()]) };
        for (url, expected) in cases {
            let url = Url::parse(url).unwrap();
            assert_eq!(guard.allows_literal(&url), expected, "{url}");
        }
    }

    #[test]
    fn the_signature_is_the_standard_one() {
        // Computed with `openssl dgst -sha256 -hmac secret` over `1700000000.{}`.
        let expected = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        assert_eq!(signature(b"secret", "1700000000", b"{}"), expected);
    }
}
