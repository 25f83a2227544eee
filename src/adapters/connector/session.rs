//! Sessions of the AT protocol: for a name and an app password a server gives
//! two tokens, one to ask with for a while and one to get the next pair with.
//! Knows how sessions are got and kept, not what is asked with them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::{Client, Outgoing, Request};
use crate::model::time::Timestamp;

const CREATE: &str = "/xrpc/com.atproto.server.createSession";
const REFRESH: &str = "/xrpc/com.atproto.server.refreshSession";
/// A token is not used in its last minute.
const MARGIN_SECS: i64 = 60;
/// Where a token does not say how long it is good.
const LIFE_SECS: i64 = 3_600;

/// What is valid, by the label of the credential.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    kept: Arc<Mutex<HashMap<String, Session>>>,
    /// Many polls that begin at once need one session, and servers count them.
    gate: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Clone)]
struct Session {
    access: Secret,
    refresh: Secret,
    until: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_jwt: String,
    refresh_jwt: String,
}

impl Sessions {
    fn of(&self, label: &str) -> Option<Session> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(label).cloned()
    }

    fn keep(&self, label: &str, session: Option<Session>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => kept.insert(label.to_owned(), session),
            None => kept.remove(label),
        };
    }

    /// What was given for a credential, if that is still kept.
    pub fn given_for(&self, credential: &Secret) -> Vec<Secret> {
        let session = self.of(&credential.label());
        session.map_or_else(Vec::new, |session| vec![session.access, session.refresh])
    }

    /// Of a token that is refused before its time: the next is asked for.
    pub fn expire(&self, credential: &Secret, now: Timestamp) {
        let label = credential.label();
        if let Some(session) = self.of(&label) {
            self.keep(&label, Some(Session { until: now, ..session }));
        }
    }
}

/// Whether an answer says that the token is too old.
pub fn is_expired(status: u16, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let says_so = || {
        let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
        refusal.is_some_and(|refusal| refusal.error == "ExpiredToken")
    };
    status == 401 || (status == 400 && says_so())
}

/// The token for a credential `name:password`: the one that is kept, the next
/// one, or the first of a new session. A credential without a colon is a token
/// by itself.
pub async fn token(
    client: &Client,
    credential: &Secret,
    template: &Request,
    now: Timestamp,
) -> Result<Secret, PollError> {
    let Some((name, password)) = credential.last_pair() else { return Ok(credential.clone()) };
    let (label, sessions) = (credential.label(), &client.sessions);
    let _gate = sessions.gate.lock().await;
    let kept = sessions.of(&label);
    if let Some(session) = kept.as_ref().filter(|session| now < session.until) {
        return Ok(session.access.clone());
    }
    let next = match kept {
        Some(session) => refreshed(client, &session, template, now).await?,
        None => None,
    };
    let session = match next {
        Some(session) => session,
        // A session that cannot go on is begun anew.
        None => {
            sessions.keep(&label, None);
            let body = json!({ "identifier": name, "password": password }).to_string();
            created(client, &body, template, now).await?
        }
    };
    sessions.keep(&label, Some(session.clone()));
    Ok(session.access)
}

async fn created(
    client: &Client,
    body: &str,
    template: &Request,
    now: Timestamp,
) -> Result<Session, PollError> {
    let request = to(template, CREATE);
    let response = client.ask(&request, Outgoing::PostJson(body), now).await?;
    read(response.status, &response.body, now)
        .map_err(|error| error.with_retry_at(response.retry_after))
}

/// Nothing where the server does not know the session any more.
async fn refreshed(
    client: &Client,
    session: &Session,
    template: &Request,
    now: Timestamp,
) -> Result<Option<Session>, PollError> {
    let mut request = to(template, REFRESH);
    request.headers.push(("authorization".to_owned(), session.refresh.bearer()));
    let response = client.ask(&request, Outgoing::PostJson(""), now).await?;
    match read(response.status, &response.body, now) {
        Ok(session) => Ok(Some(session)),
        Err(error) if error.class == ErrorClass::Unauthorised => Ok(None),
        Err(error) => Err(error.with_retry_at(response.retry_after)),
    }
}

fn to(template: &Request, path: &str) -> Request {
    let mut request = template.clone();
    let base = request.url.path().trim_end_matches('/').to_owned();
    request.url.set_path(&format!("{base}{path}"));
    request
}

/// Of an answer that says no only the status is told: it may repeat the secret.
fn read(status: u16, body: &[u8], now: Timestamp) -> Result<Session, PollError> {
    let no = |class| {
        PollError::new(class, "no session for the name and the password")
            .with_code(status.to_string())
    };
    match ErrorClass::of_status(status) {
        None => {}
        Some(ErrorClass::Config | ErrorClass::Forbidden) => {
            return Err(no(ErrorClass::Unauthorised));
        }
        Some(class) => return Err(no(class)),
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|_| no(ErrorClass::Unauthorised))?;
    let until = until(&answer.access_jwt, now);
    let (access, refresh) = (Secret::new(answer.access_jwt), Secret::new(answer.refresh_jwt));
    Ok(Session { access, refresh, until })
}

/// Until when a token is used: it says itself when it ends.
fn until(token: &str, now: Timestamp) -> Timestamp {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let claims = || {
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let decoded = engine.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice::<Claims>(&decoded).ok()
    };
    let end = claims().and_then(|claims| Timestamp::from_second(claims.exp).ok());
    let life = |secs| now.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap_or(now);
    let end = end.unwrap_or_else(|| life(LIFE_SECS));
    end.checked_sub(jiff::SignedDuration::from_secs(MARGIN_SECS)).unwrap_or(now)
}

/// Where sessions are given and asked with: the server, or the configured base.
pub fn server(own: &str, base: Option<&Url>) -> Result<Url, PollError> {
    let wrong = || PollError::new(ErrorClass::Config, format!("«{own}» is no address"));
    base.cloned().map_or_else(|| Url::parse(own).map_err(|_| wrong()), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    /// A token that ends at that instant.
    fn jwt(end: &str) -> String {
        let end: Timestamp = end.parse().unwrap();
        let claims = json!({ "exp": end.as_second() }).to_string();
        format!("h.{}.s", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_when_it_ends() {
        fn check(token: &str, expected: &str) {
            assert_eq!(until(token, now()).to_string(), expected, "{token}");
        }
        check(&jwt("2026-11-20T10:00:00Z"), "2026-11-20T09:59:00Z");
        check("opaque", "2026-11-20T08:59:00Z");
        check("a.b.c", "2026-11-20T08:59:00Z");
    }

    #[test]
    fn an_answer_is_a_session_or_a_refusal() {
        fn check(status: u16, body: &str, expected: Option<ErrorClass>) {
            let got = read(status, body.as_bytes(), now()).map_err(|error| error.class).err();
            assert_eq!(got, expected, "{status} {body}");
        }
        let both = r#"{"accessJwt":"a","refreshJwt":"r","did":"did:plc:x","handle":"x.example"}"#;
        check(200, both, None);
        check(200, r#"{"accessJwt":"a"}"#, Some(ErrorClass::Unauthorised));
        check(401, r#"{"error":"AuthenticationRequired"}"#, Some(ErrorClass::Unauthorised));
        check(400, "{}", Some(ErrorClass::Unauthorised));
        check(429, "", Some(ErrorClass::RateLimited));
        check(502, "", Some(ErrorClass::Unavailable));
    }

    #[test]
    fn old_tokens_are_told_from_wrong_requests() {
        fn check(status: u16, body: &str, expected: bool) {
            assert_eq!(is_expired(status, body.as_bytes()), expected, "{status} {body}");
        }
        check(400, r#"{"error":"ExpiredToken","message":"Token has expired"}"#, true);
        check(400, r#"{"error":"InvalidRequest"}"#, false);
        check(400, "<html>", false);
        check(401, "", true);
        check(200, r#"{"error":"ExpiredToken"}"#, false);
    }
}
