//! The address that communities of VKontakte call. No session and no token of
//! a form: whoever calls is known by the secret in the body alone, and changes
//! nothing but what is read. «ok» is said of what is stored, never before.

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::pipeline::callbacks::{Refusal, Reply};

/// An event is a post with its pictures' addresses; larger ones are none.
pub const BODY_MAX_BYTES: usize = 512 * 1024;

pub async fn vk(
    Extract(state): Extract<Shared>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    match state.callbacks.receive(&name, &body).await {
        Ok(Reply::Confirmation(words)) => words.into_response(),
        Ok(Reply::Taken) => "ok".into_response(),
        Err(refusal) => refused(refusal).into_response(),
    }
}

/// No words beyond the status: the caller is a program, or nobody we know.
fn refused(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownName => StatusCode::NOT_FOUND,
        Refusal::WrongSecret => StatusCode::FORBIDDEN,
        Refusal::NoEvent => StatusCode::BAD_REQUEST,
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refusal::NotStored(error) => {
            tracing::error!("an event was not stored: {error}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
