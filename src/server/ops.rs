//! For whoever runs the program: does it live, is it ready, take new rules.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, FromRequest, Request, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::Shared;
use super::failure::Failure;
use super::permissions::Permission;
use super::visitor::{Signed, SignedJson};
use crate::adapters::store::commands::Command;
use crate::model::journal::NewEntry;

/// The process answers.
pub async fn healthy() -> &'static str {
    "ok\n"
}

/// The database can be read and every stage runs without error.
pub async fn ready(Extract(state): Extract<Shared>) -> Response {
    let stored = state.store.read_async(|reader| reader.last_position()).await;
    let failing: Vec<String> = state
        .board
        .states()
        .iter()
        .filter(|(_, stage)| stage.error.is_some() || stage.last_run_at.is_none())
        .map(|(name, stage)| match &stage.error {
            Some(_) => format!("{name}: failing"),
            None => format!("{name}: has not run yet"),
        })
        .collect();
    let is_ready = stored.is_ok() && state.board.is_healthy();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let database = if stored.is_ok() { "open" } else { "unreadable" };
    (status, Json(json!({ "ready": is_ready, "database": database, "failing": failing })))
        .into_response()
}

/// Takes new rules and settings into use; a bad file leaves the old ones
/// working. Asked by a person who may, or by a program on this very machine.
pub async fn reload(
    Extract(state): Extract<Shared>,
    request: Request,
) -> Result<Response, Failure> {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = connected.map(|ConnectInfo(address)| *address);
    if is_local_program(address, request.headers()) {
        let entry = NewEntry {
            at: state.clock.now(),
            actor: "system".to_owned(),
            origin: "local".to_owned(),
            ..NewEntry::default()
        };
        return take(&state, entry).await;
    }
    let signed = SignedJson::<Value>::from_request(request, &state).await?;
    signed.visitor.need(Permission::Reload)?;
    take(&state, signed.visitor.entry("", String::new())).await
}

/// From this machine, not handed on by a proxy and not sent by a web page.
fn is_local_program(address: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let is_handed_on = ["x-forwarded-for", "x-real-ip", "forwarded", "via"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let is_browser = headers.contains_key(header::ORIGIN) || headers.contains_key(header::COOKIE);
    address.is_some_and(|address| address.ip().is_loopback()) && !is_handed_on && !is_browser
}

/// The button on the page of sources.
pub async fn reload_button(signed: Signed) -> Result<Response, Failure> {
    let visitor = signed.visitor;
    visitor.need(Permission::Reload)?;
    let answer = take(&visitor.state, visitor.entry("", String::new())).await?;
    if answer.status().is_success() {
        return Ok(Redirect::to("/sources?done=reload").into_response());
    }
    Ok(answer)
}

async fn take(state: &Shared, mut entry: NewEntry) -> Result<Response, Failure> {
    let reload = state.reload.clone();
    let taken = tokio::task::spawn_blocking(move || reload()).await;
    let taken = taken.unwrap_or_else(|error| Err(error.to_string()));
    entry.action = "reload".to_owned();
    entry.subject = "rules".to_owned();
    let answer = match taken {
        Ok(what) => {
            entry.after = what.clone();
            (StatusCode::OK, Json(json!({ "reloaded": what }))).into_response()
        }
        Err(why) => {
            entry.why = why.clone();
            let error = json!({ "error": { "code": "not_reloaded", "message": why } });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
        }
    };
    state.store.write_async(Command::Journal(entry)).await?;
    Ok(answer)
}
