//! In and out: the login page, the way to one's first screen, the language.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, FromRequest, Request, State as Extract};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::chrome::first_screen as screen_of;
use super::{own_path, show, statics};
use crate::adapters::store::commands::Command;
use crate::model::person::Person;
use crate::rules::wording::Lang;
use crate::server::failure::Failure;
use crate::server::fields::Fields;
use crate::server::login::{self, Login};
use crate::server::visitor::{self, Signed, Visitor};
use crate::server::words::Words;
use crate::server::{Shared, session};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    words: Words,
    style: &'static str,
    next: String,
    login: String,
    problem: Option<String>,
    region: String,
}

fn login_form(
    state: &Shared,
    headers: &HeaderMap,
    next: &str,
    login: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let ruleset = state.ruleset.borrow().clone();
    let lang = visitor::language(headers);
    let words = Words::new(state.wording.clone(), lang, &ruleset.region.zone);
    let page = LoginPage {
        style: statics::style_path(),
        next: own_path(next).unwrap_or("").to_owned(),
        login: login.to_owned(),
        problem: problem.map(|key| words.t(key)),
        region: words.name(&ruleset.region.name),
        words,
    };
    show(&page)
}

pub async fn login_page(
    Extract(state): Extract<Shared>,
    request: Request,
) -> Result<Response, Failure> {
    let query = request.uri().query().unwrap_or("");
    let next = Fields::parse(query.as_bytes()).get("next").to_owned();
    login_form(&state, request.headers(), &next, "", None)
}

pub async fn login(Extract(state): Extract<Shared>, request: Request) -> Result<Response, Failure> {
    let headers = request.headers().clone();
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let origin = connected.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default();
    let fields = Fields::read(request, &state).await?;
    let (name, next) = (fields.get("login").to_owned(), fields.get("next").to_owned());
    // The password as it was typed: spaces belong to it.
    let password = fields.pairs().iter().find(|(name, _)| name == "password");
    let password = password.map(|(_, value)| value.clone()).unwrap_or_default();
    let problem = match login::log_in(&state, &name, password, &origin).await? {
        Login::Opened { person, token } => {
            let to = own_path(&next).unwrap_or_else(|| screen_of(person.role)).to_owned();
            return Ok(enter(&state, &person, &token, &to));
        }
        Login::Wrong => "login-wrong",
        Login::Locked => "login-locked",
    };
    let page = login_form(&state, &headers, &next, &name, Some(problem))?;
    Ok((StatusCode::UNAUTHORIZED, page).into_response())
}

fn enter(state: &Shared, person: &Person, token: &session::Token, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    add_cookie(&mut response, &login::session_cookie(&state.options, token));
    add_cookie(&mut response, &login::language_cookie(&state.options, &person.language));
    response
}

pub fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

pub async fn logout(signed: Signed) -> Result<Response, Failure> {
    login::log_out(&signed.visitor).await?;
    let mut response = Redirect::to("/login").into_response();
    add_cookie(&mut response, &login::no_session_cookie(&signed.visitor.state.options));
    Ok(response)
}

pub async fn first_screen(visitor: Visitor) -> Redirect {
    Redirect::to(screen_of(visitor.person.role))
}

/// Anybody may choose how to read; for a person it is kept with the account.
pub async fn language(
    Extract(state): Extract<Shared>,
    request: Request,
) -> Result<Response, Failure> {
    let has_session = session::Token::from_cookies(request.headers()).is_some();
    let fields = if has_session {
        let signed = Signed::from_request(request, &state).await?;
        keep_language(&signed.visitor, signed.fields.get("language")).await?;
        signed.fields
    } else {
        Fields::read(request, &state).await?
    };
    let lang = Lang::parse(fields.get("language"))
        .ok_or_else(|| Failure::invalid("language", fields.get("language")))?;
    let mut response = Redirect::to(own_path(fields.get("return")).unwrap_or("/")).into_response();
    add_cookie(&mut response, &login::language_cookie(&state.options, lang.as_str()));
    Ok(response)
}

async fn keep_language(visitor: &Visitor, code: &str) -> Result<(), Failure> {
    let lang = Lang::parse(code).ok_or_else(|| Failure::invalid("language", code))?;
    let mut person = visitor.person.clone();
    person.language = lang.as_str().to_owned();
    let mut entry = visitor.entry("language", format!("user:{}", person.login));
    entry.after = format!("{{\"language\":\"{}\"}}", lang.as_str());
    let save = Command::SavePerson { person, password_hash: None, entry };
    visitor.state.store.write_async(save).await?;
    Ok(())
}
