//! What went wrong with a request, by what the asker can do about it. One
//! place turns it into a status, a JSON body or a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::adapters::store::StoreError;
use crate::pipeline::act::ActError;
use crate::server::search::WrongQuery;

/// Every answer that is not the wished one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is logged in.
    LoginNeeded,
    /// Not there, or not for this person to know of.
    NotFound,
    /// Known to be there, but not this person's to do.
    Forbidden,
    /// Not sent by a form of this session.
    Forged,
    /// A field is wrong; says which and how.
    Invalid { field: &'static str, message: String },
    /// The question to the search cannot be read.
    Query(WrongQuery),
    /// The incident is not in a state that allows it: a key of the wording files.
    Refused { why: String },
    /// Too large.
    TooLarge,
    /// Stored, but what comes of it is not known yet.
    Pending,
    /// Try again later.
    Busy,
    /// Ours to mend.
    Broken,
}

impl Failure {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Failure {
        Failure::Invalid { field, message: message.into() }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Failure::LoginNeeded => StatusCode::UNAUTHORIZED,
            Failure::NotFound => StatusCode::NOT_FOUND,
            Failure::Forbidden | Failure::Forged => StatusCode::FORBIDDEN,
            Failure::Invalid { .. } | Failure::Query(_) => StatusCode::BAD_REQUEST,
            Failure::Refused { .. } => StatusCode::CONFLICT,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::Pending => StatusCode::ACCEPTED,
            Failure::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word for programs, and the end of the wording key for people.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::LoginNeeded => "login_needed",
            Failure::NotFound => "not_found",
            Failure::Forbidden => "forbidden",
            Failure::Forged => "forged",
            Failure::Invalid { .. } | Failure::Query(_) => "invalid",
            Failure::Refused { .. } => "refused",
            Failure::TooLarge => "too_large",
            Failure::Pending => "pending",
            Failure::Busy => "busy",
            Failure::Broken => "broken",
        }
    }
}

/// The failure travels with the response; `headers::explain` words it.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        if error.is_temporary() {
            tracing::warn!("the store could not answer: {error}");
            return Failure::Busy;
        }
        tracing::error!("the store could not answer: {error}");
        Failure::Broken
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Failure {
        match error {
            ActError::Store(error) => Failure::from(error),
            ActError::Pending(_) => Failure::Pending,
        }
    }
}
