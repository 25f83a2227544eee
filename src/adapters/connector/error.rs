//! How a network says no, named by what the caller will do about it.

use serde::Deserialize;
use serde::Serialize;

use crate::model::time::Timestamp;

/// What kind of «no» it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Too many requests for the moment.
    RateLimited,
    /// The day's share is used up.
    Quota,
    /// The token is not accepted.
    Unauthorised,
    /// A person must prove to be one.
    Captcha,
    /// Closed to us: a private community, a channel without preview.
    Forbidden,
    /// It is not there any more.
    Gone,
    /// The request itself is wrong.
    Config,
    /// Nobody home for the moment.
    Unavailable,
    /// An answer that is not what it should be.
    Malformed,
}

impl ErrorClass {
    pub const ALL: [ErrorClass; 9] = [
        ErrorClass::RateLimited,
        ErrorClass::Quota,
        ErrorClass::Unauthorised,
        ErrorClass::Captcha,
        ErrorClass::Forbidden,
        ErrorClass::Gone,
        ErrorClass::Config,
        ErrorClass::Unavailable,
        ErrorClass::Malformed,
    ];

    /// The class of a stored error.
    pub fn of(told: &str) -> Option<ErrorClass> {
        let (class, _) = told.split_once(": ")?;
        ErrorClass::ALL.into_iter().find(|one| one.as_str() == class)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            ErrorClass::RateLimited => "rate_limited",
            ErrorClass::Quota => "quota",
            ErrorClass::Unauthorised => "unauthorised",
            ErrorClass::Captcha => "captcha",
            ErrorClass::Forbidden => "forbidden",
            ErrorClass::Gone => "gone",
            ErrorClass::Config => "config",
            ErrorClass::Unavailable => "unavailable",
            ErrorClass::Malformed => "malformed",
        }
    }

    /// Whether the same request may succeed later by itself.
    pub fn is_retryable(self) -> bool {
        match self {
            ErrorClass::RateLimited | ErrorClass::Quota | ErrorClass::Unavailable => true,
            ErrorClass::Unauthorised
            | ErrorClass::Captcha
            | ErrorClass::Forbidden
            | ErrorClass::Gone
            | ErrorClass::Config
            | ErrorClass::Malformed => false,
        }
    }

    /// Whether polling must stop until a person acts.
    pub fn stops(self) -> bool {
        match self {
            ErrorClass::Unauthorised
            | ErrorClass::Captcha
            | ErrorClass::Forbidden
            | ErrorClass::Gone
            | ErrorClass::Config => true,
            ErrorClass::RateLimited
            | ErrorClass::Quota
            | ErrorClass::Unavailable
            | ErrorClass::Malformed => false,
        }
    }

    /// Whether the network said no; otherwise it could not be read.
    pub fn is_refusal(self) -> bool {
        match self {
            ErrorClass::Unavailable | ErrorClass::Malformed => false,
            ErrorClass::RateLimited
            | ErrorClass::Quota
            | ErrorClass::Unauthorised
            | ErrorClass::Captcha
            | ErrorClass::Forbidden
            | ErrorClass::Gone
            | ErrorClass::Config => true,
        }
    }

    /// What an HTTP status means where the definition does not say otherwise.
    pub fn of_status(status: u16) -> Option<ErrorClass> {
        match status {
            200..=299 => None,
            300..=399 => Some(ErrorClass::Forbidden),
            401 => Some(ErrorClass::Unauthorised),
            402 | 403 | 451 => Some(ErrorClass::Forbidden),
            404 | 408 | 425 => Some(ErrorClass::Unavailable),
            410 => Some(ErrorClass::Gone),
            429 => Some(ErrorClass::RateLimited),
            400..=499 => Some(ErrorClass::Config),
            _ => Some(ErrorClass::Unavailable),
        }
    }
}

/// A «no» with what is known about it. The words have no credentials in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", class.as_str())]
pub struct PollError {
    pub class: ErrorClass,
    /// The network's own code or HTTP status.
    pub code: Option<String>,
    pub detail: String,
    /// When asking again makes sense, where the network or our budget says so.
    pub retry_at: Option<Timestamp>,
    /// The class is that of all codes nobody has listed: an HTTP status
    /// beside it says more.
    pub is_guess: bool,
    /// Our own budget says so: no credential is to blame.
    pub is_own: bool,
}

impl PollError {
    pub fn new(class: ErrorClass, detail: impl Into<String>) -> PollError {
        let (code, retry_at) = (None, None);
        PollError { class, code, detail: detail.into(), retry_at, is_guess: false, is_own: false }
    }

    /// What our own budget refuses, before anybody was asked.
    pub fn own(class: ErrorClass, detail: impl Into<String>) -> PollError {
        PollError { is_own: true, ..PollError::new(class, detail) }
    }

    pub fn with_code(self, code: impl Into<String>) -> PollError {
        PollError { code: Some(code.into()), ..self }
    }

    pub fn with_retry_at(self, retry_at: Option<Timestamp>) -> PollError {
        PollError { retry_at: retry_at.or(self.retry_at), ..self }
    }
}
