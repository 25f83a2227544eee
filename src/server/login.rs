//! Logging in and out: five wrong passwords lock a login for a quarter of an
//! hour, an unknown login answers as a known one does, everything is in the
//! journal. Used by the page and by the API.

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::session::{self, LANGUAGE_COOKIE, SESSION_COOKIE, Token};
use super::visitor::Visitor;
use super::{ServerOptions, State, password};
use crate::adapters::store::commands::{Command, OpenSession};
use crate::model::journal::NewEntry;
use crate::model::person::Person;
use crate::model::time::Timestamp;

const WRONG_PASSWORDS_MAX: u32 = 5;
const LOCK: SignedDuration = SignedDuration::from_mins(15);
const LOGIN_MAX_BYTES: usize = 100;

/// What trying to log in came to.
pub enum Login {
    Opened {
        person: Box<Person>,
        token: Token,
    },
    /// Wrong login or password; which of them stays untold.
    Wrong,
    /// Too many wrong passwords for this login.
    Locked,
}

/// Checks a password and opens a session.
pub async fn log_in(
    state: &State,
    login: &str,
    password: String,
    origin: &str,
) -> Result<Login, Failure> {
    let now = state.clock.now();
    let login = login.trim();
    if login.is_empty() || LOGIN_MAX_BYTES < login.len() {
        return Ok(Login::Wrong);
    }
    let asked = login.to_owned();
    let (person, hash) = state
        .store
        .read_async(move |reader| Ok((reader.person(&asked)?, reader.password_hash(&asked)?)))
        .await?;
    let person = person.filter(|person| !person.disabled);
    let counted = counted_as(login, person.as_ref());
    if is_locked(state, &counted, now).await? {
        return Ok(Login::Locked);
    }
    let stored = hash.filter(|_| person.is_some());
    let is_right = password::is_right(password, stored).await;
    match person {
        Some(person) if is_right => {
            let token = open(state, &person, now, origin).await?;
            Ok(Login::Opened { person: Box::new(person), token })
        }
        Some(_) | None => {
            let entry = NewEntry {
                at: now,
                actor: "nobody".to_owned(),
                action: "login_failed".to_owned(),
                subject: format!("user:{counted}"),
                origin: origin.to_owned(),
                ..NewEntry::default()
            };
            let failed = Command::LoginFailed { login: counted.clone(), at: now, entry };
            state.store.write_async(failed).await?;
            let locked = is_locked(state, &counted, now).await?;
            Ok(if locked { Login::Locked } else { Login::Wrong })
        }
    }
}

/// Under which name wrong passwords are counted. People type passwords into
/// the wrong field: a text that is nobody's login is kept as a hash alone.
fn counted_as(login: &str, person: Option<&Person>) -> String {
    match person {
        Some(person) => person.login.clone(),
        None => format!("unknown-{}", &session::hex(&Sha256::digest(login.as_bytes()))[..16]),
    }
}

async fn is_locked(state: &State, login: &str, now: Timestamp) -> Result<bool, Failure> {
    let since = now.checked_sub(LOCK).unwrap_or(Timestamp::MIN);
    let login = login.to_owned();
    let failures =
        state.store.read_async(move |reader| reader.login_failures(&login, since)).await?;
    Ok(WRONG_PASSWORDS_MAX <= failures)
}

/// Opens a session for somebody whose password was right.
pub async fn open(
    state: &State,
    person: &Person,
    now: Timestamp,
    origin: &str,
) -> Result<Token, Failure> {
    let token = Token::draw().map_err(|error| {
        tracing::error!("no randomness for a session: {error}");
        Failure::Broken
    })?;
    let options = &state.options;
    let (idle, life) = (options.session_idle_secs, options.session_life_secs);
    let entry = NewEntry {
        at: now,
        actor: person.login.clone(),
        action: "login".to_owned(),
        subject: format!("user:{}", person.login),
        origin: origin.to_owned(),
        ..NewEntry::default()
    };
    let open = OpenSession {
        token_hash: token.hash(),
        login: person.login.clone(),
        at: now,
        expires_at: session::expires_at(now, now, idle, life),
        entry,
    };
    state.store.write_async(Command::OpenSession(open)).await?;
    Ok(token)
}

/// Ends the visitor's session.
pub async fn log_out(visitor: &Visitor) -> Result<(), Failure> {
    let entry = visitor.entry("logout", format!("user:{}", visitor.person.login));
    let close = Command::CloseSession { token_hash: visitor.token.hash(), entry };
    visitor.state.store.write_async(close).await?;
    Ok(())
}

/// The header that gives a browser its session.
pub fn session_cookie(options: &ServerOptions, token: &Token) -> String {
    let secure = if options.secure_cookies { "; Secure" } else { "" };
    let age = options.session_life_secs;
    let token = token.as_str();
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

/// The header that takes it away.
pub fn no_session_cookie(options: &ServerOptions) -> String {
    let secure = if options.secure_cookies { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")
}

/// The language, for pages without a session.
pub fn language_cookie(options: &ServerOptions, code: &str) -> String {
    let secure = if options.secure_cookies { "; Secure" } else { "" };
    format!("{LANGUAGE_COOKIE}={code}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}")
}
