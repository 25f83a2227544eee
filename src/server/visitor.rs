//! Who asks: the person behind a request's session, with their language, their
//! forms' token and the present moment. Every page and API call begins here.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use super::failure::Failure;
use super::fields::Fields;
use super::permissions::{Permission, may};
use super::session::{self, LANGUAGE_COOKIE, Token};
use super::words::Words;
use super::{Shared, State};
use crate::adapters::store::commands::Command;
use crate::adapters::store::read::OpenedSession;
use crate::model::incident::Incident;
use crate::model::journal::NewEntry;
use crate::model::person::Person;
use crate::model::time::Timestamp;
use crate::rules::privacy;
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Lang;

/// A session is prolonged at most this often, so that reading does not write.
const PROLONG_AFTER_SECS: i64 = 60;

pub struct Visitor {
    pub state: Shared,
    pub person: Person,
    pub token: Token,
    pub words: Words,
    pub ruleset: Arc<Ruleset>,
    /// Address of the client, for the journal.
    pub origin: String,
    /// Read once a request.
    pub now: Timestamp,
    /// Path and query, to come back to.
    pub here: String,
}

impl Visitor {
    pub fn may(&self, permission: Permission) -> bool {
        may(&self.person, permission, None)
    }

    pub fn may_with(&self, permission: Permission, incident: &Incident) -> bool {
        may(&self.person, permission, Some(incident))
    }

    /// A post's text as this person may read it; spans of the original hold.
    pub fn readable<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.may(Permission::SeePersonal) {
            true => Cow::Borrowed(text),
            false => Cow::Owned(privacy::masked(text)),
        }
    }

    /// # Errors
    /// `NotFound`: what a person has no right to is not there for them.
    pub fn need(&self, permission: Permission) -> Result<(), Failure> {
        if self.may(permission) { Ok(()) } else { Err(Failure::NotFound) }
    }

    /// A journal entry by this person, to be filled.
    pub fn entry(&self, action: &str, subject: String) -> NewEntry {
        NewEntry {
            at: self.now,
            actor: self.person.login.clone(),
            action: action.to_owned(),
            subject,
            origin: self.origin.clone(),
            ..NewEntry::default()
        }
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Visitor, Failure> {
        let token = Token::from_cookies(&parts.headers).ok_or(Failure::LoginNeeded)?;
        let now = state.clock.now();
        let hash = token.hash();
        let opened = state
            .store
            .read_async(move |reader| reader.session(&hash, now))
            .await?
            .ok_or(Failure::LoginNeeded)?;
        prolong(state, &token, &opened, now).await?;
        let lang = Lang::parse(&opened.person.language).unwrap_or(Lang::Ru);
        let ruleset = state.ruleset.borrow().clone();
        let words = Words::new(state.wording.clone(), lang, &ruleset.region.zone);
        Ok(Visitor {
            state: state.clone(),
            person: opened.person,
            token,
            words,
            ruleset,
            origin: origin(parts),
            now,
            here: parts.uri.path_and_query().map(|uri| uri.to_string()).unwrap_or_default(),
        })
    }
}

async fn prolong(
    state: &State,
    token: &Token,
    opened: &OpenedSession,
    now: Timestamp,
) -> Result<(), Failure> {
    if now.duration_since(opened.seen_at).as_secs() < PROLONG_AFTER_SECS {
        return Ok(());
    }
    let options = &state.options;
    let expires_at = session::expires_at(
        opened.created_at,
        now,
        options.session_idle_secs,
        options.session_life_secs,
    );
    let touch = Command::TouchSession { token_hash: token.hash(), at: now, expires_at };
    state.store.write_async(touch).await?;
    Ok(())
}

/// The client's address: of the proxy in front, where there is one.
pub fn origin(parts: &Parts) -> String {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connected.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default()
}

/// The language for somebody who is not logged in: chosen before, else the
/// browser's.
pub fn language(headers: &HeaderMap) -> Lang {
    let chosen = session::cookie(headers, LANGUAGE_COOKIE).and_then(Lang::parse);
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|header| header.to_str().ok())
        .into_iter()
        .flat_map(|header| header.split(','))
        .find_map(|range| Lang::parse(range.trim().get(..2)?));
    chosen.or(accepted).unwrap_or(Lang::Ru)
}

/// A form that was sent by a page of this very session.
pub struct Signed {
    pub visitor: Visitor,
    pub fields: Fields,
}

impl FromRequest<Shared> for Signed {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Result<Signed, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let fields = Fields::read(Request::from_parts(parts, body), state).await?;
        if !session::is_same_secret(fields.get("csrf"), &visitor.token.csrf()) {
            return Err(Failure::Forged);
        }
        Ok(Signed { visitor, fields })
    }
}

/// A JSON body whose sender knows the session's token.
pub struct SignedJson<T> {
    pub visitor: Visitor,
    pub body: T,
}

pub const CSRF_HEADER: &str = "x-csrf-token";

impl<T: serde::de::DeserializeOwned> FromRequest<Shared> for SignedJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Result<SignedJson<T>, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let sent = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
        if !session::is_same_secret(sent.unwrap_or_default(), &visitor.token.csrf()) {
            return Err(Failure::Forged);
        }
        let request = Request::from_parts(parts, body);
        let bytes =
            axum::body::Bytes::from_request(request, state).await.map_err(|_| Failure::TooLarge)?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let body = serde_json::from_slice(bytes)
            .map_err(|error| Failure::invalid("body", error.to_string()))?;
        Ok(SignedJson { visitor, body })
    }
}
