//! Tokens that a program gets for an id and a secret of its own and keeps
//! until they expire. Knows how such a token is asked for, not what it is for.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine as _;
use serde::Deserialize;
use url::Url;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::http::Request;
use crate::model::time::Timestamp;

/// A token is not used in its last minute.
const MARGIN_SECS: i64 = 60;
/// Where the answer does not say how long it is good.
const LIFE_SECS: i64 = 3_600;

/// What is valid, by the label of the credential.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Arc<Mutex<HashMap<String, Token>>>);

#[derive(Debug, Clone)]
struct Token {
    secret: Secret,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<i64>,
}

impl Tokens {
    fn kept(&self, label: &str, now: Timestamp) -> Option<Secret> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(label).filter(|token| now < token.until).map(|token| token.secret.clone())
    }

    fn keep(&self, label: String, token: Token) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(label, token);
    }

    /// What was given for a credential, if that is still kept.
    pub fn given_for(&self, credential: &Secret) -> Option<Secret> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&credential.label()).map(|token| token.secret.clone())
    }

    /// Of a token that is refused before its time.
    pub fn forget(&self, credential: &Secret) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&credential.label());
    }
}

/// The token for a credential `id:secret`: the one that is kept, or a new one.
/// A credential without a colon is a token by itself.
pub async fn token(
    client: &Client,
    credential: &Secret,
    template: Request,
    now: Timestamp,
) -> Result<Secret, PollError> {
    let Some((id, secret)) = credential.pair() else { return Ok(credential.clone()) };
    let label = credential.label();
    if let Some(kept) = client.tokens.kept(&label, now) {
        return Ok(kept);
    }
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    let mut request = template;
    request.headers.push(("authorization".to_owned(), format!("Basic {pair}")));
    let response = client.post_form(&request, "grant_type=client_credentials", now).await?;
    let token = read(response.status, &response.body, now)
        .map_err(|error| error.with_retry_at(response.retry_after))?;
    client.tokens.keep(label, token.clone());
    Ok(token.secret)
}

/// Of an answer that says no only the status is told: it may repeat the secret.
fn read(status: u16, body: &[u8], now: Timestamp) -> Result<Token, PollError> {
    let no = |class| {
        PollError::new(class, "no token for the id and the secret").with_code(status.to_string())
    };
    match ErrorClass::of_status(status) {
        None => {}
        Some(ErrorClass::Config | ErrorClass::Forbidden) => {
            return Err(no(ErrorClass::Unauthorised));
        }
        Some(class) => return Err(no(class)),
    }
    // Some servers refuse with status 200.
    let answer: Answer = serde_json::from_slice(body).map_err(|_| no(ErrorClass::Unauthorised))?;
    let life = answer.expires_in.unwrap_or(LIFE_SECS).clamp(0, 30 * 86_400) - MARGIN_SECS;
    let until = now.checked_add(jiff::SignedDuration::from_secs(life)).unwrap_or(now);
    Ok(Token { secret: Secret::new(answer.access_token), until })
}

/// Where tokens are given: beside another base, under it.
pub fn address(token_url: &str, base: Option<&Url>) -> Result<Url, PollError> {
    let own = Url::parse(token_url)
        .map_err(|_| PollError::new(ErrorClass::Config, format!("«{token_url}» is no address")))?;
    let Some(base) = base else { return Ok(own) };
    let mut url = base.clone();
    url.set_path(&format!("{}{}", base.path().trim_end_matches('/'), own.path()));
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_answer_is_a_token_or_a_refusal() {
        fn check(status: u16, body: &str, expected: Result<&str, ErrorClass>) {
            let got = read(status, body.as_bytes(), now());
            let got = got.map(|token| token.until.to_string()).map_err(|error| error.class);
            assert_eq!(got, expected.map(str::to_owned), "{status} {body}");
        }
        let answer = r#"{"access_token":"abc","token_type":"bearer","expires_in":3600}"#;
        check(200, answer, Ok("2026-11-20T08:59:00Z"));
        check(200, r#"{"access_token":"abc"}"#, Ok("2026-11-20T08:59:00Z"));
        check(200, r#"{"error":"invalid_grant"}"#, Err(ErrorClass::Unauthorised));
        check(401, "{}", Err(ErrorClass::Unauthorised));
        check(400, "{}", Err(ErrorClass::Unauthorised));
        check(429, "", Err(ErrorClass::RateLimited));
        check(503, "", Err(ErrorClass::Unavailable));
    }

    #[test]
    fn tokens_are_kept_until_they_expire() {
        let (tokens, credential) = (Tokens::default(), Secret::new("id:secret"));
        let label = credential.label();
        assert_eq!(tokens.kept(&label, now()), None);
        let body = br#"{"access_token":"abc","expires_in":120}"#;
        tokens.keep(label.clone(), read(200, body, now()).unwrap());
        assert_eq!(tokens.kept(&label, now()), Some(Secret::new("abc")));
        assert_eq!(tokens.kept(&label, "2026-11-20T08:01:00Z".parse().unwrap()), None);
        tokens.forget(&credential);
        assert_eq!(tokens.kept(&label, now()), None);
    }

    #[test]
    fn another_base_gives_tokens_too() {
        let own = "https://www.net.example/api/token";
        assert_eq!(address(own, None).unwrap().as_str(), own);
        let base = Url::parse("http://127.0.0.1:9/m/").unwrap();
        assert_eq!(address(own, Some(&base)).unwrap().as_str(), "http://127.0.0.1:9/m/api/token");
    }
}
