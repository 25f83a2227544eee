//! Logging in for programs: the same cookie as the pages, and the token that
//! changes have to carry in `X-CSRF-Token`.

use std::net::SocketAddr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, Request, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::person::Person;
use crate::server::Shared;
use crate::server::failure::Failure;
use crate::server::login::{self, Login};
use crate::server::pages::entrance::add_cookie;
use crate::server::permissions::permissions;
use crate::server::visitor::{SignedJson, Visitor, language};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    login: String,
    password: String,
}

pub async fn log_in(
    Extract(state): Extract<Shared>,
    request: Request,
) -> Result<Response, Failure> {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let origin = connected.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default();
    let lang = language(request.headers());
    let bytes = Bytes::from_request(request, &state).await.map_err(|_| Failure::TooLarge)?;
    let credentials: Credentials = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::invalid("body", error.to_string()))?;
    match login::log_in(&state, &credentials.login, credentials.password, &origin).await? {
        Login::Opened { person, token } => {
            let mut response = Json(described(&person, &token.csrf())).into_response();
            add_cookie(&mut response, &login::session_cookie(&state.options, &token));
            Ok(response)
        }
        Login::Wrong => {
            let message = state.wording.text(lang, "login-wrong", &[]);
            Ok(refused(StatusCode::UNAUTHORIZED, "wrong_login", &message))
        }
        Login::Locked => {
            let message = state.wording.text(lang, "login-locked", &[]);
            Ok(refused(StatusCode::TOO_MANY_REQUESTS, "locked", &message))
        }
    }
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

fn described(person: &Person, csrf: &str) -> Value {
    let may: Vec<String> =
        permissions(person.role).iter().map(|permission| format!("{permission:?}")).collect();
    json!({
        "login": person.login,
        "name": person.name,
        "role": person.role.as_str(),
        "permissions": may,
        "csrf_token": csrf,
    })
}

pub async fn show(visitor: Visitor) -> Json<Value> {
    Json(described(&visitor.person, &visitor.token.csrf()))
}

pub async fn log_out(signed: SignedJson<Value>) -> Result<Response, Failure> {
    login::log_out(&signed.visitor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    add_cookie(&mut response, &login::no_session_cookie(&signed.visitor.state.options));
    Ok(response)
}
