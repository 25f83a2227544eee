//! Sessions: random tokens in cookies, of which only hashes are kept, and the
//! CSRF tokens derived from them. Knows nothing of pages.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::model::time::Timestamp;

pub const SESSION_COOKIE: &str = "otklik_session";
pub const LANGUAGE_COOKIE: &str = "otklik_language";

const TOKEN_BYTES: usize = 32;

/// What a browser holds. Never written anywhere else.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A fresh token from the system's randomness.
    pub fn draw() -> Result<Token, getrandom::Error> {
        let mut bytes = [0_u8; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Token(URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub fn from_cookies(headers: &HeaderMap) -> Option<Token> {
        cookie(headers, SESSION_COOKIE).map(|value| Token(value.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// The token that every form of this session carries.
    pub fn csrf(&self) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes a key of any length");
        mac.update(b"otklik csrf");
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// Compares in a time that says nothing about where two texts differ.
pub fn is_same_secret(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// A cookie of a request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// When a session that is used now runs out: after some idle time, but never
/// later than its whole life allows.
pub fn expires_at(
    created_at: Timestamp,
    now: Timestamp,
    idle_secs: i64,
    life_secs: i64,
) -> Timestamp {
    let after = |from: Timestamp, secs| {
        from.checked_add(SignedDuration::from_secs(secs)).unwrap_or(Timestamp::MAX)
    };
    after(now, idle_secs).min(after(created_at, life_secs))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "xotklik_session=no; otklik_session=yes".parse().unwrap());
        assert_eq!(cookie(&headers, SESSION_COOKIE), Some("yes"));
        assert_eq!(cookie(&headers, "session"), None);
    }

    #[test]
    fn csrf_tokens_belong_to_one_session() {
        let (one, other) = (Token::draw().unwrap(), Token::draw().unwrap());
        assert_eq!(one.csrf(), one.csrf());
        assert!(!is_same_secret(&one.csrf(), &other.csrf()));
        assert_ne!(one.hash(), one.as_str());
    }

    #[test]
    fn a_session_ends_idle_or_old() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let created = at("2026-11-20T08:00:00Z");
        let idle = expires_at(created, at("2026-11-20T09:00:00Z"), 3600, 36_000);
        assert_eq!(idle, at("2026-11-20T10:00:00Z"));
        let old = expires_at(created, at("2026-11-20T17:30:00Z"), 3600, 36_000);
        assert_eq!(old, at("2026-11-20T18:00:00Z"));
    }
}
